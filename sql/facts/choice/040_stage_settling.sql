-- stage_settling: one row an undecided stage whose rate more mature leads would settle: how many, and the instant at
-- which that many more have had their 28 days. First come the leads that are already created, each 28 days after its
-- creation; then as many a day as the cohort's window saw on average, 28 days after it ends. More than ten times the
-- cohort are too many to foresee.
create or replace temp table stage_settling as
with wanted as (
    select row_fun006.advertiser_id, row_fun006.channel, event_name, leads_to_settle, n as cohort
    from row_fun006
    join stage_status
        on stage_status.advertiser_id = row_fun006.advertiser_id
        and stage_status.channel = row_fun006.channel
        and event_name = subject
        and stage_status.reason = 'undecided'
    where leads_to_settle is not null
), young as (
    select
        advertiser_no,
        created_time,
        row_number() over (partition by advertiser_no order by created_time) as place,
        count(*) over (partition by advertiser_no) as young_leads
    from coded_cohort_lead
    -- most advertisers have nothing to settle: what is sorted is few
    semi join (
        select advertiser_no from advertiser_number semi join wanted using (advertiser_id, channel)
    ) using (advertiser_no)
    where not is_mature
), paced as (
    select
        wanted.*,
        window_end,
        horizon,
        coalesce(any_value(young_leads), 0) as young_leads,
        max(created_time) filter (place = leads_to_settle) as created_time,
        cohort / nullif(
            window_end - greatest(coalesce(start, 0), window_end - 2419200 - $cohort_days * 86400), 0
        ) as leads_a_second
    from wanted
    join advertiser_window using (advertiser_id, channel)
    left join young using (advertiser_no)
    group by all
)
select
    advertiser_id,
    channel,
    event_name,
    leads_to_settle,
    case
        when leads_to_settle >= 10 * cohort then null
        -- those that are mature would be enough if all were
        when leads_to_settle = 0 then horizon
        when created_time is not null then created_time + 2419200
        else window_end + 2419200 + ceil((leads_to_settle - young_leads) / leads_a_second)
    end::bigint as settles_at
from paced;
