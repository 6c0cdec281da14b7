"""Passwords: how strong one must be, and what happens when it changes."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts import tokens
from accounts.models import RefreshFamily, User
from accounts.services.attempts import Visitor
from accounts.services.credentials import prove_again
from accounts.services.sessions import end_sessions
from common import outbox, security
from common.errors import FieldError, Malformed
from common.security import Event
from common.transactions import locked, run_unit_of_work, within_unit_of_work


def change_password(
    *, user: User, current: str, new: str, visitor: Visitor, now: datetime, session: UUID | None = None
) -> User:
    """Set a new password, end every other session of the login at both doors, and tell its mailbox.

    `session` names the one that goes on. Return the login as it is now.

    Raises:
        InvalidCredentials: `current` is not the password.
        Malformed: the new one is too easy to guess.
        TooManyRequests: too many wrong ones in this session.
    """
    prove_again(user=user, password=current, visitor=visitor, session=session, now=now)
    return choose_password(user=user, new=new, now=now, session=session)


def choose_password(*, user: User, new: str, now: datetime, session: UUID | None = None) -> User:
    """Set a new password for somebody who has just proved the old one, as `change_password`. Raises Malformed."""
    check_password_strength(password=new, user=user, pointer="/new")
    hashed = hash_for(user=user, password=new)
    changed: User = run_unit_of_work(set_password, user=user, hashed=hashed, now=now, session=session)
    outbox.wake()
    return changed


def hash_for(*, user: User, password: str) -> str:
    """Return the hash to store; logins of one address that were never verified share their salt."""
    salt = None if user.email_verified_at is not None else tokens.salt_of(email=user.email)
    return make_password(password, salt=salt)


@within_unit_of_work
def set_password(*, user: User, hashed: str, now: datetime, session: UUID | None = None) -> User:
    """Store a hashed password, end every session but the one named, and write the notice down."""
    kept = locked(User.objects.filter(pk=user.pk)).get()
    kept.password = hashed
    kept.save(update_fields=["password"])
    security.note(Event.PASSWORD_CHANGED, subject=kept.pk)
    end_sessions(user=kept, ending=RefreshFamily.Ending.PASSWORD, now=now, but=session)
    if kept.email_verified_at is not None:
        outbox.emit(name="account.password_changed", payload={"email": kept.email}, now=now)
    return kept


def check_password_strength(*, password: str, user: User, pointer: str) -> None:
    """Judge a password by the shop's validators. Raises Malformed, one entry a complaint."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise Malformed(
            errors=[
                FieldError(pointer=pointer, code=str(complaint.code), detail=" ".join(complaint.messages))
                for complaint in problem.error_list
            ]
        ) from problem
