"""Mails: what they say and how little, headers that no name bends, and a real server that takes or refuses them."""

from __future__ import annotations

import email
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default as modern
from html.parser import HTMLParser
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import delivery_samples
import html_samples as samples
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from funnelcheck import config, language
from funnelcheck.config import AdvertiserConfig, Config, MailConfig
from funnelcheck.delivery import mail, smtp
from funnelcheck.errors import ConfigError, OutputError
from funnelcheck.model import Actor
from funnelcheck.render import plainwords
from funnelcheck.render.mail import letter
from funnelcheck.reported import AdvertiserResult

OTHER = delivery_samples.OTHER
JARGON = r"\b(?:[A-Z]{3}\d{3}|p90|cohort|Kaplan|lead_id|event_|action_source|funnelcheck|payload|fingerprint|SQL|API)\b"


def read(sent: bytes) -> EmailMessage:
    return email.message_from_bytes(sent, policy=modern)


def parts(one: EmailMessage) -> tuple[str, str]:
    plain, markup = one.get_body(("plain",)), one.get_body(("html",))
    assert plain is not None
    assert markup is not None
    return plain.get_content(), markup.get_content()


def of(result: AdvertiserResult, **given: Any) -> EmailMessage:
    own = AdvertiserConfig(contact="anna@example.com")
    known = Config(mail=MailConfig(sender="Réports <reports@example.com>"), advertisers={result.advertiser_id: own})
    (one,) = mail.mails(samples.run(result), replace(known, **given))
    return read(bytes(one))


def with_actions(n: int) -> AdvertiserResult:
    """An advertiser with n things to do, each another one."""
    base = samples.blocked()
    codes = ("EVT005", "EVT007", "COV001", "FUN006", "DAT004", "EVT013")[:n]
    first = base.actions[0]
    actions = tuple(replace(first, code=code, what=code, acts=Actor.PARTNER, blocks=True) for code in codes)
    return replace(base, actions=actions, findings=())


class Marks(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_it_says_the_verdict_two_figures_and_what_to_do_in_plain_words() -> None:
    one = of(samples.blocked())
    plain, markup = parts(one)
    for text in (" ".join(plain.split()), re.sub(r"<[^>]+>|\s+", " ", markup)):
        assert "Not ready: Meta cannot learn from what becomes of your leads yet." in text
        assert "Days with data" in text
        assert "5 of 7" in text
        assert "Leads that were sent back to Meta" in text
        assert "What to do" in text
        assert not re.findall(JARGON, text)
    assert len(plain) < 2_500
    assert max(map(len, plain.splitlines())) <= 72


@pytest.mark.parametrize("make", [samples.ready, samples.undecided, samples.recorded, samples.nothing, samples.hostile])
def test_every_kind_of_advertiser_gets_a_mail_without_jargon(make: Any) -> None:
    result = make()
    plain, markup = parts(of(replace(result, advertiser_id="Anna's", optimisation_stage="Qualified")))
    assert not re.findall(JARGON, plain) or make is samples.undecided  # its one action has a text of its own
    assert "Anna" in markup
    marks = Marks(markup)
    assert marks.tags <= set("html head meta title body table tr td p h1 h2 b bdi".split())
    assert not marks.attributes & {"class", "id", "src", "href", "onclick", "onerror"}


@pytest.mark.parametrize(
    ("n", "shown", "told"), [(0, 0, ""), (1, 1, ""), (3, 3, ""), (4, 3, "3 of 4"), (6, 3, "3 of 6")]
)
def test_it_has_three_actions_at_most_and_says_how_many_there_are(n: int, shown: int, told: str) -> None:
    plain, markup = parts(of(with_actions(n)))
    assert len(re.findall(r"^\d\. ", plain, flags=re.MULTILINE)) == shown
    assert markup.count(">Your CRM partner<") == shown
    assert ("things to do" in plain) == bool(told)
    assert told in " ".join(plain.split())
    assert ("There is nothing to do." in plain) == (n == 0)


def test_what_several_rules_ask_for_is_said_once_and_what_blocks_comes_first() -> None:
    base = with_actions(2)
    first, second = base.actions
    several = (replace(second, code="TIM004", blocks=False), first, replace(first, code="TIM002"), second)
    plain, _ = parts(of(replace(base, actions=several)))
    said = [" ".join(part.split()) for part in re.split(r"^\d\. ", plain, flags=re.MULTILINE)[1:]]
    assert [text.split()[2] for text in said] == ["moment", "number", "change"]
    assert "this can wait" in said[2]
    assert "this can wait" not in said[0] + said[1]


def test_metas_own_labels_that_occur_are_explained_and_no_others() -> None:
    step = replace(samples.STEPS[2], shows={"en": ("Wait for 7 days of CRM events",), "fr": ("Attendre",)})
    run = samples.run(samples.blocked())
    guide = replace(run.guide, steps=(*samples.STEPS[:2], step, *samples.STEPS[3:]))
    text = letter(replace(run, guide=guide), samples.blocked()).text
    assert "Events Manager should now show “Wait for 7 days of CRM events”." in " ".join(text.split())
    assert "Wait for 7 days of CRM events: Meta collects a week of data" in " ".join(text.split())
    assert "\ndataset:" not in text


@pytest.mark.parametrize(
    "name",
    [
        "Ann\r\nBcc: everybody@example.com",
        "Zahnärzte Köln 牙",
        "a" * 5_000,
        samples.HOSTILE,
        "\u202eevil",
        "",
        "?=\n=?utf-8?q?x?=",
    ],
)
def test_no_name_bends_a_header_or_leaves_the_folder(name: str, tmp_path: Path) -> None:
    result = replace(samples.blocked(), advertiser_id=name)
    one = of(result)
    assert sorted(one.keys()) == sorted(
        "Subject From To Date Message-ID Content-Language Auto-Submitted MIME-Version Content-Type".split()
    )
    assert one["To"] == "anna@example.com"
    assert one["From"].addresses[0].display_name == "Réports"
    assert one["Subject"].strip().endswith("Meta cannot learn from your leads yet")
    if "Köln" in name:
        assert one["Subject"].strip().startswith(name)
    raw = bytes(mail.mails(samples.run(result), Config())[0])
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998
    mail.write(mail.mails(samples.run(result), Config()), tmp_path / "mails")
    assert [file.parent.name for file in tmp_path.rglob("*.eml")] == ["mails"]


def test_an_advertiser_gets_one_mail_about_what_it_sent() -> None:
    sent, recorded = samples.blocked("x"), samples.recorded("x")
    (one,) = mail.mails(samples.run(recorded, sent), Config())
    assert "Not ready" in bytes(one).decode()


def test_the_same_run_gives_the_same_bytes_and_another_day_another_id() -> None:
    run = samples.run(samples.blocked())
    first, again = (bytes(mail.mails(run, Config())[0]) for _ in range(2))
    assert first == again
    later = bytes(mail.mails(replace(run, as_of=run.as_of + 86_400), Config())[0])
    assert read(first)["Message-ID"] != read(later)["Message-ID"]
    assert read(first)["Date"].datetime.timestamp() == run.as_of


def test_mails_are_grouped_by_the_language_that_the_advertiser_reads() -> None:
    run = samples.run(samples.blocked("a"), samples.ready("b"), samples.undecided("c"))
    known = Config(advertisers={"b": AdvertiserConfig(language="fr"), "c": AdvertiserConfig()})
    assert mail.by_language(run, known, "en") == {"en": ["a", "c"], "fr": ["b"]}
    assert mail.by_language(samples.run(), known, "en") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[mail]\npassword = "x"', "mail.password must not stand in a file; password_env names the variable"),
        ('[mail]\nfrom = "nobody"', "mail.from must be like"),
        ('[mail]\nfrom = "A <a@example.com>\\nBcc: b@example.com"', "mail.from must be like"),
        ("[mail]\ntls = true\nstarttls = true", "has both tls and starttls"),
        ("[mail]\nport = 65536", "mail.port must be a number from 1 to 65535"),
        ('[mail]\nuser = "u"', "needs both user and password_env"),
        ('[mail]\nhots = "x"', 'mail.hots is not a known key; did you mean "host"'),
        ('[advertiser.a]\ncontact = "a@example.com, b@example.com"', "advertiser.a.contact must be one address"),
        ('[advertiser.a]\ncontact = "a@example.com\\nBcc: x@example.com"', "advertiser.a.contact must be one address"),
        ('[advertiser.a]\nlanguage = "tlh"', "advertiser.a.language must be one of en"),
        ('[webhook]\nurl = "https://x"', "webhook.url must not stand in a file"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused_with_its_key(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, tmp_path / "f.toml")
    assert words in str(caught.value)


def test_a_configuration_that_can_be_used_is_read(tmp_path: Path) -> None:
    text = (
        '[mail]\nfrom = "R <r@example.com>"\nhost = "mx"\n[advertiser.a]\ncontact = "a+b@example.com"\nlanguage = "en"'
    )
    found = config.parse(text, tmp_path / "f.toml")
    assert found.mail == MailConfig("R <r@example.com>", "mx", 587, tls=False, starttls=True)
    assert config.parse("[mail]\ntls = true", tmp_path / "f.toml").mail == MailConfig(
        port=465, tls=True, starttls=False
    )
    assert (found.advertisers["a"].contact, found.advertisers["a"].language) == ("a+b@example.com", "en")


@dataclass
class Inbox:
    """What a server was given, and whom it does not know."""

    refused: str = ""
    got: list[Envelope] = field(default_factory=list)
    logins: list[LoginPassword] = field(default_factory=list)

    async def handle_RCPT(self, _s: Any, _x: Any, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802
        if address == self.refused:
            return "550 no such\x1b[31m user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: Any, _x: Any, envelope: Envelope) -> str:  # noqa: N802
        self.got.append(envelope)
        return "250 OK"

    def login(self, _s: Any, _x: Any, _e: Any, _m: str, given: LoginPassword) -> AuthResult:
        self.logins.append(given)
        return AuthResult(success=given.password == b"right", handled=False)

    @property
    def mails(self) -> dict[str, EmailMessage]:
        return {one.rcpt_tos[0]: read(one.original_content) for one in self.got if one.original_content}


server_of: dict[int, Controller] = {}


@contextmanager
def server(inbox: Inbox, **given: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **given)
    controller.start()
    server_of[port] = controller
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return delivery_samples.fill(tmp_path_factory.mktemp("mails"))


def settings(folder: Path, port: int, *lines: str, contacts: tuple[str, ...] = ("a", OTHER)) -> Path:
    more = "".join(f'[advertiser.{name}]\ncontact = "{name}@example.com"\n' for name in contacts)
    head = f'[mail]\nfrom = "Reports <reports@example.com>"\nhost = "localhost"\nport = {port}\n'
    (folder / "funnelcheck.toml").write_text(head + "".join(f"{line}\n" for line in lines) + more)
    return folder / "funnelcheck.toml"


def test_mails_are_written_and_nothing_is_sent_unless_asked_for(store: Path, tmp_path: Path) -> None:
    inbox = Inbox()
    with server(inbox) as port:
        known = settings(tmp_path, port, "starttls = false")
        assert delivery_samples.funnelcheck(store, "mail", "--out", tmp_path / "m", "--config", known) == 0
    assert inbox.got == []
    files = sorted((tmp_path / "m").iterdir())
    assert [file.name.rsplit("-", 1)[0] for file in files] == ["advertiser-a", f"advertiser-{OTHER}"]
    text = b"".join(file.read_bytes() for file in files).decode()
    assert [canary for canary in delivery_samples.CANARIES if canary in text] == []
    done = ("mail", "--out", tmp_path / "m", "--advertiser", "a")
    assert delivery_samples.funnelcheck(store, *done) == 0
    assert [file.name for file in (tmp_path / "m").iterdir()] == [files[0].name]
    assert "To:" not in files[0].read_text()


def test_a_folder_with_anything_else_in_it_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something that is no mail of ours"):
        mail.write(mail.mails(samples.run(samples.ready()), Config()), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_one_that_is_refused_ends_with_3_and_the_others_are_sent(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox = Inbox(refused="a@example.com")
    with server(inbox) as port:
        known = settings(tmp_path, port, "starttls = false")
        sent = ("mail", "--send", "-q", "--out", tmp_path / "m", "--config", known)
        assert delivery_samples.funnelcheck(store, *sent) == 3
        told = capsys.readouterr().err
        assert told == "funnelcheck: a: the mail was not sent (550 no such[31m user)\n"
        assert list(inbox.mails) == [f"{OTHER}@example.com"]
        inbox.refused = ""
        assert delivery_samples.funnelcheck(store, *sent) == 0
    assert inbox.mails["a@example.com"]["To"] == "a@example.com"
    assert inbox.got[-1].mail_from == "reports@example.com"
    assert (
        parts(inbox.mails["a@example.com"])[0].startswith("a\r\n")
        or "Not ready" in parts(inbox.mails["a@example.com"])[0]
    )


def test_those_without_a_contact_are_told(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = Inbox()
    with server(inbox) as port:
        known = settings(tmp_path, port, "starttls = false", contacts=("a",))
        sent = ("mail", "--send", "--out", tmp_path / "m", "--config", known)
        assert delivery_samples.funnelcheck(store, *sent) == 0
        assert f"without a contact, so not sent: {OTHER}" in capsys.readouterr().err
        assert delivery_samples.funnelcheck(store, *sent, "--advertiser", OTHER) == 2
        assert f"advertiser.{OTHER} has no contact" in capsys.readouterr().err
        known = settings(tmp_path, port, "starttls = false", contacts=())
        assert delivery_samples.funnelcheck(store, *sent) == 2
    assert list(inbox.mails) == ["a@example.com"]


def test_a_login_goes_through_starttls_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, made = tmp_path / "key.pem", tmp_path / "cert.pem"
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name]
    subprocess.run([*command, "-keyout", key, "-out", made], check=True, capture_output=True)
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    inbox, run = Inbox(), samples.run(samples.ready("a"), samples.blocked("b"))
    own = {name: AdvertiserConfig(contact=f"{name}@example.com") for name in ("a", "b")}
    demands = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": inbox.login}
    with server(inbox, **demands) as port:
        known = MailConfig("r@example.com", "localhost", port, user="u", password_env="MAIL_PASSWORD")  # noqa: S106
        mails = mail.mails(run, Config(mail=known, advertisers=own))
        with pytest.raises(ConfigError, match="names MAIL_PASSWORD, which the environment does not set"):
            smtp.ready(known, "f.toml", {})
        with pytest.raises(OutputError, match="CERTIFICATE_VERIFY_FAILED"):  # nobody vouches for it
            smtp.send(mails, known, {"MAIL_PASSWORD": "right"})
        assert inbox.logins == []
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        assert smtp.send(mails, known, {"MAIL_PASSWORD": "right"}) == []
        assert sorted(inbox.mails) == ["a@example.com", "b@example.com"]
        with pytest.raises(OutputError, match=r"does not let us in \(535 .*; no mail was sent") as caught:
            smtp.send(mails, known, {"MAIL_PASSWORD": "Tr0ub4dor"})
        assert "Tr0ub4dor" not in str(caught.value)
    assert len(inbox.got) == 2


def test_a_server_that_goes_away_leaves_the_rest_unsent_and_named() -> None:
    class Gone(Inbox):
        async def handle_DATA(self, session_server: Any, _x: Any, envelope: Envelope) -> str:  # noqa: N802
            self.got.append(envelope)
            holder[0].server.close()
            session_server.transport.abort()
            return "250 OK"

    inbox, names = Gone(), ("a", "b", "c")
    run = samples.run(*(samples.ready(name) for name in names))
    own = {name: AdvertiserConfig(contact=f"{name}@example.com") for name in names}
    with server(inbox) as port:
        holder = [server_of[port]]
        known = MailConfig("r@example.com", "127.0.0.1", port, starttls=False)
        refused = smtp.send(mail.mails(run, Config(mail=known, advertisers=own)), known, {})
    assert [one.advertiser_id for one in refused] == list(names)
    assert len(inbox.got) == 1


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        ("[mail]\n", 2, "--send needs host under [mail]"),
        ('[mail]\nhost = "mx"\n', 2, "--send needs from under [mail]"),
        ('[mail]\nhost = "127.0.0.1"\nport = 1\nfrom = "a@example.com"\n', 3, "127.0.0.1:1: the mail server cannot be"),
        (
            '[mail]\nhost = "mx"\nfrom = "a@example.com"\nuser = "u"\npassword_env = "HOME"\nstarttls = false\n',
            2,
            "a password is sent under tls or starttls only",
        ),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_line(
    lines: str, code: int, words: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.toml").write_text(f'{lines}[advertiser.a]\ncontact = "a@example.com"\n')
    sent = ("mail", "--send", "-q", "--advertiser", "a", "--out", tmp_path / "m", "--config", tmp_path / "f.toml")
    assert delivery_samples.funnelcheck(store, *sent) == code
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_each_gets_its_mail_in_its_own_language(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "fr.po").write_text(f'{head}msgid "What to do"\nmsgstr "À faire"\n', encoding="utf-8")
    monkeypatch.setattr(language, "_catalogues", lambda: tmp_path)
    language._load.cache_clear()
    (tmp_path / "f.toml").write_text('[advertiser.a]\nlanguage = "fr"\n')
    code = delivery_samples.funnelcheck(store, "mail", "--out", tmp_path / "m", "--config", tmp_path / "f.toml")
    language._load.cache_clear()
    french, english = (read(file.read_bytes()) for file in sorted((tmp_path / "m").iterdir()))
    assert (code, french["Content-Language"], english["Content-Language"]) == (0, "fr", "en")
    for part in parts(french):
        assert "À faire" in part
        assert "What to do" not in part
    assert "What to do" in parts(english)[0]


@pytest.mark.parametrize(("value", "way"), [(0.001, "more of"), (0.7, "fewer of"), (0.2, "more, or fewer, of")])
def test_the_stage_to_aim_at_lies_on_one_side(value: float, way: str) -> None:
    found = samples.finding("FUN006", status="fail", value=value)
    result = replace(samples.blocked(), findings=(found,))
    action = replace(result.actions[0], code="FUN006")
    assert f"that {way} your leads reach" in plainwords.told(action, result).what
