"""Strict shapes of incoming JSON: what is not exactly right is refused, never guessed.

Booleans are not numbers here, digits are only ASCII digits, and a name nobody knows is an error.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from common.identity import STATES, normal_document, normal_email, normal_phone, normal_postal_code
from common.money import MAX_MONEY
from common.text import is_clean, one_line, plain_marks

SKU_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,64}")
AMOUNT_PATTERN = re.compile(r"(0|[1-9][0-9]{0,7})\.[0-9]{2}")
INSTANT_PATTERN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
DAY_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UUID_PATTERN = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
MAX_SOLD = 999
# Far enough from the ends of the calendar that adding a few months to a day never falls off it.
FIRST_YEAR, LAST_YEAR = 2000, 2200


class StrictSerializer(serializers.Serializer[Any]):
    """A shape that refuses names it does not know."""

    default_error_messages = {"unknown_field": _("There is no such field.")}

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked values. Raises ValidationError with everything that is wrong at once."""
        self.initial_data = data  # a nested shape has none of its own, and its `validate` may want to look
        unknown = sorted(str(name) for name in data if name not in self.fields) if isinstance(data, Mapping) else []
        problem = serializers.ErrorDetail(str(self.error_messages["unknown_field"]), code="unknown_field")
        refused: dict[str, Any] = {name: [problem] for name in unknown}
        try:
            checked = super().to_internal_value(data)
        except serializers.ValidationError as problems:
            if not isinstance(problems.detail, dict):
                raise
            raise serializers.ValidationError({**problems.detail, **refused}) from problems
        if refused:
            raise serializers.ValidationError(refused)
        return checked


class WholeNumberField(serializers.IntegerField):
    """A JSON integer; no boolean, no text, no fraction."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number. Raises ValidationError."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class QuantityField(WholeNumberField):
    """Units sold: 1 to 999."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 1)
        options.setdefault("max_value", MAX_SOLD)
        super().__init__(**options)


class FlagField(serializers.BooleanField):
    """JSON true or false; no text and no number that looks like one."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the flag. Raises ValidationError."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class UuidField(serializers.UUIDField):
    """A UUID as JSON text with its hyphens; no number, no braces, no `urn:`."""

    def to_internal_value(self, data: Any) -> UUID:
        """Return the UUID. Raises ValidationError."""
        if not (isinstance(data, str) and UUID_PATTERN.fullmatch(data)):
            self.fail("invalid", value=data)
        return UUID(data)


class StrictTextField(serializers.CharField):
    """JSON text without control, direction and invisible characters, trimmed, in NFC."""

    default_error_messages = {"unclean": _("Text with characters that cannot be seen.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 200)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        if not is_clean(data):
            self.fail("unclean")
        return self.shaped(super().to_internal_value(data))

    def shaped(self, text: str) -> str:
        """Return clean text in the one form that is kept."""
        return text


class TextLineField(StrictTextField):
    """One line of text."""

    def shaped(self, text: str) -> str:
        """Return the text on one line."""
        return one_line(text)


class NameField(TextLineField):
    """A person's or a thing's name."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 120)
        super().__init__(**options)


class NoteField(StrictTextField):
    """Several lines of text."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_blank", True)
        super().__init__(**options)


@extend_schema_field({"type": "string", "pattern": f"^{SKU_PATTERN.pattern}$", "maxLength": 64})
class SkuField(StrictTextField):
    """A SKU."""

    default_error_messages = {"sku": _("A SKU has 1 to 64 letters, digits, dots, dashes or underscores.")}

    def to_internal_value(self, data: Any) -> str:
        """Return the SKU. Raises ValidationError."""
        if not isinstance(data, str) or not SKU_PATTERN.fullmatch(data):
            self.fail("sku")
        return data


@extend_schema_field({"type": "string", "pattern": f"^{AMOUNT_PATTERN.pattern}$", "examples": ["59.90"]})
class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """An amount of money: a decimal string with two places. `positive` refuses 0.00."""

    default_error_messages = {
        "invalid": _('Write an amount as text with two places, such as "59.90".'),
        "positive": _("The amount must be more than nothing."),
    }

    def __init__(self, *, positive: bool = False, **options: Any) -> None:
        self.positive = positive
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount. Raises ValidationError."""
        if not isinstance(data, str) or not AMOUNT_PATTERN.fullmatch(data) or Decimal(data) > MAX_MONEY:
            self.fail("invalid")
        if self.positive and Decimal(data) == 0:
            self.fail("positive")
        return Decimal(data)

    def to_representation(self, value: Decimal) -> str:
        """Return the amount as text."""
        return str(value)


@extend_schema_field({"type": "string", "format": "date-time", "examples": ["2026-03-02T09:00:00-03:00"]})
class InstantField(serializers.Field[datetime, Any, str, Any]):
    """An instant: RFC 3339 with offset."""

    default_error_messages = {
        "invalid": _("Write an instant as in 2026-03-02T09:00:00-03:00."),
        "offset": _("Say the offset from UTC, as in 2026-03-02T09:00:00-03:00."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        """Return the instant in UTC. Raises ValidationError."""
        if not isinstance(data, str) or not INSTANT_PATTERN.fullmatch(data):
            self.fail("invalid")
        try:
            instant = datetime.fromisoformat(data.upper())
            if instant.tzinfo is None:
                self.fail("offset")
            instant = instant.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")
        if not FIRST_YEAR <= instant.year < LAST_YEAR:
            self.fail("invalid")
        return instant

    def to_representation(self, value: datetime) -> str:
        """Return the instant as text."""
        return value.isoformat()


@extend_schema_field({"type": "string", "format": "date", "examples": ["2026-03-02"]})
class DayField(serializers.Field[Any, Any, str, Any]):
    """A day in the shop's zone: YYYY-MM-DD."""

    default_error_messages = {"invalid": _("Write a day as in 2026-03-02.")}

    def to_internal_value(self, data: Any) -> Any:
        """Return the date. Raises ValidationError."""
        try:
            day = parse_date(data) if isinstance(data, str) and DAY_PATTERN.fullmatch(data) else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year < LAST_YEAR:
            self.fail("invalid")
        return day

    def to_representation(self, value: Any) -> str:
        """Return the day as text."""
        return str(value.isoformat())


class _NormalField(TextLineField):
    """Text that has one normal form."""

    normal: Any = staticmethod(str)

    def to_internal_value(self, data: Any) -> str:
        """Return the normal form. Raises ValidationError."""
        text = super().to_internal_value(data)
        if not text:
            return text
        try:
            return str(self.normal(text))
        except ValueError:
            self.fail("invalid")


class EmailField(_NormalField):
    """An e-mail address, in lower case."""

    normal = staticmethod(normal_email)
    default_error_messages = {"invalid": _("This is no e-mail address.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)


class _NumberField(_NormalField):
    """A number that people copy from their phones, with marks that may not be seen."""

    def run_validation(self, data: Any = empty) -> Any:
        """Return the normal form. Raises ValidationError."""
        return super().run_validation(plain_marks(data) if isinstance(data, str) else data)


class PhoneField(_NumberField):
    """A phone number; Brazilian unless it begins with +."""

    normal = staticmethod(normal_phone)
    default_error_messages = {"invalid": _("This is no phone number.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, allow_blank=True, **options)


class DocumentField(_NumberField):
    """A CPF or a CNPJ, with or without its marks."""

    normal = staticmethod(normal_document)
    default_error_messages = {"invalid": _("This is neither a CPF nor a CNPJ.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=24, allow_blank=True, **options)


class PostalCodeField(_NumberField):
    """A CEP."""

    normal = staticmethod(normal_postal_code)
    default_error_messages = {"invalid": _("A CEP has eight digits.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=12, **options)


class StateField(TextLineField):
    """A Brazilian state: two capital letters."""

    default_error_messages = {"state": _("There is no such state.")}

    def to_internal_value(self, data: Any) -> str:
        """Return the state. Raises ValidationError."""
        text = super().to_internal_value(data)
        if text not in STATES:
            self.fail("state")
        return text
