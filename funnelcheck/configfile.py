"""Adds to a configuration file: what stands in it stays, in its order and with its comments."""

from __future__ import annotations

from pathlib import Path

from funnelcheck import config
from funnelcheck.config import Config
from funnelcheck.errors import ConfigError
from funnelcheck.writing import replace_file, writing


def append(path: Path, block: str) -> Config:
    """Put a block of TOML at the end of a file, which is made where there is none; the configuration as it then is.

    The whole is read again before it replaces the file: ConfigError when it would mean nothing, OutputError when it
    cannot be written; the file is then as it was.
    """
    try:
        with writing(path):
            before = path.read_bytes().decode("utf-8") if path.exists() else ""
            end = "\r\n" if "\r\n" in before else "\n"
            gap = "" if not before else end if before.endswith("\n") else end * 2
            after = before + gap + block.replace("\n", end)
            settings = config.parse(after, path)
            replace_file(path, after.encode("utf-8"))
    except UnicodeError as error:
        raise ConfigError(f"{path}: is no UTF-8 text, so nothing was added ({error})") from error
    return settings


def toml(text: str) -> str:
    """A TOML string that holds the text and nothing that a terminal or a parser could mistake."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(
        sign if sign.isprintable() else f"\\u{ord(sign):04X}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08X}"
        for sign in escaped
    ) + '"'  # fmt: skip
