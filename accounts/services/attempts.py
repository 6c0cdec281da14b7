"""Who may try a password or a code at all: a lock by account and by address, for the desk and the API alike.

An attempt is written down as refused before anything is looked at, and counts from then on; so many at once stay
within the limit, whatever Redis does. A locked door does not open for the right password. Devices that an account has
signed in from before are counted by themselves: a stranger's guesses lock strangers out, not the owner. Whoever reads
the account's mailbox can open the door at once, from the device on which the link is followed.

Codes of the second step count with the passwords, and by the day too: whoever has the password must not find the code
by trying for weeks. A right password does not forget wrong codes; only whoever was let in is forgiven.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.models import SignInAttempt, SignInChallenge, User
from common import outbox, security, sql
from common.addresses import client_address
from common.batches import delete_in_batches
from common.errors import NotFound, TooManyRequests
from common.security import Event
from common.transactions import unit_of_work, within_unit_of_work
from common.use_cases import use_case

WINDOW = timedelta(minutes=15)
DAY = timedelta(days=1)
MAX_AGENT = 200

_FAILURES = """
WITH floor AS (
    SELECT coalesce(max(at), %(day)s) AS at FROM accounts_signinattempt
    WHERE email = %(email)s AND at > %(day)s
      AND (outcome = 'unlocked' OR (outcome = 'succeeded' AND address = %(address)s))
), failed AS (
    SELECT accounts_signinattempt.at, step, device FROM accounts_signinattempt, floor
    WHERE email = %(email)s AND outcome = 'failed' AND accounts_signinattempt.at > floor.at
)
SELECT (SELECT count(*) FROM failed WHERE at > %(since)s AND device IS NOT DISTINCT FROM %(device)s),
       (SELECT count(*) FROM accounts_signinattempt
        WHERE address = %(address)s AND outcome = 'failed' AND at > %(since)s),
       (SELECT count(*) FROM failed WHERE step = 'factor')
"""


@dataclass(frozen=True)
class Visitor:
    """Whence somebody asks to be let in."""

    door: str
    address: str
    agent: str = ""
    device_token: str = ""


NOBODY = Visitor(door="api", address="")
"""For what asks for no password."""


def visitor_of(*, meta: Mapping[str, Any], door: str, device_token: str = "") -> Visitor:
    """Return the visitor of a request, from WSGI's environment."""
    agent = str(meta.get("HTTP_USER_AGENT", ""))[:MAX_AGENT].replace("\x00", "")
    return Visitor(door=door, address=client_address(meta), agent=agent, device_token=device_token)


def device_token(*, user: User) -> str:
    """Return what a browser keeps to be known as a device of this login."""
    return tokens.device_token(user=user.public_id, device=uuid4())


@use_case()
def unlock(*, token: str, now: datetime) -> User:
    """Open a locked account again for whoever follows the link of the letter; once, within an hour.

    Raises:
        NotFound: the link is wrong, used or too old.
    """
    attempt = _found_locked(token=token)
    user = attempt.user if attempt is not None else None
    if user is None:
        raise NotFound()
    write_unlocked(user=user, now=now, opens=attempt)
    security.note(Event.SIGN_IN_UNLOCKED, subject=user.pk)
    return user


@within_unit_of_work
def write_unlocked(*, user: User, now: datetime, opens: SignInAttempt | None = None) -> None:
    """Write down that the reader of the account's mailbox opened it; an attempt that was locked `opens` once."""
    SignInAttempt.objects.create(
        at=now,
        door=SignInAttempt.Door.DESK,
        email=user.email,
        user=user,
        address="",
        outcome=SignInAttempt.Outcome.UNLOCKED,
        opens=opens,
    )


def unlockable(*, token: str) -> User | None:
    """Return whose account the link of a letter opens; None when it is wrong, used or too old."""
    attempt = _found_locked(token=token)
    return attempt.user if attempt is not None else None


def _found_locked(*, token: str) -> SignInAttempt | None:
    """Return the attempt that a link of a letter opens; None when the link is wrong, used or too old."""
    number = tokens.unlocked_attempt(token=token)
    attempt = SignInAttempt.objects.select_related("user").filter(pk=number).first() if number else None
    if attempt is None or attempt.user is None or not attempt.user.is_active:
        return None
    used = SignInAttempt.objects.filter(email=attempt.email, outcome="unlocked", at__gte=attempt.at).exists()
    return None if used else attempt


def forget_attempts(*, now: datetime) -> int:
    """Delete attempts that are older than the record is kept, and sign-ins that waited in vain; return how many."""
    delete_in_batches(SignInChallenge.objects.filter(expires_at__lt=now - DAY))
    long_ago = now - timedelta(days=settings.SIGN_INS_KEPT_DAYS)
    return delete_in_batches(SignInAttempt.objects.filter(at__lt=long_ago))


def open_attempt(
    *,
    name: str,
    logins: Sequence[User],
    visitor: Visitor,
    now: datetime,
    step: SignInAttempt.Step = SignInAttempt.Step.PASSWORD,
    session: UUID | None = None,
) -> SignInAttempt:
    """Write an attempt down as refused, then judge it by everything that is written down.

    Who is signed in already is counted by the `session`, so that strangers' guesses do not shut them out.

    Raises:
        TooManyRequests: too many failures of this account or from this address.
    """
    user = next((login for login in logins if login.email_verified_at is not None), None)
    known = (_known_device(token=visitor.device_token, user=login) for login in logins)
    device = session or next(filter(None, known), None)
    attempt = SignInAttempt.objects.create(
        at=now,
        door=visitor.door,
        step=step,
        email=name,
        user=user,
        address=visitor.address,
        agent=visitor.agent,
        device=device,
    )
    counted = {"email": name, "address": visitor.address, "device": device, "since": now - WINDOW, "day": now - DAY}
    of_account, of_address, codes = sql.rows(_FAILURES, counted)[0]
    limits = settings.SIGN_IN_LIMITS
    account_is_locked = _over(of_account, limits["account"]) or (
        step == SignInAttempt.Step.FACTOR and _over(codes, limits["codes"])
    )
    if not account_is_locked and not _over(of_address, limits["address"]):
        return attempt
    SignInAttempt.objects.filter(pk=attempt.pk).update(outcome=SignInAttempt.Outcome.LOCKED)
    hint = security.mailbox_hint(name)
    security.note(Event.SIGN_IN_LOCKED, subject=attempt.user_id, mailbox=hint, door=visitor.door)
    if user is not None and user.is_active and account_is_locked:
        _offer_to_unlock(attempt=attempt, user=user, now=now)
    raise TooManyRequests(
        _("Too many attempts to sign in. Wait a quarter of an hour, or open the link we sent by e-mail."),
        retry_after=int(WINDOW.total_seconds()),
    )


def settle(*, attempt: SignInAttempt, outcome: SignInAttempt.Outcome, user: User) -> None:
    """Write down what came of an attempt that was not refused, and whose login it was."""
    SignInAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome, user=user)


def _over(count: int, most: int) -> bool:
    """Say whether a limit is passed; 0 is no limit."""
    return bool(most) and count > most


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
