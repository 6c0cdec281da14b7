"""Who somebody is: e-mail and password, then the second step where the login has one; and the password asked again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts import selectors, tokens
from accounts.errors import InvalidCredentials, InvalidToken, SecondFactorRequired
from accounts.hashing import hashed_like, settings_of
from accounts.models import RefreshFamily, SignInAttempt, SignInChallenge, User
from accounts.models.factors import MAX_TRIES
from accounts.services import passkeys
from accounts.services.attempts import Visitor, open_attempt, settle
from accounts.services.factors import is_right_code
from accounts.services.sessions import TokenPair, begin_session, end_session, end_sessions
from common import security
from common.errors import Busy, FieldError, Malformed
from common.identity import normal_email
from common.security import Event
from common.transactions import locked, run_unit_of_work, within_unit_of_work

Outcome, Step = SignInAttempt.Outcome, SignInAttempt.Step


def sign_in(*, email: str, password: str, visitor: Visitor, now: datetime) -> TokenPair:
    """Begin a session and return its first pair of tokens.

    Raises:
        InvalidCredentials: unknown e-mail, wrong password, or a login that is switched off.
        SecondFactorRequired: the password is right, and the login has a second step.
        SetUpSecondFactor: the role needs a second step, and the login has none.
        TooManyRequests: too many failures before, of this account or from this address.
    """
    user = check_credentials(email=email, password=password, visitor=visitor, now=now)
    return begin_session(user=user, visitor=visitor, now=now)


def check_credentials(*, email: str, password: str, visitor: Visitor, now: datetime, team_only: bool = False) -> User:
    """Return whose e-mail and password these are, and write the attempt down.

    An unknown e-mail costs the same hashing as a wrong password, and every failure has the same answer, so neither its
    words nor its duration tell who has a login.

    Raises:
        InvalidCredentials: unknown e-mail, wrong password, a login that is switched off or not of the team.
        SecondFactorRequired: the password is right, and the login has a second step.
        TooManyRequests: too many failures of this account or from this address; also for the right password.
    """
    name, logins = _logins(email=email)
    attempt = open_attempt(name=name, logins=logins, visitor=visitor, now=now)
    with _uncounted_if_busy(attempt):
        user = _whose(password=password, email=name, logins=logins)
    if user is None or (team_only and not user.is_staff):
        hint = security.mailbox_hint(email)
        security.note(Event.SIGN_IN_FAILED, subject=attempt.user_id, mailbox=hint, door=visitor.door)
        raise InvalidCredentials()
    methods = selectors.methods_of(user=user)
    if methods:
        settle(attempt=attempt, outcome=Outcome.WAITING, user=user)
        raise run_unit_of_work(_challenge, user=user, methods=methods, now=now)
    settle(attempt=attempt, outcome=Outcome.SUCCEEDED, user=user)
    return user


def check_second_factor(
    *,
    challenge: str,
    visitor: Visitor,
    now: datetime,
    code: str = "",
    credential: Mapping[str, Any] | None = None,
) -> User:
    """Return who answers a challenge: with a code of the app, a recovery code, or what a passkey signed.

    Raises:
        InvalidToken: the challenge is unknown, used, too old, or was tried too often.
        InvalidCredentials: the code does not match, was used, or the passkey is none of this login.
        TooManyRequests: too many failures of this account or from this address.
    """
    waiting = selectors.waiting_sign_in(digest=tokens.digest(challenge), now=now)
    if waiting is None:
        raise InvalidToken(_("This sign-in has waited too long. Start again with your password."))
    user = waiting.user
    attempt = open_attempt(name=user.email, logins=[user], visitor=visitor, now=now, step=Step.FACTOR)
    if not run_unit_of_work(_answer, waiting=waiting, code=code, credential=credential, now=now):
        security.note(Event.FACTOR_FAILED, subject=user.pk, door=visitor.door)
        raise InvalidCredentials(_("This code does not match. Codes are good once and for half a minute."))
    settle(attempt=attempt, outcome=Outcome.SUCCEEDED, user=user)
    security.note(Event.FACTOR_PASSED, subject=user.pk, factor=_factor(code, credential), door=visitor.door)
    return user


def prove_again(*, user: User, password: str, visitor: Visitor, session: UUID | None, now: datetime) -> None:
    """Make sure that whoever is signed in knows the password; wrong ones count and lock.

    Raises:
        InvalidCredentials: this is not the password.
        TooManyRequests: too many wrong ones in this session.
    """
    attempt = open_attempt(name=user.email, logins=[user], visitor=visitor, now=now, step=Step.AGAIN, session=session)
    with _uncounted_if_busy(attempt):
        fits = user.check_password(password)
    if not fits:
        security.note(Event.PASSWORD_REFUSED, subject=user.pk)
        raise InvalidCredentials(_("This is not your password."))
    settle(attempt=attempt, outcome=Outcome.SUCCEEDED, user=user)


def sign_out_there(
    *, user: User, public_id: UUID, password: str, visitor: Visitor, session: UUID, now: datetime
) -> None:
    """End one of one's sessions for whoever knows the password, or typed it a moment ago to begin this `session`.

    Raises:
        InvalidCredentials: this is not the password.
        Malformed: the password is asked for.
        NotFound: there is no such session, or it is over.
        TooManyRequests: too many wrong passwords in this session.
    """
    if public_id != session:
        prove_lately(user=user, password=password, visitor=visitor, session=session, now=now)
    end_session(user=user, public_id=public_id, now=now)


def sign_out_elsewhere(*, user: User, password: str, visitor: Visitor, session: UUID, now: datetime) -> int:
    """End every session of a login but `session`, at both doors, and return how many there were.

    Raises:
        InvalidCredentials: this is not the password.
        Malformed: the password is asked for.
        TooManyRequests: too many wrong passwords in this session.
    """
    prove_lately(user=user, password=password, visitor=visitor, session=session, now=now)
    return run_unit_of_work(_end_others, user=user, session=session, now=now)


def prove_lately(*, user: User, password: str, visitor: Visitor, session: UUID, now: datetime) -> None:
    """Make sure that the password was typed a moment ago: to begin this session, or now.

    Raises InvalidCredentials, Malformed (the password is asked for), TooManyRequests.
    """
    if password:
        prove_again(user=user, password=password, visitor=visitor, session=session, now=now)
    elif not selectors.began_lately(session=session, now=now):
        complaint = _("Type your password again.")
        raise Malformed(errors=[FieldError(pointer="/password", code="required", detail=complaint)])


def _end_others(*, user: User, session: UUID, now: datetime) -> int:
    held = locked(User.objects.filter(pk=user.pk)).get()
    return end_sessions(user=held, ending=RefreshFamily.Ending.LOGOUT, now=now, but=session)


@contextmanager
def _uncounted_if_busy(attempt: SignInAttempt) -> Iterator[None]:
    """Take an attempt back whose password nobody had time to look at."""
    try:
        yield
    except Busy:
        attempt.delete()
        raise


@within_unit_of_work
def _challenge(*, user: User, methods: Sequence[str], now: datetime) -> SecondFactorRequired:
    """Write a challenge down and return the refusal that names it."""
    token = tokens.new_challenge()
    options, state = passkeys.to_sign(user=user) if "passkey" in methods else (None, None)
    SignInChallenge.objects.create(
        digest=tokens.digest(token),
        user=user,
        stamp=tokens.stamp_of(user),
        passkey=state,
        created_at=now,
        expires_at=now + tokens.CHALLENGE_LIFE,
    )
    return SecondFactorRequired(challenge=token, methods=list(methods), passkey=options)


@within_unit_of_work
def _answer(*, waiting: SignInChallenge, code: str, credential: Mapping[str, Any] | None, now: datetime) -> bool:
    """Count the try, and let the challenge be used up by the right answer. Raises InvalidToken."""
    kept = locked(SignInChallenge.objects.filter(pk=waiting.pk, used_at__isnull=True, tries__lt=MAX_TRIES)).first()
    user = locked(User.objects.filter(pk=waiting.user.pk, is_active=True)).first()
    if kept is None or user is None or tokens.stamp_of(user) != kept.stamp:
        raise InvalidToken(_("This sign-in has waited too long. Start again with your password."))
    kept.tries += 1
    if credential is not None:
        fits = kept.passkey is not None and passkeys.signed(user=user, state=kept.passkey, credential=credential)
    else:
        fits = is_right_code(user=user, code=code, now=now)
    if fits:
        kept.used_at = now
    kept.save(update_fields=["tries", "used_at"])
    return fits


def _factor(code: str, credential: Mapping[str, Any] | None) -> str:
    """Name the factor of an answer."""
    if credential is not None:
        return "passkey"
    return "totp" if tokens.plain_code(code).isdigit() else "recovery_code"


def _logins(*, email: str) -> tuple[str, list[User]]:
    """Return the name in the form in which attempts are counted, and its logins, the verified one first."""
    try:
        name = normal_email(email)
    except ValueError:
        return email.strip().casefold()[:254].replace("\x00", ""), []
    return name, list(User.objects.filter(email=name).order_by(F("email_verified_at").asc(nulls_last=True), "-pk")[:50])


def _whose(*, password: str, email: str, logins: Sequence[User]) -> User | None:
    """Return the active login whose password this is, at the cost of two hashings whatever there is.

    The logins of an address that were never verified share their salt, so one hashing judges them all. Those that were
    hashed at another cost by an earlier version of the shop, or before its key was changed, take one more for each.
    """
    verified = next((login for login in logins if login.email_verified_at is not None), None)
    fits = verified.check_password(password) if verified is not None else not make_password(password)
    waiting = make_password(password, salt=tokens.salt_of(email=email))
    if verified is not None and fits:
        return verified if verified.is_active else None
    others = [login for login in logins if login.email_verified_at is None and login.is_active]
    return _first_with(waiting, logins=others) or _hashed_before(password=password, today=waiting, logins=others)


def _first_with(encoded: str, *, logins: Sequence[User]) -> User | None:
    return next((login for login in logins if constant_time_compare(login.password, encoded)), None)


def _hashed_before(*, password: str, today: str, logins: Sequence[User]) -> User | None:
    """Return the login whose password this is among those hashed otherwise, and keep the hash of today for it."""
    hashes = (login.password for login in logins if login.password.startswith("argon2$"))
    one_of_each = {settings_of(encoded): encoded for encoded in hashes}
    one_of_each.pop(settings_of(today), None)
    for encoded in one_of_each.values():
        found = _first_with(hashed_like(encoded, password=password), logins=logins)
        if found is not None:
            User.objects.filter(pk=found.pk, password=found.password).update(password=today)
            found.password = today
            return found
    return None
