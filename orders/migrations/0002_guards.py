"""What the database itself refuses of orders: edited agreements, edited histories, steps that lead nowhere.

The table of steps stands in `orders.lifecycle` too; a test compares the two.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from common.append_only import append_only, frozen

STEPS = RunSQL(
    sql="""
    CREATE FUNCTION orders_allowed_steps() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
        SELECT ARRAY[
            'pending>confirmed', 'pending>expired', 'pending>cancelled',
            'confirmed>completed', 'confirmed>cancelled', 'expired>confirmed'
        ]
    $$;
    CREATE FUNCTION orders_refuse_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT (OLD.status || '>' || NEW.status) = ANY (orders_allowed_steps()) THEN
            RAISE EXCEPTION 'an order may not go from % to %', OLD.status, NEW.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_step_allowed';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER orders_order_step BEFORE UPDATE OF status ON orders_order
        FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION orders_refuse_step();
    """,
    reverse_sql="""
    DROP TRIGGER IF EXISTS orders_order_step ON orders_order;
    DROP FUNCTION IF EXISTS orders_refuse_step();
    DROP FUNCTION IF EXISTS orders_allowed_steps();
    """,
)

AGREED = [
    "public_id",
    "number",
    "cart_id",
    "payment_method",
    "currency",
    "subtotal",
    "discount",
    "shipping",
    "total",
    "amount_due_now",
    "fulfilment_method",
    "pickup_starts_at",
    "pickup_ends_at",
    "policy_shown",
    "digest",
    "placed_at",
]


class Migration(migrations.Migration):
    """Puts the triggers in place."""

    dependencies = [("orders", "0001_initial")]

    operations = [
        STEPS,
        append_only(table="orders_orderevent"),
        append_only(table="orders_orderline"),
        append_only(table="orders_orderlinecancellation"),
        frozen(table="orders_order", columns=AGREED),
    ]
