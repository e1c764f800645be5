/*---
title = "A lead has one advertiser"
severity = "recommended"
source = "Derived: a lead is given to one advertiser's form, so no second one has it"
why = "A lead that stands under two advertisers teaches one of them from the other's customers, and counts in the rates of both."
fix = "Find out whose form the lead filled in, and stop sending it for the other advertiser; look for a mapping of folders, datasets or lists that mixes two customers."
acts = "partner"
unit = "leads"

[message]
"pass.nothing" = "No lead is known, so no other advertiser has one of them."
pass = "Leads that another advertiser has too: none of {n:count}."
warn = "Leads that another advertiser has too: {affected:count} of {n:count} (by number of leads: {names})."

[history]
not_evaluable = "Nothing was sent: leads are compared among advertisers that send."

[[case]]
name = "leads of one's own pass"
given.claimed_lead = [{ lead_id = "1" }, { lead_id = "2" }]
status = "pass"
n = 2
affected = 0

[[case]]
name = "a lead that another has too warns, and says who"
given.claimed_lead = [{ lead_id = "1" }, { lead_id = "2" }, { lead_id = "3" }]
given.shared_lead = [{ lead_id = "1", owners = ["a", "z"] }, { lead_id = "2", owners = ["a", "b", "z"] }]
status = "warn"
n = 3
value = 2
affected = 2
message = "Leads that another advertiser has too: 2 of 3 (by number of leads: z, b)."

[[case]]
name = "without a lead nobody shares one"
given.advertiser = [{ advertiser_id = "a" }]
status = "pass"
n = 0
---*/
with claimed as (
    select advertiser_id, channel, count(*) as n from claimed_lead group by advertiser_id, channel
), company as (
    -- leads with the same owners go together, so that pairs are made of groups and not of leads
    select advertiser_id, channel, owners, count(*) as leads
    from shared_lead
    group by advertiser_id, channel, owners
), pair as (
    select advertiser_id, channel, other, sum(leads)::bigint as leads
    from (select advertiser_id, channel, leads, unnest(owners) as other from company)
    where other <> advertiser_id
    group by advertiser_id, channel, other
), others as (
    select
        advertiser_id,
        channel,
        list({'advertiser_id': other, 'leads': leads} order by leads desc, other) as others
    from pair
    group by advertiser_id, channel
), affected as (
    select advertiser_id, channel, sum(leads)::bigint as affected from company group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    if(affected > 0, 1, 0) as level,
    coalesce(affected, 0) as value,
    coalesce(n, 0) as n,
    coalesce(affected, 0) as affected,
    others[:20] as others,
    array_to_string([left(one.advertiser_id, 24) for one in others[:3]], ', ') || if(len(others) > 3, ', …', '') as names,
    if(n is null, 'nothing', null) as reason
from advertiser
left join claimed using (advertiser_id, channel)
left join affected using (advertiser_id, channel)
left join others using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    lead_id,
    array_to_string(list_filter(owners, lambda one: one <> advertiser_id), ', ') as also_of
from shared_lead
order by advertiser_id, channel, lead_id
