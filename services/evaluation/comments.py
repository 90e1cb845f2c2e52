"""Comments: shown to the office and released by it in groups only, without anything that leads to who wrote them."""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from services.evaluation.model import Answer, Programme, Questionnaire, Survey
from services.evaluation.protection import Rule
from services.evaluation.questionnaires import words
from shared.contracts import evaluation as e
from shared.contracts.base import Reason, Text
from shared.runtime.decision import Context, Decision, Get, Outcome, reason, refuse
from shared.runtime.table import Question, Reader


class Voices(BaseModel):
    """What the office released of one questionnaire's comments; `about`: the title of one of its own."""

    model_config = ConfigDict(frozen=True)

    questionnaire: str
    about: Text | None
    comments: tuple[str, ...]


class Commented(NamedTuple):
    """A programme and the answers with the comments that are meant."""

    programme: Programme | None
    answers: tuple[Answer | None, ...]


def commented(message: e.ReleaseComments, get: Get) -> Commented:
    """The programme and the answers."""
    return Commented(get(Programme, message.programme_id), get.all(Answer, message.comments))


def release(message: e.ReleaseComments, state: Commented, context: Context) -> Outcome:
    """Let comments stand in the report, or take them out again.

    One alone could be told by who misses among those that were not; so some are released together, of different people.
    """
    programme, found = state
    if programme is None:
        return refuse(reason("programme_id", "unknown_programme", words("unknown-programme")))
    answers = {answer.id: answer for answer in found if answer is not None and answer.programme == programme.id}
    reasons = [
        reason(f"comments.{place}", "unknown_comment", words("unknown-comment"))
        for place, id in enumerate(message.comments)
        if id not in answers or not answers[id].comment.strip()
    ]
    reasons = reasons or _together(message, list(answers.values()), Rule.of(programme.on(context.today)))
    if reasons:
        return refuse(*reasons)
    said = e.CommentsReleased(
        programme_id=programme.id,
        questionnaire=next(iter(answers.values())).questionnaire,
        shown=message.show,
        comments=len(answers),
    )
    return Decision(state=tuple(a.but(released=message.show) for a in answers.values()), messages=(said,))


def _together(message: e.ReleaseComments, answers: list[Answer], rule: Rule) -> list[Reason]:
    if len({answer.questionnaire for answer in answers}) > 1:
        return [reason("comments", "several_questionnaires", words("several-questionnaires"))]
    if message.show and not rule.enough(len({answer.person for answer in answers if not answer.released})):
        return [reason("comments", "too_few", words("comments-too-few", least=rule.least))]
    return []


async def comments(asked: e.CommentsAsked, read: Reader, keyed: Callable[..., str]) -> e.CommentsAnswer:
    """What people wrote, once nobody can write any more, and if enough did; ordered by keyed ids."""
    programme = await read.get(Programme, asked.programme_id)
    surveys = await read.find(Survey, asked.programme_id)
    # Once, when all is over: of two readings the second would show what the few wrote who were asked in between.
    still_open = programme is None or not programme.reported or any(each.status == "open" for each in surveys)
    if programme is None or still_open:
        return e.CommentsAnswer(open=still_open, too_few=False, comments=())
    found = [a for a in await read.find(Answer, programme.id) if a.questionnaire == asked.questionnaire]
    written = [answer for answer in found if answer.comment.strip()]
    if not Rule.of(programme.on(read.today)).enough(len({answer.person for answer in written})):
        return e.CommentsAnswer(open=False, too_few=True, comments=())
    shown = (e.Comment(comment_id=a.id, text=a.comment, released=a.released) for a in written)
    return e.CommentsAnswer(open=False, too_few=False, comments=tuple(shown))


async def released(programme_id: str, read: Reader) -> tuple[Voices, ...]:
    """The comments that stand in a programme's report, by questionnaire and in the order of their words.

    So the page shows the words alone, and no order of ids by which two of its readings could be laid side by side. Of a
    questionnaire of which so many were taken out again, or erased, that too few people are left, none.
    """
    programme = await read.get(Programme, programme_id)
    if programme is None:
        return ()
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in await read.find(Answer, programme_id):
        # Of who was erased the answer stays, without the comment.
        if answer.released and answer.comment.strip():
            found[answer.questionnaire].append(answer)
    own = {each.name: each.title for each in await read.find(Questionnaire, programme_id) if each.own}
    rule = Rule.of(programme.on(read.today))
    return tuple(
        Voices(questionnaire=name, about=own.get(name), comments=tuple(sorted(answer.comment for answer in answers)))
        for name, answers in sorted(found.items())
        if rule.enough(len({answer.person for answer in answers}))
    )


QUESTIONS = (Question("comments", e.CommentsAsked, comments),)
