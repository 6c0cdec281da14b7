"""Bodies: read whole, or refused with everything that is wrong, at a price that no body can drive up."""

import time
from collections.abc import Iterable
from typing import Annotated, Any

import pytest
from msgspec import UNSET, UnsetType

from api.bodies import MAX_FAULTS, Body, Nothing, read_value
from api.kinds import Choice, Many, Name, Quantity, Sku, TextLine, Whole, Wrong
from common.errors import Malformed


class Inner(Body, frozen=True, kw_only=True):
    """A body in a body, two fields of which contradict each other."""

    sku: Annotated[str, Sku()]
    quantity: Annotated[int, Quantity(999)]
    seen: Annotated[str, TextLine()] | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse one combination."""
        if self.seen is not UNSET and self.quantity == 7:
            yield "seen", Wrong("not_allowed", "no")


class Outer(Body, frozen=True, kw_only=True):
    """A body with bodies."""

    name: Annotated[str, Name()]
    lines: Annotated[list[Inner], Many(100, least=1)]
    count: Annotated[int, Whole(0, 5)] = 0
    method: Annotated[str, Choice("pickup", "delivery")] | None = None


def complaints(data: Any) -> set[tuple[str, str]]:
    """Return pointer and code of everything that is wrong."""
    with pytest.raises(Malformed) as refused:
        read_value(Outer, data)
    assert all(error.detail for error in refused.value.errors)
    return {(error.pointer, error.code) for error in refused.value.errors}


def test_a_body_is_read_into_its_values() -> None:
    read = read_value(Outer, {"name": " Ana  Lima ", "lines": [{"sku": "A", "quantity": 1}], "method": None})
    assert read == Outer(name="Ana Lima", lines=[Inner(sku="A", quantity=1)])


@pytest.mark.fault("F2")
def test_everything_that_is_wrong_is_named_at_once_with_its_place() -> None:
    data = {
        "lines": [{"sku": "A", "quantity": 1}, {"sku": "B B", "quantity": "2", "price": "0.01"}],
        "is_staff": True,
        "count": None,
        "method": "drone",
        "a/b~c": 1,
    }
    assert complaints(data) == {
        ("/name", "required"),
        ("/lines/1/sku", "sku"),
        ("/lines/1/quantity", "invalid"),
        ("/lines/1/price", "unknown_field"),
        ("/is_staff", "unknown_field"),
        ("/count", "null"),
        ("/method", "invalid_choice"),
        ("/a~1b~0c", "unknown_field"),
    }


def test_fields_that_contradict_each_other_are_named_where_they_stand() -> None:
    data = {"name": "x", "lines": [{"sku": "A", "quantity": 1, "seen": "y"}, {"sku": "A", "quantity": 7, "seen": "y"}]}
    assert complaints(data) == {("/lines/1/seen", "not_allowed")}


@pytest.mark.parametrize(("data", "code"), [([], "invalid"), ("x", "invalid"), (7, "invalid"), (None, "null")])
def test_what_is_no_object_is_refused(data: Any, code: str) -> None:
    assert complaints(data) == {("", code)}


@pytest.mark.parametrize(
    ("lines", "code"),
    [({}, "not_a_list"), ("A", "not_a_list"), (None, "null"), ([], "min_length"), ([{}] * 101, "max_length")],
)
def test_a_list_has_its_bounds(lines: Any, code: str) -> None:
    assert complaints({"name": "x", "lines": lines}) == {("/lines", code)}


@pytest.mark.fault("E12")
def test_a_body_of_many_faults_is_refused_at_once_and_briefly() -> None:
    began = time.perf_counter()
    assert complaints({"name": "x", "lines": [{}] * 5000}) == {("/lines", "max_length")}
    assert len(complaints({"name": "x", "lines": [{}] * 100})) == MAX_FAULTS
    assert len(complaints({"name": "x", "lines": [None] * 100})) == MAX_FAULTS
    assert len(complaints({f"field{number}": 1 for number in range(1000)})) == MAX_FAULTS
    assert time.perf_counter() - began < 0.5


def test_nothing_takes_nothing() -> None:
    assert read_value(Nothing, {}) == Nothing()
    with pytest.raises(Malformed):
        read_value(Nothing, {"a": 1})
