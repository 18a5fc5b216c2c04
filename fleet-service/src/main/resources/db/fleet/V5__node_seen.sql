-- When a node was last heard, by whichever fleet-service, by the database's clock: how the replicas know of what the others heard. Written
-- every second, so it is unlogged: after a crash of the database it is empty, and filled again by the nodes' next signs of life.
create unlogged table node_seen (
    node text primary key,
    seen timestamptz not null
);
