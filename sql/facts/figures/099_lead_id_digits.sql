-- lead_id_digits: one row an advertiser that sent lead ids in the latest weeks: what their last digits look like.
create or replace temp table lead_id_digits as
select
    advertiser_id,
    channel,
    count(*) as ids,
    count(*) filter (is_decimal(lead_id) or is_exponent(lead_id)) as floats,
    count(*) filter (number is not null and length(lead_id) = 16) as ids_16,
    count(*) filter (number is not null and length(lead_id) = 16 and number % 10 = 0) as zeros_16,
    count(*) filter (number is not null and length(lead_id) = 17) as ids_17,
    count(*) filter (number is not null and length(lead_id) = 17 and number % 100 = 0) as zeros_17,
    -- whole numbers beyond 2^53, where a double holds only even ones
    count(*) filter (number > 9007199254740992 and length(lead_id) = 17) as large_17,
    count(*) filter (number > 9007199254740992 and length(lead_id) = 17 and number % 2 = 1) as odd_17,
    count(*) filter (number > 9007199254740992 and number % 2 = 1) as odd
from recent_lead_id
group by advertiser_id, channel;
