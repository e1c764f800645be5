-- app_tally: one row an advertiser, question about its requests, part (a platform, a parameter) and answer: how many requests
-- of the latest weeks of sending say so. `several` are the answers of a question, `place` goes by how often they come.
create or replace temp table app_tally as
with recent as (
    select sent_activity.*, coalesce(platform, 'unknown') as known_platform
    from sent_activity
    join app_advertiser using (advertiser_id)
    where sent_at is null or recent_since is null or sent_at > recent_since
), answered as (
    select advertiser_id, 'platform' as about, '' as part, known_platform as answer from recent
    union all by name
    select advertiser_id, 'application_tracking' as about, known_platform as part, application_tracking as answer
    from recent
    union all by name
    select advertiser_id, 'advertiser_tracking' as about, known_platform as part, advertiser_tracking as answer
    from recent
    union all by name
    select advertiser_id, 'advertiser_id' as about, known_platform as part, device_form as answer from recent
    union all by name
    select advertiser_id, 'attribution' as about, known_platform as part, attribution_form as answer from recent
    union all by name
    select advertiser_id, 'anon_id' as about, known_platform as part, if(has_anon_id, 'sent', null) as answer from recent
    union all by name
    select advertiser_id, 'any' as about, known_platform as part, if(
        coalesce(device_form, '') <> 'zeros' and device_form is not null
            or attribution_form is not null or has_anon_id or user_forms is not null, 'sent', null
    ) as answer
    from recent
    union all by name
    select
        advertiser_id,
        if(starts_with(form, 'unknown:'), 'unknown', 'ud') as about,
        if(starts_with(form, 'unknown:'), '', string_split(form, ':')[1]) as part,
        string_split(form, ':')[2] as answer
    from (select advertiser_id, unnest(string_split(user_forms, ' ')) as form from recent)
    union all by name
    select advertiser_id, 'transport' as about, '' as part, transport as answer from recent
    union all by name
    select advertiser_id, 'leniency' as about, '' as part, unnest(string_split(leniency, ' ')) as answer from recent
    union all by name
    select advertiser_id, 'forwarded' as about, '' as part, forwarded_form as answer from recent where has_headers
    union all by name
    select advertiser_id, 'answer' as about, '' as part, if(answer, 'accepted', if(answer is null, null, 'refused')) as answer
    from recent
    union all by name
    select advertiser_id, 'version' as about, '' as part, left(api_version, 20) as answer from recent
)
select
    advertiser_id,
    about,
    part,
    coalesce(answer, 'missing') as answer,
    count(*) as requests,
    row_number() over (
        partition by advertiser_id, about order by count(*) desc, part, coalesce(answer, 'missing')
    ) as place,
    count(*) over (partition by advertiser_id, about) as several
from answered
group by advertiser_id, about, part, coalesce(answer, 'missing');
