"""Stripe, spoken to by its official SDK: cards and Pix, its own page, its signed events.

A payment by card is a page of Stripe's (Checkout) where the request names an address to come back to, and otherwise a
PaymentIntent whose `client_secret` the client's own form completes. A Pix is a PaymentIntent confirmed at once, which
ends when our own attempt does. The shop's word for a payment or a refund travels as metadata and comes back in every
event, so that news finds its attempt before our own answer was stored.

Nothing is asked twice under two keys unless Stripe's own failure was saved under the first: then what it may have made
is looked for, and only where nothing is found the next key is used.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import stripe

from payments.gateways import calls
from payments.gateways.protocol import (
    Asked,
    BadSignature,
    Connection,
    Declined,
    Delivery,
    DisputeFact,
    Event,
    Given,
    PaymentFact,
    PaymentStanding,
    RefundFact,
    RefundStanding,
    Returning,
    Sought,
    Unreachable,
)

VERSION = "2026-10-28.endive"
"""The version of the API that this adapter speaks, whatever the account or a newer SDK would choose."""

TOLERANCE = 300
"""Seconds for which a signed event may travel; Stripe signs each of its own retries anew."""

PAGE_LIVES = timedelta(minutes=31)
"""A page of Stripe's is open for at least half an hour, and so outlives our attempt by that at most."""
PAGE_LIVES_AT_MOST = timedelta(hours=23, minutes=55)

KEYS = 3
"""How many keys a thing is asked for under, where Stripe failed and saved that under the one before."""

WITHOUT_CENTS = (
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
IN_THOUSANDTHS = ("BHD", "JOD", "KWD", "OMR", "TND")
UNITS = dict.fromkeys(WITHOUT_CENTS, 1) | dict.fromkeys(IN_THOUSANDTHS, 1000)
"""How many of the smallest unit make one of a currency; a hundred of any other."""


STANDINGS: dict[str, PaymentStanding] = {"succeeded": "succeeded", "canceled": "cancelled"}
REFUNDS: dict[str, RefundStanding] = {"succeeded": "succeeded", "failed": "refused", "canceled": "refused"}
RAN_OUT = "payment_intent_payment_attempt_expired"

TOLD_OF = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
)
"""The events that the endpoint is to be subscribed to; docs/payments.md lists them."""

stripe.enable_telemetry = False

T = TypeVar("T")
Found = Mapping[str, Any]


class Stripe:
    """An account at Stripe. `account`: set for one that a platform's key acts for."""

    name = "stripe"
    methods = ("card", "pix")
    remote = True

    def __init__(self, *, key: str, webhook_secret: str, account: str, base: str) -> None:
        self.account: str | None = account or None
        self.live: bool | None = "_live_" in key
        self._secret = webhook_secret
        self._client = stripe.StripeClient(
            key,
            stripe_account=self.account,
            stripe_version=VERSION,
            base_addresses={"api": base},
            max_network_retries=0,  # `calls` tries again
            http_client=stripe.RequestsClient(timeout=calls.TIMEOUT),
        )

    def begin(self, asked: Asked) -> PaymentFact:
        """Make the page, the intent or the Pix, once for the key."""
        by_page = asked.method == "card" and bool(asked.return_url)

        def create(key: str) -> PaymentFact:
            if by_page:
                page = self._client.v1.checkout.sessions.create(_page_of(asked), {"idempotency_key": key})
                return self._page_fact(page.to_dict())
            intent = self._client.v1.payment_intents.create(_intent_of(asked), {"idempotency_key": key})
            return self._payment_fact(intent.to_dict())

        return self._once(key=asked.key, create=create, find=lambda: self._searched(payment=asked.id))

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """Fetch the intent or the page, or search for what we called it."""
        try:
            if sought.reference:
                return self._intent(sought.reference)
            if sought.handle:
                return self._page(sought.handle)
            return self._searched(payment=sought.payment) if sought.payment else None
        except stripe.StripeError as problem:
            if problem.code == "resource_missing":
                return None
            raise _told_apart(problem) from None

    def refund(self, returning: Returning) -> RefundFact:
        """Give back, once for the key.

        One that was made is fetched: Stripe forgets a key after a day, and this may be asked again after that.
        """
        if returning.reference:
            made = self._asked(lambda: self._client.v1.refunds.retrieve(returning.reference))
            return self._refund_fact(made.to_dict())
        known = self._asked(lambda: self._refund_made(returning))
        if known is not None:
            return known

        def create(key: str) -> RefundFact:
            made = self._client.v1.refunds.create(_refund_of(returning), {"idempotency_key": key})
            return self._refund_fact(made.to_dict())

        return self._once(key=returning.key, create=create, find=lambda: self._refund_made(returning))

    def verify_event(self, delivery: Delivery, *, now: datetime) -> Event:
        """Return what Stripe tells, if Stripe has signed it, and not long ago by the machine's clock."""
        signature = next((value for name, value in delivery.headers.items() if name.lower() == "stripe-signature"), "")
        try:
            stripe.WebhookSignature.verify_header(delivery.body, signature, self._secret, TOLERANCE)
            told = json.loads(delivery.body)
            return self._event(told, body=delivery.body)
        except (stripe.SignatureVerificationError, ValueError, TypeError, LookupError, AttributeError) as problem:
            raise BadSignature(type(problem).__name__) from None

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Return what Stripe has told since then; it remembers thirty days."""
        wanted: Any = {"created": {"gte": int(since.timestamp())}, "types": list(TOLD_OF), "limit": 100}
        told = self._asked(lambda: list(self._client.v1.events.list(wanted).auto_paging_iter()))
        said = [event.to_dict() for event in reversed(told)]
        return [self._event(event, body=json.dumps(event).encode()) for event in said]

    def check_connection(self) -> Connection:
        """Ask for the balance, which moves nothing."""
        balance = self._asked(self._client.v1.balance.retrieve).to_dict()
        return Connection(ok=balance["livemode"] == self.live, account=self.account, live=balance["livemode"])

    def _intent(self, reference: str) -> PaymentFact:
        return self._payment_fact(self._client.v1.payment_intents.retrieve(reference).to_dict())

    def _page(self, handle: str) -> PaymentFact:
        wanted: Any = {"expand": ["payment_intent"]}
        return self._page_fact(self._client.v1.checkout.sessions.retrieve(handle, wanted).to_dict())

    def _searched(self, *, payment: UUID) -> PaymentFact | None:
        """Search for the intent of a payment; Stripe finds one about a minute after it was made."""
        wanted: Any = {"query": f"metadata['payment']:'{payment}'", "limit": 10}
        found = [intent.to_dict() for intent in self._client.v1.payment_intents.search(wanted).data]
        paid = [intent for intent in found if intent["status"] == "succeeded"]
        return self._payment_fact((paid or found)[0]) if found else None

    def _refund_made(self, returning: Returning) -> RefundFact | None:
        wanted: Any = {"payment_intent": returning.payment, "limit": 100}
        for listed in self._client.v1.refunds.list(wanted).auto_paging_iter():
            made = listed.to_dict()
            if (made.get("metadata") or {}).get("key") == returning.key:
                return self._refund_fact(made)
        return None

    def _once(self, *, key: str, create: Callable[[str], T], find: Callable[[], T | None]) -> T:
        """Make a thing under its key. Where Stripe's failure is saved under it, find what was made, or use the next."""
        for turn in range(1, KEYS + 1):
            try:
                return create(key if turn == 1 else f"{key}:{turn}")
            except stripe.StripeError as problem:
                if not _is_spoilt(problem):
                    raise _told_apart(problem) from None
            found = self._asked(find)
            if found is not None:
                return found
        raise Unreachable("its own failure is saved under every key")

    def _asked(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except stripe.StripeError as problem:
            raise _told_apart(problem) from None

    def _event(self, told: Found, *, body: bytes) -> Event:
        about, kind = told["data"]["object"], str(told["type"])
        whose: dict[str, Any] = {"account": told.get("account") or self.account, "live": told["livemode"]}
        facts: dict[str, Any] = {}
        if kind not in TOLD_OF:
            pass
        elif about["object"] == "payment_intent":
            facts["payment"] = self._payment_fact(about, **whose)
        elif about["object"] == "checkout.session":
            facts["payment"] = self._page_fact(about, **whose)
        elif about["object"] == "refund":
            facts["refund"] = self._refund_fact(about, **whose)
        elif about["object"] == "dispute":
            facts["dispute"] = _dispute_fact(about)
        # `charge.refunded` only says how much went back in all; each refund is told by itself
        return Event(id=str(told["id"]), kind=kind, at=_instant(told["created"]), body=body, **facts)

    def _payment_fact(self, intent: Found, **whose: Any) -> PaymentFact:
        problem = intent.get("last_payment_error") or {}
        failure = str(problem.get("decline_code") or problem.get("code") or "")
        way = (intent.get("metadata") or {}).get("way")
        status: PaymentStanding = STANDINGS.get(intent["status"], "pending")
        if way == "pix" and intent["status"] == "requires_payment_method":  # nobody can pay it any more
            status = "expired" if problem.get("code") in (None, RAN_OUT) else "failed"
        code = ((intent.get("next_action") or {}).get("pix_display_qr_code") or {}).get("data") or ""
        waits = status == "pending"
        return PaymentFact(
            reference=str(intent["id"]),
            status=status,
            amount=_amount(intent["amount_received"] if status == "succeeded" else intent["amount"], intent),
            currency=str(intent["currency"]).upper(),
            given=Given(
                client_secret=str(intent.get("client_secret") or "") if waits and way == "form" else "",
                pix_text=code if waits else "",
            ),
            failure=failure,
            **self._named(intent, whose),
        )

    def _page_fact(self, page: Found, **whose: Any) -> PaymentFact:
        intent = page.get("payment_intent")
        if isinstance(intent, Mapping):
            if intent["status"] == "succeeded":
                return self._payment_fact(intent, **whose)
            intent = intent["id"]
        paid = page["payment_status"] == "paid"
        status: PaymentStanding = "succeeded" if paid else "expired" if page["status"] == "expired" else "pending"
        waits = status == "pending"
        return PaymentFact(
            reference=str(intent or "") if paid else "",  # a page may come to another intent, if the first fails
            status=status,
            amount=_amount(page["amount_total"], page),
            currency=str(page["currency"]).upper(),
            given=Given(checkout_url=page.get("url") or "", handle=str(page["id"])) if waits else Given(),
            **self._named(page, whose),
        )

    def _refund_fact(self, refund: Found, **whose: Any) -> RefundFact:
        return RefundFact(
            reference=str(refund["id"]),
            status=REFUNDS.get(str(refund.get("status")), "sent"),
            amount=_amount(refund["amount"], refund),
            currency=str(refund["currency"]).upper(),
            payment=str(refund.get("payment_intent") or ""),
            refund=_uuid((refund.get("metadata") or {}).get("refund")),
            failure=str(refund.get("failure_reason") or ""),
            **whose,
        )

    def _named(self, thing: Found, whose: Found) -> dict[str, Any]:
        """Return what we called a thing when we asked for it, and whose money it is."""
        metadata = thing.get("metadata") or {}
        return {
            "payment": _uuid(metadata.get("payment")),
            "order": str(metadata.get("order", "")),
            "account": whose.get("account", self.account),
            "live": whose.get("live", thing["livemode"]),
        }


def _page_of(asked: Asked) -> Any:
    """Return the page to ask for. It takes no payment once the attempt is over, or as soon after as Stripe allows."""
    ends = [asked.expires_at + PAGE_LIVES] if asked.expires_at is not None else []
    if asked.begun_at is not None:
        ends.append(asked.begun_at + PAGE_LIVES_AT_MOST)
    named = _names_of(asked, way="page")
    line = {
        "currency": asked.currency.lower(),
        "unit_amount": _minor(asked.amount, asked.currency),
        "product_data": {"name": asked.description},
    }
    return {
        "mode": "payment",
        "payment_method_types": ["card"],
        "line_items": [{"price_data": line, "quantity": 1}],
        "client_reference_id": asked.order,
        "metadata": named,
        "payment_intent_data": {"metadata": named, "description": asked.description},
        "success_url": asked.return_url,
        "cancel_url": asked.return_url,
        **({"expires_at": int(min(ends).timestamp())} if ends else {}),
    }


def _intent_of(asked: Asked) -> Any:
    """Return the intent to ask for; a Pix is confirmed at once, so that there is something to copy."""
    wanted: dict[str, Any] = {
        "amount": _minor(asked.amount, asked.currency),
        "currency": asked.currency.lower(),
        "payment_method_types": [asked.method],
        "description": asked.description,
        "metadata": _names_of(asked, way="pix" if asked.method == "pix" else "form"),
    }
    if asked.method == "pix":
        wanted |= {"confirm": True, "payment_method_data": {"type": "pix"}}
        if asked.expires_at is not None:
            wanted["payment_method_options"] = {"pix": {"expires_at": int(asked.expires_at.timestamp())}}
    return wanted


def _names_of(asked: Asked, *, way: str) -> dict[str, str]:
    return {"payment": str(asked.id), "order": asked.order, "way": way}


def _refund_of(returning: Returning) -> Any:
    return {
        "payment_intent": returning.payment,
        "amount": _minor(returning.amount, returning.currency),
        "reason": "requested_by_customer",
        "metadata": {"refund": str(returning.id), "key": returning.key},
    }


def _dispute_fact(dispute: Found) -> DisputeFact:
    return DisputeFact(
        reference=str(dispute["id"]),
        payment=str(dispute.get("payment_intent") or ""),
        amount=_amount(dispute["amount"], dispute),
        currency=str(dispute["currency"]).upper(),
        status=f"{dispute['reason']}: {dispute['status']}",
    )


def _is_spoilt(problem: stripe.StripeError) -> bool:
    """Say whether a key is of no more use: a failure of Stripe's own is saved under it, or other words than ours."""
    if isinstance(problem, stripe.IdempotencyError):
        return problem.http_status == 400
    replayed = {name.lower(): value for name, value in (problem.headers or {}).items()}.get("idempotent-replayed")
    return (problem.http_status or 0) >= 500 and replayed == "true"


def _told_apart(problem: stripe.StripeError) -> Unreachable | Declined:
    """Return whether it has certainly not happened, or nobody knows. Neither carries a body or a key."""
    status = problem.http_status or 0
    if isinstance(problem, stripe.APIConnectionError) or status in (0, 409, 429) or status >= 500:
        return Unreachable(f"{type(problem).__name__} {status or ''}".strip())
    details = (problem.json_body or {}).get("error", {}) if isinstance(problem.json_body, Mapping) else {}
    return Declined(str(details.get("decline_code") or problem.code or details.get("type") or status)[:100])


def _minor(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest unit of its currency. Raises Declined for one that has none so small."""
    units = amount * UNITS.get(currency.upper(), 100)
    if units != units.to_integral_value():
        raise Declined("amount_has_cents")
    return int(units)


def _amount(units: Any, thing: Found) -> Decimal:
    return (Decimal(int(units)) / UNITS.get(str(thing["currency"]).upper(), 100)).quantize(Decimal("0.01"))


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), tz=UTC)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
