"""The command line itself: which commands there are, each in a module that is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from funnelcheck import __version__

# Name of a command -> its module and, where it differs, its name there.
COMMANDS = {
    "baseline": "gate_commands",
    "check": "main_commands",
    "ci": "ci_commands",
    "compare-mmp": "comparison_commands:compare_mmp",
    "demo": "main_commands",
    "diff": "run_commands",
    "digest": "run_commands",
    "evidence": "delivery_commands",
    "explain": "rule_commands",
    "export": "delivery_commands",
    "ingest": "main_commands",
    "mail": "delivery_commands",
    "map": "mapping_commands:map_command",
    "migrate-app-events": "migration_commands:migrate_app_events",
    "notify": "delivery_commands",
    "quarantine": "main_commands",
    "repair": "repair_commands",
    "report": "main_commands",
    "rows": "rule_commands",
    "rules": "rule_commands",
    "run": "main_commands",
    "runs": "run_commands",
    "schedule": "schedule_commands",
    "schema": "rule_commands",
    "select": "selection_commands",
    "validate": "validation_commands",
    "waive": "waiver_commands",
}


class _Commands(click.Group):
    """Loads a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"funnelcheck.cli.{module}"), name or cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="funnelcheck")
def cli() -> None:
    """Is an advertiser's CRM data ready for Meta's conversion-lead optimisation?

    Reads the logs of what was sent to the Conversions API and the lists of leads that Meta generated, judges
    the partner guide's rules, and says for each advertiser: ready or not, at which step, what blocks it, what
    to do, who does it.
    """
