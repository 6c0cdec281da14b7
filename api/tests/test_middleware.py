"""An id for every request, one line in the log, no secret in it, and what a browser may load."""

import json
from types import ModuleType
from typing import Any

import pytest
import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, path
from pytest_django import Settings
from rest_framework.authentication import SessionAuthentication

from common.logging import scrub
from common.testing import Lines, directives


@pytest.mark.parametrize("given", ["a-proxy-gave-this.one_1", "x" * 64])
def test_an_id_that_a_proxy_gave_is_kept(client: Client, given: str) -> None:
    assert client.get("/health/live/", HTTP_X_REQUEST_ID=given)["X-Request-ID"] == given


@pytest.mark.fault("E16")
@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a b c d e f g", "line\r\nbreak", "ação-ação-ação", "<script>alert"]
)
def test_any_other_id_is_replaced(client: Client, given: str) -> None:
    found = client.get("/health/live/", HTTP_X_REQUEST_ID=given)["X-Request-ID"]
    assert found != given
    assert len(found) == 36


@pytest.mark.fault("F19")
@pytest.mark.django_db
def test_a_request_is_one_line_without_its_secrets(client: Client, log_lines: Lines) -> None:
    client.get(
        "/api/v1/nothing/?access_token=SECRET-TOKEN-OF-SOMEBODY",
        HTTP_AUTHORIZATION="Order SECRET-TOKEN-OF-SOMEBODY",
        HTTP_X_REQUEST_ID="request-12345",
    )
    (line,) = log_lines.of("requests")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/nothing/", 404)
    assert (line["request_id"], line["address"], line["login"]) == ("request-12345", "127.0.0.1", "guest")
    assert "SECRET" not in log_lines.text


@pytest.mark.django_db
def test_an_error_says_which_request_it_was(client: Client, log_lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(**_words: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("api.health.standing", gone)
    assert client.get("/health/ready/", HTTP_X_REQUEST_ID="request-12345").status_code == 503
    [line] = log_lines.of("django.request")
    assert (line["level"], line["request_id"]) == ("error", "request-12345")


@pytest.mark.fault("F19")
@pytest.mark.django_db
def test_a_path_that_holds_a_key_is_written_without_it(client: Client, log_lines: Lines) -> None:
    for address in ("/admin/accounts/user/welcome/MQ/SECRET-KEY/", "/conta/nova-senha/?token=SECRET-KEY"):
        client.get(address)
    assert "/welcome/MQ/***" in log_lines.text
    assert "SECRET" not in log_lines.text


@pytest.mark.fault("F19")
@pytest.mark.parametrize(
    ("event", "hidden"),
    [
        ({"event": "GET /orders/X/?access_token=abc.DEF-123&page=2"}, "abc.DEF-123"),
        ({"event": "x", "header": "Bearer eyJhbGciOi.J9.abc"}, "eyJhbGciOi"),
        ({"event": "x", "header": "Order abcDEF123"}, "abcDEF123"),
        ({"event": "x", "header": "Feed abcDEF123"}, "abcDEF123"),
        ({"event": "x", "password": "pao-de-queijo"}, "pao-de-queijo"),
        ({"event": "x", "refresh_token": "abc123"}, "abc123"),
        ({"event": "x", "Authorization": "abc123"}, "abc123"),
    ],
)
def test_secrets_are_hidden(event: dict[str, Any], hidden: str) -> None:
    assert hidden not in json.dumps(scrub(None, "info", dict(event)))


@pytest.mark.fault("E16")
@pytest.mark.parametrize("text", ['line\r\n{"event": "forged"}', "tab\t\x1b[31mred", "Pão de queijo"])
def test_one_event_is_one_line_whatever_it_says(text: str, log_lines: Lines) -> None:
    structlog.get_logger("test").warning("something", note=text)
    lines = log_lines.text.split("\n")
    assert len(lines) == 2
    assert json.loads(lines[0])["note"] == text


@pytest.mark.fault("E2")
def test_a_lone_surrogate_does_not_break_the_log(log_lines: Lines) -> None:
    structlog.get_logger("test").warning("something", note="\ud800")
    assert json.loads(log_lines.text.encode())["note"] == "\\ud800"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "may_evaluate"), [("/admin/login/", True), ("/api/docs/", False), ("/health/live/", False)]
)
def test_only_the_desk_may_evaluate(client: Client, path: str, may_evaluate: bool) -> None:
    policy = directives(client.get(path))
    assert ("'unsafe-eval'" in policy["script-src"]) is may_evaluate
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert "'unsafe-inline'" not in policy["script-src"]


@pytest.mark.fault("F21")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/health/live/", "/api/v1/shop/", "/api/nothing/", "/api/v1/?%00", "/%ff/", "/nothing/", "/admin/login/"]
)
def test_every_answer_has_the_usual_headers(client: Client, path: str) -> None:
    response = client.get(path)
    assert directives(response)["frame-ancestors"] == ["'none'"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/api/v1/shop/", "public, max-age=30"),
        ("/api/v1/orders/", "no-store"),
        ("/api/v1/carts/x/", "no-store"),
        ("/admin/login/", "max-age=0, no-cache, no-store, must-revalidate, private"),
    ],
)
def test_a_cache_keeps_only_what_says_so(client: Client, path: str, kept: str) -> None:
    assert client.get(path)["Cache-Control"] == kept


@pytest.mark.fault("F13")
@pytest.mark.django_db
def test_a_call_brings_no_cookie_and_no_form_into_the_shop(client: Client) -> None:
    """Sessions, the person of a session and messages are for pages; a call has none of them, and sets no cookie."""
    seen: list[Any] = []

    def look(request: HttpRequest, **words: Any) -> HttpResponse:
        seen.append({name for name in ("session", "user", "_messages") if hasattr(request, name)})
        return HttpResponse("{}", content_type="application/json")

    urls = ModuleType("urls_of_a_call_and_a_page")
    urls.urlpatterns = [path("api/v1/look/", look), path("admin/look/", look)]  # type: ignore[attr-defined]
    careful = Client(enforce_csrf_checks=True)
    with override_settings(ROOT_URLCONF=urls):
        call, page = careful.post("/api/v1/look/"), careful.post("/admin/look/")
        read = careful.get("/admin/look/")
    assert (call.status_code, page.status_code, read.status_code) == (200, 403, 200)
    assert seen == [set(), {"session", "user", "_messages"}]
    assert not call.cookies
    assert call["X-Frame-Options"] == "DENY"
    assert directives(call) == directives(client.get("/health/live/"))


@pytest.mark.django_db
def test_what_a_call_answers_depends_on_the_language_it_asks_for(client: Client) -> None:
    answers = [client.get("/api/v1/nothing/", HTTP_ACCEPT_LANGUAGE=language).json() for language in ("pt-BR", "en")]
    assert answers[0]["title"] != answers[1]["title"]
    assert answers[0]["code"] == answers[1]["code"] == "not_found"
    assert client.options("/api/v1/shop/", HTTP_HOST="elsewhere.example").status_code == 400


def test_no_door_of_the_api_reads_a_cookie() -> None:
    doors = [pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) == "api/v1/"]
    views = [view.callback.view_class for app in doors[0].url_patterns for view in app.url_patterns]  # type: ignore[union-attr]
    assert len(views) > 30
    assert not [view for view in views for way in view.authentication_classes if issubclass(way, SessionAuthentication)]


@pytest.mark.fault("F21")
@pytest.mark.django_db
def test_without_tls_a_page_leads_on_and_the_api_refuses(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health/", r"^api/"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    call = client.get("/api/v1/shop/")
    assert (call.status_code, call.json()["code"], call.json()["detail"]) == (403, "forbidden", "Peça por https.")
    page = client.get("/admin/login/")
    assert (page.status_code, page["Location"]) == (301, "https://testserver/admin/login/")
    assert client.get("/health/live/").status_code == 200
    assert client.get("/api/v1/shop/", HTTP_X_FORWARDED_PROTO="https").status_code == 200
