-- The roles of the shop, and what each may do. In psql, as a superuser, from PostgreSQL 14 on:
--
--   psql --set database=balcao --file deploy/sql/roles.sql
--
-- Passwords come from OWNER_PASSWORD, APP_PASSWORD and READ_PASSWORD of the environment; a role without one keeps what
-- it has. Safe to repeat, and to be repeated after every `migrate`: only then may balcao_read read what is new.
--
--   balcao_owner   owns the database: migrations, backups, and race_drill (which makes a database)
--   balcao_app     the shop in service: reads and writes rows, changes no table and switches no guard off
--   balcao_read    reports: reads what names nobody, and writes nothing
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

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['balcao_owner', 'balcao_app', 'balcao_read']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

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
RESET log_statement;
RESET log_min_error_statement;

ALTER ROLE balcao_owner NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE balcao_app NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE balcao_read NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 5;

SELECT format('CREATE DATABASE %I OWNER balcao_owner ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

ALTER DATABASE :"database" OWNER TO balcao_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO balcao_app;
GRANT CONNECT ON DATABASE :"database" TO balcao_read;

-- The limits that the shop gives its sessions at their start. A pooler that hands sessions on does not pass them on, so
-- the role has them, too.
ALTER ROLE balcao_app IN DATABASE :"database" SET lock_timeout = '3s';
ALTER ROLE balcao_app IN DATABASE :"database" SET statement_timeout = '15s';
ALTER ROLE balcao_app IN DATABASE :"database" SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE balcao_read IN DATABASE :"database" SET default_transaction_read_only = on;
ALTER ROLE balcao_read IN DATABASE :"database" SET statement_timeout = '60s';
ALTER ROLE balcao_read IN DATABASE :"database" SET idle_in_transaction_session_timeout = '60s';

\connect :"database"
SET client_min_messages = warning;

CREATE EXTENSION IF NOT EXISTS btree_gist; -- no two visits at once with one person
CREATE EXTENSION IF NOT EXISTS pg_trgm; -- search

ALTER SCHEMA public OWNER TO balcao_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO balcao_app, balcao_read;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO balcao_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO balcao_app;
ALTER DEFAULT PRIVILEGES FOR ROLE balcao_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO balcao_app;
ALTER DEFAULT PRIVILEGES FOR ROLE balcao_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO balcao_app;

-- Which migrations ran is the owner's to write.
SELECT 'REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM balcao_app'
WHERE to_regclass('django_migrations') IS NOT NULL \gexec

-- Reports read goods, stock, sales, money and whose time is taken; no name, mailbox, phone, document, secret or link.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM balcao_read;
SELECT format('GRANT SELECT ON %I TO balcao_read', relname)
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
  AND relname = ANY (ARRAY[
    'catalog_category', 'catalog_product', 'catalog_variant', 'catalog_pricerun', 'catalog_repricedvariant',
    'inventory_stockitem', 'inventory_stockmovement', 'inventory_stockreservation', 'inventory_stockcount',
    'inventory_countedline', 'scheduling_service', 'scheduling_room', 'scheduling_combination',
    'scheduling_combination_services', 'scheduling_appointmentservice', 'orders_order', 'orders_orderline',
    'orders_orderlinecancellation', 'orders_fulfilment', 'orders_fulfilmentline', 'payments_payment',
    'payments_refund', 'payments_tip', 'till_till', 'till_tillsession', 'till_dayclose', 'commissions_commissionentry',
    'commissions_commissionpayout', 'reports_keptday', 'reports_keptsum'
  ]) \gexec
SELECT 'GRANT SELECT (id, professional_id, room_id, state, starts_at, ends_at, capacity, total, currency, created_at)
  ON scheduling_appointment TO balcao_read'
WHERE to_regclass('scheduling_appointment') IS NOT NULL \gexec
