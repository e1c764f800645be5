"""The gate of payload files, ready to be put in: a workflow of GitHub, a job of GitLab, a hook of pre-commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnelcheck import __version__
from funnelcheck.errors import UsageError
from funnelcheck.render.filling import placed, refuse_unfit, templates

# Where it is to run -> the file that says so, and what the command writes there beside what it prints.
FILES = {
    "github": ("funnelcheck-payloads.yml", ("text", "github")),
    "gitlab": (
        ".gitlab-ci.yml",
        ("text", "junit=funnelcheck-junit.xml", "gitlab=funnelcheck-codequality.json"),
    ),
    "pre-commit": (".pre-commit-config.yaml", ("text",)),
}


@dataclass(frozen=True, slots=True)
class Payloads:
    """Which files are judged by what; paths start at the top of the repository."""

    sources: Sequence[str]
    config: str | None = None
    guide: str | None = None
    fail_on: str | None = None
    baseline: str | None = None

    def command(self, formats: Sequence[str]) -> list[str]:
        """The words of the `validate`: at rest, for the files' times stay as they are."""
        given = {
            "--config": self.config,
            "--guide": self.guide,
            "--fail-on": self.fail_on,
            "--baseline": self.baseline,
        }
        words = ["funnelcheck", "validate", "--at-rest"]
        words += [word for option, value in given.items() if value for word in (option, value)]
        words += ["--fail-on-new"] if self.baseline else []
        words += [word for name in formats if formats != ("text",) for word in ("--format", name)]
        return [*words, *map(placed, self.sources)]


def file(where: str, payloads: Payloads) -> str:
    """The text of the file; UsageError for a path that it cannot hold."""
    name, formats = FILES[where]
    if "-" in payloads.sources:
        raise UsageError("-: a pipeline has no standard input; name files, folders or globs of the repository")
    words = payloads.command(formats)
    refuse_unfit(words)
    return templates("ci").get_template(f"{name.lstrip('.')}.j2").render(command=words, version=__version__)
