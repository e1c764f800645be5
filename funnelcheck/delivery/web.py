"""Posts JSON to an address that is a secret: over https, or to this machine; no redirect is followed."""

from __future__ import annotations

import http.client
import ipaddress
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from funnelcheck.errors import ConfigError, OutputError
from funnelcheck.numbers import cut, visible

_SECONDS = 20


def address(url_env: str | None, path: str, environment: Mapping[str, str]) -> str:
    """The address to post to; ConfigError (exit code 2) names what is missing, and never the address itself."""
    if not url_env:
        raise ConfigError(f"{path}: --send needs url_env under [webhook]: the variable that holds the address")
    url = environment.get(url_env, "").strip()
    if not url:
        raise ConfigError(f"{path}: webhook.url_env names {url_env}, which the environment does not set")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"{url_env}: holds no address of a webhook") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ConfigError(f"{url_env}: a webhook's address begins with https://; http only on this machine")
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigError(f"{url_env}: holds no address of a webhook")
    return url


def post(url: str, body: str, name: str) -> None:
    """Post JSON; OutputError (exit code 3) says what `name`, the variable of the address, answered."""
    request = urllib.request.Request(  # noqa: S310 - `address` lets through https and this machine only
        url, body.encode("utf-8"), {"Content-Type": "application/json; charset=utf-8", "User-Agent": "funnelcheck"}
    )
    try:
        with _opener(url).open(request, timeout=_SECONDS):
            return
    except urllib.error.HTTPError as error:
        told = cut(visible(_start(error).decode("utf-8", "replace")), 120).strip()
        raise OutputError(f"the webhook of {name} answered {error.code}{f' ({told})' if told else ''}") from None
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        why = "its host is no name of one" if isinstance(error, UnicodeError) else getattr(error, "reason", error)
        why = getattr(why, "strerror", None) or why
        raise OutputError(f"the webhook of {name} cannot be reached ({cut(visible(str(why)), 120)})") from None


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Through the proxy that the environment names, if any; what is for this machine does not leave it."""
    direct = [urllib.request.ProxyHandler({})] if is_loopback(urlsplit(url).hostname or "") else []
    return urllib.request.build_opener(_Stay, *direct)


def _start(answer: urllib.error.HTTPError) -> bytes:
    """The beginning of an answer, or nothing where it stops before that."""
    with answer, suppress(OSError, http.client.HTTPException):
        return answer.read(300)
    return b""


def is_loopback(host: str) -> bool:
    """True for a name or number of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Stay(urllib.request.HTTPRedirectHandler):
    """A webhook that sends us elsewhere has moved: its owner must say so, the address is a secret."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None
