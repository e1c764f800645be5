-- 95 % intervals of a share, and the leads that would settle it; temporary macros, like those of macros.sql.

-- The value at so many tenths of the values in a group, by nearest rank: 9 is the p90, 5 the lower median.
create or replace temp macro nearest_rank(value, tenths) as
    list_sort(list(value))[(tenths * count(value) + 9) // 10];

-- The 97.5 % point of the normal distribution.
create or replace temp macro z() as 1.959964::double;

-- Wilson's interval of a share seen on n units.
create or replace temp macro wilson_low(share, n) as
    if(share = 0, 0, (share + z() * z() / (2 * n) - z() * sqrt(share * (1 - share) / n + z() * z() / (4.0 * n * n)))
        / (1 + z() * z() / n));
create or replace temp macro wilson_high(share, n) as
    if(share = 1, 1, (share + z() * z() / (2 * n) + z() * sqrt(share * (1 - share) / n + z() * z() / (4.0 * n * n)))
        / (1 + z() * z() / n));

-- Greenwood's interval with the log-log transform, for a rate strictly between 0 and 1.
create or replace temp macro log_log_low(rate, variance) as
    1 - pow(1 - rate, exp(-z() * sqrt(variance) / abs(ln(1 - rate))));
create or replace temp macro log_log_high(rate, variance) as
    1 - pow(1 - rate, exp(z() * sqrt(variance) / abs(ln(1 - rate))));

-- The interval of a Kaplan-Meier share of a cohort: Wilson where all leads are mature; else Greenwood with the log-log
-- transform; at a share of 0 or 1 Wilson on the mature leads alone, and [0, 1] where none is mature.
create or replace temp macro share_low(share, variance, cohort, mature) as
    case
        when share is null then null
        when mature < cohort and share > 0 and share < 1 then log_log_low(share, variance)
        when mature = 0 then 0
        else wilson_low(share, mature)
    end;
create or replace temp macro share_high(share, variance, cohort, mature) as
    case
        when share is null then null
        when mature < cohort and share > 0 and share < 1 then log_log_high(share, variance)
        when mature = 0 then 1
        else wilson_high(share, mature)
    end;

-- The level of a conversion rate (FUN006) and of a conversion window (FUN007): 0 it may be optimised for, 2 it may not,
-- null cannot tell. A quotient of integers below 10^13 compares with a limit as the fraction itself does.
create or replace temp macro rate_level(rate, low, high, mature, converted, min_rate, max_rate, min_units) as
    case
        when coalesce(mature, 0) = 0 then if(coalesce(low > max_rate, false), 2, null)
        when rate >= min_rate and rate <= max_rate
            then if(converted >= min_units or (low >= min_rate and high <= max_rate), 0, null)
        when high < min_rate or low > max_rate then 2
    end;
create or replace temp macro window_level(reached, p90_seconds, mature, max_days, min_units) as
    case
        when coalesce(reached, 0) < min_units then null
        when p90_seconds > max_days * 86400 then 2
        when mature = 0 then null
        else 0
    end;

-- True when Wilson's interval of the rate on n leads lies on one side of the limit.
create or replace temp macro is_settled(rate, n, limit_rate) as
    if(rate < limit_rate, wilson_high(rate, n) < limit_rate, wilson_low(rate, n) > limit_rate);

-- The least m such that it is settled on mature + m leads. Wilson leaves the limit out when
-- n > z^2 limit (1 - limit) / (rate - limit)^2; the neighbours guard against rounding.
create or replace temp macro leads_to_settle(rate, mature, limit_rate) as
    list_min(list_filter(
        list_transform(
            [-1, 0, 1],
            lambda shift: greatest(
                floor(z() * z() * limit_rate * (1 - limit_rate) / pow(rate - limit_rate, 2)) + 1 + shift, mature, 1
            )
        ),
        lambda n: is_settled(rate, n, limit_rate)
    )) - mature;
