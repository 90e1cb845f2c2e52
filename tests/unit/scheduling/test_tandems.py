import itertools
import random
import subprocess
import sys
import tomllib
from operator import attrgetter
from pathlib import Path
from typing import get_args

import pytest

import services.scheduling
from services.scheduling.gatherings.model import What
from services.scheduling.invitations.replies import Why
from services.scheduling.model import Meeting, Pair, Status
from services.scheduling.service import service
from services.scheduling.view import programme_view
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Event
from shared.contracts.calendar_text import Fault
from shared.contracts.parts import WorkingTime
from shared.runtime.aggregate import Aggregate
from shared.runtime.table import COMMON
from shared.runtime.words import with_weekday
from tests.support.reference import By, given, said
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    EVENINGS,
    FORMED,
    MENTEE,
    MENTOR,
    MORNINGS,
    STARTS,
    TANDEM,
    TODAY,
    a_programme,
    a_tandem,
    all_said,
    an_accepted_tandem,
    cancelling,
    fallen_through,
    held_on,
    meetings_in,
    moving,
    next_planned,
    objecting,
    open_signs,
    pair_in,
    person,
    programme,
    tandem,
)

BY_DATE = attrgetter("date")
MONDAYS = (WorkingTime(weekday=0, start=540, end=660),)


# Days


def test_a_day_is_started_and_never_twice_nor_backwards() -> None:
    scenario = given(service).when(s.StartDay(date=TODAY)).then(s.DayStarted(date=TODAY))
    scenario.when(s.StartDay(date=TODAY)).then_refused("not_after")
    scenario.when(s.StartDay(date=TODAY - DAY)).then_refused("not_after")
    rejected = scenario.one(s.CommandRejected)
    assert "7. Februar 2027" in rejected.reasons[0].message.de
    scenario.when(s.StartDay(date=TODAY + 9 * DAY)).then(s.DayStarted(date=TODAY + 9 * DAY))


# Planning


@pytest.mark.proves("S10", "S15", "P3")
def test_a_new_tandem_gets_its_plan_and_one_mail_each() -> None:
    scenario = a_programme().given(FORMED).when(tandem())
    plan = scenario.one(s.PlanMade)
    assert (plan.wanted, plan.planned, plan.problem) == (15, 15, None)
    meetings = [x for x in scenario.told if isinstance(x, s.MeetingScheduled)]
    assert len(meetings) == 15
    assert all(STARTS <= x.date <= ENDS and x.minutes == 90 and x.zone == "Europe/Berlin" for x in meetings)
    mails = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    assert [(x.to, x.topic) for x in mails] == [(MENTOR, "planned"), (MENTEE, "planned")]
    for mail, partner in zip(mails, (MENTEE, MENTOR), strict=True):
        assert f"urn:uuid:{partner}" in mail.text.de
        lines = [line for line in mail.text.de.splitlines() if line.startswith("– ")]
        assert lines == [f"– {with_weekday(x.date).de}, 09:00 Uhr (90 Minuten)" for x in sorted(meetings, key=BY_DATE)]


@pytest.mark.proves("S19")
def test_words_for_people_name_the_office() -> None:
    scenario = a_tandem().given(cancelling(meetings_in(a_tandem())[0]))
    mails = all_said(scenario, s.PersonAddressed)
    assert mails
    assert all(mail.office.phone in mail.text.de and mail.office.phone in mail.text.en for mail in mails)


@pytest.mark.proves("S15")
def test_the_office_hears_of_a_tandem_without_a_common_time_and_of_its_end() -> None:
    scenario = a_programme().given(person(MENTOR, MORNINGS), person(MENTEE, EVENINGS), FORMED).when(tandem())
    scenario.then(
        said(s.PlanMade, planned=0, problem="no_common_time", largest_gap_days=None),
        said(s.OfficeAttentionNeeded, what="plan-short", whom=(f"tandem/{TANDEM}",), status="open"),
    )
    scenario.when(tandem(m.TandemEnded, FORMED)).then(said(s.OfficeAttentionNeeded, status="settled"))


def test_an_older_word_of_a_participant_changes_nothing() -> None:
    changed = person(MENTOR, MORNINGS, r.ParticipantChanged)
    scenario = given(service, programme(), By(changed, sequence=2), By(person(MENTOR), sequence=1))
    other = given(service, programme(), By(person(MENTOR), sequence=1), By(changed, sequence=2))
    assert scenario.reference.state == other.reference.state


# The end


@pytest.mark.proves("S16", "P9")
def test_a_tandem_that_ends_has_no_more_meetings_and_no_sign() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(*fallen_through(first)).given(*fallen_through(next_planned(scenario)))
    end = first.date
    scenario.given(end)
    scenario.when(tandem(m.TandemEnded, end)).then_among(
        said(s.OfficeAttentionNeeded, what="meetings-failed", status="settled"), s.MeetingCancelled
    )
    assert not [x for x in meetings_in(scenario) if x.status == "planned" and x.date > end]
    assert not [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    scenario.given(ENDS)
    assert open_signs(scenario) == []
    assert not all_said(scenario, s.MeetingHeld)


def test_nobody_is_reminded_of_a_meeting_after_the_end_while_it_is_being_cleared() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    pair = pair_in(scenario)
    scenario.reference.state[pair.subject] = pair.but(status="ended", ends_on=first.date - DAY)
    scenario.when(first.date - DAY).then_nothing()


def test_an_end_that_comes_before_its_beginning_is_remembered() -> None:
    scenario = a_programme().when(By(tandem(m.TandemEnded, FORMED), sequence=2)).then_nothing()
    scenario.when(By(tandem(), sequence=1)).then_nothing()
    assert meetings_in(scenario) == []
    assert pair_in(scenario).status == "ended"


def test_a_tandem_that_ran_to_the_term_keeps_its_last_meeting_until_it_counts_as_held() -> None:
    scenario = an_accepted_tandem()
    last = meetings_in(scenario)[-1]
    scenario.given(ENDS, tandem(m.TandemCompleted)).when(max(held_on(last), ENDS + DAY))
    assert last.id in {event.meeting_id for event in all_said(scenario, s.MeetingHeld)}
    assert len(all_said(scenario, s.MeetingHeld)) == 15


# Any order


def facts() -> list[By]:
    return [
        By(programme(), sequence=1),
        By(person(MENTOR), sequence=1),
        By(person(MENTOR, MONDAYS, r.ParticipantChanged), sequence=2),
        By(person(MENTEE), sequence=1),
        By(tandem(), sequence=1),
    ]


@pytest.mark.proves("S15")
def test_facts_in_any_order_and_twice_give_the_same_tandem() -> None:
    """What a plan is made of may come in any order; a plan is made once everything that it needs was said."""
    before_the_tandem, formed = facts()[:-1], facts()[-1]
    ends = []
    for seed, order in enumerate(itertools.islice(itertools.permutations(before_the_tandem), 0, None, 3)):
        steps = [*order, *random.Random(seed).sample(before_the_tandem, 3)]
        steps.insert(steps.index(before_the_tandem[2]) + 1, before_the_tandem[2])
        ends.append(given(service, *steps, formed, formed, today=TODAY).reference.state)
    assert all(end == ends[0] for end in ends)
    assert any(isinstance(a, Meeting) for a in ends[0].values())


def test_a_tandem_waits_for_its_programme() -> None:
    people = [person(MENTOR), person(MENTEE)]
    early = given(service, *people, tandem(), programme(), today=TODAY).reference.state
    late = given(service, *people, programme(), tandem(), today=TODAY).reference.state
    assert early == late
    assert isinstance(early[f"tandem/{TANDEM}"], Pair)


@pytest.mark.parametrize("seed", range(6))
def test_commands_that_come_twice_and_late_days_give_the_same_end(seed: int) -> None:
    def history(*, twice: bool) -> dict[str, Aggregate]:
        scenario = a_tandem()
        chance = random.Random(seed)
        meetings = meetings_in(scenario)
        for meeting in meetings:
            scenario.given(meeting.date)
            command = chance.choice([None, None, objecting(meeting), cancelling(meeting)])
            if command is not None:
                scenario.given(By(command.message, actor=MENTOR, sender="person", id=f"c-{meeting.id}"))
                if twice:
                    scenario.given(By(command.message, actor=MENTOR, sender="person", id=f"c-{meeting.id}"))
                    scenario.given(By(tandem(), sequence=1), By(programme(), sequence=1))
        scenario.given(ENDS + 10 * DAY)
        return scenario.reference.state

    assert history(twice=True) == history(twice=False)


# The view and the table


def test_the_view_says_where_each_tandem_stands_with_ids_only() -> None:
    scenario = an_accepted_tandem()
    first, second, third = meetings_in(scenario)[:3]
    scenario.given(held_on(first), cancelling(third))
    kinds = service.view.aggregates if service.view else ()
    found = {k: [a for a in scenario.reference.state.values() if isinstance(a, k)] for k in kinds}
    view = programme_view("pilot", found)
    row = view.tandems[0]
    assert (row.held, row.planned, row.next_meeting, row.agreed) == (1, 14, second.date.isoformat(), False)
    shown = [(meeting.meeting_id, meeting.tandem_id, meeting.date) for meeting in view.meetings]
    assert (len(shown), shown[0]) == (3, (second.id, TANDEM, second.date.isoformat()))
    assert third.id not in {id for id, _, _ in shown}, "a cancelled one is not to be moved"


def test_an_event_carries_the_sequence_that_a_move_must_name() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(moving(first, first.date + DAY), first.date + DAY)
    scenario.given(By(s.RecordTopics(meeting_id=first.id, participant_id=MENTOR, topics=("apps",)), actor=MENTOR))
    scenario.given(ENDS + 9 * DAY)
    for meeting in meetings_in(scenario):
        assert meeting.said == scenario.reference.sequences[meeting.subject]


def test_no_event_says_who_moved_or_cancelled() -> None:
    def everything(who: str) -> list[Contract]:
        scenario = a_tandem()
        first, second, third = meetings_in(scenario)[:3]

        def by(message: Contract) -> By:
            return By(message, actor=who, sender="person")

        scenario.given(by(s.CancelMeeting(meeting_id=first.id, participant_id=who)))
        scenario.given(
            by(s.MoveMeeting(meeting_id=second.id, participant_id=who, date=second.date + DAY, start=600, replaces=1))
        )
        scenario.given(third.date, by(s.ReportNotHeld(meeting_id=third.id, participant_id=who)))
        return [message for message, _ in scenario.reference.said]

    assert everything(MENTOR) == everything(MENTEE)


def test_every_word_of_the_catalogue_is_used_and_every_event_is_declared_here() -> None:
    folder = Path(services.scheduling.__file__).parent
    code = "".join(path.read_text() for path in folder.rglob("*.py") if "tool" not in path.parts)
    topics = {"planned", "moved", "cancelled", "reminder", "kick-off", "new-meeting", "none-left"}
    topics |= {"tandem-rests", "tandem-rests-until", "tandem-goes-on", "delegate-over"}
    topics |= {"time-taken", "agreed", "accepted-by-delegate", "place"}
    topics |= {"gathering", "gathering-none", "gathering-reminder", "gathering-cancelled"}
    topics |= {"agreement-draft", "agreement-changed", "agreement-reminder", "reply-without-effect"}
    topics |= {"times-taken", "planned-anew", "plan-stays-short"}
    made = {f"{topic}-{part}" for topic in topics for part in ("subject", "text")}
    made |= {f"status-{status}" for status in get_args(Status) if status != "planned"}
    made |= {f"busy-{code.replace('_', '-')}" for code in get_args(Fault)}
    made |= {f"gathering-{kind}" for kind in get_args(What)}
    made |= {f"reply-{why}" for why in (*get_args(Why), "gathering")}
    words = set(tomllib.loads((folder / "words.toml").read_text()))
    assert {word for word in words - made if f'"{word}"' not in code} == set()
    assert made <= words
    own = {k for k in vars(s).values() if isinstance(k, type) and issubclass(k, Event) and k.name}
    said_by_rows = {k for row in service.rows for k in getattr(row, "says", ())}
    assert {k for k in own - said_by_rows if not issubclass(k, COMMON)} == set()


def test_the_table_loads_without_heavy_libraries() -> None:
    check = (
        "import sys; from services.scheduling.service import service; "
        "heavy = {'holidays', 'numpy', 'recurring_ical_events', 'scipy', 'pymongo', 'faststream'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
