-- Containers on networks that span nodes, looked for more than once a second: the others cost nothing then.
create index container_overlay on container (id)
    where jsonb_path_exists(spec, '$.network.endpoints[*].network.overlay.vni');
