"""Which days somebody wants a report of: those of a name, or from one day to another."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from desk.forms import DayField
from reports.periods import LONGEST, PRESETS, Days

NAMES = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "week": _("7 days"),
    "days30": _("30 days"),
    "month": _("This month"),
    "last_month": _("Last month"),
    "year": _("This year"),
}
USUAL = "days30"


def _day(label: Any) -> DayField:
    """Return a field that shows the browser's own calendar."""
    attrs = {"type": "date", **UnfoldAdminTextInputWidget().attrs}
    attrs["type"] = "date"
    return DayField(label=label, widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"))


class PeriodForm(forms.Form):
    """The days, both included, and what they are compared with."""

    first = _day(_("From"))
    last = _day(_("Until"))
    compare = forms.ChoiceField(
        label=_("Compare with"),
        choices=[("none", _("nothing")), ("before", _("as many days before")), ("year", _("the same days a year ago"))],
        widget=UnfoldAdminSelectWidget,
        required=False,
    )

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Judge both days together."""
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if last and last > self.today:
            self.add_error("last", _("This day is still to come. A report ends today at the latest."))
        elif first and last and last < first:
            self.add_error("last", _("This day is before the first one."))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("first", _("Too long: a report covers two years at most."))
        return said

    @property
    def days(self) -> Days:
        """The days, of a form that is valid."""
        return Days(self.cleaned_data["first"], self.cleaned_data["last"])


def asked_for(query: Any, *, today: date) -> PeriodForm:
    """Return the form for what an address asks: its days, those of a named period, or the last thirty."""
    compare = query.get("compare", "none")
    if "first" in query or "last" in query:
        return PeriodForm({**query.dict(), "compare": compare}, today=today)
    preset = query.get("period", USUAL)
    days = PRESETS.get(preset, PRESETS[USUAL])(today)
    return PeriodForm({"first": days.first, "last": days.last, "compare": compare}, today=today)
