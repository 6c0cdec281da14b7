"""What requests say of a second factor, and what people are told of theirs."""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
import segno
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, Meta, UnsetType

from accounts.answers.people import Password
from accounts.models import User
from accounts.selectors import factors_of
from accounts.services import NewApp, NewPasskey
from api.answers import Answer
from api.bodies import Body
from api.kinds import Choice, Kind, Text, TextLine, Wrong
from api.kinds_of_people import Code

MAX_SIGNED = 4096


class ProofRequest(Body, frozen=True, kw_only=True):
    """The password, as proof that it is oneself who changes how one signs in, unless one has just signed in."""

    password: Password | UnsetType = UNSET


class AppRequest(Body, frozen=True, kw_only=True):
    """The app that was begun, and the code it shows."""

    sealed: Annotated[str, Text(MAX_SIGNED)]
    code: Annotated[str, Code()]


class AnyObject(Kind):
    """A JSON object that is looked into later."""

    schema = {"type": "object", "additionalProperties": {}}

    def read(self, given: Any) -> dict[str, Any]:
        """Return the object. Raises Wrong."""
        if not isinstance(given, dict):
            raise Wrong("invalid", _("This must be an object."))
        return given


class PasskeyRequest(Body, frozen=True, kw_only=True):
    """The passkey that was begun: what it is called, and what `navigator.credentials.create` returned, as `toJSON`."""

    sealed: Annotated[str, Text(MAX_SIGNED)]
    name: Annotated[str, TextLine(64)]
    credential: Annotated[dict[str, Any], AnyObject()]


class PasskeyAnswer(Body, frozen=True, kw_only=True):
    """What a passkey signed, in base64url, as browsers write it."""

    client_data: Annotated[str, Text(MAX_SIGNED)] = msgspec.field(name="clientDataJSON")
    authenticator_data: Annotated[str, Text(MAX_SIGNED)] = msgspec.field(name="authenticatorData")
    signature: Annotated[str, Text(MAX_SIGNED)]
    user_handle: Annotated[str, Text(MAX_SIGNED, blank=True)] | UnsetType | None = msgspec.field(
        name="userHandle", default=UNSET
    )


class PasskeyCredential(Body, frozen=True, kw_only=True):
    """What `navigator.credentials.get` returned, as its `toJSON` writes it."""

    id: Annotated[str, Text(MAX_SIGNED)]
    raw_id: Annotated[str, Text(MAX_SIGNED)] = msgspec.field(name="rawId")
    type: Annotated[str, Choice("public-key")]
    response: PasskeyAnswer
    attachment: Annotated[str, Text(64)] | UnsetType | None = msgspec.field(
        name="authenticatorAttachment", default=UNSET
    )
    extensions: Annotated[dict[str, Any], AnyObject()] | UnsetType = msgspec.field(
        name="clientExtensionResults", default=UNSET
    )


class SecondFactorRequest(Body, frozen=True, kw_only=True):
    """The second step of signing in: the challenge of the first, and a code or what a passkey signed."""

    challenge: Annotated[str, Text(200)]
    code: Annotated[str, Code()] | UnsetType = UNSET
    credential: PasskeyCredential | UnsetType = UNSET
    transport: Annotated[str, Choice("body", "cookie")] | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse neither, and both."""
        if (self.code is UNSET) == (self.credential is UNSET):
            yield "code", Wrong("required", _("Send a code or a credential, one of them."))


class PasskeyResponse(Answer, frozen=True, kw_only=True):
    """A passkey of one's own; `id` is the SHA-256 of the id that its device knows it by."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class SecondFactorResponse(Answer, frozen=True, kw_only=True):
    """What one signs in with beside the password; `recovery_codes_left` are those not used yet."""

    app: Annotated[bool, Meta(description="Whether an authenticator app is asked for its code.")]
    passkeys: list[PasskeyResponse]
    passkeys_work: Annotated[bool, Meta(description="Whether passkeys can be made and used at the shop's address.")]
    recovery_codes_left: int


class NewAppResponse(Answer, frozen=True, kw_only=True):
    """What an authenticator app is set up with: to scan, to open on the same phone, or to type.

    `sealed` is sent back with the code that proves that the app has it, within an hour.
    """

    qr_svg: str
    otpauth_url: str
    secret: str
    sealed: str


class NewPasskeyResponse(Answer, frozen=True, kw_only=True):
    """What a passkey is made of: `options` for `PublicKeyCredential.parseCreationOptionsFromJSON`.

    `sealed` is sent back with what the device made, within an hour.
    """

    options: dict[str, Any]
    sealed: str


class RecoveryCodesResponse(Answer, frozen=True, kw_only=True):
    """Recovery codes, shown once; empty where the ones there are stay good."""

    recovery_codes: list[str]


def factors_answer(user: User) -> SecondFactorResponse:
    """Say what a login has for its second step."""
    found = factors_of(user=user)
    return SecondFactorResponse(
        app=found["app"] is not None,
        passkeys=[
            PasskeyResponse(
                id=one.credential_id_sha256, name=one.name, created_at=one.created_at, last_used_at=one.last_used_at
            )
            for one in found["passkeys"]
        ],
        passkeys_work=bool(settings.OTP_WEBAUTHN_ALLOWED_ORIGINS),
        recovery_codes_left=found["codes_left"],
    )


def new_app_answer(app: NewApp) -> NewAppResponse:
    """Say what an app is set up with."""
    out = io.BytesIO()
    segno.make(app.address, error="m", micro=False).save(out, kind="svg", scale=6, border=4, xmldecl=False, svgns=True)
    return NewAppResponse(qr_svg=out.getvalue().decode(), otpauth_url=app.address, secret=app.words, sealed=app.sealed)


def new_passkey_answer(passkey: NewPasskey) -> NewPasskeyResponse:
    """Say what a passkey is made of."""
    return NewPasskeyResponse(options=dict(passkey.options), sealed=passkey.sealed)
