-- Restarts under way of containers that remove themselves: the end that such a restart brings removes none of them, whichever replica sees it.
create table restart (
    id        text primary key,
    container text not null,
    -- what a replica that was killed has left counts no more
    until     timestamptz not null
);
create index restart_container on restart (container);
