"""The provider's own books: payments begun once for each key, paid, declined or forgotten, and what is told of them."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from sandbox.pix import text_of
from sandbox.records import Event, Pages, Payment, Plan, Refund, Refused, Wanted, WantedRefund

MOST_PAYMENTS = 2_000
MOST_EVENTS = 6_000
MOST_CENTS = 10**11
EVENTS_A_PAGE = 100
PAUSES = (1, 2, 5, 10, 30, 60, 300, 900, 3600, 3600, 3600)
"""Seconds before an event is told again, the first time, the second, and so on; then it is given up."""


class Book:
    """Everything the provider knows, behind one lock, and in a file if it is given one."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._lock = threading.RLock()
        self.changed = threading.Event()
        self._pages = Pages()

    def keep_in(self, file: Path) -> None:
        """Go on with what the file holds, and keep everything there; an unreadable one is a fresh start."""
        with self._lock:
            self._file = file
            try:
                self._pages = msgspec.json.decode(file.read_bytes(), type=Pages)
            except (OSError, msgspec.MsgspecError):
                self._pages = Pages()

    # What shops ask

    def begin(self, *, key: str, wanted: Wanted, place: str, now: datetime) -> Payment:
        """Begin a payment, or return the one that was begun under this key. Raises Refused."""
        with self._writing():
            known = next((one for one in self._pages.payments if one.key == key), None)
            if known is not None:
                if known.wanted != wanted:
                    raise Refused("key_reused", status=409)
                return known
            _refuse_odd(wanted)
            self._pages.place = place
            payment = Payment(id=_name("pay"), key=key, wanted=wanted, created_at=now)
            payment.pix_text = text_of(place=place, reference=payment.id, cents=wanted.amount)
            self._pages.payments.append(payment)
            return payment

    def refund(self, *, key: str, payment_id: str, wanted: WantedRefund, now: datetime) -> Refund:
        """Give money back, or return what was given back under this key. Raises Refused."""
        with self._writing():
            payment = self.payment(payment_id)
            known = next((one for one in self._pages.refunds if one.key == key), None)
            if known is not None:
                if (known.payment, known.amount) != (payment_id, wanted.amount):
                    raise Refused("key_reused", status=409)
                return known
            gone = sum(one.amount for one in self._pages.refunds if one.payment == payment_id)
            if payment.status != "succeeded":
                raise Refused("payment_not_paid")
            if payment.holds_back:
                raise Refused("account_closed")
            if wanted.currency != payment.wanted.currency or wanted.amount <= 0:
                raise Refused("amount_invalid")
            if gone + wanted.amount > (payment.received or 0):
                raise Refused("more_than_was_paid")
            refund = Refund(
                id=_name("back"), key=key, payment=payment_id, amount=wanted.amount, currency=wanted.currency,
                reason=wanted.reason, metadata=wanted.metadata, created_at=now,
            )  # fmt: skip
            self._pages.refunds.append(refund)
            self._tell("refund.succeeded", payment=payment, refund=refund, now=now)
            return refund

    def payment(self, payment_id: str) -> Payment:
        """Return a payment. Raises Refused."""
        with self._lock:
            found = next((one for one in self._pages.payments if one.id == payment_id), None)
        if found is None:
            raise Refused("not_found", status=404)
        return found

    def payments_called(self, name: str) -> list[Payment]:
        """Return the payments that their shop calls so, oldest first."""
        with self._lock:
            return [one for one in self._pages.payments if one.wanted.metadata.get("payment") == name]

    def events(self, *, since: datetime, after: str) -> tuple[list[Event], bool]:
        """Return a page of what happened since then, oldest first, and whether there is more."""
        with self._lock:
            found = [one for one in self._pages.events if one.created_at >= since]
        place = next((number for number, one in enumerate(found, start=1) if one.id == after), 0)
        return found[place : place + EVENTS_A_PAGE], len(found) > place + EVENTS_A_PAGE

    # What people do

    def pay(self, payment_id: str, *, now: datetime, more: int = 0, silently: bool = False) -> Payment:
        """Let the money come; of a payment that is paid already, a second time. `more`: than was asked for."""
        with self._writing():
            payment = self.payment(payment_id)
            if payment.status == "succeeded":
                payment = msgspec.structs.replace(payment, id=_name("pay"), key="", created_at=now, holds_back=False)
                self._pages.payments.append(payment)
            payment.status, payment.paid_at, payment.failure = "succeeded", now, ""
            payment.received = max(1, payment.wanted.amount + more)
            self._tell("payment.succeeded", payment=payment, now=now, silently=silently)
            return payment

    def decline(self, payment_id: str, *, now: datetime) -> None:
        """Let the bank say no, unless the money is there."""
        with self._writing():
            payment = self.payment(payment_id)
            if payment.status == "pending":
                payment.status, payment.failure = "failed", "card_declined"
                self._tell("payment.failed", payment=payment, now=now)

    def pay_later(self, payment_id: str, *, at: datetime) -> None:
        """Let the money come at that instant."""
        with self._writing():
            self._pages.plans.append(Plan(at=at, payment=self.payment(payment_id).id))

    def hold_back(self, payment_id: str) -> None:
        """From now on refuse to give any of it back."""
        with self._writing():
            self.payment(payment_id).holds_back = True

    def dispute(self, payment_id: str, *, now: datetime) -> None:
        """Let the customer dispute it with their bank."""
        with self._writing():
            payment = self.payment(payment_id)
            dispute = {
                "id": _name("disp"), "payment": payment.id, "amount": payment.received or payment.wanted.amount,
                "currency": payment.wanted.currency, "status": "needs_response",
            }  # fmt: skip
            self._tell("dispute.opened", payment=payment, dispute=dispute, now=now)

    def tell_again(self, event_id: str, *, now: datetime) -> None:
        """Tell an event once more, heard or not."""
        with self._writing():
            for event in self._pages.events:
                if event.id == event_id:
                    event.next_at, event.tries = now, 0

    # What the clock does

    def tick(self, *, now: datetime) -> list[Event]:
        """Let happen what is due, and return the events that are to be told now."""
        with self._lock:
            due = [plan for plan in self._pages.plans if plan.at <= now]
            over = [one for one in self._pages.payments if one.status == "pending" and _is_over(one, now=now)]
        if due or over:
            with self._writing():
                self._pages.plans = [plan for plan in self._pages.plans if plan not in due]
                for payment in over:
                    payment.status = "expired"
                    self._tell("payment.expired", payment=payment, now=now)
                for plan in due:
                    self.pay(plan.payment, now=now)
        with self._lock:
            return [one for one in self._pages.events if one.next_at is not None and one.next_at <= now]

    def told(self, event: Event, *, answer: str, heard: bool, now: datetime) -> None:
        """Write down how the shop took an event; one that was not heard is told again after a pause."""
        with self._writing():
            event.tries += 1
            event.answer = answer
            if heard:
                event.heard_at, event.next_at = now, None
            elif event.tries <= len(PAUSES):
                event.next_at = now + timedelta(seconds=PAUSES[event.tries - 1])
            else:
                event.next_at = None

    def latest(self, *, most: int) -> tuple[list[Payment], list[Event]]:
        """Return the last payments and events, newest first."""
        with self._lock:
            return self._pages.payments[: -most - 1 : -1], self._pages.events[: -most - 1 : -1]

    def refunded(self, payment_id: str) -> int:
        """Return how much of a payment went back."""
        with self._lock:
            return sum(one.amount for one in self._pages.refunds if one.payment == payment_id)

    def _tell(
        self,
        kind: str,
        *,
        payment: Payment,
        now: datetime,
        refund: Refund | None = None,
        dispute: dict[str, Any] | None = None,
        silently: bool = False,
    ) -> None:
        """Write down what happened, as it stands now, for whoever is to hear it."""
        said: dict[str, Any] = {"id": _name("evt"), "type": kind, "created_at": now}
        if refund is not None:
            said["refund"] = refund.shown()
        elif dispute is not None:
            said["dispute"] = dispute
        else:
            said["payment"] = payment.shown(place=self._pages.place)
        to = payment.wanted.notify_url
        event = Event(
            id=said["id"], type=kind, payment=payment.id, body=msgspec.json.encode(said).decode(), notify_url=to,
            created_at=now, next_at=now if to and not silently else None,
        )  # fmt: skip
        self._pages.events.append(event)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Change the books, keep the file in step, and wake whoever tells."""
        with self._lock:
            yield
            del self._pages.payments[:-MOST_PAYMENTS], self._pages.events[:-MOST_EVENTS]
            if self._file is not None:
                fresh = self._file.with_suffix(".new")
                fresh.write_bytes(msgspec.json.encode(self._pages))
                fresh.replace(self._file)
        self.changed.set()


def _is_over(payment: Payment, *, now: datetime) -> bool:
    return payment.wanted.expires_at is not None and payment.wanted.expires_at <= now


def _refuse_odd(wanted: Wanted) -> None:
    if not 0 < wanted.amount < MOST_CENTS:
        raise Refused("amount_invalid")
    if not (len(wanted.currency) == 3 and wanted.currency.isascii() and wanted.currency.isupper()):
        raise Refused("currency_invalid")
    if wanted.method == "pix" and wanted.currency != "BRL":
        raise Refused("currency_invalid")
    if wanted.expires_at is not None and wanted.expires_at.tzinfo is None:
        raise Refused("expires_at_invalid")
    for address in filter(None, (wanted.return_url, wanted.notify_url)):
        if urlsplit(address).scheme not in ("http", "https"):
            raise Refused("address_invalid")


def _name(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(10)}"
