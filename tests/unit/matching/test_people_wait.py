"""Who waits, who rests, who comes back, and what they are told: nobody vanishes, and nobody who left is promised."""

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from services.matching.approving import ApprovePair
from services.matching.ids import tandem_id
from services.matching.leaving import Leaving, LetGoProposal, LetGoTandem, let_go
from services.matching.model import Proposal, Reserve, Seat, Tandem
from services.matching.say import reasoned
from services.matching.service import service
from services.matching.solution import LeaveOut
from services.matching.to_solve import solving
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Side
from shared.runtime.table import Job
from tests.support.reference import By, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    Reading,
    a_round,
    approved,
    closed,
    ends,
    leaves,
    listed,
    mails,
    no,
    of_kind,
    programme,
    registered,
    round_of,
    tandems,
    two,
    yes,
)

DAY = dt.timedelta(days=1)
START = m.StartRound(programme_id="pilot")


def back(who: str, actor: str | None = None) -> By:
    return By(m.ReturnToReserve(participant_id=who), actor=actor or who, sender="person")


def seat(scenario: Scenario, who: str) -> Any:
    return {found.id: found for found in of_kind(scenario, Seat)}[who]


def a_tandem(**mentor: object) -> tuple[Scenario, Tandem]:
    """One mentor and one mentee, and their tandem."""
    scenario = two(**mentor)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    [one] = of_kind(scenario, Proposal)
    scenario.given(yes(one, one.mentor), yes(one, one.mentee))
    return scenario, of_kind(scenario, Tandem)[0]


# Words


@pytest.mark.proves("P3")
def test_a_new_tandem_names_the_partner_for_the_mail_service_to_fill_in() -> None:
    scenario = approved()
    one = of_kind(scenario, Proposal)[0]
    scenario.given(yes(one, one.mentor)).when(yes(one, one.mentee))
    assert f"urn:uuid:{one.mentee}" in mails(scenario, one.mentor)[0].text.de
    assert f"urn:uuid:{one.mentor}" in mails(scenario, one.mentee)[0].text.de


@pytest.mark.proves("P1", "P3")
def test_before_accepting_a_person_sees_role_department_topics_and_languages_of_the_other_and_not_who_it_is() -> None:
    topic = r.TopicListed(topic_id="all", area="software", label=Text(de="Alles", en="Everything"))
    facts = registered(0, "mentor", languages=("de", "tl")), registered(0, "mentee")
    scenario = given(service, topic, programme(), *facts, closed((MENTORS[0], MENTEES[0])), today=TODAY)
    scenario.when(m.ApproveRound(round_id=round_of(scenario)))
    [mail], [other] = mails(scenario, MENTEES[0]), mails(scenario, MENTORS[0])
    assert "a mentor, department “mentor-0”, languages: German, tl. Can help with: Everything." in mail.text.en
    assert "eine Mentorin oder ein Mentor, Referat „mentor-0“, Sprachen: Deutsch, tl." in mail.text.de
    assert (
        "a leader as mentee, department “mentee-0”, languages: German. Would like help with: Everything."
        in other.text.en
    )
    for letter in (mail, other):
        written = letter.model_dump_json(exclude={"to"})
        assert not [id for id in (MENTORS[0], MENTEES[0]) if id in written]
        assert "urn:uuid" not in written


@pytest.mark.proves("P5", "S15")
def test_whose_pair_the_office_rejected_is_told_that_they_wait() -> None:
    scenario = a_round()
    one = of_kind(scenario, Proposal)[0]
    scenario.when(m.RejectProposal(proposal_id=one.id, reason="neighbours"))
    assert {mail.topic for who in (one.mentor, one.mentee) for mail in mails(scenario, who)} == {"reserve"}
    assert {one.mentor, one.mentee} <= listed(scenario)


@pytest.mark.proves("S6")
def test_why_and_when_the_office_rejected_a_pair_is_kept_here_and_told_nowhere() -> None:
    scenario = a_round()
    one = of_kind(scenario, Proposal)[0]
    scenario.when(m.RejectProposal(proposal_id=one.id, reason="they are neighbours"))
    rejected = next(proposal for proposal in of_kind(scenario, Proposal) if proposal.id == one.id)
    assert rejected.rejection is not None
    assert (rejected.rejection.reason, rejected.rejection.on) == ("they are neighbours", TODAY)
    assert "neighbours" not in "".join(message.model_dump_json() for message in scenario.told)


@pytest.mark.proves("P5", "P9")
def test_both_hear_of_the_end_of_a_tandem_and_what_becomes_of_them() -> None:
    scenario, tandem = a_tandem()
    scenario.when(ends(tandem, tandem.mentor, rematch=False))
    [rests], [waits] = mails(scenario, tandem.mentor), mails(scenario, tandem.mentee)
    assert "Nachrückliste" in waits.text.de
    assert "reserve list" in waits.text.en
    assert "Nachrückliste" not in rests.text.de
    assert "say so whenever you want one" in rests.text.en


# Resting


@pytest.mark.proves("S16")
def test_who_ends_a_tandem_and_wants_no_other_decides_for_themself_alone() -> None:
    scenario, tandem = a_tandem()
    scenario.when(ends(tandem, tandem.mentor, rematch=False))
    assert (seat(scenario, tandem.mentor).resting, seat(scenario, tandem.mentee).resting) == (True, False)


def test_the_office_decides_for_both() -> None:
    scenario, tandem = a_tandem()
    scenario.when(m.EndTandem(tandem_id=tandem.id, rematch=False))
    assert seat(scenario, tandem.mentor).resting
    assert seat(scenario, tandem.mentee).resting


def two_tandems() -> tuple[Scenario, str, Tandem, Tandem]:
    """A mentor with two seats and two tandems."""
    facts = registered(0, "mentor", capacity=2), registered(0, "mentee"), registered(1, "mentee")
    scenario = given(service, programme(), *facts, closed((MENTORS[0], *MENTEES[:2])), today=TODAY)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    for proposal in of_kind(scenario, Proposal):
        scenario.given(yes(proposal, proposal.mentor), yes(proposal, proposal.mentee))
    one, other = of_kind(scenario, Tandem)
    return scenario, MENTORS[0], one, other


def test_nobody_else_wakes_a_mentor_who_wants_no_other_tandem() -> None:
    scenario, mentor, one, other = two_tandems()
    scenario.given(ends(one, mentor, rematch=False), ends(other, other.mentee, rematch=True))
    assert seat(scenario, mentor).resting
    assert listed(scenario) == {mentor, one.mentee, other.mentee}


@pytest.mark.proves("P9")
@pytest.mark.parametrize("lonely", [False, True], ids=["others could be found", "nobody else is there"])
def test_nothing_that_others_read_tells_who_of_the_two_ended_the_tandem_and_wants_no_other(lonely: bool) -> None:
    def told(side: str) -> list[str]:
        scenario, tandem = a_tandem() if lonely else (tandems(), None)
        tandem = tandem or of_kind(scenario, Tandem)[0]
        granted = programme(r.ProgrammeChanged, status="closed", places=5, closed_set=closed().closed_set)
        public: list[str] = []
        for step in (ends(tandem, getattr(tandem, side), rematch=False), granted, START, back(getattr(tandem, side))):
            scenario.when(step)
            others = [x for x in scenario.told if not isinstance(x, m.PersonAddressed | m.ReturnTaken | m.PairProposed)]
            public += [x.model_dump_json(include={"participant_id", "status", "since", "reason"}) for x in others]
        return public

    assert told("mentor") == told("mentee")


@pytest.mark.proves("P9", "S6")
@pytest.mark.parametrize(("tandems_of_mentor", "seats"), [(1, 2), (2, 1)], ids=["no tandem left", "another one runs"])
def test_topics_lack_as_many_seats_whether_a_mentor_rests_or_not(tandems_of_mentor: int, seats: int) -> None:
    def told(rematch: bool) -> list[str]:
        if tandems_of_mentor == 1:
            scenario, tandem = a_tandem(capacity=2)
        else:
            scenario, _, tandem, _ = two_tandems()
        scenario.given(ends(tandem, tandem.mentor, rematch=rematch)).when(START)
        assert {gap.supply for gap in scenario.told if isinstance(gap, m.TopicGapFound)} >= {seats}
        return [x.model_dump_json() for x in scenario.told if not isinstance(x, m.PersonAddressed)]

    assert told(rematch=True) == told(rematch=False)


@pytest.mark.proves("P5", "P9")
@pytest.mark.parametrize("side", ["mentor", "mentee"])
def test_the_reason_of_who_was_possible_is_true_also_where_somebody_rests(side: Side) -> None:
    scenario, tandem = a_tandem()
    other: Side = "mentee" if side == "mentor" else "mentor"
    scenario.given(ends(tandem, getattr(tandem, side), rematch=False), registered(1, other))
    scenario.given(START)
    reasons = {found.id: found.reason for found in of_kind(scenario, Reserve) if found.status == "waiting"}
    possible = {getattr(tandem, side), (MENTORS if other == "mentor" else MENTEES)[1]}
    assert {who for who, reason in reasons.items() if reason.code == "others_matched"} == possible
    for who in possible:
        assert "none had a free seat on both sides" in reasons[who].text.en
        assert "für keines auf beiden Seiten ein Platz frei" in reasons[who].text.de


def test_who_rests_hears_nothing_of_a_round() -> None:
    scenario, tandem = a_tandem()
    scenario.given(ends(tandem, tandem.mentor, rematch=False)).when(START)
    assert mails(scenario, tandem.mentor) == []
    assert [mail.topic for mail in mails(scenario, tandem.mentee)] == ["reserve"]


def test_who_rested_and_ends_another_tandem_may_ask_for_one_again() -> None:
    scenario, mentor, one, other = two_tandems()
    scenario.given(ends(one, mentor, rematch=False), ends(other, mentor, rematch=True))
    assert not seat(scenario, mentor).resting
    assert mentor in listed(scenario)


@pytest.mark.proves("S16", "P5")
def test_who_rested_comes_back_and_is_matched_again() -> None:
    scenario, tandem = a_tandem()
    scenario.given(registered(1, "mentee"), ends(tandem, tandem.mentor, rematch=False))
    scenario.when(back(tandem.mentor)).then(said(m.ReturnTaken, participant_id=tandem.mentor))
    scenario.when(TODAY + DAY).then_among(said(m.PairProposed, mentor=tandem.mentor, mentee=MENTEES[1]))
    by_office, ended = a_tandem()
    by_office.given(registered(1, "mentor"), m.EndTandem(tandem_id=ended.id, rematch=False))
    by_office.when(By(m.ReturnToReserve(participant_id=ended.mentee), sender="office")).then(m.ReturnTaken)
    by_office.when(TODAY + DAY).then_among(said(m.PairProposed, mentor=MENTORS[1], mentee=ended.mentee))


@pytest.mark.proves("S16")
def test_a_mentor_who_has_another_tandem_asks_for_the_second_seat_to_be_filled_again() -> None:
    scenario, mentor, one, _ = two_tandems()
    scenario.given(registered(2, "mentee"), ends(one, mentor, rematch=False), TODAY + DAY)
    scenario.when(back(mentor)).then(m.ReturnTaken)
    assert mentor not in listed(scenario), "who has somebody does not wait"
    scenario.when(TODAY + 2 * DAY).then_among(said(m.PairProposed, mentor=mentor, mentee=MENTEES[2]))


def test_who_comes_back_when_nobody_rests_is_answered_alike_and_opens_no_round() -> None:
    scenario, tandem = a_tandem()
    scenario.when(back(tandem.mentor)).then(said(m.ReturnTaken, participant_id=tandem.mentor))
    scenario.when(TODAY + DAY).then_nothing()


def test_only_who_takes_part_comes_back_and_for_themself() -> None:
    scenario, tandem = a_tandem()
    scenario.when(back(tandem.mentor, actor=tandem.mentee)).then_refused("not_yours")
    scenario.given(ends(tandem, tandem.mentor, rematch=False), leaves(tandem.mentor))
    scenario.when(back(tandem.mentor)).then_refused("withdrawn")
    given(service).when(back(MENTORS[0])).then_refused("unknown_participant")


@pytest.mark.proves("P5")
def test_who_comes_back_stands_in_line_since_that_day() -> None:
    scenario, tandem = a_tandem()
    scenario.given(ends(tandem, tandem.mentor, rematch=False), TODAY + 9 * DAY, back(tandem.mentor))
    [waits] = [found for found in of_kind(scenario, Reserve) if found.id == tandem.mentor]
    assert waits.since == TODAY, "what others read stays as it was"
    scenario.given(START)
    read = asyncio.run(solving(round_of(scenario), Reading(scenario)))
    since = {person.id: person.since for person in read.inputs.people}
    assert since == {tandem.mentor: TODAY + 9 * DAY, tandem.mentee: TODAY}


# Who has somebody does not wait


@pytest.mark.proves("P5")
def test_a_mentor_with_a_tandem_and_a_free_seat_neither_waits_nor_hears_that_nobody_was_found() -> None:
    scenario, tandem = a_tandem(capacity=2)
    scenario.when(START).then_among(said(m.RoundSolved, status="empty"))
    assert listed(scenario) == set()
    assert mails(scenario, tandem.mentor) == []


def test_the_end_of_one_of_two_tandems_does_not_list_who_has_the_other() -> None:
    scenario, mentor, one, _ = two_tandems()
    scenario.when(ends(one, one.mentee))
    assert listed(scenario) == {one.mentee}
    assert "Nachrückliste" not in mails(scenario, mentor)[0].text.de


def test_the_end_of_a_proposal_does_not_list_who_has_a_tandem() -> None:
    facts = registered(0, "mentor", capacity=2), registered(0, "mentee"), registered(1, "mentee")
    scenario = given(service, programme(), *facts, closed((MENTORS[0], *MENTEES[:2])), today=TODAY)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    one, other = of_kind(scenario, Proposal)
    scenario.given(yes(one, one.mentor), yes(one, one.mentee)).when(no(other, other.mentee))
    assert listed(scenario) == {other.mentee}
    assert "Nachrückliste" not in mails(scenario, other.mentor)[0].text.de


# Who has left


def let_go_of_nothing(scenario: Scenario) -> Scenario:
    """From now on, what is held by who leaves is let go of by the test."""
    rows = tuple(
        replace(row, work=lambda inputs: ()) if isinstance(row, Job) and row.name == "leave" else row
        for row in service.rows
    )
    scenario.reference.service = replace(service, rows=rows)
    return scenario


def left_in_between() -> tuple[Scenario, Proposal]:
    """A mentor accepted and left; what they held has not been let go of yet."""
    scenario = let_go_of_nothing(approved())
    one = of_kind(scenario, Proposal)[0]
    return scenario.given(yes(one, one.mentor), leaves(one.mentor)), one


@pytest.mark.proves("P4", "S16")
def test_nobody_begins_a_tandem_with_somebody_who_has_left() -> None:
    scenario, one = left_in_between()
    scenario.when(yes(one, one.mentee))
    scenario.then_among(
        said(m.ProposalWithdrawn, proposal_id=one.id),
        said(m.ReserveListed, participant_id=one.mentee),
        said(m.PersonAddressed, to=one.mentee, topic="proposal-ended"),
    )
    assert of_kind(scenario, Tandem) == []
    scenario.when(LetGoProposal(proposal_id=one.id)).then_nothing()


@pytest.mark.proves("P3", "P9")
def test_nobody_is_asked_about_somebody_who_has_left_before_the_office_approved() -> None:
    scenario = let_go_of_nothing(a_round())
    first, second = of_kind(scenario, Proposal)
    scenario.given(leaves(first.mentor), leaves(second.mentee))
    for step, pair, gone, left in (
        (m.ApproveProposal(proposal_id=first.id), first, first.mentor, first.mentee),
        (ApprovePair(proposal_id=second.id), second, second.mentee, second.mentor),
    ):
        scenario.when(step).then_among(
            said(m.ProposalWithdrawn, proposal_id=pair.id), said(m.ReserveListed, participant_id=left)
        )
        assert mails(scenario, gone) == []
        assert [mail.topic for mail in mails(scenario, left)] == ["reserve"]
        scenario.when(ApprovePair(proposal_id=pair.id)).then_nothing()


def test_what_became_of_a_proposal_is_let_go_of_too() -> None:
    scenario = tandems()
    tandem = of_kind(scenario, Tandem)[0]
    proposal = next(p for p in of_kind(scenario, Proposal) if tandem_id(p.id) == tandem.id)
    scenario = let_go_of_nothing(scenario).given(leaves(tandem.mentor))
    scenario.when(*let_go(Leaving(proposals=(proposal.id,), tandems=())))
    scenario.then_among(said(m.TandemEnded, tandem_id=tandem.id))


def test_an_open_proposal_of_somebody_who_leaves_ends_and_the_other_is_told() -> None:
    scenario = approved()
    one = of_kind(scenario, Proposal)[0]
    scenario.when(leaves(one.mentor))
    scenario.then_among(m.ProposalWithdrawn, said(m.ReserveListed, participant_id=one.mentee))
    assert [mail.topic for mail in mails(scenario, one.mentee)] == ["proposal-ended"]
    assert mails(scenario, one.mentor) == []


@pytest.mark.proves("P5")
def test_whose_leaving_a_restored_registration_takes_back_waits_and_is_matched_again() -> None:
    scenario, tandem = a_tandem()
    scenario.given(registered(1, "mentee"), leaves(tandem.mentor))
    scenario.when(registered(0, "mentor", r.ParticipantChanged))
    scenario.then(said(m.ReserveListed, participant_id=tandem.mentor, status="waiting", since=TODAY))
    scenario.when(START).then_among(said(m.PairProposed, mentor=tandem.mentor, mentee=MENTEES[1]))


@pytest.mark.proves("P5")
def test_whose_leaving_is_taken_back_before_they_were_let_go_of_keeps_what_they_hold() -> None:
    scenario, one = left_in_between()
    scenario.when(registered(MENTORS.index(one.mentor), "mentor", r.ParticipantChanged)).then_nothing()
    scenario.when(LetGoProposal(proposal_id=one.id)).then_nothing()
    scenario.when(yes(one, one.mentee)).then_among(m.TandemFormed)
    [tandem] = of_kind(scenario, Tandem)
    scenario.given(leaves(tandem.mentor), registered(MENTORS.index(tandem.mentor), "mentor", r.ParticipantChanged))
    scenario.when(LetGoTandem(tandem_id=tandem.id)).then_nothing()


def test_nobody_is_listed_or_written_to_by_a_round_when_its_programme_has_ended() -> None:
    scenario = tandems()
    scenario.given(programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set))
    [waits] = [id for id in MENTEES if id in listed(scenario)]
    late = LeaveOut(round_id=round_of(scenario), participant_id=waits, reason=reasoned("decided_otherwise"))
    scenario.when(late).then_nothing()
