/*---
title = "Permissions of the app"
severity = "required"
source = "Partner guide, prerequisites: five permissions with advanced access, and Ads Management Standard Access; the order is that of Meta's page of May 2026. That ads_read stands before ads_management is ours"
why = "Without one of these the app cannot read a client's leads, pages and ad accounts, or send for it."
fix = "Ask for what is missing in App Review, in the order in which it is named, each with a written reason and a screen recording of its use; when Meta has granted it, add it to permissions under [partner]."
wait = "Look in the app's dashboard, App Review, Permissions and features; then set permissions = [...] and ads_management_standard_access = true under [partner]."
acts = "partner"
unit = "permissions"
needs = ["permissions"]

[message]
pass = "All of {n:count} permissions are attested."
fail = "Of {n:count} permissions of the app these are not attested: {missing:told}; ask for them in this order."
not_evaluable = "No log tells which permissions the app has; the configuration names none ([partner] permissions, ads_management_standard_access)."

[history]
not_evaluable = "Nothing was sent: access is judged beside what is sent."

[[case]]
name = "all of them pass"
given.partner_access = [{ standard_access = true, permissions = ["ads_management", "pages_read_engagement", "ads_read", "pages_show_list", "business_management"] }]
status = "pass"
n = 6

[[case]]
name = "more than are needed pass too, in any case"
given.partner_access = [{ standard_access = true, permissions = ["ADS_MANAGEMENT", "pages_read_engagement ", "ads_read", "pages_show_list", "business_management", "leads_retrieval"] }]
status = "pass"

[[case]]
name = "what is missing is named in the order in which to ask for it"
given.partner_access = [{ standard_access = true, permissions = ["pages_show_list", "ads_read"] }]
status = "fail"
affected = 3
message = "Of 6 permissions of the app these are not attested: business_management, pages_read_engagement, ads_management; ask for them in this order."

[[case]]
name = "permissions without standard access are not all"
given.partner_access = [{ permissions = ["ads_management", "pages_read_engagement", "ads_read", "pages_show_list", "business_management"] }]
status = "fail"
affected = 1

[[case]]
name = "standard access without permissions is not all"
given.partner_access = [{ standard_access = true }]
status = "fail"
affected = 5

[[case]]
name = "where the configuration is silent it cannot be told"
given.partner_access = [{ authentication = "mbe" }]
status = "not_evaluable"
---*/
with asked as (
    select *
    from (values
        (1, 'business_management'),
        (2, 'pages_show_list'),
        (3, 'pages_read_engagement'),
        (4, 'ads_read'),
        (5, 'ads_management'),
        (6, 'Ads Management Standard Access')
    ) as asked (place, name)
), attested as (
    select
        list_transform(coalesce(permissions, []), lambda name: lower(trim(name))) as names,
        coalesce(standard_access, false) as standard_access
    from partner_access
    where permissions is not null or standard_access is not null
), compared as (
    select
        count(*) as n,
        string_agg(name, ', ' order by place) filter (not has_it) as missing,
        count(*) filter (not has_it) as affected
    from (
        select *, if(place = 6, standard_access, list_contains(names, name)) as has_it from asked cross join attested
    )
)
select
    advertiser_id,
    channel,
    case when n > 0 then if(affected = 0, 0, 2) end as level,
    affected as value,
    n,
    affected,
    missing
from advertiser
cross join compared
