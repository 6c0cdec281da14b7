"""An order by telephone: goods to be collected, paid by transfer or Pix from afar or when they are fetched."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FieldError, Malformed
from common.idempotency import IdempotencyKey, StoredResponse, stored_value
from common.money import format_amount
from common.use_cases import answered, use_case
from counter.services.baskets import Basket, basket_of
from counter.services.commands import Sale
from counter.services.ordering import contact_of, fingerprint, place
from orders.access import token_of
from orders.models import Order
from orders.services import Pickup
from orders.wording import page_path, pay_url


@dataclass(frozen=True)
class Phoned:
    """An order by telephone. `pay_url`: where it is paid online, where it is; `chat_url`: WhatsApp with its link."""

    number: str
    total: Decimal
    expires_at: str
    pay_url: str
    chat_url: str


def order_by_phone(
    *, sale: Sale, fulfilment: Pickup, payment_method: str, key: UUID, actor: Actor, now: datetime
) -> Phoned:
    """Order goods for somebody on the telephone, once for each key, and return what to send them.

    Raises Malformed (no name or phone, time, payments, a line that cannot be sold), DiscountAboveLimit, TotalChanged,
    PickupUnavailable, MethodNotOffered, OutOfStock (naming what is there), IdempotencyKeyReused, Busy.
    """
    _refuse_odd(sale)
    said = fingerprint(sale, [fulfilment.at, fulfilment.person, payment_method])
    once = IdempotencyKey(scope=f"user:{actor.id}:phone", key=str(key), fingerprint=said)
    kept = answered(_order, _keep, once=once)(
        sale=sale, fulfilment=fulfilment, payment_method=payment_method, actor=actor, now=now
    )
    values = json.loads(kept.body)
    return Phoned(**(values | {"total": Decimal(values["total"])}))


def _order(*, sale: Sale, fulfilment: Pickup, payment_method: str, actor: Actor, now: datetime) -> Phoned:
    basket = basket_of(sale=sale, actor=actor, now=now)
    return _place(sale=sale, basket=basket, fulfilment=fulfilment, payment_method=payment_method, actor=actor, now=now)


@use_case()
def _place(
    *, sale: Sale, basket: Basket, fulfilment: Pickup, payment_method: str, actor: Actor, now: datetime
) -> Phoned:
    contact = contact_of(sale=sale, basket=basket)
    placed = place(
        sale=sale,
        basket=basket,
        visits=(),
        contact=contact,
        payment_method=payment_method,
        channel=Order.Channel.PHONE.value,
        expected=sale.expected_total,
        actor=actor,
        now=now,
        fulfilment=fulfilment,
    )
    return _phoned(order=placed.order, basket=basket, phone=contact.phone)


def _phoned(*, order: Order, basket: Basket, phone: str) -> Phoned:
    online = pay_url(order=order, status=order.status, offered=basket.policy.payment_methods) or ""
    link = online or settings.PUBLIC_URL + page_path(number=order.number, token=token_of(order=order))
    text = _("%(shop)s: your order %(number)s, %(total)s. See it and pay here: %(link)s") % {
        "shop": basket.policy.name,
        "number": order.number,
        "total": format_amount(order.total, currency=order.currency),
        "link": link,
    }
    return Phoned(
        number=order.number,
        total=order.total,
        expires_at=order.expires_at.isoformat() if order.expires_at else "",
        pay_url=online,
        chat_url=f"https://wa.me/{phone.lstrip('+')}?text={quote(text)}",
    )


def _refuse_odd(sale: Sale) -> None:
    """Refuse what is not ordered by telephone, and an order that nobody could be told of."""
    problems: list[FieldError] = []
    if not sale.customer:
        needed: dict[str, Any] = {"name": sale.name, "phone": sale.phone}
        told = _("Whoever orders by telephone has a name and a number.")
        problems += [FieldError(f"/{name}", "required", told) for name, value in needed.items() if not value]
    if sale.visits or sale.walk_ins:
        problems.append(FieldError("/visits", "not_allowed", _("Time is booked in the agenda.")))
    if sale.payments:
        told = _("What is ordered by telephone is paid later.")
        problems.append(FieldError("/payments", "not_allowed", told))
    if problems:
        raise Malformed(errors=problems)


def _keep(phoned: Phoned) -> StoredResponse:
    return stored_value(asdict(phoned))
