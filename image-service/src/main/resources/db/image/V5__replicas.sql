-- What the system registry has of an image: a row comes before anything is sent there and goes after it was deleted there, so there is one
-- for whatever may be there. The manifest's digest and its layers (lowest first, JSON) are null until all of it is there. A row whose image
-- is gone is garbage: its removal is under way since removing_since, or still to come.
create table replica (
    project        text        not null,
    image_id       text        not null,
    registry       text        not null,
    digest         text,
    layers_json    text,
    replicated_at  timestamptz,
    tried_at       timestamptz not null default now(),
    removing_since timestamptz,
    primary key (project, image_id)
);
