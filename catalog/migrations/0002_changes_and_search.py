"""What was changed is written down for good; names are given; words are found fast.

The extension for fast search is wanted, not needed. Where the server has none, or this user may not
create it, searching reads every product, which a shop of thousands does not notice.
"""

import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models

from common.append_only import append_only

TRIGRAMS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS product_search_trigrams ON catalog_product USING gin (search_key gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'searching without pg_trgm: %', SQLERRM;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProductChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sku",
                    models.CharField(
                        blank=True,
                        help_text="The variant, where only one was changed.",
                        max_length=64,
                        verbose_name="SKU",
                    ),
                ),
                ("key", models.CharField(help_text="Which of its properties.", max_length=40, verbose_name="what")),
                (
                    "old",
                    models.TextField(
                        blank=True, help_text="As it was; empty for something new.", verbose_name="before"
                    ),
                ),
                (
                    "new",
                    models.TextField(
                        blank=True, help_text="As it became; empty for something removed.", verbose_name="after"
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(help_text="Who acted: staff, system...", max_length=10, verbose_name="actor kind"),
                ),
                (
                    "actor_id",
                    models.CharField(
                        blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
                    ),
                ),
                (
                    "door",
                    models.CharField(
                        help_text="Where it came in: admin, task or command.", max_length=10, verbose_name="door"
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it happened.", verbose_name="at")),
            ],
            options={
                "verbose_name": "change of a product",
                "verbose_name_plural": "changes of products",
                "ordering": ["-pk"],
            },
        ),
        migrations.RemoveIndex(
            model_name="product",
            name="product_status_name",
        ),
        migrations.AlterField(
            model_name="product",
            name="search_key",
            field=models.TextField(
                default="",
                editable=False,
                help_text="Its words without accents and case, for searching; the first line is the name.",
                verbose_name="search key",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                models.F("status"),
                models.Func(
                    models.F("search_key"),
                    models.Value("\n"),
                    models.Value(1),
                    function="split_part",
                    output_field=models.TextField(),
                ),
                models.F("id"),
                name="product_status_name_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="category_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("slug", ""), _negated=True), models.Q(("name", ""), _negated=True)),
                name="product_slug_and_name_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(models.F("options"), function="jsonb_typeof", output_field=models.CharField()),
                    models.Value("array"),
                ),
                name="variant_options_list",
            ),
        ),
        migrations.AddField(
            model_name="productchange",
            name="product",
            field=models.ForeignKey(
                help_text="What was changed.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddIndex(
            model_name="productchange",
            index=models.Index(fields=["product", "-at"], name="productchange_product_at"),
        ),
        append_only(table="catalog_productchange"),
        migrations.RunSQL(sql=TRIGRAMS, reverse_sql="DROP INDEX IF EXISTS product_search_trigrams"),
    ]
