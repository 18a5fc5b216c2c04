-- A node that its containers are to leave.
alter table node_spec drop constraint node_spec_availability_check;
alter table node_spec add constraint node_spec_availability_check check (availability in ('active', 'pause', 'drain'));
