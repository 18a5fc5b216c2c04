create table volume (
    project   text        not null,
    name      text        not null,
    driver    text        not null,
    node      text        not null,
    anonymous boolean     not null,
    created   timestamptz not null,
    version   bigint      not null default 1,
    primary key (project, name)
);

create table volume_claim (
    container   text        not null,
    generation  integer     not null,
    destination text        not null,
    project     text        not null,
    volume      text        not null,
    since       timestamptz not null default now(),
    primary key (container, generation, destination),
    foreign key (project, volume) references volume (project, name)
);

create index volume_claim_volume on volume_claim (project, volume);
