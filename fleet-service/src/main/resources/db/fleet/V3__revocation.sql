-- Of a node that was removed: nobody believes its certificates any more.
alter table certificate add column revoked timestamptz;
create index certificate_revoked on certificate (revoked) where revoked is not null;

-- Its present boot, by which a node is told from one with a copy of its identity.
alter table node add column machine text not null default '';
