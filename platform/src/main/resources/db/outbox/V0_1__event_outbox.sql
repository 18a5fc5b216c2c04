-- The events of one service, in its own schema. A sequence is not commit order, so a reader's cursor is (xid, seq), and it takes
-- only rows of transactions that are older than every transaction still running.
-- (A service's own scripts are versions 1 and up. A second one here, 0.2, would need Flyway's outOfOrder.)
create table event (
    xid        xid8   not null default pg_current_xact_id(),
    seq        bigint not null generated always as identity,
    time_nanos bigint not null,
    project    text   not null,
    type       text   not null,
    action     text   not null,
    actor_id   text   not null,
    attributes jsonb  not null,
    primary key (xid, seq)
);

-- Up to where events have been removed: who resumes from before it has lost some.
create table event_trim (
    only_row boolean primary key default true check (only_row),
    xid      xid8   not null,
    seq      bigint not null
);

insert into event_trim (xid, seq) values ('0', 0);
