"""What is typed around a count. Rules stay in the services."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.selectors import category_paths
from desk.forms import LineField, OnceForm


class CountForm(OnceForm):
    """What is counted: the goods of a category, or whatever is scanned."""

    category = forms.TypedChoiceField(
        label=_("Category or shelf"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Its goods are listed to be counted. Without one, scan whatever you find."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["category"]
        field.choices = [("", _("Whatever is scanned")), *category_paths().items()]


class ApplyForm(OnceForm):
    """Why the stock is corrected, and the count as its differences were looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = LineField(label=_("Reason"), widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}))

    def look_at(self, version: int) -> None:
        """Carry another version from now on, beside what was typed: the page shows the differences of that one."""
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(version)
        self.data = data
