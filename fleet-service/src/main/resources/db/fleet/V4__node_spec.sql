-- What operators want of nodes. A node without a row is active and has no labels but its own.
create table node_spec (
    id           text primary key,
    version      bigint not null,
    availability text not null check (availability in ('active', 'pause')),
    labels       jsonb not null,
    updated      timestamptz not null
);

-- The first sign of life.
alter table node add column joined timestamptz not null default now();
