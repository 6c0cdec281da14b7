"""The demonstration shop's own page, the people who can log in, and a customer with an address.

A shop that already has a name of its own keeps all its settings.
"""

from datetime import datetime, time

from django.db.models import QuerySet

from accounts import services as accounts
from accounts.models import Address, Customer, User
from backoffice import roles
from common.actors import Actor
from common.identity import normal_document
from customers import services as customers
from customers.models import CustomerRecord
from operations.demo.content import CUSTOMER, HOURS, LOGIN_NAMES, REGULARS, SHOP, DemoRegular
from operations.demo.logins import DEMO_LOGINS, DemoLogin
from orders import services as orders
from orders.models import OrderContact
from orders.models.orders import UNKNOWN as UNKNOWN_BUYERS
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.models.appointments import UNKNOWN as UNKNOWN_VISITORS
from shop import selectors
from shop import services as shop
from shop.policy import DEFAULTS, OpenHours
from till.models import TillSession


def missing_settings() -> int:
    """Return 1 for a shop that nobody has given a name yet, else 0."""
    return int(shop.policy().name == DEFAULTS.name)


def make_settings(*, actor: Actor, now: datetime) -> None:
    """Give the shop its name, its profile and its hours, and every way to pay that can be completed at once."""
    hours = [
        OpenHours(weekday=weekday, opens=time.fromisoformat(stretch.opens), closes=time.fromisoformat(stretch.closes))
        for stretch in HOURS
        for weekday in stretch.weekdays
    ]
    shop.set_opening_hours(hours=hours, actor=actor, now=now)
    methods = [method for method in selectors.possible_methods() if not selectors.needs_pix_key(methods=[method])]
    values = {**SHOP, "payment_methods": methods}
    shop.set_policies(values=values, actor=actor, now=now)  # the name comes last: a shop with one is done


def missing_logins() -> int:
    """Count the logins of the demonstration that do not exist, or nobody can use yet."""
    return len(_unfinished())


def make_logins(*, now: datetime) -> None:
    """Create the logins that do not exist and finish those that were begun; none of them is a superuser."""
    roles.sync_roles()
    for login in _unfinished():
        if login.role == "customer":
            _make_customer(login=login, now=now)
        else:
            _make_member(login=login, now=now)


def counter() -> Actor:
    """Return the attendant who serves the demonstration's customers."""
    user = User.objects.get(email=_email(role="counter"))
    return Actor(kind="staff", id=str(user.pk), door="command")


def manager() -> Actor:
    """Return the manager, whose drawer the demonstration's counter has."""
    user = User.objects.get(email=_email(role="manager"))
    return Actor(kind="staff", id=str(user.pk), door="command")


def drawers() -> QuerySet[TillSession]:
    """Return the manager's drawers; none before there is a manager."""
    user = User.objects.filter(email=_email(role="manager")).first()
    return TillSession.objects.filter(actor_id=str(user.pk)) if user else TillSession.objects.none()


def customer() -> Customer:
    """Return the demonstration's customer with a login."""
    return Customer.objects.select_related("user").get(user__email=_email(role="customer"))


def _make_member(*, login: DemoLogin, now: datetime) -> None:
    user = User.objects.filter(email=login.email).first()
    if user is None:
        invitation = accounts.invite(email=login.email, name=LOGIN_NAMES[login.role], role=login.role, now=now)
    else:
        invitation = accounts.renew_invitation(user=user)
    accounts.accept_invitation(uid=invitation.uid, token=invitation.token, password=login.password, now=now)


def _make_customer(*, login: DemoLogin, now: datetime) -> None:
    if not User.objects.filter(email=login.email).exists():
        accounts.register(email=login.email, password=login.password, name=LOGIN_NAMES[login.role], now=now)
    user = User.objects.get(email=login.email)
    profile = {"phone": CUSTOMER["phone"], "document": normal_document(CUSTOMER["document"])}
    accounts.change_profile(user=user, changes=profile, now=now)
    accounts.add_address(user=user, address=CUSTOMER["address"], now=now)


def _unfinished() -> list[DemoLogin]:
    there = {user.email: user for user in User.objects.filter(email__in=[login.email for login in DEMO_LOGINS])}
    housed = set(Address.objects.values_list("customer__user__email", flat=True))
    return [
        login
        for login in DEMO_LOGINS
        if login.email not in there
        or (login.role == "customer" and login.email not in housed)
        or not there[login.email].has_usable_password()
    ]


def _email(*, role: str) -> str:
    return next(login.email for login in DEMO_LOGINS if login.role == role)


def missing_regulars() -> int:
    """Count those who come again and again of whom the shop has written nothing down yet."""
    return len(_new_regulars())


def make_regulars(*, actor: Actor, now: datetime) -> None:
    """Write down what the shop knows of those who come again and again."""
    for one in _new_regulars():
        customers.add_customer(
            name=one.name, phone=one.phone, birthday=one.birthday, tags=one.tags, notes=one.notes, actor=actor, now=now
        )


def _new_regulars() -> list[DemoRegular]:
    there = set(CustomerRecord.objects.values_list("phone", flat=True))
    return [one for one in REGULARS if one.tags and one.phone not in there]


def missing_customers() -> int:
    """Count the orders and visits that are not under the record of their customer yet."""
    return OrderContact.objects.filter(UNKNOWN_BUYERS).count() + Appointment.objects.filter(UNKNOWN_VISITORS).count()


def make_customers(*, now: datetime) -> None:
    """Put every order and visit under the record of its customer, as the worker does every minute."""
    customers.swept(lambda: customers.take_in_accounts(now=now))
    customers.swept(lambda: scheduling.know_visitors(now=now))
    customers.swept(lambda: orders.know_buyers(now=now))
