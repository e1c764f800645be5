"""Every text that a reader sees comes from the catalogues, and every catalogue is whole.

A made-up language that sets every text between ⟦ and ⟧ shows what no catalogue was asked for.
"""

from __future__ import annotations

import dataclasses
import json
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import languages
import league_samples
import pytest
from babel.dates import get_month_names
from babel.messages.catalog import Catalog, Message

from funnelcheck import demo, language, numbers, phrases, rulebook
from funnelcheck.config import load as load_config
from funnelcheck.delivery import chat
from funnelcheck.delivery.briefs import briefs
from funnelcheck.errors import UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Rule
from funnelcheck.render import digest, html, mail, text
from funnelcheck.render.catalogue import explanation, heading, lines
from funnelcheck.render.changes import Titles
from funnelcheck.render.html import choosing
from funnelcheck.reported import Run
from funnelcheck.runs import keep
from funnelcheck.store import open_store

AS_OF = 1_795_305_600
MADE_UP = "de"  # its figures are not the English ones, which shows those that nobody translated
TEXTS = languages.extracted()
# What needs no translation wherever it stands: names of programs, formats, fields and options.
ALIKE = set(
    (
        "funnelcheck toml Meta CRM UTC SHA JSON CSV ID API HTML Events Manager Conversions SQL TOML explain rows "
        "Android iOS IPv Forwarded For"
    ).split()
)


# --- the catalogues -------------------------------------------------------------------------------------------------

SHIPPED = [pytest.param(path, id=path.stem) for path in sorted(languages.CATALOGUES.glob("*.po"))]


@pytest.mark.parametrize("path", SHIPPED)
def test_a_catalogue_is_as_the_sources_say(path: Path) -> None:
    made = languages.catalogue(path.stem, languages.read(path), TEXTS)
    assert path.read_text(encoding="utf-8") == made, "run make languages"


@pytest.mark.parametrize("path", SHIPPED)
def test_every_text_is_translated_with_all_its_places(path: Path) -> None:
    catalogue = languages.read(path)
    amiss = [(message.id, told) for message in catalogue if message.id for told in complaints(message)]
    assert amiss == []
    assert not catalogue.obsolete


def complaints(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    if message.fuzzy:
        yield "is marked fuzzy"
    sources = message.id if message.pluralizable else (message.id,)
    for told in message.string if message.pluralizable else (message.string,):
        if not told.strip():
            yield "is not translated"
        elif not any(places(told) == places(source) for source in sources):
            yield f"has other places: {told}"
        elif sources[0].startswith(" ") != told.startswith(" ") or sources[0].endswith(" ") != told.endswith(" "):
            yield f"begins or ends otherwise: {told}"
        elif sources[0].startswith(numbers.DASH) and not told.startswith(numbers.DASH):
            yield f"lacks the dash that mutes it: {told}"


def places(told: str) -> list[str]:
    """{n:count}, %(name)s, and the tags of HTML: what a translation must carry over, in any order."""
    return sorted(re.findall(r"\{[a-z_0-9]*(?::[a-z]+)?\}|%\([a-z_0-9]+\)s|%%|</?[a-z]+[^>]*>|%(?![(%])", told))


def test_complaints_are_found() -> None:
    catalogue = Catalog(locale="fr")
    told = {
        "{n:count} of {all}": "{n:count} sur {tout}",
        "a": "",
        "b %(name)s": "b %(nom)s",
        "<b>c</b>": "<i>c</i>",
        " d": "d",
        "– e": "e",
    }
    for source, translation in told.items():
        catalogue.add(source, translation)
    assert all(list(complaints(message)) for message in catalogue if message.id)
    catalogue = Catalog(locale="fr")
    catalogue.add(
        ("{n:count} day of {all}", "{n:count} days of {all}"), ("{n:count} jour sur {all}", "sur {all}, {n:count}")
    )
    assert not any(list(complaints(message)) for message in catalogue if message.id)


def test_every_place_of_a_text_has_a_name_and_a_known_form() -> None:
    known = {"", "share", "count", "days", "date", "instant", "day", "quoted", "told"}
    for entry in TEXTS:
        for one in filter(None, (entry.one, entry.many)):
            for _, name, form, _ in string.Formatter().parse(one.replace("{{", "").replace("}}", "")):
                assert name is None or (name.isidentifier() and form in known), one


def test_making_a_catalogue_anew_keeps_what_is_translated_and_drops_what_no_source_says(tmp_path: Path) -> None:
    path = tmp_path / "fr.po"
    languages.write(path)
    assert languages.write(path) == len(TEXTS)
    catalogue = languages.read(path)
    catalogue.get("– none").string = "– aucun"
    catalogue.add("nobody says this", "personne ne le dit")
    path.write_text(languages.catalogue("fr", catalogue, TEXTS), encoding="utf-8")
    languages.write(path)
    assert languages.read(path).get("– none").string == "– aucun"
    assert languages.read(path).get("nobody says this") is None
    assert not re.search(r"\d{4}-\d\d-\d\d|/home|/tmp|#: \S+:\d", path.read_text(encoding="utf-8").split("msgid", 2)[1])


# --- SQL tells nothing but phrases -----------------------------------------------------------------------------------


# Literals of more than one word that no reader sees, or that read alike in every language.
NO_PHRASES = {
    "lead list",  # keys of inputs
    "lead list or daily counts",
    "upload time",
    "status line",
    "ad set",  # a key, told by phrases of their own
    "Ads Management Standard Access",  # Meta's name
    "cannot tell",  # a key of results.json
    "status ",  # what errors are sorted by
    "error ",
    "no code",
    "person ",  # how an id of ours begins
    "the row names no lead",  # a reason of the quarantine, by which such rows are found
    " before ",
}


_PHRASE = re.compile(r"\b(phrase|plural)\([^']*'(?:[^']|'')*'(,\s*'(?:[^']|'')*')?")


def test_no_text_in_sql_stands_outside_a_phrase() -> None:
    stray = []
    for path in sorted((languages.SQL / "rules").rglob("*.sql")) + sorted((languages.SQL / "facts").rglob("*.sql")):
        file = languages.sqlfile.read(path)
        for sql in (file.header.get("cause", ""), file.sql):
            bare = _PHRASE.sub("", languages.without_comments(sql))
            found = {one for one in re.findall(r"'((?:[^']|'')*)'", bare) if re.search(r"[a-z]{2,}\s|\s[a-z]{2,}", one)}
            stray += [(path.name, one) for one in sorted(found - NO_PHRASES)]
    assert stray == []


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("a name", "a name"),
        ({"one": "{n:count} events", "many": None, "n": None, "named": '{"n": 1200}'}, "1,200 events"),
        ({"one": "{n} day", "many": "{n} days", "n": 2, "named": None}, "2 days"),
        (
            {
                "one": "; ",
                "many": "",
                "n": None,
                "named": '{"parts": [{"one": "a", "many": null, "n": null, "named": null}]}',
            },
            "a",
        ),
        ({"one": "{x}", "many": None, "n": None, "named": '{"x": "{n.__class__} {y}"}'}, "{n.__class__} {y}"),
        ({"one": "in {x:quoted}", "many": None, "n": None, "named": '{"x": ["a", "b"]}'}, "in “a”, “b”"),
        ({"cause": {"one": "a", "many": None, "n": None, "named": None}, "events": 3}, {"cause": "a", "events": 3}),
    ],
)
def test_a_phrase_is_told_and_what_a_log_says_in_it_is_text(value: object, sentence: object) -> None:
    assert phrases.told(value) == sentence


def test_what_a_log_says_breaks_out_of_no_phrase() -> None:
    hostile = '\'"}, {"one": "Ready", "named": {}} {value:share} \\ \x00 ⟧'
    with open_store() as store:
        row = store.rows("select phrase('{x}', {'x': $name}) as told", {"name": hostile})[0]
    assert phrases.told(row["told"]) == numbers.visible(hostile)


# --- a made-up language ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The language MADE_UP, whose texts are the English ones between ⟦ and ⟧."""
    folder = tmp_path_factory.mktemp("languages")
    catalogue = Catalog(locale=MADE_UP)
    for entry in TEXTS:
        several = [f"⟦{one}⟧" for one in (entry.one, entry.many) if one]
        catalogue.add(
            (entry.one, entry.many) if entry.many else entry.one,
            tuple(several) if entry.many else several[0],
        )
    (folder / f"{MADE_UP}.po").write_text(languages.catalogue(MADE_UP, catalogue, TEXTS), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_catalogues", lambda: folder)
        language._load.cache_clear()
        with language.use(MADE_UP):
            yield
    language._load.cache_clear()


@pytest.fixture(scope="module")
def run(made_up: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, tuple[Rule, ...]]:
    """The sample, judged in the made-up language."""
    out = tmp_path_factory.mktemp("sample")
    demo.write(out, as_of=AS_OF)
    config = load_config(out / "funnelcheck.toml")
    with open_store() as store:
        ingest(store, [str(out / "logs")], [str(out / "leads")], config=config)
        for as_of in (AS_OF - 7 * numbers.DAY, AS_OF):
            judged = check(store, as_of=as_of, config=config, rows=3)
            keep(store, judged)
        return judged, rulebook.load(config).rules


def test_every_sentence_of_a_run_is_looked_up(run: tuple[Run, tuple[Rule, ...]]) -> None:
    judged, _ = run
    told = [f.message for r in judged.advertisers for f in r.findings] + [r.summary for r in judged.advertisers]
    told += [part for r in judged.advertisers for f in r.findings for part in (f.title, f.fix, *f.notes)]
    told += [part for r in judged.advertisers for a in r.actions for part in (a.what, a.title, a.message, a.unlocks)]
    told += [part for r in judged.advertisers for part in (*r.notes, *(c.message for c in r.causes))]
    told += [part for r in judged.advertisers for part in (*(w.message for w in r.clock), *(s.title for s in r.stuck))]
    told += [step.title for step in judged.guide.steps]
    assert [(one, rest) for one in told if one and (rest := outside(one))] == []


def test_every_line_of_the_text_is_looked_up(run: tuple[Run, tuple[Rule, ...]]) -> None:
    judged, _ = run
    names = {word for result in judged.advertisers for word in words(result.advertiser_id)}
    assert [line for line in text.render(judged).splitlines() if outside(line) - names] == []


def test_the_rules_are_told_in_the_language(made_up: None) -> None:
    book = rulebook.load(load_config(None))
    assert outside(heading(book)) <= set(words(book.guide.key))
    keys = {word for rule in book.catalogue for name in (*rule.thresholds, *rule.shared) for word in words(name)}
    assert [line for line in lines(book) if outside(line) - keys] == []
    for rule in book.rules:
        told = explanation(replaced(rule), book)
        assert outside(told) <= keys | set(words(rule.path)) | set(words(" ".join(rule.crm))) | {
            "advertiser",
            "NAME",
            *FIELDS,
        }


FIELDS = {
    word
    for field in (*rulebook.FIELDS, "crm", "history", "pass", "fail", "warn")
    for word in re.findall(r"[^\W\d_]{2,}", field)
}


def replaced(rule: Rule) -> Rule:
    """The rule without what is code: its SQL, its cases, its payloads."""
    from dataclasses import replace

    return replace(rule, sql="", extract_sql=None, cases=(), bad=None, good=None, needs=())


def test_every_text_of_the_pages_is_looked_up(run: tuple[Run, tuple[Rule, ...]]) -> None:
    judged, rules = run
    names = known_names(judged, rules)
    amiss: dict[str, tuple[str, list[str]]] = {}
    for page, source in dict(html.pages(judged, rules)).items():
        rest = {one: left for one in visible(source) if (left := outside(one) - names)}
        amiss |= {one: (page, sorted(left)) for one, left in rest.items()}
    assert amiss == {}


def test_the_pages_of_a_selection_and_its_briefs_are_in_the_language(made_up: None, tmp_path: Path) -> None:
    stories = league_samples.STORIES[2:3] + league_samples.STORIES[9:11]
    league_samples.write(tmp_path, [dataclasses.replace(story, language=MADE_UP) for story in stories])
    selection, partner = league_samples.judged(tmp_path)
    selection, book = league_samples.supposed(selection), rulebook.load(load_config(None))
    pages = dict(choosing.selection_pages(selection, partner, book.selection, {}))
    pages |= briefs(selection, load_config(None), choosing.selection_names(selection))
    named = [part for one in selection.advertisers for part in (one.advertiser_id, *(s.name for s in one.stages))]
    named += [source.path for source in selection.inputs.sources] + list(selection.what_if)
    named += [part for r in book.catalogue for part in (r.slug, r.path, *r.crm, *r.thresholds, *r.shared, *r.needs)]
    months = [
        month
        for width in ("abbreviated", "wide")
        for context in ("format", "stand-alone")
        for month in get_month_names(width, context, locale=MADE_UP).values()
    ]
    names = {word for one in (*named, *months, selection.guide.key) for word in words(one)} | FIELDS
    amiss = []
    for name, page in pages.items():
        told = visible(page) if name.endswith("html") else re.sub("`[^`]*`", " ", page).splitlines()
        amiss += [(name, one, left) for one in told if (left := outside(one) - names)]
    assert amiss == []


def test_what_changed_is_told_in_the_language_wherever_it_is_told(run: tuple[Run, tuple[Rule, ...]]) -> None:
    judged, rules = run
    assert judged.since is not None
    titles = Titles({rule.code: rule.title for rule in rules}, {step.key: step.title for step in judged.guide.steps})
    names = known_names(judged, rules)
    page = html.digest_page(judged.since.now, judged.since, titles, ())
    told = [*visible(page)]
    for render in (digest.text, digest.markdown, digest.diff_text):
        told += render(judged.since, titles).splitlines()
    told += digest.runs_text([judged.since.was]).splitlines()
    told.append(digest.first_run(judged.since.now))
    assert [(one, left) for one in told if (left := outside(one) - names)] == []


def test_mails_and_messages_are_in_the_language(run: tuple[Run, tuple[Rule, ...]]) -> None:
    judged, rules = run
    names = known_names(judged, rules)
    told = []
    for result in judged.advertisers:
        letter = mail.letter(judged, result)
        told += [letter.subject, letter.text, *visible(letter.html)]
    told.append(json.loads(chat.slack(judged))["text"])
    card = json.loads(chat.teams(judged))
    told += re.findall(r'"text": "((?:[^"\\]|\\.)*)"', json.dumps(card, ensure_ascii=False))
    assert [(one, left) for one in told if (left := outside(one) - names)] == []


def known_names(judged: Run, rules: tuple[Rule, ...]) -> set[str]:
    """Words of the sample's names and of keys."""
    named = [
        part
        for r in judged.advertisers
        for part in (r.advertiser_id, r.raw_stage or "", r.time_zone, *(s.name for s in r.stages))
    ]
    named += [source.path for source in judged.inputs.sources]
    named += [part for r in rules for part in (r.slug, r.path, *r.crm, *r.thresholds, *r.shared, *r.needs)]
    named += [w.waiver.by for r in judged.advertisers for w in r.waivers] + [
        w.waiver.reason for r in judged.advertisers for w in r.waivers
    ]
    named += [label for step in judged.guide.steps for labels in step.shows.values() for label in labels]
    extracts = [rows for r in judged.advertisers for rows in r.extracts.values()]
    named += [name for rows in extracts for name in rows.columns]
    named += [str(cell) for rows in extracts for row in rows.rows for cell in row if "⟦" not in str(cell)]
    months = (month for width in ("abbreviated", "wide") for month in get_month_names(width, locale=MADE_UP).values())
    return {word for one in (*named, *months, judged.guide.key) for word in words(one)} | FIELDS


def words(told: str) -> list[str]:
    """The words of a text, without codes of rules, versions and digests."""
    return re.findall(
        r"[^\W\d_]{2,}", re.sub(r"\b([A-Z]{3}\d{3}|v\d+\.\d+(\.\d+)?|[0-9a-f]{12,64})\b|~[0-9a-f]{8}", " ", told)
    )


def outside(told: str) -> set[str]:
    """The words of a text that stand between no ⟦ and ⟧."""
    depth, kept = 0, []
    for sign in told:
        depth += (sign == "⟦") - (sign == "⟧")
        kept.append(sign if depth == 0 and sign not in "⟦⟧" else " ")
    return set(words("".join(kept))) - ALIKE


class _Page(HTMLParser):
    """The texts of a page, a block each, and its attributes that are read out."""

    BLOCKS = frozenset(
        "html body header main footer nav section article div p ul ol li dl dt dd table thead tbody tr td th caption "
        "h1 h2 h3 h4 details summary figure figcaption form label button option select title text desc".split()
    )
    LEFT_OUT = frozenset("script style code pre bdi".split())
    EMPTY = frozenset("br img input meta link hr wbr col".split())
    READ_OUT = frozenset("title aria-label alt placeholder data-label".split())

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.texts[-1:-1] = [given[name] or "" for name in self.READ_OUT if name in given]
        if tag in self.BLOCKS:
            self.texts.append("")
        is_left_out = self.hidden or tag in self.LEFT_OUT or (given.get("lang") and tag != "html")
        if is_left_out and tag not in self.EMPTY:
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            while self.hidden.pop() != tag:
                pass
        if tag in self.BLOCKS:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts[-1] += data


def visible(source: str) -> set[str]:
    """Every text of a page that a reader sees or hears."""
    page = _Page()
    page.feed(source)
    return {" ".join(one.split()) for one in page.texts if one.strip()}


def test_the_finder_of_texts_finds_them() -> None:
    page = '<p>⟦a <b>bold</b> word⟧ plain</p><p title="spoken">⟦cut off</p><p>next</p><code>code</code><bdi>name</bdi>'
    assert {word for one in visible(page) for word in outside(one)} == {"plain", "spoken", "next"}


# --- asking for a language -------------------------------------------------------------------------------------------


def test_a_language_without_a_catalogue_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="en"), language.use("xx"):
        pass


def test_figures_and_days_follow_the_language(made_up: None) -> None:
    assert numbers.count(3412.5) == "3.412,5"
    assert numbers.percent(0.2413) == "24,1\u00a0%"
    assert numbers.count(3412, "lead") == "⟦3.412 leads⟧"
    assert numbers.date_of(AS_OF) == "22.\u00a0Nov.\u00a02026"
    assert numbers.number(0.05) == "0.05", "as it is typed into a configuration"


def test_what_is_remembered_of_a_figure_is_of_one_language(made_up: None) -> None:
    assert numbers.percent(0.123) == "12,3\u00a0%"
    with language.use("en"):
        assert numbers.percent(0.123) == "12.3 %"


def test_keys_stay_as_they_are(run: tuple[Run, tuple[Rule, ...]]) -> None:
    from funnelcheck.render.json import document

    told = document(run[0])
    steps = {advertiser["step_name"] for advertiser in told["advertisers"] if advertiser["channel"] != "app"}
    assert steps <= {step.key for step in run[0].guide.steps}
    keys = [
        (rule["status"], rule["severity"], rule["unit"], rule["name"])
        for a in told["advertisers"]
        for rule in a["rules"]
    ]
    assert not any("⟦" in key for several in keys for key in several)
    assert '"one":' not in str(told)
    assert "'named'" not in str(told)
