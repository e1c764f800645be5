-- What was sent and what was generated, one row as read; judgement never changes these tables.
create table funnelcheck_store (version integer not null);
comment on table funnelcheck_store is 'Marks the file as ours; one row: the version of these tables.';
insert into funnelcheck_store values (1);

create table source_file (
    file_id integer not null,
    path varchar not null,
    kind varchar not null,
    folder_owner varchar,
    sha256 varchar not null,
    rows_read bigint not null,
    loaded bigint not null,
    duplicates bigint not null,
    quarantined bigint not null
);
comment on table source_file is 'One file that was read; rows_read = loaded + duplicates + quarantined.';
comment on column source_file.kind is 'events or leads';
comment on column source_file.folder_owner is 'Advertiser that a folder advertiser_id=… names: the same content may stand in two.';

create table request (
    request_id bigint not null,
    file_id integer not null,
    line bigint not null,
    record_digest uhugeint not null,
    shape varchar not null,
    channel varchar not null,
    advertiser_id varchar not null,
    dataset_id varchar,
    upload_time bigint,
    event_count integer not null,
    http_status integer,
    accepted boolean,
    events_received bigint,
    messages varchar,
    error_code bigint,
    error_subcode bigint,
    error_title varchar,
    trace_id varchar
);
comment on table request is 'One record of a sent-event log: a request, an exchange, an enveloped or a bare event.';
comment on column request.line is 'Line of a JSON Lines file, else number of the record, from 1.';
comment on column request.upload_time is 'When it was sent, Unix seconds UTC; the log says it, no payload does.';
comment on column request.accepted is 'Response is 2xx without error; null without a response.';
comment on column request.messages is 'What Meta wrote in messages, when not empty.';

create table event (
    request_id bigint not null,
    position integer not null,
    channel varchar not null,
    advertiser_id varchar not null,
    dataset_id varchar,
    upload_time bigint,
    accepted boolean,
    test_traffic boolean not null,
    event_name varchar,
    event_time bigint,
    event_time_form varchar not null,
    lead_id varchar,
    customer_parameters utinyint not null,
    digest_forms varchar,
    person_digest varchar,
    action_source varchar,
    event_source varchar,
    lead_event_source varchar
);
comment on table event is 'One CRM event as it was sent, accepted or not.';
comment on column event.position is 'Index in the request''s data, from 0.';
comment on column event.event_time is 'As read: an integer, the digits of a string, or a number with its fraction cut off.';
comment on column event.event_time_form is 'integer, digits (a string), fraction, text or missing.';
comment on column event.lead_id is 'Always text; anything that is no number or string keeps its JSON form.';
comment on column event.customer_parameters is 'How many customer information parameters user_data holds.';
comment on column event.digest_forms is
    'Form of each parameter that must be hashed, like "em:sha256 ph:plain"; the values are not kept.';
comment on column event.person_digest is 'Without a lead_id: a digest of user_data, to tell a copy from another person.';

create table lead (
    file_id integer not null,
    line bigint not null,
    record_digest uhugeint not null,
    advertiser_id varchar,
    lead_id varchar not null,
    created_time bigint not null,
    form_id varchar,
    page_id varchar,
    campaign_id varchar,
    is_organic boolean,
    is_test boolean not null
);
comment on table lead is 'One row of a lead list; a lead may stand in several lists.';
comment on column lead.advertiser_id is 'Owner; null when the list, its folder and the configuration name none.';
comment on column lead.is_test is 'A row of the Lead Ads Testing Tool.';

create table quarantine (
    file_id integer not null,
    line bigint not null,
    reason varchar not null,
    raw varchar
);
comment on table quarantine is 'One row that could not be read, with the reason; raw is cut and without secrets.';
