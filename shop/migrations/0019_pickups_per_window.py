"""How many orders may be collected in one pickup window, and that its changes are written down."""

import django.core.validators
from django.db import migrations, models

from audit.triggers import audited

TABLE = "shop_shopsettings"
TOLD = [
    "name",
    "legal_name",
    "document",
    "currency",
    "timezone",
    "languages",
    "whatsapp",
    "email",
    "address",
    "payment_methods",
    "fulfilment_methods",
    "transfer_instructions",
    "pix_key",
    "pix_name",
    "pix_city",
    "cart_hold_minutes",
    "cart_hold_total_minutes",
    "address_hold_total_minutes",
    "max_units_held",
    "max_units_held_per_address",
    "cart_ttl_hours",
    "transfer_hold_minutes",
    "pix_hold_minutes",
    "card_hold_minutes",
    "deadline_margin_minutes",
    "max_open_orders_per_email",
    "max_open_orders_per_address",
    "cancel_cutoff_minutes",
    "late_fee",
    "late_fee_percent",
    "counter_discount_percent",
    "counter_refund_each",
    "counter_refund_day",
    "counter_cancel_paid",
    "manager_discount_percent",
    "manager_refund_each",
    "manager_refund_day",
    "manager_cancel_paid",
    "manager_price_percent",
    "parked_hold_minutes",
    "scale_layout",
    "scale_value",
    "pickup_lead_minutes",
    "pickup_horizon_days",
    "pickup_window_minutes",
    "pickup_grace_hours",
    "slot_granularity_minutes",
    "slot_hold_minutes",
    "lead_time_minutes",
    "booking_horizon_days",
    "overlap_tolerance_minutes",
    "request_hours",
    "appointment_cancel_cutoff_minutes",
    "appointment_reschedule_cutoff_minutes",
    "max_holds_per_customer",
    "max_holds_per_address",
    "max_bookings_per_day",
    "max_bookings_per_address",
    "booking_click_minutes",
    "link_days",
]  # fmt: skip
BEFORE = audited(table=TABLE, told=TOLD, inserts=True)


class Migration(migrations.Migration):
    dependencies = [("shop", "0018_audit")]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="max_pickups_per_window",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Orders that may be collected in one pickup window; 0 sets no limit.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="pickups per window",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_pickups_per_window__gte", 0), ("max_pickups_per_window__lte", 10000)),
                name="shopsettings_max_pickups_per_window",
            ),
        ),
        migrations.RunSQL(sql=BEFORE.reverse_sql, reverse_sql=BEFORE.sql),
        audited(table=TABLE, told=[*TOLD, "max_pickups_per_window"], inserts=True),
    ]
