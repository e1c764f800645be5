"""README's generated parts and the golden pages, made from rules and samples: run as a program it writes them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import golden

from funnelcheck import rulebook
from funnelcheck.config import Config
from funnelcheck.render.catalogue import markdown_table

ROOT = Path(__file__).resolve().parent.parent
AS_OF = "2026-11-22T00:00:00Z"
_SHOWN = ("verde-kitchens", "summit-estates", "river-clinic", "brightside-dental")


def readme() -> str:
    """README.md with every generated part as it must be."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = markdown_table(rulebook.load(Config()).catalogue)
    for name, part in (("rules", table), ("terminal", f"```\n{terminal()}\n```")):
        opening, closing = f"<!-- generated: {name} -->\n", "<!-- /generated -->"
        pattern = re.escape(opening) + ".*?" + re.escape(closing)
        text = re.sub(pattern, lambda _, o=opening, p=part, c=closing: f"{o}{p}\n{c}", text, flags=re.DOTALL)
    return text


def terminal() -> str:
    """The first line and a few advertisers of what the sample's run prints."""
    with tempfile.TemporaryDirectory() as folder:
        lines = demo(Path(folder)).splitlines()
    kept = [line for line in lines[1:] if line.startswith(_SHOWN)]
    return "\n".join([lines[0], *kept, "..."])


def demo(folder: Path) -> str:
    """Run the sample into `folder`; what it prints."""
    command = [sys.executable, "-m", "funnelcheck", "demo", "--out", str(folder / "demo"), "--as-of", AS_OF, "-q"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def picture(target: Path) -> None:
    """A picture of one advertiser's page, by a real browser."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo(Path(folder))
        page_file = next((Path(folder) / "demo/report").glob("advertiser-verde-kitchens-*.html"))
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1200, "height": 1350}, color_scheme="light")
        page.goto(page_file.as_uri())
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    picture(ROOT / "reports" / "picture.png")
    golden.write()
