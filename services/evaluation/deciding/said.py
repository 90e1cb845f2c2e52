"""A verdict in words, with its method beside each figure. Loaded by the report's own process only."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from services.evaluation.deciding.verdict import CHANGE, ERROR, KEEP, MOST, Basis, Judgement, judge
from services.evaluation.questionnaires import Question, words
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, Criterion

DIGITS = 2
"""Decimals of a share in percent. A bound is rounded to the careful side: a lower one down, an upper one up."""


def answers(
    bases: Mapping[Question, Basis],
    criteria: Criteria,
    figures: Mapping[Question, tuple[e.Figure, ...]] = MappingProxyType({}),
    asked_from: dt.date | None = None,
) -> tuple[e.Answer, ...]:
    """The answers to the questions by their criteria, in the order given, with evidence; `figures` are handed on.

    `asked_from`: the day on which they are asked, where that is not over yet.
    """
    return tuple(
        _answer(
            question, bases[question].key, found, getattr(criteria, question), figures.get(question, ()), asked_from
        )
        for question, found in judge(bases, criteria).items()
    )


def _answer(
    question: Question,
    key: str,
    found: Judgement,
    criterion: Criterion,
    figures: tuple[e.Figure, ...],
    asked_from: dt.date | None,
) -> e.Answer:
    return e.Answer(
        question=question,
        answer=found.verdict,
        direction=found.direction,
        criterion=criterion,
        figures=figures,
        text=_answer_text(question, found, criterion, asked_from),
        evidence=_evidence(question, key, found, criterion),
    )


def _evidence(question: Question, key: str, found: Judgement, criterion: Criterion) -> e.Evidence:
    exact = found.share_low is not None and found.share_low == found.share_high
    return e.Evidence(
        key=key,
        threshold=criterion.change_at_least,
        wants=found.wants,
        share=_percent(found.share_low) if exact else None,
        low=_down(found.low),
        high=_up(found.any_high),
        level=round(found.level, 5),
        people=found.people,
        intraclass=round(found.correlation, 3),
        design_effect=round(found.effect, 3),
        leans=found.leans,
        people_needed=found.needed,
        silent_needed=_down(found.silent),
        text=_evidence_text(question, found),
    )


def _answer_text(question: Question, found: Judgement, criterion: Criterion, asked_from: dt.date | None) -> Text:
    """The answer in a sentence or two, and why it is no other."""
    said: dict[str, object] = {
        "question": words(f"question-{question}"),
        "change": criterion.change_at_least,
        "keep": 100 - criterion.keep_at_least,
    }
    if found.people is None and asked_from is not None:
        return words("decided-awaited", date=asked_from, **said)
    if found.people is None:
        return words("decided-untold", **said)
    if found.verdict == "keep":
        # A rollout is no habit that one keeps: there, content means as in the pilot.
        own = f"decided-keep-{question}"
        return words(own if own in words else "decided-keep", **said)
    if found.direction is not None:
        return words("decided-change", way=_way(question, found.direction), **said)
    if found.divided:
        return words("decided-divided" if found.verdict == "change" else "decided-open-divided", **said)
    return words(f"decided-open-{found.leans or 'nowhere'}", **said)


def _evidence_text(question: Question, found: Judgement) -> Text:
    """All of the evidence in sentences; each figure with its method."""
    if found.people is None:
        return words("decided-untold-why")
    return _joined(
        (
            _share_text(question, found),
            words(
                "decided-bounds",
                sure_low=number(100 * (1 - CHANGE * found.level), 2),
                sure_high=number(100 * (1 - KEEP * found.level), 2),
                low=number(_down(found.low, 1)),
                high=number(_up(found.any_high, 1)),
            ),
            words(
                "decided-method",
                people=found.people,
                effective=number(found.people / found.effect),
                effect=number(found.effect, 2),
                correlation=number(found.correlation, 2),
                error=number(100 * found.level, 2),
                all=number(100 * ERROR),
            ),
            _needed_text(found),
            _silent_text(found),
        )
    )


def _share_text(question: Question, found: Judgement) -> Text:
    low, high = found.share_low or 0, found.share_high or 0
    said: dict[str, object] = {"people": found.people, "low": number(100 * low), "high": number(100 * high)}
    if found.wants is not None:
        kind = "exact" if low == high else "between"
        return words(f"decided-share-{kind}", way=_way(question, found.wants), **said)
    if high == 0:
        return words("decided-share-nobody", people=found.people)
    return words("decided-share-equal" if low == high else "decided-share-unknown", **said)


def _needed_text(found: Judgement) -> Text:
    if found.leans is None:
        return words("decided-needed-nowhere")
    if found.needed is None:
        return words("decided-needed-most", most=Text(de="10.000", en="10,000") if MOST == 10_000 else number(MOST))
    return words("decided-needed", people=found.needed)


def _silent_text(found: Judgement) -> Text:
    if found.verdict == "not_enough_data":
        return words("decided-silent-open")
    if not found.silent_people:
        return words("decided-silent-untold" if found.silent_people is None else "decided-silent-nobody")
    if found.silent is None:
        return words("decided-silent-none")
    return words("decided-silent", percent=number(_down(found.silent, 1)))


def _way(question: Question, code: str) -> Text:
    return words(f"change-{question}-{code}")


def _joined(parts: Iterable[Text]) -> Text:
    found = tuple(parts)
    return Text(de=" ".join(part.de for part in found), en=" ".join(part.en for part in found))


def number(value: float | None, digits: int = 1) -> Text:
    """A number as people write it, with no more decimals than it needs."""
    english = f"{round(value or 0, digits):g}"
    return Text(de=english.replace(".", ","), en=english)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, DIGITS)


def _down(share: float | None, digits: int = DIGITS) -> float | None:
    return None if share is None else math.floor(100 * share * 10**digits) / 10**digits


def _up(share: float | None, digits: int = DIGITS) -> float | None:
    return None if share is None else math.ceil(100 * share * 10**digits) / 10**digits
