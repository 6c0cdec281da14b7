"""Filters of the list of orders. Days are days of the shop's zone; states are read as they are at this moment."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from common import clock
from common.dates import midnight
from desk.shown import day_bounds
from orders import selectors as orders
from orders.models import Fulfilment, Order
from shop import services as shop

AHEAD = {"today": (0, 1), "tomorrow": (1, 1), "week": (0, 7)}
PAST = {"today": (0, 1), "yesterday": (-1, 1), "week": (-6, 7)}
"""By what is chosen: the first day, counted from today, and how many days they are."""


class StatusFilter(admin.SimpleListFilter):
    """The status as it is at this moment, swept or not."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every status, and what counts as sold."""
        return [*Order.Status.choices, ("sold", _("Confirmed or completed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Keep the orders in that status at this moment."""
        status = self.value()
        if status == "sold":
            return orders.sold(orders=queryset)
        if status not in Order.Status.values:
            return queryset
        return orders.with_status(orders=queryset, status=str(status), now=clock.now())


class PickupFilter(admin.SimpleListFilter):
    """When the goods are to be collected, and who forgot to."""

    title = _("pickup")
    parameter_name = "pickup"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the days that matter."""
        return [
            ("today", _("Today")),
            ("tomorrow", _("Tomorrow")),
            ("week", _("Next 7 days")),
            ("due", _("To hand over by tonight")),
            ("uncollected", _("Not collected in time")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Keep the orders of those days, or those that nobody collected."""
        now = clock.now()
        if self.value() == "uncollected":
            late = orders.uncollected(now=now, grace_hours=shop.policy().pickup_grace_hours)
            return queryset.filter(pk__in=late.order_by().values("pk"))
        if self.value() == "due":
            _start, tonight = day_bounds(now)
            due = orders.to_hand_over(before=tonight, now=now, grace_hours=shop.policy().pickup_grace_hours)
            return queryset.filter(pk__in=due.order_by().values("pk"))
        span = _span_of(AHEAD.get(self.value() or ""), now=now)
        if span is None:
            return queryset
        return queryset.filter(pickup_starts_at__gte=span[0], pickup_starts_at__lt=span[1])


class PlacedFilter(admin.SimpleListFilter):
    """When the order was placed."""

    title = _("placed at")
    parameter_name = "placed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the days that people ask about."""
        return [("today", _("Today")), ("yesterday", _("Yesterday")), ("week", _("Last 7 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Keep the orders placed in those days."""
        span = _span_of(PAST.get(self.value() or ""), now=clock.now())
        if span is None:
            return queryset
        return queryset.filter(placed_at__gte=span[0], placed_at__lt=span[1])


class DeliveredFilter(admin.SimpleListFilter):
    """When the goods were handed over."""

    title = _("handed over")
    parameter_name = "delivered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the days that matter, and what has not been handed over."""
        return [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("week", _("Last 7 days")),
            ("no", _("Not yet")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Keep the orders handed over in those days."""
        delivered = Fulfilment.objects.filter(order=OuterRef("pk"), status=Fulfilment.Status.DELIVERED)
        if self.value() == "no":
            return queryset.filter(~Exists(delivered))
        span = _span_of(PAST.get(self.value() or ""), now=clock.now())
        if span is None:
            return queryset
        return queryset.filter(Exists(delivered.filter(changed_at__gte=span[0], changed_at__lt=span[1])))


class PickupDayFilter(RangeDateFilter):  # type: ignore[misc]
    """Pickup between two days, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Keep the orders whose pickup begins on those days."""
        first = _day(self.used_parameters.get(f"{self.parameter_name}_from"))
        last = _day(self.used_parameters.get(f"{self.parameter_name}_to"))
        zone = timezone.get_current_timezone()
        if first:
            queryset = queryset.filter(pickup_starts_at__gte=midnight(first, zone=zone))
        if last:
            queryset = queryset.filter(
                pickup_starts_at__lt=midnight(last + timedelta(days=1), zone=timezone.get_current_timezone())
            )
        return queryset


def _span_of(days: tuple[int, int] | None, *, now: datetime) -> tuple[datetime, datetime] | None:
    """Return where days begin and end; None where none were chosen."""
    if days is None:
        return None
    first, count = days
    return day_bounds(now, days=first)[0], day_bounds(now, days=first + count)[0]


def _day(text: Any) -> date | None:
    """Return the day that was typed as people of that language type it, or None for nothing and for what is no day."""
    try:
        found: date | None = forms.DateField(required=False).clean(text)
    except ValidationError:
        return None
    return found if found and found.year < date.max.year else None
