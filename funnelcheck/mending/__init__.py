"""An event as it should have been sent: what is certain is put right, what is not is told; pure."""

from __future__ import annotations

from funnelcheck.mending.events import Change, Loss, Mended, mend

__all__ = ["Change", "Loss", "Mended", "mend"]
