-- What is added to this server's transaction numbers in events and cursors: those go on where the server's stopped that the events were moved
-- from. Zero for who was never moved. (Repeatable, since a second version of the outbox would need Flyway's outOfOrder.)
alter table event_trim add column if not exists xid_base bigint not null default 0;
