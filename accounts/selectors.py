"""Reading people: who is asking, what their profile says, where they live."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from accounts import tokens
from accounts.errors import SetUpSecondFactor
from accounts.models import Address, Customer, RecoveryCode, RefreshFamily, SignInAttempt, SignInChallenge, User
from accounts.models.factors import MAX_TRIES
from common import sql
from common.actors import Actor
from common.errors import Forbidden, NotFound, Unauthenticated

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

OF_NO_ACCOUNT_IN_USE = Q(customer__isnull=True) | Q(customer__anonymised_at__isnull=False)
"""Keeps, of rows that have a `customer`, those of no account or of one that is closed."""

_PERSON = """
WITH me AS (
    SELECT person.id, CASE WHEN login.email_verified_at IS NOT NULL THEN person.mailbox ELSE '' END AS mailbox
    FROM accounts_customer person LEFT JOIN accounts_user login ON login.id = person.user_id
    WHERE person.id = %(customer)s
)
SELECT array_agg(account.id), coalesce(max(me.mailbox), '')
FROM me CROSS JOIN LATERAL (
    SELECT me.id
    UNION
    SELECT other.id FROM accounts_customer other
    JOIN accounts_user login ON login.id = other.user_id AND login.email_verified_at IS NOT NULL
    WHERE other.mailbox = me.mailbox AND other.mailbox <> ''
) AS account
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


def role_of(*, actor: Actor) -> str:
    """Return the role of the member of the team who acts; empty for everybody who has none, a superuser among them."""
    if actor.kind != "staff" or not actor.id.isdecimal():
        return ""
    held = Group.objects.filter(user__pk=int(actor.id), user__is_superuser=False).order_by("pk")
    return held.values_list("name", flat=True).first() or ""


def signed_in(*, token: str, now: datetime) -> tuple[User, UUID]:
    """Return whose access token this is and which session it belongs to, in one statement, the customer loaded along.

    The session is looked at too, so signing out, a new password or closing the account end access tokens at once.

    Raises:
        Unauthenticated: forged, expired, a refresh token, a session that is over, or a login that is switched off.
        SetUpSecondFactor: the role needs a second step, and the login has none.
    """
    try:
        claims = tokens.decode(token=token, kind="access", now=now)
    except tokens.BadTokenError as problem:
        raise Unauthenticated() from problem
    families = RefreshFamily.objects.filter(
        public_id=claims.family, revoked_at__isnull=True, user__public_id=claims.user, user__is_active=True
    ).select_related("user", "user__customer")
    if settings.SECOND_FACTOR_ROLES:
        lacks = ExpressionWrapper(_must_enrol(OuterRef("user")), output_field=BooleanField())
        families = families.annotate(must_enrol=lacks)
    family = families.first()
    if family is None:
        raise Unauthenticated()
    if getattr(family, "must_enrol", False):
        raise SetUpSecondFactor()
    return family.user, family.public_id


def methods_of(*, user: User) -> list[str]:
    """Return the ways in which a login can take the second step, the usual one first; none without a second step."""
    app = Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))
    passkey = Exists(WebAuthnCredential.objects.filter(user=OuterRef("pk"), confirmed=True))
    code = Exists(RecoveryCode.objects.filter(user=OuterRef("pk"), used_at__isnull=True))
    found = User.objects.filter(pk=user.pk).values_list(app, passkey, code)
    has_app, has_passkey, has_code = found[0]
    if not has_app and not has_passkey:
        return []
    ways = (("totp", has_app), ("passkey", has_passkey), ("recovery_code", has_code))
    return [name for name, there in ways if there]


def must_enrol(*, user: User) -> bool:
    """Say whether the role of a login needs a second step that it does not have."""
    if not settings.SECOND_FACTOR_ROLES or not user.is_staff:
        return False
    return User.objects.filter(pk=user.pk).filter(_must_enrol(OuterRef("pk"))).exists()


def _must_enrol(user: OuterRef) -> Q:
    """Return the condition of `must_enrol` for the login that a query is about."""
    held = User.groups.through.objects.filter(user=OuterRef("pk"), group__name__in=settings.SECOND_FACTOR_ROLES)
    asked = User.objects.filter(Q(is_superuser=True) | Exists(held), pk=user, is_staff=True)
    app, passkey = TOTPDevice.objects.filter(confirmed=True), WebAuthnCredential.objects.filter(confirmed=True)
    return Q(Exists(asked)) & ~Q(Exists(app.filter(user=user))) & ~Q(Exists(passkey.filter(user=user)))


def factors_of(*, user: User) -> dict[str, Any]:
    """Return what a login has for its second step: since when the app, the passkeys, and how many codes are left."""
    return {
        "app": TOTPDevice.objects.filter(user=user, confirmed=True).first(),
        "passkeys": list(WebAuthnCredential.objects.filter(user=user, confirmed=True).order_by("pk")),
        "codes_left": RecoveryCode.objects.filter(user=user, used_at__isnull=True).count(),
    }


def passkey_number(*, user: User, key: str) -> int:
    """Return the number of a login's passkey by the digest of its id. Raises NotFound."""
    found = WebAuthnCredential.objects.filter(user=user, credential_id_sha256=key).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound()
    return int(found)


def waiting_sign_in(*, digest: str, now: datetime) -> SignInChallenge | None:
    """Return the sign-in that waits for its second step; None when there is none, or not any more."""
    waiting = SignInChallenge.objects.filter(
        digest=digest, used_at__isnull=True, tries__lt=MAX_TRIES, expires_at__gt=now, user__is_active=True
    )
    return waiting.select_related("user").first()


def sign_ins_of(*, user: User, limit: int = 20) -> list[SignInAttempt]:
    """Return who lately tried to be let in as this login, the last one first."""
    return list(SignInAttempt.objects.filter(user=user).order_by("-at", "-pk")[:limit])


def sessions_of(*, user: User, now: datetime) -> QuerySet[RefreshFamily]:
    """Return the living sessions of a login at both doors, the last used first."""
    live = RefreshFamily.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=now)
    return live.order_by(F("seen_at").desc(nulls_last=True), "-pk")


def has_login(*, email: str) -> bool:
    """Say whether a login has been verified for an address; never told to strangers."""
    return User.objects.filter(email=email, email_verified_at__isnull=False).exists()


def page_session(*, user: User, public_id: UUID, now: datetime) -> RefreshFamily | None:
    """Return a session of the desk or of the pages; None once it was ended, is too old, or was left alone too long."""
    live = RefreshFamily.objects.filter(user=user, public_id=public_id, revoked_at__isnull=True, expires_at__gt=now)
    return live.filter(seen_at__gt=now - timedelta(minutes=settings.PAGE_IDLE_MINUTES)).first()


def began_lately(*, session: UUID, now: datetime) -> bool:
    """Say whether somebody typed their password a moment ago to begin this session."""
    return RefreshFamily.objects.filter(public_id=session, created_at__gt=now - tokens.PROOF_LIFE).exists()


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
