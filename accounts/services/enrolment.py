"""Setting up an authenticator app or a passkey, from any door: what is kept of it travels sealed until it is proved.

The API asks for the password first, unless it was typed a moment ago to begin the session.
"""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import selectors
from accounts.errors import InvalidToken
from accounts.models import User
from accounts.services import factors, passkeys
from accounts.services.attempts import Visitor
from accounts.services.credentials import prove_lately

SEALED, SEALED_PASSKEY = "accounts.app", "accounts.passkey"
SEAL_LIFE = 3600


@dataclass(frozen=True)
class NewApp:
    """What an authenticator app is set up with; `sealed` brings the secret back, to this login and for an hour."""

    words: str
    address: str
    sealed: str


@dataclass(frozen=True)
class NewPasskey:
    """What a device makes a passkey of; `sealed` brings back what its answer is judged by, as that of an app does."""

    options: Mapping[str, Any]
    sealed: str


def app_to_add(*, user: User, secret: str = "") -> NewApp:
    """Return what an app is set up with: a new secret, or one that is tried again."""
    app = TOTPDevice(user=user, **({"key": secret} if secret else {}))
    words = b32encode(app.bin_key).decode()
    return NewApp(
        words=" ".join(words[place : place + 4] for place in range(0, len(words), 4)),
        address=app.config_url,
        sealed=signing.dumps({str(user.pk): app.key}, salt=SEALED),
    )


def secret_of(*, user: User, sealed: str) -> str:
    """Return the secret that was sealed for a login. Raises InvalidToken for another's, a forged or an old one."""
    try:
        return str(signing.loads(sealed, salt=SEALED, max_age=SEAL_LIFE)[str(user.pk)])
    except (signing.BadSignature, KeyError) as problem:
        raise InvalidToken(_("This page was open for too long. Scan the new code.")) from problem


def begin_app(*, user: User, password: str, visitor: Visitor, session: UUID, now: datetime) -> NewApp:
    """Return what an app is set up with, to whoever proves the password; nothing changes yet.

    Raises InvalidCredentials, Malformed (the password is asked for), TooManyRequests.
    """
    prove_lately(user=user, password=password, visitor=visitor, session=session, now=now)
    return app_to_add(user=user)


def finish_app(*, user: User, sealed: str, code: str, session: UUID, now: datetime) -> list[str]:
    """Make the app that was begun the second step; return the recovery codes to show, if these are the first.

    Raises InvalidToken (begun too long ago), Malformed (the code is not one of this app).
    """
    secret = secret_of(user=user, sealed=sealed)
    return factors.add_app(user=user, secret=secret, code=code, now=now, session=session)


def drop_app(*, user: User, password: str, visitor: Visitor, session: UUID, now: datetime) -> None:
    """Let the app no longer be asked for. Raises as `begin_app`, and NotFound, FactorNeeded."""
    prove_lately(user=user, password=password, visitor=visitor, session=session, now=now)
    factors.remove_app(user=user, now=now, session=session)


def begin_passkey(*, user: User, password: str, visitor: Visitor, session: UUID, now: datetime) -> NewPasskey:
    """Return what a device makes a passkey of, to whoever proves the password; nothing changes yet.

    Raises as `begin_app`.
    """
    prove_lately(user=user, password=password, visitor=visitor, session=session, now=now)
    options, state = passkeys.to_make(user=user)
    return NewPasskey(options=options, sealed=signing.dumps({str(user.pk): state}, salt=SEALED_PASSKEY))


def finish_passkey(
    *, user: User, sealed: str, credential: Mapping[str, Any], name: str, session: UUID, now: datetime
) -> list[str]:
    """Keep the passkey that the device made; return the recovery codes to show, if these are the first.

    Raises InvalidToken (begun too long ago), Malformed (the device sent no new passkey, or there are too many).
    """
    try:
        state = signing.loads(sealed, salt=SEALED_PASSKEY, max_age=SEAL_LIFE)[str(user.pk)]
    except (signing.BadSignature, KeyError) as problem:
        raise InvalidToken(_("This page was open for too long. Begin again.")) from problem
    return factors.add_passkey(user=user, state=state, credential=credential, name=name, now=now, session=session)


def drop_passkey(*, user: User, key: str, password: str, visitor: Visitor, session: UUID, now: datetime) -> None:
    """Forget the passkey of that `key`, the digest of its id. Raises as `begin_app`, and NotFound, FactorNeeded."""
    prove_lately(user=user, password=password, visitor=visitor, session=session, now=now)
    factors.remove_passkey(user=user, passkey=selectors.passkey_number(user=user, key=key), now=now, session=session)


def fresh_codes(*, user: User, password: str, visitor: Visitor, session: UUID, now: datetime) -> list[str]:
    """Return new recovery codes; the old ones are worth nothing. Raises as `begin_app`, and NotFound."""
    prove_lately(user=user, password=password, visitor=visitor, session=session, now=now)
    return factors.renew_codes(user=user, now=now, session=session)
