"""RFC 8785, and what the ledger refuses beyond it."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from evidence import canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS.map(lambda text: unicodedata.normalize("NFC", text)), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS.map(lambda text: unicodedata.normalize("NFC", text)), VALUES, max_size=5)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def by_utf16(value: Any) -> Any:
    """Sort names by their UTF-16 code units, as section 3.2.3 wants it; written a second time, independently."""
    if isinstance(value, dict):
        return {name: by_utf16(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    return [by_utf16(item) for item in value] if isinstance(value, list) else value


def event(**changes: Any) -> bytes:
    given = {"log": "log", "kind": "k", "subject": "s", "happened_at": NOON, "facts": {}, "commitment": None}
    return canonical.event_bytes(**(given | changes))


def test_the_example_of_section_3_2_is_written_as_the_rfc_prints_it() -> None:
    source = r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"""
    expected = (
        "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e35"
        "2c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d"
    )
    assert rfc8785.dumps(json.loads(source)).hex() == expected


def test_names_are_sorted_as_section_3_2_3_shows() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(rfc8785.dumps(dict.fromkeys(names, 0)))) == expected


@given(OBJECTS)
def test_what_is_encoded_can_be_read_back_and_encodes_again_to_the_same_bytes(content: dict[str, Any]) -> None:
    stored = canonical.encode(content)
    assert canonical.encode(canonical.parse_object(stored)) == stored
    assert canonical.parse_object(stored) == canonical.normalised(content)


@given(OBJECTS)
def test_a_second_independent_encoder_writes_the_same_bytes(content: dict[str, Any]) -> None:
    again = json.dumps(by_utf16(canonical.normalised(content)), ensure_ascii=False, separators=(",", ":"))
    assert canonical.encode(content) == again.encode()


@given(OBJECTS, st.data())
def test_bytes_with_a_blank_too_many_are_not_canonical(content: dict[str, Any], data: st.DataObject) -> None:
    stored = canonical.encode(content)
    position = data.draw(st.sampled_from([0, 1, len(stored) - 1, len(stored)]))
    with pytest.raises(canonical.NotCanonical):
        canonical.parse_object(stored[:position] + b" " + stored[position:])


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, -(2**53), "\ud800", {"\u00e9": 1, "e\u0301": 2}, {1: "x"}, {"x": b""}, {"x": NOON}, [{"x": [0.5]}]]
)
def test_what_two_programs_could_write_differently_is_refused(value: Any) -> None:
    with pytest.raises(canonical.NotCanonical):
        event(facts={"value": value})


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"[]",
        b"{",
        b'{"a":1.5}',
        b'{"a":NaN}',
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a":"e\xcc\x81"}',
        b'{"a":1e2}',
        b"\xff",
        b"[" * 9999,
    ],
)
def test_bytes_that_are_no_canonical_object_are_refused(stored: bytes) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.parse_object(stored)


def test_texts_are_stored_composed() -> None:
    assert canonical.parse_event(event(facts={"e\u0301": ["u\u0308"]}))["facts"] == {"\u00e9": ["\u00fc"]}


def test_times_are_utc_with_the_microseconds_that_the_database_keeps() -> None:
    moment = datetime(2026, 11, 23, 21, 45, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    assert canonical.parse_event(event(happened_at=moment))["happened_at"] == "2026-11-23T20:45:00.123456Z"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(canonical.NotCanonical, match="time zone"):
        event(happened_at=datetime(2026, 11, 23))  # noqa: DTZ001


def test_equal_facts_have_different_bytes() -> None:
    assert event() != event()


@pytest.mark.parametrize("change", [{"v": 2}, {"facts": []}, {"extra": 1}, {"nonce": None}])
def test_an_object_that_is_no_event_is_refused(change: dict[str, Any]) -> None:
    content = canonical.parse_event(event()) | change
    if change == {"nonce": None}:
        del content["nonce"]
    with pytest.raises(canonical.NotCanonical, match="not those of an event"):
        canonical.parse_event(canonical.encode(content))


def test_a_commitment_cannot_be_guessed_without_its_salt() -> None:
    content = canonical.encode({"name": "Erika"})
    assert canonical.commitment_of(salt=b"a" * 32, content=content) != canonical.commitment_of(salt=b"b" * 32, content=content)
