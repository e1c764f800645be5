"""Text made fit for Markdown: nothing foreign marks anything up, links, or calls anybody."""

from __future__ import annotations

import re

from funnelcheck import numbers

_SIGNS = re.compile(r"([\\`*_\[\]<>#|~&$])")
_GAP = "&#8203;"  # nobody sees it; a name behind a bare @ would be called, entity or not
_LINKS = {"@": f"@{_GAP}", "://": f"&#58;{_GAP}//", "www.": f"www{_GAP}."}


def plain(words: str) -> str:
    """The words on one line, as nothing but words."""
    told = _SIGNS.sub(r"\\\1", numbers.visible(words))
    for sign, harmless in _LINKS.items():
        told = told.replace(sign, harmless)
    return told
