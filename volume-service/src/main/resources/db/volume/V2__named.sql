-- Named volumes. Labels and options are echoed as they were given: null when there were none.
-- removing_since: when somebody began to remove it, with its data; nobody may claim it any more.
alter table volume
    alter column node drop not null,
    add column labels jsonb,
    add column options jsonb,
    add column removing_since timestamptz;

update volume set labels = '{"com.docker.volume.anonymous": ""}' where anonymous;

-- Whether the claimant named the volume, which then is not removed along with it, even if its maker did not.
alter table volume_claim add column by_name boolean not null default false;
