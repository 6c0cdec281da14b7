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
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import stripe

from payments.gateways import calls
from payments.gateways.line import BoundedSession
from payments.gateways.protocol import (
    Asked,
    BadSignature,
    Connection,
    Delivery,
    Event,
    Given,
    PaymentFact,
    PaymentStanding,
    RefundFact,
    RefundStanding,
    Returning,
    Sought,
    Unreachable,
    own_id,
)
from payments.gateways.stripe_words import (
    Found,
    amount_of,
    dispute_fact,
    instant_of,
    intent_asked,
    is_spoilt,
    page_asked,
    refund_asked,
    told_apart,
)

VERSION = "2026-10-28.endive"
"""The version of the API that this adapter speaks, whatever the account or a newer SDK would choose."""

TOLERANCE = 300
"""Seconds for which a signed event may travel; Stripe signs each of its own retries anew."""

KEYS = 3
"""How many keys a thing is asked for under, where Stripe failed and saved that under the one before."""

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
            http_client=stripe.RequestsClient(timeout=calls.TIMEOUT, session=BoundedSession()),
        )

    def begin(self, asked: Asked) -> PaymentFact:
        """Make the page, the intent or the Pix, once for the key."""
        by_page = asked.method == "card" and bool(asked.return_url)

        def create(key: str) -> PaymentFact:
            if by_page:
                page = self._client.v1.checkout.sessions.create(page_asked(asked), {"idempotency_key": key})
                return self._page_fact(page.to_dict())
            intent = self._client.v1.payment_intents.create(intent_asked(asked), {"idempotency_key": key})
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
            raise told_apart(problem) from None

    def close(self, sought: Sought, *, now: datetime) -> PaymentFact | None:
        """End the page or cancel the intent; what can no longer be ended says how it stands."""
        try:
            if sought.handle:
                self._client.v1.checkout.sessions.expire(sought.handle)
                return self._page(sought.handle)
            if sought.reference:
                return self._payment_fact(self._client.v1.payment_intents.cancel(sought.reference).to_dict())
        except stripe.InvalidRequestError:
            return self.look_up(sought)  # paid, on its way, or over
        except stripe.StripeError as problem:
            raise told_apart(problem) from None
        found = self.look_up(sought)
        return self.close(Sought(reference=found.reference), now=now) if found and found.status == "pending" else found

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
            made = self._client.v1.refunds.create(refund_asked(returning), {"idempotency_key": key})
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
                if not is_spoilt(problem):
                    raise told_apart(problem) from None
            found = self._asked(find)
            if found is not None:
                return found
        raise Unreachable("its own failure is saved under every key")

    def _asked(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except stripe.StripeError as problem:
            raise told_apart(problem) from None

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
            facts["dispute"] = dispute_fact(about)
        # `charge.refunded` only says how much went back in all; each refund is told by itself
        return Event(id=str(told["id"]), kind=kind, at=instant_of(told["created"]), body=body, **facts)

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
            amount=amount_of(intent["amount_received"] if status == "succeeded" else intent["amount"], intent),
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
            amount=amount_of(page["amount_total"], page),
            currency=str(page["currency"]).upper(),
            given=Given(checkout_url=page.get("url") or "", handle=str(page["id"])) if waits else Given(),
            **self._named(page, whose),
        )

    def _refund_fact(self, refund: Found, **whose: Any) -> RefundFact:
        return RefundFact(
            reference=str(refund["id"]),
            status=REFUNDS.get(str(refund.get("status")), "sent"),
            amount=amount_of(refund["amount"], refund),
            currency=str(refund["currency"]).upper(),
            payment=str(refund.get("payment_intent") or ""),
            refund=own_id((refund.get("metadata") or {}).get("refund")),
            failure=str(refund.get("failure_reason") or ""),
            **whose,
        )

    def _named(self, thing: Found, whose: Found) -> dict[str, Any]:
        """Return what we called a thing when we asked for it, and whose money it is."""
        metadata = thing.get("metadata") or {}
        return {
            "payment": own_id(metadata.get("payment")),
            "order": str(metadata.get("order", "")),
            "account": whose.get("account", self.account),
            "live": whose.get("live", thing["livemode"]),
        }
