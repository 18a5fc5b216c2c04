-- A project owns containers, images, volumes and networks; names are unique within it.
create table project (
    name       text primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    version    integer not null default 0,
    created_at timestamptz not null default now()
);

-- Who acts: the name that events and the audit log show.
create table principal (
    name       text primary key check (name <> ''),
    version    integer not null default 0,
    created_at timestamptz not null default now()
);

-- What is shown at the door, and for whom it stands. Kind socket: the name of a listener, whose file permissions are the lock.
create table credential (
    id        bigint generated always as identity primary key,
    version   integer not null default 0,
    kind      text not null,
    shown     text not null,
    principal text not null references principal (name),
    project   text not null references project (name),
    unique (kind, shown)
);

insert into project (name) values ('default');
insert into principal (name) values ('root');
insert into credential (kind, shown, principal, project) values ('socket', 'default', 'root', 'default');
