-- Of a network that does not leave a node: the one on which its containers are, or were last.
alter table network add column node text;

-- Whether a network is the node's: it is what it has settled on, or others are on it there from before. Who settles it holds the lock, so that
-- an endpoint which was written before is seen by him, or he is seen here.
create function network_is_settled(wanted_network text, wanted_node text, own_container text, own_generation integer)
returns boolean language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtext('network'), hashtext(wanted_network));
    return coalesce((
        select coalesce(n.node = wanted_node, false) or exists (
            select 1 from endpoint e where e.network = n.id and e.node = wanted_node
            and (e.container, e.generation) <> (own_container, own_generation))
        from network n where n.id = wanted_network), true);
end $$;

-- Has a network settle on a node, unless somebody is on it where it has settled.
create function settle_network(wanted_network text, wanted_node text)
returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('network'), hashtext(wanted_network));
    update network n set node = wanted_node where n.id = wanted_network and n.node is distinct from wanted_node
        and not exists (select 1 from endpoint e where e.network = n.id and e.node = n.node);
end $$;
