"""funnelcheck.toml: what an advertiser configures about itself, thresholds, owners, waivers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from funnelcheck.errors import ConfigError
from funnelcheck.language import _, languages
from funnelcheck.model import FailOn, Waiver
from funnelcheck.questions import Answer, questions

DEFAULT_NAME = "funnelcheck.toml"
KEEP_RUNS = 60  # a year of weeks, and some more
_MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What Events Manager showed on a day: a Unix time (midnight UTC of that day) and its label."""

    date: int
    status: str
    where: str = ""  # file and line, when it stands in a file of its own


@dataclass(frozen=True, slots=True)
class PartnerConfig:
    """What the partner says of itself and attests of its app; everything may be left out."""

    partner_agent: str | None = None  # of its advertisers' events, unless one has its own
    permissions: tuple[str, ...] | None = None  # with advanced access
    ads_management_standard_access: bool | None = None
    authentication: str | None = None  # one of AUTHENTICATIONS
    manage_business_extension: bool | None = None
    mbe_channel: str | None = None
    mbe_webhook: bool | None = None
    mbe_approved: bool | None = None
    mbe_token_exchanged: bool | None = None
    connected: bool | None = None  # its integration with Meta stands; None: it is taken to


@dataclass(frozen=True, slots=True)
class SideConfig:
    """How one side attributes installs, and by which of two times it puts them on a day; None: not stated."""

    click_days: float | None = None  # an install counts so long after a click
    view_days: float | None = None  # and so long after a view; 0: views do not count
    date: str | None = None  # one of DATE_BASES


@dataclass(frozen=True, slots=True)
class AttributionConfig:
    """What Meta's attributed installs and those of a measurement partner are compared by."""

    meta: SideConfig = SideConfig()
    mmp: SideConfig = SideConfig()
    sources: tuple[str, ...] = ()  # what the measurement partner calls Meta; none: by the usual names
    apps: Mapping[str, str] = field(default_factory=dict)  # the measurement partner's id of an app -> Meta's


@dataclass(frozen=True, slots=True)
class AdvertiserConfig:
    """The facts that one advertiser declares; everything may be left out."""

    time_zone: str = "UTC"
    raw_stage: str | None = None
    stage_order: tuple[str, ...] = ()
    optimisation_stage: str | None = None
    negative_stages: tuple[str, ...] = ()
    ignore_datasets: tuple[str, ...] = ()
    crm_dataset: bool | None = None
    server_to_server: bool | None = None  # its App Events are sent by a server, not by the app
    auto_logging: bool | None = None  # its app has Meta's automatic event logging
    anonymous_ids: bool | None = None  # its App Events may name anon_id or ud in place of a device
    attribution: AttributionConfig = AttributionConfig()
    partner_agent: str | None = None  # of this advertiser's events; None: the partner's
    event_match_quality: float | None = None
    status: tuple[StatusLine, ...] = ()
    dataset_id: str | None = None
    business_id: str | None = None
    external_business_id: str | None = None
    system_user_token_made: bool | None = None
    identifiers_shared: bool | None = None
    contact: str | None = None  # the address that its mails go to
    language: str | None = None  # of its mails; None: that of the command
    answers: Mapping[str, Answer] = field(default_factory=dict)  # to questions.toml's, by key; for `select`


@dataclass(frozen=True, slots=True)
class MailConfig:
    """Who mails come from, and the server that takes them; without a host none can be sent."""

    sender: str | None = None
    host: str | None = None
    port: int = 587
    tls: bool = False  # from the first byte, as on port 465
    starttls: bool = True  # before anything is said that matters
    user: str | None = None
    password_env: str | None = None  # the environment variable that holds the password


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Where `notify --send` posts to: the environment variable that holds the address, which is a secret."""

    url_env: str | None = None


@dataclass(frozen=True, slots=True)
class GateConfig:
    """What makes the exit code 1, where the command line does not say."""

    select: tuple[str, ...] = ()  # codes and areas
    ignore: tuple[str, ...] = ()
    fail_on: FailOn | None = None  # None: as is usual for the command
    baseline: Path | None = None  # given from the configuration's folder


@dataclass(frozen=True, slots=True)
class JoinConfig:
    """A second table that gives what a source's own rows lack, like Meta's lead id; `fields`: field -> column there."""

    file: str = ""
    on: str = ""  # column here
    key: str = ""  # column there
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """How one table's columns are to be read: a [source.NAME]; `fields`: field -> column (JSON: dotted path)."""

    name: str
    kind: str | None = None  # one of KINDS; None: as it is handed over
    files: tuple[str, ...] = ()  # patterns of names; none: every table that has the columns
    preset: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)  # wide: column of times -> stage
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # column -> values that are kept
    stage_names: Mapping[str, str] = field(default_factory=dict)  # value -> stage
    join: JoinConfig | None = None
    records: str | None = None  # JSON: path of the list of records
    each: str | None = None  # JSON: path of a list inside each record; one row an item
    time_zone: str | None = None
    time_format: str | None = None
    changes_only: bool = False


KINDS = ("events", "history", "leads", "counts", "calls", "attributions", "mmp")
DATE_BASES = ("install", "touch")  # the day of the install, or that of the click or view
AUTHENTICATIONS = ("mbe", "client-token")
# What a column of a table can be; the payload's own fields are named as Meta names them.
SOURCE_FIELDS = (
    "lead_id event_name event_time created_time upload_time advertiser dataset_id http_status test_event_code "
    "action_source event_source lead_event_source form_id page_id campaign_id ad_id adset_id is_organic day leads "
    "call_time error_code error_subcode is_success "
    "install_time touch_time click_time view_time touch_type is_view_through attributed_to window_days campaign app_id "
    "platform advertising_id idfa"
).split()
TIME_FORMATS = ("day-first", "month-first")
_STATUS_COLUMNS = ("advertiser", "date", "status")
_MAILBOX = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
_ADDRESS = re.compile(_MAILBOX)
_SENDER = re.compile(rf"{_MAILBOX}|[^<>@\x00-\x1f\x7f]+ <{_MAILBOX}>")
_STRPTIME = re.compile(r"(?=.*%)([^%]|%-?[aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%])+")


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration; the default is an empty file's."""

    path: str = "(no configuration)"
    guide: str | None = None
    time_zone: str = "UTC"  # of naive times in the sources
    thresholds: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    advertisers: Mapping[str, AdvertiserConfig] = field(default_factory=dict)
    partner: PartnerConfig = PartnerConfig()
    mail: MailConfig = MailConfig()
    webhook: WebhookConfig = WebhookConfig()
    gate: GateConfig = GateConfig()
    waivers: tuple[Waiver, ...] = ()
    sources: Mapping[str, SourceConfig] = field(default_factory=dict)
    store_user_data: bool = False
    rules_folder: Path | None = None  # of rules of the user's own
    keep_runs: int = KEEP_RUNS  # how many the store keeps, the newest ones
    memory_limit: str | None = None  # of the engine, like "1GB"; None: four fifths of the machine's

    @property
    def folder(self) -> Path:
        """What relative paths in the configuration start from."""
        return Path(self.path).parent


def load(path: Path | None) -> Config:
    """Read `path`; without one, funnelcheck.toml of the current folder if it is there.

    ConfigError (exit code 2) names file, key and the nearest known key.
    """
    if path is None:
        path = Path(DEFAULT_NAME)
        if not path.is_file():
            return Config()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: the configuration cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the configuration is not TOML: {error}") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """The configuration that a text is; ConfigError as for `load`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: the configuration is not TOML: {error}") from error
    return _Reader(str(path)).config(document)


class _Reader:
    """Turns a parsed document into a Config and says where it is wrong."""

    def __init__(self, path: str) -> None:
        self.path = path

    def config(self, document: Mapping[str, Any]) -> Config:
        keys = (
            "guide time_zone store_user_data keep_runs memory_limit rules_folder status_file thresholds rule datasets "
            "forms pages partner mail webhook gate advertiser source waiver"
        )
        self.known("", document, keys)
        rules = self.text(document, "rules_folder", "")
        return Config(
            path=self.path,
            guide=self.text(document, "guide", "") or None,
            time_zone=self.zone(document, ""),
            thresholds=self.numbers(document.get("thresholds", {}), "thresholds"),
            rules={
                code: self.numbers(values, f"rule.{code}") for code, values in self.table(document, "rule", "").items()
            },
            datasets=self.owners(document, "datasets"),
            forms=self.owners(document, "forms"),
            pages=self.owners(document, "pages"),
            advertisers=self.advertisers(document),
            partner=self.partner(self.table(document, "partner", "")),
            mail=self.mail(self.table(document, "mail", "")),
            webhook=self.webhook(self.table(document, "webhook", "")),
            gate=self.gate(self.table(document, "gate", "")),
            waivers=tuple(self.waiver(entry) for entry in self.tables(document, "waiver", "")),
            sources={
                name: self.source(name, values, f"source.{name}")
                for name, values in self.table(document, "source", "").items()
            },
            store_user_data=self.flag(document, "store_user_data", ""),
            rules_folder=Path(self.path).parent / rules if rules else None,
            keep_runs=self.keep_runs(document),
            memory_limit=self.memory(document),
        )

    def keep_runs(self, values: Mapping[str, Any]) -> int:
        number = values.get("keep_runs", KEEP_RUNS)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= _MOST_RUNS:
            self.fail("keep_runs", f"must be a whole number from 1 to {_MOST_RUNS}, not {number!r}")
        return int(number)

    def memory(self, values: Mapping[str, Any]) -> str | None:
        limit = self.text(values, "memory_limit", "") or None
        if limit is not None and not re.fullmatch(r"[0-9]+ ?(MB|GB)", limit):
            self.fail("memory_limit", f'must be like "500MB" or "2GB", not {limit!r}')
        return limit

    def partner(self, values: Mapping[str, Any]) -> PartnerConfig:
        keys = "partner_agent permissions ads_management_standard_access authentication manage_business_extension"
        self.known("partner", values, f"{keys} mbe_channel mbe_webhook mbe_approved mbe_token_exchanged connected")
        authentication = self.text(values, "authentication", "partner") or None
        if authentication is not None and authentication not in AUTHENTICATIONS:
            allowed = " or ".join(f'"{name}"' for name in AUTHENTICATIONS)
            self.fail("partner.authentication", f"must be {allowed}, not {authentication!r}")
        return PartnerConfig(
            partner_agent=self.text(values, "partner_agent", "partner") or None,
            permissions=self.texts(values, "permissions", "partner") if "permissions" in values else None,
            ads_management_standard_access=self.attested(values, "ads_management_standard_access", "partner"),
            authentication=authentication,
            manage_business_extension=self.attested(values, "manage_business_extension", "partner"),
            mbe_channel=self.text(values, "mbe_channel", "partner") or None,
            mbe_webhook=self.attested(values, "mbe_webhook", "partner"),
            mbe_approved=self.attested(values, "mbe_approved", "partner"),
            mbe_token_exchanged=self.attested(values, "mbe_token_exchanged", "partner"),
            connected=self.attested(values, "connected", "partner"),
        )

    def mail(self, values: Mapping[str, Any]) -> MailConfig:
        if "password" in values:
            self.fail("mail.password", "must not stand in a file; password_env names the variable that holds it")
        self.known("mail", values, "from host port tls starttls user password_env")
        tls = self.flag(values, "tls", "mail")
        starttls = self.flag(values, "starttls", "mail") if "starttls" in values else not tls
        if tls and starttls:
            self.fail("mail", "has both tls and starttls; the server speaks one of them")
        user, password_env = (self.text(values, key, "mail") or None for key in ("user", "password_env"))
        if (user is None) != (password_env is None):
            self.fail("mail", "needs both user and password_env, or neither")
        return MailConfig(
            sender=self.sender(values),
            host=self.text(values, "host", "mail") or None,
            port=self.port(values, 465 if tls else 587 if starttls else 25),
            tls=tls,
            starttls=starttls,
            user=user,
            password_env=password_env,
        )

    def sender(self, values: Mapping[str, Any]) -> str | None:
        given = self.text(values, "from", "mail")
        if given and not _SENDER.fullmatch(given):
            self.fail("mail.from", f'must be like "reports@example.com" or "Reports <…>", not {given!r}')
        return given or None

    def port(self, values: Mapping[str, Any], default: int) -> int:
        port = values.get("port", default)
        if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65_536:
            self.fail("mail.port", f"must be a number from 1 to 65535, not {port!r}")
        return int(port)

    def webhook(self, values: Mapping[str, Any]) -> WebhookConfig:
        if "url" in values:
            self.fail("webhook.url", "must not stand in a file: who has it can post; url_env names a variable for it")
        self.known("webhook", values, "url_env")
        return WebhookConfig(url_env=self.text(values, "url_env", "webhook") or None)

    def gate(self, values: Mapping[str, Any]) -> GateConfig:
        self.known("gate", values, "select ignore fail_on baseline")
        fail_on = self.text(values, "fail_on", "gate")
        if "fail_on" in values and fail_on not in list(FailOn):
            self.fail("gate.fail_on", f"must be one of {', '.join(FailOn)}, not {fail_on!r}{nearest(fail_on, FailOn)}")
        baseline = self.text(values, "baseline", "gate")
        return GateConfig(
            select=self.texts(values, "select", "gate"),
            ignore=self.texts(values, "ignore", "gate"),
            fail_on=FailOn(fail_on) if fail_on else None,
            baseline=Path(self.path).parent / baseline if baseline else None,
        )

    def attested(self, values: Mapping[str, Any], key: str, where: str) -> bool | None:
        return self.flag(values, key, where) if key in values else None

    def source(self, name: str, values: Any, where: str) -> SourceConfig:
        keys = "kind files preset stages where stage_names join records each time_zone time_format changes_only"
        self.known(where, values, f"{keys} {' '.join(SOURCE_FIELDS)}")
        kind = self.text(values, "kind", where) or None
        if kind is not None and kind not in KINDS:
            self.fail(f"{where}.kind", f"must be one of {', '.join(KINDS)}, not {kind!r}{nearest(kind, KINDS)}")
        files = values.get("files", [])
        return SourceConfig(
            name=name,
            kind=kind,
            files=(files,) if isinstance(files, str) else self.texts(values, "files", where),
            preset=self.text(values, "preset", where) or None,
            fields={key: self.text(values, key, where) for key in SOURCE_FIELDS if key in values},
            stages=self.names(values, "stages", where),
            where={
                column: (kept,) if isinstance(kept, str) else self.texts(wanted, column, f"{where}.where")
                for wanted in [self.table(values, "where", where)]
                for column, kept in wanted.items()
            },
            stage_names=self.names(values, "stage_names", where),
            join=self.join(values["join"], f"{where}.join") if "join" in values else None,
            records=self.text(values, "records", where) or None,
            each=self.text(values, "each", where) or None,
            time_zone=self.zone(values, where) if "time_zone" in values else None,
            time_format=self.time_format(values, where),
            changes_only=self.flag(values, "changes_only", where),
        )

    def join(self, values: Any, where: str) -> JoinConfig:
        self.known(where, values, f"file on key {' '.join(SOURCE_FIELDS)}")
        return JoinConfig(
            file=self.text(values, "file", where),
            on=self.text(values, "on", where),
            key=self.text(values, "key", where),
            fields={key: self.text(values, key, where) for key in SOURCE_FIELDS if key in values},
        )

    def time_format(self, values: Mapping[str, Any], where: str) -> str | None:
        form = self.text(values, "time_format", where) or None
        if form is not None and form not in TIME_FORMATS and not _STRPTIME.fullmatch(form):
            wanted = 'must be "day-first", "month-first" or like "%d.%m.%Y %H:%M"'
            self.fail(f"{where}.time_format", f"{wanted}, not {form!r}")
        return form

    def names(self, values: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
        found = self.table(values, key, where)
        return {name: self.text(found, name, f"{where}.{key}") for name in found}

    def flag(self, values: Mapping[str, Any], key: str, where: str) -> bool:
        value = values.get(key, False)
        if not isinstance(value, bool):
            self.fail(f"{where}.{key}".lstrip("."), "must be true or false")
        return bool(value)

    def advertisers(self, document: Mapping[str, Any]) -> dict[str, AdvertiserConfig]:
        """Those of the configuration, with the lines that a status file adds; it may name others too."""
        found = {
            name: self.advertiser(values, f"advertiser.{name}")
            for name, values in self.table(document, "advertiser", "").items()
        }
        for name, line in self.status_file(self.text(document, "status_file", "")):
            known = found.get(name, AdvertiserConfig())
            found[name] = replace(known, status=(*known.status, line))
        return found

    def status_file(self, name: str) -> Iterator[tuple[str, StatusLine]]:
        """Advertiser and status of every row of a CSV file; ConfigError names the file and the line of a bad one."""
        if not name:
            return
        path = Path(self.path).parent / name
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise ConfigError(f"{self.path}: status_file {path} cannot be read ({reason})") from error
        head = text.partition("\n")[0]
        rows = csv.reader(io.StringIO(text), delimiter=next((sign for sign in "\t;" if sign in head), ","))
        columns = [cell.strip().casefold() for cell in next(rows, [])]
        if missing := [column for column in _STATUS_COLUMNS if column not in columns]:
            columns_wanted = ", ".join(_STATUS_COLUMNS)
            raise ConfigError(f"{path}:1: lacks {', '.join(missing)}; the columns are {columns_wanted}")
        for cells in rows:
            if any(cell.strip() for cell in cells):
                row = dict(zip(columns, map(str.strip, cells), strict=False))
                yield _Reader(f"{path}:{rows.line_num}").status_row(row)

    def status_row(self, row: Mapping[str, str]) -> tuple[str, StatusLine]:
        """A row of the status file; this reader's path is the row's file and line."""
        if missing := [column for column in _STATUS_COLUMNS if not row.get(column)]:
            self.fail("the row", f"gives no {' and no '.join(missing)}")
        line = self.status({"date": row["date"], "status": row["status"]}, "status")
        return row["advertiser"], replace(line, where=self.path)

    def advertiser(self, values: Any, where: str) -> AdvertiserConfig:
        if not isinstance(values, dict):
            self.fail(where, "must be a table")
        keys = "time_zone raw_stage stage_order optimisation_stage negative_stages ignore_datasets"
        identifiers = "dataset_id business_id external_business_id system_user_token_made identifiers_shared"
        mails = "contact language"
        others = f"{identifiers} {mails} {' '.join(questions())}"
        app = "server_to_server auto_logging anonymous_ids attribution"
        self.known(where, values, f"{keys} crm_dataset partner_agent event_match_quality status {app} {others}")
        return AdvertiserConfig(
            time_zone=self.zone(values, where),
            raw_stage=self.text(values, "raw_stage", where) or None,
            stage_order=self.texts(values, "stage_order", where),
            optimisation_stage=self.text(values, "optimisation_stage", where) or None,
            negative_stages=self.texts(values, "negative_stages", where),
            ignore_datasets=self.texts(values, "ignore_datasets", where),
            crm_dataset=self.attested(values, "crm_dataset", where),
            server_to_server=self.attested(values, "server_to_server", where),
            auto_logging=self.attested(values, "auto_logging", where),
            anonymous_ids=self.attested(values, "anonymous_ids", where),
            attribution=self.attribution(self.table(values, "attribution", where), f"{where}.attribution"),
            partner_agent=self.text(values, "partner_agent", where) or None,
            event_match_quality=self.number(values, "event_match_quality", where),
            status=tuple(self.status(line, f"{where}.status") for line in self.tables(values, "status", where)),
            dataset_id=self.text(values, "dataset_id", where) or None,
            business_id=self.text(values, "business_id", where) or None,
            external_business_id=self.text(values, "external_business_id", where) or None,
            system_user_token_made=self.attested(values, "system_user_token_made", where),
            identifiers_shared=self.attested(values, "identifiers_shared", where),
            contact=self.contact(values, where),
            language=self.language(values, where),
            answers={
                key: self.number(values, key, where) or 0 if one.kind == "number" else self.flag(values, key, where)
                for key, one in questions().items()
                if key in values
            },
        )

    def attribution(self, values: Mapping[str, Any], where: str) -> AttributionConfig:
        self.known(where, values, "meta mmp sources apps")
        return AttributionConfig(
            meta=self.side(self.table(values, "meta", where), f"{where}.meta"),
            mmp=self.side(self.table(values, "mmp", where), f"{where}.mmp"),
            sources=self.texts(values, "sources", where),
            apps=self.names(values, "apps", where),
        )

    def side(self, values: Mapping[str, Any], where: str) -> SideConfig:
        self.known(where, values, "click_days view_days date")
        date = self.text(values, "date", where) or None
        if date is not None and date not in DATE_BASES:
            allowed = " or ".join(f'"{name}"' for name in DATE_BASES)
            self.fail(f"{where}.date", f"must be {allowed} (the click or view), not {date!r}")
        return SideConfig(
            click_days=self.number(values, "click_days", where),
            view_days=self.number(values, "view_days", where),
            date=date,
        )

    def contact(self, values: Mapping[str, Any], where: str) -> str | None:
        address = self.text(values, "contact", where)
        if address and not _ADDRESS.fullmatch(address):
            self.fail(f"{where}.contact", f"must be one address like name@example.com, not {address!r}")
        return address or None

    def language(self, values: Mapping[str, Any], where: str) -> str | None:
        key = self.text(values, "language", where)
        if key and key not in languages():
            self.fail(f"{where}.language", f"must be one of {', '.join(languages())}, not {key!r}")
        return key or None

    def status(self, line: Any, where: str) -> StatusLine:
        self.known(where, line, "date status")
        label = self.text(line, "status", where)
        if not label:
            self.fail(where, 'needs status = "…", the label that Events Manager shows')
        day = self.day(line, "date", where)
        if day is None:
            self.fail(where, "needs date = YYYY-MM-DD")
        midnight = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
        return StatusLine(int(midnight.timestamp()), label)

    def waiver(self, entry: Any) -> Waiver:
        self.known("waiver", entry, "rule advertiser until by reason since")
        fields = {key: self.text(entry, key, "waiver") for key in ("rule", "advertiser", "by", "reason")}
        missing = [key for key, value in fields.items() if not value]
        until = self.day(entry, "until", "waiver")
        if until is None:
            missing.append("until")
        if missing:
            self.fail("waiver", f"needs {', '.join(missing)}: a waiver names its rule, owner, reason and end")
        since = self.day(entry, "since", "waiver")
        return Waiver(
            rule=fields["rule"],
            advertiser_id=fields["advertiser"],
            until=str(until),
            by=fields["by"],
            reason=fields["reason"],
            since=str(since) if since else None,
        )

    def known(self, where: str, values: Any, keys: str) -> None:
        if not isinstance(values, dict):
            self.fail(where, "must be a table")
        for key in values:
            if key not in keys.split():
                self.fail(f"{where}.{key}".lstrip("."), f"is not a known key{nearest(key, keys.split())}")

    def fail(self, where: str, what: str) -> NoReturn:
        raise ConfigError(f"{self.path}: {where or 'the file'} {what}")

    def text(self, values: Mapping[str, Any], key: str, where: str) -> str:
        value = values.get(key, "")
        if not isinstance(value, str):
            self.fail(f"{where}.{key}".lstrip("."), f"must be text in quotes, not {value!r}")
        return str(value).strip()

    def texts(self, values: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        value = values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(f"{where}.{key}", 'must be a list of texts, like ["Lead", "Qualified"]')
        return tuple(value)

    def numbers(self, values: Any, where: str) -> dict[str, float]:
        if not isinstance(values, dict):
            self.fail(where, "must be a table of numbers")
        for key, value in values.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
                self.fail(f"{where}.{key}", f"must be a number that is not negative, not {value!r}")
        return dict(values)

    def number(self, values: Mapping[str, Any], key: str, where: str) -> float | None:
        value = values.get(key)
        return None if value is None else self.numbers({key: value}, where)[key]

    def owners(self, document: Mapping[str, Any], key: str) -> dict[str, str]:
        values = self.table(document, key, "")
        for name, owner in values.items():
            if not isinstance(owner, str) or not owner.strip():
                self.fail(f"{key}.{name}", "must name an advertiser in quotes")
        return {str(name): owner.strip() for name, owner in values.items()}

    def table(self, values: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
        value = values.get(key, {})
        if not isinstance(value, dict):
            self.fail(f"{where}.{key}".lstrip("."), f"must be a table, written [{key}.NAME] or [{key}]")
        return dict(value)

    def tables(self, values: Mapping[str, Any], key: str, where: str) -> list[Any]:
        value = values.get(key, [])
        if not isinstance(value, list):
            self.fail(f"{where}.{key}".lstrip("."), "must be a list of tables in double brackets")
        return list(value)

    def day(self, values: Mapping[str, Any], key: str, where: str) -> dt.date | None:
        value = values.get(key)
        if isinstance(value, str):
            try:
                value = dt.date.fromisoformat(value)
            except ValueError:
                self.fail(f"{where}.{key}", f"must be a day like 2026-11-01, not {value!r}")
        if isinstance(value, dt.datetime):
            value = value.date()
        if value is not None and not isinstance(value, dt.date):
            self.fail(f"{where}.{key}", f"must be a day like 2026-11-01, not {value!r}")
        return value

    def zone(self, values: Mapping[str, Any], where: str) -> str:
        name = self.text(values, "time_zone", where) or "UTC"
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{where}.time_zone".lstrip("."), f"is not a time zone: {name!r} (try Europe/Paris)")
        return name


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint like `; did you mean "raw_stage"?`, or nothing when no known word is near."""
    import difflib  # only a mistake needs it

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if close:
        return _('; did you mean "{word}"?').format(word=close[0])
    words = sorted(known)
    return _(" (known: {words})").format(words=", ".join(words[:12]) + (", …" if len(words) > 12 else ""))
