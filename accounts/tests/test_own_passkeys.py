"""One's passkeys through the API: made, listed, taken away."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.tests import factories, keys
from accounts.tests.doors import ok, pointers, refused
from accounts.tests.factories import PASSWORD
from accounts.tests.test_own_account import FACTORS, client_of, let_time_pass
from common import clock

pytestmark = pytest.mark.django_db

PASSKEYS, CONFIRM = f"{FACTORS}passkeys/", f"{FACTORS}passkeys/confirm/"


def begun(user: User) -> dict[str, Any]:
    return dict(ok(client_of(user).post(PASSKEYS, {})))


def sent(begun: dict[str, Any], *, key: keys.SecurityKey | None = None, **changes: Any) -> dict[str, Any]:
    """Return what a window sends once the device has answered."""
    credential = (key or keys.SecurityKey()).make(begun["options"])
    return {"sealed": begun["sealed"], "name": "Meu celular", "credential": credential} | changes


def test_a_passkey_is_made_listed_used_and_taken_away() -> None:
    user, key = factories.user(), keys.SecurityKey()
    client, other = client_of(user), client_of(user)
    answer = client.post(PASSKEYS, {})
    assert answer["Cache-Control"] == "no-store"

    made = ok(client.post(CONFIRM, sent(ok(answer), key=key)))

    assert len(made["recovery_codes"]) == 10
    refused(other.get(FACTORS), 401, "unauthenticated")
    factors = ok(client.get(FACTORS))
    [passkey] = factors["passkeys"]
    assert (passkey["name"], passkey["last_used_at"], factors["recovery_codes_left"]) == ("Meu celular", None, 10)
    second = ok(client.post(CONFIRM, sent(ok(client.post(PASSKEYS, {})))))
    assert second["recovery_codes"] == []
    assert client.delete(f"{PASSKEYS}{passkey['id']}/", {}).status_code == 204
    refused(client.delete(f"{PASSKEYS}{passkey['id']}/", {}), 404, "not_found")
    assert len(ok(client.get(FACTORS))["passkeys"]) == 1


def test_the_password_is_asked_for_unless_it_was_just_typed() -> None:
    user = factories.user()
    keys.with_passkey(user)
    client = client_of(user)
    [passkey] = ok(client.get(FACTORS))["passkeys"]
    let_time_pass()
    for ask, path in ((client.post, PASSKEYS), (client.delete, f"{PASSKEYS}{passkey['id']}/")):
        assert pointers(ask(path, {})) == {"/password": "required"}
        refused(ask(path, {"password": "errada-e-errada"}), 401, "invalid_credentials")
    ok(client.post(PASSKEYS, {"password": PASSWORD}))
    assert client.delete(f"{PASSKEYS}{passkey['id']}/", {"password": PASSWORD}).status_code == 204


def test_what_was_begun_by_another_or_too_long_ago_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    user, stranger = factories.user(), factories.user()
    refused(client_of(user).post(CONFIRM, sent(begun(stranger))), 400, "invalid_token")
    refused(client_of(user).post(CONFIRM, sent(begun(user), sealed="forged")), 400, "invalid_token")
    old = sent(begun(user))
    later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr("django.core.signing.time.time", later.timestamp)
    refused(client_of(user).post(CONFIRM, old), 400, "invalid_token")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"credential": {}}, "/credential"),
        ({"credential": {"id": [], "response": "x"}}, "/credential"),
        ({"credential": "none"}, "/credential"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 65}, "/name"),
    ],
)
def test_what_is_no_passkey_is_said_and_nothing_is_kept(changes: dict[str, Any], pointer: str) -> None:
    user = factories.user()
    assert pointer in pointers(client_of(user).post(CONFIRM, sent(begun(user), **changes)))
    assert ok(client_of(user).get(FACTORS))["passkeys"] == []


def test_the_last_passkey_takes_the_second_step_along_unless_the_role_needs_one(settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["owner"]
    owner, customer = factories.member("owner"), factories.user()
    for user in (owner, customer):
        keys.with_passkey(user)
    [theirs], [own] = (ok(client_of(user).get(FACTORS))["passkeys"] for user in (owner, customer))

    refused(client_of(owner).delete(f"{PASSKEYS}{theirs['id']}/", {}), 409, "factor_needed")
    client = client_of(customer)
    assert client.delete(f"{PASSKEYS}{own['id']}/", {}).status_code == 204

    assert len(ok(client_of(owner).get(FACTORS))["passkeys"]) == 1
    left = ok(client.get(FACTORS))
    assert (left["app"], left["passkeys"], left["recovery_codes_left"]) == (False, [], 0)


def test_a_strangers_passkey_does_not_exist() -> None:
    stranger = factories.user()
    keys.with_passkey(stranger)
    [passkey] = ok(client_of(stranger).get(FACTORS))["passkeys"]
    refused(client_of(factories.user()).delete(f"{PASSKEYS}{passkey['id']}/", {}), 404, "not_found")


def test_who_asks_is_told_whether_passkeys_work_at_this_address(settings: Settings) -> None:
    client = client_of(factories.user())
    assert ok(client.get(FACTORS))["passkeys_work"] is True
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = []
    assert ok(client.get(FACTORS))["passkeys_work"] is False
