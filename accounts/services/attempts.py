"""Who may try a password at all: a lock by account and by address, for the desk and the API alike.

An attempt is written down as refused before the password is looked at, and counts from then on; so many at once stay
within the limit, whatever Redis does. A locked door does not open for the right password. Devices that an account has
signed in from before are counted by themselves: a stranger's guesses lock strangers out, not the owner. Whoever reads
the account's mailbox can open the door at once, from the device on which the link is followed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.errors import InvalidCredentials
from accounts.models import SignInAttempt, User
from common import outbox, security, sql
from common.addresses import client_address
from common.errors import NotFound, TooManyRequests
from common.identity import normal_email
from common.security import Event
from common.transactions import unit_of_work

WINDOW = timedelta(minutes=15)
KEEP = timedelta(days=90)
MAX_AGENT = 200

_FAILURES = """
WITH floor AS (
    SELECT coalesce(max(at), %(since)s) AS at FROM accounts_signinattempt
    WHERE email = %(email)s AND at > %(since)s
      AND (outcome = 'unlocked' OR (outcome = 'succeeded' AND address = %(address)s))
)
SELECT (SELECT count(*) FROM accounts_signinattempt, floor
        WHERE email = %(email)s AND outcome = 'failed' AND device IS NOT DISTINCT FROM %(device)s
          AND accounts_signinattempt.at > floor.at),
       (SELECT count(*) FROM accounts_signinattempt
        WHERE address = %(address)s AND outcome = 'failed' AND at > %(since)s)
"""


@dataclass(frozen=True)
class Visitor:
    """Whence somebody asks to be let in."""

    door: str
    address: str
    agent: str = ""
    device_token: str = ""


def visitor_of(*, meta: Mapping[str, Any], door: str, device_token: str = "") -> Visitor:
    """Return the visitor of a request, from WSGI's environment."""
    agent = str(meta.get("HTTP_USER_AGENT", ""))[:MAX_AGENT].replace("\x00", "")
    return Visitor(door=door, address=client_address(meta), agent=agent, device_token=device_token)


def check_credentials(*, email: str, password: str, visitor: Visitor, now: datetime, team_only: bool = False) -> User:
    """Return whose e-mail and password these are, and write the attempt down.

    An unknown e-mail costs the same hashing as a wrong password, and every failure has the same answer, so neither its
    words nor its duration tell who has a login.

    Raises:
        InvalidCredentials: unknown e-mail, wrong password, a login that is switched off or not of the team.
        TooManyRequests: too many failures of this account or from this address; also for the right password.
    """
    name, logins = _logins(email=email)
    attempt = _open(name=name, logins=logins, visitor=visitor, now=now)
    user = _whose(password=password, email=name, logins=logins)
    if user is None or (team_only and not user.is_staff):
        hint = security.mailbox_hint(email)
        security.note(Event.SIGN_IN_FAILED, subject=attempt.user_id, mailbox=hint, door=visitor.door)
        raise InvalidCredentials()
    SignInAttempt.objects.filter(pk=attempt.pk).update(outcome=SignInAttempt.Outcome.SUCCEEDED, user=user)
    return user


def device_token(*, user: User) -> str:
    """Return what a browser keeps to be known as a device of this login."""
    return tokens.device_token(user=user.public_id, device=uuid4())


def unlock(*, token: str, now: datetime) -> User:
    """Open a locked account again for whoever follows the link of the letter; once, within an hour.

    Raises:
        NotFound: the link is wrong, used or too old.
    """
    user = unlockable(token=token)
    if user is None:
        raise NotFound()
    SignInAttempt.objects.create(
        at=now, door=SignInAttempt.Door.DESK, email=user.email, user=user, address="", outcome="unlocked"
    )
    security.note(Event.SIGN_IN_UNLOCKED, subject=user.pk)
    return user


def unlockable(*, token: str) -> User | None:
    """Return whose account the link of a letter opens; None when it is wrong, used or too old."""
    number = tokens.unlocked_attempt(token=token)
    attempt = SignInAttempt.objects.select_related("user").filter(pk=number).first() if number else None
    if attempt is None or attempt.user is None or not attempt.user.is_active:
        return None
    used = SignInAttempt.objects.filter(email=attempt.email, outcome="unlocked", at__gte=attempt.at).exists()
    return None if used else attempt.user


def forget_attempts(*, now: datetime) -> int:
    """Delete attempts that are older than the record is kept; return how many."""
    return SignInAttempt.objects.filter(at__lt=now - KEEP).delete()[0]


def _logins(*, email: str) -> tuple[str, list[User]]:
    """Return the name in the form in which attempts are counted, and its logins, the verified one first."""
    try:
        name = normal_email(email)
    except ValueError:
        return email.strip().casefold()[:254].replace("\x00", ""), []
    return name, list(User.objects.filter(email=name).order_by(F("email_verified_at").asc(nulls_last=True), "-pk")[:50])


def _whose(*, password: str, email: str, logins: Sequence[User]) -> User | None:
    """Return the active login whose password this is, at the cost of two hashings whatever there is.

    The logins of an address that were never verified share their salt, so one hashing judges them all.
    """
    verified = next((login for login in logins if login.email_verified_at is not None), None)
    fits = verified.check_password(password) if verified is not None else not make_password(password)
    waiting = make_password(password, salt=tokens.salt_of(email=email))
    if verified is not None and fits:
        return verified if verified.is_active else None
    others = (login for login in logins if login.email_verified_at is None and login.is_active)
    return next((login for login in others if constant_time_compare(login.password, waiting)), None)


def _open(*, name: str, logins: Sequence[User], visitor: Visitor, now: datetime) -> SignInAttempt:
    """Write the attempt down, then judge it by everything that is written down. Raises TooManyRequests."""
    user = next((login for login in logins if login.email_verified_at is not None), None)
    device = next(filter(None, (_known_device(token=visitor.device_token, user=login) for login in logins)), None)
    attempt = SignInAttempt.objects.create(
        at=now,
        door=visitor.door,
        email=name,
        user=user,
        address=visitor.address,
        agent=visitor.agent,
        device=device,
    )
    counted = {"email": name, "address": visitor.address, "device": device, "since": now - WINDOW}
    of_account, of_address = sql.rows(_FAILURES, counted)[0]
    most_of_account, most_of_address = settings.SIGN_IN_LIMITS["account"], settings.SIGN_IN_LIMITS["address"]
    if (not most_of_account or of_account <= most_of_account) and (
        not most_of_address or of_address <= most_of_address
    ):
        return attempt
    SignInAttempt.objects.filter(pk=attempt.pk).update(outcome=SignInAttempt.Outcome.LOCKED)
    hint = security.mailbox_hint(name)
    security.note(Event.SIGN_IN_LOCKED, subject=attempt.user_id, mailbox=hint, door=visitor.door)
    if user is not None and user.is_active and most_of_account and of_account > most_of_account:
        _offer_to_unlock(attempt=attempt, user=user, now=now)
    raise TooManyRequests(
        _("Too many attempts to sign in. Wait a quarter of an hour, or open the link we sent by e-mail."),
        retry_after=int(WINDOW.total_seconds()),
    )


def _offer_to_unlock(*, attempt: SignInAttempt, user: User, now: datetime) -> None:
    """Send the account's mailbox a link, once while the account is locked."""
    earlier = SignInAttempt.objects.filter(email=user.email, outcome="locked", at__gt=now - WINDOW)
    if earlier.exclude(pk=attempt.pk).exists():
        return
    with unit_of_work():
        outbox.emit(name="account.locked", payload={"email": user.email, "attempt": attempt.pk}, now=now)
    outbox.wake()


def _known_device(*, token: str, user: User) -> UUID | None:
    """Return the device if the token names one of this login's."""
    return tokens.device_of(token=token, user=user.public_id) if token else None
