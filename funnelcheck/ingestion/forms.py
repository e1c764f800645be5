"""Query strings, form bodies and multipart bodies as fields: encoded as they should be, or as logs write them."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote, unquote_plus

# The parameters of /activities: where a text is not encoded, only these begin a field.
_NAMES = (
    "event|custom_events(?:_file)?|advertiser_id|advertiser_tracking_enabled|application_tracking_enabled|attribution|"
    r"anon_id|extinfo|ud(?:(?:\[|%5[Bb])\w+(?:\]|%5[Dd]))?|format|sdk|app_id|app_user_id|app_version|"
    "application_package_name|bundle_id|bundle_version|bundle_short_version|url_schemes|installer_package|"
    "include_dwell_data|include_video_data|device_token|install_timestamp|vendor_id|"
    "data_processing_options(?:_country|_state)?|page_id|page_scoped_user_id|consider_views|limit_event_usage|fields|"
    "campaign_ids|install_referrer|receipt_data|windows_attribution_id|user_id|"
    "appsecret_proof|access_token"
)
_ENCODED = re.compile(r"[\w%+.*~&=-]*", re.ASCII)
_FIELD = re.compile(rf"(?:\A|(?<=[&?\s\"']))({_NAMES})=")
_OTHER_FIELD = re.compile(r"&[\w.-]{1,60}(?:\[\w{0,60}\]|%5[Bb]\w{0,60}%5[Dd])?=", re.ASCII)
_OPENS_JSON = re.compile(r"\s*[\[{\"]")
_PLACEHOLDER = re.compile(r"\s*&\s*(?:\{[\w-]{0,60}\})?[\"'\s&]*+\Z")  # of the guide's own samples: {app-access-token}
_IS_MULTIPART = re.compile(r"\s*--[^\r\n]+\r?\n(?:[^\r\n]+\r?\n)*?content-disposition:", re.IGNORECASE)
_DISPOSITION = re.compile(r"content-disposition:[^\r\n]*?[;\s]name=(?:\"([^\"\r\n]*)\"|([^\s;]+))", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_EDGES = " \t\r\n&\"'"
_DECODER = json.JSONDecoder(parse_int=float)


def fields(text: str) -> dict[str, str]:
    """The fields of a query string, a form body or a multipart body; of a name given twice, the first."""
    if is_multipart(text):
        return multipart(text)
    return form(text)


def is_multipart(text: str) -> bool:
    """True for a body in parts."""
    return _IS_MULTIPART.match(text) is not None


def form(text: str) -> dict[str, str]:
    """The fields of a query string or a form body.

    In one that is not encoded an & or = may stand inside JSON, and + and % stand for themselves there.
    """
    found: dict[str, str] = {}
    text = text.strip().lstrip("?")
    if _ENCODED.fullmatch(text):
        for pair in text.split("&"):
            name, mark, value = pair.partition("=")
            if mark:
                found.setdefault(unquote_plus(name), unquote_plus(value))
        return found
    field = _FIELD.search(text)
    while field is not None:
        start = field.end()
        end = _end_of_json(text, start)
        following = _FIELD.search(text, end or start)
        value = text[start : end or (following.start() if following else len(text))]
        found.setdefault(unquote_plus(field[1]), value if end else _told(value))
        field = following
    return found


def _end_of_json(text: str, start: int) -> int | None:
    """Where a value ends that is JSON as it stands; None for another one."""
    opened = _OPENS_JSON.match(text, start)
    if opened is None:
        return None
    try:
        return _DECODER.raw_decode(text, opened.end() - 1)[1]
    except (ValueError, RecursionError):
        return None


def _told(value: str) -> str:
    """A value up to the next field, without what joins the two."""
    if not _OPENS_JSON.match(value):
        other = _OTHER_FIELD.search(value)
        return unquote_plus((value[: other.start()] if other else value).rstrip(_EDGES))
    value = _PLACEHOLDER.sub("", value).rstrip(" \t\r\n&")
    # a browser encodes quotes and leaves brackets and + as they are
    return unquote(value) if "%22" in value and '"' not in value else value


def multipart(text: str) -> dict[str, str]:
    """The parts of a multipart body by name, whatever ends its lines; a file is a part like others."""
    text = text.lstrip()
    boundary = re.split(r"\r?\n", text, maxsplit=1)[0].rstrip()
    found: dict[str, str] = {}
    for part in re.split(rf"(?:\A|\r?\n){re.escape(boundary)}(?:--)?[ \t]*(?=\r?\n|\Z)", text):
        blank = _BLANK_LINE.search(part)
        name = _DISPOSITION.search(part, 0, blank.start() if blank else len(part))
        if name is not None:
            found.setdefault(name[1] or name[2] or "", part[blank.end() :] if blank else "")
    return found
