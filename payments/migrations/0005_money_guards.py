"""What the database itself refuses of money: steps that lead nowhere, edited histories, more given back than came.

The tables of steps stand in `payments.lifecycle` too; a test compares them. What has been given back, and what is still
owed, is added up behind the order's row, which the trigger locks itself, so that no two writers can both fit in.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from common.append_only import append_only, frozen

STEPS = RunSQL(
    sql="""
    CREATE FUNCTION payments_allowed_steps() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
        SELECT ARRAY[
            'cancelled>succeeded', 'expired>succeeded', 'failed>succeeded',
            'pending>cancelled', 'pending>expired', 'pending>failed', 'pending>succeeded'
        ]
    $$;
    CREATE FUNCTION payments_allowed_refund_steps() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
        SELECT ARRAY[
            'due>sent', 'due>succeeded', 'refused>sent', 'refused>succeeded',
            'sent>refused', 'sent>succeeded', 'succeeded>refused'
        ]
    $$;
    CREATE FUNCTION payments_refuse_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT (OLD.status || '>' || NEW.status) = ANY (
            CASE TG_TABLE_NAME WHEN 'payments_payment' THEN payments_allowed_steps()
                               ELSE payments_allowed_refund_steps() END
        ) THEN
            RAISE EXCEPTION 'a row of % may not go from % to %', TG_TABLE_NAME, OLD.status, NEW.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'money_step_allowed';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER payments_payment_step BEFORE UPDATE OF status ON payments_payment
        FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION payments_refuse_step();
    CREATE TRIGGER payments_refund_step BEFORE UPDATE OF status ON payments_refund
        FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION payments_refuse_step();
    CREATE TRIGGER payments_payment_there BEFORE UPDATE ON payments_payment
        FOR EACH ROW WHEN (OLD.status = 'succeeded' AND (
            OLD.amount IS DISTINCT FROM NEW.amount OR OLD.received_at IS DISTINCT FROM NEW.received_at
            OR OLD.gateway_reference IS DISTINCT FROM NEW.gateway_reference
        )) EXECUTE FUNCTION balcao_refuse_change();
    """,
    reverse_sql="""
    DROP TRIGGER IF EXISTS payments_payment_there ON payments_payment;
    DROP TRIGGER IF EXISTS payments_refund_step ON payments_refund;
    DROP TRIGGER IF EXISTS payments_payment_step ON payments_payment;
    DROP FUNCTION IF EXISTS payments_refuse_step();
    DROP FUNCTION IF EXISTS payments_allowed_refund_steps();
    DROP FUNCTION IF EXISTS payments_allowed_steps();
    """,
)

WITHIN_PAID = RunSQL(
    sql="""
    CREATE FUNCTION payments_refunds_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        came numeric;
        goes numeric;
    BEGIN
        SELECT paid INTO came FROM orders_order WHERE id = NEW.order_id FOR NO KEY UPDATE;
        SELECT coalesce(sum(amount), 0) INTO goes FROM payments_refund WHERE order_id = NEW.order_id;
        IF goes + NEW.amount > came THEN
            RAISE EXCEPTION 'refunds of % are more than the % that were paid', goes + NEW.amount, came
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_refunded_within_paid';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER payments_refund_within_paid BEFORE INSERT ON payments_refund
        FOR EACH ROW EXECUTE FUNCTION payments_refunds_within_paid();
    """,
    reverse_sql="""
    DROP TRIGGER IF EXISTS payments_refund_within_paid ON payments_refund;
    DROP FUNCTION IF EXISTS payments_refunds_within_paid();
    """,
)

FIRST_STEPS = """
INSERT INTO payments_moneystep
    (payment_id, refund_id, from_status, to_status, amount, actor_kind, actor_id, door, reason, at)
SELECT id, NULL, '', status, amount, actor_kind, actor_id, 'command', '', coalesce(received_at, created_at)
FROM payments_payment
UNION ALL
SELECT NULL, id, '', status, amount, actor_kind, actor_id, 'command', reason, coalesce(returned_at, created_at)
FROM payments_refund;
"""


class Migration(migrations.Migration):
    """Writes the first step of what there is, and puts the triggers in place."""

    dependencies = [("payments", "0004_one_truth"), ("orders", "0002_guards")]

    operations = [
        RunSQL(FIRST_STEPS, RunSQL.noop),
        append_only(table="payments_moneystep"),
        frozen(
            table="payments_payment",
            columns=["public_id", "order_id", "gateway", "method", "currency", "created_at"],
        ),
        frozen(
            table="payments_refund",
            columns=["public_id", "order_id", "payment_id", "amount", "currency", "reason", "cause", "created_at"],
        ),
        frozen(
            table="payments_gatewayevent",
            columns=["public_id", "gateway", "event_id", "kind", "body", "tells", "pulled", "received_at"],
        ),
        frozen(table="payments_moneycase", columns=["public_id", "kind", "cause", "opened_at"]),
        STEPS,
        WITHIN_PAID,
    ]
