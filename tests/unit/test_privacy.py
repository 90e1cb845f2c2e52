"""The search for what must be in no event finds it, wherever it is hidden."""

from typing import Any

import pytest

from tests.support.privacy import CONTACTS, leaks

PEOPLE = ("Mentee 03", "mentee-03@example.org")


@pytest.mark.parametrize(
    "data",
    [
        {"vetoes": ["x"]},
        {"parts": {"veto": True}},
        {"pairs": [{"score": 1, "wished_by": "x"}]},
        {"accepted_by": []},
        {"answered_by": ["b0a1"]},
        {"surveys": {"answered": 5}},
        {"text": "Mentee 03 has not yet said yes"},
        {"people": ["mentee-03@example.org"]},
    ],
)
def test_a_planted_leak_is_found(data: dict[str, Any]) -> None:
    assert leaks("matching.pair-proposed.v1", {"data": data}, PEOPLE)


def test_an_answer_to_a_private_command_and_a_sender_are_found() -> None:
    assert leaks("matching.wishes-named.v1", {"data": {}}, PEOPLE)
    assert leaks("matching.tandem-formed.v1", {"data": {}, "actor": "x"}, PEOPLE)


def test_contacts_may_name_people_and_others_may_say_what_happened() -> None:
    assert not leaks(CONTACTS, {"data": {"name": "Mentee 03", "mail": "mentee-03@example.org"}}, PEOPLE)
    assert not leaks("matching.proposal-declined.v1", {"data": {"status": "declined", "mentor": "x"}}, PEOPLE)
