-- Set while limits and restart policy are being changed, first on the node and then here: what a crash leaves in between is found by it, and
-- the node told again what the row says.
alter table container add column updating_since timestamptz;

create index container_updating on container (updating_since) where updating_since is not null;
