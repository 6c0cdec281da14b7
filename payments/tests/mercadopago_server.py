"""A server that behaves like Mercado Pago's API as far as the shop speaks with it.

It takes JSON and refuses words it does not know, answers numbers as numbers, makes a thing once for its idempotency
key, finds payments by the shop's own word and by when they changed, and notifies with a signature over little more
than a number. `pay` and the like do what customers, banks and people at its own desk do.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from common import clock
from payments.tests.gateway_server import Answer, Asked, GatewayServer

TOKEN = "TEST-of-the-stand-in-4242"
SECRET = "signature-of-the-stand-in"
ACCOUNT = "4242"
PIX = "00020126580014br.gov.bcb.pix0136mercado-pago5204000053039865802BR5907MERCADO6009SAO PAULO62070503***6304BEEF"

COMMON = {"external_reference", "metadata", "notification_url"}
KNOWN = {
    "/v1/payments": COMMON | {"transaction_amount", "description", "payment_method_id", "payer", "date_of_expiration"},
    "/checkout/preferences": COMMON
    | {"items", "payer", "payment_methods", "back_urls", "auto_return", "expires", "expiration_date_to"},
    "refunds": {"amount"},
}
LEAST, MOST = timedelta(minutes=30), timedelta(days=30)


class MercadoPagoServer(GatewayServer):
    """Keeps payments and preferences; a list shows as many at once as it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[str, dict[str, Any]] = {}
        self.pages: dict[str, dict[str, Any]] = {}
        self.kept: dict[str, Answer] = {}
        self.slow_refunds = False
        self._numbers = count(1320000001)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request as Mercado Pago does."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, "unauthorized")
        if asked.method == "GET":
            return self._fetched(asked)
        if asked.method == "PUT":
            return self._ended(asked)
        key = asked.headers.get("x-idempotency-key", "")
        if not key and asked.path.startswith("/v1/payments"):
            return _error(400, "bad_request", code=4292)
        if key not in self.kept:
            answer = self._done(asked)
            if answer.status >= 400:
                return answer
            self.kept[key] = answer
        return self.kept[key]

    def broken(self, status: int) -> Answer:
        """Fail before anything is done."""
        return _error(status, "internal_error" if status >= 500 else "refused_by_bank")

    def pay(self, number: str, **differs: Any) -> str:
        """Have a customer pay; `differs` is what is not as it was asked."""
        return self.becomes(number, status="approved", status_detail="accredited", date_approved=_now(), **differs)

    def pay_page(self, page: str, *, status: str = "approved", detail: str = "accredited", **differs: Any) -> str:
        """Have a customer pay on a page, which makes a payment, or have a bank turn the card down."""
        with self.guard:
            asked = self.pages[page]
            number = self._payment(asked, amount=asked["items"][0]["unit_price"], way="master")
            return self.becomes(number, status=status, status_detail=detail, **differs)

    def becomes(self, number: str, **changes: Any) -> str:
        """Change a payment as banks and people do; returns its number."""
        with self.guard:
            self.payments[number] |= changes | {"date_last_updated": _now()}
            return number

    def give_back(self, number: str, amount: float) -> dict[str, Any]:
        """Give money back, as somebody at Mercado Pago's own desk does."""
        with self.guard:
            payment = self.payments[number]
            made = {
                "id": next(self._numbers), "payment_id": payment["id"], "amount": amount, "date_created": _now(),
                "status": "in_process" if self.slow_refunds else "approved", "source": {"id": ACCOUNT, "type": "collector"},
            }  # fmt: skip
            payment["refunds"].append(made)
            self._count_up(payment)
            return made

    def settle(self, refund: dict[str, Any], status: str) -> str:
        """Have a bank take or turn down a refund; returns its payment's number."""
        with self.guard:
            refund["status"] = status
            payment = self.payments[str(refund["payment_id"])]
            self._count_up(payment)
            return str(payment["id"])

    def _count_up(self, payment: dict[str, Any]) -> None:
        gone = sum(one["amount"] for one in payment["refunds"] if one["status"] == "approved")
        payment["transaction_amount_refunded"] = gone
        if gone >= payment["transaction_amount"]:
            payment["status"], payment["status_detail"] = "refunded", "refunded"
        payment["date_last_updated"] = _now()

    def _done(self, asked: Asked) -> Answer:
        words = json.loads(asked.body)
        route = "refunds" if asked.path.endswith("/refunds") else asked.path
        if set(words) - KNOWN.get(route, set()):
            return _error(400, "bad_request", code=8)
        if route == "refunds":
            return self._given_back(asked.path.split("/")[3], words)
        address = words.get("notification_url", "https://")
        if not address.startswith("https://"):
            return _error(400, "bad_request", code=4020)
        if route == "/checkout/preferences":
            page = f"{ACCOUNT}-{uuid4()}"
            self.pages[page] = words
            place = f"https://www.mercadopago.com.br/checkout/v1/redirect?pref_id={page}"
            return Answer({"id": page, "init_point": place, "collector_id": int(ACCOUNT), **words}, 201)
        if words["payment_method_id"] != "pix" or "@" not in words["payer"]["email"]:
            return _error(400, "bad_request", code=4050)
        ends = datetime.fromisoformat(words["date_of_expiration"])
        if not LEAST <= ends - clock.now() <= MOST:
            return _error(400, "bad_request", code=23)
        number = self._payment(words, amount=words["transaction_amount"], way="pix")
        text = {
            "qr_code": f"{PIX}{number}",
            "qr_code_base64": "",
            "ticket_url": f"https://www.mercadopago.com.br/payments/{number}/ticket",
        }
        payment = self.payments[number]
        payment |= {"point_of_interaction": {"type": "OPENPLATFORM", "transaction_data": text}}
        payment |= {"date_of_expiration": words["date_of_expiration"], "status_detail": "pending_waiting_transfer"}
        return Answer(payment, 201)

    def _ended(self, asked: Asked) -> Answer:
        """Cancel a payment that waits, or change when a page ends."""
        words, number = json.loads(asked.body), asked.path.split("/")[-1]
        if number in self.pages:
            self.pages[number] |= words
            return Answer(self.pages[number] | {"id": number})
        if number not in self.payments:
            return _error(404, "not_found", code=2000)
        if words != {"status": "cancelled"} or self.payments[number]["status"] != "pending":
            return _error(400, "bad_request", code=2063)
        self.becomes(number, status="cancelled", status_detail="by_collector")
        return Answer(self.payments[number])

    def _payment(self, words: Mapping[str, Any], *, amount: float, way: str) -> str:
        number = next(self._numbers)
        self.payments[str(number)] = {
            "id": number, "status": "pending", "status_detail": "", "currency_id": "BRL", "transaction_amount": amount,
            "external_reference": words["external_reference"], "metadata": words["metadata"], "payment_method_id": way,
            "collector_id": int(ACCOUNT), "live_mode": False, "refunds": [], "transaction_amount_refunded": 0,
            "date_created": _now(), "date_last_updated": _now(), "payer": words["payer"],
        }  # fmt: skip
        return str(number)

    def _given_back(self, number: str, words: dict[str, Any]) -> Answer:
        payment = self.payments.get(number)
        if payment is None:
            return _error(404, "not_found", code=2000)
        gone = sum(one["amount"] for one in payment["refunds"] if one["status"] != "rejected")
        if payment["status"] != "approved" or round(gone + words["amount"], 2) > payment["transaction_amount"]:
            return _error(400, "bad_request", code=4041)
        return Answer(dict(self.give_back(number, words["amount"])), 201)

    def _fetched(self, asked: Asked) -> Answer:
        parts = asked.path.strip("/").split("/")
        if asked.path == "/users/me":
            return Answer({"id": int(ACCOUNT), "site_id": "MLB"})
        if asked.path == "/v1/payments/search":
            found = list(self._searched(asked.query))
            begin, most = int(asked.query.get("offset", "0")), int(asked.query.get("limit", "30"))
            paging = {"total": len(found), "limit": most, "offset": begin}
            return Answer({"paging": paging, "results": found[begin : begin + most]})
        payment = self.payments.get(parts[2]) if parts[:2] == ["v1", "payments"] else None
        if payment is None:
            return _error(404, "not_found", code=2000)
        if len(parts) == 3:
            return Answer(payment)
        refund = next((one for one in payment["refunds"] if str(one["id"]) == parts[4]), None)
        return Answer(refund) if refund is not None else _error(404, "not_found", code=2024)

    def _searched(self, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        rows = list(self.payments.values())
        if "external_reference" in query:
            rows = [one for one in rows if one["external_reference"] == query["external_reference"]]
        if query.get("range") == "date_last_updated":
            begin = datetime.fromisoformat(query["begin_date"])
            rows = [one for one in rows if datetime.fromisoformat(one["date_last_updated"]) >= begin]
        yield from sorted(rows, key=lambda one: one[query["sort"]], reverse=query["criteria"] == "desc")


def notice(number: str, *, secret: str = SECRET, at: datetime | None = None, request: str = "") -> dict[str, Any]:
    """Return the notification that a payment has changed: its body, headers and query."""
    request = request or str(uuid4())
    stamp = int((at or clock.now()).timestamp() * 1000)
    text = f"id:{number};request-id:{request};ts:{stamp};"
    proof = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    body = {"id": stamp, "live_mode": False, "type": "payment", "action": "payment.updated", "data": {"id": number}}
    return {
        "body": json.dumps(body).encode(),
        "headers": {"x-signature": f"ts={stamp},v1={proof}", "x-request-id": request},
        "query": f"?data.id={number}&type=payment",
    }


def _now() -> str:
    return clock.now().astimezone(UTC).isoformat(timespec="milliseconds")


def _error(status: int, error: str, *, code: int = 0) -> Answer:
    cause = [{"code": code, "description": "as Mercado Pago says it, with what was sent"}] if code else []
    return Answer({"message": "as Mercado Pago says it", "error": error, "status": status, "cause": cause}, status)
