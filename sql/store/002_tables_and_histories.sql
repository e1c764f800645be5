-- Tables and CRM histories as inputs, lists that are daily counts, quarantined values by column, keyed digests.
alter table source_file add column passed_over bigint default 0;
alter table source_file add column reading varchar;
alter table source_file add column location varchar;
comment on column source_file.kind is 'events, history, leads or counts';
comment on column source_file.passed_over is 'Rows that its [source.NAME] leaves out; they are not among rows_read.';
comment on column source_file.reading is
    'Digest of the settings that say how the file is read; null: read before these were kept.';

comment on column source_file.location is 'Where it lay, as an absolute path; null for standard input.';

comment on column request.channel is 'crm: it was sent; history: a CRM recorded it and nothing was sent.';
comment on column request.shape is
    'request, exchange, enveloped event, event, or row: of a table.';

alter table event add column payload_fields varchar;
alter table event add column user_data varchar;
comment on column event.payload_fields is
    'Null: the payload itself was read. Else it came from a table, which had these fields of a payload (none: "").';
comment on column event.user_data is 'The values of user_data; only with store_user_data = true.';
comment on column event.digest_forms is
    'Form of each parameter that must be hashed and a short keyed digest of it: "em:sha256:1a2b3c4d5e6f ph:plain:…".';
comment on column event.event_time_form is
    'integer, digits (a string), fraction, text or missing; table: as a table''s mapping reads it.';

alter table quarantine add column column_name varchar;
alter table quarantine add column value varchar;
comment on column quarantine.column_name is 'The column at fault, where it is one.';
comment on column quarantine.value is 'What stood in it; cut and without secrets.';

create table lead_count (
    file_id integer not null,
    line bigint not null,
    record_digest uhugeint not null,
    advertiser_id varchar,
    day date not null,
    leads bigint not null
);
comment on table lead_count is 'Leads of an advertiser on a calendar day, from a list that only counts them.';
comment on column lead_count.day is 'Calendar day in the advertiser''s time zone.';

create table store_key (key varchar not null);
comment on table store_key is 'One row: the secret of this store that its short digests are made with.';
insert into store_key values (replace(gen_random_uuid()::varchar || gen_random_uuid()::varchar, '-', ''));

-- Digests of people were without a key before.
update event
set person_digest = left(sha256((select key from store_key) || person_digest), 12)
where person_digest is not null;

update funnelcheck_store set version = 2;
