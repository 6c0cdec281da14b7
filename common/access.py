"""Access tokens for people without a login: a signed proof that somebody was handed one order or one visit.

A token is derived from the object's public id and the version of its links with the signing key, so no table holds a
secret that a leaked backup would give away, and an e-mail sent tomorrow carries the same token as today's answer. A
raised version ends every token before. Rotating `SECRET_KEY` keeps old links alive only while the old key stands in
`SECRET_KEY_FALLBACKS`.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare

FIRST = 1
"""The version of the links of what nobody has sent new ones of."""


def access_token(*, kind: str, public_id: UUID, version: int = FIRST) -> str:
    """Return the token (43 URL-safe characters) that opens the object of `kind` ("order", "appointment")."""
    return _derive(key=settings.SECRET_KEY, kind=kind, public_id=public_id, version=version)


def opens(*, token: str, kind: str, public_id: UUID, version: int = FIRST) -> bool:
    """Say, in constant time, whether `token` opens the object; keys in SECRET_KEY_FALLBACKS count."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    good = [_derive(key=key, kind=kind, public_id=public_id, version=version) for key in keys]
    return any([constant_time_compare(token, one) for one in good])  # noqa: C419 - in constant time


def alive(*, since: datetime, days: int, now: datetime) -> bool:
    """Say whether a token still opens that to which something last happened at `since`; 0 `days`: it always does."""
    return days == 0 or now < since + timedelta(days=days)


def _derive(*, key: str, kind: str, public_id: UUID, version: int) -> str:
    kind = kind if version == FIRST else f"{kind}.{version}"
    digest = hmac.new(key.encode(), f"balcao.access.{kind}.{public_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
