/*---
title = "Each device and user is installed once"
severity = "required"
source = "App Events guide, installs: report one install a user only, deduplicated by id and by user. Judged are all installs of the log that Meta accepted; an id of zeros is nobody's"
why = "Each install more raises the count of installs and lowers the price of one; campaigns are steered by figures that are not there."
fix = "Remember the devices and users whose install was accepted, and send MOBILE_APP_INSTALL for the first one alone; send again only what was refused."
acts = "partner"
channel = ["app"]
unit = "share"
reports = []

[message]
pass = "Each of {n:count} accepted installs is the first of its device and of its user."
fail = "{affected:count} of {n:count} accepted installs ({value:share}) are not the first of their device ({by_device:count}) or of their user ({by_user:count}); the guide asks for one a user. The first of them was sent on {first_again:date}, the last on {last_again:date}."
"fail.undated" = "{affected:count} of {n:count} accepted installs ({value:share}) are not the first of their device ({by_device:count}) or of their user ({by_user:count}); the guide asks for one a user."
not_evaluable = "The log holds no accepted install of a device or user that is known, so there is nothing to judge."

[[case]]
name = "one install a device and user passes"
given.app_install = [{ request_id = 1, of_device = 1, of_user = 1 }, { request_id = 2, of_device = 1 }]
status = "pass"
n = 2
value = 0.0

[[case]]
name = "a second install of a device fails, with its date"
given.app_install = [{ request_id = 1, of_device = 1, sent_at = 1699920000 }, { request_id = 2, of_device = 2, sent_at = 1700006400 }]
status = "fail"
affected = 1
value = 0.5
message = "1 of 2 accepted installs (50.0 %) are not the first of their device (1) or of their user (0); the guide asks for one a user. The first of them was sent on 2023-11-15, the last on 2023-11-15."

[[case]]
name = "a second device of one user fails"
given.app_install = [{ request_id = 1, of_device = 1, of_user = 1, sent_at = 1699920000 }, { request_id = 2, of_device = 1, of_user = 2, sent_at = 1700006400 }]
status = "fail"
affected = 1

[[case]]
name = "without a time of sending there is no date"
given.app_install = [{ request_id = 1, of_device = 1 }, { request_id = 2, of_device = 2 }]
status = "fail"
message = "1 of 2 accepted installs (50.0 %) are not the first of their device (1) or of their user (0); the guide asks for one a user."

[[case]]
name = "no install leaves nothing to judge"
given.app_advertiser = [{ requests = 1 }]
status = "not_evaluable"
---*/
with counted as (
    select
        app_advertiser.advertiser_id,
        app_advertiser.channel,
        count(request_id) as n,
        count(*) filter (of_device > 1 or of_user > 1) as affected,
        count(*) filter (of_device > 1) as by_device,
        count(*) filter (of_user > 1) as by_user,
        min(sent_at) filter (of_device > 1 or of_user > 1) as first_again,
        max(sent_at) filter (of_device > 1 or of_user > 1) as last_again
    from app_advertiser
    left join app_install using (advertiser_id, channel)
    group by app_advertiser.advertiser_id, app_advertiser.channel
)
select
    *,
    affected / nullif(n, 0) as value,
    case when n > 0 then if(affected > 0, 2, 0) end as level,
    if(affected > 0 and first_again is null, 'undated', null) as reason
from counted
;
select
    app_install.advertiser_id,
    app_install.channel,
    if(of_device > 1, phrase('install {n:count} of its device', {'n': of_device}), phrase('install {n:count} of its user', {'n': of_user})) as cause,
    upload_time,
    app_install.app_id,
    path as file,
    line
from app_install
join (select request_id, file_id, line, upload_time from request) using (request_id)
join source_file using (file_id)
where of_device > 1 or of_user > 1
order by app_install.advertiser_id, app_install.channel, path, line
