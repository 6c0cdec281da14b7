"""Shapes of requests about time."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.fields import (
    DayField,
    EmailField,
    InstantField,
    NameField,
    NoteField,
    PhoneField,
    SkuField,
    StrictSerializer,
    TextLineField,
    UuidField,
)
from scheduling.selectors import MAX_SERVICES

MAX_DAYS = 62
MAX_EXPLAINED_DAYS = 7


class ProfessionalFilter(StrictSerializer):
    """Services of one professional."""

    professional = UuidField(required=False)


class ServiceFilter(StrictSerializer):
    """Professionals who perform one service."""

    service = SkuField(required=False)


class SlotsQuery(StrictSerializer):
    """Which free times, of whom. `service` may be given several times: the visit's services in order."""

    service = serializers.ListField(child=SkuField(), min_length=1, max_length=MAX_SERVICES)
    professional = UuidField(required=False)
    explain = serializers.ChoiceField(choices=["0", "1"], required=False, default="0")

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, two of which bear names that Python keeps for itself."""
        return {**super().get_fields(), "from": DayField(required=False), "to": DayField(required=False)}


class ContactRequest(StrictSerializer):
    """Who comes."""

    name = NameField()
    email = EmailField()
    phone = PhoneField(required=False, default="")


class BookingRequest(StrictSerializer):
    """A visit to book."""

    services = serializers.ListField(child=SkuField(), min_length=1, max_length=MAX_SERVICES)
    professional = UuidField(required=False, allow_null=True, default=None)
    starts_at = InstantField()
    customer = ContactRequest()
    note = NoteField(required=False, max_length=500, default="")


class CancellationRequest(StrictSerializer):
    """Why a visit is cancelled."""

    reason = TextLineField(required=False, allow_blank=True, default="")


class MoveRequest(StrictSerializer):
    """Where a visit goes."""

    starts_at = InstantField()
    professional = UuidField(required=False, allow_null=True, default=None)
    reason = TextLineField(required=False, allow_blank=True, default="", help_text=_("Of the team, past the cut-off."))
