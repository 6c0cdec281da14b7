"""Statements: what a professional earned in a period, what of it is paid, and what is to be paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from commissions.models import CommissionEntry, CommissionPayoutLine, CommissionPayoutTip
from payments.models import Tip
from scheduling.models import Professional

NOTHING = Decimal("0.00")
_PAID = Exists(CommissionPayoutLine.objects.filter(entry=OuterRef("pk")))
_PASSED_ON = Exists(CommissionPayoutTip.objects.filter(tip=OuterRef("pk")))


@dataclass(frozen=True)
class Figures:
    """What somebody earned in a period and what of that is paid; what is to be paid until its end, older things too.

    `earned` by commission, `tips` beside it; `paid` and `payable` are of both.
    """

    professional: Professional
    earned: Decimal
    tips: Decimal
    paid: Decimal
    payable: Decimal

    @property
    def carried(self) -> Decimal:
        """What is still to be paid of the time before the period; less than nothing where too much was paid."""
        return self.payable - (self.earned + self.tips - self.paid)


def unpaid(*, professional: Professional, until: datetime) -> QuerySet[CommissionEntry]:
    """Return the entries of a professional before that moment that no payout has paid."""
    return CommissionEntry.objects.filter(~_PAID, professional=professional, at__lt=until)


def entries(*, professional: Professional, first: datetime, until: datetime) -> QuerySet[CommissionEntry]:
    """Return the entries of a period, oldest first, with what they are of and whether they are paid."""
    return (
        CommissionEntry.objects.filter(professional=professional, at__gte=first, at__lt=until)
        .select_related("line__order", *(f"rule__{name}" for name in RULE))
        .annotate(is_paid=_PAID)
        .order_by("at", "pk")
    )


RULE = ("professional", "service__variant__product", "product", "category")
"""What the words of a rule need."""


def unpaid_tips(*, professional: Professional, until: datetime) -> QuerySet[Tip]:
    """Return the tips of a professional before that moment that no payout has passed on."""
    return Tip.objects.filter(~_PASSED_ON, professional=professional, at__lt=until)


def tips(*, professional: Professional, first: datetime, until: datetime) -> QuerySet[Tip]:
    """Return the tips of a period, oldest first, with what they were given with and whether they are passed on."""
    return (
        Tip.objects.filter(professional=professional, at__gte=first, at__lt=until)
        .select_related("order")
        .annotate(is_paid=_PASSED_ON)
        .order_by("at", "pk")
    )


def figures(*, first: datetime, until: datetime, people: Iterable[Professional] | None = None) -> list[Figures]:
    """Return what everybody earned, or those named, in a period; three statements. Who never earned is left out."""
    named = None if people is None else list(people)
    entries = _sums(CommissionEntry.objects.annotate(is_paid=_PAID), first=first, until=until, people=named)
    given = _sums(Tip.objects.annotate(is_paid=_PASSED_ON), first=first, until=until, people=named)
    if named is None:
        named = list(Professional.objects.filter(pk__in=entries.keys() | given.keys()))
    return [_figures(one, entries.get(one.pk, NONE), given.get(one.pk, NONE)) for one in named]


NONE = (NOTHING, NOTHING, NOTHING)


def _sums(
    rows: QuerySet[Any], *, first: datetime, until: datetime, people: list[Professional] | None
) -> dict[int, tuple[Decimal, ...]]:
    """Return, by professional: what came in the period, what of it is paid, and what is to be paid until its end."""
    within = Q(at__gte=first)
    sums: Any = (
        rows.filter(at__lt=until, **({} if people is None else {"professional__in": people}))
        .values_list("professional")
        .annotate(
            earned=Sum("amount", filter=within, default=NOTHING),
            paid_of_it=Sum("amount", filter=within & Q(is_paid=True), default=NOTHING),
            payable=Sum("amount", filter=Q(is_paid=False), default=NOTHING),
        )
        .order_by()
    )
    return {key: tuple(amounts) for key, *amounts in sums}


def _figures(person: Professional, entries: tuple[Decimal, ...], given: tuple[Decimal, ...]) -> Figures:
    return Figures(
        professional=person,
        earned=entries[0],
        tips=given[0],
        paid=entries[1] + given[1],
        payable=entries[2] + given[2],
    )
