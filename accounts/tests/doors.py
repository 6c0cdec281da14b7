"""How tests call the API: as a guest, as a customer or as staff.

Somebody who is "signed in" here brings no token. Tokens have tests of their own; the views behind them
are tried at instants at which no token would be valid any more.
"""

from typing import Any

from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests import factories

API = "/api/v1"
PROBLEM = "application/problem+json"


def call(
    method: str,
    path: str,
    body: Any = None,
    *,
    user: User | None = None,
    key: str | None = None,
    token: str | None = None,
    **headers: str,
) -> Any:
    """Send a request below /api/v1 and return the answer; `token` is an order's, `key` the Idempotency-Key."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        named["Idempotency-Key"] = key
    if token is not None:
        named["Authorization"] = f"Order {token}"
    if isinstance(body, bytes):
        return client.generic(method, f"{API}{path}", body, content_type="application/json", headers=named)  # type: ignore[arg-type]
    send = getattr(client, method.lower())
    if method == "GET":
        return send(f"{API}{path}", headers=named)
    return send(f"{API}{path}", body, headers=named)


def get(path: str, **how: Any) -> Any:
    """Send a GET; see `call`."""
    return call("GET", path, **how)


def post(path: str, body: Any = None, **how: Any) -> Any:
    """Send a POST; see `call`."""
    return call("POST", path, body, **how)


def patch(path: str, body: Any = None, **how: Any) -> Any:
    """Send a PATCH; see `call`."""
    return call("PATCH", path, body, **how)


def delete(path: str, **how: Any) -> Any:
    """Send a DELETE; see `call`."""
    return call("DELETE", path, **how)


def staff_with(*permissions: str) -> User:
    """Return a member of the team who holds exactly these permissions, such as orders.view_order."""
    login = factories.user(is_staff=True)
    for name in permissions:
        app, codename = name.split(".")
        login.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return login


def a_customer() -> User:
    """Return a login that buys."""
    login = factories.user()
    factories.customer(user=login)
    return login


def ok(answer: Any, status: int = 200) -> dict[str, Any]:
    """Return the body of an answer that must have that status."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/json")
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem of an answer that must be that refusal, whole and well formed."""
    assert answer["Content-Type"] == PROBLEM, answer.content
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/api/v1/")
    return problem


def pointers(answer: Any) -> dict[str, str]:
    """Return pointer -> code of a request that must have been refused as invalid."""
    problem = refused(answer, 400, "invalid_request")
    assert all(error["detail"] for error in problem["errors"])
    return {error["pointer"]: error["code"] for error in problem["errors"]}
