-- As whom a project asks a registry when the client does not say. What is secret is sealed with a key that is not in the database.
create table kept_login (
    project  text        not null,
    domain   text        not null,
    username text        not null,
    sealed   bytea       not null,
    kept_at  timestamptz not null,
    version  integer     not null,
    primary key (project, domain)
);
