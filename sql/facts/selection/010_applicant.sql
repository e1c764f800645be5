-- applicant: one row an advertiser that may be launched, whatever tells of it: its time zone, and the channel whose
-- stages show how its leads convert (its CRM's history; for want of one what was sent). It would be launched in channel
-- crm, so that is where it is judged.
create or replace temp table applicant as
select
    advertiser_id,
    'crm' as channel,
    any_value(time_zone) as time_zone,
    bool_or(channel = 'history') as has_history,
    bool_or(has_list) as has_list,
    bool_or(has_counts) and not bool_or(has_list) as has_counts,
    if(bool_or(channel = 'history'), 'history', 'crm') as stage_channel,
    coalesce(bool_or(channel = 'history'), false) or bool_or(valid_events > 0) as has_stages
from advertiser
join advertiser_window using (advertiser_id, channel)
group by advertiser_id;
