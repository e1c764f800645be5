"""A page of the report as PDF: the same text, charts and colours on A4, everything that is folded opened."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from funnelcheck.errors import OutputError, UsageError
from funnelcheck.resources import folder

_NEEDED = (
    "a PDF needs WeasyPrint and its libraries: pip install 'funnelcheck[pdf]' and the system's pango "
    "(Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
)


def require() -> None:
    """UsageError that says what to install where no PDF can be made; asked before any work is done."""
    _library()


def beside(name: str, text: str) -> tuple[str, bytes] | None:
    """The PDF of a page about advertisers, under the page's own name: "index.html" -> "index.pdf".

    The catalogue of rules has none: it is a hundred pages to look things up in.
    """
    return None if name == "rules.html" else (f"{name.removesuffix('.html')}.pdf", render(text))


def render(page: str) -> bytes:
    """The PDF of a page's HTML; the same page gives the same bytes.

    Nothing is fetched, from no disk and no network. OutputError where WeasyPrint gives up.
    """
    weasyprint = _library()
    try:
        nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
        pdf: bytes = weasyprint.HTML(string=page.replace("</head>", _style(), 1), url_fetcher=nothing).write_pdf()
    except Exception as error:  # whatever a layout engine may raise
        raise OutputError(f"a page could not be made a PDF ({type(error).__name__}: {error})") from error
    return pdf


@cache
def _library() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # not installed, or without the system's libraries
        raise UsageError(_NEEDED) from error
    # It would tell at length which lines of the screen's style sheet paper has no use for.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    return weasyprint


@cache
def _style() -> str:
    """The end of a page's head: a sheet after its own, which therefore wins."""
    return f"<style>{(folder('reports') / 'assets' / 'pdf.css').read_text(encoding='utf-8')}</style></head>"
