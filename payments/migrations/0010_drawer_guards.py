"""What the database itself refuses of money at the counter.

Money that is handed over or given back at the counter names a session, from the moment this stands; what is older has
none. The session is open when the money is written down: its row is shared until then, and closing it waits. A close
says what really went through its session. Whoever finds one closed tries again (`serialization_failure`).
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

IN_OPEN_SESSION = RunSQL(
    sql="""
    CREATE FUNCTION payments_payment_in_session() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.session_id IS NULL THEN
            RAISE EXCEPTION 'money at the counter goes into a drawer'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_has_session';
        END IF;
        PERFORM till_refuse_closed(NEW.session_id);
        RETURN NEW;
    END $$;
    CREATE FUNCTION payments_refund_in_session() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.session_id IS NOT NULL THEN
            PERFORM till_refuse_closed(NEW.session_id);
        ELSIF (SELECT gateway FROM payments_payment WHERE id = NEW.payment_id) = 'counter' THEN
            RAISE EXCEPTION 'money of the counter goes back from a drawer'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_has_session';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER payments_payment_taken BEFORE INSERT ON payments_payment
        FOR EACH ROW WHEN (NEW.gateway = 'counter' AND NEW.status = 'succeeded')
        EXECUTE FUNCTION payments_payment_in_session();
    CREATE TRIGGER payments_payment_received BEFORE UPDATE OF status ON payments_payment
        FOR EACH ROW WHEN (NEW.gateway = 'counter' AND NEW.status = 'succeeded' AND OLD.status <> 'succeeded')
        EXECUTE FUNCTION payments_payment_in_session();
    CREATE TRIGGER payments_refund_given BEFORE INSERT ON payments_refund
        FOR EACH ROW WHEN (NEW.status = 'succeeded') EXECUTE FUNCTION payments_refund_in_session();
    CREATE TRIGGER payments_refund_settled BEFORE UPDATE OF status ON payments_refund
        FOR EACH ROW WHEN (NEW.status = 'succeeded' AND OLD.status <> 'succeeded')
        EXECUTE FUNCTION payments_refund_in_session();
    CREATE TRIGGER payments_payment_drawer BEFORE UPDATE ON payments_payment
        FOR EACH ROW WHEN (OLD.status = 'succeeded' AND (
            OLD.session_id IS DISTINCT FROM NEW.session_id OR OLD.tender IS DISTINCT FROM NEW.tender
        )) EXECUTE FUNCTION balcao_refuse_change();
    CREATE TRIGGER payments_refund_drawer BEFORE UPDATE ON payments_refund
        FOR EACH ROW WHEN (
            OLD.status = 'succeeded' AND (
                OLD.session_id IS DISTINCT FROM NEW.session_id OR OLD.tender IS DISTINCT FROM NEW.tender
            ) OR OLD.session_id IS NOT NULL AND OLD.status IS DISTINCT FROM NEW.status
        ) EXECUTE FUNCTION balcao_refuse_change();
    """,
    reverse_sql="""
    DROP TRIGGER IF EXISTS payments_refund_drawer ON payments_refund;
    DROP TRIGGER IF EXISTS payments_payment_drawer ON payments_payment;
    DROP TRIGGER IF EXISTS payments_refund_settled ON payments_refund;
    DROP TRIGGER IF EXISTS payments_refund_given ON payments_refund;
    DROP TRIGGER IF EXISTS payments_payment_received ON payments_payment;
    DROP TRIGGER IF EXISTS payments_payment_taken ON payments_payment;
    DROP FUNCTION IF EXISTS payments_refund_in_session();
    DROP FUNCTION IF EXISTS payments_payment_in_session();
    """,
)

CLOSE_ADDS_UP = RunSQL(
    sql="""
    CREATE FUNCTION payments_close_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
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
    CREATE TRIGGER till_tillclose_adds_up BEFORE INSERT ON till_tillclose
        FOR EACH ROW EXECUTE FUNCTION payments_close_adds_up();
    """,
    reverse_sql="""
    DROP TRIGGER IF EXISTS till_tillclose_adds_up ON till_tillclose;
    DROP FUNCTION IF EXISTS payments_close_adds_up();
    """,
)


class Migration(migrations.Migration):
    """Puts the triggers in place."""

    dependencies = [("payments", "0009_drawer"), ("till", "0002_guards")]

    operations = [IN_OPEN_SESSION, CLOSE_ADDS_UP]
