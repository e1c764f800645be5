"""The floor: the least SQL that a good engineer writes by hand for five rules on the same files, and nothing else.

`python tests/bench/floor.py FOLDER STORE [MEMORY]` loads the logs and the list into a DuckDB file and prints how many
advertisers pass seven days of data, two stages, coverage, a stage that 1 to 40 % reach, and reach it within 28 days. It
trusts every row: no quarantine, no duplicates, no reasons, no intervals, no pages.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

_SQL = """
create table event as
select
    advertiser_id, dataset_id, upload_time, event.event_name, event.event_time,
    event.user_data.lead_id::varchar as lead_id
from read_json(
    '{logs}',
    format = 'newline_delimited',
    columns = {
        advertiser_id: 'varchar', dataset_id: 'varchar', upload_time: 'bigint', http_status: 'integer',
        event: 'struct(event_name varchar, event_time bigint, action_source varchar, user_data struct(lead_id bigint),
            custom_data struct(event_source varchar, lead_event_source varchar))'
    }
)
where http_status between 200 and 299
    and event.action_source = 'system_generated'
    and event.custom_data.event_source = 'crm'
    and event.custom_data.lead_event_source <> ''
    and event.event_name <> ''
    and upload_time - event.event_time between 0 and 604800;

create table lead as
select advertiser_id, id as lead_id, created_time
from read_csv('{list}', columns = {
    advertiser_id: 'varchar', id: 'varchar', created_time: 'bigint', form_id: 'varchar'
});

create table lead_stage as
select advertiser_id, lead_id, event_name, min(event_time) as stage_time
from event
group by advertiser_id, lead_id, event_name;

create table result as
with span as (
    select
        advertiser_id,
        max(event_time) as horizon,
        count(distinct event_time // 86400) as days,
        count(distinct event_name) as stages
    from event
    group by advertiser_id
), covered as (
    select advertiser_id, count(*) as eligible, count(seen.lead_id) as covered
    from lead
    join span using (advertiser_id)
    left join (select distinct advertiser_id, lead_id from lead_stage) as seen using (advertiser_id, lead_id)
    where created_time > horizon - 28 * 86400 and created_time <= horizon - 86400
    group by advertiser_id
), cohort as (
    select advertiser_id, lead_id, created_time
    from lead
    join span using (advertiser_id)
    where created_time > horizon - 118 * 86400 and created_time <= horizon - 28 * 86400
), size as (
    select advertiser_id, count(*) as leads from cohort group by advertiser_id
), stage as (
    select
        advertiser_id,
        event_name,
        count(*) filter (stage_time - created_time <= 28 * 86400) / any_value(leads) as rate,
        quantile_disc(stage_time - created_time, 0.9) as p90
    from cohort
    join size using (advertiser_id)
    join lead_stage using (advertiser_id, lead_id)
    where event_name <> 'Lead'
    group by advertiser_id, event_name
), chosen as (
    select
        advertiser_id,
        bool_or(rate between 0.01 and 0.4) as has_rate,
        bool_or(rate between 0.01 and 0.4 and p90 <= 28 * 86400) as has_window
    from stage
    group by advertiser_id
)
select
    advertiser_id,
    days >= 7 as has_days,
    stages >= 2 as has_stages,
    5 * covered >= 3 * eligible as is_covered,
    coalesce(has_rate, false) as has_rate,
    coalesce(has_window, false) as has_window
from span
left join covered using (advertiser_id)
left join chosen using (advertiser_id);
"""


def run(folder: Path, store: Path, memory: str | None = None) -> tuple[int, int]:
    """Advertisers, and those that pass all five."""
    with duckdb.connect(str(store)) as connection:
        if memory:
            connection.execute(f"set memory_limit = '{memory}'")
        for statement in _SQL.split(";\n"):
            if statement.strip():
                filled = statement.replace("{logs}", f"{folder}/logs/*.jsonl").replace(
                    "{list}", f"{folder}/leads/*.csv"
                )
                connection.execute(filled)
        found: tuple[int, int] = connection.execute(
            """
            select count(*), count(*) filter (has_days and has_stages and is_covered and has_rate and has_window)
            from result
            """
        ).fetchall()[0]
    return found


if __name__ == "__main__":
    print(*run(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4]))
