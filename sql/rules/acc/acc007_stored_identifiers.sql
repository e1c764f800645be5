/*---
title = "Identifiers are stored"
severity = "required"
source = "Partner guide, authentication: store pixel_id (the dataset), business_id and, with Meta Business Extension, external_business_id of each client"
why = "Each of them is needed to send for the client and to find its dataset again when something is to be mended."
fix = "Store what is missing with the client's record, as text of digits, and repeat it under [advertiser.NAME]; never a token."
wait = "Set business_id under [advertiser.NAME], with Meta Business Extension external_business_id too, and dataset_id where no log names the dataset."
acts = "partner"
unit = "identifiers"
needs = ["business_id"]

[message]
pass = "All of {n:count} identifiers are there."
fail = "Of {n:count} identifiers of the advertiser something is amiss with {affected:count}: {faults:told}."
not_evaluable = "The configuration names no identifier of the advertiser (dataset_id, business_id, external_business_id)."

[history]
not_evaluable = "Nothing was sent: access is judged beside what is sent."

[[case]]
name = "a dataset of the log and a business pass"
given.advertiser = [{ dataset_id = "1202835294530000" }]
given.advertiser_access = [{ business_id = "2202835294530000" }]
status = "pass"
n = 2

[[case]]
name = "a dataset that only the configuration names passes"
given.advertiser_access = [{ business_id = "2202835294530000", dataset_id = "1202835294530000" }]
status = "pass"

[[case]]
name = "with Meta Business Extension the client's own id is needed too"
given.partner_access = [{ authentication = "mbe" }]
given.advertiser = [{ dataset_id = "1202835294530000" }]
given.advertiser_access = [{ business_id = "2202835294530000" }]
status = "fail"
n = 3
affected = 1
message = "Of 3 identifiers of the advertiser something is amiss with 1: external_business_id is missing."

[[case]]
name = "the client's own id may be any text"
given.partner_access = [{ authentication = "mbe" }]
given.advertiser = [{ dataset_id = "1202835294530000" }]
given.advertiser_access = [{ business_id = "2202835294530000", external_business_id = "client-7" }]
status = "pass"

[[case]]
name = "anything but digits is no identifier of Meta's"
given.advertiser = [{ dataset_id = "1202835294530000" }]
given.advertiser_access = [{ business_id = "2.2E+15" }]
status = "fail"
affected = 1

[[case]]
name = "a dataset that nothing names is missing"
given.advertiser_access = [{ business_id = "2202835294530000" }]
status = "fail"
affected = 1

[[case]]
name = "where the configuration names none it cannot be told"
given.advertiser = [{ dataset_id = "1202835294530000" }]
given.advertiser_access = [{ identifiers_shared = true }]
status = "not_evaluable"
---*/
with stored as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        coalesce(own.dataset_id, advertiser.dataset_id) as dataset_id,
        own.business_id,
        own.external_business_id,
        coalesce(authentication = 'mbe', false) as is_mbe,
        coalesce(own.dataset_id, own.business_id, own.external_business_id) is not null as is_told
    from advertiser
    left join advertiser_access as own using (advertiser_id)
    left join partner_access on true
), faulty as (
    select
        *,
        -- what stands there may be a token put into the wrong place: it is not repeated
        case
            when dataset_id is null then phrase('dataset_id is missing')
            when not regexp_full_match(dataset_id, '[0-9]+') then phrase('dataset_id holds more than digits')
        end as dataset_fault,
        case
            when business_id is null then phrase('business_id is missing')
            when not regexp_full_match(business_id, '[0-9]+') then phrase('business_id holds more than digits')
        end as business_fault,
        if(is_mbe and external_business_id is null, phrase('external_business_id is missing'), null) as external_fault,
        (dataset_fault is not null)::integer + (business_fault is not null)::integer
            + (external_fault is not null)::integer as faults_found
    from stored
)
select
    advertiser_id,
    channel,
    case when is_told then if(faults_found = 0, 0, 2) end as level,
    faults_found as value,
    if(is_mbe, 3, 2) as n,
    faults_found as affected,
    joined([dataset_fault, business_fault, external_fault], '; ') as faults
from faulty
