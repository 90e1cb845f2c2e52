"""Every command of matching and registration, delivered a second time: nothing is said and nothing changes."""

import datetime as dt
from typing import Any

import pytest

from services.matching.ids import round_id
from services.matching.model import Proposal, Tandem
from services.matching.service import service as matching
from services.registration.service import service as registration
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Command, Role, Text
from shared.contracts.parts import Consents, RegistrationRules, Rules
from shared.runtime.closed_set import bucket_of
from shared.runtime.ids import keyed_id
from shared.runtime.table import Ask
from tests.support.reference import By, Step
from tests.unit.matching import people as p
from tests.unit.registration import test_drafts as drafts
from tests.unit.registration import test_registration as reg
from tests.unit.registration import test_retention as kept
from tests.unit.registration import test_waiting as waits
from tests.unit.runtime.engine_in_memory import KEY, Replica

ASKS = [row.on for service in (matching, registration) for row in service.rows if isinstance(row, Ask)]

ROUND = p.round_of(p.a_round())
DAY = dt.timedelta(days=1)
PAIR: Proposal = p.of_kind(p.approved(), Proposal)[0]
OTHER: Proposal = p.of_kind(p.approved(), Proposal)[1]
TANDEM: Tandem = p.of_kind(p.tandems(), Tandem)[0]
KNOWN: tuple[Step, ...] = (p.TODAY, p.programme(), *p.people())
SOLVED: tuple[Step, ...] = (*KNOWN, p.closed())
WISHING: tuple[Step, ...] = (
    p.TODAY,
    p.programme(rules=Rules()),
    *p.people(),
    p.closed(rules=Rules()),
)
ASKED: tuple[Step, ...] = (*SOLVED, m.ApproveRound(round_id=ROUND))
# Both who waited since the first day could be served at the cost of the pair that is open since the second.
OFFERED: tuple[Step, ...] = (
    *ASKED,
    p.no(PAIR, PAIR.mentor),
    p.TODAY + DAY,
    p.no(OTHER, OTHER.mentee),
    m.ApproveRound(round_id=round_id("pilot", 2)),
    p.TODAY + 2 * DAY,
)
REMATCH = round_id("pilot", 3)
AGREED: tuple[Step, ...] = (*ASKED, p.yes(PAIR, PAIR.mentor), p.yes(PAIR, PAIR.mentee))
RESTING: tuple[Step, ...] = (*AGREED, p.ends(TANDEM, TANDEM.mentor, rematch=False))

BREAKING: tuple[Step, ...] = (
    *AGREED,
    p.registered(
        p.MENTORS.index(TANDEM.mentor), "mentor", r.ParticipantChanged, department=p.department_of(TANDEM.mentee)
    ),
)

SOMEBODY = keyed_id(KEY, "participant", "pilot", "P-1")
OPEN: tuple[Step, ...] = (reg.TODAY, reg.topic(), reg.opening())
REGISTERED: tuple[Step, ...] = (*OPEN, reg.mentor())
RELEASING: tuple[Step, ...] = (
    *OPEN[:-1],
    reg.opening(rules=Rules(registration=RegistrationRules(release_by_manager=True))),
    reg.mentor(),
)
QUESTION = r.AskOffice(programme_id="pilot", participant_id=SOMEBODY, question="How do I get there?")

AGAIN: dict[str, Any] = {"programme_id": "next", "voluntary": True, "privacy_notice": "1"}
WILLING = By(reg.mentor(consents=Consents(reserve=True)), sender="person")
KEPT: tuple[Step, ...] = (*OPEN, WILLING, *waits.to_the_end(SOMEBODY), waits.opening_next())
PROPOSES = r.ProposeTopic(
    programme_id="pilot", participant_id=SOMEBODY, area="software", label=r.ProposedLabel(de="Tabellen", en="Sheets")
)
TOPIC_PROPOSAL = keyed_id(KEY, "topic-proposal", "pilot", SOMEBODY, "Tabellen", "Sheets")
DRAFTED: tuple[Step, ...] = (reg.TODAY, reg.topic(), drafts.drafting())
OFFERED_RECORDS: tuple[Step, ...] = (
    reg.TODAY,
    reg.opening(rules=kept.retention(archive_offer=True)),
    dt.date(2027, 2, 7),
    dt.date(2027, 2, 15),
    kept.LAST + DAY,
    kept.OFFERED,
)


def by(command: Command, actor: str) -> By:
    return By(command, actor=actor, sender="person")


PROPOSED: tuple[Step, ...] = (*REGISTERED, by(PROPOSES, SOMEBODY))

CASES: dict[type[Command], tuple[tuple[Step, ...], By | Command]] = {
    m.NameWishes: (KNOWN, by(m.NameWishes(participant_id=p.MENTORS[0], wishes=(p.MENTEES[0],)), p.MENTORS[0])),
    m.StartRound: (ASKED, m.StartRound(programme_id="pilot")),
    m.ProceedWithout: ((*KNOWN[:-1], p.closed()), m.ProceedWithout(round_id=ROUND, reason="letter lost")),
    m.PinPair: (KNOWN, m.PinPair(programme_id="pilot", mentor=p.MENTORS[0], mentee=p.MENTEES[0])),
    m.UnpinPair: (
        (*KNOWN, m.PinPair(programme_id="pilot", mentor=p.MENTORS[0], mentee=p.MENTEES[0])),
        m.UnpinPair(programme_id="pilot", mentor=p.MENTORS[0], mentee=p.MENTEES[0]),
    ),
    m.EndWishing: (WISHING, m.EndWishing(round_id=ROUND)),
    m.DeclineRound: (OFFERED, m.DeclineRound(round_id=REMATCH, reason="all may stay")),
    m.ApproveRound: (SOLVED, m.ApproveRound(round_id=ROUND)),
    m.ApproveProposal: (SOLVED, m.ApproveProposal(proposal_id=PAIR.id)),
    m.RejectProposal: (SOLVED, m.RejectProposal(proposal_id=PAIR.id, reason="neighbours")),
    m.AcceptProposal: (ASKED, p.yes(PAIR, PAIR.mentor)),
    m.DeclineProposal: (ASKED, p.no(PAIR, PAIR.mentee)),
    m.EndTandem: (AGREED, p.ends(TANDEM, TANDEM.mentor)),
    m.KeepTandem: (BREAKING, m.KeepTandem(tandem_id=TANDEM.id, reason="both want it")),
    m.ReturnToReserve: (RESTING, by(m.ReturnToReserve(participant_id=TANDEM.mentor), TANDEM.mentor)),
    r.OpenProgramme: (OPEN[:-1], reg.opening()),
    r.DraftProgramme: (OPEN[:-1], drafts.drafting()),
    r.OpenDraft: (DRAFTED, drafts.open_draft()),
    r.DiscardDraft: (DRAFTED, r.DiscardDraft(programme_id="pilot", replaces=1)),
    r.ChangeProgramme: (OPEN, r.ChangeProgramme(programme_id="pilot", places=8, replaces=1)),
    r.ChangeRules: (OPEN, r.ChangeRules(programme_id="pilot", rules=Rules(), replaces=1)),
    r.ExtendRegistration: (
        OPEN,
        r.ExtendRegistration(programme_id="pilot", closes=dt.date(2027, 2, 8), replaces=1),
    ),
    r.RecordArchiveDecision: (OFFERED_RECORDS, r.RecordArchiveDecision(programme_id="pilot", taken=True)),
    r.ChangeCriteria: (
        OPEN,
        r.ChangeCriteria(
            programme_id="pilot", criteria=drafts.STRICT, reason=Text(de="Strenger.", en="Stricter."), replaces=1
        ),
    ),
    r.ChangePlaces: (OPEN, r.ChangePlaces(programme_id="pilot", places=8, replaces=1)),
    r.CloseRegistration: (REGISTERED, r.CloseRegistration(programme_id="pilot")),
    r.AddTopic: (OPEN, reg.topic("trends")),
    r.MergeTopics: ((*OPEN, reg.topic("trends")), r.MergeTopics(topic_id="trends", into="apps")),
    r.RetireTopic: (OPEN, r.RetireTopic(topic_id="apps")),
    r.RestoreTopic: ((*OPEN, r.RetireTopic(topic_id="apps")), r.RestoreTopic(topic_id="apps")),
    r.ProposeTopic: (REGISTERED, by(PROPOSES, SOMEBODY)),
    r.AcceptTopic: (PROPOSED, r.AcceptTopic(proposal_id=TOPIC_PROPOSAL, topic_id="sheets")),
    r.MergeTopicProposal: (PROPOSED, r.MergeTopicProposal(proposal_id=TOPIC_PROPOSAL, into="apps")),
    r.DeclineTopic: (PROPOSED, r.DeclineTopic(proposal_id=TOPIC_PROPOSAL, reason=Text(de="Nein.", en="No."))),
    r.RegisterMentor: (OPEN, reg.mentor()),
    r.RegisterMentee: (OPEN, reg.mentee()),
    r.ChangeProfile: (
        REGISTERED,
        by(r.ChangeProfile(participant_id=SOMEBODY, profile=reg.profile(grade=11), replaces=1), SOMEBODY),
    ),
    r.ChangeAboutMe: (
        REGISTERED,
        by(r.ChangeAboutMe(participant_id=SOMEBODY, about_me="I like to explain."), SOMEBODY),
    ),
    r.ChangeContact: (
        REGISTERED,
        by(r.ChangeContact(participant_id=SOMEBODY, display_name="New", mail="new@example.org"), SOMEBODY),
    ),
    r.ChangeConsents: (
        REGISTERED,
        by(r.ChangeConsents(participant_id=SOMEBODY, consents=Consents(stories=True)), SOMEBODY),
    ),
    r.PauseParticipation: (REGISTERED, by(r.PauseParticipation(participant_id=SOMEBODY), SOMEBODY)),
    r.ResumeParticipation: (
        (*REGISTERED, by(r.PauseParticipation(participant_id=SOMEBODY), SOMEBODY)),
        by(r.ResumeParticipation(participant_id=SOMEBODY), SOMEBODY),
    ),
    r.Withdraw: (REGISTERED, by(r.Withdraw(participant_id=SOMEBODY), SOMEBODY)),
    r.ErasePerson: (REGISTERED, by(r.ErasePerson(participant_id=SOMEBODY), SOMEBODY)),
    r.ShowMyData: (REGISTERED, by(r.ShowMyData(participant_id=SOMEBODY), SOMEBODY)),
    r.ErasePerson: (REGISTERED, by(r.ErasePerson(participant_id=SOMEBODY), SOMEBODY)),
    r.AskOffice: (REGISTERED, by(QUESTION, SOMEBODY)),
    r.AnswerQuestion: (
        (*REGISTERED, by(QUESTION, SOMEBODY)),
        r.AnswerQuestion(question_id=keyed_id(KEY, "question", SOMEBODY, QUESTION.question), answer="By train."),
    ),
    r.AdmitLate: (
        (*REGISTERED, r.CloseRegistration(programme_id="pilot")),
        r.AdmitLate.model_validate(reg.mentor("P-9").model_dump() | {"role": "mentor"}),
    ),
    r.GrantRelease: (RELEASING, r.GrantRelease(participant_id=SOMEBODY)),
    r.RefuseRelease: (RELEASING, r.RefuseRelease(participant_id=SOMEBODY)),
    r.JoinAgain: (KEPT, by(r.JoinAgain(participant_id=SOMEBODY, **AGAIN), SOMEBODY)),
    r.SayAgain: (REGISTERED, By(r.SayAgain(programme_id="pilot", bucket=bucket_of(SOMEBODY)), sender="service")),
}


@pytest.mark.parametrize("command", ASKS, ids=lambda command: command.name)
async def test_the_same_command_a_second_time_says_and_changes_nothing(command: type[Command]) -> None:
    before, asked = CASES[command]
    by_ = asked if isinstance(asked, By) else By(asked)
    once = By(by_.message, by_.actor, by_.sender, id="the same")
    replica = Replica(matching if command.owner == "matching" else registration)
    await replica.play(*before)
    untouched = replica.aggregates()
    answers = [*await replica.play(once), *replica.take("portal.replies")]
    assert answers, "it must be answered the first time"
    assert not [answer for answer in answers if answer["type"].endswith("command-rejected.v1")], answers
    state: dict[str, Any] = replica.aggregates()
    assert state != untouched
    assert [*await replica.play(once), *replica.take("portal.replies")] == []
    assert replica.aggregates() == state


@pytest.mark.parametrize("command", ASKS, ids=lambda command: command.name)
async def test_a_command_of_somebody_who_may_not_send_it_is_refused(command: type[Command]) -> None:
    before, asked = CASES[command]
    message = asked.message if isinstance(asked, By) else asked
    wrong: Role = "office" if "office" not in command.senders else "ops"
    replica = Replica(matching if command.owner == "matching" else registration)
    await replica.play(*before)
    state = replica.aggregates()
    said = [*await replica.play(By(message, sender=wrong)), *replica.take(f"{wrong}.replies")]
    assert [answer["data"]["reasons"][0]["code"] for answer in said] == ["not_allowed"]
    assert replica.aggregates() == state
