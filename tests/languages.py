"""The catalogues of reports/languages, made anew from what the sources say: run as a program it writes them.

Every text that a reader sees is found where it stands: `_` and `ngettext` in Python, `_` in templates, the
headers of rules, guides, what is known of Meta's errors, `phrase` and `plural` in SQL, and the nouns that are counted.
Translations are kept; what no source says any more is dropped. `python tests/languages.py xx` begins a new language.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale
from babel.messages import pofile
from babel.messages.catalog import Catalog
from jinja2 import Environment, nodes

from funnelcheck import numbers, resources, rulebook, ruletexts, sqlfile
from funnelcheck.config import Config
from funnelcheck.render.html.environment import LABEL

SQL, REPORTS = resources.folder("sql"), resources.folder("reports")
ROOT = SQL.parent
CATALOGUES = REPORTS / "languages"
KEYWORDS = ("_", "gettext", "ngettext")
# What only the command line says, always in English.
ENGLISH_ONLY = ("funnelcheck/cli/", "funnelcheck/ingestion/", "funnelcheck/proposing/", "funnelcheck/demo/")
SPOKEN = ("funnelcheck/cli/listing.py",)


class Text(NamedTuple):
    """What a catalogue has an entry for; `many` is the plural of a text that a number decides."""

    one: str
    many: str | None = None


@cache
def extracted() -> dict[Text, list[str]]:
    """Every text, and the files that say it, as paths from the root of the source."""
    found: dict[Text, set[str]] = {}
    for texts in (_of_python, _of_templates, _of_styles, _of_rules, _of_guides, _of_errors, _of_app_events, _of_sql):
        for file, text in texts():
            if _is_worth_translating(text.one):
                found.setdefault(text, set()).add(file)
    return _one_entry_each(found)


def _is_worth_translating(text: str) -> bool:
    """False where nothing stands beside places but what every language writes alike."""
    return re.search(r"[^\W\d_]|[“:;]", re.sub(r"\{[^}]*\}", "", text)) is not None


def _one_entry_each(found: dict[Text, set[str]]) -> dict[Text, list[str]]:
    """A text with a plural serves the same text without one; in the order of files."""
    plural = {text.one: text for text in found if text.many}
    merged: dict[Text, set[str]] = {}
    for text, files in found.items():
        merged.setdefault(plural.get(text.one, text), set()).update(files)
    order = sorted(merged, key=lambda text: (min(merged[text]), text.one, text.many or ""))
    return {text: sorted(merged[text]) for text in order}


def _of_python() -> Iterator[tuple[str, Text]]:
    for path in sorted((ROOT / "funnelcheck").rglob("*.py")):
        file = _from_root(path)
        for name, given in _python_calls(ast.parse(path.read_text(encoding="utf-8"))):
            if name in KEYWORDS and given and isinstance(given[0], str):
                yield file, _called(name, given)
            elif (
                name == "count"
                and len(given) == 2
                and given[1]
                and (not file.startswith(ENGLISH_ONLY) or file in SPOKEN)
            ):
                yield file, Text(*numbers.counted(given[1]))
    for noun in numbers.NOUNS.values():
        yield "funnelcheck/numbers.py", Text(*numbers.counted(noun))


def _python_calls(tree: ast.Module) -> Iterator[tuple[str, list[Any]]]:
    """Every call by its last name, with its constant arguments (None for others), also inside f-strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, [one.value if isinstance(one, ast.Constant) else None for one in node.args]


def _of_templates() -> Iterator[tuple[str, Text]]:
    made = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    for path in sorted(REPORTS.rglob("*.html.j2")):
        source = path.read_text(encoding="utf-8")
        for text in (*_template_calls(made, source), *_template_nouns(made, source)):
            yield _from_root(path), text


def _template_calls(made: Environment, source: str) -> Iterator[Text]:
    for _, name, message in made.extract_translations(source, KEYWORDS):  # type: ignore[attr-defined]
        given = [part for part in message if part is not None] if isinstance(message, tuple) else [message]
        if given:
            yield _called(name, given)


def _called(name: str, given: list[Any]) -> Text:
    """What a call of one of KEYWORDS looks up."""
    return Text(*given[:2]) if name == "ngettext" else Text(given[0])


def _template_nouns(made: Environment, source: str) -> Iterator[Text]:
    """The constant noun of the filter `count` and of the function."""
    tree = made.parse(source)
    for node in tree.find_all((nodes.Filter, nodes.Call)):
        name = (
            node.name if isinstance(node, nodes.Filter) else getattr(node.node, "attr", getattr(node.node, "name", ""))
        )
        last = node.args[-1] if node.args else None
        if name == "count" and isinstance(last, nodes.Const) and isinstance(last.value, str):
            yield Text(*numbers.counted(last.value))


def _of_styles() -> Iterator[tuple[str, Text]]:
    """The labels that a narrow screen shows in place of a table's head."""
    for path in sorted(REPORTS.rglob("*.css")):
        for label in LABEL.findall(path.read_text(encoding="utf-8")):
            yield _from_root(path), Text(label)


def _of_rules() -> Iterator[tuple[str, Text]]:
    for rule in rulebook.load(Config()).catalogue:
        for text in ruletexts.texts_of(rule):
            yield f"sql/{rule.path}", Text(text)
        for text in sqlfile.read(SQL / rule.path).header.get("origin", {}).values():
            yield f"sql/{rule.path}", Text(text)


def _of_guides() -> Iterator[tuple[str, Text]]:
    for key in rulebook.guide_keys():
        for text in ruletexts.texts_of_guide(rulebook.load_guide(key)):
            yield f"sql/guides/{key}.toml", Text(text)


def _of_errors() -> Iterator[tuple[str, Text]]:
    for error in rulebook.known_errors():
        yield "sql/errors.toml", Text(error["means"])
        yield "sql/errors.toml", Text(error["do"])


def _of_app_events() -> Iterator[tuple[str, Text]]:
    for event in rulebook.app_events():
        for text in (event["value"], event["note"]):
            if text is not None:
                yield "sql/app_events.toml", Text(text)


def _of_sql() -> Iterator[tuple[str, Text]]:
    for path in sorted(SQL.rglob("*.sql")):
        file = sqlfile.read(path)
        for sql in (file.header.get("cause", ""), file.sql):
            for text in phrases(sql):
                yield _from_root(path), text


def phrases(sql: str) -> Iterator[Text]:
    """The templates of `phrase('…')` and `plural(n, 'one', 'many')`; ValueError for one that is no literal."""
    bare = without_comments(sql)
    for match in re.finditer(r"(?<!macro )\b(phrase|plural)\(", bare):
        given = arguments(bare, match.end())
        if match[1] == "phrase":
            yield Text(literal(given[0]))
        else:
            yield Text(literal(given[1]), literal(given[2]))


def without_comments(sql: str) -> str:
    """SQL without its comments; what looks like one inside a literal stays."""
    return re.sub(r"('(?:[^']|'')*')|--[^\n]*", lambda m: m[1] or "", sql)


def arguments(sql: str, start: int) -> list[str]:
    """The arguments of a call, from behind its parenthesis."""
    depth, parts, begun, i = 0, [], start, start
    while True:
        sign = sql[i]
        if sign == "'":
            i = re.compile(r"'(?:[^']|'')*'").match(sql, i).end()  # type: ignore[union-attr]
            continue
        if (sign in ")" and depth == 0) or (sign == "," and depth == 0):
            parts.append(sql[begun:i].strip())
            begun = i + 1
            if sign == ")":
                return parts
        depth += (sign in "([{") - (sign in ")]}")
        i += 1


def literal(sql: str) -> str:
    """The text of one literal."""
    if not re.fullmatch(r"'(?:[^']|'')*'", sql):
        raise ValueError(f"a phrase must be one literal, not {sql}")
    return sql[1:-1].replace("''", "'")


def _from_root(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def catalogue(key: str, old: Catalog | None, texts: dict[Text, list[str]]) -> str:
    """The catalogue of a language as a .po file, with the translations that `old` has."""
    header = _header(key, (Catalog(locale=key) if old is None else old).plural_forms)
    new = pofile.read_po(io.BytesIO(header.encode()), locale=key)
    for text, files in texts.items():
        message = new.add(
            (text.one, text.many) if text.many else text.one,
            _kept(text, old) or (("",) * new.num_plurals if text.many else ""),
            locations=[(file, 0) for file in files],
        )
        message.flags.clear()
    out = io.BytesIO()
    pofile.write_po(out, new, width=120, omit_header=True, include_lineno=False)
    return header + out.getvalue().decode("utf-8")


def _kept(text: Text, old: Catalog | None) -> Any:
    """The translation that a text has, if it is one of the same kind."""
    known = old.get(text.one) if old is not None else None
    is_alike = known is not None and known.pluralizable == bool(text.many) and not known.fuzzy
    return known.string if is_alike else None


def _header(key: str, plural_forms: str) -> str:
    name = Locale.parse(key).english_name
    return (
        f"# The reports in {name}. `make languages` writes this file anew and keeps what is translated.\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {key}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {plural_forms}\\n"\n\n'
    )


def read(path: Path) -> Catalog:
    """A catalogue from its file."""
    with path.open("rb") as source:
        return pofile.read_po(source, locale=path.stem)


def write(path: Path) -> int:
    """Write the catalogue of the language that the file is named after; how many texts it has."""
    texts = extracted()
    old = read(path) if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(catalogue(path.stem, old, texts), encoding="utf-8")
    return len(texts)


if __name__ == "__main__":
    for file in [CATALOGUES / f"{key}.po" for key in sys.argv[1:]] or sorted(CATALOGUES.glob("*.po")):
        print(f"{file.relative_to(ROOT)}: {write(file)} texts")
