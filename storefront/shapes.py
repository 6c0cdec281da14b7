"""Shapes of the shop window in JSON; they only describe, nothing runs through them."""

from typing import Any

from rest_framework import serializers

from catalog.models import Product


class CategoryResponse(serializers.Serializer[Any]):
    """A category with what stands below it; `product_count` counts those too."""

    slug = serializers.CharField()
    name = serializers.CharField()
    children = serializers.ListField(child=serializers.DictField(), help_text="The same shape again.")
    product_count = serializers.IntegerField()


class CategoryNameResponse(serializers.Serializer[Any]):
    """A category by name."""

    slug = serializers.CharField()
    name = serializers.CharField()


class ImageResponse(serializers.Serializer[Any]):
    """A picture; sides in pixels."""

    url = serializers.CharField()
    alt = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class ProductCardResponse(serializers.Serializer[Any]):
    """A product on a list."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Product.Kind.choices)
    category = CategoryNameResponse()
    image = ImageResponse(allow_null=True)
    price_from = serializers.CharField()
    currency = serializers.CharField()
    in_stock = serializers.BooleanField()


class VariantOptionResponse(serializers.Serializer[Any]):
    """One property that sets a variant apart."""

    name = serializers.CharField()
    value = serializers.CharField()


class OptionsResponse(serializers.Serializer[Any]):
    """A property by which variants differ, and the values there are."""

    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class VariantResponse(serializers.Serializer[Any]):
    """What is bought; `available` is null where time is sold and not units."""

    sku = serializers.CharField()
    name = serializers.CharField()
    price = serializers.CharField()
    available = serializers.IntegerField(allow_null=True)
    options = VariantOptionResponse(many=True)


class ProductResponse(ProductCardResponse):
    """A product with everything there is to know."""

    description = serializers.CharField()
    pickup_lead_minutes = serializers.IntegerField(allow_null=True)
    images = ImageResponse(many=True)
    options = OptionsResponse(many=True)
    variants = VariantResponse(many=True)
    related = ProductCardResponse(many=True)


class AvailabilityResponse(serializers.Serializer[Any]):
    """Whether that many units could be had at this moment. Asking keeps nothing."""

    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    available = serializers.IntegerField(allow_null=True)
    sufficient = serializers.BooleanField()
