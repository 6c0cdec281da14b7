"""Answers: one class says which fields there are; it is built by hand, checked by mypy, described, and written as JSON.

Amounts are written as text with their two places. An instant is text with its offset, so whoever builds the answer
chooses the zone in which it is shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from django.utils.functional import Promise

from common.idempotency import StoredResponse

JSON = "application/json"

InstantText = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]


def one_of(*values: str) -> msgspec.Meta:
    """Describe text that is one of some."""
    return msgspec.Meta(extra_json_schema={"enum": list(values)})


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the API says, or a part of it."""


def respond(
    answer: Answer | Sequence[Answer] | Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an answer, a list of them, or a page of them as a response."""
    return HttpResponse(encode(answer), status=status, content_type=JSON, headers=headers)


def respond_private(answer: Answer, *, status: int = 200) -> HttpResponse:
    """Return an answer that no cache may keep as a response: it is one person's, or true for a moment only."""
    return respond(answer, status=status, headers={"Cache-Control": "no-store"})


def to_keep(answer: Answer, *, status: int) -> StoredResponse:
    """Return an answer as it is kept for whoever repeats the request."""
    return StoredResponse(status=status, body=encode(answer))


def respond_kept(kept: StoredResponse) -> HttpResponse:
    """Return an answer that is kept as a response; one given before says so in `Idempotent-Replayed`."""
    headers = {"Idempotent-Replayed": "true"} if kept.replayed else None
    return HttpResponse(kept.body, status=kept.status, content_type=JSON, headers=headers)


def nothing() -> HttpResponse:
    """Return the response that says that it is done, and no more."""
    return HttpResponse(status=204)


def instant(moment: datetime) -> str:
    """Return an instant as text."""
    return moment.isoformat()


def instant_if(moment: datetime | None) -> str | None:
    """Return an instant as text, or None for none."""
    return None if moment is None else moment.isoformat()


def _plain(value: Any) -> Any:
    if isinstance(value, Promise | str):  # lazy texts, and members of TextChoices
        return str(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def encode(answer: Any) -> bytes:
    """Return an answer as JSON in UTF-8."""
    return _encoder.encode(answer)
