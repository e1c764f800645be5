"""Ids made fit to be shown: their form and a short keyed digest, which tells them apart and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection

_LONGEST = 24
# Bounded, so that a long text without an @ takes no time that grows with its square.
_PERSONAL = re.compile(
    r"[A-Za-z]{1,2}:\d{12,}|[^\s@,;<>\"']{1,128}@[^\s@,;<>\"']{1,255}\.\w+|\+\d[\d ().-]{6,}\d|[0-9a-fA-F]{32,}|\d{12,}"
)


def masked(value: str | None, salt: str) -> str | None:
    """`l:1234567890123456` -> `l:################~3f9a1c2b`: the same id under the same salt looks the same.

    Letters beyond a label become x and digits #, so that what is wrong with an id can still be seen.
    """
    if value is None:
        return None
    label = re.match(r"[A-Za-z]{1,2}:", value)
    head = label[0] if label else ""
    form = re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "#", value[len(head) :]))
    digest = hmac.new(salt.encode(), value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:8]
    return f"{head}{form[:_LONGEST]}{'…' if len(form) > _LONGEST else ''}~{digest}"


def without_ids(text: str, known: Collection[str] = ()) -> str:
    """Text in which no lead id, address, phone number and digest is left, but for those in `known`."""
    return _PERSONAL.sub(lambda found: found[0] if found[0] in known else "(hidden)", text)


def hidden(text: str, salt: str, known: Collection[str] = ()) -> str:
    """Text in which every lead id, address, phone number and digest is masked; what else it says can be read.

    `known` are ids of nobody, like those of datasets, which stay.
    """
    return _PERSONAL.sub(lambda found: found[0] if found[0] in known else masked(found[0], salt) or "", text)
