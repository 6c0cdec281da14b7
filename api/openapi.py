"""How operations describe themselves: request, answers, and every refusal by its code.

The description is enforced. A query parameter that an operation does not describe is refused, so is
what somebody writes into the body of a POST that reads none. The statuses that any operation may answer (a bad token,
too many requests, a database that is away) are added here, so no view has to repeat them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from api.answers import Answer
from api.bodies import Body, Nothing, query_names
from api.description import query_parameters
from api.pagination import CURSOR_PATTERN
from api.parsers import MAX_BODY
from api.permissions import Public
from api.requests import read
from common.errors import (
    Busy,
    DatabaseUnavailable,
    FieldError,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    Malformed,
    NotAcceptable,
    NotFound,
    PayloadTooLarge,
    Refusal,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMedia,
)

PROBLEM_JSON = "application/problem+json"
IDEMPOTENCY = (IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyInProgress, IdempotencyKeyReused)
EVERYWHERE = (Malformed, Unauthenticated, NotAcceptable, TooManyRequests, Busy, DatabaseUnavailable)
WITH_BODY = (PayloadTooLarge, UnsupportedMedia)
PAGE_PARAMETERS = ("page", "page_size")
CURSOR_PARAMETERS = ("cursor", "page_size")
HEADERS = {
    401: {"WWW-Authenticate": "What would be accepted as a proof."},
    429: {"Retry-After": "Seconds after which trying again helps."},
    503: {"Retry-After": "Seconds after which trying again helps."},
}


class FieldErrorShape(Answer, frozen=True, kw_only=True):
    """What is wrong with one place of the request."""

    pointer: str
    code: str
    detail: str


class Problem(Answer, frozen=True, kw_only=True):
    """A refusal (RFC 9457). `code` never changes; further members depend on it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FieldErrorShape] | UnsetType = UNSET


Idempotent = bool | Literal["optional"]


@dataclass(frozen=True)
class Described:
    """What a view method says about itself beyond its shapes."""

    request: type[Body] | None
    """The shape of the body; None where there is none, or where it is kept as it came."""
    body_limit: int
    refusals: tuple[type[Refusal], ...]
    query: type[Body] | None
    idempotent: Idempotent
    access_token: bool
    pages: tuple[str, ...]
    open_query: bool

    @cached_property
    def names(self) -> frozenset[str]:
        """The query parameters it reads."""
        asked = query_names(self.query) if self.query is not None else []
        return frozenset([*self.pages, *asked, *(["access_token"] if self.access_token else [])])


def operation(
    *,
    responses: Mapping[int, Any],
    request: type[Body] | dict[str, Any] | None = None,
    refusals: Sequence[type[Refusal]] = (),
    query: type[Body] | None = None,
    body_limit: int = MAX_BODY,
    idempotent: Idempotent = False,
    access_token: bool = False,
    cursor_pages: bool = False,
    pages: bool = False,
    open_query: bool = False,
    **schema: Any,
) -> Callable[[Any], Any]:
    """Describe a view method: its shapes, its refusals by status, and the headers and parameters it reads.

    `body_limit`: the bytes of the largest body it reads. `idempotent`: whether it needs an Idempotency-Key, or takes
    one. `pages` and `cursor_pages` wrap the 200 shape into a page. The method refuses (Malformed) query parameters that
    are not described, unless `open_query` says that somebody else chooses them, and a POST without a `request` any body
    but an empty object.
    """
    described = Described(
        request=None if isinstance(request, dict) else request,
        body_limit=body_limit,
        refusals=(*refusals, *([NotFound] if pages and NotFound not in refusals else [])),
        query=query,
        idempotent=idempotent,
        access_token=access_token,
        pages=PAGE_PARAMETERS if pages else CURSOR_PARAMETERS if cursor_pages else (),
        open_query=open_query,
    )
    document = extend_schema(
        request=request,
        responses={code: _paged(shape, pages=pages, cursors=cursor_pages) for code, shape in responses.items()},
        parameters=[
            *(query_parameters(query) if query is not None else []),
            *_parameters(idempotent=idempotent, access_token=access_token, cursors=cursor_pages, pages=pages),
        ],
        **schema,
    )

    return lambda method: _checked(document(method), described=described, bodyless=request is None)


def _checked(method: Callable[..., Any], *, described: Described, bodyless: bool) -> Callable[..., Any]:
    """Return a view method that refuses parameters and bodies that are not described."""

    @wraps(method)
    def checked(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        try:
            if not described.open_query:
                _refuse_unknown(given=request.query_params, known=described.names)
            if bodyless and request.method == "POST":
                read(Nothing, request.data)
            return method(view, request, *args, **kwargs)
        finally:
            # It holds the request that holds it, so that what a body said would stay until garbage is collected.
            request.parser_context = {}

    checked.described = described  # type: ignore[attr-defined]
    return checked


def _refuse_unknown(*, given: Iterable[str], known: frozenset[str]) -> None:
    unknown = sorted(name for name in given if name not in known)
    if unknown:
        detail = _("There is no such parameter.")
        errors = [FieldError(pointer=f"/{name}", code="unknown_field", detail=detail) for name in unknown]
        raise Malformed(errors=errors)


class Schema(AutoSchema):
    """Reads what `operation` wrote down, and adds what is true of every operation."""

    def get_operation_id(self) -> str:
        """Name the operation by method and path, such as get_orders_by_number."""
        words = re.sub(r"\{(\w+)\}", r"by_\1", self.path.removeprefix("/api/v1/")).strip("/")
        return f"{self.method.lower()}_{re.sub(r'[^a-z0-9_]+', '_', words.lower())}"

    def get_auth(self) -> list[dict[str, Any]]:
        """Say which proofs are read; none is needed at a public door."""
        proofs: list[dict[str, Any]] = [{"bearer": []}] if self.view.get_authenticators() else []
        described = self._described()
        if described is not None and described.access_token:
            proofs.append({"accessToken": []})
        public = any(isinstance(rule, Public) for rule in self.view.get_permissions())
        return [*proofs, {}] if public and proofs else proofs

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Describe the operation with all its refusals."""
        found: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        described = self._described()
        if found is None or described is None:
            return found
        refusals = [*EVERYWHERE, *described.refusals]
        refusals += IDEMPOTENCY if described.idempotent else ()
        refusals = [one for one in refusals if described.idempotent != "optional" or one is not IdempotencyKeyRequired]
        refusals += WITH_BODY if "requestBody" in found or self.method == "POST" else ()
        refusals += [Forbidden] if any(hasattr(rule, "permission") for rule in self.view.get_permissions()) else []
        if described.idempotent:
            for status, answer in found["responses"].items():
                if status.startswith("2"):
                    answer["headers"] = _headers({"Idempotent-Replayed": "`true` when this answer was given before."})
        found["responses"].update(self._problems(refusals))
        found["responses"] = dict(sorted(found["responses"].items()))
        return found

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        """Describe what a DELETE reads too, such as the password of whoever ends something."""
        described = self._described()
        if self.method != "DELETE" or described is None or described.request is None:
            found: dict[str, Any] | None = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
            return found
        schema, needed = self._get_request_for_media_type(described.request, direction)
        return {"content": {"application/json": {"schema": schema}}, **({"required": True} if needed else {})}

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> tuple[Any, bool]:
        if isinstance(serializer, type) and issubclass(serializer, Body):
            needed = any(field.required for field in msgspec.structs.fields(serializer))
            return self._reference(serializer, direction), needed
        found: tuple[Any, bool] = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        return found

    def _get_response_for_code(self, serializer: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if get_origin(serializer) is list:
            serializer = {"type": "array", "items": self._reference(get_args(serializer)[0], "response")}
        found: dict[str, Any] = super()._get_response_for_code(serializer, *args, **kwargs)  # type: ignore[no-untyped-call]
        return found

    def _reference(self, shape: Any, direction: Any) -> dict[str, Any]:
        """Return where a struct is described, which stands where serializers would."""
        component: dict[str, Any] = self.resolve_serializer(shape, direction).ref
        return component

    def _described(self) -> Described | None:
        return getattr(getattr(self.view, self.method.lower(), None), "described", None)

    def _problems(self, refusals: Iterable[type[Refusal]]) -> dict[str, Any]:
        by_status: dict[int, dict[str, str]] = defaultdict(dict)
        with override("en"):
            for refusal in refusals:
                by_status[refusal.status].setdefault(refusal.code, str(refusal.title))
        reference = self._reference(Problem, "response")
        return {
            str(status): {
                "description": " · ".join(f"`{code}` {title}" for code, title in codes.items()),
                "content": {PROBLEM_JSON: {"schema": reference}},
                **({"headers": _headers(HEADERS[status])} if status in HEADERS else {}),
            }
            for status, codes in by_status.items()
        }


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the access token of people with a login."""

    target_class = "accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Describe the header."""
        scheme: dict[str, Any] = build_bearer_security_scheme_object("Authorization", "Bearer", "JWT")
        return scheme


def only_the_api(endpoints: list[Any], **_options: Any) -> list[Any]:
    """Keep the versioned API out of all routes."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def _headers(texts: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()}


def _paged(shape: Any, *, pages: bool, cursors: bool) -> Any:
    """Return the shape of a page of answers, or the shape itself where nothing is paged."""
    if not (pages or cursors):
        return shape
    name = f"{shape.__name__.removesuffix('Response')}{'Page' if pages else 'CursorPage'}"
    uri = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uri"})]
    links: list[tuple[str, Any]] = [("next", uri | None), ("previous", uri | None), ("results", list[shape])]
    page = msgspec.defstruct(name, [*([("count", int)] if pages else []), *links], frozen=True)
    page.__doc__ = "A page of a list."
    return page


def _parameters(*, idempotent: Idempotent, access_token: bool, cursors: bool, pages: bool) -> list[OpenApiParameter]:
    found = []
    if idempotent:
        found.append(
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                OpenApiParameter.HEADER,
                required=idempotent != "optional",
                description="Names this request; repeating it changes nothing and gets the same answer.",
            )
        )
    if access_token:
        found.append(
            OpenApiParameter("access_token", str, description="Proof for people without a login, as in links.")
        )
    if cursors:
        schema = {"type": "string", "pattern": CURSOR_PATTERN}
        found.append(OpenApiParameter("cursor", schema, description="From `next` or `previous`."))
    if pages:
        found.append(OpenApiParameter("page", {"type": "integer", "minimum": 1}, description="From 1."))
    if pages or cursors:
        found.append(
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 100}, description="20 without.")
        )
    return found
