"""What the agenda's doors are sent. Wall-clock times are the shop's."""

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.fields import (
    AmountField,
    DayField,
    EmailField,
    InstantField,
    NameField,
    NoteField,
    PhoneField,
    SkuField,
    StrictSerializer,
    TextLineField,
)
from payments.models import Payment
from scheduling.selectors import MAX_SERVICES

WALL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?")


class WallField(serializers.Field[datetime, Any, str, Any]):
    """A wall-clock time of the shop, such as 2026-03-02T09:00, or an instant with its offset."""

    default_error_messages = {"invalid": _("Write a time as in 2026-03-02T09:00.")}

    def to_internal_value(self, data: Any) -> datetime:
        """Return the time, without zone where none was given. Raises ValidationError."""
        if not isinstance(data, str) or not WALL.fullmatch(data):
            instant: datetime = InstantField().to_internal_value(data)
            return instant
        try:
            wall = datetime.fromisoformat(data)
        except ValueError:
            self.fail("invalid")
        if not 2000 <= wall.year < 2200:
            self.fail("invalid")
        return wall


class WeekQuery(StrictSerializer):
    """Which days."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, one of which bears a name that Python keeps for itself."""
        return {"from": DayField(), "to": DayField()}


class TimesQuery(StrictSerializer):
    """Free times of some services, or of a visit that is to move, on one day."""

    service = serializers.ListField(child=SkuField(), required=False, max_length=MAX_SERVICES)
    visit = serializers.UUIDField(required=False)
    professional = serializers.UUIDField(required=False)
    day = DayField()


class CustomersQuery(StrictSerializer):
    """Part of a name, an e-mail or a phone number."""

    q = TextLineField(max_length=120, allow_blank=True)


class VisitRequest(StrictSerializer):
    """A visit to book. `force`: why at a time that is not free; `reason`: why at one that has passed."""

    services = serializers.ListField(child=SkuField(), min_length=1, max_length=MAX_SERVICES)
    professional = serializers.UUIDField(required=False, allow_null=True, default=None)
    starts_at = WallField()
    customer = serializers.UUIDField(required=False, allow_null=True, default=None)
    name = NameField()
    email = EmailField(required=False, allow_blank=True, default="")
    phone = PhoneField(required=False, default="")
    note = NoteField(required=False, max_length=500, default="")
    force = TextLineField(required=False, allow_blank=True, default="")
    reason = TextLineField(required=False, allow_blank=True, default="")


class MoveRequest(StrictSerializer):
    """Where a visit goes."""

    starts_at = WallField()
    professional = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = TextLineField(required=False, allow_blank=True, default="")
    force = TextLineField(required=False, allow_blank=True, default="")


class ReasonRequest(StrictSerializer):
    """Why."""

    reason = TextLineField(required=False, allow_blank=True, default="")


class ChargeRequest(StrictSerializer):
    """Money taken at the counter: how it was paid, and how much the page said."""

    tender = serializers.ChoiceField(choices=Payment.Tender.choices)
    amount = AmountField()


class EmptyRequest(StrictSerializer):
    """Nothing but the verb."""


class TimeOffRequest(StrictSerializer):
    """A stretch in which somebody is away."""

    professional = serializers.UUIDField()
    starts_at = WallField()
    ends_at = WallField()
    reason = TextLineField(required=False, allow_blank=True, default="")
