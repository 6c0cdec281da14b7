"""The description is as strict as the server: what one refuses of a field, the other refuses too."""

from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from django.urls import get_resolver

from api.bodies import Body, annotation_of, query_names
from api.description import hint_schema, object_schema
from api.kinds import Instant, Kind, Many, Wrong
from api.kinds_of_people import Document, Email, Phone, PostalCode, State

assert get_resolver().url_patterns  # every view is read, and with them every body

ODD: tuple[Any, ...] = (
    "", " ", "\t", "x", "a b", "x" * 10, "x" * 5000, 0, 1, -1, 1.5, 10**30, True, False, None, [], {}, ["x"], {"x": 1},
    "2026-03-02", "2026-13-02", "2026-03-02T12:00:00Z", "2026-03-02T12:00:00", "12.50", "12.5", "-1.00", "0.00", "1e3",
    "00000000-0000-0000-0000-000000000000", "on_site",
)  # fmt: skip
JUDGED_BY_MEANING = (Email, Phone, Document, PostalCode, State, Instant)
"""Kinds of which no schema can say all: whether a number is given out, whether a day is in the calendar."""


def bodies(shape: type[Body] = Body) -> Iterator[type[Body]]:
    """Give every body and query of the API."""
    for one in shape.__subclasses__():
        yield one
        yield from bodies(one)


def fields() -> list[Any]:
    """Return every field that a kind judges, with the body it is in."""
    return [
        (shape, field)
        for shape in sorted(set(bodies()), key=lambda one: f"{one.__module__}.{one.__name__}")
        for field in msgspec.structs.fields(shape)
        if isinstance(annotation_of(field.type)[1], Kind) and not isinstance(annotation_of(field.type)[1], Many)
        if not shape.__name__.endswith("Query")  # in an address everything is text
    ]


def refused(kind: Kind, given: Any) -> bool:
    """Say whether the server refuses a value."""
    try:
        kind.read(given)
    except Wrong:
        return True
    return False


@pytest.mark.parametrize(
    ("shape", "field"), fields(), ids=lambda one: getattr(one, "name", getattr(one, "__name__", ""))
)
def test_what_the_description_refuses_the_server_refuses_and_the_other_way_round(shape: type[Body], field: Any) -> None:
    _bare, kind, nullable = annotation_of(field.type)
    assert kind is not None
    described = hint_schema(field.type, lambda _shape: {})
    judge = jsonschema.Draft202012Validator(described, format_checker=jsonschema.FormatChecker())
    by_server = {repr(one) for one in ODD if (not nullable if one is None else refused(kind, one))}
    by_description = {repr(one) for one in ODD if not judge.is_valid(one)}
    assert by_description - by_server == set()
    texts = {repr(one) for one in ODD if isinstance(one, str) and one}
    assert by_server - by_description - (texts if isinstance(kind, JUDGED_BY_MEANING) else set()) == set()


@pytest.mark.parametrize("shape", sorted(set(bodies()), key=str), ids=lambda one: getattr(one, "__name__", ""))
def test_a_body_takes_no_field_besides(shape: type[Body]) -> None:
    schema = object_schema(shape, lambda inner: {"$ref": inner.__name__})
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(query_names(shape))
