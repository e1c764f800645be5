"""The command that prints the gate of payload files for a place where code is checked."""

from __future__ import annotations

import click

from funnelcheck.cli import options


@click.command()
@click.argument("where", type=click.Choice(["github", "gitlab", "pre-commit"]), metavar="github|gitlab|pre-commit")
@click.argument("files", nargs=-1, required=True)
@click.option("--config", metavar="FILE", help="Configuration, from the top of the repository.")
@options.guide
@click.option("--fail-on", type=click.Choice(options.LEVELS), help="Which findings make the exit code 1.")
@click.option("--baseline", metavar="FILE", help="What is known already; only what is new fails.")
@options.verbose
def ci(
    where: str,
    files: tuple[str, ...],
    config: str | None,
    guide: str | None,
    fail_on: str | None,
    baseline: str | None,
) -> int:
    """Print what has the payload files of a repository judged: a workflow, a job or a hook.

    Paths are those of the repository: funnelcheck ci gitlab tests/payloads > .gitlab-ci.yml
    """
    from funnelcheck.render.pipelines import Payloads, file

    click.echo(file(where, Payloads(files, config, guide, fail_on, baseline)), nl=False)
    return 0
