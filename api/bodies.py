"""Bodies and queries as requests write them: one class says which fields there are, of which kind, and reads them.

Everything that is wrong is named at once, each with a JSON pointer and a code, up to `MAX_FAULTS`. Lists are counted
before their items are looked at, so no body costs more to refuse than to read.
"""

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from django.utils.translation import gettext as _
from rest_framework.fields import Field
from rest_framework.serializers import Serializer

from api.kinds import Kind, Many, Wrong
from common.errors import FieldError, Malformed

MAX_FAULTS = 20
MAX_NAME = 100
"""Letters of a name that a refusal repeats; no field of ours has a longer one."""

NOTHING: Any = object()

Body_ = TypeVar("Body_", bound="Body")
Reader = Callable[[Any, str, list[FieldError]], Any]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says. A field is a kind beside a type, another body, or a list of either (`Many`)."""

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Give what is wrong between fields that are right by themselves: the field's name, and what is wrong."""
        return ()

    def given(self) -> dict[str, Any]:
        """Return the fields that are there, by attribute."""
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: value for name, value in fields if value is not msgspec.UNSET}


class Nothing(Body, frozen=True, kw_only=True):
    """An empty body, or no query at all."""


def read_value(shape: type[Body_], given: Any) -> Body_:
    """Return the body that plain JSON values say. Raises Malformed with everything that is wrong."""
    faults: list[FieldError] = []
    try:
        body = _read_body(shape, given, "", faults)
    except _EnoughError:
        body = NOTHING
    if faults:
        raise Malformed(errors=faults)
    found: Body_ = body
    return found


@dataclass(frozen=True)
class Place:
    """A field of a body, as JSON names it."""

    name: str
    attribute: str
    required: bool
    nullable: bool
    many: bool
    read: Reader


def query_names(shape: type[Body]) -> list[str]:
    """Return the names that a query of that shape may have."""
    return list(_places(shape))


def list_names(shape: type[Body]) -> set[str]:
    """Return the names of the fields that are lists."""
    return {name for name, place in _places(shape).items() if place.many}


def annotation_of(hint: Any) -> tuple[Any, Kind | None, bool]:
    """Return the bare type of a hint, the kind beside it, and whether null may stand there."""
    nullable = False
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not msgspec.UnsetType]
        nullable = type(None) in parts
        [hint] = [part for part in parts if part is not type(None)]
    if get_origin(hint) is Annotated:
        bare, *beside = get_args(hint)
        return bare, next((part for part in beside if isinstance(part, Kind)), None), nullable
    return hint, None, nullable


@cache
def _places(shape: type[Body]) -> dict[str, Place]:
    places = {}
    for field in msgspec.structs.fields(shape):
        bare, kind, nullable = annotation_of(field.type)
        places[field.encode_name] = Place(
            name=field.encode_name,
            attribute=field.name,
            required=field.required,
            nullable=nullable,
            many=isinstance(kind, Many),
            read=_reader(bare, kind),
        )
    return places


def _reader(bare: Any, kind: Kind | None) -> Reader:
    if isinstance(kind, Many):
        inner, inner_kind, _nullable = annotation_of(get_args(bare)[0])
        return partial(_read_list, kind, _reader(inner, inner_kind))
    if kind is not None:
        return partial(_read_kind, kind)
    if isinstance(bare, type) and issubclass(bare, Body):
        return partial(_read_body, bare)
    raise TypeError(f"{bare} says no kind")


def _read_kind(kind: Kind, given: Any, pointer: str, faults: list[FieldError]) -> Any:
    try:
        return kind.read(given)
    except Wrong as wrong:
        return _fault(faults, pointer, wrong)


def _read_list(kind: Many, read_item: Reader, given: Any, pointer: str, faults: list[FieldError]) -> Any:
    if not isinstance(given, list):
        return _fault(faults, pointer, Wrong("not_a_list", _("This must be a list.")))
    if len(given) > kind.most:
        return _fault(faults, pointer, Wrong("max_length", _("At most %(most)s entries.") % {"most": kind.most}))
    if len(given) < kind.least:
        return _fault(faults, pointer, Wrong("min_length", _("At least %(least)s entries.") % {"least": kind.least}))
    before = len(faults)
    found = [_read_present(read_item, item, f"{pointer}/{place}", faults) for place, item in enumerate(given)]
    return NOTHING if len(faults) > before else found


def _read_present(read: Reader, given: Any, pointer: str, faults: list[FieldError]) -> Any:
    return _null(faults, pointer) if given is None else read(given, pointer, faults)


def _read_body(shape: type[Body], given: Any, pointer: str, faults: list[FieldError]) -> Any:
    if not isinstance(given, Mapping):
        if given is None:
            return _null(faults, pointer)
        detail = str(Serializer.default_error_messages["invalid"]).format(datatype=type(given).__name__)
        return _fault(faults, pointer, Wrong("invalid", detail))
    places, before, values = _places(shape), len(faults), dict[str, Any]()
    for name, place in places.items():
        if name not in given:
            if place.required:
                _fault(faults, _below(pointer, name), Wrong("required", Field.default_error_messages["required"]))
        elif given[name] is None and place.nullable:
            values[place.attribute] = None
        else:
            values[place.attribute] = _read_present(place.read, given[name], _below(pointer, name), faults)
    for name in given:
        if name not in places:
            _fault(faults, _below(pointer, name), Wrong("unknown_field", _("There is no such field.")))
    if len(faults) > before:
        return NOTHING
    body = shape(**values)
    for name, wrong in body.contradictions():
        _fault(faults, _below(pointer, name), wrong)
    return body


class _EnoughError(Exception):
    """More is wrong than anybody will read."""


def _null(faults: list[FieldError], pointer: str) -> Any:
    return _fault(faults, pointer, Wrong("null", Field.default_error_messages["null"]))


def _fault(faults: list[FieldError], pointer: str, wrong: Wrong) -> Any:
    faults.append(FieldError(pointer=pointer, code=wrong.code, detail=wrong.detail))
    if len(faults) >= MAX_FAULTS:
        raise _EnoughError
    return NOTHING


def _below(pointer: str, name: str) -> str:
    return f"{pointer}/{str(name)[:MAX_NAME].replace('~', '~0').replace('/', '~1')}"
