"""What the security log says of logins: each event where it happens, who asked, whom it is about, and no secret."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts.models import User
from accounts.tests import factories
from accounts.tests.doors import staff_with
from accounts.tests.factories import PASSWORD, VISITOR
from accounts.tests.test_mailboxes import letters
from accounts.tokens import DEVICE_COOKIE
from common import clock
from common.errors import Refusal
from common.testing import Lines

pytestmark = [pytest.mark.django_db, pytest.mark.fault("F19")]

OTHER = "feijoada-de-sabado-cedo"
FACTS = ("subject", "mailbox", "door", "reason", "role", "permission", "path", "kind", "count")
Told = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def told(log_lines: Lines, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Told:
    """Do something, let it be committed, and give what the security log says of it: event, who asked, facts."""

    def of(work: Callable[..., Any], *args: Any, **words: Any) -> list[tuple[Any, ...]]:
        before = len(log_lines.of("security"))
        with django_capture_on_commit_callbacks(execute=True), suppress(Refusal):
            work(*args, **words)
        return [
            (line["event"], line["login"], {name: line[name] for name in FACTS if name in line})
            for line in log_lines.of("security")[before:]
        ]

    return of


def sign_in(client: APIClient, user: User, password: str = PASSWORD) -> Any:
    answer = client.post("/api/v1/auth/token/", {"email": user.email, "password": password})
    if answer.status_code == 200:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return answer


def test_signing_in_at_the_api(told: Told, settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 1, "address": 0}
    user, client = factories.user(email="ana@exemplo.com.br"), APIClient()
    hint = {"mailbox": "a***@exemplo.com.br", "door": "api"}
    assert told(sign_in, client, user) == [("signed_in", user.pk, {"door": "api"})]
    client.credentials()
    assert told(sign_in, client, user, "wrong") == [("sign_in_failed", "guest", {"subject": user.pk, **hint})]
    assert told(sign_in, client, user, "wrong") == [("sign_in_locked", "guest", {"subject": user.pk, **hint})]


def test_whoever_types_the_password_for_the_name_is_not_quoted(told: Told, log_lines: Lines) -> None:
    stranger = User(email=PASSWORD)
    assert told(sign_in, APIClient(), stranger, "wrong") == [("sign_in_failed", "guest", {"door": "api"})]
    assert PASSWORD not in log_lines.text


def test_signing_in_at_the_desk(told: Told, client: Client) -> None:
    owner = factories.member(email="dona@exemplo.com.br")
    form = {"username": owner.email, "password": "wrong"}
    assert told(client.post, reverse("admin:login"), form) == [
        ("sign_in_failed", "guest", {"subject": owner.pk, "mailbox": "d***@exemplo.com.br", "door": "desk"})
    ]
    assert told(client.post, reverse("admin:login"), {**form, "password": PASSWORD}) == [
        ("signed_in", owner.pk, {"door": "desk"})
    ]


def test_a_line_of_a_request_names_the_login(log_lines: Lines, client: Client) -> None:
    owner, api = factories.member(), APIClient()
    client.force_login(owner)
    sign_in(api, owner)
    client.get("/admin/")
    api.get("/api/v1/me/")
    api.credentials()
    api.get("/api/v1/shop/")
    found = [(line["path"], line["login"], line["address"]) for line in log_lines.of("requests")]
    assert found == [
        ("/api/v1/auth/token/", owner.pk, "127.0.0.1"),
        ("/admin/", owner.pk, "127.0.0.1"),
        ("/api/v1/me/", owner.pk, "127.0.0.1"),
        ("/api/v1/shop/", "guest", "127.0.0.1"),
    ]


def test_opening_a_locked_account(told: Told, settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 1, "address": 0}
    owner = factories.member()
    for _number in range(3):
        sign_in(APIClient(), owner, "wrong")
    link = letters()[0]
    assert told(accounts.unlock, token=link, now=clock.now()) == [("sign_in_unlocked", "system", {"subject": owner.pk})]


def test_changing_the_password(told: Told) -> None:
    user, client = factories.user(), APIClient()
    sign_in(client, user)
    wanted = {"current": "wrong", "new": OTHER}
    assert told(client.post, "/api/v1/me/password/", wanted) == [("password_refused", user.pk, {"subject": user.pk})]
    assert told(client.post, "/api/v1/me/password/", {**wanted, "current": PASSWORD}) == [
        ("password_changed", user.pk, {"subject": user.pk}),
        ("sessions_ended", user.pk, {"subject": user.pk, "reason": "password", "count": 0}),
    ]


def test_choosing_a_password_by_a_link(told: Told) -> None:
    user = factories.user()
    accounts.ask_for_reset(email=user.email, now=clock.now())
    events = told(accounts.reset_password, token=letters()[0], password=OTHER, now=clock.now())
    assert [event for event, _login, _facts in events] == ["password_changed", "sessions_ended"]


def test_verifying_and_changing_an_email(told: Told) -> None:
    accounts.register(email="bia@exemplo.com.br", password=PASSWORD, name="Bia", now=clock.now())
    user = User.objects.get()
    assert told(accounts.verify_email, token=letters()[0], now=clock.now()) == [
        ("email_verified", "system", {"subject": user.pk})
    ]
    user.refresh_from_db()
    change: dict[str, Any] = {"changes": {}, "email": "bia@outra.example", "now": clock.now()}
    assert told(accounts.change_profile, user=user, password="wrong", **change) == [
        ("password_refused", "system", {"subject": user.pk})
    ]
    accounts.change_profile(user=user, password=PASSWORD, **change)
    events = told(accounts.verify_email, token=letters()[0], now=clock.now())
    assert [event for event, _login, _facts in events] == ["sessions_ended", "email_changed"]


def test_sessions_that_end(told: Told) -> None:
    user, client = factories.user(), APIClient()
    pair = sign_in(client, user).json()
    other = sign_in(APIClient(), user).json()
    ended = {"count": 1, "reason": "logout"}
    found = client.get("/api/v1/me/sessions/").json()["results"]
    there = next(session["id"] for session in found if not session["current"])
    assert told(client.delete, f"/api/v1/me/sessions/{there}/") == [
        ("sessions_ended", user.pk, {"subject": user.pk, **ended})
    ]
    assert told(APIClient().post, "/api/v1/auth/logout/", {"refresh": other["refresh"]}) == []
    assert told(APIClient().post, "/api/v1/auth/logout/", {"refresh": pair["refresh"]}) == [
        ("sessions_ended", "guest", ended)
    ]


def test_a_token_that_comes_back(told: Told) -> None:
    user = factories.user()
    first = {"refresh": factories.session(user, now=clock.now()).refresh}
    APIClient().post("/api/v1/auth/token/refresh/", first)
    assert told(APIClient().post, "/api/v1/auth/token/refresh/", first) == [
        ("token_reused", "guest", {"subject": user.pk}),
        ("sessions_ended", "guest", {"subject": user.pk, "reason": "reuse", "count": 1}),
    ]


def test_a_token_that_nobody_signed(told: Told) -> None:
    pair = factories.session(factories.user(), now=clock.now())
    head, body, _signature = pair.access.split(".")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {head}.{body}.{'A' * 43}")
    assert told(client.get, "/api/v1/me/") == [("token_refused", "guest", {"kind": "session", "reason": "signature"})]


def test_the_team(told: Told) -> None:
    owner, now = factories.member(), clock.now()
    factories.member(role="counter")
    invited = told(accounts.invite, email="novo@exemplo.com.br", name="Novo", role="counter", now=now)
    novo = User.objects.get(email="novo@exemplo.com.br")
    assert invited == [("login_invited", "system", {"subject": novo.pk, "role": "counter"})]
    change: dict[str, Any] = {"user": novo, "name": "Novo", "actor": factories.actor(owner), "now": now}
    assert told(accounts.change_member, role="owner", is_active=True, **change)[0] == (
        "role_changed", "system", {"subject": novo.pk, "role": "owner"},
    )  # fmt: skip
    events = [told(accounts.change_member, role="owner", is_active=active, **change)[0][0] for active in (False, True)]
    assert events == ["login_switched_off", "login_switched_on"]


def test_blocking_and_leaving(told: Told) -> None:
    customer, now = factories.customer(), clock.now()
    assert told(accounts.block_customer, customer=customer, now=now)[0] == (
        "person_blocked", "system", {"subject": customer.pk},
    )  # fmt: skip
    assert told(accounts.unblock_customer, customer=customer, now=now) == [
        ("person_unblocked", "system", {"subject": customer.pk})
    ]
    user = User.objects.get(customer=customer)
    assert told(accounts.close_account, user=user, password=PASSWORD, visitor=VISITOR, now=now)[-1] == (
        "data_erased", "system", {"subject": user.pk},
    )  # fmt: skip


def test_doors_of_the_team_that_stay_closed(told: Told, client: Client) -> None:
    path = "/api/v1/stock/adjustments/"
    customer, api = factories.user(), APIClient()
    wanted = {"permission": "inventory.adjust_stock"}
    assert told(api.post, path, {}) == [("access_refused", "guest", wanted)]
    sign_in(api, customer)
    assert told(api.post, path, {}) == [("access_refused", customer.pk, {"path": path})]
    member = staff_with()
    client.force_login(member)
    page = reverse("admin:accounts_user_changelist")
    assert told(client.get, page) == [("access_refused", member.pk, {"path": page})]


def test_forged_forms_and_haste(told: Told, settings: Settings) -> None:
    careful = Client(enforce_csrf_checks=True)
    page = reverse("admin:login")
    assert told(careful.post, page, {"username": "x"}) == [("form_refused", "guest", {"path": page})]
    settings.THROTTLES = {**settings.THROTTLES, "login": "1/min"}
    sign_in(APIClient(), factories.user())
    assert told(sign_in, APIClient(), factories.user()) == [("rate_exceeded", "guest", {"kind": "login"})]


def test_no_line_holds_a_secret_or_more_of_a_person_than_a_number(
    told: Told, log_lines: Lines, client: Client, settings: Settings
) -> None:
    settings.SIGN_IN_LIMITS = {"account": 2, "address": 0}
    address, name = "zuleica.canario@exemplo.com.br", "Zuleica Canario"
    api = APIClient()
    secrets = [PASSWORD, OTHER, address, name, "zuleica"]

    def live() -> None:
        api.post("/api/v1/auth/register/", {"email": address, "password": PASSWORD, "name": name})
        secrets.extend(letters())
        verified = {"token": secrets[-1]}
        assert api.post("/api/v1/auth/verify-email/", verified).status_code == 204
        client.get("/conta/confirmar-email/", verified)
        user = User.objects.get(email=address)
        for word in (OTHER, PASSWORD):
            answer = sign_in(api, user, word)
        secrets.extend(answer.json().values())
        api.post("/api/v1/auth/token/refresh/", {"refresh": answer.json()["refresh"]})
        api.post("/api/v1/auth/token/refresh/", {"refresh": answer.json()["refresh"]})
        sign_in(api, user)
        api.post("/api/v1/me/password/", {"current": "wrong", "new": OTHER})
        api.post("/api/v1/me/password/", {"current": PASSWORD, "new": OTHER})
        accounts.ask_for_reset(email=address, now=clock.now())
        secrets.extend(letters())
        client.get("/conta/nova-senha/", {"token": secrets[-1]})
        for _number in range(5):
            sign_in(APIClient(), user, "wrong")
        secrets.extend(letters())
        client.get("/admin/unlock/", {"token": secrets[-1]})
        owner = factories.member()
        invitation = accounts.renew_invitation(user=owner)
        secrets.append(invitation.token)
        client.get(reverse("admin:accounts_user_welcome"), {"token": f"{invitation.uid}.{invitation.token}"})
        client.post(reverse("admin:login"), {"username": owner.email, "password": PASSWORD})
        secrets.extend([owner.email, client.cookies["sessionid"].value, client.cookies[DEVICE_COOKIE].value])
        client.get("/admin/")

    told(live)
    events = {line["event"] for line in log_lines.of("security")}
    assert {"signed_in", "sign_in_failed", "sign_in_locked", "token_reused", "password_changed"} <= events
    assert len(log_lines.of("requests")) > 12
    for secret in filter(None, secrets):
        assert str(secret).casefold() not in log_lines.text.casefold()
