"""Statements: what a professional earned in a period, what of it is paid, and what is to be paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from commissions.models import CommissionEntry, CommissionPayoutLine
from scheduling.models import Professional

NOTHING = Decimal("0.00")
_PAID = Exists(CommissionPayoutLine.objects.filter(entry=OuterRef("pk")))


@dataclass(frozen=True)
class Figures:
    """What somebody earned in a period and what of that is paid; what is to be paid until its end, older things too."""

    professional: Professional
    earned: Decimal
    paid: Decimal
    payable: Decimal

    @property
    def carried(self) -> Decimal:
        """What is still to be paid of the time before the period; less than nothing where too much was paid."""
        return self.payable - (self.earned - self.paid)


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


def figures(*, first: datetime, until: datetime, people: Iterable[Professional] | None = None) -> list[Figures]:
    """Return what everybody earned, or those named, in a period; two statements. Who never earned is left out."""
    within = Q(at__gte=first)
    sums: Any = (
        CommissionEntry.objects.filter(at__lt=until)
        .annotate(is_paid=_PAID)
        .values_list("professional")
        .annotate(
            earned=Sum("amount", filter=within, default=NOTHING),
            paid_of_it=Sum("amount", filter=within & Q(is_paid=True), default=NOTHING),
            payable=Sum("amount", filter=Q(is_paid=False), default=NOTHING),
        )
        .order_by()
    )
    if people is not None:
        named = list(people)
        found = {key: amounts for key, *amounts in sums.filter(professional__in=named)}
        return [_figures(person, found.get(person.pk, (NOTHING,) * 3)) for person in named]
    found = {key: amounts for key, *amounts in sums}
    return [_figures(person, found[person.pk]) for person in Professional.objects.filter(pk__in=found)]


def _figures(person: Professional, amounts: Iterable[Decimal]) -> Figures:
    earned, paid, payable = amounts
    return Figures(professional=person, earned=earned, paid=paid, payable=payable)
