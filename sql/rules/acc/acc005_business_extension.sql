/*---
title = "Meta Business Extension is set up"
severity = "required"
source = "Partner guide, authentication, option 1: Meta Business Extension"
why = "With this option each client connects in a window of Meta's, and the partner gets its identifiers and a token without anybody copying them; it works only when all of it is set up."
fix = "Do what is missing; manage_business_extension is granted by Meta's representative on request. Then say so under [partner]."
wait = "Say under [partner] which option the app uses: authentication = \"mbe\" or \"client-token\"."
acts = "partner"
unit = "steps"
needs = ["authentication"]

[message]
pass = "Meta Business Extension: all of {n:count} steps are attested."
"pass.unused" = "Not used: the app acts for its clients with their own system user tokens (ACC006)."
fail = "Meta Business Extension: of {n:count} steps these are not attested: {missing:told}."
not_evaluable = "The configuration does not say how the app acts for its clients ([partner] authentication)."

[history]
not_evaluable = "Nothing was sent: access is judged beside what is sent."

[[case]]
name = "all steps pass"
given.partner_access = [{ authentication = "mbe", manage_business_extension = true, mbe_channel = "CONVERSIONS_API", mbe_webhook = true, mbe_approved = true, mbe_token_exchanged = true }]
status = "pass"
n = 5

[[case]]
name = "one that is not attested is named"
given.partner_access = [{ authentication = "mbe", manage_business_extension = true, mbe_channel = "CONVERSIONS_API", mbe_webhook = true, mbe_approved = false, mbe_token_exchanged = true }]
status = "fail"
affected = 1
message = "Meta Business Extension: of 5 steps these are not attested: approval of the extension by Meta (mbe_approved)."

[[case]]
name = "another channel is none"
given.partner_access = [{ authentication = "mbe", manage_business_extension = true, mbe_channel = "COMMERCE", mbe_webhook = true, mbe_approved = true, mbe_token_exchanged = true }]
status = "fail"
affected = 1

[[case]]
name = "the option alone attests none"
given.partner_access = [{ authentication = "mbe" }]
status = "fail"
affected = 5
message = "Meta Business Extension: of 5 steps these are not attested: permission manage_business_extension granted (manage_business_extension); channel CONVERSIONS_API (mbe_channel); webhook that receives Meta's messages (mbe_webhook); approval of the extension by Meta (mbe_approved); token exchanged for a system user token (mbe_token_exchanged)."

[[case]]
name = "with the other option it is not used"
given.partner_access = [{ authentication = "client-token" }]
status = "pass"

[[case]]
name = "where no option is named it cannot be told"
given.partner_access = [{ standard_access = true }]
status = "not_evaluable"
---*/
with step as (
    select
        authentication,
        unnest([
            {
                'place': 1, 'is_done': manage_business_extension,
                'name': phrase('permission manage_business_extension granted (manage_business_extension)')
            },
            {
                'place': 2, 'is_done': upper(trim(mbe_channel)) = 'CONVERSIONS_API',
                'name': if(
                    mbe_channel is null,
                    phrase('channel CONVERSIONS_API (mbe_channel)'),
                    phrase('channel CONVERSIONS_API (mbe_channel), not {other}', {'other': left(mbe_channel, 40)})
                )
            },
            {
                'place': 3, 'is_done': mbe_webhook,
                'name': phrase('webhook that receives Meta''s messages (mbe_webhook)')
            },
            {'place': 4, 'is_done': mbe_approved, 'name': phrase('approval of the extension by Meta (mbe_approved)')},
            {
                'place': 5, 'is_done': mbe_token_exchanged,
                'name': phrase('token exchanged for a system user token (mbe_token_exchanged)')
            }
        ]) as s
    from partner_access
    where authentication is not null
), compared as (
    select
        bool_or(authentication = 'mbe') as is_used,
        count(*) as n,
        joined(list(s.name order by s.place) filter (s.is_done is not true), '; ') as missing,
        count(*) filter (s.is_done is not true) as affected
    from step
)
select
    advertiser_id,
    channel,
    case when not is_used or is_used and affected = 0 then 0 when is_used then 2 end as level,
    if(is_used, affected, 0) as value,
    if(is_used, n, 0) as n,
    if(is_used, affected, 0) as affected,
    missing,
    if(not is_used, 'unused', null) as reason
from advertiser
cross join compared
