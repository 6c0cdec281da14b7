"""What was agreed is agreed anew when a customer moves a visit to a professional with another price, and only then."""

from django.db import migrations

FROZEN = (
    "public_id", "number", "cart_id", "payment_method", "currency", "discount", "shipping", "fulfilment_method",
    "policy_shown", "placed_at", "agreed_pickup_starts_at", "agreed_pickup_ends_at",
)  # fmt: skip
REPRICED = ("subtotal", "total", "amount_due_now", "digest")


def changed(columns: tuple[str, ...]) -> str:
    """Return the condition that one of these columns changes."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


OPEN = f"""
CREATE FUNCTION orders_refuse_repricing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('orders.repriced', true) = OLD.id::text AND NEW.status IN ('pending', 'confirmed') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % may not be changed (%)', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION orders_refuse_line_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('orders.repriced', true) = OLD.order_id::text AND OLD.kind = 'visit'
        AND to_jsonb(NEW) - ARRAY['unit_price', 'line_total', 'appointment']
            = to_jsonb(OLD) - ARRAY['unit_price', 'line_total', 'appointment'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % may not be changed (%)', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER orders_order_frozen ON orders_order;
CREATE TRIGGER orders_order_frozen BEFORE UPDATE ON orders_order
    FOR EACH ROW WHEN ({changed(FROZEN)}) EXECUTE FUNCTION balcao_refuse_change();
CREATE TRIGGER orders_order_repriced BEFORE UPDATE ON orders_order
    FOR EACH ROW WHEN ({changed(REPRICED)}) EXECUTE FUNCTION orders_refuse_repricing();
DROP TRIGGER orders_orderline_append_only ON orders_orderline;
CREATE TRIGGER orders_orderline_append_only BEFORE DELETE ON orders_orderline
    FOR EACH ROW EXECUTE FUNCTION balcao_refuse_change();
CREATE TRIGGER orders_orderline_repriced BEFORE UPDATE ON orders_orderline
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_line_rewriting();
"""
CLOSE = f"""
DROP TRIGGER orders_orderline_repriced ON orders_orderline;
DROP TRIGGER orders_orderline_append_only ON orders_orderline;
CREATE TRIGGER orders_orderline_append_only BEFORE UPDATE OR DELETE ON orders_orderline
    FOR EACH ROW EXECUTE FUNCTION balcao_refuse_change();
DROP TRIGGER orders_order_repriced ON orders_order;
DROP TRIGGER orders_order_frozen ON orders_order;
CREATE TRIGGER orders_order_frozen BEFORE UPDATE ON orders_order
    FOR EACH ROW WHEN ({changed(FROZEN + REPRICED)}) EXECUTE FUNCTION balcao_refuse_change();
DROP FUNCTION orders_refuse_line_rewriting();
DROP FUNCTION orders_refuse_repricing();
"""


class Migration(migrations.Migration):
    """Opens the guards for the prices of the one order that a transaction names."""

    dependencies = [("orders", "0009_links_that_end")]

    operations = [migrations.RunSQL(OPEN, reverse_sql=CLOSE)]
