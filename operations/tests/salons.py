"""A salon before whose agenda somebody of the team sits, for tests."""

import json
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.urls import reverse

from accounts.models import User
from backoffice.tests.desk import member
from scheduling.models import Professional
from scheduling.tests import factories as make


def salon(*names: str, **columns: Any) -> make.Salon:
    """Return a salon of these people; Ana and Bia where nobody is named."""
    return make.salon(names=names or ("Ana", "Bia"), **columns)


def seated(*, role: str, professional: Professional | None = None, csrf: bool = False) -> Client:
    """Return a browser in which a member of that role is signed in, perhaps as a professional."""
    user: User = member(role=role)
    if professional is not None:
        Professional.objects.filter(pk=professional.pk).update(user=user)
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(user)
    return client


def send(desk: Client, door: str, *args: Any, key: str | None = None, **body: Any) -> Any:
    """Post to one of the agenda's views, as the page does."""
    return desk.post(
        reverse(f"agenda:{door}", args=args),
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or uuid4().hex},
    )


def look(desk: Client, door: str, *args: Any, **query: Any) -> Any:
    """Read from one of the agenda's views."""
    return desk.get(reverse(f"agenda:{door}", args=args), query)


def visit_of(answer: Any) -> UUID:
    """Return the id of the visit that was answered."""
    return UUID(answer.json()["id"])
