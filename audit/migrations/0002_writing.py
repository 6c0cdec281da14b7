"""The function that writes a change down, the digest that chains it, and who may not touch what was written.

The writer runs as the owner of the table, so that the shop's own role needs no right to write here. Its search path is
fixed, with temporary tables last, so that nobody can put another table in the place of the real one; its zone is fixed,
because instants become text here.

The order of two changes of one row is that of its row lock: the second waits for the first to commit, and then sees its
entry, because every statement of the function sees what has been committed. So a chain has one end at any moment, and
there are as many chains as rows: nobody waits for anybody who changes something else.
"""

from django.db import migrations

from common.append_only import append_only

WRITING = """
CREATE FUNCTION audit_digest(previous bytea, entry audit_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        encode(previous, 'hex'), extract(epoch FROM entry.at), entry.table_name, entry.row_id, entry.seq, entry.subject,
        entry.action, entry.before, entry.after, to_jsonb(entry.unsaid), entry.actor, entry.door, entry.request_id,
        entry.role, entry.by_hand
    )::text, 'UTF8'))
$$;

CREATE FUNCTION audit_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    told CONSTANT text[] := TG_ARGV[2];
    unsaid CONSTANT text[] := TG_ARGV[3];
    was CONSTANT jsonb := to_jsonb(OLD);
    became CONSTANT jsonb := to_jsonb(NEW);
    is_change CONSTANT boolean := was IS NOT NULL AND became IS NOT NULL;
    door CONSTANT text := coalesce(current_setting('balcao.door', true), '');
    entry audit_entry;
    previous bytea;
BEGIN
    SELECT coalesce(jsonb_object_agg(name, was -> name) FILTER (WHERE was IS NOT NULL AND name = ANY (told)), '{}'),
           coalesce(jsonb_object_agg(name, became -> name) FILTER (WHERE became IS NOT NULL AND name = ANY (told)), '{}'),
           coalesce(array_agg(name ORDER BY name) FILTER (WHERE is_change AND name = ANY (unsaid)), '{}')
    INTO entry.before, entry.after, entry.unsaid
    FROM unnest(told || unsaid) AS name
    WHERE was -> name IS DISTINCT FROM became -> name;
    IF NOT is_change THEN
        entry.before := jsonb_strip_nulls(entry.before);
        entry.after := jsonb_strip_nulls(entry.after);
    END IF;

    entry.at := clock_timestamp();
    entry.table_name := TG_TABLE_NAME;
    entry.row_id := coalesce((coalesce(became, was) ->> 'id')::bigint, 0);
    entry.subject := coalesce(
        TG_ARGV[0] || ':' || (coalesce(became, was) ->> TG_ARGV[1]), TG_TABLE_NAME || ':' || entry.row_id
    );
    entry.action := lower(TG_OP);
    entry.by_hand := door = '';
    entry.role := session_user;
    entry.actor := left(coalesce(nullif(current_setting('balcao.actor', true), ''), 'role:' || session_user), 120);
    entry.door := left(coalesce(nullif(door, ''), 'sql ' || current_setting('application_name')), 120);
    entry.request_id := left(coalesce(current_setting('balcao.request', true), ''), 64);

    SELECT last.seq, last.digest INTO entry.seq, previous FROM audit_entry last
    WHERE last.table_name = entry.table_name AND last.row_id = entry.row_id ORDER BY last.seq DESC LIMIT 1;
    entry.seq := coalesce(entry.seq, 0) + 1;
    entry.digest := audit_digest(coalesce(previous, ''), entry);
    INSERT INTO audit_entry (
        at, table_name, row_id, seq, subject, action, before, after, unsaid, actor, door, request_id, role, by_hand, digest
    ) VALUES (
        entry.at, entry.table_name, entry.row_id, entry.seq, entry.subject, entry.action, entry.before, entry.after,
        entry.unsaid, entry.actor, entry.door, entry.request_id, entry.role, entry.by_hand, entry.digest
    );
    RETURN NULL;
END $$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written by triggers alone', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_entry_by_triggers BEFORE INSERT ON audit_entry
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit_refuse();
"""
UNWRITING = """
DROP TRIGGER audit_entry_by_triggers ON audit_entry;
DROP FUNCTION audit_refuse();
DROP FUNCTION audit_write();
DROP FUNCTION audit_digest(bytea, audit_entry);
"""


class Migration(migrations.Migration):
    """Puts the functions and the guards in place."""

    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(WRITING, reverse_sql=UNWRITING), append_only(table="audit_entry")]
