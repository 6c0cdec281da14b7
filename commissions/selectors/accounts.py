"""Reads orders as `commissions.earning` wants them: eight statements for any number of orders."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog.models import Category
from commissions.earning import GOODS, NOTHING, Account, Money, Piece, Terms
from commissions.models import CommissionRule
from common.money import split
from orders.amounts import earned
from orders.models import Order, OrderEvent, OrderLine
from payments.models import Payment, Refund
from scheduling.models import Appointment, AppointmentService, Professional

STANDING = (Order.Status.CONFIRMED, Order.Status.COMPLETED)


def all_terms() -> list[Terms]:
    """Return every rule there is; rules of the past are needed for what was earned by them."""
    return [terms_of(rule) for rule in CommissionRule.objects.order_by("pk")]


def terms_of(rule: CommissionRule) -> Terms:
    """Return a rule as it is reckoned with."""
    return Terms(
        id=rule.pk,
        professional=rule.professional_id,
        scope=rule.scope,
        target=rule.service_id or rule.product_id or rule.category_id,
        kind=rule.kind,
        percent=rule.percent,
        amount=rule.amount,
        discount_borne_by=rule.discount_borne_by,
        fee_borne_by=rule.fee_borne_by,
        card_fee=rule.card_fee,
        pix_fee=rule.pix_fee,
        consumables=rule.consumables,
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
    )


def accounts(*, orders: Sequence[Order]) -> list[Account]:
    """Return the orders with what was sold, what was paid and what went back, in the order given."""
    reading = Reading([order.pk for order in orders])
    return [reading.account(order) for order in orders]


class Reading:
    """What has been read of some orders, by order."""

    def __init__(self, orders: list[int]) -> None:
        lines = list(
            OrderLine.objects.filter(order__in=orders)
            .select_related("variant__product", "cancellation")
            .order_by("order", "position")
        )
        self.lines: dict[int, list[OrderLine]] = defaultdict(list)
        for line in lines:
            self.lines[line.order_id].append(line)
        self.shelves = dict(Category.objects.values_list("pk", "parent_id"))
        self.performers, self.services = _visits(line.claim for line in lines if line.kind == "visit")
        self.payments: dict[int, list[Payment]] = defaultdict(list)
        for payment in Payment.objects.filter(order__in=orders, status="succeeded").order_by("received_at", "pk"):
            self.payments[payment.order_id].append(payment)
        self.returned: dict[int | None, Decimal] = defaultdict(lambda: NOTHING)
        for refund in Refund.objects.filter(order__in=orders, status="succeeded", payment__isnull=False):
            self.returned[refund.payment_id] += refund.amount
        self.sellers = _sellers(orders)

    def account(self, order: Order) -> Account:
        """Return one of the orders. Raises KeyError, TypeError, ValueError for a visit that is no snapshot any more."""
        lines, came = self.lines[order.pk], self.payments[order.pk]
        spread = sum((line.discount for line in lines), NOTHING)
        left = max(order.discount - spread, NOTHING)  # taken off the whole order, and not yet off its lines
        shares = split(amount=left, weights=[line.line_total for line in lines]) if lines else []
        pieces = [
            piece
            for line, share in zip(lines, shares, strict=True)
            for piece in self._pieces(line, discount=line.discount + share)
        ]
        return Account(
            order=order.pk,
            stands=order.status in STANDING,
            is_complete=order.status == Order.Status.COMPLETED,
            kept=earned(order=order),
            shipping=order.shipping,
            since=min((one.received_at for one in came if one.received_at is not None), default=order.placed_at),
            payments=tuple(
                Money(
                    tender=one.tender or one.method,
                    kept=max(one.amount - self.returned[one.pk], NOTHING),
                    at=one.received_at or order.placed_at,
                )
                for one in came
            ),
            pieces=tuple(pieces),
        )

    def _pieces(self, line: OrderLine, *, discount: Decimal) -> list[Piece]:
        if line.visit is None:
            product = line.variant.product
            return [
                Piece(
                    line=line.pk,
                    position=GOODS,
                    kind="goods",
                    service=None,
                    product=product.pk,
                    categories=self._shelf(product.category_id),
                    professional=self.sellers.get(line.order_id),
                    units=Decimal(line.quantity) / line.price_per,
                    price=line.line_total + line.discount,
                    discount=discount,
                    counts=not line.called_off,
                )
            ]
        agreed = line.visit.services
        booked = self.services[line.claim]
        shares = split(amount=discount, weights=[one.price for one in agreed])
        return [
            Piece(
                line=line.pk,
                position=place,
                kind="visit",
                service=done.service_id if done else None,
                product=done.service.variant.product_id if done else None,
                categories=self._shelf(done.service.variant.product.category_id) if done else (),
                professional=self.performers.get(line.claim),
                units=Decimal(1),
                price=one.price,
                discount=share,
                counts=not line.called_off,
            )
            for place, (one, share) in enumerate(zip(agreed, shares, strict=True), start=1)
            for done in [booked.get(place)]
        ]

    def _shelf(self, category: int) -> tuple[int, ...]:
        """Return a category and those it stands in, the nearest first."""
        path: list[int] = []
        at: int | None = category
        while at is not None and at not in path:
            path.append(at)
            at = self.shelves.get(at)
        return tuple(path)


def _visits(claims: Iterable[UUID]) -> tuple[dict[UUID, int], dict[UUID, dict[int, AppointmentService]]]:
    """Return, by claim, who performs a visit and its services by place."""
    visits = Appointment.objects.filter(claim__in=list(claims)).values_list("pk", "claim", "professional_id")
    claim_of: dict[int, UUID] = {}
    performers: dict[UUID, int] = {}
    for pk, claim, professional in visits:
        if claim is not None:
            claim_of[pk], performers[claim] = claim, professional
    services: dict[UUID, dict[int, AppointmentService]] = defaultdict(dict)
    found = AppointmentService.objects.filter(appointment__in=list(claim_of)).select_related(
        "service__variant__product"
    )
    for place in found:
        services[claim_of[place.appointment_id]][place.position] = place
    return performers, services


def _sellers(orders: list[int]) -> dict[int, int]:
    """Return, by order, the professional whose login placed it; nobody where it was a customer or the shop itself."""
    placed = OrderEvent.objects.filter(order__in=orders, seq=1, actor_kind="staff").values_list("order_id", "actor_id")
    logins = {order: int(login) for order, login in placed if login.isdecimal()}
    people: Any = Professional.objects.filter(user__in=set(logins.values())).values_list("user_id", "pk")
    by_login: dict[int, int] = dict(people)
    return {order: by_login[login] for order, login in logins.items() if login in by_login}
