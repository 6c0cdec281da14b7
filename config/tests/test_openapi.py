"""The description of the API: complete, and enforced by the operations themselves."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from rest_framework.views import APIView

from api.pagination import _sealed

VERBS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Describe the whole API."""
    with override("en"):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]
        found: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every operation with its name."""
    for path, item in document["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield f"{verb} {path}", item[verb]


def views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, type[APIView]]]:
    """Give every view of the versioned API with its route."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, route)
        elif route.startswith("api/v1/"):
            yield route, pattern.callback.view_class  # type: ignore[attr-defined]


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.1"
    assert all(path.startswith("/api/v1/") and path.endswith(("/", ".ics")) for path in document["paths"])


def test_every_method_of_every_view_is_described() -> None:
    bare = [
        f"{verb} {route}"
        for route, view in views(get_resolver().url_patterns)
        for verb in VERBS
        if hasattr(view, verb) and not hasattr(getattr(view, verb), "described")
    ]
    assert bare == []


def test_every_operation_documents_what_any_may_answer(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        statuses = set(operation["responses"])
        assert {"400", "401", "406", "429", "503"} <= statuses, name
        assert any(status.startswith("2") for status in statuses), name
        if "requestBody" in operation:
            assert {"413", "415"} <= statuses, name
        if "{" in name:
            assert "404" in statuses, name


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status[0] in "45":
                content = answer["content"]
                assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, (
                    name
                )
                assert answer["description"], name
            if status in {"429", "503"}:
                assert "Retry-After" in answer["headers"], name


def test_what_moves_something_needs_a_key(document: dict[str, Any]) -> None:
    keys = {
        name: parameter.get("required", False)
        for name, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    }
    assert {name for name, required in keys.items() if not required} == {"post /api/v1/orders/{number}/confirm/"}
    assert {name for name, required in keys.items() if required} == {
        "post /api/v1/orders/",
        "post /api/v1/appointments/",
        "post /api/v1/stock/adjustments/",
        "post /api/v1/orders/{number}/payments/",
        "post /api/v1/orders/{number}/refunds/",
    }


def test_names_are_unique(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _name, operation in operations(document)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("cursor", ["", " ", "x", "1", "QDA", "a" * 5000])
def test_what_no_page_ever_gave_is_no_cursor_in_the_description_either(document: dict[str, Any], cursor: str) -> None:
    described = [
        parameter["schema"]
        for _name, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "cursor"
    ]
    assert described
    for schema in described:
        judge = jsonschema.Draft202012Validator(schema)
        assert not judge.is_valid(cursor)
        assert all(judge.is_valid(_sealed(name)) for name in ("@0", "@999999999", "-ZZA6NUWME", f"-{uuid4()}"))
