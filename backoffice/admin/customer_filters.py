"""Filters of the list of customers."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import clock
from customers import selectors
from customers.models import CustomerRecord


class TagFilter(admin.SimpleListFilter):
    """Customers with a tag."""

    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the tags in use."""
        return [(tag, tag) for tag in selectors.tags_in_use()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CustomerRecord]) -> QuerySet[CustomerRecord]:
        """Keep those that have it."""
        tag = self.value()
        return queryset.filter(tags__contains=[tag]) if tag else queryset


class BirthdayFilter(admin.SimpleListFilter):
    """Customers whose birthday is near."""

    title = _("birthday")
    parameter_name = "birthday"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what somebody who congratulates looks for."""
        return [
            ("today", _("Today")),
            ("week", _("Next 7 days")),
            ("month", _("This month")),
            ("next", _("Next month")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CustomerRecord]) -> QuerySet[CustomerRecord]:
        """Keep those of these days."""
        today = timezone.localtime(clock.now()).date()
        if self.value() in ("today", "week"):
            count = 1 if self.value() == "today" else 7
            return queryset.filter(selectors.born_on(days=[today + timedelta(days=day) for day in range(count)]))
        if self.value() in ("month", "next"):
            month = today.month if self.value() == "month" else today.month % 12 + 1
            return queryset.filter(selectors.born_in(month=month))
        return queryset


class KeptOutFilter(admin.SimpleListFilter):
    """Customers whom the shop has blocked."""

    title = _("blocked")
    parameter_name = "blocked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both."""
        return [("yes", _("Blocked")), ("no", _("May order and book"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those who are, or are not."""
        if self.value() == "yes":
            return queryset.filter(selectors.kept_out())
        return queryset.filter(is_kept_out=False) if self.value() == "no" else queryset
