"""What people change about how they sign in, through the API: other sessions, an app, recovery codes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts.models import RefreshFamily, User
from accounts.tests import factories, keys
from accounts.tests.doors import ok, pointers, refused
from accounts.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

SESSIONS, FACTORS = "/api/v1/me/sessions/", "/api/v1/me/second-factor/"
APP, CONFIRM, CODES = f"{FACTORS}app/", f"{FACTORS}app/confirm/", f"{FACTORS}recovery-codes/"


def client_of(user: User) -> APIClient:
    pair = accounts.begin_session(user=user, visitor=factories.VISITOR, now=timezone.now())
    return APIClient(headers={"Authorization": f"Bearer {pair.access}"})


def let_time_pass() -> None:
    """Let no session be so young that its password counts as just typed."""
    RefreshFamily.objects.update(created_at=timezone.now() - timedelta(minutes=11))


def shown_by(app: dict[str, Any], *, steps: int = 0) -> str:
    return keys.shown(keys.from_words(app["secret"]), steps=steps)


def test_every_other_session_ends_and_the_one_that_asks_goes_on() -> None:
    user = factories.user()
    other, own = client_of(user), client_of(user)
    strangers = client_of(factories.user())

    assert own.delete(SESSIONS, {"password": PASSWORD}).status_code == 204

    assert ok(own.get(SESSIONS))["count"] == 1
    refused(other.get(SESSIONS), 401, "unauthenticated")
    assert ok(strangers.get(SESSIONS))["count"] == 1


def test_ending_the_others_asks_for_the_password_unless_it_was_just_typed() -> None:
    user = factories.user()
    other, own = client_of(user), client_of(user)
    let_time_pass()

    assert pointers(own.delete(SESSIONS)) == {"/password": "required"}
    refused(own.delete(SESSIONS, {"password": "not this one"}), 401, "invalid_credentials")
    assert ok(other.get(SESSIONS))["count"] == 2

    young = client_of(user)
    assert young.delete(SESSIONS).status_code == 204
    refused(own.get(SESSIONS), 401, "unauthenticated")


def test_an_app_is_set_up_once_its_code_is_right() -> None:
    user = factories.user()
    other, own = client_of(user), client_of(user)
    let_time_pass()
    assert ok(own.get(FACTORS)) == {"app": False, "passkeys": [], "passkeys_work": True, "recovery_codes_left": 0}
    assert pointers(own.post(APP)) == {"/password": "required"}

    begun = own.post(APP, {"password": PASSWORD})
    app = ok(begun)
    assert begun["Cache-Control"] == "no-store"
    assert app["otpauth_url"].startswith("otpauth://totp/")
    assert app["qr_svg"].startswith("<svg")
    assert pointers(own.post(CONFIRM, {"sealed": app["sealed"], "code": "000000"})) == {"/code": "invalid"}
    assert ok(own.get(FACTORS))["app"] is False

    codes = ok(own.post(CONFIRM, {"sealed": app["sealed"], "code": shown_by(app)}))["recovery_codes"]
    assert len(codes) == 10
    assert ok(own.get(FACTORS)) == {"app": True, "passkeys": [], "passkeys_work": True, "recovery_codes_left": 10}
    refused(other.get(FACTORS), 401, "unauthenticated")


def test_a_sealed_secret_is_good_for_its_login_alone() -> None:
    user = factories.user()
    app = ok(client_of(user).post(APP))
    strangers = client_of(factories.user())

    refused(strangers.post(CONFIRM, {"sealed": app["sealed"], "code": shown_by(app)}), 400, "invalid_token")
    refused(client_of(user).post(CONFIRM, {"sealed": "x", "code": shown_by(app)}), 400, "invalid_token")


def test_new_codes_replace_the_old_and_the_app_can_go() -> None:
    user = factories.user()
    refused(client_of(user).post(CODES), 404, "not_found")
    refused(client_of(user).delete(APP), 404, "not_found")
    old = keys.with_app(user)
    own = client_of(user)

    new = ok(own.post(CODES))["recovery_codes"]
    assert len(new) == 10
    assert not set(new) & set(old)
    let_time_pass()
    assert pointers(own.post(CODES)) == {"/password": "required"}
    assert pointers(own.delete(APP)) == {"/password": "required"}

    assert own.delete(APP, {"password": PASSWORD}).status_code == 204
    assert ok(own.get(FACTORS)) == {"app": False, "passkeys": [], "passkeys_work": True, "recovery_codes_left": 0}


def test_who_must_have_a_second_step_keeps_it(settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["owner"]
    owner = factories.member("owner")
    keys.with_app(owner)
    refused(client_of(owner).delete(APP), 409, "factor_needed")


def test_passkeys_are_told_by_name() -> None:
    user = factories.user()
    keys.with_passkey(user, name="celular")
    (passkey,) = ok(client_of(user).get(FACTORS))["passkeys"]
    assert passkey["name"] == "celular"
