-- lead_file: one row an advertiser and file that its lead list came from, up to as_of: its rows, and whether it looks like
-- a download, a table made by hand or by a page, and not like what a webhook or the API delivers.
create or replace temp table lead_file as
select
    advertiser_id,
    file_id,
    path,
    count(*) as rows,
    regexp_matches(lower(path), '\.(csv|tsv|xlsx)(\.(gz|zst))?$') as is_download
from lead
join source_file using (file_id)
where advertiser_id is not null and created_time <= $as_of
group by advertiser_id, file_id, path;
