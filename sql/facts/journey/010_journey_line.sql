-- dataset_change: one row an advertiser whose current dataset took its first accepted event after another one had.
create or replace temp table dataset_change as
select
    now.advertiser_id,
    now.channel,
    now.dataset_id,
    now.first_accepted as changed_at,
    arg_max(former.dataset_id, former.last_accepted) as former
from dataset_use as now
join dataset_use as former
    on former.advertiser_id = now.advertiser_id
    and former.channel = now.channel
    and former.first_accepted < now.first_accepted
where now.is_current and not former.is_current and not former.is_ignored and former.accepted_events > 0
group by now.advertiser_id, now.channel, now.dataset_id, now.first_accepted;

-- journey_line: one row a status of Events Manager up to as_of; is_own: of the current dataset, not of a former one.
-- A line counts from the start of its day; one of the day of a change is taken for the new dataset's.
create or replace temp table journey_line as
select
    advertiser.advertiser_id,
    advertiser.channel,
    status_line.date,
    status_line.status,
    status_line.step,
    status_line.six_step,
    changed_at is null or status_line.date + 86400 > changed_at as is_own
from status_line
join advertiser using (advertiser_id)
left join dataset_change
    on dataset_change.advertiser_id = advertiser.advertiser_id
    and dataset_change.channel = advertiser.channel
where status_line.date <= $as_of;
