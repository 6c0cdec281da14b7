"""An authenticator app and a security key that tests hold in their hand."""

import hashlib
import json
import secrets
from base64 import b32decode, urlsafe_b64decode, urlsafe_b64encode
from struct import pack
from time import time
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services as accounts
from accounts.models import User
from accounts.tests.factories import NOW

ORIGIN, RP_ID = "http://localhost", "localhost"
SECRET = "3132333435363738393031323334353637383930"


def shown(secret: str = SECRET, *, steps: int = 0) -> str:
    """Return the code that an app shows, now or some half minutes from now."""
    totp = TOTP(bytes.fromhex(secret))
    totp.time = time() + 30 * steps
    return f"{totp.token():06d}"


def from_words(words: str) -> str:
    """Return the secret that a page shows in groups of letters, as `shown` takes it."""
    return b32decode(words.replace(" ", "")).hex()


def with_app(user: User) -> list[str]:
    """Give a login an authenticator app of SECRET, and return its recovery codes; the app's codes are unused."""
    codes = accounts.add_app(user=user, secret=SECRET, code=shown(), now=NOW, session=None)
    TOTPDevice.objects.filter(user=user).update(last_t=-1)
    return codes


def text_of(raw: bytes) -> str:
    """Return bytes as WebAuthn writes them in JSON."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


class SecurityKey:
    """Makes one passkey, and signs with it."""

    def __init__(self) -> None:
        self.secret = generate_private_key(SECP256R1())
        self.id = secrets.token_bytes(16)
        self.uses = 0

    def make(self, options: dict[str, Any], *, origin: str = ORIGIN) -> dict[str, Any]:
        """Return what a browser sends of a new passkey."""
        numbers = self.secret.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        about = bytes(16) + pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        stated = {"fmt": "none", "attStmt": {}, "authData": self._data(0x45) + about}
        said = self._said("webauthn.create", options, origin)
        response = {"clientDataJSON": text_of(said), "attestationObject": text_of(cbor2.dumps(stated))}
        return self._credential({**response, "transports": ["usb"]})

    def sign(self, options: dict[str, Any], *, origin: str = ORIGIN) -> dict[str, Any]:
        """Return what a browser sends to sign in."""
        self.uses += 1
        data, said = self._data(0x05), self._said("webauthn.get", options, origin)
        signature = self.secret.sign(data + hashlib.sha256(said).digest(), ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": text_of(said),
                "authenticatorData": text_of(data),
                "signature": text_of(signature),
            }
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(RP_ID.encode()).digest() + bytes([flags]) + pack(">I", self.uses)

    def _said(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        challenge = text_of(urlsafe_b64decode(options["challenge"] + "=="))
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        named = text_of(self.id)
        return {
            "id": named, "rawId": named, "type": "public-key", "response": response, "clientExtensionResults": {},
        }  # fmt: skip


def with_passkey(user: User, name: str = "chave") -> SecurityKey:
    """Give a login a passkey, and return the key that holds it."""
    options, state = accounts.passkey_to_make(user=user)
    key = SecurityKey()
    accounts.add_passkey(user=user, state=state, credential=key.make(options), name=name, now=NOW, session=None)
    return key
