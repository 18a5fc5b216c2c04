-- The machines of the fleet, as their agents last said. last_seen may be 30 s behind: between writes it is in memory.
create table node (
    id            text primary key,
    version       integer not null,
    name          text not null,
    agent_address text not null,
    labels        jsonb not null,
    info          jsonb not null,
    last_seen     timestamptz not null
);
