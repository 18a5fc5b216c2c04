-- What a container holds of its node for as long as its row is there, whether it runs or not.
alter table container add column cpu_nanos bigint not null default 0 check (cpu_nanos >= 0);
alter table container add column memory_bytes bigint not null default 0 check (memory_bytes >= 0);
-- Ports of the node that it names, such as 8080/tcp.
alter table container add column host_ports text[] not null default '{}';

update container set memory_bytes = least(4503599627370496, greatest(0, (request -> 'hostConfig' ->> 'MemoryReservation')::bigint))
where request -> 'hostConfig' ->> 'MemoryReservation' is not null;

create index container_load on container (node) include (cpu_nanos, memory_bytes);
create index container_reserved on container (node) where cpu_nanos > 0 or memory_bytes > 0;
create index container_host_ports on container using gin (host_ports) where host_ports <> '{}';
