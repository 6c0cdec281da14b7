"""Signed tokens: the one module that knows their format and the library that signs them.

HS256 only, with a key derived from SECRET_KEY for nothing else; the header's own `alg`, `kid`, `jku` are never asked.
Expiry is judged against the `now` that is passed in, not against the machine's clock, so that the
shop's clock rules here as everywhere; keys in SECRET_KEY_FALLBACKS still verify and never sign.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import jwt
from django.conf import settings
from django.core import signing

from accounts.models import User
from common import security
from common.security import Event
from common.text import plain_marks

Kind = Literal["access", "refresh"]

ALGORITHM = "HS256"
ISSUER = "balcao"
AUDIENCE = "balcao-api"
ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=1)
LEEWAY = timedelta(seconds=5)
MAX_LENGTH = 2048
UNLOCK_LIFE = timedelta(hours=1)
CHALLENGE_LIFE = PROOF_LIFE = timedelta(minutes=10)
MAIL_LIFE = {"verify": timedelta(days=2), "reset": timedelta(hours=1)}
DEVICE_COOKIE = settings.DEVICE_COOKIE
_DEVICE, _UNLOCK = "accounts.device", "accounts.unlock"
REQUIRED = ["aud", "exp", "iat", "iss", "jti", "sub", "typ", "fam"]


class BadTokenError(Exception):
    """This is no token of ours, not of this kind, or its time is over."""


@dataclass(frozen=True)
class Claims:
    """What a token says: whose it is, which session it belongs to, which token it is, and until when."""

    kind: Kind
    user: UUID
    family: UUID
    token: UUID
    issued_at: datetime
    expires_at: datetime


def encode(*, claims: Claims) -> str:
    """Return the signed token. The same claims give the same text, to the byte."""
    payload = {
        "typ": claims.kind,
        "sub": str(claims.user),
        "fam": str(claims.family),
        "jti": str(claims.token),
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
        "aud": AUDIENCE,
        "iss": ISSUER,
    }
    return jwt.encode(payload, _key(secret=settings.SECRET_KEY), algorithm=ALGORITHM)


def decode(*, token: str, kind: Kind, now: datetime) -> Claims:
    """Return what a genuine, living token of `kind` says.

    Raises:
        BadTokenError: forged, malformed, of another kind or audience, expired, or from the future.
    """
    if not token.isascii() or len(token) > MAX_LENGTH:
        raise BadTokenError
    payload = _payload(token=token)
    if payload["typ"] != kind:
        raise BadTokenError
    try:
        claims = Claims(
            kind=kind,
            user=UUID(payload["sub"]),
            family=UUID(payload["fam"]),
            token=UUID(payload["jti"]),
            issued_at=datetime.fromtimestamp(payload["iat"], tz=UTC),
            expires_at=datetime.fromtimestamp(payload["exp"], tz=UTC),
        )
    except (AttributeError, TypeError, ValueError, OverflowError, OSError) as problem:
        raise BadTokenError from problem
    if not claims.issued_at - LEEWAY <= now < claims.expires_at + LEEWAY:
        raise BadTokenError
    return claims


def device_token(*, user: UUID, device: UUID) -> str:
    """Return what a browser keeps to be known as a device of this login."""
    return signing.dumps({"user": str(user), "device": str(device)}, salt=_DEVICE)


def device_of(*, token: str, user: UUID) -> UUID | None:
    """Return the device that a token names; None when it is no token of this login."""
    try:
        found = signing.loads(token, salt=_DEVICE)
    except signing.BadSignature:
        return None
    return UUID(found["device"]) if found["user"] == str(user) else None


def unlock_token(*, attempt: int) -> str:
    """Return the part of a link that opens the account which an attempt found locked."""
    return signing.dumps({"attempt": attempt}, salt=_UNLOCK)


def unlocked_attempt(*, token: str) -> int | None:
    """Return the attempt that a link speaks of; None when it is forged or too old."""
    try:
        return int(signing.loads(token, salt=_UNLOCK, max_age=UNLOCK_LIFE)["attempt"])
    except signing.BadSignature:
        return None


def mail_token(*, purpose: str, user: UUID, email: str, stamp: str, becomes: str) -> str:
    """Return the part of a letter's link that proves that its mailbox was read."""
    proof = {"user": str(user), "email": email, "stamp": stamp, "becomes": becomes}
    return signing.dumps(proof, salt=f"accounts.{purpose}", compress=True)


def mail_proof(*, token: str, purpose: str) -> dict[str, Any] | None:
    """Return what a link of this purpose says; None when it is forged or too old."""
    try:
        found: dict[str, Any] = signing.loads(token, salt=f"accounts.{purpose}", max_age=MAIL_LIFE[purpose])
    except signing.BadSignature:
        return None
    return {**found, "user": UUID(found["user"])}


def stamp(*, password: str, verified: datetime | None) -> str:
    """Return a digest that changes with the password and with the proof of the address; it tells neither."""
    text = f"{password}|{verified.isoformat() if verified else ''}"
    whole = hmac.new(settings.SECRET_KEY.encode(), f"balcao.stamp|{text}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(whole[:18]).decode()


def stamp_of(user: User) -> str:
    """Return the stamp of a login as it is now."""
    return stamp(password=user.password, verified=user.email_verified_at)


def new_challenge() -> str:
    """Return what a client holds between the two steps of signing in."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """Return what is kept of a text that nobody can guess."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def plain_code(code: str) -> str:
    """Return a code without what people write between its signs, and phones around it."""
    return re.sub(r"[\s-]", "", plain_marks(code)).upper()


def salt_of(*, email: str) -> str:
    """Return the salt that all unverified logins of one address share, so that one hashing judges them all."""
    return hmac.new(settings.SECRET_KEY.encode(), f"balcao.salt|{email}".encode(), hashlib.sha256).hexdigest()[:22]


def _payload(*, token: str) -> dict[str, Any]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _verified(token=token, key=_key(secret=secret))
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError, RecursionError) as problem:
            raise BadTokenError from problem
    security.note(Event.TOKEN_REFUSED, kind="session", reason="signature")
    raise BadTokenError


def _verified(*, token: str, key: str) -> dict[str, Any]:
    """Return the payload of a token signed with the key; instants are left to the caller, who knows the shop's time."""
    payload: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    return payload


def _key(*, secret: str) -> str:
    return hmac.new(secret.encode(), b"balcao.tokens", hashlib.sha256).hexdigest()
