"""Bodies of requests, made from what the operations themselves say they read: an ordinary one, and the worst there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from django.urls import URLPattern, URLResolver, get_resolver

from api.bodies import Body, annotation_of
from api.kinds import Amount, Choice, Day, Flag, Id, Instant, Kind, Many, Secret, Sku, Text, Whole
from api.kinds_of_people import Document, Email, Phone, PostalCode, State
from api.openapi import Described
from api.parsers import MAX_DEPTH

WRITES = ("post", "put", "patch", "delete")
SAMPLES: dict[type[Kind], Any] = {
    Sku: "BOLO",
    Email: "ana@example.com",
    Id: "00000000-0000-4000-8000-000000000000",
    Amount: "59.90",
    Phone: "",
    Document: "",
    PostalCode: "01310-100",
    State: "SP",
    Secret: "Uma-senha-bem-comprida-7",
    Instant: "2026-03-02T15:00:00-03:00",
    Day: "2026-03-02",
    Flag: True,
    Text: "texto",
}


@dataclass(frozen=True)
class Operation:
    """One operation of the API that may be sent a body."""

    method: str
    path: str
    described: Described

    def __str__(self) -> str:
        return f"{self.method.upper()} /{self.path}"


def operations() -> list[Operation]:
    """Return every operation below /api/v1/ that reads a body, or must refuse one, as the routes name them."""
    found = []
    for path, view in _routes(get_resolver(), ""):
        for method in WRITES:
            described = getattr(getattr(view, method, None), "described", None)
            if path.startswith("api/v1/") and described is not None and (described.request or method == "post"):
                found.append(Operation(method, path, described))
    return sorted(found, key=str)


def _routes(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, getattr(pattern.callback, "view_class", None)


def ordinary(shape: type[Body] | None, known: Mapping[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """Return a body as people send it: what is required, of their kinds, with what is `known` in the shop by name."""
    fields = msgspec.structs.fields(shape) if shape is not None else ()
    return {
        field.encode_name: known.get(field.encode_name, _sample(field.type, known))
        for field in fields
        if field.required or whole or field.encode_name in known
    }


def _sample(hint: Any, known: Mapping[str, Any], *, entries: int = 1) -> Any:
    bare, kind, _nullable = annotation_of(hint)
    if isinstance(kind, Many):
        return [_sample(bare.__args__[0], known)] * max(kind.least, entries)
    if kind is None:
        return ordinary(bare, known)
    if isinstance(kind, Choice):
        return kind.choices[0]
    if isinstance(kind, Whole):
        return kind.least
    return next((SAMPLES[one] for one in type(kind).__mro__ if one in SAMPLES), kind.schema.get("examples", ["x"])[0])


def worst(operation: Operation, known: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Give the worst bodies for an operation, each as large as it reads, by what is bad about them."""
    limit, shape = operation.described.body_limit, operation.described.request
    yield "nothing but brackets", b"[" * limit
    yield "objects in objects", b'{"a":' * (limit // 5)
    yield "as deep as is read", b'{"lines":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH
    yield "no JSON at the end", b"[" + b"1," * ((limit - 2) // 2) + b"x"
    yield "a list of nothings", _filled(b"[", b"{},", b"{}]", limit)
    yield "unknown names", _unknown(limit)
    yield "one long unknown name", b'{"' + b"a" * (limit - 8) + b'":1}'
    yield "bad text under a long name", b'{"' + b"n" * (limit // 2) + b'":[' + b'"",' * (limit // 7) + b'"\\ud800"]}'
    yield "escapes", b'{"name":"' + b"\\u00e9" * ((limit - 12) // 6) + b'"}'
    yield "a number without end", b'{"quantity":' + b"9" * (limit - 13) + b"}"
    whole = ordinary(shape, known, whole=True)
    for name in whole:
        rest = {other: value for other, value in whole.items() if other != name}
        room = limit - len(orjson.dumps(rest)) - len(name) - 8
        for what, filler in (
            ("a long text", b'"' + b"a" * (room - 2) + b'"'),
            ("numbers", _filled(b"[", b"1,", b"1]", room)),
            ("nothings", _filled(b"[", b"{},", b"{}]", room)),
            ("nulls", _filled(b"[", b"null,", b"null]", room)),
        ):
            yield f"{name}: {what}", b'{"' + name.encode() + b'":' + filler + b"," + orjson.dumps(rest)[1:]
    for field in msgspec.structs.fields(shape) if shape is not None else ():
        _bare, kind, _nullable = annotation_of(field.type)
        if isinstance(kind, Many):
            for entries in (kind.most, kind.most + 1):
                body = whole | {field.encode_name: _sample(field.type, known, entries=entries)}
                yield f"{field.encode_name}: {entries} entries", orjson.dumps(body)


def _filled(start: bytes, piece: bytes, end: bytes, limit: int) -> bytes:
    return start + piece * ((limit - len(start) - len(end)) // len(piece)) + end


def _unknown(limit: int) -> bytes:
    names = b"".join(b'"%06d":0,' % number for number in range((limit - 10) // 11))
    return b"{" + names + b'"z":0}'
