"""The words that every page uses for verdicts, statuses, actors, channels and areas of rules."""

from __future__ import annotations

AREAS = {
    "DAT": "Dataset",
    "COV": "Lead coverage",
    "FUN": "Funnel",
    "EVT": "Events",
    "REQ": "Requests",
    "TIM": "Timing",
    "LIF": "Lifecycle",
    "APP": "App Events",
    "ACC": "Access",
    "SEL": "Selection of advertisers",
    "MAP": "Mapping",
}
VERDICTS = {"not_ready": "Not ready", "undecided": "Undecided", "ready": "Ready"}
STATUSES = {
    "fail": "Fails",
    "undecided": "Undecided",
    "not_evaluable": "Cannot be judged",
    "warn": "Warns",
    "waived": "Waived",
    "pass": "Passes",
}
WAIVERS = {
    "active": "covers the finding",
    "idle": "not needed: the rule neither fails nor warns",
    "expired": "expired, covers nothing",
}
ACTORS = {"advertiser": "Advertiser", "partner": "Partner", "meta": "Meta"}
CHANNELS = {"crm": "CRM events", "history": "CRM history: nothing was sent", "app": "App Events"}
KINDS = {
    "events": "sent events",
    "history": "CRM history",
    "leads": "lead list",
    "counts": "daily lead counts",
    "calls": "log of API calls",
}
RAW_SOURCES = {
    "hint": "recognised by its name",
    "order": "it comes first for most leads",
    "configured": "configured",
}
CREATION_SOURCES = {
    "list": "Time counts from the creation time in the lead list.",
    "raw-event": "Time counts from the raw event, for want of a lead list.",
}


def area_place(key: str) -> int:
    known = list(AREAS)
    return known.index(key) if key in AREAS else len(known)
