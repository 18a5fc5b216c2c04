-- Since when a start of an exec session is under way: of two at once one is refused.
alter table exec
    add column claimed timestamptz;
