"""Proving that one reads a mailbox: verifying an address, changing it, and choosing a new password by a link.

Links are signed, short-lived, and good once because what they speak of changes when they are used. An address that was
never verified owns nothing: any number of logins may be opened for it, and the first that is verified ends the others.
Asking for a link looks the same whether or not there is a login; what is to be sent is worked out by the outbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from accounts import emails, tokens
from accounts.errors import InvalidToken, StaffAccount
from accounts.models import Customer, RefreshFamily, User
from accounts.services.attempts import write_unlocked
from accounts.services.passwords import check_password_strength, set_password
from accounts.services.sessions import end_sessions
from common import outbox, security
from common.errors import FieldError, Malformed
from common.identity import normal_email
from common.security import Event
from common.transactions import locked, run_unit_of_work, unit_of_work, within_unit_of_work
from common.use_cases import use_case

CHANGE = "account.email_change_asked"


@dataclass(frozen=True)
class _Proof:
    """What a link of a letter says: whose login, which address it had, and which it is to have."""

    user: UUID
    email: str
    stamp: str
    becomes: str


def verify_email(*, token: str, now: datetime) -> User:
    """Mark the address of a login as verified, or give it the new address whose mailbox was asked; once.

    Other logins that were opened for the address and never verified end.

    Raises:
        InvalidToken: forged, used, too old, or another login has been verified for the address meanwhile.
    """
    proof = _proof(token=token, purpose="verify")
    verified: User = run_unit_of_work(_verify, proof=proof, now=now)
    outbox.wake()
    return verified


def ask_for_verification(*, user: User, now: datetime, client: str = "") -> None:
    """Have the letter that verifies the address of a login sent once more, unless it is verified. Always succeeds."""
    if user.email_verified_at is not None:
        return
    payload = {"email": user.email, "user": str(user.public_id), "client": client}
    with unit_of_work():
        outbox.emit(name="account.verification_asked", payload=payload, now=now)
    outbox.wake()


def ask_for_reset(*, email: str, now: datetime, client: str = "") -> None:
    """Have a link to choose a new password sent, should the address have a login. Always succeeds in words.

    Raises:
        Malformed: no e-mail address.
    """
    address = _address(email)
    with unit_of_work():
        outbox.emit(name="account.reset_asked", payload={"email": address, "client": client}, now=now)
    outbox.wake()


def send_reset(*, name: str, payload: Mapping[str, Any], event_id: UUID, now: datetime) -> None:
    """Send the link that `ask_for_reset` promised, if there is anybody to send it to. Raises what mail raises."""
    user = User.objects.filter(email=payload["email"], email_verified_at__isnull=False, is_active=True).first()
    if user is None or user.is_superuser:
        return
    stamp = tokens.stamp_of(user)
    link = tokens.mail_token(purpose="reset", user=user.public_id, email=user.email, stamp=stamp, becomes="")
    emails.send(name=name, email=user.email, event_id=event_id, now=now, token=link, client=payload.get("client", ""))


def reset_password(*, token: str, password: str, now: datetime) -> User:
    """Set the password that the reader of the mailbox chose, end every session, and open the login if it was locked.

    Raises:
        InvalidToken: forged, used or too old.
        Malformed: the password is too easy to guess; the link stays good.
    """
    proof = _proof(token=token, purpose="reset")
    user = resettable(token=token)
    if user is None:
        raise InvalidToken()
    check_password_strength(password=password, user=user, pointer="/password")
    return _reset(user=user, stamp=proof.stamp, hashed=make_password(password), now=now)


@use_case()
def _reset(*, user: User, stamp: str, hashed: str, now: datetime) -> User:
    """Set a password that was judged and hashed before, unless the link was used meanwhile. Raises InvalidToken."""
    kept = locked(User.objects.filter(pk=user.pk, is_active=True)).first()
    if kept is None or tokens.stamp_of(kept) != stamp:
        raise InvalidToken()
    set_password(user=kept, hashed=hashed, now=now)
    write_unlocked(user=kept, now=now)
    outbox.wake()
    return kept


def resettable(*, token: str) -> User | None:
    """Return whose password a link may change; None when it is forged, used or too old."""
    try:
        proof = _proof(token=token, purpose="reset")
    except InvalidToken:
        return None
    user = User.objects.filter(public_id=proof.user, email=proof.email, is_active=True).first()
    return user if user is not None and tokens.stamp_of(user) == proof.stamp else None


def new_email(*, user: User, email: str) -> str:
    """Return the address a login asks to have.

    Raises:
        Malformed: no e-mail address.
        StaffAccount: the login belongs to the team, whose addresses the owner writes down.
    """
    if user.is_staff:
        raise StaffAccount()
    return _address(email)


@within_unit_of_work
def ask_for_email(*, user: User, address: str, now: datetime) -> None:
    """Have a link sent to the new address; the login keeps the old one until it is followed."""
    outbox.emit(name=CHANGE, payload={"email": address, "user": str(user.public_id)}, now=now)


def send_verification(*, name: str, payload: Mapping[str, Any], event_id: UUID, now: datetime) -> None:
    """Send the link that verifies an address, new or changed. Raises what mail raises."""
    user = User.objects.filter(public_id=payload["user"], is_active=True).first()
    if user is None:
        return
    address = payload["email"]
    becomes = "" if address == user.email else address
    if becomes and name != CHANGE:
        return  # the login has another address meanwhile, and nobody asked for this one back
    if not becomes and user.email_verified_at is not None:
        return
    link = tokens.mail_token(
        purpose="verify", user=user.public_id, email=user.email, stamp=tokens.stamp_of(user), becomes=becomes
    )
    emails.send(name=name, email=address, event_id=event_id, now=now, token=link, client=payload.get("client", ""))


@within_unit_of_work
def _verify(*, proof: _Proof, now: datetime) -> User:
    user = locked(User.objects.filter(public_id=proof.user, email=proof.email, is_active=True)).first()
    if user is None or tokens.stamp_of(user) != proof.stamp:
        raise InvalidToken()
    address = proof.becomes or user.email
    if User.objects.filter(email=address, email_verified_at__isnull=False).exclude(pk=user.pk).exists():
        raise InvalidToken()
    _end_unverified(email=address, but=user, now=now)
    if proof.becomes:
        outbox.emit(name="account.email_changed", payload={"email": user.email}, now=now)
        end_sessions(user=user, ending=RefreshFamily.Ending.PASSWORD, now=now)
    user.email, user.email_verified_at = address, now
    user.save(update_fields=["email", "email_verified_at"])
    Customer.objects.filter(user=user).update(email=address)
    security.note(Event.EMAIL_CHANGED if proof.becomes else Event.EMAIL_VERIFIED, subject=user.pk)
    return user


@within_unit_of_work
def _end_unverified(*, email: str, but: User, now: datetime) -> None:
    """End the logins that others opened for the address and never verified."""
    others = User.objects.filter(email=email, email_verified_at__isnull=True, is_active=True).exclude(pk=but.pk)
    for other in locked(others):
        other.is_active = False
        other.save(update_fields=["is_active"])
        end_sessions(user=other, ending=RefreshFamily.Ending.CLOSED, now=now)


def _address(email: str) -> str:
    try:
        return normal_email(email)
    except ValueError as problem:
        complaint = FieldError(pointer="/email", code="invalid", detail=_("This is not an e-mail address."))
        raise Malformed(errors=[complaint]) from problem


def _proof(*, token: str, purpose: str) -> _Proof:
    found = tokens.mail_proof(token=token, purpose=purpose)
    if found is None:
        raise InvalidToken()
    return _Proof(**found)
