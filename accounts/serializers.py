"""Shapes of people in JSON. A field here also brings its text into the stored form; rules stay in the services."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Address
from common.fields import NameField, StrictSerializer, TextLineField
from common.identity import STATES, normal_document, normal_email, normal_phone, normal_postal_code

MAX_PASSWORD = 128
MAX_TOKEN = 2048


class EmailField(TextLineField):
    """An e-mail address, in any spelling."""

    default_error_messages = {"invalid_email": _("This is not an e-mail address.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Will return the stored form."""
        try:
            return normal_email(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid_email")


class PhoneField(TextLineField):
    """A phone number; without country code it is Brazilian."""

    default_error_messages = {"invalid_phone": _("This phone number can not exist.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Will return E.164; empty stays empty."""
        text = super().to_internal_value(data)
        try:
            return normal_phone(text) if text else ""
        except ValueError:
            self.fail("invalid_phone")


class DocumentField(TextLineField):
    """A CPF or a CNPJ, with or without its marks."""

    default_error_messages = {"invalid_document": _("This is neither a CPF nor a CNPJ.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=18, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Will return the characters without marks; empty stays empty."""
        text = super().to_internal_value(data)
        try:
            return normal_document(text) if text else ""
        except ValueError:
            self.fail("invalid_document")


class PostalCodeField(TextLineField):
    """A CEP, with or without its dash."""

    default_error_messages = {"invalid_postal_code": _("A postal code has eight digits.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=9, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Will return eight digits."""
        try:
            return normal_postal_code(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid_postal_code")


class PasswordField(serializers.CharField):
    """A password as it was typed: no trimming, no folding."""

    default_error_messages = {"not_text": _("This must be text.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("write_only", True)
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Will return the text; a number is no password."""
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


class RefreshRequest(StrictSerializer):
    """The refresh token of a session."""

    refresh = TextLineField(max_length=MAX_TOKEN)


class TokenPairResponse(serializers.Serializer[object]):
    """A session's tokens: `access` lasts ten minutes, `refresh` a day and one use."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class ProfileRequest(StrictSerializer):
    """What people may change about themselves."""

    name = NameField(required=False)
    phone = PhoneField(required=False, allow_blank=True)
    document = DocumentField(required=False, allow_blank=True)


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

    current_password = PasswordField()
    new_password = PasswordField()


class AddressRequest(StrictSerializer):
    """An address to keep."""

    label = TextLineField(max_length=40, required=False, allow_blank=True)
    postal_code = PostalCodeField()
    street = TextLineField(max_length=200)
    number = TextLineField(max_length=20)
    complement = TextLineField(max_length=100, required=False, allow_blank=True)
    district = TextLineField(max_length=100)
    city = TextLineField(max_length=100)
    state = serializers.ChoiceField(choices=STATES)
    is_default = serializers.BooleanField(required=False)


class AddressChange(AddressRequest):
    """What changes of an address; nothing is required."""

    postal_code = PostalCodeField(required=False)
    street = TextLineField(max_length=200, required=False)
    number = TextLineField(max_length=20, required=False)
    district = TextLineField(max_length=100, required=False)
    city = TextLineField(max_length=100, required=False)
    state = serializers.ChoiceField(choices=STATES, required=False)


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
