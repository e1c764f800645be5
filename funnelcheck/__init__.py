"""Is an advertiser's CRM data ready for conversion-lead optimisation? The public API.

import funnelcheck

with funnelcheck.open_store("leads.duckdb") as store:
    funnelcheck.ingest(store, ["logs/"], ["leads.csv"])
    run = funnelcheck.check(store, as_of=1795305600)
for result in run.advertisers:
    print(result.advertiser_id, result.verdict, result.summary)

Sentences are in English; inside `with funnelcheck.use_language("fr"):` judging and reports speak another language.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funnelcheck.appevents.discrepancies import Comparison
    from funnelcheck.appevents.discrepancies import compare as compare_mmp
    from funnelcheck.baseline import read as read_baseline
    from funnelcheck.baseline import write as write_baseline
    from funnelcheck.capturing import Capture, capture
    from funnelcheck.config import Config
    from funnelcheck.config import load as load_config
    from funnelcheck.contracts import schema
    from funnelcheck.gate import Gate, Policy, judge
    from funnelcheck.ingestion import IngestReport, ingest
    from funnelcheck.judgement import check
    from funnelcheck.lake import write as write_lake
    from funnelcheck.language import use as use_language
    from funnelcheck.mending import mend
    from funnelcheck.migrating import migrate_app_events
    from funnelcheck.model import Finding, Status
    from funnelcheck.payload import PayloadFile, PayloadFinding, Unreadable, Validation
    from funnelcheck.render.ci import Judged, rendered
    from funnelcheck.render.files import write_report
    from funnelcheck.repairing import repair
    from funnelcheck.reported import AdvertiserResult, Change, KeptRun, Run, Since, Verdict
    from funnelcheck.rulebook import load as load_rulebook
    from funnelcheck.runs import between as compare_runs
    from funnelcheck.runs import keep as keep_run
    from funnelcheck.runs import kept as kept_runs
    from funnelcheck.selection import Applicant, Selection, Suitability, read_questionnaire, read_what_if, select
    from funnelcheck.store import Store, open_store
    from funnelcheck.validation import validate, validate_texts

__version__ = "0.1.0"
__all__ = [
    "AdvertiserResult",
    "Applicant",
    "Capture",
    "Change",
    "Comparison",
    "Config",
    "Finding",
    "Gate",
    "IngestReport",
    "Judged",
    "KeptRun",
    "PayloadFile",
    "PayloadFinding",
    "Policy",
    "Run",
    "Selection",
    "Since",
    "Status",
    "Store",
    "Suitability",
    "Unreadable",
    "Validation",
    "Verdict",
    "capture",
    "check",
    "compare_mmp",
    "compare_runs",
    "ingest",
    "judge",
    "keep_run",
    "kept_runs",
    "load_config",
    "load_rulebook",
    "mend",
    "migrate_app_events",
    "open_store",
    "read_baseline",
    "read_questionnaire",
    "read_what_if",
    "rendered",
    "repair",
    "schema",
    "select",
    "use_language",
    "validate",
    "validate_texts",
    "write_baseline",
    "write_lake",
    "write_report",
]
_HOMES = {
    "read_baseline": ("baseline", "read"),
    "write_baseline": ("baseline", "write"),
    "Capture": ("capturing", "Capture"),
    "capture": ("capturing", "capture"),
    "check": ("judgement", "check"),
    "Config": ("config", "Config"),
    "load_config": ("config", "load"),
    "schema": ("contracts", "schema"),
    "Gate": ("gate", "Gate"),
    "Policy": ("gate", "Policy"),
    "judge": ("gate", "judge"),
    "IngestReport": ("ingestion", "IngestReport"),
    "ingest": ("ingestion", "ingest"),
    "AdvertiserResult": ("reported", "AdvertiserResult"),
    "mend": ("mending", "mend"),
    "migrate_app_events": ("migrating", "migrate_app_events"),
    "Change": ("reported", "Change"),
    "Finding": ("model", "Finding"),
    "KeptRun": ("reported", "KeptRun"),
    "Since": ("reported", "Since"),
    "Run": ("reported", "Run"),
    "Status": ("model", "Status"),
    "Verdict": ("reported", "Verdict"),
    "Judged": ("render.ci", "Judged"),
    "rendered": ("render.ci", "rendered"),
    "write_report": ("render.files", "write_report"),
    "PayloadFile": ("payload", "PayloadFile"),
    "PayloadFinding": ("payload", "PayloadFinding"),
    "Unreadable": ("payload", "Unreadable"),
    "Validation": ("payload", "Validation"),
    "validate": ("validation", "validate"),
    "validate_texts": ("validation", "validate_texts"),
    "compare_runs": ("runs", "between"),
    "Comparison": ("appevents.discrepancies", "Comparison"),
    "compare_mmp": ("appevents.discrepancies", "compare"),
    "write_lake": ("lake", "write"),
    "keep_run": ("runs", "keep"),
    "kept_runs": ("runs", "kept"),
    "repair": ("repairing", "repair"),
    "load_rulebook": ("rulebook", "load"),
    "Store": ("store", "Store"),
    "open_store": ("store", "open_store"),
    "Applicant": ("selection", "Applicant"),
    "Selection": ("selection", "Selection"),
    "Suitability": ("selection", "Suitability"),
    "read_questionnaire": ("selection", "read_questionnaire"),
    "read_what_if": ("selection", "read_what_if"),
    "select": ("selection", "select"),
    "use_language": ("language", "use"),
}


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for, so that the command line starts fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'funnelcheck' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(f"funnelcheck.{module}"), attribute)
    globals()[name] = value
    return value
