"""Imports point down only, and heavy libraries stay in the one place that needs them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import funnelcheck
from funnelcheck import resources

ROOT = Path(funnelcheck.__file__).parent
LAYERS = [
    {"errors", "model", "reported", "appfigures", "payload", "resources", "lock", "shapes", "questions"},
    {"writing", "language", "numbers", "sqlfile", "config", "masking", "tables", "customer_data", "clock", "outbox"},
    {"sqlcheck", "ruleheader", "ruletexts", "phrases", "configfile", "mending"},
    {"rulebook", "findings", "verdict", "causes", "store", "lake", "compare"},
    {
        "ingestion",
        "results",
        "contracts",
        "progress",
        "eventrules",
        "sandbox",
        "access",
        "baseline",
        "gate",
    },
    {"customrules", "extracts", "settings", "inputs", "runs", "privacy"},
    {"appevents"},
    {"judgement", "proposing", "render", "demo", "validation", "selection"},
    {"delivery", "capturing", "repairing", "migrating", "cluster"},
    {"cli", "__main__", "pytest_plugin"},
]
ONLY_IN = {
    "click": {"cli"},
    "rich": {"cli"},
    "jinja2": {"render"},
    "duckdb": {"store", "lake", "ingestion", "judgement", "extracts", "sandbox", "cluster"},
    "filelock": {"lock"},
    "sqlglot": {"sqlcheck", "cluster"},
    "pyspark": {"cluster"},
    "pyarrow": {"cluster"},
    "pandas": {"cluster"},
    "polars": {"reported", "selection"},
    "weasyprint": {"delivery"},
    "xlsxwriter": {"delivery"},
    "smtplib": {"delivery"},
    "pytest": {"pytest_plugin"},
}
FILES = sorted(ROOT.rglob("*.py"))


def part_of(file: Path) -> str:
    """The module, or the package, directly below funnelcheck."""
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "funnelcheck"}
    return found


def layer_of(part: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if part in layer)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_imports_point_down_only(file: Path) -> None:
    part = part_of(file)
    if part == "__init__":
        return  # the public API may name everything
    ours = {name.split(".")[1] for name in imports_of(file) if name.startswith("funnelcheck.")} - {"__version__"}
    above = {name for name in ours if name != part and layer_of(name) > layer_of(part)}
    assert not above, f"{part} imports {above}, which stand above it"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_library_is_imported_where_it_belongs(file: Path) -> None:
    used = {name.split(".")[0] for name in imports_of(file)}
    misplaced = {name for name, homes in ONLY_IN.items() if name in used and part_of(file) not in homes | {"__init__"}}
    assert not misplaced


def test_every_module_opens_with_a_sentence() -> None:
    silent = [file.name for file in FILES if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]
    assert silent == []


def test_nothing_in_sql_asks_the_clock() -> None:
    clocks = ("now()", "current_timestamp", "current_date", "today()", "get_current_timestamp")
    sql = resources.folder("sql").rglob("*.sql")
    assert [file.name for file in sql if any(clock in file.read_text().lower() for clock in clocks)] == []
