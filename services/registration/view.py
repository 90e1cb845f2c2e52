"""What the office may read of registration."""

from typing import Any

from pydantic import BaseModel

from services.registration.model import Contact, Participant, Programme, Topic, TopicProposal
from services.registration.view_topics import TopicProposalRow, TopicRow, proposal_rows, topic_rows
from shared.runtime.aggregate import Aggregate
from shared.runtime.table import View


class ParticipantRow(BaseModel):
    """A participant, without a name."""

    participant_id: str
    role: str
    status: str
    department: str
    registered_on: str


class ProgrammeView(BaseModel):
    """Where a programme's registration stands; `names` for who may read personal data, as the office may."""

    programme_id: str
    status: str
    places: int
    registration_closes: str
    mentors: int
    mentees: int
    withdrawn: int
    participants: tuple[ParticipantRow, ...]
    topics: tuple[TopicRow, ...]
    topic_proposals: tuple[TopicProposalRow, ...]
    names: dict[str, str]


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
        )
        for p in people
    )
    return ProgrammeView(
        programme_id=programme_id,
        status=programme.status if programme else "unknown",
        places=programme.places if programme else 0,
        registration_closes=programme.registration_closes.isoformat() if programme else "",
        mentors=sum(1 for p in registered if p.role == "mentor"),
        mentees=sum(1 for p in registered if p.role == "mentee"),
        withdrawn=len(people) - len(registered),
        participants=rows,
        topics=topic_rows(found[Topic], people),
        topic_proposals=proposal_rows(found[TopicProposal]),
        names={contact.id: contact.display_name for contact in found[Contact]},
    )


VIEW = View(aggregates=(Programme, Participant, Contact, TopicProposal), build=programme_view, everywhere=(Topic,))
