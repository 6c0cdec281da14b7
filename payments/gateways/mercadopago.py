"""Mercado Pago: Pix with an end, cards on its own page, notifications that say little and are asked about.

It is spoken to over HTTP by `requests`, not by its SDK: that cannot be pointed at another address, waits a minute for
an answer and tries again by itself under a key of its own. A payment carries our word for it as `external_reference`
and as metadata, by which it is found when our own answer was lost. A page is a "preference", which is no payment yet:
whoever pays on it makes one, and a page whose answer was lost is known to nobody.

A notification proves only that a payment should be looked at, so nothing but the payment's number is taken from it. A
refund has no word of ours: the key it was asked for under, its number and its amount tell which one it is.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from payments.gateways.line import Line
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
    own_id,
)

TOLERANCE = timedelta(hours=1)
"""How old a signed notification may be. It is sent again after a quarter and half an hour, and an old one that is
played back has no more effect than a look at a payment."""

PIX_LIVES = timedelta(minutes=31)
"""A Pix lives half an hour at least here, and may so outlive an attempt that is shorter."""

PAGE = 50
MOST_PAGES = 200
MILLISECONDS = 10**11
"""An instant above this is in milliseconds: both ways of writing them have been seen."""

REQUEST_IDS = ("x-original-request-id", "x-request-id")
"""Which header holds the number of the request that is signed; proxies that number requests keep it in the first."""

ONLY_CARDS = [{"id": kind} for kind in ("ticket", "bank_transfer", "atm", "digital_currency")]
CAME = ("approved", "refunded", "charged_back", "in_mediation")
DISPUTED = ("charged_back", "in_mediation")
REFUNDS: dict[str, RefundStanding] = {"approved": "succeeded", "rejected": "refused", "cancelled": "refused"}

Found = Mapping[str, Any]


class MercadoPago:
    """An account at Mercado Pago. `account`: its number, which every payment names; not looked at where it is empty."""

    name = "mercadopago"
    methods = ("card", "pix")
    remote = True

    def __init__(self, *, token: str, webhook_secret: str, account: str, base: str) -> None:
        self.account: str | None = account or None
        self.live: bool | None = not token.startswith("TEST-")
        self._secret, self._line = webhook_secret, Line(base=base, token=token)

    def begin(self, asked: Asked) -> PaymentFact:
        """Make the Pix, once for the key, or a page."""
        if asked.method == "pix":
            return self._fact(self._ask("POST", "/v1/payments", _pix_of(asked), key=asked.key))
        page = self._ask("POST", "/checkout/preferences", _page_of(asked), key=asked.key)
        return PaymentFact(
            reference="",
            status="pending",
            amount=asked.amount,
            currency=asked.currency,
            payment=asked.id,
            order=asked.order,
            account=self._account(page),
            live=self.live,
            given=Given(checkout_url=str(page["init_point"]), handle=str(page["id"])),
        )

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """Fetch a payment by its number, or search for what we called it: the one that brought money, or the last."""
        if sought.reference:
            found = self._ask_if_there(f"/v1/payments/{quote(sought.reference, safe='')}")
            return self._fact(found) if found is not None else None
        if sought.payment is None:
            return None
        wanted = {"external_reference": str(sought.payment), "sort": "date_created", "criteria": "desc"}
        made = [self._fact(one) for one in self._ask("GET", "/v1/payments/search", query=wanted)["results"]]
        return next((fact for fact in made if fact.status == "succeeded"), made[0] if made else None)

    def close(self, sought: Sought, *, now: datetime) -> PaymentFact | None:
        """Cancel the Pix, or end the page; what was paid before says so."""
        if sought.handle:
            ended = {"expires": True, "expiration_date_to": _written(now)}
            self._ask("PUT", f"/checkout/preferences/{quote(sought.handle, safe='')}", ended)
            return self.look_up(replace(sought, reference=""))
        found = self.look_up(sought)
        if found is None or found.status != "pending" or not found.reference:
            return found
        try:
            place = f"/v1/payments/{quote(found.reference, safe='')}"
            return self._fact(self._ask("PUT", place, {"status": "cancelled"}))
        except Declined:  # paid in this very moment, or over
            return self.look_up(Sought(reference=found.reference))

    def refund(self, returning: Returning) -> RefundFact:
        """Give back, once for the key; one that has a number is fetched."""
        place = f"/v1/payments/{quote(returning.payment, safe='')}/refunds"
        if returning.reference:
            made = self._ask("GET", f"{place}/{quote(returning.reference, safe='')}")
        else:
            made = self._ask("POST", place, {"amount": float(returning.amount)}, key=returning.key)
        return self._refund_fact(made, payment=returning.payment, currency=returning.currency, refund=returning.id)

    def verify_event(self, delivery: Delivery, *, now: datetime) -> Event:
        """Return which payment to look at, if it is Mercado Pago that asks us to, and not long ago.

        Only the payment's number, that of the request and the instant are signed: nothing else is used.
        """
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        about = delivery.query.get("data.id", "").strip().lower()
        signed = dict(part.strip().split("=", 1) for part in headers.get("x-signature", "").split(",") if "=" in part)
        stamp, proof = signed.get("ts", ""), signed.get("v1", "")
        numbers = [headers[name] for name in REQUEST_IDS if headers.get(name)]
        number = next((one for one in numbers if self._proves(proof, about=about, number=one, stamp=stamp)), None)
        if not about or number is None:
            raise BadSignature("not signed")
        at = _stamped(stamp)
        if abs(now - at) > TOLERANCE:
            raise BadSignature("too old")
        kind = delivery.query.get("type", "")
        of_concern = kind in ("payment", "") and about.isdigit()
        return Event(
            id=f"{about}:{number}:{stamp}",
            kind=kind or "payment",
            at=at,
            body=delivery.body,
            look_up=about if of_concern else "",
        )

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Return how payments of ours stand that changed since then; what was told about them is kept nowhere."""
        told = []
        for found in self._changed(since=since):
            fact = self._fact(found)
            if fact.payment is None:
                continue  # the account's other business
            told.append(
                Event(
                    id=f"{found['id']}@{found['date_last_updated']}",
                    kind=f"payment.{found['status']}",
                    at=datetime.fromisoformat(found["date_last_updated"]),
                    body=json.dumps(found, default=str).encode(),
                    payment=fact,
                    standing=True,
                )
            )
        return told

    def check_connection(self) -> Connection:
        """Ask whose the token is."""
        account = str(self._ask("GET", "/users/me")["id"])
        ok = self.account in (None, account)
        return Connection(ok=ok, detail="" if ok else f"account {account}", account=account, live=self.live)

    def _changed(self, *, since: datetime) -> Iterator[Found]:
        begin = since.astimezone(UTC).isoformat(timespec="milliseconds")
        for page in range(MOST_PAGES):
            wanted = {
                "range": "date_last_updated", "begin_date": begin, "end_date": "NOW", "sort": "date_last_updated",
                "criteria": "asc", "limit": str(PAGE), "offset": str(page * PAGE),
            }  # fmt: skip
            found = self._ask("GET", "/v1/payments/search", query=wanted)["results"]
            yield from found
            if len(found) < PAGE:
                return

    def _proves(self, proof: str, *, about: str, number: str, stamp: str) -> bool:
        text = f"id:{about};request-id:{number};ts:{stamp};"
        right = hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(right.encode(), proof.encode())

    def _ask_if_there(self, path: str) -> Found | None:
        try:
            found: Found = self._ask("GET", path)
        except _NotThere:
            return None
        return found

    def _ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", query: Mapping[str, str] | None = None
    ) -> Any:
        """Return what is answered. Raises Unreachable, Declined; neither carries a body or a token."""
        headers = {"X-Render-In-Process-Refunds": "true"} | ({"X-Idempotency-Key": key} if key else {})
        sent = json.dumps(body).encode() if body is not None else None
        status, content = self._line.ask(method, path, body=sent, query=query, headers=headers)
        if status in (408, 409, 423, 429) or status >= 500 or status < 200 or 300 <= status < 400:
            raise Unreachable(f"answered {status}")
        try:
            said = json.loads(content, parse_float=Decimal) if content else {}
        except ValueError as problem:
            raise Unreachable(type(problem).__name__) from None
        if status == 404:
            raise _NotThere("not_found")
        if status >= 400:
            raise Declined(_why(said, status=status))
        return said

    def _fact(self, found: Found) -> PaymentFact:
        named = found.get("metadata") or {}
        reference, currency = str(found["id"]), str(found["currency_id"])
        amount = _amount(found["transaction_amount"])
        status = _standing(found, by_page=named.get("way") == "page")
        unpaid = named.get("way") == "page" and status != "succeeded"
        shown = (found.get("point_of_interaction") or {}).get("transaction_data") or {}
        failure = str(found.get("status_detail") or "") if found["status"] in ("rejected", "cancelled") else ""
        dispute = DisputeFact(
            reference=f"{reference}:{found['status']}",
            payment=reference,
            amount=amount,
            currency=currency,
            status=f"{found['status']}: {found.get('status_detail') or ''}",
        )
        return PaymentFact(
            reference="" if unpaid else reference,  # a page may come to another payment, if the first fails
            status=status,
            amount=amount,
            currency=currency,
            payment=own_id(found.get("external_reference")),
            order=str(named.get("order") or ""),
            account=self._account(found),
            live=bool(found["live_mode"]),
            given=Given(pix_text=str(shown.get("qr_code") or "") if status == "pending" else ""),
            failure=failure,
            refunds=tuple(
                self._refund_fact(one, payment=reference, currency=currency) for one in found.get("refunds") or ()
            ),
            dispute=dispute if found["status"] in DISPUTED else None,
        )

    def _refund_fact(self, made: Found, *, payment: str, currency: str, refund: UUID | None = None) -> RefundFact:
        return RefundFact(
            reference=str(made["id"]),
            status=REFUNDS.get(str(made.get("status")), "sent"),
            amount=_amount(made["amount"]),
            currency=currency,
            payment=payment,
            refund=refund,
        )

    def _account(self, found: Found) -> str | None:
        return str(found.get("collector_id")) if self.account else None


class _NotThere(Declined):
    """What was asked for is unknown there."""


def _pix_of(asked: Asked) -> dict[str, Any]:
    wanted = _common_to(asked, way="pix") | {
        "transaction_amount": float(asked.amount),
        "description": asked.description,
        "payment_method_id": "pix",
        "payer": {"email": _email_of(asked)},
    }
    ends = [moment for moment in (asked.expires_at, asked.begun_at and asked.begun_at + PIX_LIVES) if moment]
    return wanted | ({"date_of_expiration": _written(max(ends))} if asked.expires_at else {})


def _page_of(asked: Asked) -> dict[str, Any]:
    line = {"title": asked.description, "quantity": 1, "unit_price": float(asked.amount), "currency_id": asked.currency}
    wanted = _common_to(asked, way="page") | {
        "items": [line],
        "payer": {"email": _email_of(asked)},
        "payment_methods": {"excluded_payment_types": ONLY_CARDS},
    }
    if asked.return_url:
        wanted["back_urls"] = dict.fromkeys(("success", "pending", "failure"), asked.return_url)
        if asked.return_url.startswith("https://"):
            wanted["auto_return"] = "approved"
    if asked.expires_at is not None:
        wanted |= {"expires": True, "expiration_date_to": _written(asked.expires_at)}
    return wanted


def _common_to(asked: Asked, *, way: str) -> dict[str, Any]:
    """Return what a Pix and a page have in common. Notifications are only sent to addresses of the open net."""
    named = {"payment": str(asked.id), "order": asked.order, "way": way}
    tell = (
        {"notification_url": f"{asked.notify_url}?source_news=webhooks"}
        if asked.notify_url.startswith("https://")
        else {}
    )
    return {"external_reference": str(asked.id), "metadata": named, **tell}


def _email_of(asked: Asked) -> str:
    """Return the payer's address, which must not be missing; the shop's own name stands in for who has none."""
    return asked.email or f"pedido-{asked.order.lower()}@{urlsplit(asked.notify_url).hostname or 'example.com'}"


def _standing(found: Found, *, by_page: bool) -> PaymentStanding:
    """Return how a payment stands. A page on which one was turned down can still be paid by another."""
    status = str(found["status"])
    if status in CAME:
        return "succeeded"
    if by_page or status not in ("rejected", "cancelled"):
        return "pending"
    if status == "rejected":
        return "failed"
    return "expired" if found.get("status_detail") == "expired" else "cancelled"


def _why(said: Any, *, status: int) -> str:
    """Return the gateway's word for a refusal; never its sentence, which may repeat what was sent."""
    causes = said.get("cause") if isinstance(said, Mapping) else None
    code = causes[0].get("code") if isinstance(causes, list) and causes and isinstance(causes[0], Mapping) else None
    error = said.get("error") if isinstance(said, Mapping) else None
    return str(code or error or status)[:100]


def _amount(number: Any) -> Decimal:
    return Decimal(str(number)).quantize(Decimal("0.01"))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _stamped(text: str) -> datetime:
    """Return the instant of a signature that holds. Raises BadSignature."""
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        raise BadSignature("no instant")
    number = int(text)
    return datetime.fromtimestamp(number / 1000 if number > MILLISECONDS else number, tz=UTC)
