"""A seeded world to measure on: leads of many advertisers and the log of what was sent, as files that anyone can read.

`python tests/bench/world.py FOLDER LEADS [ADVERTISERS]` writes one log a day (enveloped events, JSON Lines) and two
lists of leads (CSV), of the last day and of those before. The same arguments give the same bytes: every draw is a
digest of the lead's number.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

DAYS = 60  # over which leads are created and events sent
END = 1_795_305_600  # 2026-11-22T00:00:00Z, the instant that the world is judged at
ADVERTISERS = 500
SKEW = 2.5
# Of 100 leads so many reach each stage, some days later; of one advertiser in five half of the leads are never sent.
# That makes 1.55 events a lead.
_STAGES = "(values ('Lead', 100, 0), ('Qualified', 43, 2), ('Appointment', 20, 5), ('Won', 9, 9))"

_WORLD = f"""
create or replace temp macro draw(number, salt, size) as (hash(number * 31 + salt) % size)::bigint;

create or replace temp table world_lead as
select
    number,
    -- a power law: the k-th advertiser has a share that falls with k
    floor($advertisers * pow(draw(number, 1, 1000000) / 1000000, $skew))::bigint as nth,
    'advertiser-' || lpad(nth::varchar, 5, '0') as advertiser_id,
    (1000000000000000 + number)::varchar as lead_id,
    $begin + draw(number, 2, $days * 86400) as created_time,
    'form-' || draw(number, 3, 2000) as form_id
from range($leads) as _(number);

create or replace temp table world_event as
select
    lead.number * 10 + place as number,
    advertiser_id,
    lead_id,
    stage.name || if($names > 1, ' ' || draw(lead.number, 6, $names), '') as event_name,
    -- each stage some days after the lead, at most twice as many
    created_time + place * 60 + draw(number, 10 + place, stage.days * 2 * 86400 + 60) as event_time,
    event_time + 300 + draw(number, 20 + place, 40000) as upload_time
from world_lead as lead
cross join (
    select name, share, days, (row_number() over (order by days))::bigint as place
    from {_STAGES} as _(name, share, days)
) as stage
where draw(lead.number, 4, 100) < stage.share
    and (hash(advertiser_id) % 5 > 0 or draw(lead.number, 5, 2) = 0);
"""

_LOG = """
copy (
    select
        advertiser_id,
        (900000000000000 + hash(advertiser_id) % 1000000)::varchar as dataset_id,
        upload_time,
        200 as http_status,
        {
            'event_name': event_name,
            'event_time': event_time,
            'action_source': 'system_generated',
            'user_data': {'lead_id': lead_id::bigint},
            'custom_data': {'event_source': 'crm', 'lead_event_source': 'Benchmark CRM'}
        } as event
    from world_event
    where upload_time >= $since and upload_time < $until
    order by upload_time, number
) to '{path}' (format json)
"""

_LIST = """
copy (
    select advertiser_id, lead_id as id, created_time, form_id
    from world_lead
    where created_time >= $since and created_time < $until
    order by number
) to '{path}' (format csv, header)
"""


def write(
    folder: Path,
    leads: int,
    advertisers: int = ADVERTISERS,
    days: int = DAYS,
    *,
    skew: float = SKEW,
    names: int = 1,
) -> None:
    """The files of a world of so many leads; `folder` holds logs/day-NN.jsonl and leads/*.csv.

    With `skew` 1 all advertisers have about as many leads; each of the four stages goes by so many `names`.
    """
    logs, lists = folder / "logs", folder / "leads"
    logs.mkdir(parents=True, exist_ok=True)
    lists.mkdir(exist_ok=True)
    begin = END - days * 86_400
    with duckdb.connect() as connection:
        for statement in _WORLD.split(";\n"):
            if statement.strip():
                named = {"leads": leads, "advertisers": advertisers, "begin": begin, "days": days}
                named |= {"skew": skew, "names": names}
                used = {name: value for name, value in named.items() if f"${name}" in statement}
                connection.execute(statement, used)
        for day in range(days):
            since = begin + day * 86_400
            path = logs / f"day-{day:02}.jsonl"
            connection.execute(_LOG.replace("{path}", str(path)), {"since": since, "until": since + 86_400})
        last = END - 86_400
        for name, since, until in (("earlier", begin, last), ("last-day", last, END)):
            path = lists / f"{name}.csv"
            connection.execute(_LIST.replace("{path}", str(path)), {"since": since, "until": until})


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:4]))
