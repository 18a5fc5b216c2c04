-- An image that was removed by force while a stopped container uses it: nobody finds it any more, and its layers stay on the node until
-- the last claim on it is released.
alter table image add column removed_at timestamptz;

create index image_removed on image (removed_at) where removed_at is not null;
