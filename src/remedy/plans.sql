-- Changes to the world and their journal. A row is written and on disk before the world changes and
-- again after it, so whoever takes over knows what may have happened and looks.
--
--   plan: planned -> started -> done -> undoing -> undone
--                      |  ^               |
--                      v  |               v
--                     failed <------------+      (may be applied again, and undone)
--
-- `before` and `after` are the connector's spelling of a state. They may hold what undo has to put
-- back (a line of a file), and are shown to nobody: people see `preview`.

create table plans (
  id integer primary key,
  finding bigint not null,        -- 0: none
  rule text not null,
  kind text not null,             -- file_mode, authorized_key, …
  source text not null,
  source_kind text not null,
  subject text not null,          -- what is changed, as the source names it
  title text not null,
  about text not null,            -- JSON: what was told in the preview
  state text not null,
  note text not null,             -- why it failed
  created_by text not null, created bigint not null,
  changed_by text not null, changed bigint not null,
  holder text not null,           -- the process at work on it; empty: none
  held_until bigint not null
);
create index plans_finding on plans (finding, state);
-- One at a time on one thing.
create unique index plans_open on plans (source, subject) where state in ('started', 'undoing');

create table plan_steps (
  plan_id integer not null references plans (id),
  n integer not null,             -- from 1, in order
  kind text not null,
  subject text not null,
  title text not null,
  before_state text not null,
  after_state text not null,
  reversible smallint not null,
  loss text not null,
  preview text not null,
  state text not null,            -- planned, started, done, verified, undoing, undone, failed, unknown
  detail text not null,
  changed bigint not null,
  primary key (plan_id, n)
);
