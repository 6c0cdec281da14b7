"""Tips, which go into drawers and are counted by their closes."""

import uuid
from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

import common.money
from common.append_only import append_only

IN_OPEN_SESSION = RunSQL(
    sql="""
    CREATE TRIGGER payments_tip_open BEFORE INSERT ON payments_tip
        FOR EACH ROW EXECUTE FUNCTION till_movement_in_open_session();
    """,
    reverse_sql="DROP TRIGGER IF EXISTS payments_tip_open ON payments_tip;",
)

CLOSE_ADDS_UP = RunSQL(
    sql="""
    CREATE OR REPLACE FUNCTION payments_close_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        cash numeric;
        card numeric;
        pix numeric;
    BEGIN
        PERFORM 1 FROM till_tillsession WHERE id = NEW.session_id AND closed_at IS NOT NULL FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'session % is closed together with its close', NEW.session_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tillclose_closes_session';
        END IF;
        SELECT coalesce(sum(amount) FILTER (WHERE tender NOT IN ('card', 'pix')), 0),
               coalesce(sum(amount) FILTER (WHERE tender = 'card'), 0),
               coalesce(sum(amount) FILTER (WHERE tender = 'pix'), 0)
        INTO cash, card, pix FROM (
            SELECT 'cash' AS tender, opening_float AS amount FROM till_tillsession WHERE id = NEW.session_id
            UNION ALL
            SELECT tender, amount FROM payments_payment WHERE session_id = NEW.session_id
            UNION ALL
            SELECT tender, -amount FROM payments_refund WHERE session_id = NEW.session_id
            UNION ALL
            SELECT tender, amount FROM payments_tip WHERE session_id = NEW.session_id
            UNION ALL
            SELECT 'cash', CASE kind WHEN 'in' THEN amount ELSE -amount END
            FROM till_cashmovement WHERE session_id = NEW.session_id
        ) money;
        IF (cash, card, pix) IS DISTINCT FROM (NEW.expected_cash, NEW.expected_card, NEW.expected_pix) THEN
            RAISE EXCEPTION 'what went through session % is %, % and %', NEW.session_id, cash, card, pix
                USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NEW;
    END $$;
    """,
    reverse_sql="""
    CREATE OR REPLACE FUNCTION payments_close_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        cash numeric;
        card numeric;
        pix numeric;
    BEGIN
        PERFORM 1 FROM till_tillsession WHERE id = NEW.session_id AND closed_at IS NOT NULL FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'session % is closed together with its close', NEW.session_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tillclose_closes_session';
        END IF;
        SELECT coalesce(sum(amount) FILTER (WHERE tender NOT IN ('card', 'pix')), 0),
               coalesce(sum(amount) FILTER (WHERE tender = 'card'), 0),
               coalesce(sum(amount) FILTER (WHERE tender = 'pix'), 0)
        INTO cash, card, pix FROM (
            SELECT 'cash' AS tender, opening_float AS amount FROM till_tillsession WHERE id = NEW.session_id
            UNION ALL
            SELECT tender, amount FROM payments_payment WHERE session_id = NEW.session_id
            UNION ALL
            SELECT tender, -amount FROM payments_refund WHERE session_id = NEW.session_id
            UNION ALL
            SELECT 'cash', CASE kind WHEN 'in' THEN amount ELSE -amount END
            FROM till_cashmovement WHERE session_id = NEW.session_id
        ) money;
        IF (cash, card, pix) IS DISTINCT FROM (NEW.expected_cash, NEW.expected_card, NEW.expected_pix) THEN
            RAISE EXCEPTION 'what went through session % is %, % and %', NEW.session_id, cash, card, pix
                USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NEW;
    END $$;
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0018_history_index"),
        ("payments", "0011_received_index"),
        ("scheduling", "0016_index_records"),
        ("till", "0004_day_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "actor_kind",
                    models.CharField(
                        help_text="Who acted: customer, staff, system...", max_length=10, verbose_name="actor kind"
                    ),
                ),
                (
                    "actor_id",
                    models.CharField(
                        blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Names the tip outside.",
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "tender",
                    models.CharField(
                        choices=[("cash", "Cash"), ("card", "Card"), ("pix", "Pix")],
                        help_text="As what it was handed over.",
                        max_length=4,
                        verbose_name="kind of payment",
                    ),
                ),
                (
                    "amount",
                    common.money.MoneyField(
                        decimal_places=2,
                        help_text="How much; less than nothing: given back.",
                        max_digits=12,
                        verbose_name="amount",
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it came or went.", verbose_name="at")),
                (
                    "of",
                    models.OneToOneField(
                        help_text="The tip that this gives back, all of it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="back",
                        to="payments.tip",
                        verbose_name="tip given back",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        help_text="What it was given with.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "professional",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Whose it is.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduling.professional",
                        verbose_name="professional",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        help_text="The drawer it came into, or was given back from.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="till.tillsession",
                        verbose_name="session of a drawer",
                    ),
                ),
            ],
            options={
                "verbose_name": "tip",
                "verbose_name_plural": "tips",
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["professional", "at", "id"], name="tip_statement")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("amount__lte", Decimal("99999999.99")), ("of__isnull", True)),
                            models.Q(
                                ("amount__gte", Decimal("-99999999.99")), ("amount__lt", 0), ("of__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="tip_amount_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tender__in", ["cash", "card", "pix"])), name="tip_tender_known"
                    ),
                ],
            },
        ),
        append_only(table="payments_tip"),
        IN_OPEN_SESSION,
        CLOSE_ADDS_UP,
    ]
