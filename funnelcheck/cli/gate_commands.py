"""The commands about a gate's baseline: what is known already and is to be mended later."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import numbers
from funnelcheck.cli import options
from funnelcheck.cli.gating import policy_of
from funnelcheck.cli.settings import Settings, tell_broken
from funnelcheck.cli.validation_commands import validated

if TYPE_CHECKING:
    from funnelcheck.payload import Validation
    from funnelcheck.reported import Run


@click.group()
def baseline() -> None:
    """Keep the findings that are known, so that check, run and validate tell new ones (--fail-on-new)."""


@baseline.command()
@options.payloads
@options.at_rest
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file; default baseline of [gate] in the configuration, else funnelcheck-baseline.json.",
)
@options.common
@options.judging
@options.own_rules
@options.gate_of_baseline
def write(out: Path | None, **given: Any) -> int:
    """Write the findings of the store that make the gate fail now, waived ones left out.

    With a FILE it is the findings that funnelcheck validate has in these files, as it is called there.

    The file is JSON, sorted, one finding a line, and holds neither date nor folder: put it under version control and
    see in its differences what came and went. A baseline that is there is replaced.
    """
    from funnelcheck import gate
    from funnelcheck.baseline import DEFAULT_NAME
    from funnelcheck.baseline import write as write_file

    settings = Settings(given)
    own = settings.config.gate
    if own.fail_on == "never" and not given["fail_on"]:
        given["fail_on"] = "required"
    policy = policy_of(settings, "required")
    place = out or own.baseline or Path(DEFAULT_NAME)
    result = validated(settings) if given["payloads"] else settings.judged()
    found = gate.judge(result, policy).failing
    write_file(found, place)
    settings.say(f"{numbers.count(len(found), 'finding')} written to {place} (--fail-on {policy.fail_on})")
    return _exit_code(result)


def _exit_code(result: Run | Validation) -> int:
    """What could not be judged is missing in the file."""
    from funnelcheck.reported import Run

    if isinstance(result, Run):
        return 2 if tell_broken(result) else 0
    return 3 if result.unreadable else 0
