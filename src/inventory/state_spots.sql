-- How a source that was named on the spot was reached last, so that what was found there can be
-- changed. Not one of the sources that a discovery looks at by itself.
create table source_spots (
  name text not null primary key,
  kind text not null,
  options text not null,          -- as in source_configs
  at bigint not null
);
