-- Drops all that stands in the shop's database but its extensions, within the transaction that brings a copy back.
--
-- Variables of psql: `automatic`, tables in which a shop that nobody uses has rows of its own; `horizon`, the oldest
-- transaction that the copy of what stands here may have missed, or -1 where nothing stands here that anybody wrote.
SET statement_timeout = 0;
SET lock_timeout = '20s';
SELECT set_config('balcao.horizon', :'horizon', true), set_config('balcao.automatic', :'automatic', true);
DO $$
DECLARE
    horizon constant bigint := current_setting('balcao.horizon');
    automatic constant text[] := string_to_array(current_setting('balcao.automatic'), ',');
    one record;
    command text;
    is_written boolean;
BEGIN
    FOR one IN
        SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY c.oid
    LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', one.name);
        IF horizon >= 0 AND one.relname <> ALL (automatic) THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE age(xmin) <= age(%L::xid))', one.name, horizon)
            INTO is_written;
            IF is_written THEN
                RAISE EXCEPTION 'somebody has written to % since it was copied', one.name;
            END IF;
        END IF;
    END LOOP;
    FOREACH command IN ARRAY ARRAY(
        SELECT format('DROP SCHEMA %I CASCADE', n.nspname) FROM pg_namespace n
        WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public') AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
    ) LOOP
        EXECUTE command;
    END LOOP;
    FOREACH command IN ARRAY ARRAY(
        SELECT format('DROP %s IF EXISTS public.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW'
            WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
            c.relname)
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
    ) LOOP
        EXECUTE command;
    END LOOP;
    FOREACH command IN ARRAY ARRAY(
        SELECT format('DROP %s IF EXISTS %s CASCADE', CASE p.prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE'
            ELSE 'FUNCTION' END, p.oid::regprocedure)
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    ) LOOP
        EXECUTE command;
    END LOOP;
    FOREACH command IN ARRAY ARRAY(
        SELECT format('DROP TYPE IF EXISTS %s CASCADE', t.oid::regtype) FROM pg_type t
        WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd') AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
    ) LOOP
        EXECUTE command;
    END LOOP;
END $$;
