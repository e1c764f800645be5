-- The second channel: requests to /{app-id}/activities (request.channel = 'app') and the App Events in them, and the
-- installs that Meta and a measurement partner each attribute.
create table activity (
    request_id bigint not null,
    kind varchar,
    event_kind varchar,
    transport varchar not null,
    leniency varchar,
    has_readable_events boolean,
    is_sdk boolean not null,
    application_tracking varchar,
    advertiser_tracking varchar,
    device_form varchar,
    device_digest varchar,
    attribution_form varchar,
    has_anon_id boolean not null,
    user_forms varchar,
    user_digest varchar,
    platform varchar,
    os_version varchar,
    extinfo_values integer,
    extinfo_marks varchar,
    has_headers boolean not null,
    forwarded_form varchar,
    forwarded_digest varchar
);
comment on table activity is 'What a request to /{app-id}/activities says besides its events; its row of request has the rest.';
comment on column activity.kind is 'install, conversion or other: what the parameter event makes of it; null without one.';
comment on column activity.event_kind is 'The parameter event as it was sent, cut to 60 characters.';
comment on column activity.transport is 'query, form, multipart or json; several with a blank between them.';
comment on column activity.leniency is
    'Why its custom_events are no JSON as they stand, as words with a blank between them; null: they are.';
comment on column activity.has_readable_events is 'custom_events is a list of objects; null without custom_events.';
comment on column activity.is_sdk is 'It shows what only Meta''s own SDKs send.';
comment on column activity.application_tracking is 'application_tracking_enabled: 0, 1, true, false or other; null without it.';
comment on column activity.advertiser_tracking is 'advertiser_tracking_enabled: 0, 1, true, false or other; null without it.';
comment on column activity.device_form is
    'advertiser_id: lower, upper or mixed (a UUID in these letters), digits (a UUID without letters), zeros, other; null without it.';
comment on column activity.device_digest is 'Keyed digest of advertiser_id, whatever the case of its letters; the id is not kept.';
comment on column activity.attribution_form is 'attribution: cookie (22 letters and digits), uuid, other; null without it.';
comment on column activity.user_forms is
    'Form of each parameter of ud and a short keyed digest of it: "em:sha256:1a2b3c4d5e6f"; a name nobody knows is unknown:….';
comment on column activity.user_digest is 'Keyed digest of who ud is about (em, else ph, else external_id).';
comment on column activity.platform is 'android or ios, by extinfo, else by the parameter sdk.';
comment on column activity.os_version is 'extinfo''s value 4; what is no version only by its form, cut to 20 characters.';
comment on column activity.extinfo_values is 'How many values extinfo has; null without it.';
comment on column activity.extinfo_marks is 'What is wrong with its values, as words with a blank between them.';
comment on column activity.has_headers is 'The log holds the headers of the request.';
comment on column activity.forwarded_form is 'X-Forwarded-For, its first address: ipv4, ipv6, private or other; null without it.';
comment on column activity.forwarded_digest is 'Keyed digest of that address; the address is not kept.';

create table app_event (
    request_id bigint not null,
    position integer not null,
    advertiser_id varchar not null,
    app_id varchar,
    upload_time bigint,
    accepted boolean,
    kind varchar not null,
    event_name varchar,
    event_time bigint,
    event_time_form varchar not null,
    value double,
    value_form varchar,
    currency varchar,
    event_id varchar,
    parameters varchar[],
    parameter_marks varchar,
    content_digest varchar,
    is_automatic boolean
);
comment on table app_event is 'One App Event as it was sent, or one install, or what cannot be read: a request''s events, or an element that is none.';
comment on column app_event.position is 'Index in custom_events, from 0.';
comment on column app_event.kind is 'install, conversion, or unreadable: a request for conversions without readable events.';
comment on column app_event.event_name is '_eventName, cut to 100 characters; null without one.';
comment on column app_event.event_time is '_logTime as read: an integer, the digits of a string, or a number with its fraction cut off.';
comment on column app_event.event_time_form is 'integer, digits (a string), fraction, text or missing.';
comment on column app_event.value is '_valueToSum, a number or one in a string; null where it is no number.';
comment on column app_event.value_form is 'number, digits (a string), other; null without it.';
comment on column app_event.currency is 'fb_currency, cut to 10 characters; what is no word of letters only by its form (9.9).';
comment on column app_event.event_id is 'The sender''s own id of the event, cut to 100 characters; a digest where a device or a person stands in it.';
comment on column app_event.parameters is 'Names of its parameters, sorted, without event_id and those that begin with _.';
comment on column app_event.parameter_marks is 'What is wrong with their values, as words with a blank between them.';
comment on column app_event.content_digest is
    'Keyed digest of what the event says of value, currency, content and device: two events with one event_id should agree.';
comment on column app_event.is_automatic is 'Meta''s SDK logged it of itself (_implicitlyLogged); null where events cannot be read.';

create table attributed_install (
    file_id integer not null,
    line bigint not null,
    record_digest uhugeint not null,
    side varchar not null,
    advertiser_id varchar,
    app_id varchar,
    platform varchar,
    event_name varchar,
    install_time bigint not null,
    touch_time bigint,
    touch_type varchar,
    attributed_to varchar,
    window_days double,
    campaign varchar,
    has_device boolean
);
comment on table attributed_install is 'One attributed install (or event) of a table that Meta or a measurement partner exports.';
comment on column attributed_install.side is 'meta or mmp';
comment on column attributed_install.platform is 'android, ios or null';
comment on column attributed_install.event_name is 'install, or the event''s name.';
comment on column attributed_install.install_time is 'Of the install or event, Unix seconds UTC.';
comment on column attributed_install.touch_time is 'Of the click or view that it is attributed to, Unix seconds UTC.';
comment on column attributed_install.touch_type is 'click, view or null';
comment on column attributed_install.attributed_to is 'The source that the partner names, like Facebook Ads; of Meta''s rows meta.';
comment on column attributed_install.window_days is 'The attribution window that the row or the mapping names, in days.';
comment on column attributed_install.has_device is 'Whether the row names an advertising id that is not all zeros; null: it has no such column.';
comment on column source_file.kind is 'events, history, leads, counts, calls, attributions or mmp';

-- Where an advertiser stands on no journey it has no step.
alter table run_advertiser alter column step drop not null;
alter table run_advertiser alter column step_name drop not null;

-- Logs that hold App Events were quarantined before; they are read again when they are loaded again.
update source_file set reading = '(to be read again)'
where kind = 'events' and file_id in (select file_id from quarantine where starts_with(reason, 'an App Events request'));

update funnelcheck_store set version = 5;
