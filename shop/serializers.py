"""Shape of the shop in JSON."""

from rest_framework import serializers


class OpeningHoursResponse(serializers.Serializer[object]):
    """One stretch of opening; Monday is 0, and closing at 00:00 is the end of that day."""

    weekday = serializers.IntegerField(min_value=0, max_value=6)
    opens = serializers.RegexField(r"^\d{2}:\d{2}$")
    closes = serializers.RegexField(r"^\d{2}:\d{2}$")


class HolidayResponse(serializers.Serializer[object]):
    """A day on which the shop stays closed."""

    date = serializers.DateField()
    name = serializers.CharField()


class CutOffsResponse(serializers.Serializer[object]):
    """How early and how late customers may act."""

    order_cancel_minutes = serializers.IntegerField()
    pickup_lead_minutes = serializers.IntegerField()
    pickup_horizon_days = serializers.IntegerField()
    appointment_lead_minutes = serializers.IntegerField()
    appointment_horizon_days = serializers.IntegerField()
    appointment_cancel_minutes = serializers.IntegerField()
    appointment_reschedule_minutes = serializers.IntegerField()


class ShopResponse(serializers.Serializer[object]):
    """What customers may know about the shop."""

    name = serializers.CharField()
    timezone = serializers.CharField()
    currency = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    payment_methods = serializers.ListField(child=serializers.CharField())
    fulfilment_methods = serializers.ListField(child=serializers.CharField())
    opening_hours = OpeningHoursResponse(many=True)
    holidays = HolidayResponse(many=True)
    cut_offs = CutOffsResponse()
    whatsapp = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    address = serializers.CharField(allow_null=True)
