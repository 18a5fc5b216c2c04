-- Which node holds which layer. A row comes before the first image that needs the layer there, and goes after the node has removed it. A
-- node that holds a layer holds all under it, so an image is where its highest layer is. Layers of before this table get their rows when
-- the nodes are first asked for all that they hold, some seconds after image-service's start. That rows go with their layer is for
-- image-services of before, which remove it without them.
create table layer_node (
    chain_id text not null references layer (chain_id) on delete cascade,
    node     text not null,
    primary key (chain_id, node)
);

create index layer_node_node on layer_node (node, chain_id);
