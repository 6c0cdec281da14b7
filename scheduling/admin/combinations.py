"""The desk's page of services that are sold together."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.money import format_brl
from desk.admin import DeskAdmin
from scheduling import services as scheduling
from scheduling.admin.setup import BY_NAME
from scheduling.forms import CombinationForm
from scheduling.models import Combination, Professional, Service


@admin.register(Combination)
class CombinationAdmin(DeskAdmin):
    """What services cost and take together."""

    tells_before = True
    form = CombinationForm
    list_display = ("shown_services", "shown_price", "shown_duration", "one_by_one", "is_active")
    list_filter = ("is_active",)
    fields = ("services", ("price", "duration_minutes"), "is_active")
    show_full_result_count = False
    warn_unsaved_form = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never delete: it is switched off instead, and its history stays."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Combination]:
        """Return the combinations with their services."""
        services = Service.objects.select_related("variant__product").order_by(*BY_NAME)
        found: QuerySet[Combination] = super().get_queryset(request)
        return found.prefetch_related(Prefetch("services", queryset=services))

    def missing(self, request: HttpRequest, obj: Any) -> Sequence[tuple[str | Promise, str]]:
        """Lead to a second service, or to somebody who performs all that go together."""
        if obj is None:
            alone = Service.objects.count() < 2
            told = _("There are no two services yet that could go together.")
            return [(told, reverse("admin:scheduling_service_add"))] if alone else []
        people = Professional.objects.filter(is_active=True)
        for service in obj.services.all():
            people = people.filter(services=service)
        if people.exists():
            return []
        told = _("Nobody performs all of these services, so nobody can book them together.")
        return [(told, reverse("admin:scheduling_professional_changelist"))]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the combination with its services."""
        scheduling.keep_combination(combination=obj, services=form.cleaned_data["services"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave the services to `save_model`, which has saved them."""

    @display(description=_("services"))
    def shown_services(self, combination: Combination) -> str:
        """Show what is done."""
        return str(combination)

    @display(description=_("together"), ordering="price")
    def shown_price(self, combination: Combination) -> str:
        """Show what it costs."""
        return format_brl(combination.price)

    @display(description=_("duration"), ordering="duration_minutes")
    def shown_duration(self, combination: Combination) -> str:
        """Show how long it takes."""
        return _minutes(combination.duration_minutes)

    @display(description=_("one by one"))
    def one_by_one(self, combination: Combination) -> str:
        """Show what the services cost and take without it, to compare."""
        services = combination.services.all()
        price = sum((service.variant.price for service in services), Decimal("0.00"))
        return f"{format_brl(price)} · {_minutes(sum(service.duration_minutes for service in services))}"


def _minutes(minutes: int) -> str:
    return gettext("%(minutes)s min") % {"minutes": minutes}
