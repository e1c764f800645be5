-- What every run came to, so that the next one can tell what has changed; codes and figures only, no sentences.
create table run (
    run_id integer not null,
    guide varchar not null,
    version varchar not null,
    as_of bigint not null,
    settings_digest varchar not null,
    settings varchar not null
);
comment on table run is 'One kept run; one a guide and instant.';
comment on column run.version is 'Of funnelcheck.';
comment on column run.as_of is 'Unix seconds UTC';
comment on column run.settings is 'What it was judged by, as JSON: severity and thresholds of every rule, waivers.';

create table run_advertiser (
    run_id integer not null,
    advertiser_id varchar not null,
    channel varchar not null,
    verdict varchar not null,
    step integer not null,
    step_name varchar not null,
    blocked_by varchar not null,
    acts varchar,
    step_days double,
    is_overdue boolean not null,
    events bigint not null,
    leads bigint not null,
    eligible bigint,
    covered bigint,
    stage varchar,
    cohort bigint,
    rate double,
    rate_low double,
    rate_high double
);
comment on table run_advertiser is 'Where an advertiser stood in a kept run.';
comment on column run_advertiser.blocked_by is 'Codes with a blank between them, the most basic first.';
comment on column run_advertiser.acts is 'Who does what is to be done first: advertiser, partner or meta.';
comment on column run_advertiser.step_days is 'Days spent in its step by then.';
comment on column run_advertiser.stage is 'The optimisation stage, which cohort and rates are about.';

create table run_finding (
    run_id integer not null,
    advertiser_id varchar not null,
    channel varchar not null,
    code varchar not null,
    severity varchar not null,
    status varchar not null,
    value double,
    threshold_low double,
    threshold_high double,
    unit varchar not null,
    n bigint not null,
    affected bigint not null,
    subject varchar
);
comment on table run_finding is 'What a rule said of an advertiser in a kept run.';
comment on column run_finding.threshold_high is 'Null where the rule asks for one limit only.';

update funnelcheck_store set version = 4;
