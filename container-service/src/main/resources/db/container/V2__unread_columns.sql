-- What was written with every change and never read: filters and inspect take it from the JSON columns. The index on labels goes with its column.
alter table container
    drop column labels,
    drop column exit_code,
    drop column started_at,
    drop column agent_revision;
