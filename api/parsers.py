"""A JSON parser that believes nothing: whatever PostgreSQL or Python would trip over later is refused here.

Numbers stay what they were written as. A float is kept as Decimal, so that 0.1 is 0.1; NaN, infinities
and integers longer than any quantity are refused.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from common.errors import FieldError, Malformed, PayloadTooLarge

MAX_BODY = 16 * 1024
"""Bytes of a body, where the operation says no other limit."""

MAX_DEPTH = 32
MAX_DIGITS = 30
MAX_POINTER = 200
"""Letters of a pointer that a refusal repeats; longer ones are what somebody made up."""

# A whole string, closed or not, counts as one piece. Possessive, so that no body can make it look twice at a letter.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class StrictJSONParser(BaseParser):
    """Reads UTF-8 JSON into plain Python values, or refuses it as Malformed."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the body's value. Raises Malformed, PayloadTooLarge, UnsupportedMediaType (compressed body)."""
        context = parser_context or {}
        request = context.get("request")
        if request is not None and request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise UnsupportedMediaType(request.META["HTTP_CONTENT_ENCODING"])
        if _charset(media_type or "") not in ("", "utf-8", "utf8"):
            raise UnsupportedMediaType(str(media_type))
        most = _limit(view=context.get("view"), method=request.method if request is not None else "")
        body = stream.read(most + 1)
        if len(body) > most:
            raise PayloadTooLarge()
        return strict_loads(body)


class AsItCameParser(BaseParser):
    """Keeps a body letter by letter, for signatures over it."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the body. Raises PayloadTooLarge."""
        context = parser_context or {}
        most = _limit(view=context.get("view"), method=context["request"].method)
        body: bytes = stream.read(most + 1)
        if len(body) > most:
            raise PayloadTooLarge()
        return body


def _limit(*, view: Any, method: str) -> int:
    """Return how many bytes the operation that is asked for reads at most."""
    described = getattr(getattr(view, method.lower(), None), "described", None)
    return int(described.body_limit) if described is not None else MAX_BODY


def _charset(media_type: str) -> str:
    return str(parse_header_parameters(media_type)[1].get("charset", "")).strip("\"' ").lower()


def strict_loads(body: bytes) -> Any:
    """Return the JSON value of a body. Raises Malformed."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise _refused(_("The body is not UTF-8.")) from problem
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_repeated_names,
            parse_constant=_no_constant,
            parse_int=_short_int,
            parse_float=_finite,
        )
    except RecursionError as problem:
        raise _refused(_("The body is nested too deeply.")) from problem
    except ValueError as problem:
        raise _refused(_("The body is not JSON.")) from problem
    if "\\u" in text:  # the only way to write what UTF-8 cannot hold
        place = _bad_text(value)
        if place is not None:
            pointer = "".join(f"/{name}" for name in reversed(place))[:MAX_POINTER]
            raise _refused(_("Text with a character that is none."), pointer=pointer, code="invalid_text")
    return value


def _refused(detail: str, *, pointer: str = "", code: str = "parse_error") -> Malformed:
    return Malformed(detail, errors=[FieldError(pointer=pointer, code=code, detail=detail)])


def _check_depth(text: str) -> None:
    """Count brackets outside strings, so that no parser ever recurses into an absurd depth."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for piece in _BRACKETS.findall(text):
        if piece in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _refused(_("The body is nested too deeply."))
        elif piece in "]}":
            depth -= 1


def _without_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _refused(_("A name is given twice."), code="duplicate_name")
    return found


def _no_constant(name: str) -> Any:
    raise _refused(_("Not a JSON number."), code="not_a_number")


def _short_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _refused(_("A number is too long."), code="number_too_long")
    return int(digits)


def _finite(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS:
        raise _refused(_("A number is too long."), code="number_too_long")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        value = Decimal("Infinity")
    if not value.is_finite() or abs(value.adjusted()) > MAX_DIGITS:
        raise _refused(_("A number is too large or too small."), code="number_too_long")
    return value


def _bad_text(value: Any) -> list[str] | None:
    """Return where there is text that is none, the innermost name first; None where all is well."""
    if isinstance(value, str):
        return [] if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value) else None
    if isinstance(value, list):
        for place, item in enumerate(value):
            found = _bad_text(item)
            if found is not None:
                return [*found, str(place)]
    elif isinstance(value, dict):
        for name, item in value.items():
            if _bad_text(name) is not None:
                return []
            found = _bad_text(item)
            if found is not None:
                return [*found, name]
    return None
