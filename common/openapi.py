"""How operations describe themselves: request, answers, and every refusal by its code."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

from common.errors import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    Malformed,
    Refusal,
)


class FieldErrorShape(serializers.Serializer[Any]):
    """What is wrong with one place of the request."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """A refusal (RFC 9457). `code` never changes; further members depend on it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    errors = FieldErrorShape(many=True, required=False)


IDEMPOTENCY = [IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyInProgress, IdempotencyKeyReused]
EVERYWHERE = {429: "throttled", 503: "busy, database_unavailable"}


def operation(
    *,
    responses: Mapping[int, Any],
    request: Any = None,
    refusals: Sequence[type[Refusal]] = (),
    query: Any = None,
    idempotent: bool = False,
    access_token: bool = False,
    cursor_pages: bool = False,
    pages: bool = False,
    parameters: Sequence[Any] = (),
    **schema: Any,
) -> Callable[[Any], Any]:
    """Will describe a view method: its shapes, its refusals by status, and the headers and parameters it reads.

    `pages` and `cursor_pages` wrap the 200 shape into a page.
    """
    refused = [Malformed, *refusals, *(IDEMPOTENCY if idempotent else [])]
    shown = {status: _paged(shape, pages=pages, cursors=cursor_pages) for status, shape in responses.items()}
    return extend_schema(
        request=request,
        responses={**shown, **_problems(refused)},
        parameters=[
            *([query] if query is not None else []),
            *_parameters(idempotent=idempotent, access_token=access_token, cursors=cursor_pages, pages=pages),
            *parameters,
        ],
        **schema,
    )


def _problems(refusals: Sequence[type[Refusal]]) -> dict[tuple[int, str], OpenApiResponse]:
    codes: dict[int, list[str]] = defaultdict(list)
    for refusal in refusals:
        if refusal.code not in codes[refusal.status]:
            codes[refusal.status].append(refusal.code)
    for status, text in EVERYWHERE.items():
        codes[status].append(text)
    return {
        (status, "application/problem+json"): OpenApiResponse(Problem, description=" · ".join(names))
        for status, names in sorted(codes.items())
    }


def _paged(shape: Any, *, pages: bool, cursors: bool) -> Any:
    if not (pages or cursors):
        return shape
    name = shape.__name__.removesuffix("Response")
    links = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": shape(many=True),
    }
    count = {"count": serializers.IntegerField()} if pages else {}
    return inline_serializer(f"{name}{'Page' if pages else 'CursorPage'}", fields={**count, **links})


def _parameters(*, idempotent: bool, access_token: bool, cursors: bool, pages: bool) -> list[OpenApiParameter]:
    found = []
    if idempotent:
        found.append(
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                OpenApiParameter.HEADER,
                required=True,
                description="Names this request; repeating it changes nothing and gets the same answer.",
            )
        )
    if access_token:
        found.append(
            OpenApiParameter(
                "access_token", OpenApiTypes.STR, description="Proof for people without a login, as in links."
            )
        )
    if cursors:
        found.append(OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous`."))
    if pages:
        found.append(OpenApiParameter("page", {"type": "integer", "minimum": 1}, description="From 1."))
    if pages or cursors:
        found.append(
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 100}, description="20 without.")
        )
    return found
