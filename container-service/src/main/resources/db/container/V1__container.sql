-- A container: its three shapes as JSON, and typed columns for what is looked for.
create table container (
    id             text primary key check (id ~ '^[0-9a-f]{64}$'),
    project        text        not null,
    name           text        not null,
    generation     integer     not null,
    version        bigint      not null,
    state          text        not null,
    node           text        not null,
    image          text        not null,
    created        timestamptz not null,
    remove_volumes boolean     not null default false,
    auto_remove    boolean     not null,
    labels         jsonb       not null,
    request        jsonb       not null,
    spec           jsonb,
    observed       jsonb,
    starts         bigint      not null default 0,
    exits          bigint      not null default 0,
    exit_code      integer     not null default 0,
    started_at     timestamptz,
    finished_at    timestamptz,
    agent_revision bigint      not null default 0,
    unique (project, name)
);

create index container_prefix on container (project, id text_pattern_ops);
create index container_created on container (project, created desc, id);
create index container_node on container (node, id);
create index container_labels on container using gin (labels jsonb_path_ops);

-- Who works for which nodes. The epoch grows whenever a lease changes hands and goes with every command to an agent.
create table shard_lease (
    shard   integer primary key check (shard between 0 and 63),
    holder  text        not null default '',
    epoch   bigint      not null default 0,
    expires timestamptz not null default 'epoch'
);

insert into shard_lease (shard) select generate_series(0, 63);

-- What a node runs and the database does not know: it is left alone until somebody decides.
create table quarantine (
    id     text primary key,
    node   text        not null,
    reason text        not null,
    since  timestamptz not null default now()
);
