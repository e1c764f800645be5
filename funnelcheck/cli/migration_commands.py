"""The command that writes App Events as events of the Conversions API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings, complain
from funnelcheck.errors import UsageError


@click.command("migrate-app-events")
@options.sources
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("funnelcheck-migration"),
    show_default=True,
    help="Folder of the requests and lists; an earlier migration in it is replaced.",
)
@click.option("--as-of", metavar="ISO-8601", help="When the requests would be sent; default now.")
@click.option(
    "--batch", type=click.IntRange(1, 1_000), default=1_000, show_default=True, help="Most events of one request."
)
@click.option(
    "--test-event-code",
    metavar="CODE",
    help="Put the code of Test Events into every request: Meta then shows its events and counts none.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of the summary."
)
@click.option("--show-ids", is_flag=True, help="Show ids in the lists as they are; otherwise they are masked.")
@options.advertiser_owner
@options.without_store
def migrate_app_events(
    out: Path, batch: int, test_event_code: str | None, form: str, show_ids: bool, **given: Any
) -> int:
    """Write App Events as the Conversions API takes them, with what cannot be carried over; never sends.

    SOURCE is a log of requests to /{app-id}/activities. Each event that is not older than seven days becomes one of
    action_source app; names.csv says which names become what and what a person has to decide, lost.csv what is lost and
    why. Exit code 3 when an input could not be read; the others are carried over all the same.
    """
    from funnelcheck.cli.progress import shown
    from funnelcheck.migrating import document, folder
    from funnelcheck.migrating import migrate_app_events as migrated

    if not given["sources"]:
        raise UsageError("give a SOURCE: logs of requests to /{app-id}/activities")
    settings = Settings(given)
    folder.OUTBOX.require_ours(out, given["sources"])
    with shown(quiet=settings.quiet) as progress:
        migration = migrated(
            list(given["sources"]),
            as_of=settings.as_of,
            config=settings.config,
            advertiser=given["advertiser"],
            batch=batch,
            test_event_code=test_event_code,
            progress=progress,
        )
    folder.write(migration, out, show_ids=show_ids)
    complain(migration.problems)
    for hint in migration.hints:
        settings.say(hint)
    if form == "json":
        click.echo(document.render(migration, show_ids=show_ids), nl=False)
    else:
        click.echo("\n".join(folder.summary(migration)))
    settings.say(f"{out}/README.txt says what is to be decided; bodies hold personal data, only you can read them")
    return 3 if migration.problems else 0
