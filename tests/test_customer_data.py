"""Normalising and hashing agree with what Meta publishes, and with Meta's own SDK where its documentation decides."""

from __future__ import annotations

import hashlib

import pytest
from facebook_business.adobjects.serverside.gender import Gender
from facebook_business.adobjects.serverside.normalize import Normalize
from facebook_business.adobjects.serverside.user_data import UserData
from hypothesis import given
from hypothesis import strategies as st

from funnelcheck import customer_data
from funnelcheck.errors import UsageError

LATIN = "abcdefghijklmnopqrstuvwxyzàáâäçèéêëìíîïñòóôöùúûüæœßABCDEFGHIJKLMNOPQRSTUVWXYZÀÉÖÜ"
BLANKS = st.text(" \t", max_size=2)


@pytest.mark.parametrize(
    ("field", "value", "digest"),
    [
        ("em", "John_Smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
        ("em", "  john_smith@gmail.com ", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
        ("ph", "16505551212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("ph", "+1 (650) 555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("ph", "0016505551212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("fn", "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        ("fn", "Valéry", "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
        ("ln", "mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        ("db", "19970216", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        ("db", "1997-02-16", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        ("db", "1997/2/16", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        ("country", "us", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
        ("country", "United States", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
    ],
)
def test_the_digests_that_meta_publishes(field: str, value: str, digest: str) -> None:
    assert customer_data.digest(field, value) == digest


@pytest.mark.parametrize(
    ("field", "value", "plain"),
    [
        ("fn", "O'Neil", "oneil"),
        ("fn", "정", "정"),
        ("ln", "de la Cruz", "de la cruz"),
        ("db", "16/02/1997", None),
        ("db", "02-16-1997", None),
        ("db", "19971316", None),
        ("db", "18991231", None),
        ("db", "19000101", "19000101"),
        ("db", "", None),
        ("ge", "F", "f"),
        ("ge", "Male", "m"),
        ("ge", "Frau", "f"),
        ("ge", "unknown", None),
        ("ct", "Saint-Étienne", "saintétienne"),
        ("ct", "New York", "newyork"),
        ("st", "CA", "ca"),
        ("zp", "94025-1234", "94025"),
        ("zp", "SW1A 1AA", "sw1a1aa"),
        ("zp", "00-950", "00950"),
        ("country", "FRA", "fr"),
        ("country", "Freedonia", None),
        ("ph", "no number", None),
        ("em", "  ", None),
        ("external_id", " User 1 ", " User 1 "),
    ],
)
def test_what_a_value_becomes_before_it_is_hashed(field: str, value: str, plain: str | None) -> None:
    assert customer_data.normalised(field, value) == plain
    assert customer_data.digest(field, value) == (plain and hashlib.sha256(plain.encode()).hexdigest())


def test_a_value_that_is_a_digest_already_stays() -> None:
    digest = customer_data.digest("em", "someone@example.com")
    assert digest
    assert customer_data.digest("em", digest) == digest


def test_what_is_never_hashed_is_refused() -> None:
    with pytest.raises(UsageError, match="lead_id"):
        customer_data.normalised("lead_id", "1234567890123456")


# Side by side with Meta's own SDK, on values for which the documentation leaves no choice.

E_MAILS = st.builds(
    "{}{}@{}.{}{}".format, BLANKS, st.text(LATIN, min_size=1), st.text(LATIN, min_size=1), st.just("Com"), BLANKS
)
COUNTRY_CODES = st.sampled_from(["1", "33", "44", "49", "91", "971"])
PHONES = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "+", "00"]),
    COUNTRY_CODES,
    st.sampled_from(["", " ", "-", " (", "("]),
    st.text("0123456789", min_size=7, max_size=9),
    st.sampled_from(["", " "]),
)
NAMES = st.builds("{}{}{}".format, BLANKS, st.text(LATIN, min_size=1), BLANKS)
CITIES = st.lists(st.text(LATIN, min_size=1), min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from([" ", "-", ". "]).map(lambda sign: sign.join(words))
)
US_CODES = st.text("0123456789", min_size=5, max_size=5)
UK_CODES = st.from_regex(r"[A-Za-z]{1,2}[0-9] [0-9][A-Za-z]{2}", fullmatch=True)
COUNTRIES = st.sampled_from(["us", "FR", "De", " gb", "IN ", "za", "U.S.", "br", "aw"])


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("em", E_MAILS),
        ("ph", PHONES),
        ("fn", NAMES),
        ("ln", NAMES),
        ("ct", CITIES),
        ("st", CITIES),
        ("zp", US_CODES | UK_CODES | US_CODES.map(lambda code: f"{code}-1234")),
        ("country", COUNTRIES),
    ],
)
def test_random_values_come_out_as_from_meta_s_own_sdk(field: str, values: st.SearchStrategy[str]) -> None:
    @given(values)
    def agree(value: str) -> None:
        assert customer_data.normalised(field, value) == Normalize.normalize_field_skip_hashing(field, value)
        assert customer_data.digest(field, value) == Normalize.normalize_field(field, value)

    agree()


@given(st.dates().filter(lambda day: day.year >= 1900), st.sampled_from(Gender))
def test_a_whole_person_comes_out_as_from_meta_s_own_sdk(day: object, gender: Gender) -> None:
    born = f"{day:%Y%m%d}"
    sent = UserData(date_of_birth=born, gender=gender, external_id="Crm-7").normalize()
    assert sent["db"] == [customer_data.digest("db", born)]
    assert sent["ge"] == [customer_data.digest("ge", gender.value)]
    assert sent["external_id"] == [customer_data.normalised("external_id", "Crm-7")]


@pytest.mark.parametrize(
    ("field", "value", "ours", "sdk"),
    [
        # "Lowercase only with no punctuation": the SDK leaves it in.
        ("fn", "O'Neil", "oneil", "o'neil"),
        ("ln", "Smith-Jones", "smithjones", "smith-jones"),
        # "No punctuation, no special characters": the SDK takes out dots, dashes and brackets alone.
        ("ct", "L'Isle", "lisle", "l'isle"),
        # "No dash": the SDK cuts at the dash, which is right in the United States alone.
        ("zp", "00-950", "00950", "00"),
        # A date is accepted with punctuation; the SDK hashes it as it stands.
        ("db", "1997-02-16", "19970216", "1997-02-16"),
    ],
)
def test_where_the_sdk_does_less_than_the_documentation_says(field: str, value: str, ours: str, sdk: str) -> None:
    assert customer_data.normalised(field, value) == ours
    assert Normalize.normalize_field_skip_hashing(field, value) == sdk


@pytest.mark.parametrize(("field", "value"), [("ph", "650.555.1212"), ("country", "France")])
def test_where_the_sdk_refuses_what_can_be_normalised(field: str, value: str) -> None:
    """Dots and names of countries are an error there; a log shows what other senders did with them."""
    assert customer_data.normalised(field, value)
    with pytest.raises((TypeError, ValueError)):
        Normalize.normalize_field(field, value)


# What shows that a value was hashed as it stood


def test_every_guess_is_a_value_that_should_have_been_another() -> None:
    guesses = customer_data.unnormalised()
    assert len(guesses) > 1000
    for field, value, digest in guesses:
        assert digest == hashlib.sha256(value.encode()).hexdigest()
        assert digest != customer_data.digest(field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("ge", "F"), ("ge", "male"), ("ge", "Female"), ("country", "US"), ("country", "FRANCE"), ("st", "CA")],
)
def test_the_usual_slips_are_among_the_guesses(field: str, value: str) -> None:
    assert (field, value) in {(guess[0], guess[1]) for guess in customer_data.unnormalised()}


@pytest.mark.parametrize(("field", "value"), [("ge", "f"), ("ge", "m"), ("country", "us"), ("st", "ca")])
def test_what_is_normalised_is_no_guess(field: str, value: str) -> None:
    assert (field, value) not in {(guess[0], guess[1]) for guess in customer_data.unnormalised()}


@pytest.mark.parametrize("field", "em ph fn ln db ge ct st zp country external_id".split())
@given(value=st.text())
def test_normalising_twice_changes_nothing(field: str, value: str) -> None:
    once = customer_data.normalised(field, value)
    assert once is None or customer_data.normalised(field, once) == once
