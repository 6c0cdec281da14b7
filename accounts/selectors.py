"""Reading people: who is asking, what their profile says, where they live."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from accounts import tokens
from accounts.models import Address, Customer, RefreshFamily, User
from common import sql
from common.errors import Forbidden, NotFound, Unauthenticated
from common.search import matching
from common.text import search_key

BLOCKED = """(EXISTS (
    SELECT 1 FROM accounts_customer person LEFT JOIN accounts_user login ON login.id = person.user_id
    WHERE NOT person.is_active AND person.anonymised_at IS NULL
      AND (person.mailbox = %(mailbox)s AND person.mailbox <> ''
           AND (login.id IS NULL OR login.email_verified_at IS NOT NULL)
           OR person.phone = %(phone)s AND person.phone <> ''
           OR person.document = %(document)s AND person.document <> '')
) OR EXISTS (
    SELECT 1 FROM accounts_block block
    WHERE block.mailbox = %(mailbox)s AND block.mailbox <> '' OR block.phone = %(phone)s AND block.phone <> ''
       OR block.document = %(document)s AND block.document <> ''
))"""
"""Whether the shop has blocked a person, in SQL. An address that nobody verified shuts its owner out of nothing."""

_PERSON = """
SELECT array_agg(other.id),
       coalesce(max(me.mailbox) FILTER (WHERE mine.email_verified_at IS NOT NULL AND me.mailbox <> ''), '')
FROM accounts_customer me LEFT JOIN accounts_user mine ON mine.id = me.user_id
JOIN accounts_customer other ON other.id = me.id OR (
    other.mailbox = me.mailbox AND me.mailbox <> '' AND mine.email_verified_at IS NOT NULL
    AND EXISTS (SELECT 1 FROM accounts_user WHERE id = other.user_id AND email_verified_at IS NOT NULL)
)
WHERE me.id = %(customer)s
"""


@dataclass(frozen=True)
class Person:
    """Whoever signed in: `customers` are all accounts that prove to read their mailbox, which is empty where none does.

    `name`: what they are counted under.
    """

    customers: tuple[int, ...] = ()
    mailbox: str = ""

    @property
    def name(self) -> str:
        """What is counted under."""
        return f"mailbox:{self.mailbox}" if self.mailbox else f"customer:{self.customers[0]}"


def person_of(*, customer_id: int) -> Person:
    """Return who is behind a customer, in one statement: several accounts may read one mailbox, spelled otherwise."""
    customers, mailbox = sql.rows(_PERSON, {"customer": customer_id})[0]
    return Person(customers=tuple(sorted(customers or [customer_id])), mailbox=mailbox)


def signed_in(*, token: str, now: datetime) -> tuple[User, UUID]:
    """Return whose access token this is and which session it belongs to, in one statement, the customer loaded along.

    The session is looked at too, so signing out, a new password or closing the account end access tokens at once.

    Raises:
        Unauthenticated: forged, expired, a refresh token, a session that is over, or a login that is switched off.
    """
    try:
        claims = tokens.decode(token=token, kind="access", now=now)
    except tokens.BadTokenError as problem:
        raise Unauthenticated() from problem
    family = (
        RefreshFamily.objects.filter(
            public_id=claims.family, revoked_at__isnull=True, user__public_id=claims.user, user__is_active=True
        )
        .select_related("user", "user__customer")
        .first()
    )
    if family is None:
        raise Unauthenticated()
    return family.user, family.public_id


def sessions_of(*, user: User, now: datetime) -> QuerySet[RefreshFamily]:
    """Return the living sessions of a login at both doors, the last used first."""
    live = RefreshFamily.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=now)
    return live.order_by(F("seen_at").desc(nulls_last=True), "-pk")


def has_login(*, email: str) -> bool:
    """Say whether a login has been verified for an address; only ever told to the team."""
    return User.objects.filter(email=email, email_verified_at__isnull=False).exists()


def desk_session_lives(*, user: User, public_id: UUID, now: datetime) -> bool:
    """Say whether a session of the desk has not been ended elsewhere."""
    live = RefreshFamily.objects.filter(user=user, public_id=public_id, revoked_at__isnull=True, expires_at__gt=now)
    return live.exists()


def customer_of(user: object) -> Customer | None:
    """Return the customer behind a login; None for a guest, and for staff who never bought."""
    return getattr(user, "customer", None) if isinstance(user, User) else None


def customer_id_of(user: object) -> int | None:
    """Return the pk of the customer behind a login, as `customer_of`."""
    customer = customer_of(user)
    return None if customer is None else customer.pk


def known_customer_id_of(user: object) -> int:
    """Return the pk of the customer behind a login that must be one.

    Raises:
        Forbidden: this login never bought anything.
    """
    customer_id = customer_id_of(user)
    if customer_id is None:
        raise Forbidden()
    return customer_id


def addresses_of(*, user: User) -> QuerySet[Address]:
    """Return the addresses of a login, the default one first."""
    return Address.objects.filter(customer__user=user)


def address_of(*, user: User, public_id: UUID) -> Address:
    """Return one address of a login. Raises NotFound for an unknown id and for somebody else's."""
    address = addresses_of(user=user).filter(public_id=public_id).first()
    if address is None:
        raise NotFound()
    return address


def find_customers(*, text: str, limit: int = 8) -> list[Customer]:
    """Return active customers who go by a text of two signs or more (name, e-mail, phone, document), by name."""
    if len(search_key(text)) < 2:
        return []
    there = Customer.objects.filter(is_active=True, anonymised_at__isnull=True)
    return list(there.filter(matching(text=text, column="search_key")).order_by("sort_key", "pk")[:limit])


def customer_known_as(*, public_id: UUID) -> Customer:
    """Return the active customer of that id. Raises NotFound."""
    found = Customer.objects.filter(public_id=public_id, is_active=True, anonymised_at__isnull=True).first()
    if found is None:
        raise NotFound()
    return found
