"""The second step of signing in: an authenticator app, passkeys, and recovery codes for whoever lost both.

Every change ends the other sessions of the login at both doors and tells its mailbox. The doors ask for the password
before they change anything here.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential, WebAuthnUserHandle

from accounts import selectors, tokens
from accounts.errors import FactorNeeded
from accounts.models import RecoveryCode, RefreshFamily, SignInChallenge, User
from accounts.services import passkeys
from accounts.services.sessions import end_sessions
from common import outbox, security
from common.actors import Actor
from common.errors import FieldError, Malformed, NotFound
from common.security import Event
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case

CODES, SIGNS = 10, 24  # 118 bits each, so that what is kept need be no slower hash
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Signs that nobody takes for each other when they are read from paper."""
MAX_PASSKEYS = 20


@use_case()
def add_app(*, user: User, secret: str, code: str, now: datetime, session: UUID | None) -> list[str]:
    """Make an authenticator app the second step, in place of an earlier one, once a `code` proves that it is set up.

    `secret` is in hexadecimal. Return the recovery codes to show, if these are the first.

    Raises:
        Malformed: the code is not one of this secret.
    """
    kept = locked(User.objects.filter(pk=user.pk)).get()
    TOTPDevice.objects.filter(user=kept).delete()
    app = TOTPDevice(user=kept, key=secret, name="app", confirmed=True)
    typed = tokens.plain_code(code)
    if not (re.fullmatch(r"[0-9]{6}", typed) and app.verify_token(typed)):
        complaint = _("This code does not match. Type the one that the app shows now.")
        raise Malformed(errors=[FieldError(pointer="/code", code="invalid", detail=complaint)])
    codes = _added(user=kept, factor="totp", now=now, session=session)
    outbox.wake()
    return codes


@use_case()
def add_passkey(
    *,
    user: User,
    state: Mapping[str, Any],
    credential: Mapping[str, Any],
    name: str,
    now: datetime,
    session: UUID | None,
) -> list[str]:
    """Keep a passkey that a device made for `state`; return the recovery codes to show, if these are the first.

    Raises:
        Malformed: what the device sent is no new passkey for this, or there are too many.
    """
    kept = locked(User.objects.filter(pk=user.pk)).get()
    if WebAuthnCredential.objects.filter(user=kept).count() >= MAX_PASSKEYS:
        raise _no_passkey(_("Remove a passkey first: there are as many as one login may have."))
    if not passkeys.keep(user=kept, state=state, credential=credential, name=name):
        raise _no_passkey(_("The device sent no passkey that can be used here. Try again."))
    codes = _added(user=kept, factor="passkey", now=now, session=session)
    outbox.wake()
    return codes


@use_case()
def remove_app(*, user: User, now: datetime, session: UUID | None) -> None:
    """Let the authenticator app no longer be a second step. Raises NotFound, and FactorNeeded for the last one."""
    kept = locked(User.objects.filter(pk=user.pk)).get()
    gone = TOTPDevice.objects.filter(user=kept).delete()[0]
    _removed(user=kept, factor="totp", gone=gone, now=now, session=session)
    outbox.wake()


@use_case()
def remove_passkey(*, user: User, passkey: int, now: datetime, session: UUID | None) -> None:
    """Forget a passkey. Raises NotFound, and FactorNeeded for the last second step of a role that needs one."""
    kept = locked(User.objects.filter(pk=user.pk)).get()
    gone = WebAuthnCredential.objects.filter(user=kept, pk=passkey).delete()[0]
    _removed(user=kept, factor="passkey", gone=gone, now=now, session=session)
    outbox.wake()


@use_case()
def renew_codes(*, user: User, now: datetime, session: UUID | None) -> list[str]:
    """Return new recovery codes; the old ones are worth nothing from now on. Raises NotFound without a second step."""
    kept = locked(User.objects.filter(pk=user.pk)).get()
    if not selectors.methods_of(user=kept):
        raise NotFound()
    new = _new_codes(user=kept, now=now)
    security.note(Event.FACTOR_ADDED, subject=kept.pk, factor="recovery_code")
    _tell(user=kept, now=now, session=session)
    outbox.wake()
    return new


@use_case()
def remove_factors(*, user: User, actor: Actor, now: datetime) -> None:
    """Remove every second step of somebody who lost theirs; they sign in with the password alone and set up anew.

    Raises:
        NotFound: there is none.
    """
    kept = locked(User.objects.filter(pk=user.pk)).get()
    if not selectors.methods_of(user=kept):
        raise NotFound()
    forget_factors(user=kept)
    security.note(Event.FACTOR_REMOVED, subject=kept.pk, kind=actor.kind)
    end_sessions(user=kept, ending=RefreshFamily.Ending.FACTORS, now=now)
    _write(user=kept, name="account.factors_removed", now=now)
    outbox.wake()


@within_unit_of_work
def forget_factors(*, user: User) -> None:
    """Delete every second step of a login, and what belongs to them."""
    for table in (TOTPDevice, WebAuthnCredential, WebAuthnUserHandle, RecoveryCode, SignInChallenge):
        table.objects.filter(user=user).delete()


@within_unit_of_work
def is_right_code(*, user: User, code: str, now: datetime) -> bool:
    """Say whether this is a code of the login's app, or one of its recovery codes; either is good once."""
    typed = tokens.plain_code(code)
    if re.fullmatch(r"[0-9]{6}", typed):
        app = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        return app is not None and app.verify_token(typed)
    if not selectors.methods_of(user=user):
        return False
    unused = RecoveryCode.objects.filter(user=user, used_at__isnull=True, digest=_digest(user=user, code=typed))
    used = unused.update(used_at=now) == 1
    if used:
        _write(user=user, name="account.recovery_code_used", now=now)
    return used


@within_unit_of_work
def _added(*, user: User, factor: str, now: datetime, session: UUID | None) -> list[str]:
    """Return recovery codes if there are none that can still be used, and tell the mailbox."""
    has_codes = RecoveryCode.objects.filter(user=user, used_at__isnull=True).exists()
    codes = [] if has_codes else _new_codes(user=user, now=now)
    security.note(Event.FACTOR_ADDED, subject=user.pk, factor=factor)
    _tell(user=user, now=now, session=session)
    return codes


@within_unit_of_work
def _removed(*, user: User, factor: str, gone: int, now: datetime, session: UUID | None) -> None:
    if not gone:
        raise NotFound()
    if not selectors.methods_of(user=user):
        if selectors.must_enrol(user=user):
            raise FactorNeeded()
        forget_factors(user=user)
    security.note(Event.FACTOR_REMOVED, subject=user.pk, factor=factor)
    _tell(user=user, now=now, session=session)


@within_unit_of_work
def _tell(*, user: User, now: datetime, session: UUID | None) -> None:
    end_sessions(user=user, ending=RefreshFamily.Ending.FACTORS, now=now, but=session)
    _write(user=user, name="account.factors_changed", now=now)


@within_unit_of_work
def _write(*, user: User, name: str, now: datetime) -> None:
    """Tell the mailbox, if it is proved to be theirs; nobody else's hears of a stranger's account."""
    if user.email_verified_at is not None:
        outbox.emit(name=name, payload={"email": user.email}, now=now)


@within_unit_of_work
def _new_codes(*, user: User, now: datetime) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _sign in range(SIGNS)) for _code in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user=user, code=code), created_at=now) for code in codes
    )
    return ["-".join(re.findall("....", code)) for code in codes]


def _digest(*, user: User, code: str) -> str:
    """Return what is kept of a recovery code; it is long and random, so nothing slower is needed."""
    return tokens.digest(f"{user.public_id}|{code}")


def _no_passkey(detail: str) -> Malformed:
    return Malformed(errors=[FieldError(pointer="/credential", code="invalid", detail=detail)])
