-- upload_pace: one row an advertiser that has sent something already and whose days of sending TIM004 can judge: whether
-- each day with something new was sent within the time that it allows.
create or replace temp table upload_pace as
select advertiser_id, level, n as days, affected as missed_days
from row_tim004
where channel = 'crm' and level is not null;
