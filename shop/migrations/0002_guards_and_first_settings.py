"""What the ORM cannot say (no overlap, append-only), and the row a new shop starts with."""

from datetime import time
from typing import Any

from django.db import migrations

from common.append_only import append_only


def first_settings(apps: Any, schema_editor: Any) -> None:
    """Open a new shop Monday to Saturday, nine to six. A shop that has settings keeps them."""
    settings, created = apps.get_model("shop", "ShopSettings").objects.get_or_create(pk=1)
    if created:
        hours = apps.get_model("shop", "OpeningHours")
        hours.objects.bulk_create(
            hours(shop=settings, weekday=weekday, opens=time(9), closes=time(18)) for weekday in range(6)
        )


class Migration(migrations.Migration):
    """Guards first, then the row."""

    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
            ALTER TABLE shop_openinghours ADD CONSTRAINT openinghours_no_overlap EXCLUDE USING gist (
                int4range(
                    weekday * 1440 + (extract(epoch FROM opens) / 60)::int,
                    weekday * 1440 + CASE WHEN closes = '00:00' THEN 1440 ELSE (extract(epoch FROM closes) / 60)::int END
                ) WITH &&
            );
            """,
            reverse_sql="ALTER TABLE shop_openinghours DROP CONSTRAINT openinghours_no_overlap;",
        ),
        append_only(table="shop_policychange"),
        migrations.RunPython(first_settings, migrations.RunPython.noop),
    ]
