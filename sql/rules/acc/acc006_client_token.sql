/*---
title = "The client's own token"
severity = "required"
source = "Partner guide, authentication, option 2: a system user token of the client"
why = "With this option the partner can send only with a token that the client has made, to the dataset that the client has named. Such a token sends and reads nothing, so what Events Manager shows must be looked up there."
fix = "In Events Manager, Settings, make a system user token and hand it to the partner over a safe way, with the dataset's id (pixel_id) and the business_id; then say so under [advertiser.NAME]. The token itself belongs into no configuration."
wait = "Ask the advertiser, then set system_user_token_made and identifiers_shared under [advertiser.NAME]; [partner] authentication says which option the app uses."
acts = "advertiser"
unit = "steps"
needs = ["authentication"]

[message]
pass = "The advertiser has made a system user token and shared pixel_id and business_id, as the configuration says."
"pass.unused" = "Not used: clients connect over Meta Business Extension (ACC005)."
fail = "Not attested of the advertiser: {missing:told}."
not_evaluable = "The configuration does not say how the app acts for its clients ([partner] authentication)."
"not_evaluable.unattested" = "The configuration does not say whether the advertiser made a system user token and shared pixel_id and business_id (system_user_token_made, identifiers_shared)."

[history]
not_evaluable = "Nothing was sent: access is judged beside what is sent."

[[case]]
name = "both steps pass"
given.partner_access = [{ authentication = "client-token" }]
given.advertiser_access = [{ system_user_token_made = true, identifiers_shared = true }]
status = "pass"
n = 2

[[case]]
name = "one of two is named"
given.partner_access = [{ authentication = "client-token" }]
given.advertiser_access = [{ system_user_token_made = true }]
status = "fail"
affected = 1
message = "Not attested of the advertiser: pixel_id and business_id shared (identifiers_shared)."

[[case]]
name = "what is said to be undone fails"
given.partner_access = [{ authentication = "client-token" }]
given.advertiser_access = [{ system_user_token_made = false, identifiers_shared = false }]
status = "fail"
affected = 2

[[case]]
name = "where nothing is said of the advertiser it cannot be told"
given.partner_access = [{ authentication = "client-token" }]
given.advertiser_access = [{ business_id = "1" }]
status = "not_evaluable"

[[case]]
name = "with the other option it is not used"
given.partner_access = [{ authentication = "mbe" }]
status = "pass"

[[case]]
name = "where no option is named it cannot be told"
given.advertiser_access = [{ system_user_token_made = true, identifiers_shared = true }]
status = "not_evaluable"
---*/
with attested as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        authentication,
        coalesce(system_user_token_made, identifiers_shared) is not null as is_told,
        coalesce(system_user_token_made, false) as has_token,
        coalesce(identifiers_shared, false) as has_identifiers
    from advertiser
    left join advertiser_access using (advertiser_id)
    left join partner_access on true
), counted as (
    select
        *,
        authentication = 'client-token' and is_told as is_judged,
        if(is_judged, (not has_token)::integer + (not has_identifiers)::integer, 0) as undone
    from attested
)
select
    advertiser_id,
    channel,
    case
        when authentication = 'mbe' then 0
        when is_judged then if(undone = 0, 0, 2)
    end as level,
    undone as value,
    if(is_judged, 2, 0) as n,
    undone as affected,
    joined(
        [
            if(has_token, null, phrase('system user token made (system_user_token_made)')),
            if(has_identifiers, null, phrase('pixel_id and business_id shared (identifiers_shared)'))
        ],
        '; '
    ) as missing,
    case when authentication = 'mbe' then 'unused' when authentication is not null and not is_told then 'unattested' end
        as reason
from counted
