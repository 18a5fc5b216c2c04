-- Rows of every table, with every kind of value: text with what escapes are made for, nulls, empty text, documents, bytes, addresses, times.
insert into access.project (name) values ('p-2');
insert into access.principal (name) values (E'Ünï "c\\ö"\t\ndé ☃ 𝄞'), ('x');
insert into access.credential (kind, shown, principal, project) values ('token', 'a', 'x', 'p-2'), ('token', 'b', 'root', 'default');
delete from access.credential where shown = 'a';

insert into fleet.node (id, version, name, agent_address, labels, info, last_seen, joined)
values ('n1', 3, 'first', 'unix:/x', '{"zone": "b", "": "\u0007"}', '{"cpus": 2, "big": 12345678901234567890.5, "n": null}', '2026-01-02 03:04:05.678901+00', 'epoch');
insert into fleet.join_token values ('t1', 'h', now(), 'root', now() + interval '1 hour', null), ('t2', 'h2', 'infinity', '', '-infinity', 0);
insert into fleet.identity values ('n1', 'first', 'k', 't1', now());
insert into fleet.certificate (serial, subject, not_after, revoked) values ('01', 'CN=n1', now(), null), ('02', 'CN=n2', now(), now());
insert into fleet.node_spec values ('n1', 7, 'pause', '{}', now());

insert into image.image (project, id, config_json, size, created, graph_driver, version)
select 'default', 'sha256:' || i, repeat('{"Cmd":["☃"]}', 200), i, case when i % 2 = 0 then now() end, 'overlay2', i from generate_series(1, 500) i;
insert into image.layer (chain_id, project, diff_id, parent, size) values ('c1', 'default', 'd1', null, 9223372036854775807), ('c2', 'default', 'd2', 'c1', 0);
insert into image.layer_node (chain_id, node) values ('c1', 'n1'), ('c1', 'n2'), ('c2', 'n1');
insert into image.replica (project, image_id, registry, digest, layers_json, replicated_at, removing_since)
values ('default', 'sha256:1', 'r:5000', 'sha256:2', '[{"a": "☃"}]', now(), null), ('p-2', 'gone', 'r:5000', null, null, null, now());
insert into image.image_layer values ('default', 'sha256:1', 0, 'c1'), ('default', 'sha256:1', 1, 'c2');
insert into image.reference values ('default', 'docker.io/library/busybox:latest', 'sha256:1', 0);
insert into image.claim (project, container, generation, image_id) values ('default', repeat('a', 64), 1, 'sha256:1');
insert into image.kept_login values ('default', 'registry', 'ü', '\x00ff0a0d5c00', now(), 0), ('p-2', 'registry', '', '', now(), 1);

insert into container.container (id, project, name, generation, version, state, node, image, created, auto_remove, request, spec, observed, starts)
select encode(sha256(i::text::bytea), 'hex'), 'default', 'c' || i, i, i, 'RUNNING', 'n1', 'busybox', now() - i * interval '1 s', i % 2 = 0,
       jsonb_build_object('Env', jsonb_build_array('A=' || chr(9731), null, i), 'Labels', jsonb_build_object('k"\', E'v\n')),
       case when i % 3 = 0 then null else '{"network": {"links": [["a", "b"]]}}'::jsonb end, 'null', 4611686018427387904
from generate_series(1, 300) i;
update container.container set cpu_nanos = 1500000000, memory_bytes = 4503599627370496, host_ports = '{8080/tcp,53/udp}' where generation < 5;
insert into container.exec (id, container_id, state, request, exit_code) values (repeat('e', 64), repeat('a', 64), 'EXITED', '[]', -1);
update container.shard_lease set holder = 'me', epoch = shard + 1000000000000, expires = '2026-05-06 07:08:09.000001+00' where shard > 60;
insert into container.quarantine (id, node, reason) values ('q', 'n1', '');
insert into container.move (container, project, generation, source, target, resume, cpu_nanos, memory_bytes, host_ports)
values (repeat('a', 64), 'default', 2, 'n1', 'n2', true, 0, 4503599627370496, '{8080/tcp,53/udp}');
insert into container.stay (container, node, reason) values (repeat('b', 64), 'n1', 'ü');

insert into volume.volume (project, name, driver, node, anonymous, created, labels, options)
values ('default', 'data', 'local', 'n1', false, now(), '{"a": ""}', null), ('p-2', 'data', 'local', null, true, now(), null, '{"o": "size=1"}');
insert into volume.volume_claim (container, generation, destination, project, volume, by_name) values (repeat('a', 64), 1, '/d', 'default', 'data', true);

insert into network.network (id, project, name, driver, created, definition) values (repeat('1', 64), 'default', 'front', 'bridge', now(), '{"IPAM": [1, 2]}');
update network.network set node = 'n1';
insert into network.endpoint (container, generation, id, project, network, node, since, mac)
values (repeat('a', 64), 1, repeat('2', 64), 'default', repeat('1', 64), 'n1', now(), '02:42:ac:11:00:02');
insert into network.pool values (repeat('1', 64), 4, '172.20.0.0/16', '172.20.0.1', '172.20.0.2', '172.20.255.254', '172.20.0.7'),
                                (repeat('1', 64), 6, 'fd00:1::/64', null, 'fd00:1::2', 'fd00:1::ffff', 'fd00:1::2');
insert into network.lease values (repeat('1', 64), '172.20.0.1', null, null), (repeat('1', 64), '172.20.0.2', repeat('a', 64), 1);
