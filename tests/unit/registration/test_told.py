"""Everybody who takes part is told what becomes of their programme."""

import datetime as dt
import json
from collections.abc import Awaitable, Callable

import pytest

from services.registration.model import Programme
from services.registration.service import service
from services.registration.told import Tell
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.ids import keyed_id
from shared.runtime.item import Item
from tests.support.interrupted import Interrupted
from tests.support.reference import By, Scenario, said
from tests.unit.registration.test_pausing import pause
from tests.unit.registration.test_profiles import CLOSING, LEAVING
from tests.unit.registration.test_registration import (
    MENTOR,
    OTHER,
    TODAY,
    an_open_programme,
    mentee,
    mentor,
    opening,
    topic,
)
from tests.unit.registration.test_release import ASKS, DAY, MAIL, SILENT, asked, release
from tests.unit.registration.test_topic_races import race
from tests.unit.runtime.engine_in_memory import KEY as ENGINE_KEY
from tests.unit.runtime.engine_in_memory import Replica


@pytest.mark.proves("S15")
def test_who_takes_part_is_told_that_registration_has_closed_and_what_comes_next() -> None:
    scenario = an_open_programme().given(mentor(), mentee()).when(CLOSING)
    told = [message for message in scenario.told if isinstance(message, r.PersonAddressed)]
    assert {(message.to, message.topic) for message in told} == {
        (MENTOR, "closed-to-registration"),
        (OTHER, "closed-to-registration"),
    }
    assert "15 February 2027" in told[0].text.en


def test_who_takes_part_is_told_that_the_programme_has_ended_and_who_has_left_is_not() -> None:
    scenario = an_open_programme().given(mentor(), mentee(), CLOSING, LEAVING, dt.date(2027, 2, 15))
    scenario.when(dt.date(2027, 7, 15))
    scenario.then(r.ProgrammeEnded, said(r.PersonAddressed, to=OTHER, topic="programme-over"))
    scenario.when(dt.date(2027, 7, 16)).then_nothing()


def test_who_leaves_while_all_are_told_hears_nothing_more() -> None:
    piece = Tell(participant_id=MENTOR, news="closed-to-registration")
    an_open_programme().given(mentor(), LEAVING).when(piece).then_nothing()
    an_open_programme().when(piece).then_nothing()


# What the office still had to do


ENDED = dt.date(2027, 7, 15)


def exceptions(scenario: Scenario) -> dict[str, str]:
    return {a.what: a.status for a in scenario.reference.state.values() if isinstance(a, Attention)}


@pytest.mark.proves("S15")
@pytest.mark.parametrize(("mail", "what"), [(MAIL, "release-silent"), (None, "release-unasked")])
def test_a_release_that_nobody_decided_is_over_with_the_programme_and_the_office_knows(
    mail: str | None, what: str
) -> None:
    scenario = asked(releaser_mail=mail).given(SILENT, CLOSING, dt.date(2027, 2, 15))
    assert exceptions(scenario)[what] in ("open", "reminded")
    scenario.when(ENDED).then_among(
        said(r.ReleaseSettled, participant_id=MENTOR, status="settled"),
        said(r.OfficeAttentionNeeded, what=what, status="settled"),
        said(r.PersonAddressed, to=MENTOR, topic="programme-over"),
    )
    assert release(scenario).status == "over"
    assert exceptions(scenario) == {what: "settled"}


@pytest.mark.proves("P6", "S15")
def test_nobody_is_to_be_asked_about_a_pause_when_the_programme_is_over() -> None:
    scenario = an_open_programme().given(mentor(), pause(), CLOSING, dt.date(2027, 2, 15))
    scenario.given(TODAY + 90 * DAY, TODAY + 120 * DAY)
    assert exceptions(scenario) == {"pause-long": "open"}
    scenario.when(ENDED).then_among(said(r.OfficeAttentionNeeded, what="pause-long", status="settled"))
    assert exceptions(scenario) == {"pause-long": "settled"}


def test_a_question_waits_for_its_answer_also_when_the_programme_is_over() -> None:
    question = By(
        r.AskOffice(programme_id="pilot", participant_id=MENTOR, question="And then?"), actor=MENTOR, sender="person"
    )
    scenario = an_open_programme().given(mentor(), CLOSING, dt.date(2027, 2, 15), dt.date(2027, 7, 14), question)
    scenario.when(ENDED)
    assert exceptions(scenario) == {"question-open": "open"}


# Who is being erased


OVER = Tell(participant_id=MENTOR, news="programme-over")
ERASING = By(r.ErasePerson(participant_id=MENTOR), actor=MENTOR, sender="person")


def test_who_is_being_erased_gets_no_letter_of_a_programme_that_is_over() -> None:
    scenario = an_open_programme().given(mentor(), mentee(), CLOSING, dt.date(2027, 2, 15), ENDED)
    scenario.when(OVER).then(said(r.PersonAddressed, to=MENTOR, topic="programme-over"))
    scenario.given(ERASING).when(OVER).then_nothing()
    other = Tell(participant_id=OTHER, news="programme-over")
    scenario.when(other).then(said(r.PersonAddressed, to=OTHER, topic="programme-over"))


def test_what_the_office_had_to_do_is_over_also_for_who_is_being_erased() -> None:
    scenario = asked().given(SILENT, CLOSING, dt.date(2027, 2, 15))
    scenario.reference.state["programme/pilot"] = ended(scenario)
    scenario.given(ERASING).when(OVER)
    scenario.then(r.ReleaseSettled, said(r.OfficeAttentionNeeded, what="release-silent", status="settled"))


def ended(scenario: Scenario) -> Programme:
    """The programme as its end leaves it, before anybody is told."""
    running = scenario.reference.state["programme/pilot"]
    assert isinstance(running, Programme)
    return running.next(status="ended")


# Races


WHO = keyed_id(ENGINE_KEY, "participant", "pilot", "P-1")
RUNNING = (TODAY, topic(), opening(), mentor(), CLOSING, dt.date(2027, 2, 15))


async def interrupted(one: Replica, item: Item, kind: str, happens: Callable[[], Awaitable[None]]) -> None:
    store = Interrupted(one.database, kind, happens)
    one.engine.store = store
    await one.engine.handle([item])
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"


async def test_who_is_to_be_erased_while_all_are_told_hears_nothing_more() -> None:
    one = Replica(service)
    other = one.beside()
    await one.play(*RUNNING, ENDED)

    async def happens() -> None:
        other.send(r.ErasePerson(participant_id=WHO), actor=WHO)
        await other.engine.intake()

    piece = one.engine.desk.from_piece(Tell.__name__, {"participant_id": WHO, "news": OVER.news}, "told-again")
    await interrupted(one, piece, "participant", happens)
    await one.settle()
    topics = [event["data"].get("topic") for event in one.take()]
    assert "programme-over" not in topics


async def test_an_exception_that_is_raised_while_the_programme_ends_is_not_left_open() -> None:
    one = Replica(service)
    other = one.beside()
    pausing = By(r.PauseParticipation(participant_id=WHO), actor=WHO, sender="person")
    await one.play(*RUNNING[:4], pausing, *RUNNING[4:], TODAY + 90 * DAY)

    async def happens() -> None:
        await other.engine.handle([other.engine.desk.from_due("programme/pilot", ENDED)])
        await other.settle()

    await interrupted(one, one.engine.desk.from_due(f"participant/{WHO}", ENDED), Attention.kind, happens)
    await one.settle()
    kept = one.aggregates()
    assert kept["programme/pilot"]["status"] == "ended"
    assert [a for subject, a in kept.items() if subject.startswith("attention/") and a["status"] != "settled"] == []


async def test_who_is_released_while_all_are_told_hears_as_well_that_registration_has_closed() -> None:
    registered = By(mentor(releaser_mail="head@example.org"), sender="office")
    before = TODAY, topic(), By(opening(rules=ASKS), sender="office"), registered
    grant = r.GrantRelease(participant_id=WHO)
    one, _ = await race(before, By(CLOSING, sender="office"), grant, kind="participant")
    letters = [letter for change in one.database.history for letter in change.outbox]
    topics = [json.loads(letter.body)["data"]["topic"] for letter in letters if letter.key == r.PersonAddressed.name]
    assert topics == ["registered", "release-waits", "release-granted", "closed-to-registration"]
