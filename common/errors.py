"""Refusals: what the shop says no to, each with a code that never changes.

A refusal is a value, not an accident: a class with an HTTP status, a stable `code`, a translated `title` and the names
of the data a client needs to recover. The status lives here although services know nothing of HTTP; it
is the family's name, and only the door speaks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one place of a payload; `pointer` is a JSON pointer such as /lines/0/quantity."""

    pointer: str
    code: str
    detail: str


class Refusal(Exception):  # noqa: N818 - a refusal is no error
    """The shop says no. Raised by services, turned into problem+json at the door."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    title: ClassVar[str | Promise] = _("Refused")
    fields: ClassVar[tuple[str, ...]] = ()
    sentence: ClassVar[str | Promise | None] = None
    """What a person at the desk reads, with figures of `data` as %(name)s; None: detail or title say it all."""
    amounts: ClassVar[tuple[str, ...]] = ()
    """Which of the data are money."""
    about: ClassVar[str | None] = None
    """The field of a form beside which the sentence stands, where the form has it."""

    def __init__(self, detail: str | Promise | None = None, **data: object) -> None:
        self.detail = str(detail) if detail is not None else None
        self.data = data
        super().__init__(self.code, self.detail, data)


class Malformed(Refusal):
    """The request cannot be read: wrong JSON, type, format or range, a missing or unknown field."""

    status = 400
    code = "invalid_request"
    title = _("Invalid request")
    fields = ("errors",)

    def __init__(self, detail: str | Promise | None = None, *, errors: list[FieldError] | None = None) -> None:
        self.errors = errors or []
        super().__init__(detail, errors=[vars(error) for error in self.errors])


class IdempotencyKeyRequired(Refusal):
    """The request moves something and has no Idempotency-Key."""

    status = 400
    code = "idempotency_key_required"
    title = _("Idempotency-Key required")


class IdempotencyKeyInvalid(Refusal):
    """The Idempotency-Key is not 1 to 255 visible ASCII characters."""

    status = 400
    code = "idempotency_key_invalid"
    title = _("Idempotency-Key invalid")


class Unauthenticated(Refusal):
    """No valid credentials."""

    status = 401
    code = "unauthenticated"
    title = _("Sign in first")


class Forbidden(Refusal):
    """Somebody asks who may not."""

    status = 403
    code = "forbidden"
    title = _("Not allowed")


class NotFound(Refusal):
    """There is no such thing, or it is not the caller's."""

    status = 404
    code = "not_found"
    title = _("Not found")


class Conflict(Refusal):
    """The request clashes with how things stand."""

    status = 409
    code = "conflict"
    title = _("Conflict")


class InvalidTransition(Conflict):
    """The state does not lead there; `allowed` are the states or verbs that are open from here."""

    code = "invalid_transition"
    title = _("Not possible in this state")
    fields = ("from", "allowed")

    @classmethod
    def of(cls, state: str, *, allowed: Sequence[str], detail: str | Promise | None = None) -> "InvalidTransition":
        """Return the refusal to leave `state` that way."""
        return cls(detail, **{"from": state, "allowed": list(allowed)})


class TotalChanged(Conflict):
    """It costs something else than the client showed; nothing is charged in silence."""

    code = "total_changed"
    title = _("The total has changed")
    fields = ("total",)


class IdempotencyInProgress(Conflict):
    """The first request with this key is still running."""

    code = "idempotency_in_progress"
    title = _("The first request is still running")
    sentence = _("This form is being worked on already.")


class MethodNotAllowed(Refusal):
    """The address exists and does not do that."""

    status = 405
    code = "method_not_allowed"
    title = _("Method not allowed")


class NotAcceptable(Refusal):
    """No acceptable media type."""

    status = 406
    code = "not_acceptable"
    title = _("Not acceptable")


class PayloadTooLarge(Refusal):
    """The body is larger than any request of this API needs to be."""

    status = 413
    code = "payload_too_large"
    title = _("Payload too large")


class UnsupportedMedia(Refusal):
    """The body is not plain JSON in UTF-8."""

    status = 415
    code = "unsupported_media_type"
    title = _("Unsupported media type")


class Invalid(Refusal):
    """Well formed, but the shop does not accept it."""

    status = 422
    code = "invalid"
    title = _("The shop does not accept this")


class IdempotencyKeyReused(Invalid):
    """The key was used for another body."""

    code = "idempotency_key_reused"
    title = _("Idempotency-Key used for another request")
    sentence = _("This form had already been sent. Open it again to send another one.")


class TooManyRequests(Refusal):
    """More requests than the shop lets one person make in that time."""

    status = 429
    code = "throttled"
    title = _("Too many requests")
    fields = ("retry_after",)

    def __init__(self, detail: str | Promise | None = None, *, retry_after: int = 1) -> None:
        self.retry_after = retry_after
        super().__init__(detail, retry_after=retry_after)


class Busy(Refusal):
    """Too much is going on for this very thing; trying again soon helps."""

    status = 503
    code = "busy"
    title = _("Busy, please try again")
    fields = ("retry_after",)

    def __init__(self, detail: str | Promise | None = None, *, retry_after: int = 1) -> None:
        self.retry_after = retry_after
        super().__init__(detail, retry_after=retry_after)


class DatabaseUnavailable(Busy):
    """The database does not answer; nothing was changed."""

    code = "database_unavailable"
    title = _("Temporarily unavailable")
