"""The kinds of values that stand in a request: each reads JSON exactly, or refuses it with a code.

Booleans are not numbers here, digits are only ASCII digits, and nothing is guessed. A kind is written beside the type
it yields, as in `sku: Annotated[str, Sku()]`; `schema` is what the description says of it.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.fields import BooleanField, CharField, ChoiceField, IntegerField, UUIDField

from common.dates import FIRST_YEAR, LAST_YEAR
from common.money import MAX_MONEY
from common.text import is_clean, one_line, seen

SKU_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,64}")
AMOUNT_PATTERN = re.compile(r"(0|[1-9][0-9]{0,7})\.[0-9]{2}")
INSTANT_PATTERN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
DAY_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UUID_PATTERN = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
MAX_REPEATED = 60
"""Letters of what was sent that a refusal repeats."""

TEXT, NUMBER = CharField.default_error_messages, IntegerField.default_error_messages


class Wrong(Exception):  # noqa: N818 - a finding that `api.bodies` turns into a refusal
    """A value is not of its kind: a code that never changes, and a sentence."""

    def __init__(self, code: str, detail: str | Promise) -> None:
        self.code = code
        self.detail = str(detail)
        super().__init__(code, self.detail)


def shortened(given: Any) -> str:
    """Return the beginning of what was sent, for a sentence about it; of what is no text, only what it is."""
    text = given if isinstance(given, str) else type(given).__name__
    return text if len(text) <= MAX_REPEATED else f"{text[:MAX_REPEATED]}…"


class Kind:
    """A kind of value. `name` says in the description what it is, beside the type."""

    schema: dict[str, Any]

    def read(self, given: Any) -> Any:
        """Return the value that JSON writes as `given`. Raises Wrong."""
        raise NotImplementedError  # `Many` has no value of its own: the body reads its entries one by one


class Whole(Kind):
    """A JSON integer within bounds; no boolean, no text, no fraction."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        self.schema = {"type": "integer", "minimum": least, "maximum": most}

    def read(self, given: Any) -> int:
        """Return the number. Raises Wrong."""
        if isinstance(given, bool) or not isinstance(given, int):
            raise Wrong("invalid", NUMBER["invalid"])
        if given < self.least:
            raise Wrong("min_value", NUMBER["min_value"].format(min_value=self.least))
        if given > self.most:
            raise Wrong("max_value", NUMBER["max_value"].format(max_value=self.most))
        return given


class Quantity(Whole):
    """Units, from 1 on."""

    def __init__(self, most: int) -> None:
        super().__init__(1, most)


class Flag(Kind):
    """JSON true or false; no text and no number that looks like one."""

    schema = {"type": "boolean"}

    def read(self, given: Any) -> bool:
        """Return the flag. Raises Wrong."""
        if not isinstance(given, bool):
            raise Wrong("invalid", BooleanField.default_error_messages["invalid"])
        return given


class Choice(Kind):
    """One of some texts."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices
        self.schema = {"type": "string", "enum": list(choices)}

    def read(self, given: Any) -> str:
        """Return the text. Raises Wrong."""
        if not isinstance(given, str) or given not in self.choices:
            raise Wrong(
                "invalid_choice",
                str(ChoiceField.default_error_messages["invalid_choice"]).format(input=shortened(given)),
            )
        return given


class Id(Kind):
    """A UUID as JSON text with its hyphens; no number, no braces, no `urn:`."""

    schema = {"type": "string", "format": "uuid"}

    def read(self, given: Any) -> UUID:
        """Return the UUID. Raises Wrong."""
        if not (isinstance(given, str) and UUID_PATTERN.fullmatch(given)):
            raise Wrong("invalid", str(UUIDField.default_error_messages["invalid"]).format(value=shortened(given)))
        return UUID(given)


class Text(Kind):
    """JSON text without control, direction and invisible characters, trimmed; as many lines as it likes."""

    def __init__(self, most: int = 200, *, blank: bool = False) -> None:
        self.most, self.blank = most, blank
        self.schema = {"type": "string", "maxLength": most, **({} if blank else {"minLength": 1, "pattern": r"\S"})}

    def read(self, given: Any) -> str:
        """Return the text in the one form that is kept. Raises Wrong."""
        if not isinstance(given, str):
            raise Wrong("invalid", TEXT["invalid"])
        if not is_clean(given):
            raise Wrong("unclean", _("Text with characters that cannot be seen."))
        text = given.strip()
        if not text:
            if self.blank:
                return ""
            raise Wrong("blank", TEXT["blank"])
        kept = self.kept(text)
        if len(kept) > self.most:  # as it is kept: an accent may be typed as a letter of its own
            raise Wrong("max_length", str(TEXT["max_length"]).format(max_length=self.most))
        return kept

    def kept(self, text: str) -> str:
        """Return clean text in the one form that is kept. Raises Wrong."""
        return text


class TextLine(Text):
    """One line of text."""

    def kept(self, text: str) -> str:
        """Return the text on one line, in NFC."""
        return one_line(text)


class Sought(TextLine):
    """What is typed or copied into a search, or nothing: what of it cannot be seen is not looked for."""

    def __init__(self, most: int) -> None:
        super().__init__(most, blank=True)

    def read(self, given: Any) -> str:
        """Return what can be seen, on one line. Raises Wrong."""
        return super().read(seen(given) if isinstance(given, str) else given)


class Name(TextLine):
    """A person's or a thing's name."""

    def __init__(self, most: int = 120, *, blank: bool = False) -> None:
        super().__init__(most, blank=blank)


class Secret(Kind):
    """A password as it was typed: no trimming, no folding."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.schema = {"type": "string", "minLength": 1, "maxLength": most, "writeOnly": True}

    def read(self, given: Any) -> str:
        """Return the text. Raises Wrong."""
        if not isinstance(given, str):
            raise Wrong("not_text", _("This must be text."))
        if not given:
            raise Wrong("blank", TEXT["blank"])
        if len(given) > self.most:
            raise Wrong("max_length", str(TEXT["max_length"]).format(max_length=self.most))
        if "\x00" in given:
            raise Wrong("null_characters_not_allowed", _("Text with characters that cannot be seen."))
        return given


class Pattern(Kind):
    """Text of a pattern, read as it stands or by `into`."""

    def __init__(
        self,
        pattern: str,
        *,
        code: str,
        detail: str | Promise,
        into: Callable[[str], Any] = str,
        schema: dict[str, Any] | None = None,
    ) -> None:
        self.pattern = re.compile(pattern)
        self.code, self.detail, self.into = code, detail, into
        self.schema = schema or {"type": "string", "pattern": f"^{pattern}$"}

    def read(self, given: Any) -> Any:
        """Return what the text says. Raises Wrong."""
        if not isinstance(given, str) or not self.pattern.fullmatch(given):
            raise Wrong(self.code, self.detail)
        return self.into(given)


class Sku(Kind):
    """A SKU."""

    schema = {"type": "string", "pattern": f"^{SKU_PATTERN.pattern}$", "maxLength": 64}

    def read(self, given: Any) -> str:
        """Return the SKU. Raises Wrong."""
        if isinstance(given, str) and SKU_PATTERN.fullmatch(given):
            return given
        if isinstance(given, str) and not given.strip():
            raise Wrong("blank", TEXT["blank"])
        raise Wrong("sku", _("A SKU has 1 to 64 letters, digits, dots, dashes or underscores."))


class Amount(Kind):
    """An amount of money: a decimal string with two places. `positive` refuses 0.00."""

    schema = {"type": "string", "pattern": f"^{AMOUNT_PATTERN.pattern}$", "examples": ["59.90"]}

    def __init__(self, *, positive: bool = False) -> None:
        self.positive = positive
        if positive:
            self.schema = {**self.schema, "not": {"const": "0.00"}}

    def read(self, given: Any) -> Decimal:
        """Return the amount. Raises Wrong."""
        if not isinstance(given, str) or not AMOUNT_PATTERN.fullmatch(given) or Decimal(given) > MAX_MONEY:
            raise Wrong("invalid", _('Write an amount as text with two places, such as "59.90".'))
        if self.positive and Decimal(given) == 0:
            raise Wrong("positive", _("The amount must be more than nothing."))
        return Decimal(given)


class Instant(Kind):
    """An instant: RFC 3339 with offset."""

    schema = {"type": "string", "format": "date-time", "minLength": 1, "examples": ["2026-03-02T09:00:00-03:00"]}

    def read(self, given: Any) -> datetime:
        """Return the instant in UTC. Raises Wrong."""
        if not isinstance(given, str) or not INSTANT_PATTERN.fullmatch(given):
            raise self._invalid()
        try:
            instant = datetime.fromisoformat(given.upper())
            if instant.tzinfo is None:
                raise Wrong("offset", _("Say the offset from UTC, as in 2026-03-02T09:00:00-03:00."))
            instant = instant.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._invalid() from None
        if not FIRST_YEAR <= instant.year < LAST_YEAR:
            raise self._invalid()
        return instant

    def _invalid(self) -> Wrong:
        return Wrong("invalid", _("Write an instant as in 2026-03-02T09:00:00-03:00."))


class Day(Kind):
    """A day in the shop's zone: YYYY-MM-DD."""

    schema = {"type": "string", "format": "date", "examples": ["2026-03-02"]}

    def read(self, given: Any) -> date:
        """Return the date. Raises Wrong."""
        try:
            day = date.fromisoformat(given) if isinstance(given, str) and DAY_PATTERN.fullmatch(given) else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year < LAST_YEAR:
            raise Wrong("invalid", _("Write a day as in 2026-03-02."))
        return day


class WebAddress(TextLine):
    """The address of a page, with http or https."""

    def __init__(self, most: int = 500) -> None:
        super().__init__(most)
        self.schema = {"type": "string", "maxLength": most, "format": "uri", "pattern": r"^https?://[^\s/]+\S*$"}

    def kept(self, text: str) -> str:
        """Return the address as it was written. Raises Wrong."""
        try:
            parts = urlsplit(text)
            named = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            named = False
        if not named or any(sign.isspace() for sign in text):
            raise Wrong("invalid", _("This is no address of a page, such as https://shop.example/thanks."))
        return text


class Many(Kind):
    """A list, as long as its bounds allow; its items are of the kind or the body that the type names."""

    schema = {"type": "array"}

    def __init__(self, most: int, *, least: int = 0) -> None:
        self.least, self.most = least, most
        self.schema = {"type": "array", "maxItems": most, **({"minItems": least} if least else {})}
