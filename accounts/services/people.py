"""Registering, changing one's profile, leaving.

Anybody may register any address; until its mailbox is proved to be read, the account owns nothing by it and shuts
nobody out. So the door does not tell strangers who is a customer.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.errors import StaffAccount
from accounts.models import Address, Customer, RefreshFamily, User
from accounts.services.attempts import NOBODY, Visitor
from accounts.services.credentials import prove_again
from accounts.services.factors import forget_factors
from accounts.services.mailboxes import ask_for_email, new_email
from accounts.services.passwords import check_password_strength
from accounts.services.sessions import end_sessions
from common import outbox, security
from common.errors import FieldError, Malformed, NotFound
from common.identity import normal_document, normal_email, normal_phone
from common.security import Event
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case

NOWHERE = "account.invalid"
MAX_UNVERIFIED = 20
"""Logins that may wait for one address to be verified."""


def register(*, email: str, password: str, name: str, now: datetime, client: str = "") -> None:
    """Open an account for a customer; it owns nothing by its address until the mailbox is proved to be read.

    Where a verified login has the address, its reader is told by mail, and the new account stays a stranger's. All
    cases cost one password hash and return nothing, so they look alike from outside.

    Raises:
        Malformed: no e-mail address, or a password that is too easy to guess.
    """
    address = _field("/email", normal_email, email, _("This is not an e-mail address."))
    check_password_strength(password=password, user=User(email=address, name=name), pointer="/password")
    hashed = make_password(password, salt=tokens.salt_of(email=address))
    _open_account(email=address, hashed=hashed, name=name, client=client, now=now)


@use_case()
def _open_account(*, email: str, hashed: str, name: str, client: str, now: datetime) -> None:
    """Write the login and the customer down, and say so to the reader of the mailbox."""
    _make_room(email=email, now=now)
    user = User.objects.create(email=email, name=name, password=hashed, joined_at=now)
    Customer.objects.create(user=user, name=name, email=email, created_at=now)
    known = User.objects.filter(email=email, email_verified_at__isnull=False).exists()
    event = "account.registered_again" if known else "account.registered"
    outbox.emit(name=event, payload={"email": email, "user": str(user.public_id), "client": client}, now=now)
    outbox.wake()


@within_unit_of_work
def _make_room(*, email: str, now: datetime) -> None:
    """End the oldest unverified logins of an address where there are as many as one may have."""
    unverified = User.objects.filter(email=email, email_verified_at__isnull=True, is_active=True)
    for old in list(locked(unverified))[: -(MAX_UNVERIFIED - 1)]:
        old.is_active = False
        old.save(update_fields=["is_active"])
        end_sessions(user=old, ending=RefreshFamily.Ending.CLOSED, now=now)


def change_profile(
    *,
    user: User,
    changes: Mapping[str, str],
    now: datetime,
    email: str | None = None,
    password: str | None = None,
    visitor: Visitor = NOBODY,
    session: UUID | None = None,
) -> User:
    """Change name, phone or document and return the login with its customer, written down now if never before.

    A CPF or CNPJ is what somebody says of themselves and shuts nobody out, so several customers may say the same one.
    A new `email` is asked for by letter and takes the `password` as proof.

    Raises:
        Malformed: a phone number or document that can not exist.
        InvalidCredentials: `password` is not the password.
        StaffAccount: a login of the team gets its e-mail from the owner.
        TooManyRequests: too many wrong passwords in this session.
    """
    values = dict(changes)
    if values.get("phone"):
        values["phone"] = _field("/phone", normal_phone, values["phone"], _("This phone number can not exist."))
    if values.get("document"):
        values["document"] = _field(
            "/document", normal_document, values["document"], _("This is neither a CPF nor a CNPJ.")
        )

    address = ""
    if email is not None:
        prove_again(user=user, password=password or "", visitor=visitor, session=session, now=now)
        address = new_email(user=user, email=email)
    return _write_profile(user=user, values=values, address=address, now=now)


@use_case()
def _write_profile(*, user: User, values: Mapping[str, str], address: str, now: datetime) -> User:
    """Write values down that were read before, and ask by letter for the `address`, if there is one."""
    if address:
        ask_for_email(user=user, address=address, now=now)
    customer = customer_for(user=user, now=now)
    for field, value in values.items():
        setattr(customer, field, value)
    customer.save(update_fields=list(values))
    if "name" in values:
        User.objects.filter(pk=user.pk).update(name=values["name"])
    return User.objects.select_related("customer").get(pk=user.pk)


def close_account(*, user: User, password: str, visitor: Visitor, now: datetime, session: UUID | None = None) -> None:
    """Switch the login off for good and overwrite the personal data; orders and their figures stay.

    Whoever keeps a name beside a sale hears of it and erases it. The e-mail becomes free, so the person may register
    again later.

    Raises:
        InvalidCredentials: `password` is not the password.
        StaffAccount: the login belongs to the team.
        TooManyRequests: too many wrong passwords in this session.
    """
    prove_again(user=user, password=password, visitor=visitor, session=session, now=now)
    if user.is_staff:
        raise StaffAccount()
    _close(user=user, now=now)


@use_case()
def _close(*, user: User, now: datetime) -> None:
    """Overwrite the personal data of a login that proved itself, and end it."""
    kept = locked(User.objects.filter(pk=user.pk)).get()
    nowhere = f"{uuid4()}@{NOWHERE}"
    for customer in locked(Customer.objects.filter(user=kept, anonymised_at__isnull=True)):
        Address.objects.filter(customer=customer).delete()
        customer.name, customer.phone, customer.document = "", "", ""
        customer.email = nowhere
        customer.is_active, customer.anonymised_at = False, now
        customer.save()
        outbox.emit(name="account.closed", payload={"customer": str(customer.public_id)}, now=now)
    kept.email, kept.name, kept.is_active, kept.email_verified_at = nowhere, "", False, None
    kept.set_unusable_password()
    kept.save(update_fields=["email", "name", "is_active", "email_verified_at", "password"])
    forget_factors(user=kept)
    end_sessions(user=kept, ending=RefreshFamily.Ending.CLOSED, now=now)
    security.note(Event.DATA_ERASED, subject=kept.pk)
    outbox.wake()


def block_customer(*, customer: Customer, now: datetime) -> None:
    """Keep a customer from ordering and signing in, and end the sessions. Raises StaffAccount for the team."""
    _switch(customer=customer, active=False, now=now)


def unblock_customer(*, customer: Customer, now: datetime) -> None:
    """Let a blocked customer in again. Raises NotFound where the account was closed, for nobody is left there."""
    _switch(customer=customer, active=True, now=now)


@within_unit_of_work
def customer_for(*, user: User, now: datetime) -> Customer:
    """Return the locked customer of a login, written down now if the login never bought before."""
    locked(User.objects.filter(pk=user.pk)).get()
    customer = locked(Customer.objects.filter(user=user)).first()
    if customer is None:
        customer = Customer.objects.create(user=user, name=user.name, email=user.email, created_at=now)
    return customer


@use_case()
def _switch(*, customer: Customer, active: bool, now: datetime) -> None:
    switch_customer(customer=customer, active=active, now=now)


@within_unit_of_work
def switch_customer(*, customer: Customer, active: bool, now: datetime) -> None:
    """Switch an account on or off. Raises NotFound for a closed one, StaffAccount for the team's."""
    user = locked(User.objects.filter(customer=customer)).first()
    kept = locked(Customer.objects.filter(pk=customer.pk, anonymised_at__isnull=True)).first()
    if kept is None:
        raise NotFound()
    if user is not None and user.is_staff:
        raise StaffAccount()
    kept.is_active = active
    kept.save(update_fields=["is_active"])
    security.note(Event.PERSON_UNBLOCKED if active else Event.PERSON_BLOCKED, subject=kept.pk)
    if user is not None:
        user.is_active = active
        user.save(update_fields=["is_active"])
        if not active:
            end_sessions(user=user, ending=RefreshFamily.Ending.CLOSED, now=now)


def _field(pointer: str, normalise: Callable[[str], str], text: str, complaint: str) -> str:
    try:
        return normalise(text)
    except ValueError as problem:
        raise Malformed(errors=[FieldError(pointer=pointer, code="invalid", detail=complaint)]) from problem
