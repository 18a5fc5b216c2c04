-- Containers that publish ports, looked for once a second where there are several nodes: the others cost nothing then.
create index container_publishing on container (node)
    where jsonb_path_exists(spec, '$.network.ports[*]');
