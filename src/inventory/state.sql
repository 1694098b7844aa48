-- The state store: what people decided and nobody can tell us again. Objects are named as their
-- source names them, so the inventory can be thrown away and discovered anew. Same text for SQLite
-- and PostgreSQL.

create table source_configs (
  name text not null primary key,
  kind text not null,
  options text not null,          -- JSON object of text; secrets are named, never held
  created bigint not null
);

create table owner_decisions (
  source text not null, identity text not null,
  person_source text not null, person text not null,
  role text not null,             -- owner, sponsor, reviewer
  state text not null,            -- accepted, declined, assigned
  decided_by text not null, decided bigint not null,
  primary key (source, identity, person_source, person, role)
);

create table exceptions (
  rule text not null, class text not null, source text not null, native_id text not null,
  reason text not null, until bigint not null,
  decided_by text not null, decided bigint not null,
  primary key (rule, class, source, native_id)
);

create table resource_marks (
  pattern text not null primary key,       -- of names, with * and ?
  sensitivity text not null, reason text not null,
  decided_by text not null, decided bigint not null
);

create table cluster_splits (
  source text not null, class text not null, native_id text not null,
  cluster text not null,
  decided_by text not null, decided bigint not null,
  primary key (source, class, native_id)
);
