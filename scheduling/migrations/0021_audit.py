"""Services, their prices, whose time there is: every change is written down; of visits, those past the shop."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("scheduling", "0020_explained_set")]

    operations = [
        audited(
            table="scheduling_service",
            told=[
                "deposit_percent",
                "deposit_amount",
                "variant_id",
                "duration_minutes",
                "buffer_before_minutes",
                "buffer_after_minutes",
                "granularity_minutes",
                "lead_time_minutes",
                "horizon_days",
                "capacity",
                "overlap_tolerance_minutes",
                "fit_gaps",
                "requires_confirmation",
            ],  # fmt: skip
            inserts=True,
        ),
        audited(
            table="scheduling_service_rooms",
            told=["service_id", "room_id"],
            part_of=("scheduling_service", "service_id"),
            inserts=True,
        ),
        audited(
            table="scheduling_combination",
            told=["service_set", "price", "duration_minutes", "is_active"],
            inserts=True,
        ),
        audited(
            table="scheduling_combination_services",
            told=["combination_id", "service_id"],
            part_of=("scheduling_combination", "combination_id"),
            inserts=True,
        ),
        audited(
            table="scheduling_room",
            told=["name", "is_active"],
            inserts=True,
        ),
        audited(
            table="scheduling_professional",
            told=["public_id", "name", "bio", "image", "user_id", "is_active", "position", "feed_version"],
            inserts=True,
        ),
        audited(
            table="scheduling_professionalservice",
            told=["professional_id", "service_id", "price"],
            part_of=("scheduling_professional", "professional_id"),
            inserts=True,
        ),
        audited(
            table="scheduling_availabilityrule",
            told=["professional_id", "weekday", "opens", "closes", "valid_from", "valid_until"],
            part_of=("scheduling_professional", "professional_id"),
            inserts=True,
        ),
        audited(
            table="scheduling_dateoverride",
            told=["professional_id", "date", "opens", "closes"],
            part_of=("scheduling_professional", "professional_id"),
            inserts=True,
        ),
        audited(
            table="scheduling_timeoff",
            told=["professional_id", "starts_at", "ends_at"],
            unsaid=["reason"],
            part_of=("scheduling_professional", "professional_id"),
            inserts=True,
        ),
        audited(
            table="scheduling_appointment",
            told=[
                "professional_id",
                "room_id",
                "state",
                "starts_at",
                "ends_at",
                "blocked",
                "session",
                "lane",
                "capacity",
                "claim",
                "customer_id",
                "record_id",
                "total",
                "currency",
                "forced",
                "awaits_click",
                "created_at",
                "expires_at",
                "link_version",
            ],  # fmt: skip
            unsaid=[
                "public_id",
                "holder",
                "bearer",
                "contact_name",
                "contact_email",
                "contact_phone",
                "address",
                "note",
                "forced_reason",
            ],  # fmt: skip
            only_by_hand=True,
        ),
    ]
