"""Shapes of people in JSON. Rules stay in the services."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Address
from api.fields import (
    DocumentField,
    EmailField,
    NameField,
    PhoneField,
    PostalCodeField,
    StateField,
    StrictSerializer,
    TextLineField,
)

MAX_PASSWORD = 128
MAX_TOKEN = 2048


class PasswordField(serializers.CharField):
    """A password as it was typed: no trimming, no folding."""

    default_error_messages = {"not_text": _("This must be text.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("write_only", True)
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the text; a number is no password."""
        if not isinstance(data, str):
            self.fail("not_text")
        return str(super().to_internal_value(data))


class RegistrationRequest(StrictSerializer):
    """A new customer."""

    email = EmailField()
    password = PasswordField()
    name = NameField()


class RegistrationResponse(serializers.Serializer[object]):
    """What was asked for; the same whether or not the e-mail had a login before."""

    email = serializers.CharField()
    name = serializers.CharField()


class SignInRequest(StrictSerializer):
    """Who signs in."""

    email = TextLineField(max_length=254)
    password = PasswordField()
    transport = serializers.ChoiceField(choices=["body", "cookie"], required=False)


class EmailRequest(StrictSerializer):
    """An address."""

    email = EmailField()


class MailTokenRequest(StrictSerializer):
    """The token of a letter's link."""

    token = TextLineField(max_length=MAX_TOKEN)


class ResetRequest(MailTokenRequest):
    """The token of a letter's link, and the password that is to be."""

    password = PasswordField()


class SessionResponse(serializers.Serializer[object]):
    """One of one's sessions; `current` is the one that asks."""

    id = serializers.UUIDField(source="public_id")
    door = serializers.ChoiceField(choices=["desk", "api"])
    address = serializers.CharField()
    agent = serializers.CharField()
    created_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    current = serializers.BooleanField()


class LeavingRequest(StrictSerializer):
    """The password, as proof that it is oneself who leaves."""

    password = PasswordField()


class RefreshRequest(StrictSerializer):
    """The refresh token of a session; left out where a cookie carries it."""

    refresh = TextLineField(max_length=MAX_TOKEN, required=False)


class TokenPairResponse(serializers.Serializer[object]):
    """A session's tokens: `access` lasts ten minutes, `refresh` a day and one use, or travels as a cookie."""

    access = serializers.CharField()
    refresh = serializers.CharField(required=False)


class ProfileRequest(StrictSerializer):
    """What people may change about themselves."""

    name = NameField(required=False)
    phone = PhoneField(required=False)
    document = DocumentField(required=False)
    email = EmailField(required=False)
    password = PasswordField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the password with a new address, and for an address with the password."""
        if ("email" in attrs) != ("password" in attrs):
            missing = "password" if "email" in attrs else "email"
            raise serializers.ValidationError({missing: self.fields[missing].error_messages["required"]}, "required")
        return attrs


class ProfileResponse(serializers.Serializer[object]):
    """Who is signed in."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True)
    document = serializers.CharField(allow_null=True)
    email_verified = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    joined_at = serializers.DateTimeField()


class PasswordRequest(StrictSerializer):
    """A new password, and the old one as proof."""

    current = PasswordField()
    new = PasswordField()


class AddressRequest(StrictSerializer):
    """An address to keep."""

    label = TextLineField(max_length=40, required=False, allow_blank=True)  # type: ignore[assignment]
    postal_code = PostalCodeField()
    street = TextLineField(max_length=200)
    number = TextLineField(max_length=20)
    complement = TextLineField(max_length=100, required=False, allow_blank=True)
    district = TextLineField(max_length=100)
    city = TextLineField(max_length=100)
    state = StateField()
    is_default = serializers.BooleanField(required=False)


class AddressChange(AddressRequest):
    """What changes of an address; nothing is required."""

    postal_code = PostalCodeField(required=False)
    street = TextLineField(max_length=200, required=False)
    number = TextLineField(max_length=20, required=False)
    district = TextLineField(max_length=100, required=False)
    city = TextLineField(max_length=100, required=False)
    state = StateField(required=False)


class AddressResponse(serializers.ModelSerializer[Address]):
    """A kept address."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = Address
        fields = (
            *("id", "label", "postal_code", "street", "number", "complement", "district", "city", "state"),
            "is_default",
        )
        read_only_fields = fields


class LookupRequest(StrictSerializer):
    """A postal code to look up."""

    postal_code = PostalCodeField()


class PlaceResponse(serializers.Serializer[object]):
    """What lies at a postal code; street and district are empty where one code serves a whole town."""

    postal_code = serializers.CharField()
    street = serializers.CharField(allow_blank=True)
    district = serializers.CharField(allow_blank=True)
    city = serializers.CharField()
    state = serializers.CharField()
