"""Sends mails through the configured server, one by one, so that one that is refused stops no other."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from funnelcheck.config import MailConfig
from funnelcheck.delivery.mail import Mail
from funnelcheck.delivery.web import is_loopback
from funnelcheck.errors import ConfigError, OutputError
from funnelcheck.numbers import cut, visible

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Refused:
    """A mail that the server did not take, and what it said."""

    advertiser_id: str
    why: str


def ready(config: MailConfig, path: str, environment: Mapping[str, str]) -> None:
    """ConfigError (exit code 2) when nothing can be sent by this configuration; asked before any work is done."""
    for key, value in (("host", config.host), ("from", config.sender)):
        if not value:
            raise ConfigError(f"{path}: --send needs {key} under [mail]")
    if config.password_env and not environment.get(config.password_env):
        raise ConfigError(f"{path}: mail.password_env names {config.password_env}, which the environment does not set")
    if config.user and not (config.tls or config.starttls or is_loopback(config.host or "")):
        raise ConfigError(f"{path}: a password is sent under tls or starttls only; mend [mail]")


def send(mails: Iterable[Mail], config: MailConfig, environment: Mapping[str, str]) -> list[Refused]:
    """Send those that have a contact; those that did not get through come back.

    OutputError (exit code 3) when the server cannot be reached or does not let us in.
    """
    waiting = [mail for mail in mails if mail.contact]
    if not waiting:
        return []
    try:
        server = _connect(config, environment)
    except OutputError as error:
        raise OutputError(f"{error}; no mail was sent") from error
    refused: list[Refused] = []
    for place, mail in enumerate(waiting, 1):
        try:
            server.send_message(mail.message)
        except (smtplib.SMTPException, OSError) as error:
            refused.append(Refused(mail.advertiser_id, _said(error)))
            try:
                server = _again(server, config, environment)
            except OutputError as lost:
                return refused + [Refused(one.advertiser_id, str(lost)) for one in waiting[place:]]
    _leave(server)
    return refused


def _connect(config: MailConfig, environment: Mapping[str, str]) -> smtplib.SMTP:
    where, trusted = f"{config.host}:{config.port}", ssl.create_default_context()
    host = config.host or ""
    try:
        if config.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, config.port, timeout=_SECONDS, context=trusted)
        else:
            server = smtplib.SMTP(host, config.port, timeout=_SECONDS)
    except (OSError, smtplib.SMTPException) as error:
        raise OutputError(f"{where}: the mail server cannot be reached ({_said(error)})") from error
    try:
        if config.starttls:
            server.starttls(context=trusted)
        if config.user and config.password_env:
            server.login(config.user, environment[config.password_env])
    except UnicodeError:
        _leave(server)
        raise OutputError(f"{where}: user and password must be of ASCII signs") from None  # the cause would tell one
    except (OSError, smtplib.SMTPException) as error:
        _leave(server)
        raise OutputError(f"{where}: the mail server does not let us in ({_said(error)})") from error
    return server


def _again(server: smtplib.SMTP, config: MailConfig, environment: Mapping[str, str]) -> smtplib.SMTP:
    """The same connection where it still answers, else a new one."""
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        _leave(server)
        return _connect(config, environment)
    return server


def _leave(server: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        server.quit()


def _said(error: Exception) -> str:
    """What went wrong in a few words; a server's answer is foreign text."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        text = _answer(*next(iter(error.recipients.values())))
    elif isinstance(error, smtplib.SMTPResponseException):
        text = _answer(error.smtp_code, error.smtp_error)
    elif isinstance(error, OSError) and error.strerror:
        text = error.strerror
    else:
        text = str(error) or type(error).__name__
    return cut(visible(text), 200)


def _answer(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
