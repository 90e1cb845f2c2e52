"""What the office may read of registration."""

import datetime as dt
from typing import Any

from pydantic import BaseModel

from services.registration.checks import words
from services.registration.model import (
    Contact,
    Erasure,
    Participant,
    Programme,
    Question,
    Topic,
    TopicProposal,
    Waiting,
)
from services.registration.view_topics import (
    TopicProposalRow,
    TopicRow,
    label_notes,
    labels_of,
    proposal_rows,
    topic_rows,
)
from shared.contracts.base import Text
from shared.contracts.registration import ERASING
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention, AttentionRow, for_the_office
from shared.runtime.days import DAY
from shared.runtime.table import View


class ParticipantRow(BaseModel):
    """A participant, without a name; a pause with its first day, and its last if it has one.

    `release`: "asked" while the line manager has not released the time.
    """

    participant_id: str
    role: str
    status: str
    department: str
    registered_on: str
    paused_since: str
    paused_until: str
    line: str
    release: str


class QuestionRow(BaseModel):
    """A question that waits for the office, with its words: the office may read them, and answers."""

    question_id: str
    participant_id: str
    question: str
    asked_on: str
    answer_by: str


class ErasureRow(BaseModel):
    """Somebody who is being erased: since when, and which services have not confirmed; afterwards it names nobody."""

    erasure_id: str
    participant_id: str
    requested_on: str
    waits_for: str


class KeptPlaceRow(BaseModel):
    """Somebody who found no partner and is asked again when the next programme opens, until a day at most."""

    participant_id: str
    role: str
    since: str
    until: str


class ProgrammeView(BaseModel):
    """Where a programme's registration stands; `names` for who may read personal data, as the office may.

    `sequence` is what a command that changes the programme `replaces`. `registration_closes`: once the office has ended
    the registration early, the day on which it did. `waiting`: who found no room and waits in line.
    `notes`: what the office should know of its dates, rules and topics.
    """

    programme_id: str
    title: Text | None
    status: str
    sequence: int
    places: int
    starts: str
    ends: str
    opens: str | None
    registration_closes: str
    rules_version: int
    rules_coming: str | None
    gone: tuple[str, ...]
    mentors: int
    mentees: int
    waiting: int
    withdrawn: int
    notes: tuple[Text, ...]
    attention: tuple[AttentionRow, ...]
    paused: int
    participants: tuple[ParticipantRow, ...]
    topics: tuple[TopicRow, ...]
    topic_proposals: tuple[TopicProposalRow, ...]
    names: dict[str, str]
    questions: tuple[QuestionRow, ...] = ()
    erasures: tuple[ErasureRow, ...] = ()
    wait_for_next_programme: tuple[KeptPlaceRow, ...] = ()


def programme_view(programme_id: str, found: dict[type[Aggregate], list[Any]]) -> ProgrammeView:
    """Build the view from a programme's aggregates."""
    programme: Programme | None = next(iter(found[Programme]), None)
    people: list[Participant] = found[Participant]
    registered = [p for p in people if p.status == "registered"]
    rows = tuple(
        ParticipantRow(
            participant_id=p.id,
            role=p.role,
            status=p.status,
            department=p.profile.department,
            registered_on=p.registered_on.isoformat(),
            line=str(p.line) if p.line and not p.admitted else "",
            release="" if p.released else "asked",
            paused_since=p.paused_since.isoformat() if p.paused_since else "",
            paused_until=p.paused_until.isoformat() if p.paused_until else "",
        )
        for p in people
    )
    return ProgrammeView(
        programme_id=programme_id,
        title=programme.title if programme else None,
        status=programme.status if programme else "unknown",
        sequence=programme.said if programme else 0,
        starts=programme.term.starts.isoformat() if programme else "",
        ends=programme.term.ends.isoformat() if programme else "",
        places=programme.places if programme else 0,
        opens=_day(programme.opens) if programme else None,
        registration_closes=_closes(programme).isoformat() if programme else "",
        rules_version=programme.rules_version if programme else 0,
        rules_coming=_day(programme.coming.holds_from) if programme and programme.coming else None,
        gone=programme.gone if programme else (),
        mentors=sum(1 for p in registered if p.role == "mentor"),
        mentees=sum(1 for p in registered if p.role == "mentee"),
        waiting=sum(1 for p in registered if not p.admitted),
        withdrawn=len(people) - len(registered),
        notes=(*notes(programme), *label_notes(found[Topic])) if programme and not programme.is_over else (),
        attention=for_the_office(found[Attention], labels_of(found[TopicProposal])),
        paused=sum(1 for p in registered if p.paused_since is not None),
        participants=rows,
        topics=topic_rows(found[Topic], people),
        topic_proposals=proposal_rows(found[TopicProposal]),
        names={contact.id: contact.display_name for contact in found[Contact]},
        questions=_open_questions(found[Question]),
        erasures=_erasures(found[Erasure], programme_id),
        wait_for_next_programme=_kept_places(found[Waiting], frozenset(p.id for p in people)),
    )


def _closes(programme: Programme) -> dt.date:
    """The last day of registration, as it was in the end."""
    return programme.closed_on or programme.registration_closes


def _kept_places(waiting: list[Waiting], people: frozenset[str]) -> tuple[KeptPlaceRow, ...]:
    """Who of a programme waits for the next one, the longest first."""
    return tuple(
        KeptPlaceRow(
            participant_id=place.participant,
            role=place.role,
            since=place.since.isoformat(),
            until=place.until.isoformat(),
        )
        for place in sorted(waiting, key=lambda place: (place.since, place.participant))
        if place.participant in people
    )


def _erasures(erasures: list[Erasure], programme: str) -> tuple[ErasureRow, ...]:
    """Who of a programme is being erased, the longest first; one that is done names nobody any more."""
    rows = [
        ErasureRow(
            erasure_id=erasure.id,
            participant_id=person.participant,
            requested_on=erasure.requested_on.isoformat(),
            waits_for=", ".join(service for service in ERASING if service not in erasure.confirmed),
        )
        for erasure in erasures
        for person in erasure.people
        if person.programme == programme
    ]
    return tuple(sorted(rows, key=lambda row: (row.requested_on, row.participant_id)))


def _open_questions(questions: list[Question]) -> tuple[QuestionRow, ...]:
    """Who waits for an answer, the earliest day first."""
    waiting = sorted((q for q in questions if q.status == "open"), key=lambda q: (q.answer_by, q.id))
    return tuple(
        QuestionRow(
            question_id=q.id,
            participant_id=q.participant,
            question=q.question,
            asked_on=q.asked_on.isoformat(),
            answer_by=q.answer_by.isoformat(),
        )
        for q in waiting
    )


def notes(programme: Programme) -> tuple[Text, ...]:
    """Where people's and the office's days lead past the start of the term. No fault: tandems may begin in the term.

    Once registration is over none of what is advised can be done any more.
    """
    if programme.status not in ("draft", "open"):
        return ()
    days = programme.rules.deadlines
    # Each of the three deadlines ends when the next but one day after its last starts.
    earliest = programme.registration_closes + (days.wish_days + days.office_days + days.answer_days + 4) * DAY
    if earliest <= programme.term.starts:
        return ()
    return (words("late-start", date=earliest, starts=programme.term.starts),)


def _day(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None


def _shows_people(view: ProgrammeView) -> bool:
    return bool(view.names or view.questions)


VIEW = View(
    aggregates=(Programme, Participant, Contact, Attention, TopicProposal, Question),
    build=programme_view,
    everywhere=(Topic, Erasure, Waiting),
    shows_people=_shows_people,
)
