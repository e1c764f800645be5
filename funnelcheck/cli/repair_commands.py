"""The command that writes what should be sent again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings, complain
from funnelcheck.errors import UsageError


@click.command()
@options.sources
@options.leads
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("funnelcheck-repair"),
    show_default=True,
    help="Folder of the requests and lists; an earlier repair in it is replaced.",
)
@click.option("--as-of", metavar="ISO-8601", help="When the requests will be sent; default now.")
@click.option(
    "--batch",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="Most events of one request; doubtful ones stand apart, at most 10 together.",
)
@click.option("--crm", metavar="NAME", help="Name of the CRM for events that lack lead_event_source.")
@click.option(
    "--from-crm", is_flag=True, help="All events with a lead id come from the CRM, whatever recipe they follow."
)
@click.option("--show-ids", is_flag=True, help="Show ids in the lists as they are; otherwise they are masked.")
@options.advertiser_owner
@options.guide
@options.without_store
def repair(out: Path, batch: int, crm: str | None, from_crm: bool, show_ids: bool, **given: Any) -> int:
    """Write requests that are ready to send for what was refused or does not count, put right; never sends.

    Only events that Meta still takes (seven days), in small requests, the most urgent first. What is lost for good is
    listed with its reason. Logs of payloads are needed: a table of events holds none. Exit code 3 when an input could
    not be read; the others are repaired all the same.
    """
    from funnelcheck.cli.progress import shown
    from funnelcheck.repairing import folder
    from funnelcheck.repairing import repair as repaired

    if not given["sources"]:
        raise UsageError("give a SOURCE: logs of what was sent, with their payloads")
    if crm is not None and not crm.strip():
        raise UsageError("--crm: give the name of the CRM, like Salesforce")
    settings = Settings(given)
    folder.require_ours(out, given["sources"])
    with shown(quiet=settings.quiet) as progress:
        outcome = repaired(
            list(given["sources"]),
            list(given["lead_sources"]),
            as_of=settings.as_of,
            config=settings.config,
            guide=given["guide"],
            advertiser=given["advertiser"],
            crm=crm and crm.strip(),
            from_crm=from_crm,
            batch=batch,
            progress=progress,
        )
    folder.write(outcome, out, show_ids=show_ids)
    complain(outcome.problems)
    for hint in outcome.hints:
        settings.say(hint)
    click.echo("\n".join(folder.summary(outcome)))
    settings.say(f"{out}/README.txt says who does what with it; bodies hold personal data, only you can read them")
    return 3 if outcome.problems else 0
