"""Passkeys: what a device is asked to sign, and whether it did. The one module that speaks WebAuthn.

Somebody sent the answers, so anything may stand in them: what cannot be read is no passkey.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn.helpers.exceptions import WebAuthnException

from accounts.models import User
from common.transactions import run_unit_of_work, within_unit_of_work

_UNREADABLE = (WebAuthnException, OTPWebAuthnApiError, ValueError, TypeError, KeyError, LookupError, AttributeError)


def to_make(*, user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a device needs to make a passkey, and what must be kept to judge its answer."""
    options, state = run_unit_of_work(_helper().register_begin, user=user)
    return options, state


def to_sign(*, user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a passkey of this login is to sign, and what must be kept to judge its answer."""
    options, state = _helper().authenticate_begin(user=user, require_user_verification=False)
    return options, state


@within_unit_of_work
def keep(*, user: User, state: Mapping[str, Any], credential: Mapping[str, Any], name: str) -> bool:
    """Keep the passkey that a device made, under a name; say whether it is one."""
    try:
        with transaction.atomic():  # a passkey that is known already must not end the unit of work
            made = _helper().register_complete(user=user, state=dict(state), data=dict(credential))
    except (*_UNREADABLE, IntegrityError):
        return False
    WebAuthnCredential.objects.filter(pk=made.pk).update(name=name)
    return True


@within_unit_of_work
def signed(*, user: User, state: Mapping[str, Any], credential: Mapping[str, Any]) -> bool:
    """Say whether a passkey of this login signed what it was asked to."""
    try:
        used = _helper().authenticate_complete(user=user, state=dict(state), data=dict(credential))
    except _UNREADABLE:
        return False
    return bool(used.confirmed)


def _helper() -> WebAuthnHelper:
    return WebAuthnHelper(request=None)
