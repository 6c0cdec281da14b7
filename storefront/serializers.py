"""What the shop window can be asked: query parameters, read strictly.

Only `true` and `false` are booleans. Anything else is refused, never guessed.
"""

import re
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import MAX_SOLD, StrictSerializer, StrictTextField
from catalog.models import Product

PRICE_FORM = re.compile(r"(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?")
QUANTITY_FORM = re.compile(r"[1-9][0-9]{0,2}")
ORDERINGS = ("name", "-name", "price", "-price", "-created_at")


class QueryBooleanField(serializers.BooleanField):
    """`true` or `false`, spelt like that."""

    default_error_messages = {"invalid": _("Write true or false.")}

    def to_internal_value(self, data: Any) -> Any:
        """Return the boolean. Raises ValidationError."""
        if data not in ("true", "false"):
            self.fail("invalid")
        return data == "true"


@extend_schema_field({"type": "string", "pattern": r"^(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?$"})
class QueryAmountField(serializers.Field[Decimal, Any, str, Any]):
    """An amount in an address: digits, and at most two places after a dot."""

    default_error_messages = {"invalid": _("Write an amount such as 59.90.")}

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount. Raises ValidationError."""
        if not PRICE_FORM.fullmatch(data):
            self.fail("invalid")
        return Decimal(data)

    def to_representation(self, value: Decimal) -> NoReturn:
        """Never be asked: this field only reads."""
        raise NotImplementedError


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MAX_SOLD})
class QueryQuantityField(serializers.Field[int, Any, str, Any]):
    """Units in an address: plain digits, 1 to 999."""

    default_error_messages = {"invalid": _("Write a quantity from 1 to 999.")}

    def to_internal_value(self, data: Any) -> int:
        """Return the quantity. Raises ValidationError."""
        if not QUANTITY_FORM.fullmatch(data):
            self.fail("invalid")
        return int(data)

    def to_representation(self, value: int) -> NoReturn:
        """Never be asked: this field only reads."""
        raise NotImplementedError


class ProductsQuery(StrictSerializer):
    """Which products, in which order."""

    category = serializers.RegexField(
        r"^[a-zA-Z0-9_-]+\Z", max_length=80, required=False, help_text="Slug; what stands below it counts too."
    )
    search = StrictTextField(
        required=False, allow_blank=True, help_text="Words in any order; accents and case do not matter."
    )
    price_min = QueryAmountField(required=False, help_text="Products from this price on.")
    price_max = QueryAmountField(required=False, help_text="Products up to this price.")
    in_stock = QueryBooleanField(required=False, help_text="Whether it can be bought at this moment.")
    kind = serializers.ChoiceField(Product.Kind.choices, required=False, help_text="Goods or services.")
    ordering = serializers.ChoiceField(ORDERINGS, default="name", help_text="By name without it.")


class AvailabilityQuery(StrictSerializer):
    """How many units are wanted."""

    quantity = QueryQuantityField(default=1, help_text="1 without it.")
