/*---
title = "An app has at most 1,000 names of events"
severity = "required"
source = "App Events guide: up to 1,000 different names; once they are used up no new one is taken (error 100). That 900 is close to it is ours"
why = "Meta takes no further name from an app that has used up its thousand: new events are refused with error 100, however right they are."
fix = "Put what varies (a level, an article, a date) into a parameter, and keep one name for what happened. Deactivate names that are no longer sent in Events Manager, which gives their places back."
acts = "partner"
channel = ["app"]
origin = { max_names = "App Events guide", warn_from = "ours" }
unit = "names"
bad = '[{"_eventName": "Level Achieved 1"}, {"_eventName": "Level Achieved 2"}]'
good = '[{"_eventName": "fb_mobile_level_achieved", "fb_level": "1"}, {"_eventName": "fb_mobile_level_achieved", "fb_level": "2"}]'

[message]
"pass.nothing" = "No event with a name was sent, so that none of the {max_names:count} names is used up."
pass = "{app_told} uses {value:count} names of events in the whole log; {max_names:count} are the most."
warn = "{app_told} uses {value:count} names of events in the whole log and comes close to {max_names:count}, the most that Meta takes."
"warn.families" = "{app_told} uses {value:count} names of events in the whole log and comes close to {max_names:count}, the most that Meta takes. {families_told:told}"
fail = "{app_told} uses {value:count} names of events in the whole log, {affected:count} more than the {max_names:count} that Meta takes: the newest are refused."
"fail.families" = "{app_told} uses {value:count} names of events in the whole log, {affected:count} more than the {max_names:count} that Meta takes: the newest are refused. {families_told:told}"

[thresholds]
max_names = 1000
warn_from = 900

[[case]]
name = "899 names pass"
given.app_name_count = [{ app_id = "77", names = 899, families = 0, saved = 0 }]
status = "pass"
value = 899
affected = 0
subject = "77"

[[case]]
name = "900 are close"
given.app_name_count = [{ app_id = "77", names = 900, families = 0, saved = 0 }]
status = "warn"
message = "App 77 uses 900 names of events in the whole log and comes close to 1,000, the most that Meta takes."

[[case]]
name = "1,000 do not fail"
given.app_name_count = [{ app_id = "77", names = 1000, families = 1, family_names = 2, saved = 1, largest = { first_name = "Level 1", last_name = "Level 2", names = 2 } }]
status = "warn"
affected = 0
message = "App 77 uses 1,000 names of events in the whole log and comes close to 1,000, the most that Meta takes. 2 names differ from another by their digits alone, like “Level 1” and “Level 2”: a parameter for the number would save 1 name."

[[case]]
name = "1,001 fail"
given.app_name_count = [{ app_id = "77", names = 1001, families = 2, family_names = 500, saved = 498, largest = { first_name = "Level 1", last_name = "Level 9", names = 400 } }]
status = "fail"
value = 1001
affected = 1
message = "App 77 uses 1,001 names of events in the whole log, 1 more than the 1,000 that Meta takes: the newest are refused. 500 names differ from another by their digits alone, like “Level 1” and “Level 9”: a parameter for the number would save 498 names."

[[case]]
name = "apps are counted apart, and the worst is told"
given.app_name_count = [{ app_id = "77", names = 900, saved = 0 }, { app_id = "78", names = 901, saved = 0 }, { names = 3, saved = 0 }]
status = "warn"
value = 901
subject = "78"

[[case]]
name = "no name at all"
given.app_advertiser = [{ requests = 1 }]
status = "pass"
value = 0
n = 0
---*/
with gathered as (
    select
        advertiser_id,
        list(app_name_count order by names desc, app_id) as listed,
        listed[1].app_id as app,
        listed[1].names as names,
        listed[1].saved as saved,
        listed[1].largest as largest
    from app_name_count
    group by advertiser_id
)
select
    app_advertiser.advertiser_id,
    channel,
    app as subject,
    case when names > $max_names then 2 when names >= $warn_from then 1 else 0 end as level,
    coalesce(names, 0) as value,
    coalesce(names, 0) as n,
    greatest(coalesce(names, 0) - $max_names, 0)::bigint as affected,
    if(app is null, phrase('An app without an id'), phrase('App {app}', {'app': app})) as app_told,
    list_transform(listed[:20], lambda one: {'app_id': one.app_id, 'names': one.names, 'saved': one.saved}) as names_of_apps,
    largest,
    plural(
        saved,
        '{names:count} names differ from another by their digits alone, like {first:quoted} and {last:quoted}: a parameter for the number would save {n:count} name.',
        '{names:count} names differ from another by their digits alone, like {first:quoted} and {last:quoted}: a parameter for the number would save {n:count} names.',
        {'names': listed[1].family_names, 'first': largest.first_name, 'last': largest.last_name}
    ) as families_told,
    case when names is null then 'nothing' when saved > 0 and names >= $warn_from then 'families' end as reason
from app_advertiser
left join gathered using (advertiser_id)
;
select
    advertiser_id,
    'app' as channel,
    app_id,
    event_name,
    events,
    last_sent,
    -- the names that went unused longest are the first that can go
    count(*) over (partition by advertiser_id, app_id, regexp_replace(event_name, '[0-9]+', '#', 'g')) - 1 as alike
from app_event_name
semi join (select advertiser_id, coalesce(app_id, '') as app from app_name_count where names >= $warn_from) as crowded
    on crowded.advertiser_id = app_event_name.advertiser_id and crowded.app = coalesce(app_event_name.app_id, '')
order by advertiser_id, app_id, last_sent nulls first, event_name
