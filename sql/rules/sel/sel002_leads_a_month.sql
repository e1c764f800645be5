/*---
title = "Enough leads a month"
severity = "required"
source = "Partner guide, choosing advertisers: 200 leads a month since 2026, 250 in texts of the six-step edition's time. That the thirty days up to the day of judgement decide, without organic and test leads, is ours"
why = "Meta learns from examples; an advertiser with few leads has too few of them within the time that learning takes."
fix = "Raise the budget of its lead ads, or gather its forms in one campaign, until the month has enough leads; else choose another advertiser."
takes = "a month and more: thirty days of leads have to come in"
wait = "Bring a list of all its leads up to today, as Meta gives it (webhook, Graph API or download), or their number by day."
acts = "advertiser"
unit = "leads"
needs = ["lead list or daily counts"]

[message]
pass = "{value:count} leads in the {volume_days:count} days up to {as_of:date}; {min_leads:count} are asked for.{organic_told:told}{months_told:told}"
fail = "Only {value:count} leads in the {volume_days:count} days up to {as_of:date}; {min_leads:count} are asked for.{organic_told:told}{months_told:told}"
"fail.answered" = "By its own answer it has {value:count} leads a month; {min_leads:count} are asked for."
"undecided.stale" = "The list ends on {list_end:date}: in the {volume_days:count} days up to then it holds {leads_at_end:count} leads, in those up to {as_of:date} {value:count}; {min_leads:count} are asked for. Leads have stopped, or a newer list is needed.{months_told:told}"
"undecided.others" = "{value:count} leads in the {volume_days:count} days up to {as_of:date} are Meta's for sure, {others:count} more are known from the CRM's history alone and may have come from elsewhere; {min_leads:count} are asked for."
not_evaluable = "How many leads it has is not known: there is no list of its leads and no count of them by day."
"not_evaluable.answered" = "By its own answer it has {answered:count} leads a month, where {min_leads:count} are asked for; no list of leads shows it yet."

[thresholds]
min_leads = 250

[guide."2026-05"]
min_leads = 200

[[case]]
name = "250 leads in thirty days are enough"
given.lead_volume = [{ leads = 250 }]
status = "pass"
value = 250

[[case]]
name = "249 are one too few"
given.lead_volume = [{ leads = 249 }]
status = "fail"
affected = 1

[[case]]
name = "200 are enough since 2026"
guide = "2026-05"
given.lead_volume = [{ leads = 200 }]
status = "pass"

[[case]]
name = "199 are one too few since 2026"
guide = "2026-05"
given.lead_volume = [{ leads = 199 }]
status = "fail"

[[case]]
name = "organic leads do not count"
given.lead_volume = [{ leads = 249, organic = 100 }]
status = "fail"
message = "Only 249 leads in the 30 days up to 2023-11-14; 250 are asked for. 100 organic leads beside them do not count."

[[case]]
name = "a list that had enough where it ends is too old to fail"
given.lead_volume = [{ leads = 0, leads_at_end = 300, list_end = 1697000000 }]
given.input_present = [{ input = "lead list or daily counts" }]
status = "undecided"

[[case]]
name = "one that had not is not"
given.lead_volume = [{ leads = 0, leads_at_end = 249, list_end = 1697000000 }]
status = "fail"

[[case]]
name = "a list that ends today says all that there is"
given.lead_volume = [{ leads = 249, leads_at_end = 250, list_end = 1699990000 }]
status = "fail"

[[case]]
name = "leads that only the CRM knows of may not be Meta's"
given.lead_volume = [{ leads = 200, others = 50 }]
given.input_present = [{ input = "lead list or daily counts" }]
status = "undecided"

[[case]]
name = "an answer below what is asked for is enough to fail"
given.answer = [{ leads_a_month = 249 }]
status = "fail"
value = 249

[[case]]
name = "an answer above it is not enough to pass"
given.answer = [{ leads_a_month = 250 }]
status = "not_evaluable"

[[case]]
name = "a list without a lead of the thirty days fails"
given.lead_volume = [{ leads = 0, leads_at_end = 0 }]
status = "fail"

[[case]]
name = "without a list it cannot be told"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with judged as (
    select
        applicant.*,
        lead_volume.* exclude (advertiser_id),
        months,
        fewest,
        weakest_month,
        latest_leads,
        latest_month,
        leads_a_month as answered,
        $as_of - list_end > 86400 and leads_at_end >= $min_leads as is_stale
    from applicant
    left join lead_volume using (advertiser_id)
    left join month_volume using (advertiser_id)
    left join answer using (advertiser_id)
)
select
    advertiser_id,
    channel,
    case
        when leads is null then if(answered < $min_leads, 2, null)
        when leads >= $min_leads then 0
        when leads + coalesce(others, 0) >= $min_leads or is_stale then null
        else 2
    end as level,
    coalesce(leads, floor(answered)::bigint) as value,
    coalesce(leads + coalesce(organic, 0), 0) as n,
    greatest($min_leads - coalesce(leads, floor(answered)), 0)::bigint as affected,
    case
        when leads is null then if(answered is not null, 'answered', null)
        when leads >= $min_leads then null
        when leads + coalesce(others, 0) >= $min_leads then 'others'
        when is_stale then 'stale'
    end as reason,
    answered,
    organic,
    tests,
    others,
    leads_at_end,
    list_end,
    months,
    $as_of as as_of,
    $volume_days as volume_days,
    if(
        organic > 0,
        plural(
            organic,
            ' {n:count} organic lead beside them does not count.', ' {n:count} organic leads beside them do not count.'
        ),
        phrase('')
    ) as organic_told,
    if(
        months > 0,
        plural(
            months,
            ' In its full month, {weakest}, it had {fewest:count}.',
            ' Of {n:count} full months the weakest was {weakest} with {fewest:count}, the latest {latest} with {latest_leads:count}.',
            {'weakest': weakest_month, 'fewest': fewest, 'latest': latest_month, 'latest_leads': latest_leads}
        ),
        phrase('')
    ) as months_told
from judged
