"""What ordering a cart comes to, and why it may be refused: one judgement, for the quote and for the order.

Nothing is written here. Whether units and time can be had is judged by `quotes` without a lock, and by the placing of
the order behind its locks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cart.errors import DeliveryUnavailable, EmptyCart, LinesNotForSale, MethodNotOffered, PickupUnavailable
from cart.pricing import Line, Prices, price
from common.errors import FieldError, Malformed
from scheduling.errors import DepositRequired
from shop.deadlines import payment_deadline, request_deadline
from shop.pickups import free_windows
from shop.policy import Policy
from shop.windows import Window

ON_SITE = "on_site"


@dataclass(frozen=True)
class Pickup:
    """Goods to be collected; without `at`, in the first window."""

    at: datetime | None = None
    person: str = ""


@dataclass(frozen=True)
class Delivery:
    """Goods to be brought to an address."""

    address: dict[str, str]


@dataclass(frozen=True)
class Wanted:
    """How somebody thinks of receiving and paying; `settled` says that nothing may be left open any more.

    `desk`: the shop itself orders, of whom no deposit is asked, and whose visits wait for nobody's answer.
    `at_counter`: it sells to who stands before it, who pays and takes the goods at once.
    """

    fulfilment: Pickup | Delivery | None = None
    payment_method: str | None = None
    settled: bool = False
    desk: bool = False
    at_counter: bool = False


@dataclass(frozen=True)
class Terms:
    """What it costs, when the goods could be and will be collected, and until when money or an answer is waited for."""

    prices: Prices
    windows: Sequence[Window]
    window: Window | None
    expires_at: datetime | None


def judge(*, lines: Sequence[Line], wanted: Wanted, policy: Policy, now: datetime) -> Terms:
    """Return the terms on which these lines can be ordered.

    Raises EmptyCart, LinesNotForSale, Malformed (fulfilment missing or superfluous), PickupUnavailable,
    DeliveryUnavailable, MethodNotOffered, DepositRequired.
    """
    _refuse_unsold(lines=lines)
    if wanted.at_counter:
        return Terms(prices=price(lines=lines, payment_method=ON_SITE), windows=(), window=None, expires_at=None)
    windows = _windows(lines=lines, policy=policy, now=now)
    window = _chosen_window(lines=lines, wanted=wanted, windows=windows)
    first = _first_moment(lines=lines, window=window)
    _refuse_method(lines=lines, wanted=wanted, first=first, policy=policy, now=now)
    prices = price(lines=lines, payment_method=wanted.payment_method)
    expires_at = None
    if wanted.payment_method is not None and wanted.payment_method != ON_SITE and prices.amount_due_now > 0:
        expires_at = payment_deadline(policy=policy, method=wanted.payment_method, first=first, now=now)
    elif first is not None and not wanted.desk and any(line.needs_acceptance for line in lines):
        expires_at = request_deadline(policy=policy, first=first, now=now)
    return Terms(prices=prices, windows=windows, window=window, expires_at=expires_at)


def _refuse_unsold(*, lines: Sequence[Line]) -> None:
    if not lines:
        raise EmptyCart()
    gone = [line for line in lines if not line.for_sale]
    if gone:
        raise LinesNotForSale(lines=[{"line": str(line.public_id), "sku": line.sku} for line in gone])


def _windows(*, lines: Sequence[Line], policy: Policy, now: datetime) -> list[Window]:
    """Return when the goods among the lines could be collected where there is a place; the slowest notice counts."""
    leads = [line.lead_minutes or 0 for line in lines if line.kind == "goods"]
    if not leads or "pickup" not in policy.fulfilment_methods:
        return []
    return free_windows(policy=policy, now=now, lead_minutes=max(policy.pickup_lead_minutes, *leads))


def _chosen_window(*, lines: Sequence[Line], wanted: Wanted, windows: Sequence[Window]) -> Window | None:
    """Return the pickup window that was chosen; None without goods, or while nothing is chosen."""
    chosen = wanted.fulfilment
    if all(line.kind != "goods" for line in lines):
        if chosen is not None:
            raise _fulfilment_error(code="not_allowed", detail=_("A cart without goods has nothing to hand over."))
        return None
    if chosen is None:
        if wanted.settled:
            raise _fulfilment_error(code="required", detail=_("Say how the goods reach the customer."))
        return None
    if isinstance(chosen, Delivery):
        raise DeliveryUnavailable()
    for window in windows:
        if chosen.at is None or window.starts_at <= chosen.at < window.ends_at:
            return window
    raise PickupUnavailable(earliest=windows[0].starts_at.isoformat() if windows else None)


def _fulfilment_error(*, code: str, detail: str) -> Malformed:
    return Malformed(errors=[FieldError(pointer="/fulfilment", code=code, detail=detail)])


def _first_moment(*, lines: Sequence[Line], window: Window | None) -> datetime | None:
    """Return when the first visit or the pickup begins, if anything does."""
    moments = [line.visit.starts_at for line in lines if line.visit is not None]
    return min([*moments, window.starts_at] if window else moments, default=None)


def _refuse_method(
    *, lines: Sequence[Line], wanted: Wanted, first: datetime | None, policy: Policy, now: datetime
) -> None:
    """Refuse a method that the shop does not take, whose money would come too late, or that leaves a deposit out."""
    method = wanted.payment_method
    if method is None:
        return
    free = price(lines=lines).amount_due_now == 0

    def in_time(one: str) -> bool:
        return payment_deadline(policy=policy, method=one, first=first, now=now) is not None

    offered = [one for one in policy.payment_methods if one == ON_SITE or free or in_time(one)]
    deposit = price(lines=lines, payment_method=ON_SITE).amount_due_now
    if deposit > 0 and not wanted.desk:
        offered = [one for one in offered if one != ON_SITE]
        if method == ON_SITE and ON_SITE in policy.payment_methods:
            raise DepositRequired(amount=str(deposit), methods=offered)
    if method not in offered:
        raise MethodNotOffered(offered=offered)
