"""Two replicas decide about topics at the same moment: whatever comes of it, some order explains it."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Command, Text
from shared.runtime.adapters.memory import MemoryStore
from shared.runtime.ids import keyed_id
from shared.runtime.ports import Change
from tests.support.reference import By
from tests.unit.registration.test_registration import TODAY, mentor, opening, profile, topic
from tests.unit.registration.test_topic_catalogue import levels, merge
from tests.unit.registration.test_topic_proposals import SOCIAL, WHY, accept, by_office, proposing
from tests.unit.runtime.engine_in_memory import KEY, Replica


@dataclass
class Interrupted(MemoryStore):
    """Lets something happen once, before a commit that writes an aggregate of a kind."""

    kind: str
    happens: Callable[[], Awaitable[Any]] | None

    async def commit(self, change: Change) -> None:
        if self.happens is not None and any(record.kind == self.kind for record in change.writes):
            happens, self.happens = self.happens, None
            await happens()
        await super().commit(change)


async def race(
    before: tuple[Any, ...], message: Command | By, meanwhile: Command, kind: str = "topic"
) -> tuple[Replica, list[str]]:
    """One replica decides on a message; another takes a command of the office's before that is committed.

    Returns the replica and the codes of what was refused.
    """
    one = Replica(service)
    other = one.beside()
    await one.play(*before)

    async def happens() -> None:
        other.send(meanwhile, "office", "office.replies", correlationid="c")
        await other.engine.intake()

    store = Interrupted(one.database, kind, happens)
    one.engine.store = store
    said = await one.play(message)
    assert store.happens is None, "the race did not happen"
    return one, [reason["code"] for event in said for reason in event["data"].get("reasons", ())]


def forwards(replica: Replica) -> dict[str, str]:
    found = replica.aggregates()
    return {a["id"]: a["forwards_to"] for s, a in found.items() if s.startswith("topic/") and a["forwards_to"]}


@pytest.mark.proves("S3")
async def test_two_merges_at_once_make_no_circle() -> None:
    replica, refused = await race((TODAY, topic("a"), topic("b")), merge("a", "b"), meanwhile=merge("b", "a"))
    assert replica.seen["conflict", "again"] == 1, "both cannot have been committed"
    assert forwards(replica) == {"b": "a"}, "who was first"
    assert refused == ["circle"]


async def test_two_merges_at_once_make_no_circle_by_way_of_a_third() -> None:
    before = (TODAY, topic("a"), topic("b"), topic("c"), merge("c", "a"))
    replica, refused = await race(before, merge("a", "b"), meanwhile=merge("b", "c"))
    assert replica.seen["conflict", "again"] == 1
    assert forwards(replica) == {"c": "a", "b": "a"}
    assert refused == ["circle"]


async def test_what_is_merged_while_its_target_is_merged_leads_to_the_end() -> None:
    before = (TODAY, topic("a"), topic("b"), topic("c"))
    replica, refused = await race(before, merge("a", "b"), meanwhile=merge("b", "c"))
    assert replica.seen["conflict", "again"] == 1
    assert forwards(replica) == {"a": "c", "b": "c"}
    assert refused == []


async def test_nothing_is_merged_into_a_topic_that_is_retired_at_the_same_moment() -> None:
    replica, refused = await race(
        (TODAY, topic("a"), topic("b")), merge("a", "b"), meanwhile=r.RetireTopic(topic_id="b")
    )
    assert replica.seen["conflict", "again"] == 1
    assert forwards(replica) == {}
    assert refused == ["retired_topic"]


PROPOSAL = keyed_id(KEY, "topic-proposal", "pilot", "", "Social Media", "")
PROPOSED = (TODAY, topic(), SOCIAL, opening())


async def test_two_answers_at_once_are_one() -> None:
    decline = r.DeclineTopic(proposal_id=PROPOSAL, reason=WHY)
    replica, refused = await race((*PROPOSED, by_office()), accept(PROPOSAL), meanwhile=decline)
    assert replica.seen["conflict", "again"] == 1
    proposal = replica.aggregates()[f"topic-proposal/{PROPOSAL}"]
    assert (proposal["status"], [near["topic_id"] for near in proposal["similar"]]) == ("declined", ["social-media"])
    assert "topic/new" not in replica.aggregates()
    assert refused == ["decided"]


async def test_two_topics_at_once_do_not_share_an_id() -> None:
    added = r.AddTopic(topic_id="new", area="culture", label=Text(de="Anderes", en="Something else"))
    replica, refused = await race((*PROPOSED, by_office()), accept(PROPOSAL), meanwhile=added)
    assert replica.seen["conflict", "again"] == 1
    assert replica.aggregates()["topic/new"]["label"]["en"] == "Something else"
    assert replica.aggregates()[f"topic-proposal/{PROPOSAL}"]["status"] == "proposed"
    assert refused == ["taken"]


async def test_an_answer_while_near_topics_are_found_leaves_no_sign_to_the_office_open() -> None:
    decline = r.DeclineTopic(proposal_id=PROPOSAL, reason=WHY)
    replica, refused = await race(PROPOSED, by_office(), meanwhile=decline, kind="attention")
    assert replica.seen["conflict", "again"] == 1
    assert replica.aggregates()[f"topic-proposal/{PROPOSAL}"]["status"] == "declined"
    assert not [subject for subject in replica.aggregates() if subject.startswith("attention/")]
    assert refused == []


ME = keyed_id(KEY, "participant", "pilot", "P-1")
MINE = By(proposing().model_copy(update={"participant_id": ME}), actor=ME, sender="person")
LEAVING = r.Withdraw(participant_id=ME)
REGISTERED = (TODAY, topic(), opening(), By(mentor(), sender="office"))
DECLINE_MINE = r.DeclineTopic(proposal_id=keyed_id(KEY, "topic-proposal", "pilot", ME, "Social Media", ""), reason=WHY)


async def test_who_leaves_at_the_moment_at_which_they_propose_a_topic_proposes_none() -> None:
    replica, refused = await race(REGISTERED, MINE, meanwhile=LEAVING, kind="topic-proposal")
    assert refused == ["withdrawn"]
    assert not [subject for subject in replica.aggregates() if subject.startswith("topic-proposal/")]


@pytest.mark.parametrize(
    ("before", "message"),
    [(REGISTERED, MINE), ((*REGISTERED, MINE), By(DECLINE_MINE, sender="office"))],
    ids=["received", "declined"],
)
async def test_who_leaves_while_their_proposal_is_looked_at_gets_no_letter_about_it(
    before: tuple[Any, ...], message: By
) -> None:
    replica, _ = await race(before, message, meanwhile=LEAVING, kind="attention")
    letters = [letter for change in replica.database.history for letter in change.outbox]
    topics = [json.loads(letter.body)["data"]["topic"] for letter in letters if letter.key == r.PersonAddressed.name]
    assert topics[-1] == "withdrew"


async def test_a_topic_that_is_retired_while_a_proposal_is_answered_with_it_answers_nothing() -> None:
    same = by_office(label=r.ProposedLabel(de="Soziale Medien"))
    replica, refused = await race(PROPOSED, same, meanwhile=r.RetireTopic(topic_id="social-media"))
    assert replica.seen["conflict", "again"] == 1
    [proposal] = [a for s, a in replica.aggregates().items() if s.startswith("topic-proposal/")]
    assert (proposal["status"], proposal["topic_id"]) == ("proposed", None)
    assert [s for s in replica.aggregates() if s.startswith("attention/")], "the office decides"
    assert refused == []


async def test_who_registers_while_their_topic_is_merged_or_retired_is_registered_as_if_a_moment_before() -> None:
    before = (TODAY, topic(), topic("a"), topic("b"), opening())
    registering = mentor(profile=profile(strengths=levels(a=4)))
    for meanwhile in (merge("a", "b"), r.RetireTopic(topic_id="a")):
        replica, refused = await race(before, registering, meanwhile=meanwhile, kind="participant")
        assert replica.seen["conflict", "again"] == 0, "people's messages write no topic"
        assert refused == []
        [person] = [a for s, a in replica.aggregates().items() if s.startswith("participant/")]
        assert person["profile"]["strengths"] == [{"topic_id": "a", "level": 4}]
