"""What is for sale and what it costs: every change is written down."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("catalog", "0008_price_runs")]

    operations = [
        audited(
            table="catalog_category",
            told=["slug", "name", "parent_id", "position"],
            inserts=True,
        ),
        audited(
            table="catalog_product",
            told=[
                "deposit_percent",
                "deposit_amount",
                "public_id",
                "kind",
                "slug",
                "name",
                "description",
                "category_id",
                "status",
                "pickup_lead_minutes",
                "created_at",
            ],  # fmt: skip
            inserts=True,
        ),
        audited(
            table="catalog_variant",
            told=[
                "sku",
                "barcode",
                "product_id",
                "name",
                "price",
                "unit",
                "price_per",
                "options",
                "position",
                "is_active",
            ],  # fmt: skip
            part_of=("catalog_product", "product_id"),
            inserts=True,
        ),
        audited(
            table="catalog_productimage",
            told=["public_id", "product_id", "file", "alt", "width", "height", "position"],
            part_of=("catalog_product", "product_id"),
            inserts=True,
        ),
    ]
