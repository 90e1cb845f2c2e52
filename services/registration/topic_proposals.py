"""Decisions about topics that people propose for the catalogue."""

from services.registration.asking import too_many
from services.registration.checks import words
from services.registration.drafts import UNKNOWN
from services.registration.load_topics import ProposalOf, Proposing, proposal_key, sign_id
from services.registration.model import Participant, StillOpen, Topic, TopicProposal
from services.registration.say import needs_office, settle, waits_for_office
from services.registration.suggesting import Suggested
from services.registration.topics import retired, under_labels
from shared.contracts import registration as r
from shared.contracts.base import Contract, Reason, Text
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, reason, refuse

NO_PROPOSAL = reason("proposal_id", "unknown_proposal", words("unknown-topic-proposal"))
ANSWERS = (r.AcceptTopic, r.MergeTopicProposal, r.DeclineTopic)


def propose_topic(message: r.ProposeTopic, state: Proposing, context: Context) -> Outcome:
    """Take a proposal, and have near topics looked for: then the person hears what comes of it, in one letter.

    The same words of the same person again are answered with where that proposal stands. Of a person's own so many may
    be open at once as the office can answer; what the office itself brings for somebody, as from a workshop, it has
    read. The programme is only read: what is proposed in the moment of its end waits for the office like what was the
    day before. Who proposes is written, unchanged: who leaves at this moment conflicts with it.
    """
    programme, before = state.programme, state.before
    if programme is None:
        return refuse(UNKNOWN)
    found = _not_theirs(message, state, context)
    if not (message.label.de or message.label.en):
        found.append(reason("label", "no_label", words("no-label")))
    if programme.status == "ended" and before is None:
        found.append(reason("programme_id", "ended", words("ended")))
    if found:
        return refuse(*found)
    theirs = (state.participant,) if state.participant is not None else ()
    if before is not None:
        return Decision(state=(before, *theirs), messages=(r.TopicProposed.model_validate(before.published()),))
    still_open = state.still_open
    if still_open is None and message.participant_id is not None:
        still_open = StillOpen(id=message.participant_id, programme=programme.id)
    if still_open is not None and still_open.is_full("proposals") and context.sender != "office":
        return refuse(too_many("label", "too-many-proposals", programme.office))
    proposal = TopicProposal(
        id=context.keyed(*proposal_key(message)),
        programme=programme.id,
        area=message.area,
        label=message.label,
        proposer=message.participant_id,
        by=programme.office_answers_by(context.today),
        rules_version=programme.on(context.today).rules_version,
    )
    counted = (still_open.opened("proposals", proposal.id),) if still_open is not None else ()
    return Decision(state=(proposal, *counted, *theirs), jobs=(Start("similar", proposal.id),))


def _not_theirs(message: r.ProposeTopic, state: Proposing, context: Context) -> list[Reason]:
    """Only somebody who takes part in the programme proposes, for themselves; the office for anybody or nobody."""
    participant = state.participant
    if message.participant_id is None:
        return [] if context.sender == "office" else [reason("participant_id", "not_yours", words("not-yours"))]
    if participant is None or participant.programme != message.programme_id:
        return [reason("participant_id", "unknown_participant", words("unknown-participant"))]
    if context.sender != "office" and context.actor != participant.id:
        return [reason("participant_id", "not_yours", words("not-yours"))]
    if participant.status == "withdrawn":
        return [reason("participant_id", "withdrawn", words("withdrawn"))]
    return []


def say_proposed(message: Suggested, state: ProposalOf, context: Context) -> Outcome:
    """Say what is proposed and what is near it, and have the office decide by a date, which the person hears (S15).

    What the catalogue has under the same label is answered with that topic at once; the topic is written, so that it is
    still offered. An answer that came first writes the proposal too: then nothing waits any more, and nothing is said.
    """
    proposal, programme, topic = state.proposal, state.programme, state.topic
    if proposal is None or programme is None or proposal.status != "proposed":
        return NOTHING
    known = proposal.but(similar=message.similar)
    # Since the search it may have got another label, or may be offered no longer: then the office decides.
    if topic is not None and topic.is_offered and proposal.is_called(topic.label):
        merged = known.but(status="merged", topic_id=topic.id)
        return _answered(merged, state, "topic-known", (topic,), (), topic=topic.label)
    sign = waits_for_office(
        programme,
        sign_id(proposal.id),
        context.today,
        what="topic-proposed",
        whom=(proposal.subject,),
        answered_by=tuple(command.name for command in ANSWERS),
        by=proposal.by,
        label=_label(proposal),
    )
    said = r.TopicProposed.model_validate(known.published()), needs_office(sign)
    heard = _heard(known, state, "topic-received", by=known.by) if state.sign is None else ()
    return Decision(state=(known, sign, *_reached(state)), messages=(*said, *heard))


def accept_topic(message: r.AcceptTopic, state: ProposalOf, context: Context) -> Outcome:
    """Take what was proposed into the catalogue, corrected or not."""
    proposal = state.proposal
    if proposal is None or state.programme is None:
        return refuse(NO_PROPOSAL)
    found = _decided(proposal)
    if state.topic is not None:
        found.append(reason("topic_id", "taken", words("topic-taken", topic=message.topic_id)))
    proposed = proposal.label
    if message.label is None and not (proposed.de and proposed.en):
        found.append(reason("label", "language_missing", words("label-language-missing")))
    if found:
        return refuse(*found)
    label = message.label or Text(de=proposed.de or "", en=proposed.en or "")
    topic = Topic(id=message.topic_id, area=message.area or proposal.area, label=label)
    accepted = proposal.but(status="accepted", topic_id=topic.id)
    labels, listed = under_labels(topic, state.called)
    return _answered(accepted, state, "topic-accepted", (topic, *labels), (listed,), topic=label)


def merge_proposal(message: r.MergeTopicProposal, state: ProposalOf, context: Context) -> Outcome:
    """Answer a proposal with a topic that the catalogue has; the topic is written, so that it is still offered."""
    proposal, topic = state.proposal, state.topic
    if proposal is None or state.programme is None:
        return refuse(NO_PROPOSAL)
    found = _decided(proposal)
    if topic is None:
        found.append(reason("into", "unknown_topic", words("unknown-topic", topic=message.into)))
    elif topic.retired:
        found.append(retired("into", topic.id))
    if found or topic is None:
        return refuse(*found)
    merged = proposal.but(status="merged", topic_id=topic.id)
    return _answered(merged, state, "topic-known", (topic,), (), topic=topic.label)


def decline_topic(message: r.DeclineTopic, state: ProposalOf, context: Context) -> Outcome:
    """Leave a proposed topic out; the reason is kept here, and goes to who proposed it and into nothing else."""
    proposal = state.proposal
    if proposal is None or state.programme is None:
        return refuse(NO_PROPOSAL)
    if found := _decided(proposal):
        return refuse(*found)
    declined = proposal.but(status="declined", reason=message.reason)
    return _answered(declined, state, "topic-declined", (), (), reason=message.reason)


def _decided(proposal: TopicProposal) -> list[Reason]:
    if proposal.status == "proposed":
        return []
    return [reason("proposal_id", "decided", words("topic-decided"))]


def _answered(
    proposal: TopicProposal,
    state: ProposalOf,
    letter: str,
    written: tuple[Aggregate, ...],
    said: tuple[Contract, ...],
    **params: object,
) -> Decision:
    """The proposal as the office decided it: nothing waits for the office any more, and the proposer hears of it."""
    settled, told = settle(state.sign)
    freed = (state.still_open.answered("proposals", proposal.id),) if state.still_open is not None else ()
    messages = (*said, r.TopicProposed.model_validate(proposal.published()), *told)
    return Decision(
        state=(proposal, *written, *settled, *freed, *_reached(state)),
        messages=(*messages, *_heard(proposal, state, letter, **params)),
    )


def _reached(state: ProposalOf) -> tuple[Participant, ...]:
    """Who proposed it, written unchanged: who leaves at this moment conflicts with it, and gets no letter any more."""
    return (state.proposer,) if state.proposer is not None else ()


def _heard(proposal: TopicProposal, state: ProposalOf, letter: str, **params: object) -> tuple[Contract, ...]:
    """Words for who proposed it; for nobody where the office did, or where they have left."""
    programme, proposer = state.programme, state.proposer
    if proposal.proposer is None or programme is None or proposer is None or proposer.status == "withdrawn":
        return ()
    office = programme.office
    text = words(f"{letter}-text", label=_label(proposal), office=office.name, phone=office.phone, **params)
    return (
        r.PersonAddressed(
            to=proposal.proposer,
            programme_id=programme.id,
            topic=letter,
            subject_line=words(f"{letter}-subject", title=programme.title),
            text=text,
            office=office,
        ),
    )


def _label(proposal: TopicProposal) -> Text:
    """The label in both languages; where one is missing, in the other."""
    de, en = proposal.label.de, proposal.label.en
    return Text(de=de or en or "", en=en or de or "")
