"""The demonstration shop's own page, the people who can log in, and a customer with an address.

A shop that already has a name of its own keeps all its settings.
"""

from datetime import datetime, time

from accounts import services as accounts
from accounts.models import Customer, User
from accounts.services import AddressFields
from backoffice import roles
from common.actors import Actor
from operations.demo.logins import DEMO_LOGINS, DemoLogin
from shop import services as shop
from shop.policy import DEFAULTS, OpenHours

NAMES = {
    "owner": "Dona Lourdes Ferreira",
    "counter": "Zeca do Balcão",
    "professional": "Ana Prado",
    "customer": "Ana Beatriz Lima",
}

SETTINGS: dict[str, object] = {
    "name": "Dois Irmãos Padaria & Barbearia",
    "legal_name": "Dois Irmãos Pães e Cortes Ltda.",
    "document": "11.222.333/0001-81",
    "whatsapp": "+55 11 98765-4321",
    "email": "pedidos@balcao.example",
    "address": "Rua das Palmeiras, 120 - Santa Cecília, São Paulo/SP",
    "transfer_instructions": (
        "Transfira o total do pedido e mande o comprovante pelo WhatsApp.\n"
        "Chave Pix: pedidos@balcao.example\n"
        "Banco 000, agência 0001, conta 12345-6, Dois Irmãos Pães e Cortes Ltda."
    ),
}

HOURS = (
    *(OpenHours(weekday=weekday, opens=time(6), closes=time(20)) for weekday in range(6)),
    OpenHours(weekday=6, opens=time(7), closes=time(13)),
)

PHONE, DOCUMENT = "+55 11 91234-5678", "111.444.777-35"
ADDRESS: AddressFields = {
    "label": "Casa",
    "postal_code": "01226010",
    "street": "Rua Martim Francisco",
    "number": "45",
    "complement": "apto 82",
    "district": "Santa Cecília",
    "city": "São Paulo",
    "state": "SP",
}


def missing_settings() -> int:
    """Return 1 for a shop that nobody has given a name yet, else 0."""
    return int(shop.policy().name == DEFAULTS.name)


def make_settings(*, actor: Actor, now: datetime) -> None:
    """Give the shop its name, its profile and its hours."""
    shop.set_opening_hours(hours=HOURS, actor=actor, now=now)
    shop.set_policies(values=SETTINGS, actor=actor, now=now)


def missing_logins() -> int:
    """Count the logins of the demonstration that do not exist."""
    return len(_new_logins())


def make_logins(*, now: datetime) -> None:
    """Create the logins that do not exist; none of them is a superuser."""
    roles.sync_roles()
    for login in _new_logins():
        if login.role == "customer":
            _make_customer(login=login, now=now)
        else:
            invitation = accounts.invite(email=login.email, name=NAMES[login.role], role=login.role, now=now)
            accounts.accept_invitation(uid=invitation.uid, token=invitation.token, password=login.password, now=now)


def counter() -> Actor:
    """Return the attendant who serves the demonstration's customers."""
    user = User.objects.get(email=_email(role="counter"))
    return Actor(kind="staff", id=str(user.pk), door="command")


def customer() -> Customer:
    """Return the demonstration's customer with a login."""
    return Customer.objects.select_related("user").get(user__email=_email(role="customer"))


def _make_customer(*, login: DemoLogin, now: datetime) -> None:
    accounts.register(email=login.email, password=login.password, name=NAMES[login.role], now=now)
    user = User.objects.get(email=login.email)
    profile = {"phone": PHONE}
    if not Customer.objects.filter(document="11144477735", anonymised_at__isnull=True).exists():
        profile["document"] = DOCUMENT
    accounts.change_profile(user=user, changes=profile, now=now)
    accounts.add_address(user=user, address=ADDRESS, now=now)


def _new_logins() -> list[DemoLogin]:
    there = set(User.objects.values_list("email", flat=True))
    return [login for login in DEMO_LOGINS if login.email not in there]


def _email(*, role: str) -> str:
    return next(login.email for login in DEMO_LOGINS if login.role == role)
