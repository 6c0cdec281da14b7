"""The desk's list of what was decided about the shop."""

import re
from typing import Any

from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from desk.pages import ChangeColumns, ReadOnlyAdmin
from desk.shown import minutes_of_unit, shown_duration
from shop.looks import KEY as LOOK
from shop.models import OpeningHours, PolicyChange, ShopLook, ShopSettings
from shop.policy import KEYS
from shop.selectors import zone_name

LISTS: dict[str, Any] = {
    "languages": ShopSettings.Language,
    "payment_methods": ShopSettings.PaymentMethod,
    "fulfilment_methods": ShopSettings.FulfilmentMethod,
}
HOURS = re.compile(r"([0-6]) ([0-9:]{5})-([0-9:]{5})")
DAY_OFF = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def setting_name(key: str) -> str:
    """Return what the owner calls a setting."""
    if key == "opening_hours":
        return capfirst(str(OpeningHours._meta.verbose_name))
    if key == "holidays":
        return str(_("Days off"))
    if key == f"{LOOK}categories":
        return str(_("Order of the categories"))
    if key.startswith(LOOK):
        shown: Any = ShopLook._meta.get_field(key.removeprefix(LOOK))
        return f"{_('Window')}: {shown.verbose_name}"
    field: Any = ShopSettings._meta.get_field(key) if key in KEYS else None
    return capfirst(str(field.verbose_name)) if field else key


def setting_value(*, key: str, text: str) -> str:
    """Return a stored value as the settings' page shows it."""
    if not text:
        return "-"
    if key in LISTS:
        names = {str(value): str(label) for value, label in LISTS[key].choices}
        return ", ".join(names.get(entry, entry) for entry in text.split(","))
    if key == "opening_hours":
        days = dict(OpeningHours.Weekday.choices)
        return HOURS.sub(lambda found: f"{days[int(found[1])]} {found[2]}–{found[3]}", text)
    if key == "holidays":
        return DAY_OFF.sub(lambda found: f"{found[3]}/{found[2]}/{found[1]}", text)
    if key == "timezone":
        return zone_name(text)
    unit = minutes_of_unit(key)
    return shown_duration(int(text) * unit) if unit and text.isdigit() else text


@admin.register(PolicyChange)
class PolicyChangeAdmin(ChangeColumns, ReadOnlyAdmin):
    """What was decided about the shop, when and by whom; only to read."""

    list_display = ("shown_at", "setting", "before", "after", "who", "through")
    ordering = ("-pk",)
    fields = list_display
    readonly_fields = list_display

    def named(self, obj: PolicyChange) -> str:
        """Name the setting."""
        return setting_name(obj.key)

    @display(description=_("setting"), ordering="key")
    def setting(self, change: PolicyChange) -> str:
        """Name the setting."""
        return setting_name(change.key)

    @display(description=_("before"))
    def before(self, change: PolicyChange) -> str:
        """Show how it was."""
        return setting_value(key=change.key, text=change.old)

    @display(description=_("after"))
    def after(self, change: PolicyChange) -> str:
        """Show how it became."""
        return setting_value(key=change.key, text=change.new)
