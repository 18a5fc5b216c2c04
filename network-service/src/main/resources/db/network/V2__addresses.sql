-- Networks that clients make: first MAKING, then READY when the nodes have it, REMOVING until they no longer do.
alter table network
    add column state      text        not null default 'READY' check (state in ('MAKING', 'READY', 'REMOVING')),
    add column changed    timestamptz not null default now(),
    add column definition jsonb       not null default '{}';

-- Where a network's addresses come from, at most one of each family. No two overlap, whoever's they are: they meet on the nodes.
create table pool (
    network       text     not null references network (id) on delete cascade,
    family        smallint not null check (family in (4, 6)),
    subnet        cidr     not null,
    gateway       inet,
    first_address inet     not null,
    last_address  inet     not null,
    next_address  inet     not null,
    primary key (network, family),
    exclude using gist (subnet inet_ops with &&)
);

-- A container may be on several networks.
alter table endpoint
    drop constraint endpoint_pkey,
    add primary key (container, generation, network),
    add column mac text not null default '';

-- An address that is given out: to an endpoint, or (without a container) to the network's own gateway and what its maker reserves.
create table lease (
    network    text not null references network (id) on delete cascade,
    address    inet not null,
    container  text,
    generation integer,
    primary key (network, address)
);

create index lease_owner on lease (container, generation);

-- The lowest address from one to another, both included, that nobody has; null for none.
create function free_address(in_network text, from_address inet, to_address inet) returns inet
    language sql stable as $$
    select candidate.address
    from (select from_address as address
          where not exists (select 1 from lease where network = in_network and address = from_address)
          union all
          (select held.address + 1
           from lease held
           where held.network = in_network and held.address >= from_address and held.address < to_address
             and not exists (select 1 from lease other where other.network = in_network and other.address = held.address + 1)
           order by held.address
           limit 1)) as candidate
    order by candidate.address
    limit 1
$$;

-- The owner's address of a family on a network: the one it has, the one it wants, or the next that is free; null when it gets none. Whoever
-- asks for an address of the same network meanwhile waits for the end of this transaction.
create function lease_address(in_network text, in_family integer, in_container text, in_generation integer, in_wanted inet)
    returns inet
    language plpgsql as $$
declare
    source pool;
    given  inet;
begin
    select address into given from lease
    where container = in_container and generation = in_generation and network = in_network and family(address) = in_family;
    if given is not null then
        return given;
    end if;
    select * into source from pool where network = in_network and family = in_family for update;
    if not found then
        return null;
    end if;
    if in_wanted is not null then
        insert into lease (network, address, container, generation)
        values (in_network, in_wanted, in_container, in_generation)
        on conflict do nothing;
        return case when found then in_wanted end;
    end if;
    -- What was given back last is given out last, so that nobody's packets reach its next owner.
    given := coalesce(free_address(in_network, source.next_address, source.last_address),
                      free_address(in_network, source.first_address, source.last_address));
    if given is not null then
        insert into lease (network, address, container, generation) values (in_network, given, in_container, in_generation);
        update pool set next_address = case when given = source.last_address then source.first_address else given + 1 end
        where network = in_network and family = in_family;
    end if;
    return given;
end
$$;

-- An endpoint with its addresses, in one statement. No row when the network is not ready, or gone.
create function claim_endpoint(in_container text, in_generation integer, in_id text, in_project text, in_network text,
                               in_node text, in_mac text, in_ipv4 inet, in_ipv6 inet)
    returns table (mac text, ipv4 text, ipv6 text)
    language plpgsql as $$
begin
    -- Shared: a removal waits for this, or this sees it.
    perform 1 from network where network.id = in_network and network.state = 'READY' for share;
    if not found then
        return;
    end if;
    insert into endpoint (container, generation, id, project, network, node, since, mac)
    values (in_container, in_generation, in_id, in_project, in_network, in_node, now(), in_mac)
    on conflict do nothing;
    return query
        select endpoint.mac,
               host(lease_address(in_network, 4, in_container, in_generation, in_ipv4)),
               host(lease_address(in_network, 6, in_container, in_generation, in_ipv6))
        from endpoint
        where endpoint.container = in_container and endpoint.generation = in_generation and endpoint.network = in_network;
end
$$;
