create table entry (
    id         bigint generated always as identity primary key,
    version    integer not null,
    entry_text text not null,
    written_at timestamptz not null,
    labels     jsonb not null
);
