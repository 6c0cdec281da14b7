"""What people type at the desk: one line, units, amounts; and the form that acts once."""

import hashlib
import json
import re
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from common.idempotency import IdempotencyKey
from common.money import MAX_MONEY, parse_brl
from common.text import is_clean, one_line

WHOLE_NUMBER = re.compile(r"[0-9]{1,10}")


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


class UnitsField(forms.Field):
    """A whole number of units, in plain digits."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        attributes = {"inputmode": "numeric", "autocomplete": "off"}
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs=attributes))
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        """Return the number. Raises ValidationError for anything but plain digits within the bounds."""
        text = str(value or "").strip()
        if not text and not self.required:
            return None
        if not text:
            return None
        if not WHOLE_NUMBER.fullmatch(text):
            raise forms.ValidationError(_("Type a whole number, such as 12."), code="invalid")
        if not self.least <= int(text) <= self.most:
            bounds = {"least": self.least, "most": self.most}
            raise forms.ValidationError(_("Between %(least)s and %(most)s, please."), code="bounds", params=bounds)
        return int(text)


class BrlField(forms.Field):
    """An amount as Brazilians type it: 10,50 · 10.50 · 1.234,56 · R$ 1.234,56."""

    def __init__(self, **options: Any) -> None:
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
        if not 0 < amount <= MAX_MONEY:
            raise forms.ValidationError(_("The amount must be more than nothing."), code="bounds")
        return amount
