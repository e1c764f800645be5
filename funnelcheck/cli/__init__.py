"""The command line: exit codes and one-line errors; the only place that imports click."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code (0 to 4, as README says)."""
    gc.set_threshold(100_000)  # loading modules makes much and leaves no garbage to look for
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a sign shows a question mark
    code = run(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except OSError:  # a full disk, or a reader that has gone: what is still held would fail again on the way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or 3
    gc.freeze()  # the process ends: nothing of it need be looked through once more
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of one command line; errors are one line on standard error."""
    import click

    from funnelcheck.cli.commands import cli
    from funnelcheck.errors import FunnelcheckError

    try:
        result = cli.main(args=arguments, prog_name="funnelcheck", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "funnelcheck"
        return _tell(error, f"{error.format_message()} ({command} --help tells more)", 2, arguments)
    except click.Abort:
        return _stopped()
    except BrokenPipeError:
        return 3
    except FunnelcheckError as error:
        return _tell(error, str(error), error.exit_code, arguments)
    except Exception as error:
        if "interrupted" in str(error).lower():  # Ctrl-C inside a query
            return _stopped()
        first = (str(error).splitlines() or [""])[0]
        return _tell(error, f"internal error: {type(error).__name__}: {first}; -v shows where", 4, arguments)


def _stopped() -> int:
    import click

    click.echo("funnelcheck: stopped; files that were loaded before are in the store", err=True)
    return 130


def _tell(error: Exception, line: str, code: int, arguments: Sequence[str]) -> int:
    import click

    from funnelcheck.numbers import visible

    if "-v" in arguments or "--verbose" in arguments:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    click.echo(f"funnelcheck: {visible(line)}", err=True)
    return code
