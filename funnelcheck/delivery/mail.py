"""Mails as files: one .eml an advertiser, with headers that no name can bend."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from funnelcheck import language
from funnelcheck.config import Config
from funnelcheck.errors import OutputError
from funnelcheck.numbers import visible
from funnelcheck.render import mail as render
from funnelcheck.render.html import page_names
from funnelcheck.reported import AdvertiserResult, Run

_OURS = "advertiser-*.eml"  # whatever else lies in a folder is not ours to take away
# An advertiser gets one mail, about what it sent rather than what it recorded; App Events stand below the CRM events.
_CHANNELS = ("crm", "app", "history")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one advertiser, the address it goes to (None: nobody's yet) and the name of its file."""

    advertiser_id: str
    contact: str | None
    file: str
    message: EmailMessage

    def __bytes__(self) -> bytes:
        return self.message.as_bytes(policy=SMTP)


def mails(run: Run, config: Config) -> list[Mail]:
    """A mail for each advertiser of a run, in the present language."""
    names = page_names(run)
    apps = {result.advertiser_id: result for result in run.advertisers if result.channel == "app"}
    return [
        _mail(
            run, result, None if result.channel == "app" else apps.get(result.advertiser_id), config, names[result.key]
        )
        for result in _one_each(run)
    ]


def by_language(run: Run, config: Config, default: str) -> dict[str, list[str]]:
    """Language -> the advertisers whose mail is in it."""
    groups: dict[str, list[str]] = {}
    for result in _one_each(run):
        own = config.advertisers.get(result.advertiser_id)
        groups.setdefault((own.language if own else None) or default, []).append(result.advertiser_id)
    return groups


def write(written: list[Mail], folder: Path) -> None:
    """Put every mail into the folder, in place of those of an earlier time.

    OutputError when the folder holds anything but mails, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(not file.match(_OURS) for file in folder.iterdir())):
        raise OutputError(f"{folder}: holds something that is no mail of ours; name another folder with --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for mail in written:
            (folder / mail.file).write_bytes(bytes(mail))
        for file in folder.glob(_OURS):
            if file.name not in {mail.file for mail in written}:
                file.unlink()
    except OSError as error:
        raise OutputError(f"{folder}: the mails cannot be written ({error.strerror or error})") from error


def _one_each(run: Run) -> list[AdvertiserResult]:
    chosen: dict[str, AdvertiserResult] = {}
    for result in sorted(run.advertisers, key=lambda one: (one.advertiser_id, _place(one.channel))):
        chosen.setdefault(result.advertiser_id, result)
    return list(chosen.values())


def _place(channel: str) -> int:
    return _CHANNELS.index(channel) if channel in _CHANNELS else len(_CHANNELS)


def _mail(run: Run, result: AdvertiserResult, app: AdvertiserResult | None, config: Config, page: str) -> Mail:
    letter = render.letter(run, result, app)
    own = config.advertisers.get(result.advertiser_id)
    contact = own.contact if own else None
    digest = hashlib.sha256(
        f"{run.as_of}\0{result.advertiser_id}\0{language.current().key}".encode("utf-8", "surrogatepass")
    ).hexdigest()
    message = EmailMessage(policy=SMTP)
    message["Subject"] = visible(letter.subject)
    sender = _address(config.mail.sender)
    if sender is not None:
        message["From"] = sender
    if contact is not None:
        message["To"] = contact
    message["Date"] = format_datetime(datetime.fromtimestamp(run.as_of, UTC))
    message["Message-ID"] = f"<{digest[:32]}@{sender.domain if sender else 'funnelcheck.invalid'}>"
    message["Auto-Submitted"] = "auto-generated"  # so that no absence note comes back
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = language.current().tag
    message.set_boundary(f"=_{digest[32:]}")  # a drawn one would be another in every file
    return Mail(result.advertiser_id, contact, f"{page.removesuffix('.html')}.eml", message)


def _address(sender: str | None) -> Address | None:
    """`Reports <reports@example.com>` as an address; config has seen that it is one."""
    if sender is None:
        return None
    name, plain = parseaddr(sender)
    return Address(display_name=name, addr_spec=plain)
