-- lead_id_digits: one row an advertiser that sent lead ids in the latest weeks: what their last digits look like.
create or replace temp table lead_id_digits as
with digit as (
    select
        advertiser_no,
        false as is_float,
        lead_no between 1000000000000000 and 9999999999999999 as has_16,
        lead_no between 10000000000000000 and 99999999999999999 as has_17,
        lead_no % 10 = 0 as ends_in_0,
        lead_no % 100 = 0 as ends_in_00,
        -- whole numbers beyond 2^53, where a double holds only even ones
        lead_no > 9007199254740992 as is_large,
        lead_no % 2 = 1 as is_odd
    from recent_lead_id
    where lead_no >= 0
    union all
    select
        advertiser_no,
        is_decimal(lead_id) or is_exponent(lead_id),
        number is not null and length(lead_id) = 16,
        number is not null and length(lead_id) = 17,
        number % 10 = 0,
        number % 100 = 0,
        number > 9007199254740992,
        number % 2 = 1
    from recent_lead_id
    where lead_no < 0
), counted as (
    select
        advertiser_no,
        count(*) as ids,
        count(*) filter (is_float) as floats,
        count(*) filter (has_16) as ids_16,
        count(*) filter (has_16 and ends_in_0) as zeros_16,
        count(*) filter (has_17) as ids_17,
        count(*) filter (has_17 and ends_in_00) as zeros_17,
        count(*) filter (is_large and has_17) as large_17,
        count(*) filter (is_large and has_17 and is_odd) as odd_17,
        count(*) filter (is_large and is_odd) as odd
    from digit
    group by advertiser_no
)
select advertiser_id, channel, counted.* exclude (advertiser_no)
from counted
join advertiser_number using (advertiser_no);
