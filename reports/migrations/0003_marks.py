"""Every change of a row that counts for a kept day marks that day, in the transaction of the change.

The functions ask first whether the instant lies before the end of any kept day: of what happens today, none does. A mark
is always written, beside those that stand already: a sum that is just being made anew may have seen those, and not this
change. Rows that the database refuses to change or delete have no trigger for it. Lines and visits are written before
their order is sold or paid, whose own triggers mark; what is written to them later, updates them.
"""

from django.db import migrations

MARKING = """
CREATE FUNCTION reports_mark(VARIADIC instants timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM reports_keptday WHERE ends_at > (SELECT min(at) FROM unnest(instants) at)) THEN
        INSERT INTO reports_daymark (day)
        SELECT DISTINCT kept.day FROM unnest(instants) at
        JOIN reports_keptday kept ON kept.starts_at <= at AND kept.ends_at > at;
    END IF;
END $$;

CREATE FUNCTION reports_counts_at(moved_at timestamptz, drawer bigint) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    IF drawer IS NULL THEN
        RETURN moved_at;
    END IF;
    RETURN (
        SELECT CASE WHEN opened_by_itself THEN greatest(moved_at, opened_at) ELSE opened_at END
        FROM till_tillsession WHERE id = drawer
    );
END $$;

CREATE FUNCTION reports_mark_money_of(paid_order bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reports_mark(VARIADIC ARRAY(
        SELECT reports_counts_at(received_at, session_id) FROM payments_payment WHERE order_id = paid_order
        UNION ALL
        SELECT reports_counts_at(returned_at, session_id) FROM payments_refund WHERE order_id = paid_order
    ));
END $$;

CREATE FUNCTION reports_mark_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reports_mark(
        reports_counts_at(OLD.received_at, OLD.session_id), reports_counts_at(NEW.received_at, NEW.session_id)
    );
    RETURN NULL;
END $$;

CREATE FUNCTION reports_mark_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reports_mark(
        reports_counts_at(OLD.returned_at, OLD.session_id), reports_counts_at(NEW.returned_at, NEW.session_id)
    );
    RETURN NULL;
END $$;

CREATE FUNCTION reports_mark_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reports_mark(NEW.placed_at);
    RETURN NULL;
END $$;

CREATE FUNCTION reports_mark_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reports_mark((SELECT placed_at FROM orders_order WHERE id = NEW.order_id));
    PERFORM reports_mark_money_of(NEW.order_id);
    RETURN NULL;
END $$;

CREATE FUNCTION reports_mark_cancellation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reports_mark((
        SELECT placed_at FROM orders_order JOIN orders_orderline line ON line.order_id = orders_order.id
        WHERE line.id = NEW.line_id
    ));
    RETURN NULL;
END $$;

CREATE FUNCTION reports_mark_visit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid_order bigint;
BEGIN
    FOR paid_order IN SELECT order_id FROM orders_orderline WHERE claim IN (OLD.claim, NEW.claim) LOOP
        PERFORM reports_mark_money_of(paid_order);
    END LOOP;
    RETURN NULL;
END $$;
"""
UNMARKING = """
DROP FUNCTION reports_mark_visit();
DROP FUNCTION reports_mark_cancellation();
DROP FUNCTION reports_mark_line();
DROP FUNCTION reports_mark_order();
DROP FUNCTION reports_mark_refund();
DROP FUNCTION reports_mark_payment();
DROP FUNCTION reports_mark_money_of(bigint);
DROP FUNCTION reports_counts_at(timestamptz, bigint);
DROP FUNCTION reports_mark(timestamptz[]);
"""

SOLD = "{row}.status IN ('confirmed', 'completed')"
WAS, IS = SOLD.format(row="OLD"), SOLD.format(row="NEW")
MONEY = "amount", "status", "session_id", "tender"


def changed(*columns: str) -> str:
    """Return the condition that one of some columns changes."""
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


TRIGGERS = (
    ("payments_payment", "payment", "INSERT", "NEW.status = 'succeeded'"),
    ("payments_payment", "payment", "UPDATE", changed(*MONEY, "received_at", "gateway", "method", "order_id")),
    ("payments_refund", "refund", "INSERT", "NEW.status = 'succeeded' OR NEW.session_id IS NOT NULL"),
    ("payments_refund", "refund", "UPDATE", changed(*MONEY, "returned_at", "payment_id", "order_id")),
    ("orders_order", "order", "INSERT", IS),
    (
        "orders_order", "order", "UPDATE",
        f"({WAS}) <> ({IS}) OR {IS} AND {changed('total', 'cancelled', 'channel')}",
    ),
    ("orders_orderline", "line", "UPDATE", changed("line_total", "quantity", "kind", "claim", "variant_id")),
    ("orders_orderlinecancellation", "cancellation", "INSERT", "true"),
    ("scheduling_appointment", "visit", "UPDATE", changed("professional_id", "claim")),
    ("scheduling_appointment", "visit", "DELETE", "OLD.claim IS NOT NULL"),
)  # fmt: skip
"""Table, what its function is called by, upon what, and when."""


PUT = "".join(
    f"CREATE TRIGGER {table}_marks_{event.lower()} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition}) "
    f"EXECUTE FUNCTION reports_mark_{name}();\n"
    for table, name, event, condition in TRIGGERS
)
TAKE = "".join(f"DROP TRIGGER {table}_marks_{event.lower()} ON {table};\n" for table, _name, event, _when in TRIGGERS)


class Migration(migrations.Migration):
    """Puts the triggers in place."""

    dependencies = [
        ("reports", "0002_kept_days"),
        ("orders", "0019_visit_lines"),
        ("payments", "0013_given_back_by"),
        ("scheduling", "0019_own_appointments"),
        ("till", "0004_day_guards"),
    ]

    operations = [migrations.RunSQL(MARKING + PUT, reverse_sql=TAKE + UNMARKING)]
