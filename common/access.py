"""Access tokens for people without a login: a signed proof that somebody was handed one order or one visit.

A token is derived from the object's public id with the signing key, so no table holds a secret that a leaked backup
would give away, and an e-mail sent tomorrow carries the same token as today's answer. Rotating
`SECRET_KEY` keeps old links alive only while the old key stands in `SECRET_KEY_FALLBACKS`.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare


def access_token(*, kind: str, public_id: UUID) -> str:
    """Return the token (43 URL-safe characters) that opens the object of `kind` ("order", "appointment")."""
    return _derive(key=settings.SECRET_KEY, kind=kind, public_id=public_id)


def opens(*, token: str, kind: str, public_id: UUID) -> bool:
    """Say, in constant time, whether `token` opens the object; keys in SECRET_KEY_FALLBACKS count."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any([constant_time_compare(token, _derive(key=key, kind=kind, public_id=public_id)) for key in keys])  # noqa: C419 - in constant time


def _derive(*, key: str, kind: str, public_id: UUID) -> str:
    digest = hmac.new(key.encode(), f"balcao.access.{kind}.{public_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
