"""The pages about how one signs in: at the desk and on /conta/, the second step, the password asked again."""

import json
import re
from base64 import b32decode
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential
from pytest_django import Settings
from time_machine import Traveller

from accounts import selectors
from accounts.models import RefreshFamily, SignInAttempt, User
from accounts.tests import factories, keys
from accounts.tests.factories import PASSWORD
from backoffice.roles import sync_roles
from common import clock, outbox

pytestmark = pytest.mark.django_db

PLACES = ("desk", "account")


def somebody(place: str) -> User:
    sync_roles()
    return factories.member(role="owner") if place == "desk" else factories.user()


def sign_in_page(place: str) -> str:
    return reverse("admin:login") if place == "desk" else reverse("account-sign-in")


def sign_in(user: User, *, place: str, browser: Client | None = None, **more: str) -> tuple[Client, Any]:
    browser = browser or Client()
    return browser, browser.post(sign_in_page(place), {"username": user.email, "password": PASSWORD, **more})


def signed_in(user: User, *, place: str) -> Client:
    """Return a browser in which somebody without a second step signed in and typed the password again."""
    browser, answer = sign_in(user, place=place)
    assert answer.status_code == 302
    proved = browser.post(reverse(f"{place}-prove"), {"password": PASSWORD})
    assert proved["Location"] == reverse(f"{place}-security")
    return browser


def set_up_app(browser: Client, *, place: str) -> Any:
    page = browser.get(reverse(f"{place}-app"))
    sealed = re.search(r'name="secret" value="([^"]+)"', page.content.decode())
    words = re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())
    assert sealed
    assert words
    secret = base32(words[1])
    return browser.post(reverse(f"{place}-app"), {"secret": sealed[1], "code": keys.shown(secret)})


def base32(words: str) -> str:

    return b32decode(words.replace(" ", "")).hex()


@pytest.mark.parametrize("place", PLACES)
def test_who_may_not_come_in_is_told_what_is_true_of_an_address(place: str) -> None:
    """An e-mail is found however it is typed, and which of the two was wrong is nobody's to know."""
    user = somebody(place)
    assert sign_in(user, place=place, username=user.email.upper())[1].status_code == 302
    for email, password in ((user.email, "wrong"), ("nobody@balcao.example", PASSWORD)):
        page = sign_in(user, place=place, username=email, password=password)[1].content.decode()
        assert "E-mail ou senha não conferem" in page
        assert "diferenciam" not in page


@pytest.mark.parametrize("place", PLACES)
def test_an_app_is_set_up_and_asked_for(place: str) -> None:
    user = somebody(place)
    browser = signed_in(user, place=place)
    page = browser.get(reverse(f"{place}-app")).content.decode()
    assert "<svg" in page
    assert "otpauth://totp/Balc" in page
    codes = set_up_app(browser, place=place)
    shown = re.findall(r"<code>([A-Z2-9]{4}(?:-[A-Z2-9]{4}){5})</code>", codes.content.decode())
    assert len(shown) == 10
    assert browser.get(reverse(f"{place}-security")).status_code == 200  # this session goes on

    again, answer = sign_in(user, place=place)
    assert answer["Location"] == reverse(f"{place}-second-step")
    assert "_auth_user_id" not in again.session
    assert again.post(answer["Location"], {"code": "000000"}).status_code == 401
    assert again.post(answer["Location"], {"code": ""}).status_code == 400
    through = again.post(answer["Location"], {"code": shown[0]})
    assert through["Location"] == (reverse("admin:index") if place == "desk" else reverse("account-security"))
    assert again.get(through["Location"]).status_code == 200
    assert [row.door for row in RefreshFamily.objects.filter(revoked_at=None)] == [
        {"desk": "desk", "account": "api"}[place]
    ] * 2


@pytest.mark.parametrize("place", PLACES)
def test_a_passkey_is_made_used_and_removed(place: str) -> None:
    user = somebody(place)
    browser = signed_in(user, place=place)
    key = keys.SecurityKey()
    page = browser.post(reverse(f"{place}-passkey"), {"name": "meu celular"})
    made = key.make(options_of(page))
    kept = browser.post(reverse(f"{place}-passkey"), {"credential": json.dumps(made)})
    assert "recuperação" in kept.content.decode()
    assert WebAuthnCredential.objects.get().name == "meu celular"

    again, answer = sign_in(user, place=place)
    asked = again.get(answer["Location"])
    signed = key.sign(options_of(asked))
    assert again.post(answer["Location"], {"credential": json.dumps(signed)}).status_code == 302
    assert again.get(reverse(f"{place}-security")).status_code == 200

    number = WebAuthnCredential.objects.get().pk
    assert browser.post(reverse(f"{place}-remove-passkey", args=[number])).status_code == 302
    assert selectors.methods_of(user=user) == []
    assert again.get(reverse(f"{place}-security")).status_code == 302  # the change ended the other session


def options_of(page: Any) -> dict[str, Any]:
    found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', page.content.decode())
    assert found
    options: dict[str, Any] = json.loads(found[1])
    return options


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "sent", ["", "null", "[]", "{", "{}", '{"id": 1}', "[" * 5000, '{"response": {"x": 1}, "id": "a"}']
)
def test_what_is_no_passkey_is_told_and_changes_nothing(place: str, sent: str) -> None:
    user = somebody(place)
    browser = signed_in(user, place=place)
    browser.post(reverse(f"{place}-passkey"), {"name": "x"})
    assert browser.post(reverse(f"{place}-passkey"), {"credential": sent}).status_code == 302
    assert not WebAuthnCredential.objects.exists()
    keys.with_passkey(user)
    again, answer = sign_in(user, place=place)
    assert again.post(answer["Location"], {"credential": sent}).status_code in (400, 401)
    assert "_auth_user_id" not in again.session


@pytest.mark.parametrize("place", PLACES)
def test_nothing_changes_without_the_password_typed_again(place: str) -> None:
    user = somebody(place)
    browser, _answer = sign_in(user, place=place)
    keys.with_app(user)
    browser = Client()
    browser.force_login(User.objects.get(pk=user.pk))
    prove = reverse(f"{place}-prove")
    for name in ("app", "passkey", "remove-app", "codes"):
        answer = browser.post(reverse(f"{place}-{name}"))
        assert answer["Location"].startswith(prove), name
    assert browser.get(reverse(f"{place}-app"))["Location"] == f"{prove}?next={reverse(f'{place}-app')}"
    assert browser.post(prove, {"password": "wrong"}).status_code == 401
    assert browser.post(prove).status_code == 400
    assert selectors.methods_of(user=user) == ["totp", "recovery_code"]
    assert browser.post(f"{prove}?next=https://evil.example/", {"password": PASSWORD})["Location"].startswith("/")
    assert browser.post(reverse(f"{place}-codes")).status_code == 200
    assert browser.post(reverse(f"{place}-remove-app")).status_code == 302
    assert selectors.methods_of(user=user) == []


@pytest.mark.parametrize("place", PLACES)
def test_the_password_typed_again_is_behind_the_lock(place: str, settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 3, "address": 0, "codes": 30}
    browser, _answer = sign_in(somebody(place), place=place)
    prove = reverse(f"{place}-prove")
    assert [browser.post(prove, {"password": "wrong"}).status_code for _number in range(4)] == [401] * 3 + [429]
    assert browser.post(prove, {"password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("place", PLACES)
def test_a_locked_second_step_is_429(place: str, settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 2, "address": 0, "codes": 30}
    user = somebody(place)
    keys.with_app(user)
    browser, answer = sign_in(user, place=place)
    page = answer["Location"]
    assert [browser.post(page, {"code": "000000"}).status_code for _number in range(3)] == [401, 401, 429]
    assert browser.post(page, {"code": keys.shown()}).status_code == 429


def test_a_sign_in_that_waited_too_long_starts_again() -> None:
    user = factories.user()
    keys.with_app(user)
    browser, answer = sign_in(user, place="account")
    for _number in range(5):
        browser.post(answer["Location"], {"code": "000000"})
    assert browser.post(answer["Location"], {"code": keys.shown()})["Location"] == reverse("account-sign-in")
    assert browser.get(answer["Location"])["Location"] == reverse("account-sign-in")


@pytest.mark.parametrize("place", PLACES)
def test_one_goes_on_to_where_one_wanted_to(place: str) -> None:
    user = somebody(place)
    keys.with_app(user)
    wanted = reverse(f"{place}-security")
    browser, answer = sign_in(user, place=place, next=wanted)
    assert browser.post(answer["Location"], {"code": keys.shown()})["Location"] == wanted
    keys.with_app(user)
    browser, answer = sign_in(user, place=place, next="https://evil.example/")
    assert browser.post(answer["Location"], {"code": keys.shown()})["Location"].startswith("/")


def test_a_customer_is_no_member_of_the_team_after_signing_in_on_their_pages() -> None:
    browser, _answer = sign_in(factories.user(), place="account")
    assert browser.get(reverse("account-security")).status_code == 200
    assert browser.get(reverse("desk-security")).status_code == 302
    assert browser.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("place", PLACES)
def test_sessions_and_sign_ins_are_shown_and_a_session_is_ended_there(place: str) -> None:
    user = somebody(place)
    here, _answer = sign_in(user, place=place)
    there, _answer = sign_in(user, place=place)
    page = here.get(reverse(f"{place}-security")).content.decode()
    assert page.count("127.0.0.1") == 4
    ends = [row for row in RefreshFamily.objects.all() if str(row.public_id) != here.session["desk_session"]]
    over = reverse(f"{place}-end-session", args=[ends[0].public_id])
    assert here.post(over)["Location"].startswith(reverse(f"{place}-prove"))
    assert there.get(reverse(f"{place}-security")).status_code == 200
    here.post(reverse(f"{place}-prove"), {"password": PASSWORD})
    assert here.post(over)["Location"] == reverse(f"{place}-security")
    assert there.get(reverse(f"{place}-security")).status_code == 302
    assert here.get(reverse(f"{place}-security")).status_code == 200


def test_nobody_sees_another_persons_sign_ins() -> None:
    other = factories.user()
    SignInAttempt.objects.create(at=clock.now(), door="api", email=other.email, user=other, address="198.51.100.99")
    browser, _answer = sign_in(factories.user(), place="account")
    assert "198.51.100.99" not in browser.get(reverse("account-security")).content.decode()


def test_signing_out_ends_the_session_on_record() -> None:
    browser, _answer = sign_in(factories.user(), place="account")
    assert browser.get(reverse("account-sign-out")).status_code == 405
    assert browser.post(reverse("account-sign-out"))["Location"] == reverse("account-sign-in")
    assert RefreshFamily.objects.get().ending == "logout"


@pytest.mark.parametrize(("place", "page"), [("desk", "admin:index"), ("account", "account-security")])
def test_a_session_that_is_left_alone_or_too_old_is_over(time_machine: Traveller, place: str, page: str) -> None:
    began = clock.now()

    def at(**later: int) -> int:
        time_machine.move_to(began + timedelta(**later), tick=False)
        status: int = browser.get(reverse(page)).status_code
        return status

    time_machine.move_to(began, tick=False)
    browser, _answer = sign_in(somebody(place), place=place)
    assert [at(minutes=minutes) for minutes in (119, 237)] == [200, 200]
    assert at(minutes=237 + 121) == 302

    time_machine.move_to(began, tick=False)
    browser, _answer = sign_in(somebody(place), place=place)
    assert [at(minutes=100 * number) for number in range(1, 8)] == [200] * 7
    assert at(hours=12, seconds=1) == 302


def test_a_role_that_needs_a_second_step_is_led_to_it_before_anything_else(settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["owner", "manager"]
    owner = somebody("desk")
    browser, _answer = sign_in(owner, place="desk")
    security = reverse("desk-security")
    for page in (
        reverse("admin:index"),
        reverse("agenda:page"),
        reverse("admin:orders_order_changelist"),
        "/admin/password_change/",
    ):
        assert browser.get(page)["Location"] == security, page
    assert "Seu papel precisa de uma segunda etapa" in browser.get(security).content.decode()
    codes = set_up_app(browser, place="desk")  # the password was typed a moment ago
    assert codes.status_code == 200
    assert browser.get(reverse("admin:index")).status_code == 200
    assert browser.post(reverse("desk-remove-app")).status_code == 302
    assert selectors.methods_of(user=owner) == ["totp", "recovery_code"]

    counter = factories.member(role="counter")
    browser, _answer = sign_in(counter, place="desk")
    assert browser.get(reverse("admin:index")).status_code == 200


def test_the_owner_removes_the_second_step_of_a_member() -> None:
    owner, member = somebody("desk"), factories.member(role="counter")
    keys.with_app(member)
    browser = signed_in(owner, place="desk")
    page = reverse("admin:accounts_user_change", args=[member.pk])
    button = re.search(r'href="([^"]*remove-factors[^"]*)"', browser.get(page).content.decode())
    assert button
    assert member.name in browser.get(button[1]).content.decode()
    assert selectors.methods_of(user=member)
    assert browser.post(button[1])["Location"] == page
    assert not selectors.methods_of(user=member)
    assert LogEntry.objects.filter(object_id=str(member.pk), user=owner).exists()
    outbox.relay(now=clock.now())
    assert [letter.subject for letter in mail.outbox if letter.to == [member.email]][
        -1
    ] == "Sua segunda etapa foi removida"

    stranger = signed_in(member, place="desk")
    assert stranger.post(reverse("admin:accounts_user_remove_factors", args=[owner.pk])).status_code == 403


def test_whoever_followed_the_link_of_an_open_page_too_late_scans_again() -> None:
    browser = signed_in(factories.user(), place="account")
    assert browser.post(reverse("account-app"), {"secret": "forged", "code": "123456"})["Location"] == reverse(
        "account-app"
    )
