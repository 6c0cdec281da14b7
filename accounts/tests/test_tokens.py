"""Tokens: what is ours, what is forged, what is over."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from pytest_django import Settings

from accounts import tokens
from accounts.tests.factories import NOW
from accounts.tokens import BadTokenError, Claims

ACCESS = Claims(
    kind="access",
    user=uuid4(),
    family=uuid4(),
    token=uuid4(),
    issued_at=NOW,
    expires_at=NOW + tokens.ACCESS_LIFE,
)


def header_of(token: str) -> dict[str, object]:
    return dict(jwt.get_unverified_header(token))


def with_header(token: str, **header: object) -> str:
    """The same payload and signature under another header."""
    _head, payload, signature = token.split(".")
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{payload}.{signature}"


def payload_of(token: str) -> dict[str, object]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def test_round_trip_is_exact_and_repeatable() -> None:
    token = tokens.encode(claims=ACCESS)

    assert tokens.decode(token=token, kind="access", now=NOW) == ACCESS
    assert tokens.encode(claims=ACCESS) == token
    assert payload_of(token) == {
        "typ": "access",
        "sub": str(ACCESS.user),
        "fam": str(ACCESS.family),
        "jti": str(ACCESS.token),
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 600,
        "aud": "balcao-api",
        "iss": "balcao",
    }


@pytest.mark.fault("F3")
def test_header_cannot_choose_the_algorithm() -> None:
    token = tokens.encode(claims=ACCESS)
    unsigned = jwt.encode(payload_of(token), "", algorithm="none")

    for forged in (
        unsigned,
        unsigned.rpartition(".")[0] + ".x",
        with_header(token, alg="none", typ="JWT"),
        with_header(token, alg="RS256", typ="JWT"),
        with_header(token, alg="HS512", typ="JWT"),
        with_header(token, alg="HS256", typ="JWT", crit=["x"], x=1),
    ):
        with pytest.raises(BadTokenError):
            tokens.decode(token=forged, kind="access", now=NOW)


@pytest.mark.fault("F3")
def test_header_cannot_bring_its_own_key() -> None:
    stranger = "stranger" * 8
    for header in ({"kid": "../../dev/null"}, {"jku": "http://127.0.0.1:1/keys"}, {"jwk": {"kty": "oct", "k": "c3Ry"}}):
        forged = jwt.encode(payload_of(tokens.encode(claims=ACCESS)), stranger, algorithm="HS256", headers=header)
        with pytest.raises(BadTokenError):
            tokens.decode(token=forged, kind="access", now=NOW)


def signed(payload: dict[str, object], *, secret: str) -> str:
    """A token with a genuine signature over any payload."""
    return jwt.encode(payload, tokens._key(secret=secret), algorithm="HS256")


@pytest.mark.fault("F3")
@pytest.mark.parametrize("missing", tokens.REQUIRED)
def test_every_claim_is_required(missing: str, settings: Settings) -> None:
    payload = payload_of(tokens.encode(claims=ACCESS))
    assert tokens.decode(token=signed(payload, secret=settings.SECRET_KEY), kind="access", now=NOW) == ACCESS

    del payload[missing]

    with pytest.raises(BadTokenError):
        tokens.decode(token=signed(payload, secret=settings.SECRET_KEY), kind="access", now=NOW)


@pytest.mark.fault("F3")
@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"iss": "another"},
        {"sub": "1"},
        {"sub": 1},
        {"fam": None},
        {"jti": []},
        {"exp": "tomorrow"},
        {"exp": 10**30},
        {"typ": "Access"},
    ],
)
def test_odd_claims_are_refused_without_an_accident(change: dict[str, object], settings: Settings) -> None:
    payload = payload_of(tokens.encode(claims=ACCESS)) | change

    with pytest.raises(BadTokenError):
        tokens.decode(token=signed(payload, secret=settings.SECRET_KEY), kind="access", now=NOW)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "é", "\ud800", "x" * 3000, "e30.e30.", "null", "bnVsbA.bnVsbA.e30"]
)
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(BadTokenError):
        tokens.decode(token=text, kind="access", now=NOW)


@pytest.mark.fault("F4")
def test_one_kind_is_not_good_for_the_other() -> None:
    access = tokens.encode(claims=ACCESS)

    with pytest.raises(BadTokenError):
        tokens.decode(token=access, kind="refresh", now=NOW)


@pytest.mark.fault("D20")
def test_lifetime_with_its_leeway() -> None:
    token = tokens.encode(claims=ACCESS)
    second = timedelta(seconds=1)

    for good in (NOW - tokens.LEEWAY, NOW, ACCESS.expires_at, ACCESS.expires_at + tokens.LEEWAY - second):
        assert tokens.decode(token=token, kind="access", now=good) == ACCESS
    for bad in (NOW - tokens.LEEWAY - second, ACCESS.expires_at + tokens.LEEWAY):
        with pytest.raises(BadTokenError):
            tokens.decode(token=token, kind="access", now=bad)


def test_a_rotated_key_still_verifies_until_it_is_dropped(settings: Settings) -> None:
    token = tokens.encode(claims=ACCESS)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key-" * 6

    with pytest.raises(BadTokenError):
        tokens.decode(token=token, kind="access", now=NOW)
    settings.SECRET_KEY_FALLBACKS = [old]

    assert tokens.decode(token=token, kind="access", now=NOW) == ACCESS
    assert tokens.encode(claims=ACCESS) != token
