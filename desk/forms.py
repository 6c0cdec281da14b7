"""What people type at the desk: one line, units, amounts; and the form that acts once."""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.db.models import UniqueConstraint
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from common.dates import FIRST_YEAR, LAST_YEAR
from common.keys import IdempotencyKey
from common.money import MAX_MONEY, parse_brl
from common.text import is_clean, one_line, plain_marks, seen
from desk.shown import DAY, shown_duration

WHOLE_NUMBER = re.compile(r"[0-9]{1,10}")
_LENGTH = re.compile(
    r"(?:([0-9]{1,4})\s*(?:d|dias?|days?))?(?:\s*(?:,|e|and)?\s*)"
    r"(?:([0-9]{1,5})\s*(?:h|hs|horas?|hours?))?(?:\s*(?:,|e|and)?\s*)"
    r"(?:([0-9]{1,7})\s*(?:m|min|mins|minutos?|minutes?)?)?"
)


Rules = Mapping[str, tuple[str, str | Promise]]


class InWords(forms.BaseForm):
    """Stands before a form of a model, and says what its rules mean instead of what they are called.

    `rules`: the sentence for a rule by its name in the database, and the field it stands beside. A rule without one
    names the fields that do not fit together.
    """

    rules: ClassVar[Rules]
    instance: Any

    def _post_clean(self) -> None:
        """Let the model judge all but its rules, which are judged here one by one."""
        judge = self.instance.full_clean
        self.instance.full_clean = partial(judge, validate_constraints=False)
        try:
            super()._post_clean()  # type: ignore[misc]
        finally:
            del self.instance.full_clean
        left_out = self._get_validation_exclusions()  # type: ignore[attr-defined]
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                try:
                    constraint.validate(model, self.instance, exclude=left_out)
                except forms.ValidationError as problem:
                    self._complain(constraint, problem)

    def _complain(self, constraint: Any, problem: forms.ValidationError) -> None:
        field, sentence = getattr(self, "rules", {}).get(constraint.name, ("", ""))
        if sentence:
            self.add_error(field if field in self.fields else None, str(sentence))
        elif isinstance(constraint, UniqueConstraint):
            alone = constraint.fields[0] if len(constraint.fields) == 1 else None
            self.add_error(alone if alone in self.fields else None, problem)
        else:
            names = getattr(constraint.condition, "referenced_base_fields", ())
            labels = [str(self.fields[name].label) for name in self.fields if name in names]
            self.add_error(None, _("%(fields)s: this cannot be.") % {"fields": ", ".join(labels) or problem.message})


class NamesTwins(forms.BaseFormSet[Any] if TYPE_CHECKING else object):  # type: ignore[misc]
    """Stands before the formset of a page: its fields, in a table without labels of their own, have names all the same.

    What two of its rows have in common is named by its label, too.
    """

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add what the formset needs, and name each field of the row."""
        super().add_fields(form, index)
        for field in form.fields.values():
            if field.label and not field.widget.is_hidden:
                widget: Any = getattr(field.widget, "widget", field.widget)  # what adds links around a choice
                widget.attrs.setdefault("aria-label", capfirst(str(field.label)))

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        """Say which fields are the same twice."""
        fields = self.empty_form.fields
        labels = [str(fields[name].label) for name in unique_check if name in fields]
        return gettext("%(fields)s: the same twice.") % {"fields": ", ".join(labels)}

    def get_form_error(self) -> str:
        """Say it on the row itself."""
        return gettext("This row is there twice.")


class OnceForm(forms.Form):
    """A form that acts once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def once(self, *, request: HttpRequest, scope: str) -> IdempotencyKey:
        """Return the key of this very form, bound to what was typed into it."""
        typed = json.dumps(self.cleaned_data, sort_keys=True, default=str)
        return IdempotencyKey(
            scope=f"desk:{request.user.pk}:{scope}",
            key=str(self.cleaned_data["key"]),
            fingerprint=hashlib.sha256(typed.encode()).hexdigest(),
        )


class SeenForm(forms.Form):
    """A form that carries the figure its page showed, so that an old page undoes nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def show(self, figure: int) -> None:
        """Carry another figure from now on, beside what was typed; sent again, the form is about that one."""
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("seen")] = str(figure)
        self.data = data


class LineField(forms.CharField):
    """One line of text without characters that cannot be seen."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 200)
        options.setdefault("widget", UnfoldAdminTextInputWidget())
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """Return the text on one line. Raises ValidationError."""
        text = str(super().clean(value))
        if not is_clean(text):
            raise forms.ValidationError(_("This text has characters that cannot be seen."), code="unclean")
        return one_line(text)


class PastedField(LineField):
    """A number that people copy from elsewhere, such as a phone or a CPF, with marks around it that may not be seen.

    It is as long as what is left of it, so the page cuts nothing off.
    """

    def to_python(self, value: Any) -> str:
        """Return the number with plain marks."""
        return plain_marks(str(super().to_python(value))).strip()

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out how much may be typed."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class SoughtField(LineField):
    """What is typed or copied into a search: what of it cannot be seen is not looked for."""

    def to_python(self, value: Any) -> str:
        """Return what can be seen."""
        return seen(str(super().to_python(value))).strip()


class DayField(forms.DateField):
    """A day, not so far away that it can only be a slip of the hand."""

    def to_python(self, value: Any) -> date | None:
        """Return the day. Raises ValidationError."""
        day: date | None = super().to_python(value)
        if day is not None and not FIRST_YEAR <= day.year < LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class UnitsField(forms.Field):
    """A whole number of units, in plain digits."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        attributes = {"inputmode": "numeric", "autocomplete": "off"}
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs=attributes))
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        """Return the number. Raises ValidationError for anything but plain digits within the bounds."""
        text = plain_marks(str(value or "")).strip()
        if not text:
            return None
        if not WHOLE_NUMBER.fullmatch(text):
            raise forms.ValidationError(_("Type a whole number, such as 12."), code="invalid")
        if not self.least <= int(text) <= self.most:
            bounds = {"least": self.least, "most": self.most}
            raise forms.ValidationError(_("Between %(least)s and %(most)s, please."), code="bounds", params=bounds)
        return int(text)


class DurationField(forms.Field):
    """A length of time as people say it: 2 dias · 90 min · 1h30 · 1 h 30 min. A bare number counts in `unit`.

    Its value is a whole number of `unit` minutes.
    """

    def __init__(self, *, unit: int = 1, least: int = 0, most: int = 32_000, **options: Any) -> None:
        self.unit, self.least, self.most = unit, least, most
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show a length as it would be said."""
        return shown_duration(value * self.unit) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return the length. Raises ValidationError."""
        text = plain_marks(str(value if value is not None else "")).strip().casefold()
        if not text:
            return None
        minutes = int(text) * self.unit if WHOLE_NUMBER.fullmatch(text) else _minutes(text)
        if minutes is None:
            raise forms.ValidationError(_("Type a length of time such as 2 days, 90 min or 1h30."), code="invalid")
        length, rest = divmod(minutes, self.unit)
        if rest:
            whole = shown_duration(self.unit)
            raise forms.ValidationError(_("In steps of %(whole)s, please."), code="steps", params={"whole": whole})
        if not self.least <= length <= self.most:
            bounds = {"least": shown_duration(self.least * self.unit), "most": shown_duration(self.most * self.unit)}
            raise forms.ValidationError(_("Between %(least)s and %(most)s, please."), code="bounds", params=bounds)
        return length

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lengths, not the ways of writing them."""
        try:
            return bool(self.to_python(data) != initial)
        except forms.ValidationError:
            return True


def _minutes(text: str) -> int | None:
    found = _LENGTH.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return days * DAY + hours * 60 + minutes


class BrlField(forms.Field):
    """An amount as Brazilians type it: 10,50 · 10.50 · 1.234,56 · R$ 1.234,56. With `zero` it may be nothing."""

    def __init__(self, *, zero: bool = False, **options: Any) -> None:
        self.zero = zero
        attributes = {"inputmode": "decimal", "autocomplete": "off", "placeholder": "0,00"}
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs=attributes))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show an amount as it would be typed."""
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        """Return the amount. Raises ValidationError for what could mean two amounts, and for nothing at all."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            amount = parse_brl(text)
        except ValueError as problem:
            raise forms.ValidationError(_("Type an amount such as 1.234,56."), code="invalid") from problem
        if not 0 < amount <= MAX_MONEY and not (self.zero and amount == 0):
            raise forms.ValidationError(_("The amount must be more than nothing."), code="bounds")
        return amount
