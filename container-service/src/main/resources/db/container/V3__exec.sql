-- An exec session. It goes some minutes after its end, or with its container, by a sweep: nobody waits for that.
create table exec (
    id           text primary key check (id ~ '^[0-9a-f]{64}$'),
    container_id text        not null,
    state        text        not null,
    request      jsonb       not null,
    pid          integer     not null default 0,
    exit_code    integer,
    created      timestamptz not null default now(),
    finished_at  timestamptz
);

create index exec_container on exec (container_id) where state <> 'EXITED';
