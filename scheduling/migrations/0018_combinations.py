"""Services that are sold together, at a price and a length of their own."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models

import common.money

SET_OF_SERVICES = """
CREATE FUNCTION scheduling_refuse_other_set() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    IF TG_TABLE_NAME = 'scheduling_combination' THEN
        changed := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        changed := OLD.combination_id;
    ELSE
        changed := NEW.combination_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM scheduling_combination one WHERE one.id = changed AND one.service_set IS DISTINCT FROM (
            SELECT array_agg(part.service_id ORDER BY part.service_id)
            FROM scheduling_combination_services part WHERE part.combination_id = one.id
        )
    ) THEN
        RAISE EXCEPTION 'the set of combination % is not that of its services', changed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'combination_set_of_services';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER combination_set_of_services
    AFTER INSERT OR UPDATE OF service_set ON scheduling_combination
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_refuse_other_set();
CREATE CONSTRAINT TRIGGER combination_services_of_set
    AFTER INSERT OR UPDATE OR DELETE ON scheduling_combination_services
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_refuse_other_set();
"""


class Migration(migrations.Migration):
    """A table of its own, empty at first: every visit costs and takes what it did."""

    dependencies = [("scheduling", "0017_history_index")]

    operations = [
        migrations.CreateModel(
            name="Combination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "service_set",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        editable=False,
                        size=None,
                        verbose_name="set of services",
                    ),
                ),
                (
                    "price",
                    common.money.MoneyField(
                        decimal_places=2,
                        help_text="What they cost together, with whoever performs them.",
                        max_digits=12,
                        verbose_name="price",
                    ),
                ),
                (
                    "duration_minutes",
                    models.PositiveSmallIntegerField(
                        help_text="Minutes they take together.",
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="duration",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Switch off instead of deleting; each service counts for itself then.",
                        verbose_name="active",
                    ),
                ),
                (
                    "services",
                    models.ManyToManyField(
                        help_text="What is done in one visit.",
                        related_name="combinations",
                        to="scheduling.service",
                        verbose_name="services",
                    ),
                ),
            ],
            options={
                "verbose_name": "combination",
                "verbose_name_plural": "combinations",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("service_set",), name="combination_once"),
                    models.CheckConstraint(
                        condition=models.Q(("service_set__len__gte", 2), ("service_set__len__lte", 10)),
                        name="combination_of_several_services",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("duration_minutes__gte", 5),
                            ("duration_minutes__lte", 1440),
                            ("service_set__len__lte", models.F("duration_minutes")),
                        ),
                        name="combination_duration_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0), ("price__lte", Decimal("99999999.99"))),
                        name="combination_price_bounds",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            sql=SET_OF_SERVICES,
            reverse_sql="""
            DROP TRIGGER IF EXISTS combination_set_of_services ON scheduling_combination;
            DROP TRIGGER IF EXISTS combination_services_of_set ON scheduling_combination_services;
            DROP FUNCTION IF EXISTS scheduling_refuse_other_set();
            """,
        ),
    ]
