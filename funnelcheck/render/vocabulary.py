"""The words that every page uses for verdicts, statuses, actors, channels and areas of rules, in its language."""

from __future__ import annotations

from collections.abc import Mapping

from funnelcheck.language import _

AREA_ORDER = ("DAT", "COV", "FUN", "EVT", "REQ", "TIM", "LIF", "APP", "ACC", "SEL", "MAP")


def areas() -> Mapping[str, str]:
    """Titles of the areas of rules by the letters of their codes."""
    return {
        "DAT": _("Dataset"),
        "COV": _("Lead coverage"),
        "FUN": _("Funnel"),
        "EVT": _("Events"),
        "REQ": _("Requests"),
        "TIM": _("Timing"),
        "LIF": _("Lifecycle"),
        "APP": _("App Events"),
        "ACC": _("Access"),
        "SEL": _("Selection of advertisers"),
        "MAP": _("Mapping"),
    }


def area_place(key: str) -> int:
    """Where an area stands on a page; those that are not ours come last."""
    return AREA_ORDER.index(key) if key in AREA_ORDER else len(AREA_ORDER)


def verdicts() -> Mapping[str, str]:
    """What became of an advertiser."""
    return {"not_ready": _("Not ready"), "undecided": _("Undecided"), "ready": _("Ready")}


def suitabilities() -> Mapping[str, str]:
    """What became of an advertiser before launch."""
    return {
        "ready": _("Ready to launch"),
        "needs-work": _("Needs work"),
        "undecided": _("Undecided"),
        "not-suitable": _("Not suitable"),
    }


def statuses() -> Mapping[str, str]:
    """What became of a rule."""
    return {
        "fail": _("Fails"),
        "undecided": _("Undecided"),
        "not_evaluable": _("Cannot be judged"),
        "warn": _("Warns"),
        "waived": _("Waived"),
        "pass": _("Passes"),
    }


def severities() -> Mapping[str, str]:
    """How much a rule weighs."""
    return {
        "required": _("required"),
        "recommended": _("recommended"),
        "informational": _("informational"),
    }


def waivers() -> Mapping[str, str]:
    """What a waiver does."""
    return {
        "active": _("covers the finding"),
        "idle": _("not needed: the rule neither fails nor warns"),
        "expired": _("expired, covers nothing"),
    }


def actors() -> Mapping[str, str]:
    """Who can act."""
    return {"advertiser": _("Advertiser"), "partner": _("Partner"), "meta": _("Meta")}


def channels() -> Mapping[str, str]:
    """What a verdict is about."""
    return {
        "crm": _("CRM events"),
        "history": _("CRM history: nothing was sent"),
        "app": _("App Events"),
    }


def kinds() -> Mapping[str, str]:
    """What a file holds."""
    return {
        "events": _("sent events"),
        "history": _("CRM history"),
        "leads": _("lead list"),
        "counts": _("daily lead counts"),
        "calls": _("log of API calls"),
        "attributions": _("installs that Meta attributes"),
        "mmp": _("export of a measurement partner"),
    }


def inputs() -> Mapping[str, str]:
    """What a rule may need, by the words of its header; names of settings are left as they are typed."""
    return {
        "call log": _("call log"),
        "history": _("CRM history"),
        "answer": _("an answer"),
        "lead list": _("lead list"),
        "history or lead list": _("CRM history or lead list"),
        "lead list or daily counts": _("lead list or daily counts"),
        "response": _("responses of Meta"),
        "stages": _("CRM history or sent events"),
        "status line": _("status of Events Manager"),
        "upload time": _("time of sending"),
    }


def raw_sources() -> Mapping[str, str]:
    """How the raw stage was found."""
    return {
        "hint": _("recognised by its name"),
        "order": _("it comes first for most leads"),
        "configured": _("configured"),
    }


def creation_sources() -> Mapping[str, str]:
    """From when the time of a lead counts."""
    return {
        "list": _("Time counts from the creation time in the lead list."),
        "raw-event": _("Time counts from the raw event, for want of a lead list."),
    }


def stage_sources() -> Mapping[str, str]:
    """How the optimisation stage was found."""
    return {"recommended": _("recommended"), "configured": _("configured")}
