-- Indexes for readers alone. The first run of all makes them when it completes, in the same
-- transaction: sorting all there is once costs less than putting each of ten million rows into its
-- place, which is somewhere else in the file each time. Until then nobody can see a row.

create index if not exists persons_from on persons (source_id, from_run, to_run, id);
create index if not exists identities_from on identities (source_id, from_run, to_run, id);
create index if not exists resources_from on resources (source_id, from_run, to_run, id);
create index if not exists credentials_from on credentials (source_id, from_run, to_run, id);
create index if not exists grants_from on grants (source_id, from_run, to_run, id);
create index if not exists sightings_from on sightings (source_id, from_run, to_run, id);
create index if not exists consumers_from on consumers (source_id, from_run, to_run, id);
create index if not exists usages_from on usages (source_id, from_run, to_run, id);
create index if not exists persons_email on persons (email);
create index if not exists identities_name on identities (name, id);
create index if not exists identities_kind on identities (kind, name, id);
create index if not exists identities_environment on identities (environment, id);
create index if not exists identities_enabled on identities (enabled, id);
create index if not exists identities_source on identities (source_id, name, id);
create index if not exists credentials_identity on credentials (identity_id);
create index if not exists credentials_kind on credentials (kind);
create index if not exists credentials_fingerprint on credentials (fingerprint);
create index if not exists grants_identity on grants (identity_id);
create index if not exists grants_resource on grants (source_id, resource);
-- Rules look for these among millions. A query gets the index when it repeats the condition.
create index if not exists grants_strong on grants (actions, source_id)
 where actions in ('root', 'sudo', 'superuser', 'bypassrls', 'createrole');
create index if not exists grants_unknown on grants (source_id) where unknown_holder <> '';
create index if not exists sightings_fingerprint on sightings (fingerprint);
create index if not exists sightings_identity on sightings (identity_id);
create index if not exists consumers_identity on consumers (identity_id);
create index if not exists usages_identity on usages (identity_id, hour);
