-- What machines are let in with. Of the secret there is a hash; it has 256 random bits, so that one without salt will do.
create table join_token (
    id         text primary key,
    hash       text not null,
    created    timestamptz not null,
    created_by text not null,
    expires    timestamptz not null,
    -- null: as often as anybody likes
    uses_left  integer check (uses_left >= 0)
);

-- Who has joined. The row of a node comes with its first sign of life.
create table identity (
    id     text primary key,
    name   text not null unique,
    -- SHA-256 of the public key: nobody else has it
    key    text not null unique,
    token  text not null,
    joined timestamptz not null
);

-- What the authority has issued, until it has expired.
create table certificate (
    serial    text primary key,
    subject   text not null,
    not_after timestamptz not null
);
create index certificate_not_after on certificate (not_after);
