/*---
title = "The five causes of being stuck at step 3"
severity = "informational"
source = "Partner guide, step 3: five things to check, in this order, while Meta waits for CRM events"
why = "Whoever stays at this step has one of five things to mend, and the guide says in which order to look."
fix = "Work through the lines that fail, in this order; each says which rule has the details."
acts = "partner"
unit = "causes"

[message]
"pass.elsewhere" = "Not at this step: the data do not wait for Meta's checks of the events."
pass = "None of the guide's five causes is seen: {told:told}."
warn = "{value:count} of the guide's five causes for being stuck: {told:told}."

[history]
not_evaluable = "Nothing was sent: a CRM history cannot be stuck while Meta waits for events."

[[case]]
name = "one cause of five"
given.journey = [{ six_step = 3 }]
given.finding = [
    { code = "REQ004", status = "pass" }, { code = "DAT003", status = "fail" }, { code = "COV001", status = "pass" },
    { code = "FUN001", status = "pass" }, { code = "FUN002", status = "pass" }, { code = "EVT001", status = "pass" },
]
status = "pass"
value = 1
n = 5
message = "1 of the guide's five causes for being stuck: (1) errors in Diagnostics: pass; (2) seven days of data: fail; (3) enough events for the leads: pass; (4) two stages with the raw one: pass; (5) parameters in the right form: pass."

[[case]]
name = "nothing sent in the right form, nothing known of the answers"
given.journey = [{ six_step = 3 }]
given.finding = [
    { code = "REQ004", status = "not_evaluable" }, { code = "DAT003", status = "pass" },
    { code = "COV001", status = "undecided" }, { code = "FUN001", status = "pass" },
    { code = "FUN002", status = "fail" }, { code = "EVT001", status = "pass" }, { code = "EVT007", status = "fail" },
]
value = 2
status = "pass"
message = "2 of the guide's five causes for being stuck: (1) errors in Diagnostics: cannot tell; (2) seven days of data: pass; (3) enough events for the leads: cannot tell; (4) two stages with the raw one: fail; (5) parameters in the right form: fail."

[[case]]
name = "where one rule sums up the form of the events it decides alone"
given.journey = [{ six_step = 3 }]
given.finding = [{ code = "EVT017", status = "pass" }, { code = "EVT007", status = "not_evaluable" }]
value = 0
status = "pass"
message = "None of the guide's five causes is seen: (1) errors in Diagnostics: cannot tell; (2) seven days of data: cannot tell; (3) enough events for the leads: cannot tell; (4) two stages with the raw one: cannot tell; (5) parameters in the right form: pass."

[[case]]
name = "a warning and a waiver hold nobody"
given.journey = [{ six_step = 3 }]
given.finding = [
    { code = "REQ004", status = "warn" }, { code = "DAT003", status = "waived" }, { code = "COV001", status = "pass" },
    { code = "FUN001", status = "pass" }, { code = "FUN002", status = "pass" }, { code = "EVT001", status = "warn" },
    { code = "EVT010", status = "not_evaluable" }, { code = "COV002", status = "warn", severity = "recommended" },
]
value = 0
status = "pass"

[[case]]
name = "another step is not looked at"
given.journey = [{ six_step = 4 }]
given.finding = [{ code = "DAT003", status = "fail" }]
value = 0
n = 0
status = "pass"
message = "Not at this step: the data do not wait for Meta's checks of the events."

[[case]]
name = "a CRM history waits for nothing"
channel = "history"
given.journey = [{ six_step = 3 }]
status = "not_evaluable"
---*/
with cause as (
    select *
    from (values
        (1, phrase('errors in Diagnostics'), ['REQ005', 'REQ004']),
        (2, phrase('seven days of data'), ['DAT003']),
        (3, phrase('enough events for the leads'), ['COV001', 'COV002']),
        (4, phrase('two stages with the raw one'), ['FUN001', 'FUN002']),
        (5, phrase('parameters in the right form'), ['EVT017'])
    ) as listed (place, title, codes)
), formed as (
    -- EVT017 sums up the others; without it the worst of them speaks
    select *, bool_or(code = 'EVT017') over (partition by advertiser_id, channel) as has_sum from finding
), spoken as (
    select advertiser_id, channel, place, title, code, severity, status, message
    from formed
    join cause
        on list_contains(codes, code)
        or place = 5 and not has_sum and code in (
            'EVT001', 'EVT002', 'EVT003', 'EVT004', 'EVT005', 'EVT006', 'EVT007', 'EVT010'
        )
    -- hashed data that nobody sends cannot be judged, and need not be
    where not (code = 'EVT010' and status = 'not_evaluable')
), waiting as (
    select advertiser_id, channel from journey where six_step = 3
), line as (
    select
        waiting.advertiser_id,
        waiting.channel,
        cause.place,
        cause.title,
        -- what the guide only recommends holds nobody: it speaks where nothing required does, and does not decide
        case
            when bool_or(status = 'fail') then 'fail'
            when coalesce(bool_and(status in ('pass', 'warn', 'waived')) filter (severity is distinct from 'recommended'), false)
                then 'pass'
            else 'cannot tell'
        end as state,
        coalesce(
            first(code || ': ' || message
                order by
                    severity is not distinct from 'recommended' and status <> 'fail',
                    array_position(['fail', 'undecided', 'not_evaluable', 'warn', 'waived', 'pass'], status),
                    code
                )
                filter (code is not null),
            ''
        ) as told
    from waiting
    cross join cause
    left join spoken
        on spoken.advertiser_id = waiting.advertiser_id
        and spoken.channel = waiting.channel
        and spoken.place = cause.place
    group by waiting.advertiser_id, waiting.channel, cause.place, cause.title
), counted as (
    select
        advertiser_id,
        channel,
        count(*) as n,
        count(*) filter (state = 'fail') as failing,
        joined(
            list(
                case state
                    when 'fail' then phrase('({place}) {title:told}: fail', {'place': place, 'title': title})
                    when 'pass' then phrase('({place}) {title:told}: pass', {'place': place, 'title': title})
                    else phrase('({place}) {title:told}: cannot tell', {'place': place, 'title': title})
                end
                order by place
            ),
            '; '
        ) as told,
        list({'title': title, 'state': state, 'told': told} order by place) as causes_checked
    from line
    group by advertiser_id, channel
)
select
    journey.advertiser_id,
    journey.channel,
    if(coalesce(failing, 0) > 0, 1, 0) as level,
    coalesce(failing, 0) as value,
    coalesce(n, 0) as n,
    coalesce(failing, 0) as affected,
    told,
    causes_checked,
    if(n is null, 'elsewhere', null) as reason
from journey
left join counted using (advertiser_id, channel)
