-- counting_day: one row an advertiser that lacks days of data and a day with valid events that counts so far.
create or replace temp table counting_day as
select valid_day.advertiser_id, valid_day.channel, valid_day.day
from valid_day
join advertiser_window using (advertiser_id, channel)
join finding using (advertiser_id, channel)
where code = 'DAT003' and finding.status in ('fail', 'undecided') and last_time > horizon - $cohort_days * 86400;

-- closing_day: one row an advertiser whose rate is undecided and a day on which leads will have had their 28 days.
create or replace temp table closing_day as
select
    cohort_lead.advertiser_id,
    cohort_lead.channel,
    day_of(created_time + 2419200, time_zone) as day,
    count(*) as leads
from cohort_lead
join advertiser using (advertiser_id, channel)
join finding using (advertiser_id, channel)
where code = 'FUN006' and finding.status = 'undecided' and not is_mature
group by cohort_lead.advertiser_id, cohort_lead.channel, day;
