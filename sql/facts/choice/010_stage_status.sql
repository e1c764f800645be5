-- stage_status: one row a stage: may it be optimised for, and if not, the first reason why not.
create or replace temp table stage_status as
with judged as (
    select
        stage.advertiser_id,
        stage.channel,
        stage.event_name,
        stage.stage_order,
        row_fun006.value as rate,
        case
            when stage.is_raw then 'raw'
            when stage.is_negative then 'negative'
            when row_fun006.level = 2 then row_fun006.reason
            when row_fun007.level = 2 then 'too-slow'
            when row_fun006.level is null or row_fun007.level is null then 'undecided'
        end as refused
    from stage
    join row_fun006
        on row_fun006.advertiser_id = stage.advertiser_id
        and row_fun006.channel = stage.channel
        and row_fun006.subject = stage.event_name
    join row_fun007
        on row_fun007.advertiser_id = stage.advertiser_id
        and row_fun007.channel = stage.channel
        and row_fun007.subject = stage.event_name
)
select * exclude (refused), refused as reason, refused is null as is_eligible
from judged;
