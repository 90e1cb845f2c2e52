"""What a programme keeps no more goes, as each service declares; what still needs some of it holds it back."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from services.registration.service import service as registration
from shared.contracts import evaluation as ev
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import RetentionCarriedOut, Text
from shared.contracts.parts import Consents, Purpose, Reasoned, Rules, Term
from shared.runtime.engine import Limits
from shared.runtime.ids import keyed_id
from shared.runtime.retention import PURPOSES
from shared.runtime.table import RETAIN_JOB, Ask, TableError
from tests.support.erased import ordered
from tests.support.left import left_of
from tests.support.reference import By
from tests.unit.registration.test_registration import mentee, mentor, opening, topic
from tests.unit.runtime.engine_in_memory import KEY, Replica

DAY = dt.timedelta(days=1)
FIRST, CLOSED, STARTS, OVER = (
    dt.date(2027, 1, 11),
    dt.date(2027, 2, 7),
    dt.date(2027, 2, 15),
    dt.date(2027, 7, 15),
)
LAST = OVER - DAY
PEOPLE, GONE = LAST + 90 * DAY, LAST + 120 * DAY
WAITS, OTHER = keyed_id(KEY, "participant", "pilot", "P-1"), keyed_id(KEY, "participant", "pilot", "P-2")
HERS, HIS = (WAITS, "mentor-1@example.org"), (OTHER, "mentee-2@example.org")
RULES = Rules.model_validate({"retention": {"people_days": 90, "tandems_days": 120, "answers_days": 120}})
LISTED = m.ReserveListed(
    participant_id=WAITS,
    programme_id="pilot",
    role="mentor",
    status="waiting",
    since=CLOSED,
    reason=Reasoned(code="no_place", text=Text(de="voll", en="full")),
)


def a_replica() -> Replica:
    return Replica(registration, Limits(settling=0))


async def ended(replica: Replica, *more: By) -> Replica:
    """A programme whose mentor waits for the next one, and whose mentee does not."""
    willing = By(mentor(mail=HERS[1], consents=Consents(reserve=True)), sender="person")
    await replica.play(FIRST, topic(), opening(rules=RULES), willing, mentee("P-2", mail=HIS[1]), *more)
    await replica.play(CLOSED, LISTED, STARTS, OVER)
    return replica


def left(replica: Replica, *values: str) -> list[str]:
    replica.database.forget()
    replica.database.history.clear()
    return left_of(replica.database, values)


def nothing_but_ids(replica: Replica, who: str, *values: str) -> bool:
    """Whether of somebody only that they took part is left, and who they are over all programmes: ids alone."""
    places = {place.partition("/")[0] for place in left(replica, who)}
    return places == {"took-part", "person"} and left(replica, *values) == []


def second() -> r.OpenProgramme:
    term = Term(starts=dt.date(2027, 10, 20), ends=dt.date(2028, 3, 1))
    return opening(programme_id="second", term=term, registration_closes=dt.date(2027, 10, 18), rules=RULES)


def asks(who: str) -> r.AskOffice:
    return r.AskOffice(programme_id="pilot", participant_id=who, question="Where do we meet?")


def takes_back() -> By:
    return By(r.ChangeConsents(participant_id=WAITS, consents=Consents()), actor=WAITS, sender="person")


@pytest.mark.proves("P5")
async def test_who_agreed_to_be_asked_again_stays_until_they_take_it_back_and_everybody_else_goes() -> None:
    replica = await ended(a_replica())
    assert left(replica, *HIS) != []
    await replica.play(PEOPLE)
    await replica.after(1)
    assert replica.types() == [r.RetentionCarriedOut.name]
    assert nothing_but_ids(replica, *HIS)
    assert {f"{kind}/{WAITS}" for kind in ("participant", "contact", "reserve-place")} <= set(left(replica, *HERS))
    await replica.play(takes_back())
    assert nothing_but_ids(replica, *HERS)
    await replica.play(GONE)
    await replica.after(1)
    assert left(replica, *HERS, *HIS) == []


async def test_who_takes_it_back_before_the_day_goes_on_the_day() -> None:
    replica = await ended(a_replica(), takes_back())
    assert left(replica, *HERS) != []
    await replica.play(PEOPLE)
    assert nothing_but_ids(replica, *HERS)
    assert nothing_but_ids(replica, *HIS)
    await replica.after(1)
    await replica.play(GONE)
    assert left(replica, *HERS, *HIS) == []


async def test_who_waited_for_24_months_goes_then() -> None:
    replica = await ended(a_replica())
    await replica.play(PEOPLE, dt.date(2029, 7, 14))
    assert left(replica, *HERS) != []
    await replica.play(dt.date(2029, 7, 15))
    await replica.after(1)
    assert [place for place in left(replica, *HERS) if not place.startswith("outbox")] == []


async def test_nothing_that_comes_later_brings_somebody_back_and_who_sent_it_hears_that() -> None:
    replica = await ended(a_replica())
    await replica.play(PEOPLE)
    late = await replica.play(LISTED.model_copy(update={"participant_id": OTHER}), By(asks(WAITS), actor=WAITS))
    assert nothing_but_ids(replica, *HIS, "Where do we meet?")
    [refused] = [event["data"] for event in late if event["type"].endswith(r.CommandRejected.name)]
    assert [reason["code"] for reason in refused["reasons"]] == ["gone"]


def fails(message: Any, state: Any, context: Any) -> Any:
    raise RuntimeError


async def test_what_lies_in_quarantine_goes_with_the_people() -> None:
    replica = a_replica()
    broken = tuple(
        replace(row, decide=fails) if isinstance(row, Ask) and row.on is r.AskOffice else row
        for row in registration.rows
    )
    await ended(replica)
    stuck = replica.changed(replace(registration, rows=broken))
    stuck._ids = replica._ids
    stuck.send(asks(OTHER), actor=OTHER, correlationid="c")
    for _ in range(8):
        await stuck.after(1000)
    assert stuck.kept("quarantine") != []
    later = stuck.changed(registration)
    later._ids, later._heard = replica._ids, replica._heard
    await later.play(PEOPLE)
    assert later.kept("quarantine") == []
    assert nothing_but_ids(later, *HIS, "Where do we meet?")


async def test_it_is_told_again_each_day_and_one_job_at_a_time_carries_it_out() -> None:
    """Something cannot go yet: the jobs of the days do not add up."""
    waits = tuple(
        replace(keeps, goes=lambda aggregate, get: None) if keeps.aggregate.kind == "contact" else keeps
        for keeps in registration.keeps
    )
    replica = await ended(Replica(replace(registration, keeps=waits), Limits(settling=0)))
    for days in range(4):
        said = await replica.play(PEOPLE + days * DAY)
        assert not [event for event in said if event["type"].endswith(r.RetentionCarriedOut.name)]
        await replica.after(60)
    jobs = [each for each in replica.database.records.values() if (each.state or {}).get("job") == RETAIN_JOB]
    assert len(jobs) == 1
    assert left(replica, *HIS) != []
    mended = replica.changed(registration)
    await mended.after(60)
    assert nothing_but_ids(mended, *HIS)


async def test_until_everything_has_settled_that_was_begun_before_nothing_is_searched() -> None:
    replica = await ended(Replica(registration, Limits(settling=90)))
    await replica.play(PEOPLE)
    assert left(replica, *HIS) != []
    await replica.after(91)
    assert nothing_but_ids(replica, *HIS)


async def test_where_every_purpose_is_over_on_one_day_nothing_is_left_of_anybody() -> None:
    at_once = Rules.model_validate({"retention": {"people_days": 90, "tandems_days": 90, "answers_days": 90}})
    replica = a_replica()
    await replica.play(FIRST, topic(), opening(rules=at_once), mentor(), mentee("P-2", mail=HIS[1]))
    await replica.play(CLOSED, STARTS, OVER, PEOPLE)
    await replica.after(1)
    assert left(replica, *HIS, keyed_id(KEY, "position", "P-2")) == []


async def test_who_registered_before_persons_were_kept_is_found_afterwards_as_well() -> None:
    replica = await ended(a_replica())
    del replica.database.records[f"person/{keyed_id(KEY, 'position', 'P-2')}"]
    await replica.play(PEOPLE)
    assert nothing_but_ids(replica, *HIS)
    said = await replica.play(By(r.ErasePerson(participant_id=OTHER), actor=OTHER, sender="person"))
    assert r.ErasureRequested.name in [event["type"].removeprefix("tandem.") for event in said]


async def test_whose_waiting_ends_when_nothing_else_is_kept_any_more_leaves_no_id() -> None:
    replica = await ended(a_replica())
    over: tuple[tuple[dt.date, tuple[Purpose, ...]], ...] = ((PEOPLE, ("people",)), (GONE, PURPOSES))
    for date, purposes in over:
        await replica.play(date)
        await replica.after(1)
        kinds: tuple[type[RetentionCarriedOut], ...] = (
            ev.RetentionCarriedOut,
            m.RetentionCarriedOut,
            s.RetentionCarriedOut,
        )
        for kind in kinds:
            await replica.play(By(kind(programme_id="pilot", purposes=purposes, service=kind.owner)))
    said = await replica.play(GONE + DAY)
    assert r.ProgrammeArchived.name in [event["type"].removeprefix("tandem.") for event in said]
    assert left(replica, *HERS) != []
    await replica.play(takes_back())
    await replica.after(1)
    assert left(replica, *HERS, keyed_id(KEY, "position", "P-1")) == []


async def test_who_can_be_reached_in_another_programme_alone_hears_there_that_they_are_being_erased() -> None:
    longer = Rules.model_validate({"retention": {"people_days": 90, "tandems_days": 300, "answers_days": 300}})
    replica = a_replica()
    await replica.play(FIRST, topic(), opening(rules=longer), mentor(), CLOSED, STARTS, OVER, second())
    await replica.play(mentor(programme_id="second"))
    for date in (PEOPLE, dt.date(2027, 10, 20), dt.date(2027, 10, 21), dt.date(2028, 3, 2)):
        await replica.play(date)
        await replica.after(1)
    said = await replica.play(By(r.ErasePerson(participant_id=WAITS), actor=WAITS, sender="person"))
    told = [e["data"] for e in said if e["type"].endswith(r.PersonAddressed.name)]
    there = keyed_id(KEY, "participant", "second", "P-1")
    assert [(each["to"], each["topic"]) for each in told] == [(there, "erasure-requested")]


@pytest.mark.parametrize("erased_first", [True, False])
async def test_whoever_is_erased_while_the_people_go_leaves_nothing(erased_first: bool) -> None:
    """Both let go of the same person, one piece after the other, in either order."""
    replica = await ended(Replica(registration, Limits(settling=5)))
    steps: list[Any] = [ordered(OTHER), PEOPLE]
    await replica.play(*(steps if erased_first else reversed(steps)))
    for _ in range(4):
        await replica.after(6)
    assert left(replica, *HIS) == []


def test_an_aggregate_has_one_purpose() -> None:
    twice = (*registration.keeps, registration.keeps[0])
    with pytest.raises(TableError, match="is said twice"):
        replace(registration, keeps=twice)
