"""What the demonstration has sold over its counter: every sale and drawer of the plan, by the services everybody uses.

A sale is known by its key, a drawer by the instant at which it was opened, so a run that was interrupted goes on where
it stopped. What this shop has no place for, because of hours or goods of its own, is left out; a shop that has sold
over its counter already, or whose manager has a drawer open, is left alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Malformed
from counter import services as counter
from counter.errors import PaymentsDoNotAddUp
from counter.models import Receipt
from counter.services import Discount, Goods, Sale, SeatedVisit, Tendered, Tip, WalkIn
from inventory.errors import OutOfStock
from operations.demo.agenda import person_id
from operations.demo.people import drawers, manager
from operations.demo.takings import DemoDay, DemoSale, plan
from operations.demo.visits import PHONES
from payments import services as payments
from payments.selectors import drawer_sums
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import Appointment
from shop import services as shop
from till import services as till
from till.models import CashMovement, TillSession

NO_PLACE = (OutOfStock, PaymentsDoNotAddUp, SlotTaken, SlotUnavailable, Malformed)
FLOAT, TO_THE_BANK = Decimal("150.00"), Decimal("100.00")
NOTE, TIP = Decimal("10.00"), Decimal("5.00")


def missing_sales(*, now: datetime) -> int:
    """Count the sales of the demonstration begun at `now` that were not made, and the drawers that are not closed."""
    days = _plan(now=now)
    there, opened = _there(days), _drawers(days)
    if not opened and _has_own():
        return 0
    return sum(len([sale for sale in day.sales if sale.key not in there]) for day in days) + len(
        [day for day in days if _lacks(day, opened=opened)]
    )


def make_sales(*, now: datetime) -> None:
    """Open each day's drawer, make its sales, count and close it."""
    days, actor = _plan(now=now), manager()
    there, opened = _there(days), _drawers(days)
    booked = Appointment.objects.filter(contact_phone__startswith=PHONES, state="completed", claim=None)
    visits = {visit.contact_phone: visit for visit in booked}
    for day in days:
        session = opened.get(day.opens_at)
        if session is None:
            if drawers().filter(closed_at=None).exists():
                return  # the manager works at it meanwhile
            session = till.open_session(till=None, opening_float=FLOAT, actor=actor, now=day.opens_at)
        if session.closed_at is None:
            for sale in day.sales:
                if sale.key not in there:
                    _sell(sale, visits=visits, actor=actor)
            if day.closes_at is not None:
                _close(session, day=day, actor=actor, now=day.closes_at)


def _sell(sale: DemoSale, *, visits: Mapping[str, Appointment], actor: Actor) -> bool:
    """Make a sale; return whether this shop has a place for it."""
    if sale.visit and (sale.visit not in visits or visits[sale.visit].starts_at > sale.at):
        return False
    said = _said(sale, visits=visits)
    try:
        due = visits[sale.visit].total if sale.visit else counter.price_sale(sale=said, actor=actor, now=sale.at).due
        counter.sell(sale=replace(said, payments=_paid(sale, due=due)), key=sale.key, actor=actor, now=sale.at)
    except NO_PLACE:
        return False
    return True


def _said(sale: DemoSale, *, visits: Mapping[str, Appointment]) -> Sale:
    who = person_id(key=sale.professional) if sale.professional else None
    return Sale(
        goods=tuple(Goods(sku=sku, quantity=quantity) for sku, quantity in sale.goods.items()),
        visits=(SeatedVisit(visits[sale.visit].public_id),) if sale.visit else (),
        walk_ins=(WalkIn(services=tuple((sku, who) for sku in sale.services)),) if sale.services else (),
        discount=Discount(kind="percent", value=Decimal(5), reason=_("A good customer")) if sale.less else None,
        name=sale.buyer.name if sale.buyer else "",
        phone=sale.buyer.phone if sale.buyer else "",
        tips=(Tip(professional=who, tender="card", amount=TIP),) if sale.tip and who else (),
    )


def _paid(sale: DemoSale, *, due: Decimal) -> tuple[Tendered, ...]:
    """Return what is handed over: one way, or a first note in cash and the rest by the other."""
    first, *others = sale.ways
    if others and due > NOTE:
        return (Tendered(tender=first, amount=NOTE), Tendered(tender=others[0], amount=due - NOTE))
    notes = (due / NOTE).to_integral_value(rounding=ROUND_CEILING)
    received = notes * NOTE if first == "cash" else None
    return (Tendered(tender=first, amount=due, received=received),)


def _close(session: TillSession, *, day: DemoDay, actor: Actor, now: datetime) -> None:
    """Take cash to the bank, count what is there, a little wrong on some days, and close the drawer."""
    place: dict[str, Any] = {"session": session.public_id, "anybodys": False, "actor": actor, "now": now}
    if day.to_the_bank and not CashMovement.objects.filter(session=session).exists():
        till.move_cash(kind="out", amount=TO_THE_BANK, reason=_("Taken to the bank"), **place)
    [sums] = drawer_sums(sessions=[session])
    counted = sums.expected | {"cash": sums.expected["cash"] + Decimal(day.off)}
    count = payments.count_session(counted=counted, **place)
    counter.close_drawer(count=count.pk, note="" if count.fits else _("Wrong change"), **place)


def _plan(*, now: datetime) -> list[DemoDay]:
    return plan(now=now, zone=ZoneInfo(shop.policy().timezone))


def _there(days: list[DemoDay]) -> set[UUID]:
    keys = [sale.key for day in days for sale in day.sales]
    return set(Receipt.objects.filter(sale__in=keys).values_list("sale", flat=True))


def _drawers(days: list[DemoDay]) -> dict[datetime, TillSession]:
    found = drawers().filter(opened_at__in=[day.opens_at for day in days])
    return {session.opened_at: session for session in found}


def _has_own() -> bool:
    return Receipt.objects.exists() or drawers().filter(closed_at=None).exists()


def _lacks(day: DemoDay, *, opened: Mapping[datetime, TillSession]) -> bool:
    """Say whether a day's drawer is not there, or not closed."""
    session = opened.get(day.opens_at)
    if session is None:
        return True
    return day.closes_at is not None and session.closed_at is None
