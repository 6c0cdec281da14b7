"""The API that shops speak: JSON, a key in the header, an idempotency key for whatever happens once."""

import hmac
import threading
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse

from sandbox import clock
from sandbox.faults import MOST_SECONDS, Fault, Kind
from sandbox.provider import KEY, book, faults
from sandbox.records import ACCOUNT, Refused, Wanted, WantedRefund

T = TypeVar("T")
Door = Callable[..., HttpResponse]
MOST_KEY = 200
SHORT_BY = 1000


class WantedFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the next calls are to meet."""

    kind: Kind
    times: int = 1
    seconds: float = 20.0


def door(*methods: str, may_fail: bool = True) -> Callable[[Door], Door]:
    """Let only a shop with the key in, answer refusals as JSON, and do wrong what somebody chose."""

    def wrap(view: Door) -> Door:
        @wraps(view)
        def opened(request: HttpRequest, **names: str) -> HttpResponse:
            try:
                _admit(request, methods)
                fault = faults.next() if may_fail else None
                if fault is not None and fault.kind in ("error", "busy"):
                    raise Refused(fault.kind, status=500 if fault.kind == "error" else 429)
                return _spoilt(view(request, **names), fault)
            except Refused as refused:
                return _json({"code": refused.code}, status=refused.status)

        return opened

    return wrap


@door("GET", "POST")
def payments(request: HttpRequest) -> HttpResponse:
    """Begin a payment, or list those that the shop calls by a name."""
    place = _place(request)
    if request.method == "GET":
        found = book.payments_called(request.GET.get("metadata_payment", ""))
        return _json({"data": [one.shown(place=place) for one in found]})
    key, wanted = _key(request), _body(request, Wanted)
    begun = book.begin(key=key, wanted=wanted, place=place, now=clock.now())
    return _json(begun.shown(place=place), status=201)


@door("GET")
def payment(request: HttpRequest, payment_id: str) -> HttpResponse:
    """Show a payment."""
    return _json(book.payment(payment_id).shown(place=_place(request)))


@door("POST")
def refunds(request: HttpRequest, payment_id: str) -> HttpResponse:
    """Give money back."""
    key, wanted = _key(request), _body(request, WantedRefund)
    made = book.refund(key=key, payment_id=payment_id, wanted=wanted, now=clock.now())
    return _json(made.shown(), status=201)


@door("GET")
def events(request: HttpRequest) -> HttpResponse:
    """List what happened, oldest first."""
    try:
        since = datetime.fromisoformat(request.GET.get("since", "1970-01-01T00:00:00+00:00"))
    except ValueError:
        raise Refused("since_invalid", status=400) from None
    if since.tzinfo is None:
        raise Refused("since_invalid", status=400)
    page, more = book.events(since=since, after=request.GET.get("after", ""))
    return _json({"data": [msgspec.Raw(one.body.encode()) for one in page], "has_more": more})


@door("GET")
def account(request: HttpRequest) -> HttpResponse:
    """Say whose key it is."""
    return _json({"id": ACCOUNT, "live": False})


@door("POST", may_fail=False)
def choose_fault(request: HttpRequest) -> HttpResponse:
    """Choose what the next calls meet."""
    wanted = _body(request, WantedFault)
    faults.choose(Fault(kind=wanted.kind, seconds=wanted.seconds), times=wanted.times)
    return _json({"kind": wanted.kind, "times": wanted.times})


def _admit(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise Refused("method_not_allowed", status=405)
    told = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(told, f"Bearer {KEY}".encode()):
        raise Refused("unauthorized", status=401)


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= MOST_KEY:
        raise Refused("idempotency_key_missing", status=400)
    return key


def _body(request: HttpRequest, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(request.body, type=kind)
    except msgspec.MsgspecError:
        raise Refused("body_invalid", status=400) from None


def _place(request: HttpRequest) -> str:
    """Return the address under which the shop reaches the provider; its customers reach it there too."""
    return request.build_absolute_uri("/").rstrip("/")


def _json(content: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)


def _spoilt(response: HttpResponse, fault: Fault | None) -> HttpResponse:
    """Return an answer as the chosen fault lets it arrive; what was asked has been done."""
    if fault is not None and fault.kind == "slow":
        threading.Event().wait(min(fault.seconds, MOST_SECONDS))
    if fault is not None and fault.kind == "lost":  # the connection ends before the answer does
        response.headers["Content-Length"] = str(len(response.content) + SHORT_BY)
    return response
