"""What Stripe is asked in, and what its answers and refusals say: words alone, nothing is sent."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import stripe

from payments.gateways.protocol import Asked, Declined, DisputeFact, Returning, Unreachable

PAGE_LIVES = timedelta(minutes=31)
"""A page of Stripe's is open for at least half an hour, and so outlives our attempt by that at most."""
PAGE_LIVES_AT_MOST = timedelta(hours=23, minutes=55)

WITHOUT_CENTS = (
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
IN_THOUSANDTHS = ("BHD", "JOD", "KWD", "OMR", "TND")
UNITS = dict.fromkeys(WITHOUT_CENTS, 1) | dict.fromkeys(IN_THOUSANDTHS, 1000)
"""How many of the smallest unit make one of a currency; a hundred of any other."""


Found = Mapping[str, Any]


def page_asked(asked: Asked) -> Any:
    """Return the page to ask for. It takes no payment once the attempt is over, or as soon after as Stripe allows."""
    ends = [asked.expires_at + PAGE_LIVES] if asked.expires_at is not None else []
    if asked.begun_at is not None:
        ends.append(asked.begun_at + PAGE_LIVES_AT_MOST)
    named = _names_of(asked, way="page")
    line = {
        "currency": asked.currency.lower(),
        "unit_amount": in_units(asked.amount, asked.currency),
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


def intent_asked(asked: Asked) -> Any:
    """Return the intent to ask for; a Pix is confirmed at once, so that there is something to copy."""
    wanted: dict[str, Any] = {
        "amount": in_units(asked.amount, asked.currency),
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


def refund_asked(returning: Returning) -> Any:
    """Return the refund to ask for."""
    return {
        "payment_intent": returning.payment,
        "amount": in_units(returning.amount, returning.currency),
        "reason": "requested_by_customer",
        "metadata": {"refund": str(returning.id), "key": returning.key},
    }


def dispute_fact(dispute: Found) -> DisputeFact:
    """Return what a dispute says."""
    return DisputeFact(
        reference=str(dispute["id"]),
        payment=str(dispute.get("payment_intent") or ""),
        amount=amount_of(dispute["amount"], dispute),
        currency=str(dispute["currency"]).upper(),
        status=f"{dispute['reason']}: {dispute['status']}",
    )


def is_spoilt(problem: stripe.StripeError) -> bool:
    """Say whether a key is of no more use: a failure of Stripe's own is saved under it, or other words than ours."""
    if isinstance(problem, stripe.IdempotencyError):
        return problem.http_status == 400
    replayed = {name.lower(): value for name, value in (problem.headers or {}).items()}.get("idempotent-replayed")
    return (problem.http_status or 0) >= 500 and replayed == "true"


def told_apart(problem: stripe.StripeError) -> Unreachable | Declined:
    """Return whether it has certainly not happened, or nobody knows. Neither carries a body or a key."""
    status = problem.http_status or 0
    if isinstance(problem, stripe.APIConnectionError) or status in (0, 409, 429) or status >= 500:
        return Unreachable(f"{type(problem).__name__} {status or ''}".strip())
    details = (problem.json_body or {}).get("error", {}) if isinstance(problem.json_body, Mapping) else {}
    return Declined(str(details.get("decline_code") or problem.code or details.get("type") or status)[:100])


def in_units(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest unit of its currency. Raises Declined for one that has none so small."""
    units = amount * UNITS.get(currency.upper(), 100)
    if units != units.to_integral_value():
        raise Declined("amount_has_cents")
    return int(units)


def amount_of(units: Any, thing: Found) -> Decimal:
    """Return an amount that is said in the smallest unit of a thing's currency."""
    return (Decimal(int(units)) / UNITS.get(str(thing["currency"]).upper(), 100)).quantize(Decimal("0.01"))


def instant_of(seconds: Any) -> datetime:
    """Return the instant so many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(int(seconds), tz=UTC)
