"""What the office reads of a programme's registration."""

import datetime as dt
from typing import Any

from services.registration.view import VIEW, ProgrammeView
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Deadlines, Rules
from tests.support.reference import Scenario, given
from tests.unit.registration.test_drafts import OPENS, a_draft
from tests.unit.registration.test_erasing_people import asked, confirmed
from tests.unit.registration.test_fair_order import BY_LOT, a_full_programme
from tests.unit.registration.test_registration import MENTOR, TODAY, an_open_programme
from tests.unit.registration.test_rule_versions import QUICK, change
from tests.unit.registration.test_topic_proposals import by_mentor, proposing, some_people
from tests.unit.registration.test_waiting import CLOSED, SINCE, STARTS, UNTIL, waited
from tests.unit.registration.test_windows import REMINDED


def view(scenario: Scenario) -> ProgrammeView:
    """The view of the programme `pilot` as it stands."""
    state = scenario.reference.state.values()
    found: dict[Any, list[Any]] = {
        kind: [a for a in state if isinstance(a, kind) and a.programme == "pilot"] for kind in VIEW.aggregates
    }
    found |= {kind: [a for a in state if isinstance(a, kind)] for kind in VIEW.everywhere}
    built = VIEW.build("pilot", found)
    assert isinstance(built, ProgrammeView)
    return built


def test_a_draft_is_shown_with_the_day_on_which_it_opens() -> None:
    shown = view(a_draft(opens=OPENS))
    assert (shown.status, shown.opens, shown.rules_version) == ("draft", OPENS.isoformat(), 1)


def test_a_programme_is_shown_with_its_title_and_term_and_with_what_a_change_replaces() -> None:
    scenario = an_open_programme()
    shown = view(scenario)
    assert (shown.title, shown.starts, shown.ends) == (Text(de="Pilot", en="Pilot"), "2027-02-15", "2027-07-14")
    scenario.when(r.ChangePlaces(programme_id="pilot", places=8, replaces=shown.sequence)).then(r.ProgrammeChanged)
    assert view(scenario).sequence == shown.sequence + 1


def test_who_is_being_erased_is_shown_in_their_programmes_until_all_services_have_confirmed() -> None:
    scenario = asked().given(TODAY + dt.timedelta(1))
    one, *others = confirmed(scenario)
    [row] = view(scenario.given(one)).erasures
    assert (row.participant_id, row.requested_on) == (MENTOR, TODAY.isoformat())
    assert row.waits_for == "matching, registration, scheduling"
    assert view(scenario.given(*others)).erasures == ()


def test_rules_that_come_are_shown_with_their_day() -> None:
    shown = view(an_open_programme().given(change(QUICK)))
    assert (shown.rules_version, shown.rules_coming) == (1, (TODAY + dt.timedelta(1)).isoformat())
    held = view(an_open_programme().given(change(QUICK), TODAY + dt.timedelta(1)))
    assert (held.rules_version, held.rules_coming) == (2, None)


def test_who_waits_in_line_is_shown_with_their_place() -> None:
    shown = view(a_full_programme())
    assert (shown.mentors, shown.waiting) == (5, 3)
    assert {row.participant_id: row.line for row in shown.participants if row.line} == {
        id: str(place) for place, id in enumerate(BY_LOT[2:], start=1)
    }


def test_what_waits_for_the_office_is_shown_until_it_is_settled() -> None:
    scenario = an_open_programme().given(REMINDED)
    assert [row.what for row in view(scenario).attention] == ["registration-closes-soon"]
    assert view(scenario.given(r.CloseRegistration(programme_id="pilot"))).attention == ()


def test_deadlines_that_lead_into_the_term_are_pointed_out_and_no_fault() -> None:
    assert len(view(an_open_programme()).notes) == 1
    quick = Rules(deadlines=Deadlines(answer_days=2, office_days=2, wish_days=2))
    scenario = an_open_programme().given(change(quick), TODAY + dt.timedelta(1))
    assert view(scenario).notes == ()
    assert view(given(scenario.reference.service)).status == "unknown"


def test_a_note_on_the_dates_goes_once_registration_is_over_and_the_day_of_an_early_close_is_shown() -> None:
    scenario = an_open_programme()
    [note] = view(scenario).notes
    assert "earlier last day" in note.en
    scenario.given(r.CloseRegistration(programme_id="pilot"))
    shown = view(scenario)
    assert (shown.notes, shown.registration_closes) == ((), TODAY.isoformat())
    assert all("closed_on" not in message.model_dump() for message in scenario.told)


def test_a_close_by_date_shows_the_last_day_of_registration() -> None:
    scenario = an_open_programme()
    closes = view(scenario).registration_closes
    shown = view(scenario.given(CLOSED, STARTS))
    assert (shown.status, shown.notes, shown.registration_closes) == ("running", (), closes)


def test_proposed_topics_that_wait_are_told_apart_by_their_labels() -> None:
    scenario = some_people()
    for label in (r.ProposedLabel(de="Löten"), r.ProposedLabel(de="Nähen", en="Sewing")):
        scenario.given(by_mentor(proposing(label=label)))
    rows = view(scenario).attention
    assert {(row.what, row.label) for row in rows} == {
        ("topic-proposed", "Löten"),
        ("topic-proposed", "Nähen / Sewing"),
    }


def test_who_waits_for_the_next_programme_is_shown_with_the_days() -> None:
    scenario = waited()
    [row] = view(scenario).wait_for_next_programme
    assert (row.participant_id, row.role, row.since, row.until) == (
        MENTOR,
        "mentor",
        SINCE.isoformat(),
        UNTIL.isoformat(),
    )
    assert view(an_open_programme()).wait_for_next_programme == ()
