"""What the demonstration's professionals earn: by rules from the first day on, paid out once for the weeks before.

What was earned of a payment is written by the worker, a moment after it; what is paid out here is written here first,
by the same service.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from commissions import selectors
from commissions import services as commissions
from commissions.models import CommissionPayout, CommissionRule
from common.actors import Actor
from common.dates import midnight
from operations.demo.agenda import person_id
from operations.demo.content import COMMISSIONS, DemoCommission
from operations.demo.people import manager
from orders.models import OrderLine
from payments.models import Payment
from scheduling.models import Appointment, Professional, Service
from shop import services as shop

PAID_OUT = ("ana", "bruno")
SINCE = timedelta(days=8)
"""How long before the beginning the last payout was."""


def missing_rules() -> int:
    """Count the rules that are not there, of professionals and services that are."""
    return len(_new_rules())


def make_rules(*, actor: Actor, now: datetime) -> None:
    """Write the rules that are missing."""
    today = now.astimezone(ZoneInfo(shop.policy().timezone)).date()
    for content, person, service in _new_rules():
        rule = CommissionRule(
            professional=person,
            scope="service" if content.service else "everything",
            service=service,
            kind="" if content.service else "visit",
            percent=Decimal(content.percent) if content.percent else None,
            amount=Decimal(content.amount) if content.amount else None,
            fee_borne_by="both" if content.fee else "shop",
            card_fee=Decimal(content.fee or 0),
            valid_from=today,
        )
        commissions.add_rule(rule=rule, actor=actor, now=now)


def missing_payouts(*, now: datetime) -> int:
    """Count who earned something until the last payout and has not been paid it."""
    return len([person for person in _paid_out() if _money_until(person, ends=_ends(now=now)).exists()])


def make_payouts(*, now: datetime) -> None:
    """Pay out what was earned and given until the last payout, by Pix."""
    ends = _ends(now=now)
    for person in _paid_out():
        for payment in _money_until(person, ends=ends):
            told = {"payment": str(payment.public_id)}
            commissions.follow_payment(name="money.received", payload=told, event_id=uuid4(), now=ends)
        earned = [one.amount for one in selectors.unpaid(professional=person, until=ends)]
        given = [one.amount for one in selectors.unpaid_tips(professional=person, until=ends)]
        payable = sum([*earned, *given], Decimal("0.00"))
        if payable > 0:
            commissions.pay_out(
                professional=person.public_id,
                until=(ends - timedelta(hours=12)).date(),
                expected=payable,
                method=CommissionPayout.Method.PIX,
                note="",
                actor=manager(),
                now=ends + timedelta(hours=10),
            )


def _new_rules() -> list[tuple[DemoCommission, Professional, Service | None]]:
    people = {one.public_id: one for one in Professional.objects.all()}
    services = {one.variant.sku: one for one in Service.objects.select_related("variant")}
    there = set(CommissionRule.objects.values_list("professional__public_id", "service__variant__sku"))
    return [
        (content, people[who], services.get(content.service))
        for content in COMMISSIONS
        if (who := person_id(key=content.professional)) in people
        and (who, content.service or None) not in there
        and (not content.service or content.service in services)
    ]


def _ends(*, now: datetime) -> datetime:
    """Return the end of the last day that is paid out."""
    zone = ZoneInfo(shop.policy().timezone)
    return midnight((now - SINCE).astimezone(zone).date(), zone=zone)


def _paid_out() -> list[Professional]:
    wanted = [person_id(key=key) for key in PAID_OUT]
    paid = CommissionPayout.objects.values("professional")
    return list(Professional.objects.filter(public_id__in=wanted).exclude(pk__in=paid).order_by("pk"))


def _money_until(person: Professional, *, ends: datetime) -> QuerySet[Payment]:
    """Return what was paid until then for visits of a professional, oldest first."""
    claims = Appointment.objects.filter(professional=person, claim__isnull=False, starts_at__lt=ends)
    orders = OrderLine.objects.filter(claim__in=list(claims.values_list("claim", flat=True))).values("order")
    return Payment.objects.filter(order__in=orders, received_at__lt=ends, status="succeeded").order_by("pk")
