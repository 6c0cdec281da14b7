"""The pages for people: where one pays, or does everything else that people and banks do, and what became of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from sandbox import clock
from sandbox.faults import KINDS, Fault
from sandbox.provider import book, faults
from sandbox.records import Payment, Refused

LANGUAGE_COOKIE = "sandbox_language"
SHOWN = 20
SOON = timedelta(seconds=10)
LATE = timedelta(seconds=5)
TOO_MUCH = 1_000
TOO_LITTLE = -100
FAULT_TIMES = 5
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Speaking:
    """Speaks the language that a person chose, or else their browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in that language."""
        wanted = request.GET.get("lang", "")
        known = dict(settings.LANGUAGES)
        kept = request.COOKIES.get(LANGUAGE_COOKIE, "")
        found = next((one for one in (wanted, kept) if one in known), "")
        with translation.override(found or translation.get_language_from_request(request)):
            response = self._get_response(request)
            if wanted in known:
                response.set_cookie(LANGUAGE_COOKIE, wanted, samesite="Lax", httponly=True)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def index(request: HttpRequest) -> HttpResponse:
    """Show what was asked and told lately, and what can go wrong."""
    payments, events = book.latest(most=SHOWN)
    kind, left = faults.left()
    context = {
        "payments": [_row(one) for one in payments],
        "events": [{"event": one, "about": one.payment} for one in events],
        "faults": [("", _fault_names()[""]), *((one, _fault_names()[one]) for one in KINDS)],
        "fault": _fault_names().get(kind, "") if left else "",
        "left": left,
        "unknown": "unknown" in request.GET,
    }
    return _page(request, "sandbox/index.html", context)


def scan(request: HttpRequest) -> HttpResponse:
    """Open what a Pix text asks for, as the app of a bank would."""
    text = "".join(request.GET.get("text", "").split())
    payments, _events = book.latest(most=10_000)
    found = next((one for one in payments if one.pix_text.replace(" ", "") == text), None)
    return HttpResponseRedirect(reverse("pay", args=[found.id]) if found else f"{reverse('index')}?unknown=1")


def choose_fault(request: HttpRequest) -> HttpResponse:
    """Let the next calls of the shop go wrong."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    kind = request.POST.get("kind", "")
    faults.choose(Fault(kind=kind), times=FAULT_TIMES if kind in KINDS else 0)
    return HttpResponseRedirect(reverse("index"))


def again(request: HttpRequest, event_id: str) -> HttpResponse:
    """Tell an event once more."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    book.tell_again(event_id, now=clock.now())
    return HttpResponseRedirect(reverse("index"))


def pay(request: HttpRequest, payment_id: str) -> HttpResponse:
    """Show a payment, or do with it what a person chose and lead back to the shop."""
    try:
        payment = book.payment(payment_id)
    except Refused:
        return _page(request, "sandbox/nothing.html", {}, status=404)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act in ACTS:
        ACTS[act](payment)
        stays = act in STAYS or not payment.wanted.return_url
        here = f"{reverse('pay', args=[payment_id])}?done={act}"
        return HttpResponseRedirect(here if stays else payment.wanted.return_url)
    return _page(request, "sandbox/pay.html", {**_row(payment), "done": _done_names().get(request.GET.get("done", ""))})


def _pay(payment: Payment) -> None:
    book.pay(payment.id, now=clock.now())


def _twice(payment: Payment) -> None:
    _pay(payment)
    _pay(payment)


def _more(payment: Payment) -> None:
    book.pay(payment.id, more=TOO_MUCH, now=clock.now())


def _less(payment: Payment) -> None:
    book.pay(payment.id, more=TOO_LITTLE, now=clock.now())


def _silent(payment: Payment) -> None:
    book.pay(payment.id, silently=True, now=clock.now())


def _soon(payment: Payment) -> None:
    book.pay_later(payment.id, at=clock.now() + SOON)


def _late(payment: Payment) -> None:
    book.pay_later(payment.id, at=max(payment.wanted.expires_at or clock.now(), clock.now()) + LATE)


def _decline(payment: Payment) -> None:
    book.decline(payment.id, now=clock.now())


def _leave(payment: Payment) -> None:
    """Do nothing: the person goes away."""


def _hold_back(payment: Payment) -> None:
    book.hold_back(payment.id)


def _dispute(payment: Payment) -> None:
    book.dispute(payment.id, now=clock.now())


ACTS: dict[str, Callable[[Payment], None]] = {
    "pay": _pay,
    "soon": _soon,
    "late": _late,
    "twice": _twice,
    "more": _more,
    "less": _less,
    "silent": _silent,
    "decline": _decline,
    "leave": _leave,
    "hold_back": _hold_back,
    "dispute": _dispute,
}
STAYS = ("hold_back", "dispute")


def _row(payment: Payment) -> dict[str, Any]:
    wanted = payment.wanted
    status = payment.status
    over = wanted.expires_at is not None and wanted.expires_at <= clock.now()
    return {
        "payment": payment,
        "status": "expired" if status == "pending" and over else status,
        "amount": _amount(wanted.amount, wanted.currency),
        "more": _amount(wanted.amount + TOO_MUCH, wanted.currency),
        "less": _amount(max(1, wanted.amount + TOO_LITTLE), wanted.currency),
        "received": _amount(payment.received or 0, wanted.currency),
        "refunded": _amount(gone, wanted.currency) if (gone := book.refunded(payment.id)) else "",
        "until": timezone.localtime(wanted.expires_at).strftime("%H:%M:%S") if wanted.expires_at else "",
        "order": wanted.metadata.get("order", "") or wanted.description,
        "back": wanted.return_url,
    }


def _amount(cents: int, currency: str) -> str:
    text = f"{cents // 100:,}.{cents % 100:02}"
    if translation.get_language() == "pt-br":
        text = text.replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"R$ {text}" if currency == "BRL" else f"{currency} {text}"


def _fault_names() -> dict[str, str]:
    return {
        "": gettext("It answers as it should"),
        "error": gettext("It answers with an error"),
        "busy": gettext("It says that it is too busy"),
        "lost": gettext("It does what it is asked, and its answer is lost"),
        "slow": gettext("It answers much too late"),
    }


def _done_names() -> dict[str, str]:
    return {
        "pay": gettext("Paid. The shop is being told."),
        "soon": gettext("The money comes in ten seconds."),
        "late": gettext("The money comes five seconds after the deadline."),
        "twice": gettext("Paid twice. The shop is being told."),
        "more": gettext("Paid too much. The shop is being told."),
        "less": gettext("Paid too little. The shop is being told."),
        "silent": gettext("Paid, and nobody tells the shop. It has to ask."),
        "decline": gettext("Declined. The shop is being told."),
        "leave": gettext("Nothing was paid."),
        "hold_back": gettext("From now on the bank refuses to give this money back."),
        "dispute": gettext("Disputed. The shop is being told."),
    }


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    language = translation.get_language() or "pt-br"
    other = next((code, name) for code, name in settings.LANGUAGES if code != language)
    return render(request, template, {**context, "language": language, "other": other}, status=status)
