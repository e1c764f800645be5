/*---
title = "Lead ids keep all their digits"
severity = "required"
source = "Meta, how to find the lead id (15 to 17 digits, read it as text). A spreadsheet keeps 15 digits and a double 53 bits; the tests on last digits are ours"
why = "A lead id that went through a spreadsheet or a number with a decimal point has lost its last digits for good: it is another number, and matches no lead or the wrong one."
fix = "Keep lead ids as text from the download to the payload: format the column as text in the spreadsheet, read it as text in the program. Download the ids anew; what is lost cannot be worked out."
acts = "partner"
wait = "Send the lead_id with each event."
unit = "share"
reports = []
origin = { min_distinct = "ours", max_zero_share = "ours", min_even = "ours" }
bad = '{"user_data": {"lead_id": 10623693599458476}}'
good = '{"user_data": {"lead_id": "10623693599458477"}}'

[message]
pass = "None of {n:count} lead ids of the last four weeks shows lost digits."
warn = "{n:count} lead ids of the last four weeks look as if they had lost digits: {told}."
fail = "{affected:count} of {n:count} lead ids of the last four weeks ({value:share}) have lost digits: {told}."
not_evaluable = "No event of the last four weeks carries a lead_id."

[thresholds]
min_distinct = 20
max_zero_share = 0.5
min_even = 10

[[case]]
name = "ids as Meta gives them pass"
given.lead_id_digits = [{ ids = 100, floats = 0, ids_16 = 90, zeros_16 = 9, ids_17 = 10, zeros_17 = 0, large_17 = 10, odd_17 = 5, odd = 5 }]
status = "pass"
value = 0.0
n = 100

[[case]]
name = "one decimal or exponent fails"
given.lead_id_digits = [{ ids = 100, floats = 1, ids_16 = 99, zeros_16 = 9, ids_17 = 0, zeros_17 = 0, large_17 = 0, odd_17 = 0, odd = 0 }]
status = "fail"
affected = 1

[[case]]
name = "more than half of twenty ids of 16 digits end in 0: a spreadsheet"
given.lead_id_digits = [{ ids = 20, floats = 0, ids_16 = 20, zeros_16 = 11, ids_17 = 0, zeros_17 = 0, large_17 = 0, odd_17 = 0, odd = 0 }]
status = "fail"
affected = 11

[[case]]
name = "half of them may"
given.lead_id_digits = [{ ids = 20, floats = 0, ids_16 = 20, zeros_16 = 10, ids_17 = 0, zeros_17 = 0, large_17 = 0, odd_17 = 0, odd = 0 }]
status = "pass"

[[case]]
name = "nineteen are too few to tell"
given.lead_id_digits = [{ ids = 19, floats = 0, ids_16 = 19, zeros_16 = 19, ids_17 = 0, zeros_17 = 0, large_17 = 0, odd_17 = 0, odd = 0 }]
status = "pass"

[[case]]
name = "more than half of twenty ids of 17 digits end in 00: a spreadsheet"
given.lead_id_digits = [{ ids = 20, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 20, zeros_17 = 11, large_17 = 20, odd_17 = 9, odd = 9 }]
status = "fail"
affected = 11

[[case]]
name = "half of those may"
given.lead_id_digits = [{ ids = 20, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 20, zeros_17 = 10, large_17 = 20, odd_17 = 9, odd = 9 }]
status = "pass"

[[case]]
name = "nineteen of those are too few"
given.lead_id_digits = [{ ids = 19, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 19, zeros_17 = 19, large_17 = 19, odd_17 = 1, odd = 1 }]
status = "pass"

[[case]]
name = "ten ids of 17 digits, all even, warn"
given.lead_id_digits = [{ ids = 10, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 10, zeros_17 = 0, large_17 = 10, odd_17 = 0, odd = 0 }]
status = "warn"
affected = 0

[[case]]
name = "nine even ones say nothing"
given.lead_id_digits = [{ ids = 9, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 9, zeros_17 = 0, large_17 = 9, odd_17 = 0, odd = 0 }]
status = "pass"

[[case]]
name = "one odd id among them is as it should be"
given.lead_id_digits = [{ ids = 10, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 10, zeros_17 = 0, large_17 = 10, odd_17 = 1, odd = 1 }]
status = "pass"

[[case]]
name = "an id that a listed one rounds to warns"
given.lead_id_digits = [{ ids = 9, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 9, zeros_17 = 0, large_17 = 9, odd_17 = 0, odd = 0 }]
given.rounded_lead_id = [{ lead_id = "10623693599458476", listed_lead_id = "10623693599458477" }]
status = "warn"
affected = 1

[[case]]
name = "not while an odd id came through"
given.lead_id_digits = [{ ids = 9, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 9, zeros_17 = 0, large_17 = 9, odd_17 = 1, odd = 1 }]
given.rounded_lead_id = [{ lead_id = "10623693599458476", listed_lead_id = "10623693599458477" }]
status = "pass"
affected = 0

[[case]]
name = "nine such ids are no proof"
given.lead_id_digits = [{ ids = 9, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 9, zeros_17 = 0, large_17 = 9, odd_17 = 0, odd = 0 }]
given.rounded_lead_id = [{ lead_id = "10000000000000004" }, { lead_id = "10000000000000012" }, { lead_id = "10000000000000020" }, { lead_id = "10000000000000028" }, { lead_id = "10000000000000036" }, { lead_id = "10000000000000044" }, { lead_id = "10000000000000052" }, { lead_id = "10000000000000068" }, { lead_id = "10000000000000076" }]
status = "warn"
affected = 9

[[case]]
name = "ten are"
given.lead_id_digits = [{ ids = 10, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 10, zeros_17 = 0, large_17 = 10, odd_17 = 0, odd = 0 }]
given.rounded_lead_id = [{ lead_id = "10000000000000004" }, { lead_id = "10000000000000012" }, { lead_id = "10000000000000020" }, { lead_id = "10000000000000028" }, { lead_id = "10000000000000036" }, { lead_id = "10000000000000044" }, { lead_id = "10000000000000052" }, { lead_id = "10000000000000068" }, { lead_id = "10000000000000076" }, { lead_id = "10000000000000084" }]
status = "fail"
affected = 10

[[case]]
name = "an id that shows both is counted once"
given.lead_id_digits = [{ ids = 20, floats = 0, ids_16 = 0, zeros_16 = 0, ids_17 = 20, zeros_17 = 20, large_17 = 20, odd_17 = 0, odd = 0 }]
given.rounded_lead_id = [{ lead_id = "10000000000000100" }, { lead_id = "10000000000000200" }]
status = "fail"
affected = 20

[[case]]
name = "without an id there is nothing to judge"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with sign as (
    select
        *,
        ids_16 >= $min_distinct and zeros_16 > $max_zero_share * ids_16 as is_cut_16,
        ids_17 >= $min_distinct and zeros_17 > $max_zero_share * ids_17 as is_cut_17,
        large_17 >= $min_even and odd_17 = 0 as is_even
    from lead_id_digits
), pair as (
    select advertiser_id, channel, lead_id, is_cut_16, is_cut_17
    from rounded_lead_id
    join sign using (advertiser_id, channel)
    where odd = 0
), paired as (
    select
        advertiser_id,
        channel,
        count(*) as pairs,
        -- those that the zeros at their end do not count already
        count(*) filter (
            not (is_cut_16 and length(lead_id) = 16 and lead_id like '%0')
            and not (is_cut_17 and length(lead_id) = 17 and lead_id like '%00')
        ) as pairs_alone
    from pair
    group by advertiser_id, channel
), counted as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        coalesce(ids, 0) as n,
        coalesce(
            floats + if(is_cut_16, zeros_16, 0) + if(is_cut_17, zeros_17, 0) + coalesce(pairs_alone, 0), 0
        ) as affected,
        coalesce(pairs, 0) as rounded_pairs,
        sign.* exclude (advertiser_id, channel, ids)
    from advertiser
    left join sign using (advertiser_id, channel)
    left join paired using (advertiser_id, channel)
)
select
    *,
    affected / nullif(n, 0) as value,
    case
        when n = 0 then null
        when floats > 0 or is_cut_16 or is_cut_17 or rounded_pairs >= $min_units then 2
        when is_even or rounded_pairs > 0 then 1
        else 0
    end as level,
    joined(
        [
            case when floats > 0
                then phrase('{ids:count} written with a decimal point or an exponent', {'ids': floats}) end,
            case when is_cut_16 then phrase(
                '{zeros:count} of {ids:count} ids of 16 digits end in 0, as a spreadsheet leaves them',
                {'zeros': zeros_16, 'ids': ids_16}
            ) end,
            case when is_cut_17 then phrase(
                '{zeros:count} of {ids:count} ids of 17 digits end in 00, as a spreadsheet leaves them',
                {'zeros': zeros_17, 'ids': ids_17}
            ) end,
            case when rounded_pairs > 0 then plural(
                rounded_pairs,
                '{n:count} is what a listed id becomes as a number with a decimal point',
                '{n:count} are what listed ids become as a number with a decimal point'
            ) end,
            case when is_even then phrase('all {ids:count} ids of 17 digits are even', {'ids': large_17}) end
        ],
        '; '
    ) as told
from counted;

select
    recent_lead_id.advertiser_id,
    recent_lead_id.channel,
    lead_id,
    case
        when is_decimal(lead_id) or is_exponent(lead_id) then phrase('a decimal point or an exponent')
        when rounded_lead_id.lead_id is not null and odd = 0 then phrase('rounded from the listed id')
        else phrase('zeros at the end, as a spreadsheet leaves them')
    end as sign,
    if(odd = 0, listed_lead_id, null) as listed_lead_id,
    events
from recent_lead_id
join row_evt009 using (advertiser_id, channel)
left join rounded_lead_id using (advertiser_id, channel, lead_id)
where is_decimal(lead_id)
    or is_exponent(lead_id)
    or (is_cut_16 and number is not null and length(lead_id) = 16 and number % 10 = 0)
    or (is_cut_17 and number is not null and length(lead_id) = 17 and number % 100 = 0)
    or (rounded_lead_id.lead_id is not null and odd = 0)
order by recent_lead_id.advertiser_id, recent_lead_id.channel, sign, lead_id
