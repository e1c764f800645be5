/*---
title = "A server names the device's address"
severity = "required"
source = "App Events guide, X-Forwarded-For: required for requests of a server, with the device's IPv4 or IPv6 address. That one address for more than 90 % of devices is the server's own is ours"
why = "Without it Meta takes the server's address for the device's: place and device are wrong, and advertiser_id is paired with an address that is not its."
fix = "Send X-Forwarded-For with the address from which the device reached you, with every request; not your server's or your network's own."
acts = "partner"
wait = "Log the headers of the requests, and say with server_to_server in the configuration whether a server sends them."
channel = ["app"]
at = ["/headers/X-Forwarded-For", "/headers", ""]
unit = "share"
needs = ["headers"]
reports = ["max_faulty_share"]
bad = '{"headers": {"X-Forwarded-For": "unknown"}}'
good = '{"headers": {"X-Forwarded-For": "8.8.4.4"}}'

[message]
pass = "All of {n:count} App Events requests of the last four weeks name the device's address in X-Forwarded-For."
"pass.device" = "Devices send their App Events themselves, as the configuration says, so no X-Forwarded-For is needed."
warn = "{affected:count} of {n:count} App Events requests of the last four weeks name no address of a device in X-Forwarded-For; {warned:count} more name one of a private network, which tells Meta nothing."
fail = "{affected:count} of {n:count} App Events requests of the last four weeks ({value:share}) name no address of a device in X-Forwarded-For; {allowed:share} is the most allowed."
"fail.own" = "{behind:count} of {devices:count} devices of the last four weeks stand behind one address in X-Forwarded-For: that is the server's own, not theirs. {affected:count} of {n:count} requests ({value:share}) name that, or no address of a device."
not_evaluable = "The log holds no headers, so it cannot be told whether the server names the device's address in X-Forwarded-For."
"not_evaluable.unknown" = "It is not known whether a server or the devices themselves send these App Events; only a server must name the device's address in X-Forwarded-For."

[thresholds]
max_devices_behind_one = 0.9

[origin]
max_devices_behind_one = "ours"

[[case]]
name = "an address for each passes"
given.app_advertiser = [{ is_server = true }]
given.recent_activity = [
  { request_id = 1, has_headers = true, forwarded_form = "ipv4", forwarded_digest = "a" },
  { request_id = 2, has_headers = true, forwarded_form = "ipv6", forwarded_digest = "b" },
]
status = "pass"
n = 2

[[case]]
name = "no address fails"
given.app_advertiser = [{ is_server = true }]
given.recent_activity = [{ request_id = 1, has_headers = true }]
status = "fail"
affected = 1

[[case]]
name = "what is no address fails"
given.app_advertiser = [{ is_server = true }]
given.recent_activity = [{ request_id = 1, has_headers = true, forwarded_form = "other" }]
status = "fail"

[[case]]
name = "an address of a private network warns"
given.app_advertiser = [{ is_server = true }]
given.recent_activity = [{ request_id = 1, has_headers = true, forwarded_form = "private", forwarded_digest = "a" }]
status = "warn"
warned = 1

[[case]]
name = "one address for all of ten devices fails"
given.app_advertiser = [{ is_server = true }]
given.recent_activity = [{ request_id = 1, has_headers = true, forwarded_form = "ipv4", forwarded_digest = "a" }]
given.app_address = [{ forwarded_digest = "a", devices = 10, all_devices = 10 }]
status = "fail"
affected = 1
message = "10 of 10 devices of the last four weeks stand behind one address in X-Forwarded-For: that is the server's own, not theirs. 1 of 1 requests (100 %) name that, or no address of a device. Cause: one address for nearly all devices (1)."

[[case]]
name = "one address for nine of ten devices passes"
given.app_advertiser = [{ is_server = true }]
given.recent_activity = [{ request_id = 1, has_headers = true, forwarded_form = "ipv4", forwarded_digest = "a" }]
given.app_address = [{ forwarded_digest = "a", devices = 9, all_devices = 10 }, { forwarded_digest = "b", devices = 1, all_devices = 10 }]
status = "pass"

[[case]]
name = "one address for all of nine devices tells nothing"
given.app_advertiser = [{ is_server = true }]
given.recent_activity = [{ request_id = 1, has_headers = true, forwarded_form = "ipv4", forwarded_digest = "a" }]
given.app_address = [{ forwarded_digest = "a", devices = 9, all_devices = 9 }]
status = "pass"

[[case]]
name = "a device needs none"
given.app_advertiser = [{ is_server = false, server_to_server = false }]
given.recent_activity = [{ request_id = 1, has_headers = true }]
status = "pass"
n = 0

[[case]]
name = "who sends is not known"
given.app_advertiser = [{ is_server = false }]
given.recent_activity = [{ request_id = 1, has_headers = true }]
status = "not_evaluable"
message = "It is not known whether a server or the devices themselves send these App Events; only a server must name the device's address in X-Forwarded-For."

[[case]]
name = "a log without headers does not tell"
given.app_advertiser = [{ is_server = true, server_to_server = true }]
given.recent_activity = [{ request_id = 1, has_headers = false }]
status = "not_evaluable"
message = "The log holds no headers, so it cannot be told whether the server names the device's address in X-Forwarded-For."
---*/
with own as (
    select advertiser_id, channel, forwarded_digest, devices, all_devices
    from app_address
    where all_devices >= $min_units and devices > $max_devices_behind_one * all_devices
), sent as (
    select
        advertiser_id,
        channel,
        case
            when forwarded_form is null then 'missing'
            when forwarded_form = 'other' then 'invalid'
            when devices is not null then 'own'
            when forwarded_form = 'private' then 'private'
        end as fault
    from recent_activity
    left join own using (advertiser_id, channel, forwarded_digest)
    where has_headers
), counted as (
    select
        app_advertiser.advertiser_id,
        app_advertiser.channel,
        any_value(server_to_server) as server_to_server,
        bool_or(is_server) as is_server,
        count(sent.advertiser_id) as n,
        count(*) filter (fault = 'missing') as missing,
        count(*) filter (fault = 'invalid') as invalid,
        count(*) filter (fault = 'own') as own,
        count(*) filter (fault = 'private') as warned
    from app_advertiser
    left join sent
        on is_server and sent.advertiser_id = app_advertiser.advertiser_id and sent.channel = app_advertiser.channel
    group by app_advertiser.advertiser_id, app_advertiser.channel
), summed as (
    select *, missing + invalid + own as affected from counted
)
select
    summed.*,
    affected / nullif(n, 0) as value,
    own.devices as behind,
    own.all_devices as devices,
    case
        when not is_server then if(not server_to_server, 0, null)
        when n > 0 and own.devices is not null then 2
        else fault_level(affected, warned, n, $min_units, $max_faulty_share, $max_faulty_share_small)
    end as level,
    $max_faulty_share as allowed,
    case
        when is_server then if(own.devices is not null, 'own', null)
        when not server_to_server then 'device'
        else 'unknown'
    end as reason,
    list_filter(
        [
            {'cause': phrase('no X-Forwarded-For'), 'events': missing},
            {'cause': phrase('what is no IPv4 or IPv6 address'), 'events': invalid},
            {'cause': phrase('one address for nearly all devices'), 'events': summed.own},
            {'cause': phrase('an address of a private network'), 'events': warned}
        ],
        lambda one: one['events'] > 0
    ) as causes
from summed
left join own using (advertiser_id, channel)
;
with own as (
    select advertiser_id, channel, forwarded_digest, devices
    from app_address
    where all_devices >= $min_units and devices > $max_devices_behind_one * all_devices
)
select
    advertiser_id,
    channel,
    if(forwarded_form = 'private' and devices is null, phrase('warning'), phrase('fault')) as found,
    case
        when forwarded_form is null then phrase('no X-Forwarded-For')
        when forwarded_form = 'other' then phrase('what is no IPv4 or IPv6 address')
        when devices is not null then phrase('one address for nearly all devices')
        else phrase('an address of a private network')
    end as cause,
    upload_time,
    recent_activity.app_id,
    path as file,
    line
from recent_activity
join (select advertiser_id from app_advertiser where is_server) using (advertiser_id)
left join own using (advertiser_id, channel, forwarded_digest)
join source_file using (file_id)
where has_headers
    and (forwarded_form is null or forwarded_form in ('other', 'private') or devices is not null)
order by found, advertiser_id, channel, path, line
