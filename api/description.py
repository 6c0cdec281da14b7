"""JSON Schema of bodies, queries and answers, as strict as the server that reads and writes them."""

import types
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiParameter

from api.bodies import Body, annotation_of
from api.kinds import Kind, Many

Reference = Callable[[type[msgspec.Struct]], dict[str, Any]]

PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    dict: {"type": "object", "additionalProperties": {}},
}


class StructDescription(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Describes bodies and answers where serializers would stand."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        """Name the component as the class."""
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Describe the object field by field."""

        def reference(shape: type[msgspec.Struct]) -> dict[str, Any]:
            component: dict[str, Any] = auto_schema.resolve_serializer(shape, direction).ref
            return component

        return object_schema(self.target, reference)


def object_schema(shape: type[msgspec.Struct], reference: Reference) -> dict[str, Any]:
    """Return the schema of one object; a body takes no field besides, an answer may have none."""
    properties, required = {}, []
    for field in msgspec.structs.fields(shape):
        properties[field.encode_name] = _with_default(hint_schema(field.type, reference), field)
        if field.required or (issubclass(shape, Body) is False and field.default is not msgspec.UNSET):
            required.append(field.encode_name)
    schema: dict[str, Any] = {"type": "object", "description": _description(shape), "properties": properties}
    if required:
        schema["required"] = sorted(required)
    if issubclass(shape, Body):
        schema["additionalProperties"] = False
    return schema


def hint_schema(hint: Any, reference: Reference) -> dict[str, Any]:
    """Return the schema of a type hint."""
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not msgspec.UnsetType]
        schemas = [hint_schema(part, reference) for part in parts if part is not type(None)]
        return _one_of(schemas, nullable=type(None) in parts)
    if get_origin(hint) is Annotated:
        bare, *beside = get_args(hint)
        kind = next((part for part in beside if isinstance(part, Kind)), None)
        schema = {} if kind is None else dict(kind.schema)
        if kind is None or isinstance(kind, Many):
            schema = hint_schema(bare, reference) | schema
        for part in beside:
            if isinstance(part, msgspec.Meta):
                schema |= part.extra_json_schema or {}
                schema |= {"description": part.description} if part.description else {}
        return schema
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if get_origin(hint) in (list, tuple):
        return {"type": "array", "items": hint_schema(get_args(hint)[0], reference)}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return reference(hint)
    return dict(PLAIN[get_origin(hint) or hint])


def query_parameters(shape: type[Body]) -> list[OpenApiParameter]:
    """Return the parameters of a query; a list may be given several times."""
    found = []
    for field in msgspec.structs.fields(shape):
        schema = hint_schema(field.type, _no_reference)
        kind = annotation_of(field.type)[1]
        found.append(
            OpenApiParameter(
                field.encode_name,
                {name: value for name, value in schema.items() if name != "description"},
                required=field.required,
                description=schema.get("description", ""),
                explode=True if isinstance(kind, Many) else None,
            )
        )
    return found


def _no_reference(shape: type[msgspec.Struct]) -> dict[str, Any]:
    raise TypeError(f"{shape.__name__} in a query")


def _one_of(schemas: list[dict[str, Any]], *, nullable: bool) -> dict[str, Any]:
    if len(schemas) > 1 or "$ref" in schemas[0]:
        several = [*schemas, *([{"type": "null"}] if nullable else [])]
        return {"oneOf": several} if len(several) > 1 else schemas[0]
    if not nullable:
        return schemas[0]
    widened = {**schemas[0], "type": [schemas[0]["type"], "null"]}
    return widened | {"enum": [*schemas[0]["enum"], None]} if "enum" in schemas[0] else widened


def _with_default(schema: dict[str, Any], field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    plain = isinstance(field.default, str | int | bool) and field.default != ""
    return schema | {"default": field.default} if plain and "$ref" not in schema else schema


def _description(shape: type[msgspec.Struct]) -> str:
    return " ".join((shape.__doc__ or "").split())
