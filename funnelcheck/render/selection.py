"""A selection in a format of its own; another format is another module beside, selection_<name>."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funnelcheck.selection.outcome import Selection


def rendered(name: str, selection: Selection) -> str:
    """One format's text, in the present language."""
    told: str = import_module(f"funnelcheck.render.selection_{name}").render(selection)
    return told
