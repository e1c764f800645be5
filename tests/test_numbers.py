"""Figures are printed honestly: never as a limit that they are not, never without what they are of."""

from __future__ import annotations

import math

import pytest
from html_samples import finding

from funnelcheck import language, numbers
from funnelcheck.render import changes


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0 %"),
        (1e-12, "< 0.0001 %"),
        (0.00001, "0.001 %"),
        (0.0004, "0.04 %"),
        (0.0005, "0.1 %"),
        (0.2413, "24.1 %"),
        (0.7, "70.0 %"),
        (0.9994, "99.9 %"),
        (0.9996, "99.96 %"),
        (0.999999999, "just under 100 %"),
        (1.0, "100 %"),
        (1.2, "120.0 %"),
        (None, "– not known"),
        (math.nan, "– not known"),
    ],
)
def test_a_share_is_never_printed_as_nothing_or_all_when_it_is_neither(share: float | None, words: str) -> None:
    assert numbers.percent(share) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.6, "60 %"),
        (0.5999999, "59.99999 %"),
        (0.59996, "59.996 %"),
        (0.599999999, "just under 60 %"),
        (0.600000001, "just over 60 %"),
        (0.599, "59.9 %"),
    ],
)
def test_a_share_that_misses_a_threshold_is_not_printed_as_it(share: float, words: str) -> None:
    expected = {"59.99999 %": "just under 60 %"}.get(words, words)
    assert numbers.percent(share, (0.6,)) == expected


def test_every_share_carries_what_it_is_of() -> None:
    assert numbers.share(0.2413, 600) == "24.1 % of 600"
    assert numbers.share(0.5, 3412) == "50.0 % of 3,412"
    assert numbers.ratio(1, 3) == "33.3 % of 3"


def test_nothing_of_nothing_is_a_dash_with_a_word() -> None:
    assert numbers.share(None, 0) == "– none"
    assert numbers.ratio(0, 0) == "– none"
    assert numbers.ratio(None, None) == "– not known"
    assert numbers.share(None, 12) == "– not known of 12"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.0, "0 days"),
        (1 / 86_400_000, "1 second"),
        (59 / 86_400, "59 seconds"),
        (60 / 86_400, "1 minute"),
        (3_599 / 86_400, "59 minutes"),
        (3_601 / 86_400, "1 hour"),
        (0.5, "12 hours"),
        (86_399 / 86_400, "23.9 hours"),
        (1.0, "1 day"),
        (12.25, "12.3 days"),
        (28.0, "28 days"),
        (28 + 1 / 86_400, "28.00001 days"),
        (28 - 1 / 86_400, "27.99999 days"),
        (28 + 1e-9, "just over 28 days"),
        (None, "– not known"),
    ],
)
def test_days_keep_to_their_side_of_the_window(days: float | None, words: str) -> None:
    assert numbers.days(days, (28.0,)) == words


def test_counts_have_thousands_and_nouns() -> None:
    assert numbers.count(3412) == "3,412"
    assert numbers.count(1, "lead") == "1 lead"
    assert numbers.count(0, "lead") == "0 leads"
    assert numbers.count(500.5) == "500.5"
    assert numbers.count(None) == "– not known"


def test_instants_are_utc_to_the_minute() -> None:
    assert numbers.instant(1_795_299_245) == "2026-11-21 22:14 UTC"
    assert numbers.instant(None) == "– none"
    assert numbers.instant(1e20) == "– not a time"
    assert numbers.instant(-62_135_596_800) == "0001-01-01 00:00 UTC"


def test_thresholds_read_as_they_are_set() -> None:
    assert numbers.threshold((0.01, 0.4), "share") == "1 % to 40 %"
    assert numbers.threshold(0.6, "share") == "60 %"
    assert numbers.threshold(0.125, "share") == "12.5 %"
    assert numbers.threshold(7, "days") == "7 days"
    assert numbers.threshold(1, "days") == "1 day"
    assert numbers.threshold(2, "stages") == "2 stages"
    assert numbers.threshold(1500) == "1,500"
    assert numbers.threshold(None, "share") == ""


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("share", 0.31, "31.0 % of 480"),
        ("days", 5.0, "5 days"),
        ("stages", 1.0, "1 stage"),
        ("stages", 3.0, "3 stages"),
        ("events", 1180.0, "1,180 events"),
        ("leads", 0.0, "0 leads"),
        ("datasets", 2.0, "2 datasets"),
        ("step", 3.0, "step 3"),
        ("", 2.0, "2"),
        ("share", None, "– not known"),
    ],
)
def test_a_value_is_printed_in_its_unit(unit: str, value: float | None, words: str) -> None:
    assert numbers.value(finding("COV001", unit=unit, value=value, n=480, threshold=None)) == words


def test_a_value_keeps_to_its_side_of_its_own_threshold() -> None:
    below = finding("FUN006", value=0.009999, n=10_000)
    above = finding("FUN006", value=0.400001, n=1_000_000)
    assert numbers.value(below) == "0.9999 % of 10,000"
    assert numbers.value(above) == "40.0001 % of 1,000,000"
    assert numbers.value(finding("FUN006", value=0.4, n=100)) == "40 % of 100"


def test_a_cut_list_says_how_much_of_it_is_shown() -> None:
    assert numbers.of(20, 3412) == "20 of 3,412"
    assert numbers.of(20, 20) == ""


def test_invisible_signs_are_made_visible_and_controls_go() -> None:
    assert numbers.visible("plain") == "plain"
    assert numbers.visible("Größe, 北京, שלום") == "Größe, 北京, שלום"
    assert numbers.visible("a\u202egpj.exe") == "a⟨U+202E⟩gpj.exe"
    assert numbers.visible("a\x00b\x1b[31mc\x7f") == "ab[31mc"
    assert numbers.visible("a\tb\nc") == "a b c"
    assert numbers.visible("ze\u200bro") == "ze⟨U+200B⟩ro"
    assert numbers.visible("\ud800") == "\ufffd"
    assert numbers.visible("می\u200cخواهم") == "می\u200cخواهم"
    assert numbers.visible("Le\u200cad") == "Le⟨U+200C⟩ad"


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert numbers.cut("abcdef", 6) == "abcdef"
    assert numbers.cut("abcdefg", 6) == "abcde…"


def test_parts_are_put_together_with_the_signs_of_the_language() -> None:
    with language.use("fr"):
        assert numbers.labelled("Salesforce", "prenez le champ id") == "Salesforce\u00a0: prenez le champ id"
        assert numbers.series(["un", "deux", "trois"]) == "un\u00a0; deux\u00a0; trois"
        assert numbers.days(3) == "3\u00a0jours"
        assert changes.verdict_word("ready", 5) == "prêts"
        assert changes.verdict_word("ready") == "prêt"


@pytest.mark.parametrize("blank", ["", " ", "\u2003\u3000", "\t\n"])
def test_a_name_without_any_sign_is_said_to_be_so(blank: str) -> None:
    assert numbers.named(blank, 40) == "(nothing but blanks)"
    assert numbers.named(f"{blank}a", 40).strip() == "a"
