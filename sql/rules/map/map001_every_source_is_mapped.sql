/*---
title = "Every source is mapped"
severity = "required"
source = "Partner guide: the lead id, the stage and its time are mapped for each CRM"
why = "A source of which no row can be read is missing from every figure, and most likely from what is sent too."
fix = "Look at the reasons (funnelcheck rows MAP001), then say which columns hold the lead id, the stage and its time: funnelcheck map FILE proposes a mapping."
acts = "partner"
unit = "rows"
channel = ["crm", "history"]
reports = []

[message]
"pass.none" = "No file is known to be this advertiser's log, so none lacks a mapping."
pass = "Every file of the log could be read, at least in part."
fail = "No row of {files_told} could be made out as an event or a stage of a lead ({affected:count} beside {loaded:count} that could)."

[[case]]
name = "a file with one row loaded passes"
given.log_file = [{ file_id = 1, path = "a.csv", rows_read = 100, loaded = 1, duplicates = 0, quarantined = 99 }]
given.advertiser_window = [{ events = 1 }]
status = "pass"
n = 1
affected = 0

[[case]]
name = "a file of nothing but what another held passes"
given.log_file = [{ file_id = 1, path = "a.csv", rows_read = 9, loaded = 0, duplicates = 1, quarantined = 8 }]
status = "pass"

[[case]]
name = "a file without any row passes"
given.log_file = [{ file_id = 1, path = "a.csv", rows_read = 0, loaded = 0, duplicates = 0, quarantined = 0 }]
status = "pass"

[[case]]
name = "a file of which no row could be read fails"
given.log_file = [{ file_id = 1, path = "a.csv", rows_read = 5, loaded = 5, duplicates = 0, quarantined = 0 }, { file_id = 2, path = "logs/b.csv", rows_read = 1, loaded = 0, duplicates = 0, quarantined = 1 }]
given.advertiser_window = [{ events = 5 }]
status = "fail"
value = 1
n = 6
affected = 1
message = "No row of b.csv could be made out as an event or a stage of a lead (1 beside 5 that could)."

[[case]]
name = "an advertiser of a lead list alone passes"
given.advertiser = [{ advertiser_id = "a" }]
status = "pass"
n = 0

[[case]]
name = "a history is judged as well"
channel = "history"
given.log_file = [{ file_id = 2, path = "b.csv", rows_read = 1, loaded = 0, duplicates = 0, quarantined = 1 }]
status = "fail"
---*/
with unread as (
    select
        advertiser_id,
        channel,
        count(*) as files,
        sum(quarantined)::bigint as rows,
        -- without its folder: where a file lies changes nothing of what is wrong with it
        min(regexp_replace(path, '^.*[/\\]', '')) as example
    from log_file
    where loaded = 0 and duplicates = 0 and quarantined > 0
    group by advertiser_id, channel
)
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    if(rows > 0, 2, 0) as level,
    coalesce(rows, 0) as value,
    events + coalesce(rows, 0) as n,
    coalesce(rows, 0) as affected,
    events as loaded,
    files,
    if(
        files > 1,
        plural(
            files - 1, '{file} and {n:count} more file', '{file} and {n:count} more files', {'file': example}
        ),
        phrase('{file}', {'file': example})
    ) as files_told,
    if(events + coalesce(rows, 0) = 0, 'none', null) as reason
from advertiser_window
left join unread using (advertiser_id, channel)
;
select
    log_file.advertiser_id,
    log_file.channel,
    log_file.path as file,
    log_file.kind,
    log_file.quarantined as rows,
    reason,
    count(*) as rows_with_reason,
    min(line) as first_line
from log_file
join quarantine using (file_id)
where loaded = 0 and duplicates = 0 and log_file.quarantined > 0
group by log_file.advertiser_id, log_file.channel, log_file.path, log_file.kind, log_file.quarantined, reason
order by log_file.advertiser_id, log_file.channel, log_file.path, rows_with_reason desc, reason
