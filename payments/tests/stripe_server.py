"""A server that behaves like Stripe's API as far as the shop speaks with it, for the official SDK to be tried against.

It takes forms and refuses words it does not know, asks for its version, replays what is kept under an idempotency key,
failures of its own included, tells of what happens by signed events, and lists them by pages. `pay`, `decline` and the
like do what customers, banks and people at Stripe's own desk do.
"""

import re
import time
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import stripe

from payments.tests.gateway_server import Answer, Asked, GatewayServer, Refusal

KEY = "sk_test_of_the_stand_in_51"
SECRET = "whsec_of_the_stand_in"
PIX = "00020101021226370014br.gov.bcb.pix0115stripe@example.5204000053039865802BR5906STRIPE6009SAO PAULO62070503***6304ABCD"

NAMES = r"metadata\[\w+\]"
KNOWN: dict[str, str] = {
    "POST /v1/payment_intents": rf"amount|currency|description|confirm|payment_method_types\[\d\]|{NAMES}"
    r"|payment_method_data\[type\]|payment_method_options\[pix\]\[expires_at\]",
    "POST /v1/checkout/sessions": rf"mode|client_reference_id|success_url|cancel_url|expires_at|{NAMES}"
    r"|payment_method_types\[\d\]|payment_intent_data\[description\]|payment_intent_data\[metadata\]\[\w+\]"
    r"|line_items\[0\]\[quantity\]|line_items\[0\]\[price_data\](\[currency\]|\[unit_amount\]|\[product_data\]\[name\])",
    "POST /v1/refunds": rf"payment_intent|amount|reason|{NAMES}",
    "GET /v1/events": r"created\[gte\]|types\[\d+\]|limit|starting_after",
    "GET /v1/refunds": r"payment_intent|limit|starting_after",
    "GET /v1/payment_intents/search": r"query|limit|page",
    "GET /v1/checkout/sessions/": r"expand\[0\]",
}
"""The words that each request may hold."""
NEEDED = {
    "POST /v1/payment_intents": ("amount", "currency"),
    "POST /v1/checkout/sessions": ("mode", "success_url"),
    "POST /v1/refunds": ("payment_intent",),
}


class StripeServer(GatewayServer):
    """Keeps intents, pages, refunds and events; `page` is how many a list shows at most."""

    def __init__(self) -> None:
        super().__init__()
        self.intents: dict[str, dict[str, Any]] = {}
        self.pages: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.kept: dict[str, tuple[str, Answer]] = {}
        self.saves: list[str] = []
        self.slow_refunds = False
        self.page = 100
        self._numbers = count(1)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request as Stripe does."""
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "invalid_request_error", "", message=f"Invalid API Key provided: {KEY[:9]}****")
        form = parse_qsl(asked.body.decode(), keep_blank_values=True)
        try:
            _judge(asked, form)
            return self._kept(asked, dict(form)) if asked.method == "POST" else self._fetched(asked)
        except Refusal as refusal:
            return refusal.answer

    def broken(self, status: int) -> Answer:
        """Fail before anything is done; nothing is kept under the key."""
        if status == 429:
            return _error(429, "invalid_request_error", "rate_limit")
        return _error(status, "api_error", "")

    def save_failure(self, line: str, *, done: bool = False) -> None:
        """Have the next such request fail and the failure kept under its key, `done` or not."""
        self.saves.append(f"{line} done" if done else line)

    def pay(
        self, reference: str, *, kinds: tuple[str, ...] = ("payment_intent.succeeded",), **differs: Any
    ) -> list[dict[str, Any]]:
        """Have a customer pay an intent; `differs` is what is not as it was asked. Returns the events."""
        with self.guard:
            intent = self.intents[reference]
            intent |= {"status": "succeeded", "amount_received": intent["amount"], "next_action": None} | differs
            return [self.tell(kind, intent) for kind in kinds]

    def pay_page(self, handle: str) -> list[dict[str, Any]]:
        """Have a customer pay on a page, which makes its intent; three events tell of it."""
        with self.guard:
            page = self.pages[handle]
            assert page["status"] == "open", page["status"]
            intent = self._intent(
                amount=page["amount_total"], currency=page["currency"], types=["card"], named=page["_named"]
            )
            page |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"], "url": None}
            charge = {"object": "charge", "id": f"ch_{next(self._numbers)}", "payment_intent": intent["id"]}
            told = self.pay(intent["id"], kinds=())
            told += [self.tell("charge.succeeded", charge), self.tell("payment_intent.succeeded", intent)]
            return [*told, self.tell("checkout.session.completed", page)]

    def decline(self, reference: str, *, code: str = "insufficient_funds") -> dict[str, Any]:
        """Have a bank decline the card."""
        with self.guard:
            intent = self.intents[reference]
            problem = {"type": "card_error", "code": "card_declined", "decline_code": code}
            intent |= {"status": "requires_payment_method", "last_payment_error": problem}
            return self.tell("payment_intent.payment_failed", intent)

    def run_out(self, reference: str) -> dict[str, Any]:
        """Have a Pix or a page run out."""
        with self.guard:
            if reference in self.pages:
                self.pages[reference] |= {"status": "expired", "url": None}
                return self.tell("checkout.session.expired", self.pages[reference])
            problem = {"type": "invalid_request_error", "code": "payment_intent_payment_attempt_expired"}
            self.intents[reference] |= {
                "status": "requires_payment_method",
                "last_payment_error": problem,
                "next_action": None,
            }
            return self.tell("payment_intent.payment_failed", self.intents[reference])

    def give_back(
        self, reference: str, *, amount: int, named: Mapping[str, str] = {}, status: str = "succeeded"
    ) -> dict[str, Any]:
        """Give money back, as somebody at Stripe's own desk does; returns the event."""
        with self.guard:
            refund = {
                "id": f"re_{next(self._numbers)}", "object": "refund", "amount": amount, "status": status,
                "currency": self.intents[reference]["currency"], "payment_intent": reference, "metadata": dict(named),
                "created": int(time.time()), "failure_reason": None,
            }  # fmt: skip
            self.refunds[refund["id"]] = refund
            return self.tell("refund.created", refund)

    def settle(self, refund: str, status: str, *, why: str | None = None) -> dict[str, Any]:
        """Have a bank take or send back a refund."""
        with self.guard:
            self.refunds[refund] |= {"status": status, "failure_reason": why}
            return self.tell("refund.failed" if status == "failed" else "refund.updated", self.refunds[refund])

    def dispute(self, reference: str, *, status: str = "needs_response") -> dict[str, Any]:
        """Have a customer dispute a payment with their bank."""
        intent = self.intents[reference]
        about = {
            "id": f"dp_{next(self._numbers)}", "object": "dispute", "amount": intent["amount"], "reason": "fraudulent",
            "currency": intent["currency"], "payment_intent": reference, "status": status, "livemode": False,
        }  # fmt: skip
        return self.tell("charge.dispute.created", about)

    def tell(self, kind: str, about: Mapping[str, Any], **differs: Any) -> dict[str, Any]:
        """Write down an event and return it; nobody has heard of it yet."""
        with self.guard:
            event = {
                "id": f"evt_{next(self._numbers):06}", "object": "event", "type": kind, "created": int(time.time()),
                "livemode": False, "api_version": "2026-10-28.endive", "pending_webhooks": 1,
                "data": {"object": _shown(about)},
            }  # fmt: skip
            self.events.append(event | differs)
            return self.events[-1]

    def _kept(self, asked: Asked, form: dict[str, str]) -> Answer:
        """Do what is asked, once for its key; what came of it comes again, a failure as well."""
        key = asked.headers.get("idempotency-key", "")
        words = f"{asked.path} {asked.body.decode()}"
        if key in self.kept:
            before, answer = self.kept[key]
            if before != words:
                raise Refusal(_error(400, "idempotency_error", ""))
            return Answer(answer.body, answer.status, {"Idempotent-Replayed": "true"})
        failure = next((line for line in self.saves if asked.line.startswith(line.removesuffix(" done"))), "")
        answer = _error(500, "api_error", "")
        if not failure or failure.endswith(" done"):
            answer = self._done(asked, form)
        if failure:
            self.saves.remove(failure)
            answer = _error(500, "api_error", "")
        self.kept[key] = (words, answer)
        return answer

    def _done(self, asked: Asked, form: dict[str, str]) -> Answer:
        named = {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}
        if asked.path == "/v1/payment_intents":
            if int(form["amount"]) < 50:
                return _error(400, "invalid_request_error", "amount_too_small", param="amount")
            types = [value for name, value in form.items() if name.startswith("payment_method_types")]
            intent = self._intent(amount=int(form["amount"]), currency=form["currency"], types=types, named=named)
            if form.get("confirm") == "true":
                ends = int(form["payment_method_options[pix][expires_at]"])
                if not time.time() + 60 <= ends <= time.time() + 1209600:
                    return _error(
                        400,
                        "invalid_request_error",
                        "parameter_invalid",
                        param="payment_method_options[pix][expires_at]",
                    )
                shown = {"pix_display_qr_code": {"data": f"{PIX}{intent['id']}", "expires_at": ends}}
                intent |= {"status": "requires_action", "next_action": {"type": "pix_display_qr_code", **shown}}
            return Answer(_shown(intent))
        if asked.path == "/v1/checkout/sessions":
            return self._opened(form, named)
        if asked.path.endswith(("/cancel", "/expire")):
            return self._ended(asked)
        return self._given_back(form, named)

    def _ended(self, asked: Asked) -> Answer:
        """Cancel an intent or end a page, if that can still be done."""
        reference = asked.path.split("/")[-2]
        thing = self.pages.get(reference) or self.intents.get(reference)
        if thing is None:
            return _error(404, "invalid_request_error", "resource_missing", param="id")
        if thing["status"] not in ("open", "requires_payment_method", "requires_action"):
            return _error(400, "invalid_request_error", "payment_intent_unexpected_state")
        if reference in self.pages:
            self.run_out(reference)
        else:
            thing |= {"status": "canceled", "next_action": None}
            self.tell("payment_intent.canceled", thing)
        return Answer(_shown(thing))

    def _opened(self, form: dict[str, str], named: dict[str, str]) -> Answer:
        ends = int(form["expires_at"])
        if not time.time() + 1800 <= ends <= time.time() + 86400:
            return _error(400, "invalid_request_error", "parameter_invalid", param="expires_at")
        handle = f"cs_test_{next(self._numbers)}"
        inner = re.compile(r"payment_intent_data\[metadata\]\[(\w+)\]")
        self.pages[handle] = {
            "id": handle, "object": "checkout.session", "status": "open", "payment_status": "unpaid", "livemode": False,
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]) * int(form["line_items[0][quantity]"]),
            "currency": form["line_items[0][price_data][currency]"], "payment_intent": None, "metadata": named,
            "client_reference_id": form["client_reference_id"], "expires_at": ends,
            "url": f"https://checkout.stripe.com/c/pay/{handle}#fid", "success_url": form["success_url"],
            "_named": {found[1]: value for name, value in form.items() if (found := inner.fullmatch(name))},
        }  # fmt: skip
        return Answer(_shown(self.pages[handle]))

    def _given_back(self, form: dict[str, str], named: dict[str, str]) -> Answer:
        intent = self.intents.get(form["payment_intent"])
        if intent is None:
            return _error(404, "invalid_request_error", "resource_missing", param="payment_intent")
        amount = int(form["amount"])
        gone = sum(
            one["amount"]
            for one in self.refunds.values()
            if one["payment_intent"] == intent["id"] and one["status"] != "failed"
        )
        if gone >= intent["amount"]:
            return _error(400, "invalid_request_error", "charge_already_refunded")
        if gone + amount > intent["amount"]:
            return _error(400, "invalid_request_error", "refund_exceeds_charge", param="amount")
        status = "pending" if self.slow_refunds else "succeeded"
        told = self.give_back(intent["id"], amount=amount, named=named, status=status)
        return Answer(dict(told["data"]["object"]))

    def _intent(self, *, amount: int, currency: str, types: list[str], named: dict[str, str]) -> dict[str, Any]:
        reference = f"pi_{next(self._numbers)}"
        self.intents[reference] = {
            "id": reference, "object": "payment_intent", "amount": amount, "amount_received": 0, "currency": currency,
            "status": "requires_payment_method", "client_secret": f"{reference}_secret_canary", "livemode": False,
            "metadata": named, "payment_method_types": types, "next_action": None, "last_payment_error": None,
            "created": int(time.time()),
        }  # fmt: skip
        return self.intents[reference]

    def _fetched(self, asked: Asked) -> Answer:
        kind, _, reference = asked.path.removeprefix("/v1/").rpartition("/")
        if asked.path == "/v1/balance":
            return Answer({"object": "balance", "livemode": False, "available": [], "pending": []})
        if asked.path == "/v1/payment_intents/search":
            wanted = re.fullmatch(r"metadata\['payment'\]:'([0-9a-f-]+)'", asked.query["query"])
            assert wanted, asked.query
            found = [one for one in self.intents.values() if one["metadata"].get("payment") == wanted[1]]
            return Answer({"object": "search_result", "data": [_shown(one) for one in found], "has_more": False})
        if asked.path == "/v1/events":
            types = {value for name, value in asked.query.items() if name.startswith("types")}
            since = int(asked.query["created[gte]"])
            return self._listed(asked, [one for one in self.events if one["created"] >= since and one["type"] in types])
        if asked.path == "/v1/refunds":
            found = [one for one in self.refunds.values() if one["payment_intent"] == asked.query["payment_intent"]]
            return self._listed(asked, found)
        kept: dict[str, dict[str, dict[str, Any]]] = {
            "payment_intents": self.intents, "checkout/sessions": self.pages, "refunds": self.refunds,
        }  # fmt: skip
        thing = kept.get(kind, {}).get(reference)
        if thing is None:
            return _error(404, "invalid_request_error", "resource_missing", param="id")
        if asked.query.get("expand[0]") == "payment_intent" and thing["payment_intent"]:
            thing = thing | {"payment_intent": _shown(self.intents[thing["payment_intent"]])}
        return Answer(_shown(thing))

    def _listed(self, asked: Asked, found: list[dict[str, Any]]) -> Answer:
        """Return a page of a list, newest first."""
        newest = list(reversed(found))
        after = asked.query.get("starting_after")
        begin = next((place + 1 for place, one in enumerate(newest) if one["id"] == after), 0)
        end = begin + min(self.page, int(asked.query["limit"]))
        shown = [_shown(one) for one in newest[begin:end]]
        return Answer({"object": "list", "data": shown, "has_more": end < len(newest), "url": asked.path})


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    """Return the header by which Stripe proves that a body is its own."""
    when = int(at if at is not None else time.time())
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, when))


def _judge(asked: Asked, form: list[tuple[str, str]]) -> None:
    """Refuse another version of the API, words it does not know and what is missing."""
    if asked.headers.get("stripe-version") != "2026-10-28.endive":
        raise Refusal(_error(400, "invalid_request_error", "", message="another version"))
    route = asked.line if asked.line in KNOWN else asked.line.rpartition("/")[0] + "/"
    known = re.compile(KNOWN.get(route, "nothing"))
    words = [name for name, _value in form] if asked.method == "POST" else list(asked.query)
    for name in words:
        if not known.fullmatch(name):
            raise Refusal(_error(400, "invalid_request_error", "parameter_unknown", param=name))
    for name in NEEDED.get(route, ()):
        if name not in words:
            raise Refusal(_error(400, "invalid_request_error", "parameter_missing", param=name))


def _error(status: int, kind: str, code: str, **more: str) -> Answer:
    said = {"type": kind, "code": code, "message": "as Stripe says it"} | more
    return Answer({"error": {name: value for name, value in said.items() if value}}, status)


def _shown(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if not name.startswith("_")}
