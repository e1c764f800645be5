"""Golden files: one page of each kind as it must be, without its style and script; `make generated` writes them.

A change of a page shows here as a difference that somebody can read.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import html_samples as samples
import run_samples as invented

from funnelcheck import language
from funnelcheck.compare import compare, snapshot
from funnelcheck.render import html, mail
from funnelcheck.render.changes import Titles

FOLDER = Path(__file__).parent / "golden"


@cache
def files() -> dict[str, str]:
    """File name -> text of every golden file."""
    run = samples.run(samples.blocked(), samples.ready(), samples.undecided())
    rules = samples.catalogue()[:3]
    made = {}
    for key in ("en", "fr"):
        with language.use(key):
            pages = html.pages(run, rules)
            made[f"portfolio.{key}.html"] = pages["index.html"]
        if key == "en":
            made["advertiser.html"] = pages[html.page_name(run.advertisers[0].advertiser_id, "crm")]
            made["rules.html"] = pages["rules.html"]
            made["mail.html"] = mail.letter(run, run.advertisers[0]).html
    made["digest.html"] = digest()
    return {name: bare(text) for name, text in made.items()}


def digest() -> str:
    """The Monday page of a few invented changes."""
    failing = invented.finding("COV001", "fail", 0.4)
    was = invented.run(invented.result(), invented.result("bluebird", "not_ready", failing))
    now = [invented.result("acme", "not_ready", failing), invented.result("bluebird", overdue=True)]
    since = compare(snapshot(was), snapshot(invented.run(*now, as_of=invented.AS_OF + invented.WEEK)))
    titles = Titles({"COV001": "Coverage"}, {"wait-for-events": "Send CRM events for 7 days"})
    return html.digest_page(since.now, since, titles, ())


def bare(text: str) -> str:
    """A page without what is the same on every page."""
    text = re.sub(r"(<style>).*?(</style>)", r"\1\2", text, flags=re.DOTALL)
    text = re.sub(r"(<script>).*?(</script>)", r"\1\2", text, flags=re.DOTALL)
    return re.sub(r"'sha256-[^']*'", "'sha256-'", text)


def write() -> None:
    """Write them all, and nothing else into their folder."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
