"""Whatever goes wrong below /api/ is told as problem+json, in the client's language, with nothing of the inside."""

import json
from typing import Any, cast

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client
from django.utils import translation
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from api.openapi import operation
from api.permissions import IsSignedIn, Public, staff_with
from common import counters
from common.errors import Busy, Conflict, FieldError, InvalidTransition, Malformed, TooManyRequests


class OutOfThings(Conflict):
    """A refusal with data."""

    code = "out_of_things"
    fields = ("sku", "available")


def answer(
    problem: BaseException | None = None, *, view: type[APIView] | None = None, method: str = "get", **meta: Any
) -> Any:
    """Return the rendered response of a view that raises `problem`."""

    class Raises(APIView):
        """Raises."""

        authentication_classes = []
        permission_classes = [Public]

        def get(self, request: Request) -> Response:
            """Raise."""
            if problem is not None:
                raise problem
            return Response({"ok": True})

        def post(self, request: Request) -> Response:
            """Read the body."""
            return Response(request.data)

    request = getattr(APIRequestFactory(), method)("/api/v1/things/", **meta)
    response = (view or Raises).as_view()(request)
    if isinstance(response, Response):
        response.render()
    return response


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (Malformed(errors=[]), 400, "invalid_request"),
        (exceptions.ParseError(), 400, "invalid_request"),
        (SuspiciousOperation("x"), 400, "invalid_request"),
        (exceptions.NotAuthenticated(), 401, "unauthenticated"),
        (exceptions.AuthenticationFailed(), 401, "unauthenticated"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (OutOfThings(sku="A", available=0), 409, "out_of_things"),
        (exceptions.UnsupportedMediaType("text/xml"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=41.2), 429, "throttled"),
        (Busy(), 503, "busy"),
        (OperationalError("gone"), 503, "database_unavailable"),
        (PoolTimeout(), 503, "database_unavailable"),
        (ValueError("secret inside"), 500, "internal_error"),
    ],
)
def test_every_accident_has_a_status_and_a_code(problem: Exception, status: int, code: str) -> None:
    response = answer(problem)
    body = json.loads(response.content)
    assert (response.status_code, body["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert body["instance"] == "/api/v1/things/"
    assert {"title", "detail"} <= body.keys()
    assert "secret inside" not in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_a_refusals_data_lets_a_client_recover() -> None:
    body = json.loads(answer(OutOfThings(sku="A", available=0)).content)
    assert (body["sku"], body["available"]) == ("A", 0)
    body = json.loads(answer(InvalidTransition(**cast("Any", {"from": "cancelled", "allowed": []}))).content)
    assert (body["from"], body["allowed"]) == ("cancelled", [])


def test_trying_again_helps_after_the_time_that_is_said() -> None:
    assert answer(exceptions.Throttled(wait=41.2))["Retry-After"] == "42"
    assert answer(TooManyRequests(retry_after=7))["Retry-After"] == "7"
    assert answer(Busy(retry_after=3))["Retry-After"] == "3"
    assert answer(OperationalError("gone"))["Retry-After"] == "1"


def test_what_is_wrong_with_a_body_is_named_by_pointers() -> None:
    body = json.loads(answer(Malformed(errors=[FieldError(pointer="/quantity", code="invalid", detail="No.")])).content)
    assert body["errors"] == [{"pointer": "/quantity", "code": "invalid", "detail": "No."}]


def test_a_bug_is_logged_and_counted() -> None:
    before = counters.read("internal_error")
    assert answer(ValueError("x")).status_code == 500
    assert counters.read("internal_error") == before + 1


@pytest.mark.fault("E10")
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
def test_only_json_is_read(content_type: str) -> None:
    response = answer(method="post", data=b"x=1", content_type=content_type)
    assert (response.status_code, json.loads(response.content)["code"]) == (415, "unsupported_media_type")


@pytest.mark.fault("E8")
def test_a_body_that_is_too_large_is_told_so() -> None:
    response = answer(method="post", data=b" " * (1024 * 1024 + 1), content_type="application/json")
    assert (response.status_code, json.loads(response.content)["code"]) == (413, "payload_too_large")


def test_a_client_that_accepts_nothing_we_speak_still_gets_a_problem() -> None:
    response = answer(HTTP_ACCEPT="text/csv")
    assert (response.status_code, response["Content-Type"]) == (406, "application/problem+json")


def test_a_method_that_is_not_allowed_says_which_are() -> None:
    response = answer(method="put")
    assert response.status_code == 405
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_titles_are_translated_and_codes_are_not() -> None:
    with translation.override("pt-br"):
        portuguese = json.loads(answer(Http404()).content)
    with translation.override("en"):
        english = json.loads(answer(Http404()).content)
    assert english["title"] == "Not found"
    assert portuguese["title"] == "Não encontramos"
    assert portuguese["code"] == english["code"]


class Person:
    """Somebody."""

    pk = 7
    is_authenticated = True

    def __init__(self, *, staff: bool = False, may: bool = False) -> None:
        self.is_staff = staff
        self._may = may

    def has_perm(self, name: str) -> bool:
        """Answer for one permission."""
        assert name == "inventory.adjust_stock"
        return self._may


@pytest.mark.parametrize(
    ("user", "signed_in", "staff"),
    [
        (None, 401, 401),
        (Person(), 200, 403),
        (Person(staff=True), 200, 403),
        (Person(may=True), 200, 403),
        (Person(staff=True, may=True), 200, 200),
    ],
)
def test_doors_let_in_whom_they_should(user: Person | None, signed_in: int, staff: int) -> None:
    statuses = []
    for permission in (IsSignedIn, staff_with("inventory.adjust_stock")):

        class Door(APIView):
            """A door."""

            authentication_classes = []
            permission_classes = [permission]

            def get(self, request: Request) -> Response:
                """Let in."""
                return Response({})

        request = APIRequestFactory().get("/api/v1/things/")
        if user is not None:
            force_authenticate(request, user=cast("Any", user))
        response = Door.as_view()(request)
        statuses.append(response.status_code)
        if response.status_code == 401:
            assert "WWW-Authenticate" in response
    assert statuses == [signed_in, staff]


def test_a_parameter_nobody_described_is_refused() -> None:
    class Described(APIView):
        """Described."""

        authentication_classes = []
        permission_classes = [Public]

        @operation(responses={200: None}, access_token=True)
        def get(self, request: Request) -> Response:
            """Answer."""
            return Response({})

    def ask(query: str) -> Any:
        response = Described.as_view()(APIRequestFactory().get(f"/api/v1/things/?{query}"))
        if isinstance(response, Response):
            response.render()
        return response

    assert ask("").status_code == 200
    assert ask("access_token=x").status_code == 200
    refused = ask("foo=1&access_token=x&bar=")
    assert refused.status_code == 400
    errors = json.loads(refused.content)["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [
        ("/bar", "unknown_field"),
        ("/foo", "unknown_field"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v1/carts", "/api/v2/carts/"])
def test_an_unknown_address_below_api_is_a_problem(client: Client, method: str, path: str) -> None:
    response = getattr(client, method)(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


@pytest.mark.fault("E1")
@pytest.mark.fault("E3")
@pytest.mark.fault("E9")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/api/v1/carts/?a=%00", "/api/v1/carts/?a=%FF", "/api/v1/carts/?%ED%A0%80=1", "/api/v1/orders/%00/", "/api/v1/orders/%FF%FE/",
     "/api/v1/carts/?" + "&".join(f"a{number}=1" for number in range(10_000))],
    ids=["NUL", "no UTF-8", "surrogate", "NUL in path", "no UTF-8 in path", "10,000 parameters"],
)  # fmt: skip
def test_an_address_that_is_no_text_is_refused(client: Client, address: str) -> None:
    path, _mark, query = address.partition("?")
    response = client.generic("GET", path, QUERY_STRING=query)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.fault("E20")
@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_refused(client: Client) -> None:
    response = client.get("/api/v1/carts/", HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.fault("E21")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("", "Não encontramos"),
        ("pt-BR", "Não encontramos"),
        ("pt", "Não encontramos"),
        ("pt-PT,en;q=0.5", "Não encontramos"),
        ("en-GB,en;q=0.9", "Not found"),
        ("fr", "Não encontramos"),
        ("fr,en;q=0.3", "Not found"),
        ("*" * 10_000, "Não encontramos"),
        ("../../etc/passwd", "Não encontramos"),
        ("\u00e9;q=1", "Não encontramos"),
    ],
)
def test_the_client_chooses_the_language(client: Client, header: str, title: str) -> None:
    response = client.get("/api/v1/nothing/", HTTP_ACCEPT_LANGUAGE=header)
    assert response.json()["title"] == title
    assert "Accept-Language" in response["Vary"]


@pytest.mark.django_db
def test_an_instance_is_an_address_even_of_odd_paths(client: Client) -> None:
    body = client.get("/api/v1/products/p%C3%A3o%20de%20a%C3%A7%C3%BAcar/x/").json()
    assert body["instance"] == "/api/v1/products/p%C3%A3o%20de%20a%C3%A7%C3%BAcar/x/"
