"""What holds of whatever people ask for: one outcome each, an answer or a day for it, nothing of who was erased."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from services.registration.load_asking import question_attention
from services.registration.load_topics import sign_id
from shared.contracts import hr
from shared.contracts import registration as r
from tests.simulation.judged import Judged, Told
from tests.simulation.messages import keyed
from tests.simulation.standing import State

ANSWERS = (r.AcceptTopic.name, r.MergeTopicProposal.name, r.DeclineTopic.name)
OUTCOMES = {
    r.AskOffice.name: r.QuestionAsked.name,
    r.AnswerQuestion.name: r.QuestionAnswered.name,
    r.ChangeContact.name: r.ContactRecorded.name,
    **dict.fromkeys((r.ProposeTopic.name, *ANSWERS), r.TopicProposed.name),
}
"""What says that a command was accepted: under its correlation, since of a topic it is a job that says it."""
DECIDED = ("topic-accepted", "topic-known", "topic-declined")
"""Letters by which who proposed a topic hears what became of it."""
OVER = ("ended", "archived")


def _each_has_one_outcome(it: Judged) -> Iterator[str]:
    """Accepted or refused with reasons, and never both, over all deliveries."""
    outcomes: dict[str, set[str]] = defaultdict(set)
    for accepted in set(OUTCOMES.values()):
        for event in it.said(accepted):
            outcomes[event["correlationid"]].add(accepted)
    for event in it.said(r.CommandRejected.name):
        if event["data"]["reasons"]:
            outcomes[event["data"]["command_id"]].add("refused")
    stuck = _proposals_in_quarantine(it)
    for id, command in it.asked(*OUTCOMES).items():
        expected = OUTCOMES[command["type"].removeprefix("tandem.")]
        if outcomes[id] not in ({expected}, {"refused"}) and not (stuck and expected == r.TopicProposed.name):
            yield f"{command['type']} {id} came to {sorted(outcomes[id]) or 'nothing'}"


def _proposals_in_quarantine(it: Judged) -> set[str]:
    """The proposals whose search for near topics ops hold: its process ended too often."""
    jobs = (*it.registration.all("_job").values(), *it.registration.all("_heavy").values())
    return {job["ref"] for job in jobs if job.get("job") == "similar"}


def _each_question_has_one_answer_or_a_day(it: Judged) -> Iterator[str]:
    """An open one waits with the day that the person was told, for the office; each time it is asked, one answer."""
    asked = _letters(it, r.AskOffice.name, _question_of, ("question-asked",))
    answered = _letters(it, r.AnswerQuestion.name, _question_of, ("question-answered",))
    for id, question in it.registration.all("question").items():
        waits = it.registration.get("attention", question_attention(id))
        if question["status"] == "open":
            if not question["due"] or waits.get("status") not in ("open", "reminded"):
                yield f"question {id} is open, and nobody has a day for it"
            elif waits["by"] != question["answer_by"]:
                yield f"question {id}: the office was told {waits['by']}, the person {question['answer_by']}"
        elif question["due"] or waits.get("status") != "settled":
            yield f"question {id} is answered, and still waits"
        if asked[id] != answered[id] + (question["status"] == "open"):
            yield f"question {id} is {question['status']}, was asked {asked[id]} times and answered {answered[id]}"
    for id, count in answered.items():
        if count > asked[id]:
            yield f"question {id} was asked {asked[id]} times, and answered in {count} letters"


def _question_of(data: Told) -> str:
    return str(
        data["question_id"] if "question_id" in data else keyed("question", data["participant_id"], data["question"])
    )


def _proposal_of(data: Told) -> str:
    return str(data["proposal_id"])


def _letters(it: Judged, command: str, of: Callable[[Told], str], topics: tuple[str, ...]) -> Counter[str]:
    """How many letters on some topics the commands of a type caused, for each subject of these."""
    asked = it.asked(command)
    causes = (e["causationid"] for e in it.said(r.PersonAddressed.name) if e["data"]["topic"] in topics)
    return Counter(of(asked[cause]["data"]) for cause in causes if cause in asked)


def _each_proposal_is_decided_once_or_has_a_day(it: Judged) -> Iterator[str]:
    """An open one waits for the office by a date; a decided one for nobody, and who proposed it heard once at most."""
    letters = sum((_letters(it, answer, _proposal_of, DECIDED) for answer in ANSWERS), Counter[str]())
    topics, stuck = it.registration.all("topic"), _proposals_in_quarantine(it)
    for id, proposal in it.registration.all("topic-proposal").items():
        waits = it.registration.get("attention", sign_id(id))
        if proposal["status"] == "proposed":
            told = waits.get("status") == "reminded" or (waits.get("status") == "open" and waits["due"])
            if id not in stuck and (not told or waits["by"] != proposal["by"]):
                yield f"proposal {id} waits for nobody: {waits.get('status')}"
        elif waits.get("status") in ("open", "reminded"):
            yield f"proposal {id} is {proposal['status']}, and the office still has it"
        if (proposal["status"] in ("accepted", "merged")) != (proposal["topic_id"] in topics):
            yield f"proposal {id} is {proposal['status']}, and leads to {proposal['topic_id']}"
        if letters[id] > 1 or (letters[id] and proposal["status"] == "proposed"):
            yield f"proposal {id} is {proposal['status']}, and was decided in {letters[id]} letters"


def _everybody_is_reached_as_was_last_said(it: Judged) -> Iterator[str]:
    """Whoever is known has a contact, and it is that of its newest event; nobody else has one."""
    contacts = it.registration.all("contact")
    if contacts.keys() != it.registration.all("participant").keys():
        yield f"{sorted(contacts.keys() ^ it.registration.all('participant').keys())}: a contact too many, or none"
    last: dict[str, Told] = {}
    for event in it.said(r.ContactRecorded.name):
        who = event["data"]["participant_id"]
        last[who] = max(last.get(who, event), event, key=lambda each: each["sequence"])
    for who, contact in contacts.items():
        said = last[who]["data"]
        if any(contact[name] != said[name] for name in ("display_name", "mail")):
            yield f"{who} is reached as {contact['display_name']}, and {said['display_name']} was said"


def _who_joins_again_is_known_as_before(it: Judged) -> Iterator[str]:
    """By their place in the reporting line and their role, or as they had left; the place in line goes with them."""
    joining, before = it.asked(r.JoinAgain.name), set[tuple[str, str]]()
    for event in it.said(r.ParticipantRegistered.name):
        data = event["data"]
        who, position, programme = data["participant_id"], data["position"], data["programme_id"]
        if event["causationid"] in joining:
            new = keyed("participant", programme, position, data["role"])
            if who != new and (who, position) not in before:
                yield f"{who} joined {programme} again, and is neither {new} nor known in it"
            if data["waiting_since"] is None:
                yield f"{who} joined {programme} again, and lost their place in line"
        before.add((who, position))


def _who_waits_for_another_programme_may(it: Judged) -> Iterator[str]:
    """A place is kept for who takes part in what is over, waits and agrees, by a day; and for everybody who does.

    Whose place went since HR let them go has none again when HR takes that back: they were told that it is over.
    """
    waiting = it.registration.all("waiting")
    let_go = {keyed("position", event["data"]["personnel_key"]) for event in it.said(hr.EmploymentEnded.name)}
    for id, place in waiting.items():
        if not place["due"] or not _may_wait(it, place["participant"]):
            yield f"waiting {id} is kept for {place['participant']}, who does not wait, or by no day"
    for who, participant in it.registration.all("participant").items():
        kept = keyed("waiting", participant["position"], participant["role"]) in waiting
        excused = participant["position"] in let_go or _came_since(it, participant)
        if _may_wait(it, who) and not kept and not excused:
            yield f"{who} waits for another programme, and no place is kept"


def _may_wait(it: Judged, who: str) -> bool:
    kept = it.registration
    participant = kept.get("participant", who)
    programme = kept.get("programme", participant.get("programme"))
    erasure = kept.get("erasure", kept.get("person", participant.get("position")).get("erasure"))
    last_day = kept.get("employment", participant.get("position")).get("last_day") or "9999"
    return (
        participant.get("status") == "registered"
        and participant["consents"]["reserve"]
        and programme["status"] in OVER
        and kept.get("reserve-place", who).get("status") == "waiting"
        and who not in {p["participant"] for p in erasure.get("people", ())}
        and last_day >= kept.get("_today", "today")["date"]
    )


def _came_since(it: Judged, participant: State) -> bool:
    """Whether somebody came to another programme in the same role since theirs was over."""
    over = it.registration.get("programme", participant["programme"])["term"]["ends"]
    return any(
        (data["position"], data["role"]) == (participant["position"], participant["role"])
        and data["registered_on"] > over
        for data in (event["data"] for event in it.said(r.ParticipantRegistered.name))
    )


def _nothing_is_left_of_the_erased(it: Judged) -> Iterator[str]:
    """Neither service names who is gone in anything that it keeps: no question, no proposal, no contact, no job."""
    gone = it.accepted.keys() - it.registration.all("participant").keys()
    for name, kept in (("registration", it.registration), ("matching", it.matching)):
        for kind, all_ in kept.kinds.items():
            for id, state in all_.items():
                text = json.dumps([id, state]) if gone else ""
                if left := sorted(who for who in gone if who in text):
                    yield f"{name}: {kind}/{id} still names {left}, who are erased"


ASKING: tuple[Callable[[Judged], Iterator[str]], ...] = (
    _each_has_one_outcome,
    _each_question_has_one_answer_or_a_day,
    _each_proposal_is_decided_once_or_has_a_day,
    _everybody_is_reached_as_was_last_said,
    _who_joins_again_is_known_as_before,
    _who_waits_for_another_programme_may,
    _nothing_is_left_of_the_erased,
)
"""The promises of this page."""


def ends_of_asking(it: Judged) -> Iterator[tuple[str, str]]:
    """What has become of all that was asked, as (kind, status)."""
    for kind in ("question", "topic-proposal"):
        yield from ((kind, state["status"]) for state in it.registration.all(kind).values())
    gone = it.accepted.keys() - it.registration.all("participant").keys()
    asked = {event["data"]["participant_id"] for event in it.said(r.QuestionAsked.name)}
    proposed = {c["actor"] for c in it.asked(r.ProposeTopic.name).values() if c.get("actor")}
    if gone & asked:
        yield "question", "of somebody erased"
    if gone & proposed:
        yield "topic-proposal", "of somebody erased"
    if it.registration.all("waiting"):
        yield "waiting", "for another programme"
