"""What is said about prices. Rules stay in the services."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from api.kinds import Amount, Whole, Wrong
from catalog.models import PriceRun
from catalog.repricing import Repricing
from catalog.selectors import category_paths
from catalog.services import Looked
from catalog.services.prices import rule_problems
from desk.forms import BrlField, OnceForm, SoughtField

EVERYTHING = "all"
MOST_IDS = 200
_ID, _PRICE = Whole(1, 2**63 - 1), Amount()
ENDINGS = [
    ("", _("As they come out")),
    ("05", _("to 5 cents")),
    ("10", _("to 10 cents")),
    ("50", _("to 50 cents")),
    ("90", _("ending in ,90")),
    ("00", _("ending in ,00")),
]


class RuleForm(forms.Form):
    """Which prices, and by how much."""

    category = forms.ChoiceField(label=_("Category"), required=False, widget=UnfoldAdminSelectWidget)
    q = SoughtField(
        label=_("Name or code"),
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    ids = forms.RegexField(regex=r"^[0-9]{1,18}(,[0-9]{1,18})*$", required=False, widget=forms.HiddenInput)
    direction = forms.ChoiceField(
        label=_("Up or down"), choices=[("up", _("Up")), ("down", _("Down"))], widget=UnfoldAdminSelectWidget
    )
    value = BrlField(label=_("By how much"))
    way = forms.ChoiceField(
        label=_("Per cent or R$"),
        choices=[("percent", _("per cent")), ("amount", "R$")],
        widget=UnfoldAdminSelectWidget,
    )
    ending = forms.ChoiceField(label=_("Rounded"), choices=ENDINGS, required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["category"]
        paths = [(str(pk), path) for pk, path in category_paths().items()]
        field.choices = [("", _("Choose…")), (EVERYTHING, _("Everything in the shop")), *paths]

    @property
    def rule(self) -> Repricing:
        """By how much."""
        said = self.cleaned_data
        return Repricing(way=said["way"], direction=said["direction"], value=said["value"], ending=said["ending"])

    @property
    def chosen(self) -> list[int]:
        """The products that were ticked on a list."""
        return [int(pk) for pk in self.cleaned_data["ids"].split(",") if pk][:MOST_IDS]

    def clean(self) -> dict[str, Any]:
        """Judge the rule, and ask for what is to be changed."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            for problem in rule_problems(rule=self.rule):
                self.add_error(problem.pointer.removeprefix("/"), problem.detail)
        if not (said.get("category") or said.get("q") or said.get("ids")):
            self.add_error("category", _("Choose a category, or write a part of the name."))
        return said


class ApplyForm(OnceForm):
    """The prices that were looked at, and which of them are left alone."""

    rows = forms.CharField(widget=forms.HiddenInput)

    def clean_rows(self) -> list[Looked]:
        """Return the variants with the prices that were shown. Raises ValidationError."""
        try:
            return [
                Looked(variant_id=_ID.read(pk), price=_PRICE.read(price))
                for pk, price in json.loads(self.cleaned_data["rows"])
            ]
        except (ValueError, TypeError, RecursionError, Wrong) as problem:
            raise forms.ValidationError(_("Look at the prices once more.")) from problem


def described(run: PriceRun) -> str:
    """Return what a run did, in words."""
    if run.way == PriceRun.Way.BACK:
        return str(_("Put back"))
    amount = f"{run.value:.2f}".replace(".", ",").removesuffix(",00")
    by = f"{amount}%" if run.way == PriceRun.Way.PERCENT else f"R$ {run.value:.2f}".replace(".", ",")
    how = _("Up by %(by)s") if run.direction == "up" else _("Down by %(by)s")
    ending = str(dict(ENDINGS)[run.ending]) if run.ending else ""
    return ", ".join(filter(None, (how % {"by": by}, ending)))
