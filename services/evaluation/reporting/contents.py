"""Everything in a report beside its four answers. Loaded by the report's own process only."""

from collections.abc import Iterable, Sequence

from services.evaluation.counting import weeks
from services.evaluation.counting.rollout import needs
from services.evaluation.protection import Rule, response
from services.evaluation.reporting.distributions import distributions
from services.evaluation.reporting.gathering import BASELINE, END
from services.evaluation.reporting.inputs import Asked, Earlier, ReportInputs
from services.evaluation.reporting.release import Item
from shared.contracts import evaluation as e
from shared.contracts.parts import Side

FIRST = (END, "mid-term", "pulse", "parting")
"""The order in which questionnaires are told: the one that decides first, then the office's own, the baseline last, as
what has changed since stands behind it."""


def contents(
    inputs: ReportInputs,
    told: Sequence[Item],
    answers: Sequence[e.Answer],
    rule: Rule,
) -> e.Figures:
    """The figures as data, each of them protected: of answers by what was told, of tandems by the floor."""
    shown = weeks.counted(len(inputs.tandems), inputs.floor)
    return e.Figures(
        title=inputs.title,
        term=inputs.term,
        tandems=len(inputs.tandems) if shown else None,
        criteria=inputs.criteria_versions,
        distributions=_in_order(found for item in told for found in distributions(item.gathered, item.portions, rule)),
        responses=inputs.responses or tuple(_responses(inputs, rule)),
        weeks=weeks.weeks(inputs.meetings, inputs.as_of) if shown else (),
        topics=weeks.topics(inputs.meetings, inputs.floor, inputs.labels),
        signs=weeks.signs(inputs.signs, inputs.floor),
        goals=weeks.goals(inputs.goals, inputs.floor),
        rollout=needs(
            inputs.tandems,
            inputs.meetings,
            inputs.kick_off,
            inputs.exceptions,
            inputs.floor,
            inputs.mentors,
            inputs.labels,
        ),
        waves=tuple(_wave(earlier, inputs, answers) for earlier in inputs.earlier),
        awaited=inputs.awaited,
    )


def _in_order(found: Iterable[e.Distribution]) -> tuple[e.Distribution, ...]:
    """Questionnaire by questionnaire, changes last; the items of each, and the groups of each item, as they come."""
    return tuple(sorted(found, key=lambda each: (each.kind == "change", *_place(each.questionnaire))))


def _place(questionnaire: str) -> tuple[int, str]:
    known = FIRST.index(questionnaire) if questionnaire in FIRST else len(FIRST) + (questionnaire == BASELINE)
    return known, questionnaire


def _responses(inputs: ReportInputs, rule: Rule) -> Iterable[e.Response]:
    """Who answered, once nobody can any more, and repeated after that.

    A second report would else tell of the few who were asked, or erased, in between.
    """
    for name in sorted(inputs.asked, key=_place) if inputs.final else ():
        yield from _response(name, inputs.asked[name], rule)


def _response(name: str, asked: Asked, rule: Rule) -> Iterable[e.Response]:
    """Who was asked and who answered, of both sides, or of all, or of nobody."""
    if asked.people is None:
        return
    people: dict[str, Side] = {given.person: given.side for given in asked.answers}
    for side, count in asked.people.items():
        silent = count - sum(own == side for own in people.values())
        people |= {f"silent {side} {number}": side for number in range(silent)}
    answered = {given.person for given in asked.answers}
    for group, found in response(people, answered, rule).items():
        yield e.Response(
            questionnaire=name,
            version=asked.version,
            group=group,
            asked=found.asked,
            answered=found.answered,
            about=asked.title,
        )


def _wave(earlier: Earlier, inputs: ReportInputs, now: Sequence[e.Answer]) -> e.Wave:
    """An earlier programme as its own report told it, which is told already."""
    ours = {answer.question: answer for answer in now}
    return e.Wave(
        programme_id=earlier.said.programme_id,
        title=earlier.title,
        term=earlier.term,
        answers=tuple(
            e.WaveAnswer(
                question=theirs.question,
                answer=theirs.answer,
                direction=theirs.direction,
                share=theirs.evidence.share if theirs.evidence is not None else None,
                comparable=_comparable(theirs, ours[theirs.question]),
            )
            for theirs in earlier.said.answers
        ),
    )


def _comparable(theirs: e.Answer, ours: e.Answer) -> bool:
    """Whether the same item was judged by the same thresholds; an item's name stands for one wording and scale."""
    if theirs.evidence is None or ours.evidence is None or theirs.evidence.key != ours.evidence.key:
        return False
    thresholds = (theirs.criterion.keep_at_least, theirs.criterion.change_at_least)
    return thresholds == (ours.criterion.keep_at_least, ours.criterion.change_at_least)
