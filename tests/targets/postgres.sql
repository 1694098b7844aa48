-- The roles of README.md. Variables: soon (a date), pw_NAME (a password each).
\set QUIET on
set client_min_messages = error;

-- Bundles of rights, nobody logs in as these.
create role app_read nologin;
create role app_write nologin;
create role app_orders nologin;
grant app_read to app_write;
grant pg_read_all_data to app_read;

-- As they should be: an owner, an end, no more rights than the work needs.
create role svc_billing login password :'pw_svc_billing' connection limit 20 valid until :'soon' in role app_write;
comment on role svc_billing is 'owner=alice@example.com app=billing';
create role svc_report login password :'pw_svc_report' valid until :'soon' in role app_read;
comment on role svc_report is 'owner=carol@example.com app=report';
create role svc_metrics login password :'pw_svc_metrics' connection limit 3 valid until :'soon' in role pg_monitor;
comment on role svc_metrics is 'owner=erin@example.com app=metrics';
create role app_orders_blue login password :'pw_app_orders_blue' valid until :'soon' in role app_orders;
comment on role app_orders_blue is 'owner=alice@example.com app=orders';
create role app_orders_green login password null in role app_orders;
comment on role app_orders_green is 'owner=alice@example.com app=orders, the resting twin';

-- As they should not be.
create role svc_legacy_etl login superuser password :'pw_svc_legacy_etl';
comment on role svc_legacy_etl is 'owner=bob@example.com nightly load';
create role svc_migrator login createdb createrole password :'pw_svc_migrator';
create role svc_orphan login password :'pw_svc_orphan' valid until '2024-01-01';
create role dba_shared login superuser password :'pw_dba_shared';
comment on role dba_shared is 'shared by the database team, break glass';
create role svc_replica login replication password :'pw_svc_replica' valid until 'infinity';
comment on role svc_replica is 'owner=erin@example.com';
create role svc_backup login bypassrls password :'pw_svc_backup' in role pg_read_all_data;
set password_encryption = 'md5';
create role svc_md5 login password :'pw_svc_md5' valid until :'soon';
comment on role svc_md5 is 'owner=dave@example.com';
reset password_encryption;

-- A person's own role, and what discovery itself may be given.
create role alice login password :'pw_alice' valid until :'soon' in role app_read;
create role reeve_reader login password :'pw_reeve_reader' valid until :'soon' in role pg_monitor;
comment on role reeve_reader is 'owner=erin@example.com app=reeve';
grant select on pg_catalog.pg_authid to reeve_reader;
-- Admin option: whoever holds it hands the role on.
grant app_write to svc_migrator with admin option;

create table invoice (id integer primary key, amount numeric);
insert into invoice select n, n * 10 from generate_series(1, 100) n;
create table ledger (id integer primary key, entry text);
alter table ledger owner to svc_billing;
create schema orders authorization app_orders;
create table orders.line (id integer primary key, item text);
alter table orders.line owner to app_orders;
grant select, insert on invoice to app_write;
grant select on ledger to svc_report;
grant usage on schema orders to app_read;
alter default privileges for role app_orders in schema orders grant select on tables to app_read;
-- Runs with its owner's rights for whoever may call it.
create function close_month() returns integer language sql security definer as 'select 1';
alter function close_month() owner to svc_legacy_etl;
grant execute on function close_month() to svc_report;
