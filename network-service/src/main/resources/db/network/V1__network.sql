create table network (
    id      text primary key check (id ~ '^[0-9a-f]{64}$'),
    project text        not null,
    name    text        not null,
    driver  text        not null,
    created timestamptz not null,
    version bigint      not null default 1,
    unique (project, name)
);

-- A claim: the endpoint of one life of a container.
create table endpoint (
    container  text        not null,
    generation integer     not null,
    id         text        not null unique check (id ~ '^[0-9a-f]{64}$'),
    project    text        not null,
    network    text        not null references network (id),
    node       text        not null,
    since      timestamptz not null,
    primary key (container, generation)
);

create index endpoint_network on endpoint (network);
