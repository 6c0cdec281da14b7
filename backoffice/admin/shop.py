"""The desk's page about the shop itself: one page with settings, opening hours and days off.

It stands here because a day off concerns the agenda: whom it would leave without their time is shown before anything is
saved. There is nothing to choose from a list. The menu entry leads straight to the one row, which is
created on the first visit.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from backoffice.stranded_pickups import pickups_in, tell_pickups
from common import clock
from desk.admin import DeskInline, desk_actor
from orders import services as orders
from scheduling.errors import WouldStrand
from scheduling.stranding import StrandingPage, tell_stranded, wanted_anyway
from shop import services as shop
from shop.forms import HolidayFormSet, OpeningHoursFormSet, SettingsForm
from shop.models import Holiday, OpeningHours, ShopSettings
from shop.policy import KEYS, LIMITED_ROLES
from shop.selectors import possible_methods
from shop.services import ShopSheet

DECIDES = "shop.decide_money"
OWNERS_OWN = (
    "name", "legal_name", "document", "currency", "payment_methods", "transfer_instructions", "pix_key", "pix_name",
    "pix_city", "late_fee", "late_fee_percent",
    *(key for key in KEYS if key.partition("_")[0] in LIMITED_ROLES),
)  # fmt: skip
"""Whose money it is, in whose name it is asked for, and who may give any of it away: decided by the owner alone."""


class OpeningHoursInline(DeskInline):
    """The week."""

    model = OpeningHours
    formset = OpeningHoursFormSet
    fields = ("weekday", "opens", "closes")
    extra = 0
    tab = True


class HolidayInline(DeskInline):
    """The days off."""

    model = Holiday
    formset = HolidayFormSet
    fields = ("date", "name")
    extra = 0
    tab = True


@admin.register(ShopSettings)
class ShopSettingsAdmin(StrandingPage):
    """The shop's one page."""

    form = SettingsForm
    inlines = (OpeningHoursInline, HolidayInline)
    warn_unsaved_form = True
    actions_detail = ("decisions",)
    names_changes = True
    fieldsets = (
        (
            _("The shop"),
            {
                "classes": ["tab"],
                "fields": (
                    ("name", "legal_name"),
                    ("document", "whatsapp"),
                    ("email", "address"),
                    ("timezone", "currency"),
                    "languages",
                ),
            },
        ),
        (
            _("Selling"),
            {
                "classes": ["tab"],
                "fields": (
                    ("payment_methods", "fulfilment_methods"),
                    "transfer_instructions",
                    "pix_key",
                    ("pix_name", "pix_city"),
                    ("pix_hold_minutes", "card_hold_minutes"),
                    ("transfer_hold_minutes", "deadline_margin_minutes"),
                    ("cart_hold_minutes", "cart_ttl_hours"),
                    ("cancel_cutoff_minutes", "link_days"),
                    ("late_fee", "late_fee_percent"),
                ),
            },
        ),
        (
            _("Counter"),
            {
                "classes": ["tab"],
                "fields": ("parked_hold_minutes", ("scale_layout", "scale_value")),
            },
        ),
        (
            _("Limits of the team"),
            {
                "classes": ["tab"],
                "description": _(
                    "How far each role may go without asking. What is beyond it is done by somebody who may; the owner "
                    "has no limit."
                ),
                "fields": (
                    ("counter_discount_percent", "manager_discount_percent"),
                    ("counter_refund_each", "manager_refund_each"),
                    ("counter_refund_day", "manager_refund_day"),
                    ("counter_cancel_paid", "manager_cancel_paid"),
                    "manager_price_percent",
                ),
            },
        ),
        (
            _("Pickup"),
            {
                "classes": ["tab"],
                "fields": (
                    ("pickup_lead_minutes", "pickup_window_minutes"),
                    ("pickup_horizon_days", "pickup_grace_hours"),
                    "max_pickups_per_window",
                ),
            },
        ),
        (
            _("Appointments"),
            {
                "classes": ["tab"],
                "fields": (
                    ("slot_granularity_minutes", "slot_hold_minutes"),
                    ("lead_time_minutes", "booking_horizon_days"),
                    ("overlap_tolerance_minutes", "request_hours"),
                    ("appointment_cancel_cutoff_minutes", "appointment_reschedule_cutoff_minutes"),
                ),
            },
        ),
        (
            _("Limits"),
            {
                "classes": ["tab"],
                "description": _(
                    "What one person can keep from others without paying. A person is known by e-mail and phone; an "
                    "internet address may be shared by a whole building, so its limits are wide or off."
                ),
                "fields": (
                    ("cart_hold_total_minutes", "address_hold_total_minutes"),
                    ("max_units_held", "max_units_held_per_address"),
                    ("max_holds_per_customer", "max_holds_per_address"),
                    ("max_bookings_per_day", "max_bookings_per_address"),
                    "booking_click_minutes",
                    ("max_open_orders_per_email", "max_open_orders_per_address"),
                ),
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: ShopSettings | None = None) -> Any:
        """Leave out how long a card may take while nothing takes cards."""
        if "card" in possible_methods():
            return self.fieldsets
        return [
            (name, {**options, "fields": [_without_card(row) for row in options["fields"]]})
            for name, options in self.fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: ShopSettings | None = None) -> tuple[str, ...]:
        """Show what is the owner's to decide, and take nothing of it, to whoever is not."""
        return () if request.user.has_perm(DECIDES) else OWNERS_OWN

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead straight to the one page."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        row = shop.open_settings()
        return HttpResponseRedirect(reverse("admin:shop_shopsettings_change", args=[row.pk]))

    @action(description=_("Who changed this?"), icon="history", permissions=["decisions"])
    def decisions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to what was decided, when and by whom."""
        return HttpResponseRedirect(super().changes_url(request, shop.open_settings()))

    def tells_changes_to(self, request: HttpRequest) -> bool:
        """Tell whoever may read what was decided."""
        return self.has_decisions_permission(request)

    def changes_url(self, request: HttpRequest, obj: Any) -> str:
        """Return where it is told who decided what, for whoever may see it."""
        return super().changes_url(request, obj) if self.has_decisions_permission(request) else ""

    def noted_url(self, request: HttpRequest, obj: Any) -> str:
        """Return the list of what the shop itself decided."""
        return reverse("admin:shop_policychange_changelist")

    def has_decisions_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Lead nobody to a list that is closed to them."""
        return bool(request.user.has_perm("shop.view_policychange"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never add a second shop."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ShopSettings | None = None) -> bool:
        """Never delete the shop."""
        return False

    def save_model(self, request: HttpRequest, obj: ShopSettings, form: Any, change: bool) -> None:
        """Leave the saving to `save_related`, which knows the whole page."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what was typed differently, the whole page or nothing."""
        lists: dict[str, Any] = {}
        for formset in formsets:
            formset.save(commit=False)  # tells Django's log what changed, and writes nothing
            if formset.has_changed():
                lists |= formset.typed()
        sheet = ShopSheet(values={key: form.cleaned_data[key] for key in form.changed_data}, **lists)
        stranded = orders.change_shop(
            sheet=sheet, actor=desk_actor(request), now=clock.now(), anyway=wanted_anyway(request)
        )
        tell_stranded(request, stranded.visits)
        tell_pickups(request, stranded.pickups)

    def pickups_in(self, refusal: WouldStrand) -> list[dict[str, str]]:
        """Return the pickups that the change would strand, each with the page where it is moved."""
        return pickups_in(refusal)


def _without_card(row: Any) -> Any:
    return tuple(name for name in row if name != "card_hold_minutes") if isinstance(row, tuple) else row
