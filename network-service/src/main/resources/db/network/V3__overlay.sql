-- An overlay network's number on the wire, that no other has while it is there, and the port of UDP at which its nodes listen.
alter table network
    add column vni        integer unique check (vni between 4097 and 16777215),
    add column vxlan_port integer check (vxlan_port between 1 and 65535);

-- Given out in turn, so that what a node still has of a network that is gone is not taken for another's.
create sequence vni minvalue 4097 maxvalue 16777215 cycle;

create function free_vni() returns integer
    language plpgsql as $$
declare
    candidate integer;
begin
    for attempt in 1 .. 100000 loop
        candidate := nextval('vni');
        if not exists (select 1 from network where vni = candidate) then
            return candidate;
        end if;
    end loop;
    raise exception 'none of 100000 numbers for overlay networks is free';
end
$$;
