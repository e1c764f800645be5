-- input_present: one row an advertiser and kind of input that its records hold.
create or replace temp table input_present as
select advertiser_id, channel, 'lead list' as input from advertiser_window where has_list
union all
select advertiser_id, channel, 'lead list or daily counts' from advertiser_window where has_list or has_counts
union all
select advertiser_id, channel, 'upload time' from advertiser_window where latest_upload is not null
union all
select advertiser_id, channel, 'history' from advertiser
where advertiser_id in (select advertiser_id from advertiser where channel = 'history')
union all
select advertiser_id, channel, 'response' from advertiser_window where has_response
union all
select distinct advertiser_id, channel, 'status line'
from status_line
join advertiser using (advertiser_id)
where date <= $as_of;
