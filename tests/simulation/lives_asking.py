"""What people ask for besides taking part, and what is answered: questions, topics, contacts, another programme."""

from collections.abc import Callable, Mapping

from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Consents
from shared.contracts.registration import ProposedLabel
from tests.simulation.lives_world import NEXT, TOPICS, Life, Lives, Told

LABELS = (
    # Called as a topic of the catalogue, nearly so, and like none.
    ProposedLabel(de="Apps", en="apps"),
    ProposedLabel(de="Barcamp"),
    ProposedLabel(de="Chatbots", en="Chat bots"),
    ProposedLabel(en="Open data"),
)
JOINS = {"asked-again": 0.9, "place-kept": 0.6}
"""Of who gets this letter so many join again: who was not asked may as well, also too early."""


def asks(world: Lives, life: Life) -> None:
    """Somebody takes part: they may ask the office, in the same words twice, propose a topic, be reached otherwise."""
    rng, who = world.rng, life.participant
    fields = {"programme_id": life.programme, "participant_id": who}
    if rng.random() < 0.25:
        question, at = r.AskOffice(question=f"May {who} work from home?", **fields), rng.uniform(0, 40)
        world.by_themself(life, question, at)
        if rng.random() < 0.3:
            world.by_themself(life, question, at + rng.uniform(0, 20), said="again")
    if rng.random() < 0.2:
        proposal = r.ProposeTopic(area="software", label=rng.choice(LABELS), **fields)
        world.by_themself(life, proposal, rng.uniform(0, 30))
    if rng.random() < 0.15:
        for number in range(rng.choice((1, 2))):
            name, mail = f"{who} of {number}", f"{number}-{life.key}@example.org"
            replaces = rng.choice((None, 1, 2))
            changed = r.ChangeContact(participant_id=who, display_name=name, mail=mail, replaces=replaces)
            world.by_themself(life, changed, rng.uniform(0, 40))


def _question(world: Lives, event: Told) -> None:
    """The office answers most questions, some too late; now and then two of it answer at once, not always the same."""
    rng = world.rng
    if rng.random() < 0.6:
        for number in range(rng.choice((1, 1, 2))):
            answer = f"Yes, {rng.choice(('of course', 'you may'))}."
            said = r.AnswerQuestion(question_id=event["data"]["question_id"], answer=answer)
            world.command(said, "office", rng.uniform(0, 20), said=f"{number}")


def _topic(world: Lives, event: Told) -> None:
    """The office takes a topic, answers with another, declines, or leaves it; now and then two of it decide."""
    rng, data = world.rng, event["data"]
    if data["status"] != "proposed":
        return
    id = data["proposal_id"]
    answers = (
        r.AcceptTopic(proposal_id=id, topic_id=rng.choice(("new", "newer", TOPICS[0])), label=Text(de="Neu", en="New")),
        r.MergeTopicProposal(proposal_id=id, into=rng.choice(TOPICS)),
        r.DeclineTopic(proposal_id=id, reason=Text(de="Zu eng.", en="Too narrow.")),
    )
    for answer in rng.sample(answers, rng.choice((0, 1, 1, 2))):
        world.command(answer, "office", rng.uniform(0, 18))


def _letter(world: Lives, event: Told) -> None:
    """Somebody is asked to join again, or told that their place is kept: most who are asked do, and some go as well."""
    rng, data = world.rng, event["data"]
    life = world.members.get(data["to"])
    if life is None or rng.random() >= JOINS.get(data["topic"], 0):
        return
    joins = r.JoinAgain(
        participant_id=life.participant,
        programme_id=NEXT[0],
        consents=Consents(reserve=rng.random() < 0.5),
        voluntary=True,
        privacy_notice="1",
    )
    for said in ("once", "again")[: rng.choice((1, 1, 2))]:
        world.by_themself(life, joins, rng.uniform(0, 12), said=said)
    goes = rng.random()
    if goes < 0.1:
        world.by_themself(life, r.ErasePerson(participant_id=life.participant), rng.uniform(0, 8))
    elif goes < 0.2:
        world.by_themself(
            life, r.ChangeConsents(participant_id=life.participant, consents=Consents()), rng.uniform(0, 8)
        )


ANSWERS: Mapping[str, Callable[[Lives, Told], None]] = {
    r.QuestionAsked.name: _question,
    r.QuestionDelayed.name: _question,
    r.TopicProposed.name: _topic,
    r.PersonAddressed.name: _letter,
}
