-- An image is its configuration; the id is that document's digest. Labels are kept apart because they are asked for by filters.
create table image (
    project     text        not null,
    id          text        not null,
    config_json text        not null,
    size        bigint      not null,
    created     timestamptz,
    parent      text,
    tagged_at   timestamptz,
    graph_driver text       not null,
    version     integer     not null,
    primary key (project, id)
);

create index image_id_prefix on image (project, id text_pattern_ops);

-- A name, normalised: docker.io/library/busybox:latest.
create table reference (
    project  text        not null,
    name     text        not null,
    image_id text        not null,
    version  integer     not null,
    primary key (project, name),
    foreign key (project, image_id) references image (project, id)
);

create index reference_image on reference (project, image_id);

-- Content, which images of several projects may share; the project is the one that brought it. A layer that no image_layer names is
-- garbage: its removal from the node is under way since removing_since, or still to come.
create table layer (
    chain_id       text        primary key,
    project        text        not null,
    diff_id        text        not null,
    parent         text,
    size           bigint      not null,
    removing_since timestamptz
);

create table image_layer (
    project  text    not null,
    image_id text    not null,
    position integer not null,
    chain_id text    not null references layer (chain_id),
    primary key (project, image_id, position),
    foreign key (project, image_id) references image (project, id) on delete cascade
);

create index image_layer_chain on image_layer (chain_id);

-- Who uses an image: a life of a container row.
create table claim (
    project    text        not null,
    container  text        not null,
    generation integer     not null,
    image_id   text        not null,
    since      timestamptz not null default now(),
    primary key (project, container, generation),
    foreign key (project, image_id) references image (project, id)
);

create index claim_image on claim (project, image_id);
