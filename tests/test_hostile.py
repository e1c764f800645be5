"""Hostile text, hostile surroundings and hostile catalogues: what is told stays harmless, and somebody is told why."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import html_samples as samples
import pytest
from delivery_samples import serving
from run_samples import call
from test_judgement import AS_OF, DAY, event

from funnelcheck import language, tables
from funnelcheck.config import Config, MailConfig
from funnelcheck.delivery import chat, mail, smtp, web
from funnelcheck.errors import OutputError, UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.language import _, ngettext
from funnelcheck.render import html
from funnelcheck.render.files import write_report
from funnelcheck.render.json import render as json_of
from funnelcheck.render.schedule import Weekly, files
from funnelcheck.store import open_store

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


RIVALS = ("rival-corp", "Riv\u202eal <Two>", "\x1b[31mriv" + "al" * 20)


def log(advertiser: str, first: int) -> str:
    """Events of an advertiser: of ten leads that all of them have, and of ten of its own, sent the wrong way."""
    lines = []
    for i in range(20):
        lead, time = (i if i < 10 else first + i), AS_OF - DAY * (i % 9 + 1)
        one = event(lead, "Lead", time, advertiser_id=advertiser, dataset_id=str(1 + i % 2))
        one["event"] |= {"action_source": "website"} if i >= 10 else {}
        lines.append(json.dumps(one) + "\n")
    return "".join(lines)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of advertisers who send each other's leads, each from a file with its name."""
    folder = tmp_path_factory.mktemp("crowd") / "hidden-folder"
    (folder / "logs").mkdir(parents=True)
    for number, name in enumerate(("acme", *RIVALS)):
        file = "acme" if name == "acme" else f"rival-file-{number}"
        (folder / "logs" / f"{file}.jsonl").write_text(log(name, 100 * number))
    (folder / "own.toml").write_text("[rule.COV001]\nmin_coverage = 0.7\n[thresholds]\nmin_units = 12\n")
    with open_store(folder / "store.duckdb") as store:
        ingest(store, [str(folder / "logs")])
    return folder


def handed_on(folder: Path, *arguments: str | Path, lang: str = "en") -> int:
    """The exit code of a command on the crowd."""
    given = [*arguments, "--store", folder / "store.duckdb", "--config", folder / "own.toml", "--lang", lang]
    return call(*given, "--as-of", "2026-11-22", "-q", cwd=folder.parent).returncode


def test_what_is_shared_about_one_names_no_other_no_file_of_theirs_and_no_folder(crowd: Path, tmp_path: Path) -> None:
    shared = ("report", "--share", "--advertiser", "acme", "--out", tmp_path / "shared")
    assert handed_on(crowd, *shared, lang="fr") == 0
    texts = {file.name: file.read_text() for file in (tmp_path / "shared").iterdir()}
    for name, text in texts.items():
        found = re.findall(r"\b[Rr]iv[a⟨-].{20}|.{20}hidden-folder.{20}", text)
        assert found == [], name
    assert "own.toml" in texts["rules.html"]
    assert "acme.jsonl" in texts["index.html"]


def test_evidence_on_one_names_no_other_in_sentences_and_rows(crowd: Path, tmp_path: Path) -> None:
    assert handed_on(crowd, "evidence", "--advertiser", "acme", "--out", tmp_path / "e.zip") == 0
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "another advertiser" in texts["rows/DAT013.csv"]
    for name, text in texts.items():
        assert re.findall(r"\b[Rr]iv[a⟨\u202e-].{20}", text) == [], name


STEERING = "\x1b[31m\x9b31m\u202e\u2066\ufeff\x7f"


def test_json_says_the_same_and_steers_no_terminal() -> None:
    run = samples.run(samples.blocked(STEERING))
    text = json_of(run)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    assert json.loads(text)["advertisers"][0]["advertiser_id"] == STEERING


def test_json_lines_take_what_is_no_text(tmp_path: Path) -> None:
    tables.write([{"a": f"\udcff{STEERING}"}], ["a"], tmp_path / "a.jsonl")
    written = (tmp_path / "a.jsonl").read_text()
    assert json.loads(written) == {"a": f"\udcff{STEERING}"}
    assert "\x9b" not in written


@pytest.mark.parametrize(
    "text", ["＝1+1", "＋1", "－1", "＠SUM(A1)", " =1+1", "\x00=1+1", "\ufeff=1+1", "\u200b@x", "\n=1"]
)
def test_a_formula_in_full_width_or_behind_what_nobody_sees_is_text(text: str) -> None:
    assert next(csv.reader([tables.text([{"a": text}], ["a"]).split("\r\n", 1)[1]], strict=False))[0].startswith("'")


@pytest.mark.parametrize("braces", ["{{", "{{{", "{{{{{"])
def test_teams_fills_in_no_braces_however_many(braces: str) -> None:
    assert "{{" not in chat.teams(samples.run(samples.blocked(f"{braces}DATE(2026-01-01T00:00:00Z)}}}}")))


def test_mails_and_files_of_somebody_else_stay_where_they_are(tmp_path: Path) -> None:
    own = tmp_path / "kept.eml"
    own.write_text("Subject: mine")
    with pytest.raises(OutputError, match="no mail of ours"):
        mail.write(mail.mails(samples.run(samples.ready()), Config(path="")), tmp_path)
    assert own.read_text() == "Subject: mine"


def test_a_folder_that_holds_results_and_other_work_is_no_report(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    for name in ("results.json", "thesis.txt"):
        (tmp_path / "work" / name).write_text("{}")
    with pytest.raises(OutputError, match="no report of ours"):
        write_report(samples.run(), (), tmp_path / "work")
    assert (tmp_path / "work" / "thesis.txt").exists()


def test_what_is_posted_to_this_machine_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server, serving() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_address[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        web.post(server.url, "{}", "HOOK")
    assert len(server.got) == 1
    assert proxy.got == []


def test_a_host_that_is_none_is_said_without_the_address() -> None:
    with pytest.raises(OutputError, match="cannot be reached") as failed:
        web.post(f"https://{'a' * 70}.example/secret", "{}", "HOOK")
    assert "secret" not in str(failed.value)


def test_an_answer_that_stops_half_way_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: object) -> bytes:
        raise TimeoutError("timed out")

    monkeypatch.setattr("urllib.error.HTTPError.read", stops, raising=False)
    with serving() as server:
        server.status = 500
        with pytest.raises(OutputError, match="answered 500"):
            web.post(server.url, "{}", "HOOK")


@pytest.mark.parametrize("scheduler", ["cron", "systemd", "airflow", "github"])
@pytest.mark.parametrize("sign", ["\x1b", "\x85", "\u2028", "\x07", "\udcff"])
def test_a_path_with_a_control_character_is_refused(scheduler: str, sign: str) -> None:
    with pytest.raises(UsageError, match="control character"):
        files(scheduler, Weekly(sources=[f"logs{sign}"], place="/srv"))


def test_a_source_is_no_option_and_a_folder_swallows_no_line() -> None:
    made = files("systemd", Weekly(sources=["-q.jsonl", "-"], place="/srv/end\\"))["funnelcheck.service"]
    assert '"run" "./-q.jsonl" "-"' in made
    assert "WorkingDirectory=/srv/end\\/\n" in made


def test_the_name_of_a_crm_in_a_rule_of_ones_own_reorders_nothing() -> None:
    rules = tuple(replace(rule, crm={"Evil\u202e": "do"}) for rule in samples.catalogue()[:1])
    assert "\u202e" not in html.pages(samples.run(), rules)["rules.html"]


def test_a_terminal_that_lacks_a_sign_shows_another(crowd: Path) -> None:
    command = [sys.executable, "-m", "funnelcheck", "check", "--store", crowd / "store.duckdb", "--as-of", "2026-11-22"]
    done = subprocess.run(command, env=os.environ | {"PYTHONIOENCODING": "latin-1"}, capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert done.stderr.startswith(b"gate: failed on ")
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x80-\x9f]", done.stdout + done.stderr)


class Refusing:
    """A mail server's connection, as far as the password."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def starttls(self, **_: object) -> None:
        pass

    def login(self, user: str, password: str) -> None:
        f"{user}{password}".encode("ascii")  # as smtplib does

    def quit(self) -> None:
        pass


def test_a_password_beyond_ascii_is_refused_and_no_sign_of_it_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplib.SMTP", Refusing)
    config = MailConfig(sender="r@example.com", host="mail.example.com", user="r", password_env="WORD")  # noqa: S106
    one = replace(mail.mails(samples.run(samples.ready()), Config(path=""))[0], contact="a@example.com")
    with pytest.raises(OutputError, match="ASCII") as failed:
        smtp.send([one], config, {"WORD": "geheimniß"})
    assert "UnicodeEncodeError" not in "".join(traceback.format_exception(failed.value))
