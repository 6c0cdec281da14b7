"""Shapes that time answers with. Documentation only: the JSON itself is built in `documents`."""

from typing import Any

from rest_framework import serializers

from scheduling.models import Appointment


class PersonResponse(serializers.Serializer[Any]):
    """A professional by name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class ServiceResponse(serializers.Serializer[Any]):
    """Something that can be booked."""

    sku = serializers.CharField()
    product = serializers.SlugField()
    name = serializers.CharField()
    price_from = serializers.CharField()
    currency = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    professionals = PersonResponse(many=True)


class PerformedResponse(serializers.Serializer[Any]):
    """A service as one professional performs it."""

    sku = serializers.CharField()
    name = serializers.CharField()
    price = serializers.CharField()
    duration_minutes = serializers.IntegerField()


class ProfessionalResponse(serializers.Serializer[Any]):
    """Somebody whose time can be booked."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    bio = serializers.CharField()
    image = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    services = PerformedResponse(many=True)


class PricedPersonResponse(serializers.Serializer[Any]):
    """Who is free, and what the visit costs with them."""

    id = serializers.UUIDField()
    price = serializers.CharField()


class SlotResponse(serializers.Serializer[Any]):
    """A free time."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    professionals = PricedPersonResponse(many=True)


class RefusedResponse(serializers.Serializer[Any]):
    """A time that is not free, and why."""

    starts_at = serializers.DateTimeField()
    reasons = serializers.ListField(child=serializers.CharField())


class SlotsResponse(serializers.Serializer[Any]):
    """Free times; `refused` with explain=1 only."""

    timezone = serializers.CharField()
    currency = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    slots = SlotResponse(many=True)
    refused = RefusedResponse(many=True, required=False)


class VisitCustomerResponse(serializers.Serializer[Any]):
    """Who comes."""

    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_null=True)


class AppointmentResponse(serializers.Serializer[Any]):
    """A visit."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Appointment.State.values)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    timezone = serializers.CharField()
    professional = PersonResponse()
    services = PerformedResponse(many=True)
    total = serializers.CharField()
    currency = serializers.CharField()
    customer = VisitCustomerResponse()
    note = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    access_token = serializers.CharField(allow_null=True)
    calendar_url = serializers.CharField()
    whatsapp_url = serializers.CharField(allow_null=True)
