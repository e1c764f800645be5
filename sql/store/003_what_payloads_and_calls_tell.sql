-- What the rules about recipes, agents, requests and access need: marks of a payload, agents, versions, a call log.
alter table event add column event_id varchar;
alter table event add column partner_agent varchar;
alter table event add column payload_marks varchar;
comment on column event.event_id is 'The sender''s own id of the event, cut to 100 characters.';
comment on column event.partner_agent is 'As the event says it, else its request.';
comment on column event.payload_marks is
    'What else the payload shows, as words with a blank between them; null: it was not looked at.';

alter table request add column api_version varchar;
alter table request add column partner_agent varchar;
alter table request add column has_token boolean;
alter table request add column error_detail varchar;
comment on column request.api_version is 'Like v25.0, from the address that was called.';
comment on column request.has_token is 'The record holds an access token, in its address or its body; the token is not kept.';
comment on column request.error_detail is 'What Meta explains beside the title of an error; cut and without secrets.';

alter table lead add column ad_id varchar;
alter table lead add column adset_id varchar;

create table api_call (
    file_id integer not null,
    line bigint not null,
    record_digest uhugeint not null,
    call_time bigint not null,
    is_success boolean not null,
    http_status integer,
    error_code bigint,
    error_subcode bigint
);
comment on table api_call is 'One call of the Marketing API by the partner''s app, from a call log.';
comment on column api_call.call_time is 'Unix seconds UTC';
comment on column source_file.kind is 'events, history, leads, counts or calls';

-- Logs that were read before these columns were are read again when they are loaded again.
update source_file set reading = '(to be read again)' where kind = 'events';

update funnelcheck_store set version = 3;
