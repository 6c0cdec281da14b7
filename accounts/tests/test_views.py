"""The views of accounts over HTTP: statuses, bodies, codes."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Address, Customer, RefreshFamily, User
from accounts.tests import factories
from accounts.tests.factories import CPF, OTHER_CPF, PASSWORD
from accounts.tests.test_addresses import PAULISTA, Service, service
from common import clock

__all__ = ["service"]

pytestmark = pytest.mark.django_db

ANA = {"email": "ana@exemplo.com.br", "password": PASSWORD, "name": "Ana Souza"}
HOME = {
    "label": "casa",
    "postal_code": "01310-100",
    "street": "Avenida Paulista",
    "number": "1578",
    "complement": "",
    "district": "Bela Vista",
    "city": "São Paulo",
    "state": "SP",
}


@pytest.fixture
def client() -> APIClient:
    return APIClient()


@pytest.fixture
def signed_in() -> Callable[..., APIClient]:
    """A client that carries the access token of a login."""

    def sign_in(user: User) -> APIClient:
        client = APIClient()
        answer = client.post("/api/v1/auth/token/", {"email": user.email, "password": PASSWORD})
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        return client

    return sign_in


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        status, "application/problem+json", code,
    ), answer.content  # fmt: skip
    body: dict[str, Any] = answer.json()
    return body


def test_from_registering_to_signing_out(client: APIClient) -> None:
    answer = client.post("/api/v1/auth/register/", ANA)
    assert (answer.status_code, answer.json()) == (201, {"email": ANA["email"], "name": ANA["name"]})

    answer = client.post("/api/v1/auth/token/", {"email": ANA["email"], "password": PASSWORD})
    assert answer.status_code == 200
    first = answer.json()
    assert set(first) == {"access", "refresh"}

    client.credentials(HTTP_AUTHORIZATION=f"Bearer {first['access']}")
    assert client.get("/api/v1/me/").json()["email"] == ANA["email"]
    client.credentials()

    answer = client.post("/api/v1/auth/token/refresh/", {"refresh": first["refresh"]})
    assert answer.status_code == 200
    second = answer.json()

    answer = client.post("/api/v1/auth/logout/", {"refresh": second["refresh"]})
    assert (answer.status_code, answer.content) == (204, b"")
    refused(client.post("/api/v1/auth/token/refresh/", {"refresh": second["refresh"]}), 401, "unauthenticated")


@pytest.mark.fault("F5")
def test_reused_refresh_token(client: APIClient) -> None:
    pair = factories.session(factories.user(), now=clock.now())
    second = client.post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh}).json()

    refused(client.post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh}), 401, "token_reused")

    refused(client.post("/api/v1/auth/token/refresh/", {"refresh": second["refresh"]}), 401, "unauthenticated")


@pytest.mark.fault("F9")
def test_nobody_learns_who_has_a_login(client: APIClient) -> None:
    first = client.post("/api/v1/auth/register/", ANA)
    again = client.post("/api/v1/auth/register/", ANA)
    assert (first.status_code, first.content) == (again.status_code, again.content)

    factories.user(email="bruno@exemplo.com.br", is_active=False)
    bodies = [
        refused(client.post("/api/v1/auth/token/", {"email": email, "password": "x"}), 401, "invalid_credentials")
        for email in (ANA["email"], "ninguem@exemplo.com.br", "bruno@exemplo.com.br", "not an address")
    ]
    assert bodies[0] == bodies[1] == bodies[2] == bodies[3]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "ana"}, "/email"),
        ({"email": None}, "/email"),
        ({"password": "123"}, "/password"),
        ({"password": 12345678901}, "/password"),
        ({"password": ""}, "/password"),
        ({"password": "senha-com-\u0000-dentro"}, "/password"),
        ({"password": "x" * 129}, "/password"),
        ({"name": " "}, "/name"),
        ({"name": "Ana\u202e"}, "/name"),
    ],
)
def test_malformed_registrations(client: APIClient, change: dict[str, Any], pointer: str) -> None:
    body = refused(client.post("/api/v1/auth/register/", ANA | change), 400, "invalid_request")

    assert {error["pointer"] for error in body["errors"]} == {pointer}
    assert User.objects.count() == 0


@pytest.mark.fault("F2")
@pytest.mark.parametrize(
    "field", ["id", "is_staff", "is_superuser", "is_active", "groups", "user_permissions", "public_id", "joined_at"]
)
def test_nobody_registers_with_more_than_a_customer_has(client: APIClient, field: str) -> None:
    body = refused(client.post("/api/v1/auth/register/", ANA | {field: True}), 400, "invalid_request")

    assert body["errors"][0]["code"] == "unknown_field"
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/me/"),
        ("patch", "/api/v1/me/"),
        ("delete", "/api/v1/me/"),
        ("post", "/api/v1/me/password/"),
        ("get", "/api/v1/me/addresses/"),
        ("post", "/api/v1/me/addresses/"),
        ("get", "/api/v1/me/addresses/7c9f5d0e-6c3c-4a80-9b6f-111111111111/"),
    ],
)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer rubbish", "Order abc", "Basic YTpi", "bearer  "])
def test_doors_of_customers_are_shut_to_strangers(client: APIClient, method: str, path: str, header: str) -> None:
    if header:
        client.credentials(HTTP_AUTHORIZATION=header)

    answer = getattr(client, method)(path, {})

    refused(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.fault("F4")
def test_refresh_token_is_no_access_token(client: APIClient) -> None:
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {factories.session(factories.user(), now=clock.now()).refresh}")

    refused(client.get("/api/v1/me/"), 401, "unauthenticated")


def test_profile(signed_in: Callable[..., APIClient]) -> None:
    customer = factories.customer()
    client = signed_in(customer.user)

    before = client.get("/api/v1/me/").json()
    answer = client.patch(
        "/api/v1/me/", {"name": "Ana Lima", "phone": "\u202a+55 11 98765-4321", "document": "529.982.247\u201125"}
    )

    assert answer.status_code == 200
    assert answer.json() == client.get("/api/v1/me/").json()
    assert answer.json() == before | {"name": "Ana Lima", "phone": "+5511987654321", "document": CPF}
    assert list(before) == [
        *("id", "email", "name", "phone", "document", "email_verified", "is_staff", "joined_at"),
    ]
    assert before["joined_at"] == User.objects.get().joined_at.isoformat().replace("+00:00", "Z")
    assert client.patch("/api/v1/me/", {}).status_code == 200
    assert client.patch("/api/v1/me/", {"phone": ""}).json()["phone"] is None


@pytest.mark.fault("F2")
@pytest.mark.parametrize("field", ["id", "is_staff", "is_active", "email_verified", "email_verified_at", "user"])
def test_profile_has_no_other_fields(signed_in: Callable[..., APIClient], field: str) -> None:
    customer = factories.customer()

    body = refused(signed_in(customer.user).patch("/api/v1/me/", {field: True}), 400, "invalid_request")

    assert body["errors"] == [{"pointer": f"/{field}", "code": "unknown_field", "detail": body["errors"][0]["detail"]}]


def test_whether_somebody_is_a_customer_is_not_told_by_their_document(signed_in: Callable[..., APIClient]) -> None:
    factories.customer(document=CPF)
    client = signed_in(factories.customer().user)
    answers = [client.patch("/api/v1/me/", {"document": document}) for document in (OTHER_CPF, CPF)]
    assert [(answer.status_code, answer.json()["document"]) for answer in answers] == [(200, OTHER_CPF), (200, CPF)]


def test_staff_without_a_customer_have_a_profile_too(signed_in: Callable[..., APIClient]) -> None:
    client = signed_in(factories.member())

    assert client.get("/api/v1/me/").json()["is_staff"] is True
    refused(client.delete("/api/v1/me/", {"password": PASSWORD}), 403, "forbidden")
    assert Customer.objects.count() == 0


def test_leaving(signed_in: Callable[..., APIClient]) -> None:
    customer = factories.customer()
    client = signed_in(customer.user)

    assert client.delete("/api/v1/me/", {"password": PASSWORD}).status_code == 204

    refused(client.get("/api/v1/me/"), 401, "unauthenticated")
    assert Customer.objects.get().anonymised_at is not None


@pytest.mark.fault("F6")
def test_new_password(signed_in: Callable[..., APIClient], client: APIClient) -> None:
    user = factories.user()
    mine, others = signed_in(user), signed_in(user)
    wanted = {"current": PASSWORD, "new": "outra-senha-bem-comprida"}

    refused(mine.post("/api/v1/me/password/", wanted | {"current": "x"}), 401, "invalid_credentials")
    refused(mine.post("/api/v1/me/password/", wanted | {"new": "123"}), 400, "invalid_request")
    assert mine.post("/api/v1/me/password/", wanted).status_code == 204

    assert mine.get("/api/v1/me/").status_code == 200
    refused(others.get("/api/v1/me/"), 401, "unauthenticated")
    assert RefreshFamily.objects.filter(revoked_at__isnull=True).count() == 1
    answer = client.post("/api/v1/auth/token/", {"email": user.email, "password": wanted["new"]})
    assert answer.status_code == 200


def test_addresses(signed_in: Callable[..., APIClient]) -> None:
    client = signed_in(factories.user())

    answer = client.post("/api/v1/me/addresses/", HOME)
    assert answer.status_code == 201
    home = answer.json()
    assert home == HOME | {"id": home["id"], "postal_code": "01310100", "is_default": True}
    work = client.post("/api/v1/me/addresses/", HOME | {"label": "trabalho"}).json()

    path = f"/api/v1/me/addresses/{work['id']}/"
    assert client.patch(path, {"is_default": True, "number": "10"}).json() == work | {
        "is_default": True,
        "number": "10",
    }
    assert client.get(path).json()["number"] == "10"
    page = client.get("/api/v1/me/addresses/").json()
    assert (page["count"], page["next"], page["previous"]) == (2, None, None)
    assert [row["label"] for row in page["results"]] == ["trabalho", "casa"]

    assert client.delete(path).status_code == 204
    refused(client.get(path), 404, "not_found")
    assert Address.objects.get().is_default


def test_a_name_is_measured_as_it_is_kept(signed_in: Callable[..., APIClient]) -> None:
    client = signed_in(factories.user())

    answer = client.post("/api/v1/me/addresses/", HOME | {"label": "e\u0301" * 40})

    assert (answer.status_code, answer.json()["label"]) == (201, "é" * 40)
    refused(client.post("/api/v1/me/addresses/", HOME | {"label": "é" * 41}), 400, "invalid_request")
    refused(client.post("/api/v1/me/addresses/", HOME | {"is_default": "true"}), 400, "invalid_request")


@pytest.mark.fault("F1")
def test_addresses_of_others(signed_in: Callable[..., APIClient]) -> None:
    theirs = signed_in(factories.user()).post("/api/v1/me/addresses/", HOME).json()
    client = signed_in(factories.user())
    path = f"/api/v1/me/addresses/{theirs['id']}/"

    for answer in (client.get(path), client.patch(path, {"number": "1"}), client.delete(path)):
        refused(answer, 404, "not_found")

    assert client.get("/api/v1/me/addresses/").json()["count"] == 0
    assert Address.objects.get().number == "1578"


@pytest.mark.parametrize(
    "change", [{"state": "XX"}, {"state": "sp"}, {"postal_code": "123"}, {"street": ""}, {"pk": 1}]
)
def test_malformed_addresses(signed_in: Callable[..., APIClient], change: dict[str, Any]) -> None:
    body = refused(signed_in(factories.user()).post("/api/v1/me/addresses/", HOME | change), 400, "invalid_request")

    assert [error["pointer"] for error in body["errors"]] == [f"/{field}" for field in change]
    assert Address.objects.count() == 0


def test_lookup(client: APIClient, service: Service) -> None:
    answer = client.post("/api/v1/addresses/lookup/", {"postal_code": "01310-100"})

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "postal_code": "01310100",
            "street": PAULISTA["logradouro"],
            "district": PAULISTA["bairro"],
            "city": PAULISTA["localidade"],
            "state": PAULISTA["uf"],
        },
    )
    refused(client.post("/api/v1/addresses/lookup/", {"postal_code": "1"}), 400, "invalid_request")
    service.status = 404
    refused(client.post("/api/v1/addresses/lookup/", {"postal_code": "99999-999"}), 404, "not_found")
    service.status = 500
    answer = client.post("/api/v1/addresses/lookup/", {"postal_code": "01310-100"})
    refused(answer, 503, "lookup_unavailable")
    assert answer["Retry-After"] == "60"


def test_lookup_where_it_is_not_offered(client: APIClient) -> None:
    refused(client.post("/api/v1/addresses/lookup/", {"postal_code": "01310-100"}), 422, "lookup_not_offered")


@pytest.mark.fault("F7")
@pytest.mark.parametrize(
    ("scope", "path"),
    [("login", "auth/token/"), ("register", "auth/register/"), ("lookup", "addresses/lookup/")],
)
def test_doors_that_guessing_would_use_are_throttled(client: APIClient, settings: Any, scope: str, path: str) -> None:
    settings.THROTTLES = settings.THROTTLES | {scope: "3/day"}

    answers = [client.post(f"/api/v1/{path}", {}) for _attempt in range(4)]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    refused(answers[-1], 429, "throttled")
    assert int(answers[-1]["Retry-After"]) >= 1
