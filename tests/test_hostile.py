"""Hostile text, hostile surroundings and hostile catalogues: what is told stays harmless, and somebody is told why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import html_samples as samples
import pytest

from funnelcheck import language
from funnelcheck.config import Config
from funnelcheck.delivery import mail
from funnelcheck.errors import UsageError
from funnelcheck.language import _, ngettext
from funnelcheck.render import html

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of catalogues that a test fills."""
    monkeypatch.setattr(language, "_catalogues", lambda: tmp_path)
    language._load.cache_clear()
    yield tmp_path
    language._load.cache_clear()


def po(*entries: tuple[str, str]) -> str:
    """A catalogue of some texts."""
    return HEAD + "\n".join(f'msgid "{text}"\nmsgstr "{told}"\n' for text, told in entries)


BROKEN = ("{m} von {all}", "{n von {all}", "{n:count} von {all}", "{n!r} von {all}", "{0} von {all}")


@pytest.mark.parametrize("told", BROKEN)
def test_a_translation_that_cannot_be_filled_is_left_out(told: str, catalogues: Path) -> None:
    (catalogues / "de.po").write_text(po(("{n} of {all}", told), ("Ready", "Bereit")))
    with language.use("de"):
        assert _("{n} of {all}").format(n=3, all=4) == "3 of 4"
        assert _("Ready") == "Bereit"


@pytest.mark.parametrize("told", ["%(m)s Tage", "%(n)s % Tage", "%(n)d Tage %"])
def test_a_template_s_translation_that_cannot_be_filled_is_left_out(told: str, catalogues: Path) -> None:
    (catalogues / "de.po").write_text(po(("%(n)s days", told)))
    with language.use("de"):
        assert _("%(n)s days") == "%(n)s days"


def test_one_bad_plural_leaves_all_of_its_entry_out(catalogues: Path) -> None:
    forms = 'msgid "{n} lead"\nmsgid_plural "{n} leads"\nmsgstr[0] "{n} Lead"\nmsgstr[1] "{x} Leads"\n'
    (catalogues / "de.po").write_text(HEAD + forms)
    with language.use("de"):
        assert ngettext("{n} lead", "{n} leads", 2).format(n=2) == "2 leads"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("xx.po", po(("Ready", "Bereit")), "is called after no language"),
        ("no-language.po", "", "is called after no language"),
        ("de.po", HEAD + 'msgid "Ready"\nmsgstr "Bereit\n\nmsgid broken\n', "cannot be read as a catalogue"),
    ],
)
def test_a_catalogue_that_is_none_is_named(name: str, text: str, words: str, catalogues: Path) -> None:
    (catalogues / name).write_text(text)
    with pytest.raises(UsageError, match=words), language.use(name.removesuffix(".po")):
        pass


def test_a_language_of_a_country_is_named_as_browsers_and_mails_name_it(catalogues: Path) -> None:
    (catalogues / "pt_BR.po").write_text(po(("Value", 'Eta\\"}</style>pa')))
    run = samples.run(samples.blocked())
    with language.use("pt_BR"):
        page = html.pages(run, [])["index.html"]
        sent = mail.mails(run, Config(path=""))[0].message
    assert '<html lang="pt-BR">' in page  # the portfolio's script stops at pt_BR
    assert sent["Content-Language"] == "pt-BR"
    assert '<html lang="pt-BR">' in str(sent.get_payload()[1].get_content())  # type: ignore[index, union-attr]
    assert page.count("</style>") == 1
