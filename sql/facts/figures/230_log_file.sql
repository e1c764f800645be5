-- log_file: one row an advertiser and file of its log or history: one that its records came from, or one that a folder
-- gives it. A file of which no row could be read names no channel: it is one of what it was read as, else of the
-- only one that the advertiser has.
create or replace temp table log_file as
with held as (
    select advertiser_id, channel, file_id
    from (select distinct advertiser_no, file_id from coded_request)
    join advertiser_number using (advertiser_no)
), given as (
    select
        advertiser_id,
        channel,
        file_id,
        channel = if(kind = 'history', 'history', 'crm') as fits,
        count(*) over (partition by file_id, advertiser_id) as channels
    from source_file
    join advertiser on advertiser.advertiser_id = source_file.folder_owner
    where kind in ('events', 'history')
), owned as (
    from held
    union
    select advertiser_id, channel, file_id from given where fits or channels = 1
)
select advertiser_id, channel, file_id, path, kind, rows_read, loaded, duplicates, quarantined
from owned
join source_file using (file_id);
