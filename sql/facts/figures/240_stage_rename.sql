-- stage_rename: one row a pair of stages of which the later seems to be the earlier under a new name: it begins within
-- two days of the other's end, with as many events a day within a factor of two, and no lead has both; ten events each,
-- and the other has been silent for a day.
create or replace temp table stage_rename as
with spanned as (
    select *, events / greatest((last_time - first_time) / 86400, 1) as events_a_day
    from stage_seen
    where events >= $min_units
), pair as (
    select
        former.advertiser_id,
        former.channel,
        former.advertiser_no,
        former.stage_no as former_no,
        renamed.stage_no as renamed_no,
        former.event_name as former_name,
        renamed.event_name,
        former.events as former_events,
        renamed.events,
        former.last_time,
        renamed.first_time
    from spanned as former
    join spanned as renamed
        on renamed.advertiser_id = former.advertiser_id
        and renamed.channel = former.channel
        and renamed.event_name <> former.event_name
        and renamed.first_time between former.last_time and former.last_time + 172800
        and renamed.events_a_day between former.events_a_day / 2 and former.events_a_day * 2
    join advertiser_window
        on advertiser_window.advertiser_id = former.advertiser_id
        and advertiser_window.channel = former.channel
        and horizon - former.last_time >= 86400
), shared as (
    select distinct pair.advertiser_no, former_no, renamed_no
    from pair
    join coded_lead_stage as former
        on former.advertiser_no = pair.advertiser_no
        and former.stage_no = pair.former_no
    join coded_lead_stage as renamed
        on renamed.advertiser_no = pair.advertiser_no
        and renamed.lead_no = former.lead_no
        and renamed.stage_no = pair.renamed_no
)
select pair.* exclude (advertiser_no, former_no, renamed_no)
from pair
anti join shared using (advertiser_no, former_no, renamed_no);
