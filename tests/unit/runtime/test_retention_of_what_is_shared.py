"""What outlives a programme's people: what HR announced, and what can still be answered."""

import pytest

from shared.contracts import hr
from shared.contracts import registration as r
from shared.runtime.ids import keyed_id
from tests.support.erased import ordered
from tests.support.reference import By
from tests.unit.registration.test_registration import mentee, mentor, opening, topic
from tests.unit.runtime.engine_in_memory import KEY, Replica
from tests.unit.runtime.test_retention_of_a_programme import (
    CLOSED,
    DAY,
    FIRST,
    GONE,
    HIS,
    OTHER,
    OVER,
    PEOPLE,
    RULES,
    STARTS,
    WAITS,
    a_replica,
    asks,
    ended,
    left,
    second,
)

# What is of all programmes


def employments(replica: Replica) -> list[str]:
    return [subject for subject in replica.aggregates() if subject.startswith("employment/")]


@pytest.mark.proves("P10")
@pytest.mark.parametrize("hr_first", [True, False])
async def test_an_announced_last_day_outlives_the_programme_in_which_hr_announced_it(hr_first: bool) -> None:
    last = PEOPLE + 70 * DAY
    ends = hr.EmploymentEnded(employment_id="e-1", personnel_key="P-1", last_day=last)
    there = keyed_id(KEY, "participant", "second", "P-1")
    again = By(mentor(programme_id="second"), sender="person")
    replica = a_replica()
    await replica.play(FIRST, topic(), opening(rules=RULES), By(mentor(), sender="person"), mentee("P-2"))
    if hr_first:
        await replica.play(ends)
    await replica.play(CLOSED, STARTS, OVER, second(), again)
    if not hr_first:
        await replica.play(ends)
    for date in (PEOPLE, GONE, GONE + DAY):
        await replica.play(date)
        await replica.after(1)
    assert f"participant/{WAITS}" not in replica.aggregates()
    assert replica.aggregates()[f"participant/{there}"]["status"] == "registered"
    await replica.play(last)
    said = await replica.play(last + DAY)
    left_ = [e["data"]["participant_id"] for e in said if e["type"].endswith(r.ParticipantWithdrew.name)]
    assert left_ == [there]


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_what_hr_said_of_a_post_goes_with_the_last_profile_and_does_not_come_back(elsewhere: bool) -> None:
    word = hr.EmploymentChanged(employment_id="e", personnel_key="P-2", department="what-hr-said", last_day=GONE + DAY)
    replica = await ended(a_replica(), By(word))
    there = keyed_id(KEY, "participant", "second", "P-2")
    if elsewhere:
        await replica.play(second(), mentee("P-2", programme_id="second"))
    await replica.play(PEOPLE)
    await replica.after(1)
    assert f"participant/{OTHER}" not in replica.aggregates()
    [subject] = employments(replica)
    kept = replica.aggregates()[subject]
    assert (kept["post"]["department"], kept["last_day"]) == (
        "what-hr-said" if elsewhere else None,
        (GONE + DAY).isoformat(),
    )
    assert bool(left(replica, "what-hr-said")) == elsewhere
    await replica.play(word.model_copy(update={"last_day": None}))
    assert replica.aggregates()[subject]["last_day"] is None, "what HR says of the end is followed all the same"
    assert (replica.aggregates()[subject]["post"]["department"] is None) != elsewhere
    if elsewhere:
        assert replica.aggregates()[f"participant/{there}"]["profile"]["department"] == "what-hr-said"


async def test_what_hr_said_goes_with_the_last_that_is_kept_of_somebody() -> None:
    replica = await ended(a_replica(), By(hr.EmploymentEnded(employment_id="e", personnel_key="P-2", last_day=GONE)))
    position = keyed_id(KEY, "position", "P-2")
    assert employments(replica) == [f"employment/{position}"]
    await replica.play(PEOPLE)
    assert employments(replica) == [f"employment/{position}"], "it goes with the person"
    await replica.after(1)
    await replica.play(GONE)
    await replica.after(1)
    assert left(replica, *HIS, position) == []


@pytest.mark.parametrize("everywhere", [True, False])
async def test_what_hr_said_is_erased_with_the_last_participation_and_not_before(everywhere: bool) -> None:
    replica = await ended(a_replica(), By(hr.EmploymentEnded(employment_id="e", personnel_key="P-1", last_day=GONE)))
    position, there = keyed_id(KEY, "position", "P-1"), keyed_id(KEY, "participant", "second", "P-1")
    await replica.play(second(), By(mentor(programme_id="second"), sender="person"))
    await replica.play(ordered(WAITS))
    if everywhere:
        await replica.play(ordered(there, programme="second"))
    await replica.after(1)
    await replica.after(1)
    assert left(replica, WAITS) == []
    assert employments(replica) == ([] if everywhere else [f"employment/{position}"])


# What is left to be answered


def exceptions(replica: Replica) -> list[tuple[str, str]]:
    found = [a for subject, a in replica.aggregates().items() if subject.startswith("attention/")]
    return sorted((a["what"], a["status"]) for a in found)


@pytest.mark.proves("S15")
async def test_what_goes_takes_along_what_the_office_should_still_answer_of_it() -> None:
    replica = await ended(a_replica())
    await replica.play(PEOPLE - 3 * DAY, By(asks(OTHER), actor=OTHER, sender="person"))
    assert exceptions(replica) == [("question-open", "open")]
    said = await replica.play(PEOPLE)
    told = [e["data"] for e in said if e["type"].endswith(r.OfficeAttentionNeeded.name)]
    assert [(each["what"], each["status"]) for each in told] == [("question-open", "settled")]
    for days in (10, 20):
        said = await replica.play(PEOPLE + days * DAY)
        assert "question-open" not in [e["data"].get("what") for e in said], "nobody is reminded of it"
    await replica.play(GONE)
    await replica.after(1)
    assert "question-open" not in dict(exceptions(replica))


async def test_what_can_still_be_answered_goes_on_waiting_for_the_office() -> None:
    """A topic that was proposed stays for the catalogue, without its proposer."""
    fields = {
        "programme_id": "pilot",
        "participant_id": OTHER,
        "area": "hardware",
        "label": {"de": "Funk", "en": "Radio"},
    }
    replica = await ended(a_replica(), By(r.ProposeTopic.model_validate(fields), actor=OTHER, sender="person"))
    await replica.play(PEOPLE)
    await replica.after(1)
    assert exceptions(replica) == [("topic-proposed", "reminded")]
    [proposal] = [
        subject.partition("/")[2] for subject in replica.aggregates() if subject.startswith("topic-proposal/")
    ]
    said = await replica.play(By(r.AcceptTopic(proposal_id=proposal, topic_id="radio"), sender="office"))
    assert r.TopicListed.name in [event["type"].removeprefix("tandem.") for event in said]
    assert exceptions(replica) == [("topic-proposed", "settled")]
