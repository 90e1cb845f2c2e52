import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.envelope import NotAnEnvelope, read, wrap
from tests.support.shop import Join

AT = dt.datetime(2027, 1, 11, 9, 30, tzinfo=dt.UTC)
JOIN = wrap(Join(club="c", member="m"), id="1", source="/portal", time=AT)


def changed(**fields: object) -> bytes:
    return json.dumps({**json.loads(JOIN.encode()), **fields}).encode()


@given(
    id=st.text(min_size=1, max_size=256),
    source=st.text(min_size=1, max_size=256),
    sequence=st.none() | st.integers(1, 2**53),
    time=st.datetimes(timezones=st.just(dt.UTC)),
)
def test_an_envelope_comes_back_as_it_was_sent(id: str, source: str, sequence: int | None, time: dt.datetime) -> None:
    sent = wrap(Join(club="c", member="m"), id=id, source=source, sequence=sequence, time=time)
    assert read(sent.encode()) == sent


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_body_does_any_harm(body: bytes) -> None:
    with pytest.raises(NotAnEnvelope):
        read(body)


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (b"not JSON", "not_json", "send one JSON object in UTF-8"),
        (b"\xff\xfe", "not_json", "UTF-8"),
        (b"[" * 100_000, "not_json", "not JSON"),
        (b"[]", "not_an_envelope", "no object"),
        (changed(id=""), "not_an_envelope", r"id: string_too_short"),
        (changed(specversion="0.3"), "not_an_envelope", "specversion: literal_error"),
        (changed(type="join"), "not_an_envelope", "type: string_pattern_mismatch"),
        (changed(data="text"), "not_an_envelope", "data: dict_type"),
        (changed(sequence=0), "not_an_envelope", "sequence: greater_than_equal"),
    ],
)
def test_what_is_no_envelope_is_named_without_a_value_of_it(body: bytes, code: str, text: str) -> None:
    with pytest.raises(NotAnEnvelope, match=text) as caught:
        read(body)
    assert caught.value.code == code


def test_unknown_attributes_of_an_envelope_are_ignored_and_a_lone_message_begins_its_own_correlation() -> None:
    found = read(changed(dataschema="https://example.org/x"))
    assert (found.source, found.correlation, found.name) == ("/portal", "1", "library.join.v1")
