-- Containers on their way from one node to another: written before anything of it is touched, deleted when nothing is left of it where it was.
create table move (
    container    text        primary key,
    project      text        not null,
    -- in which it is on the target
    generation   integer     not null,
    source       text        not null,
    target       text        not null,
    -- whether it was stopped for this, and is to run there
    resume       boolean     not null default false,
    -- whether its row says that it is there
    arrived      boolean     not null default false,
    -- whether it is being taken back: then it goes on no more
    back         boolean     not null default false,
    begun        timestamptz not null default now(),
    -- reserved on the target until it has arrived
    cpu_nanos    bigint      not null,
    memory_bytes bigint      not null,
    host_ports   text[]      not null
);

-- Why containers of nodes that are being drained stay there.
create table stay (
    container text primary key,
    node      text not null,
    reason    text not null
);
