"""Calls of the doors of time, as a test makes them."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.tests import factories as people

API = "/api/v1"


def signed_in(*permissions: str, staff: bool = True) -> APIClient:
    user = people.user(is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = APIClient()
    client.force_authenticate(user)
    return client


def payload(starts_at: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "services": ["CORTE"],
        "starts_at": starts_at.isoformat(),
        "customer": {"name": "Maria Souza", "email": "maria@example.com"},
        **changes,
    }


def book(client: APIClient, starts_at: datetime, *, key: str | None = None, **changes: Any) -> Any:
    return client.post(
        f"{API}/appointments/", payload(starts_at, **changes), headers={"Idempotency-Key": key or uuid4().hex}
    )


def pointers(response: Any) -> list[str]:
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    return [error["pointer"] for error in response.json()["errors"]]
