-- The roles of the shop, and what each may do. In psql, as a superuser, from PostgreSQL 14 on:
--
--   psql --set database=balcao --file deploy/sql/roles.sql
--
-- Passwords come from OWNER_PASSWORD, APP_PASSWORD and READ_PASSWORD of the environment; a role without one keeps what
-- it has. Safe to repeat, and to be repeated after every `migrate`: only then may balcao_read read what is new.
--
--   balcao_owner   owns the database: migrations, backups, and race_drill (which makes a database)
--   balcao_app     the shop in service: reads and writes rows, changes no table and switches no guard off
--   balcao_read    reports: reads what names nobody, people behind masks (schema `reporting`), and writes nothing
--   balcao_copier  physical copies and every change (REPLICATION, which reads all of the server), and what the shop knows
--                  of its copies; sells nothing. Made where COPIER_PASSWORD is given
--   balcao_professional_N   reports of one professional: reads their own visits, commissions and tips, row by row. Made
--                  with `--set professional=N`, the number of the professional, and PROFESSIONAL_PASSWORD
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
\if :{?database}
\else
  \set database balcao
\endif
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\getenv read_password READ_PASSWORD
\getenv copier_password COPIER_PASSWORD
\getenv professional_password PROFESSIONAL_PASSWORD
\if :{?professional}
  SELECT 'balcao_professional_' || :'professional'::bigint AS own \gset
\endif

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['balcao_owner', 'balcao_app', 'balcao_read']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT 'CREATE ROLE balcao_professional NOLOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'balcao_professional') \gexec
\if :{?copier_password}
  SELECT 'CREATE ROLE balcao_copier LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'balcao_copier') \gexec
\endif
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'balcao_copier') AS has_copier \gset
\if :{?own}
  SELECT format('CREATE ROLE %I LOGIN IN ROLE balcao_professional', :'own')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'own') \gexec
\endif

SET log_statement = 'none'; -- a password is nobody's to read in a log
SET log_min_error_statement = 'panic';
\if :{?owner_password}
  ALTER ROLE balcao_owner PASSWORD :'owner_password';
\endif
\if :{?app_password}
  ALTER ROLE balcao_app PASSWORD :'app_password';
\endif
\if :{?read_password}
  ALTER ROLE balcao_read PASSWORD :'read_password';
\endif
\if :{?copier_password}
  ALTER ROLE balcao_copier PASSWORD :'copier_password';
\endif
\if :{?own}
  \if :{?professional_password}
    ALTER ROLE :"own" PASSWORD :'professional_password';
  \endif
\endif
RESET log_statement;
RESET log_min_error_statement;

ALTER ROLE balcao_owner NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE balcao_app NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS; -- it serves everybody; none of its plans changes
ALTER ROLE balcao_read NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 5;
\if :has_copier
  ALTER ROLE balcao_copier NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS REPLICATION;
\endif
ALTER ROLE balcao_professional NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
\if :{?own}
  ALTER ROLE :"own" NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 5;
\endif

SELECT format('CREATE DATABASE %I OWNER balcao_owner ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

ALTER DATABASE :"database" OWNER TO balcao_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO balcao_app;
GRANT CONNECT ON DATABASE :"database" TO balcao_read, balcao_professional;

-- The limits that the shop gives its sessions at their start. A pooler that hands sessions on does not pass them on, so
-- the role has them, too.
ALTER ROLE balcao_app IN DATABASE :"database" SET lock_timeout = '3s';
ALTER ROLE balcao_app IN DATABASE :"database" SET statement_timeout = '15s';
ALTER ROLE balcao_app IN DATABASE :"database" SET idle_in_transaction_session_timeout = '10s';
SELECT format('ALTER ROLE %I IN DATABASE %I SET %s', rolname, :'database', setting)
FROM pg_roles, unnest(ARRAY[
  'default_transaction_read_only = on', 'statement_timeout = 60000', 'idle_in_transaction_session_timeout = 60000'
]) AS setting
WHERE rolname ~ '^balcao_(read|professional_[0-9]+)$' \gexec

\connect :"database"
SET client_min_messages = warning;

CREATE EXTENSION IF NOT EXISTS btree_gist; -- no two visits at once with one person
CREATE EXTENSION IF NOT EXISTS pg_trgm; -- search

ALTER SCHEMA public OWNER TO balcao_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO balcao_app, balcao_read, balcao_professional;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO balcao_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO balcao_app;
ALTER DEFAULT PRIVILEGES FOR ROLE balcao_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO balcao_app;
ALTER DEFAULT PRIVILEGES FOR ROLE balcao_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO balcao_app;

-- Which migrations ran is the owner's to write, and changes are written down by triggers that are the owner's.
SELECT format('REVOKE INSERT, UPDATE, DELETE ON %I FROM balcao_app', name)
FROM unnest(ARRAY['django_migrations', 'audit_entry']) AS name
WHERE to_regclass(name) IS NOT NULL \gexec

-- Who copies the server needs no rows for it, but writes down how far it came.
\if :has_copier
  GRANT CONNECT ON DATABASE :"database" TO balcao_copier;
  GRANT USAGE ON SCHEMA public TO balcao_copier;
  SELECT format('GRANT %s ON %I TO balcao_copier', rights, name)
  FROM (VALUES ('django_migrations', 'SELECT'), ('common_heartbeat', 'SELECT, INSERT, UPDATE'),
    ('common_backupcopy', 'SELECT, INSERT, UPDATE, DELETE')) AS needed (name, rights)
  WHERE to_regclass(name) IS NOT NULL \gexec
\endif

-- What reports read, column by column, so that a column that is new is nobody's until it stands here: goods, stock,
-- sales, money and whose time is taken. No name, mailbox, phone, document, secret or link, nor free words, which may
-- hold any of them. `config/tests/private_columns.py` says of every other column why not.
CREATE TEMPORARY TABLE readable (name, columns) AS VALUES
  ('catalog_category', 'id slug name parent_id position'),
  ('catalog_product', 'id public_id kind slug name description category_id status deposit_percent deposit_amount
    pickup_lead_minutes created_at updated_at'),
  ('catalog_variant', 'id sku barcode product_id name price unit price_per options position is_active'),
  ('catalog_pricerun', 'id public_id actor_kind actor_id door at way direction value ending undoes_id'),
  ('catalog_repricedvariant', 'id run_id variant_id old new'),
  ('inventory_stockitem', 'id variant_id on_hand reserved low_stock_at'),
  ('inventory_stockmovement', 'id public_id stock_item_id actor_kind actor_id door at kind delta on_hand_after reference
    claim'),
  ('inventory_stockreservation', 'id stock_item_id claim quantity allocated expires_at'),
  ('inventory_stockcount', 'id public_id label category status version comparisons opened_at changed_at'),
  ('inventory_countedline', 'id actor_kind actor_id count_id stock_item_id quantity expected last_movement version at'),
  ('scheduling_service', 'id variant_id deposit_percent deposit_amount duration_minutes buffer_before_minutes
    buffer_after_minutes granularity_minutes lead_time_minutes horizon_days capacity overlap_tolerance_minutes fit_gaps
    requires_confirmation'),
  ('scheduling_room', 'id name is_active'),
  ('scheduling_combination', 'id service_set price duration_minutes is_active'),
  ('scheduling_combination_services', 'id combination_id service_id'),
  ('scheduling_appointment', 'id professional_id room_id state starts_at ends_at capacity total currency created_at'),
  ('scheduling_appointmentservice', 'id appointment_id position service_id sku name price duration_minutes'),
  ('orders_order', 'id public_id number cart_id customer_id status payment_method currency subtotal discount shipping
    total amount_due_now cancelled late_fee paid refunded fulfilment_method pickup_starts_at pickup_ends_at
    agreed_pickup_starts_at agreed_pickup_ends_at channel language placed_at expires_at'),
  ('orders_orderline', 'id public_id order_id position kind variant_id sku name options quantity unit price_per
    unit_price discount line_total deposit claim'),
  ('orders_orderlinecancellation', 'id line_id at'),
  ('orders_fulfilment', 'id public_id order_id status created_at changed_at'),
  ('orders_fulfilmentline', 'id fulfilment_id line_id quantity'),
  ('payments_payment', 'id public_id actor_kind actor_id order_id gateway method tender session_id status amount
    currency created_at expires_at answered_at looked_at received_at'),
  ('payments_refund', 'id public_id actor_kind actor_id order_id payment_id status amount currency tender session_id
    attempts created_at looked_at returned_at'),
  ('payments_tip', 'id public_id actor_kind actor_id order_id professional_id session_id tender amount of_id at'),
  ('till_till', 'id name active'),
  ('till_tillsession', 'id public_id actor_kind actor_id till_id opening_float opened_by_itself opened_at closed_at'),
  ('till_dayclose', 'id actor_kind actor_id door at day starts_at ends_at expected counted'),
  ('commissions_commissionentry', 'id public_id professional_id line_id position rule_id seq kind cause payment_id
    refund_id base amount base_after amount_after at'),
  ('commissions_commissionpayout', 'id public_id actor_kind actor_id professional_id until amount method movement_id
    paid_at'),
  ('reports_keptday', 'day starts_at ends_at settled_from kept_at'),
  ('reports_keptsum', 'id day_id what key came count units amount goods');

-- Of these a professional sees their own rows. Their login's name says who they are, and nobody can take another's:
-- session_user stays what it was at the door, whatever role is set afterwards.
CREATE TEMPORARY TABLE limited (name, condition) AS VALUES
  ('scheduling_appointment', 'professional_id = ME'),
  ('scheduling_appointmentservice', 'appointment_id IN (SELECT id FROM scheduling_appointment)'),
  ('commissions_commissionentry', 'professional_id = ME'),
  ('commissions_commissionpayout', 'professional_id = ME'),
  ('payments_tip', 'professional_id = ME');
UPDATE limited SET condition = replace(condition, 'ME',
  '(substring(session_user::text FROM ''^balcao_professional_([0-9]{1,18})$''))::bigint');

BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM balcao_read, balcao_professional;
SELECT format('GRANT SELECT (%s) ON %I TO balcao_read%s',
  string_agg(quote_ident(attname), ', ' ORDER BY attnum), relname,
  CASE WHEN relname::text IN (SELECT name FROM limited) THEN ', balcao_professional' ELSE '' END)
FROM readable JOIN pg_class ON relname::text = name AND relnamespace = 'public'::regnamespace
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
  AND attname::text = ANY (regexp_split_to_array(columns, '\s+'))
GROUP BY relname \gexec
COMMIT;

-- A policy is written once: writing it takes a lock behind which nobody who buys should wait for long.
SET lock_timeout = '3s';
BEGIN;
SELECT format('CREATE POLICY %s ON %I FOR SELECT TO %s USING (%s)', policy, relname, role, rows)
FROM limited JOIN pg_class ON relname::text = name AND relnamespace = 'public'::regnamespace
CROSS JOIN LATERAL (VALUES
  ('reports_read_all', 'balcao_read', 'true'),
  ('professionals_read_their_own', 'balcao_professional', condition)
) AS written (policy, role, rows)
WHERE NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname::text = policy) \gexec
SELECT format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', relname)
FROM limited JOIN pg_class ON relname::text = name AND relnamespace = 'public'::regnamespace
WHERE NOT relrowsecurity \gexec
COMMIT;

-- People behind masks, for reports that count by customer. The views look with the eyes of the owner and show nothing
-- else. They are made anew here, and `migrate`, which a view would be in the way of, drops them with what stands on them.
SELECT to_regclass('public.customers_customerrecord') IS NOT NULL AS is_migrated \gset
\if :is_migrated
BEGIN;
SET LOCAL ROLE balcao_owner;
CREATE SCHEMA IF NOT EXISTS reporting;
DROP VIEW IF EXISTS reporting.customers, reporting.buyers, reporting.visitors, reporting.professionals, reporting.days
  CASCADE;

CREATE OR REPLACE FUNCTION reporting.masked_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$SELECT regexp_replace(btrim(name), '(\S)\S*', '\1.', 'g')$$; -- Maria Souza: M. S.
CREATE OR REPLACE FUNCTION reporting.masked_email(email text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$SELECT CASE WHEN email = '' THEN '' ELSE left(email, 1) || '***@***' END$$;
CREATE OR REPLACE FUNCTION reporting.masked_phone(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$SELECT CASE WHEN length(phone) < 12 THEN repeat('*', length(phone)) -- the area stays: +5511*******78
  ELSE left(phone, 5) || repeat('*', length(phone) - 7) || right(phone, 2) END$$;
CREATE OR REPLACE FUNCTION reporting.masked_document(document text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$SELECT CASE WHEN length(document) < 11 THEN repeat('*', length(document))
  ELSE repeat('*', length(document) - 2) || right(document, 2) END$$;

CREATE VIEW reporting.customers WITH (security_barrier) AS
SELECT id AS customer_id, created_at, reporting.masked_name(name) AS name, reporting.masked_email(email) AS email,
  reporting.masked_phone(phone) AS phone, reporting.masked_document(document) AS document,
  account_id IS NOT NULL AS has_account, merged_into_id, anonymised_at IS NOT NULL AS is_erased
FROM public.customers_customerrecord;

CREATE VIEW reporting.buyers WITH (security_barrier) AS
SELECT order_id, record_id AS customer_id, reporting.masked_name(name) AS name, reporting.masked_email(email) AS email,
  reporting.masked_phone(phone) AS phone, reporting.masked_document(document) AS document,
  anonymised_at IS NOT NULL AS is_erased
FROM public.orders_ordercontact;

CREATE VIEW reporting.visitors WITH (security_barrier) AS
SELECT id AS appointment_id, record_id AS customer_id, reporting.masked_name(contact_name) AS name,
  reporting.masked_email(contact_email) AS email, reporting.masked_phone(contact_phone) AS phone
FROM public.scheduling_appointment;

CREATE VIEW reporting.professionals WITH (security_barrier) AS
SELECT id AS professional_id, reporting.masked_name(name) AS name, is_active FROM public.scheduling_professional;

-- The sums of past days on which the shop's own reports stand (docs/adr/0023), as long as no row of their day changed.
CREATE VIEW reporting.days WITH (security_barrier) AS
SELECT day_id AS day, what, key, came, count, units, amount, goods
FROM public.reports_keptsum
JOIN public.reports_keptday ON reports_keptday.day = day_id AND kept_at IS NOT NULL
WHERE NOT EXISTS (SELECT FROM public.reports_daymark WHERE reports_daymark.day = day_id);

GRANT USAGE ON SCHEMA reporting TO balcao_read;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO balcao_read;
COMMIT;
\endif
