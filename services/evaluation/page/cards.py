"""The four answers as cards: what was found, how sure it is, and what to do now."""

from dataclasses import dataclass

from services.evaluation.page import said
from services.evaluation.page.said import figure, words
from shared.contracts.base import Text
from shared.contracts.evaluation import Answer, ReportPublished
from shared.contracts.evaluation.figures import Awaited, Evidence

HALFWAY = "mid-term"


@dataclass(frozen=True, slots=True)
class Card:
    """One of the four answers; `lines` are a name and its words each."""

    answer: Answer
    question: Text
    verdict: Text
    lines: tuple[tuple[Text, Text], ...]
    next_step: Text


def cards(report: ReportPublished, *, elsewhere: bool = False) -> tuple[Card, ...]:
    """The four answers in the report's order.

    `elsewhere`: the answers were collected elsewhere, and nobody knows here when the criteria were fixed.
    """
    return tuple(
        Card(
            answer=answer,
            question=said.question(answer.question, report),
            verdict=said.verdict(answer, report),
            lines=tuple((words(name), text) for name, text in _lines(answer, report, elsewhere=elsewhere)),
            next_step=_now(answer, report),
        )
        for answer in report.answers
    )


def summary(report: ReportPublished) -> tuple[tuple[str, int], ...]:
    """How many of the four are to be changed, kept, or open yet."""
    verdicts = [answer.answer for answer in report.answers]
    return tuple((kind, verdicts.count(kind)) for kind in ("change", "keep", "not_enough_data"))


def in_words(report: ReportPublished) -> list[tuple[Text | None, Text]]:
    """What the answers say of themselves, each text once with the questions that it is said of; None: of all."""
    found: dict[tuple[str, str], list[Text]] = {}
    for answer in report.answers:
        if said.awaited(answer, report) is not None:
            continue
        text = answer.evidence.text if answer.evidence else answer.text
        found.setdefault((text.de, text.en), []).append(said.question(answer.question, report))
    alike = len(found) == 1
    return [
        (None if alike else said.joined(questions, " "), Text(de=de, en=en)) for (de, en), questions in found.items()
    ]


def rows(report: ReportPublished) -> list[tuple[Text, list[Text]]]:
    """Everything behind the four answers, a row a figure, a column a question."""
    nothing = words("none")
    found = [(answer, answer.evidence) for answer in report.answers]

    def row(name: str, *cells: Text) -> tuple[Text, list[Text]]:
        return words(f"row-{name}"), list(cells)

    table = [
        row("answer", *(said.verdict(answer, report) for answer, _ in found)),
        row("criterion", *(said.bounds(answer.criterion) for answer, _ in found)),
    ]
    if all(evidence is None or evidence.people is None for _, evidence in found):
        return table
    of = [(answer, evidence) for answer, evidence in found if evidence is not None]
    return [
        *table,
        row("threshold", *(said.percent(evidence.threshold, 2) for _, evidence in of)),
        row("wants", *(said.way(answer.question, evidence.wants, report) for answer, evidence in of)),
        row("share", *(said.percent(evidence.share, 2) for _, evidence in of)),
        row("low", *(said.percent(evidence.low, 2) for _, evidence in of)),
        row("high", *(said.percent(evidence.high, 2) for _, evidence in of)),
        row("level", *(said.percent(100 * evidence.level, 2) for _, evidence in of)),
        row("people", *(figure(evidence.people) for _, evidence in of)),
        row("intraclass", *(figure(evidence.intraclass, 3) for _, evidence in of)),
        row("design", *(figure(evidence.design_effect, 3) for _, evidence in of)),
        row("leans", *(words(f"lean-{evidence.leans}") if evidence.leans else nothing for _, evidence in of)),
        row(
            "needed",
            *(nothing if evidence.people_needed is None else figure(evidence.people_needed) for _, evidence in of),
        ),
        row(
            "silent",
            *(
                nothing if evidence.silent_needed is None else said.percent(evidence.silent_needed, 2)
                for _, evidence in of
            ),
        ),
    ]


def _lines(answer: Answer, report: ReportPublished, *, elsewhere: bool) -> list[tuple[str, Text]]:
    criterion = {"change": answer.criterion.change_at_least, "keep": answer.criterion.keep_at_least}
    evidence = answer.evidence
    if evidence is None:
        found = [("found", each.text) for each in answer.figures[:2]]
        return [*found, ("criterion", words("criterion-text-earlier", **criterion))]
    bounds = words("criterion-text-elsewhere" if elsewhere else "criterion-text", **criterion)
    if (waits := said.awaited(answer, report)) is not None:
        return [("found", _asked_later(waits, report)), *_halfway(evidence, report), ("criterion", bounds)]
    lines = [("found", _found(answer, evidence, report)), ("criterion", bounds)]
    is_open = answer.answer == "not_enough_data"
    if is_open:
        leaning = f"leans-{evidence.leans or 'none'}"
        lines.append(("leans", words(leaning, way=said.way(answer.question, evidence.wants, report))))
    else:
        lines.append(("silent", _silent(evidence, report)))
    if evidence.people is not None and (is_open or evidence.people_needed is not None):
        lines.append(("needed", _needed(evidence)))
    return lines


def _found(answer: Answer, evidence: Evidence, report: ReportPublished) -> Text:
    if evidence.people is None:
        return words("found-untold")
    said_of = {
        "share": figure(evidence.share),
        "low": said.least(evidence.low),
        "high": said.most(evidence.high),
        "people": figure(evidence.people),
    }
    if evidence.share is None:
        return words("found-between", **said_of)
    if evidence.wants is None:
        return words("found-wants-both" if evidence.share else "found-wants-nobody", **said_of)
    return words("found-wants", way=said.way(answer.question, evidence.wants, report), **said_of)


def _asked_later(waits: Awaited, report: ReportPublished) -> Text:
    if _is_asked(waits, report):
        return words("found-asked-now")
    return words("found-awaited" if waits.opens is None else "found-awaited-from", date=waits.opens)


def _is_asked(waits: Awaited, report: ReportPublished) -> bool:
    """Whether it was being asked when the report was made."""
    return waits.opens is not None and waits.opens <= report.as_of


def _halfway(evidence: Evidence, report: ReportPublished) -> list[tuple[str, Text]]:
    """What people answered to the same question at mid-term: all together, else side by side."""
    contents = report.contents
    item = evidence.key.split(".")[1]
    told = [
        each
        for each in (contents.distributions if contents else ())
        if (each.kind, each.questionnaire, each.item) == ("answers", HALFWAY, item) and each.classes
    ]
    together = [each for each in told if each.group == "all"]
    if together:
        return [("halfway", said.read_out(together[0]))]
    texts = [said.joined((said.group(each.group), said.read_out(each)), ": ") for each in told]
    return [("halfway", said.joined(texts, ". "))] if texts else []


def _needed(evidence: Evidence) -> Text:
    """How many people would have been enough."""
    if evidence.people_needed is None:
        return words("needed-never" if evidence.leans else "needed-nowhere")
    return words("needed-text", people=figure(evidence.people_needed))


def _silent(evidence: Evidence, report: ReportPublished) -> Text:
    """How selective silence would have to be. That no share would be enough is said only where somebody was silent."""
    if evidence.silent_needed is not None:
        return words("silent-text", share=said.least(evidence.silent_needed))
    questionnaire = evidence.key.split(".")[0]
    responses = (
        [each for each in report.contents.responses if each.questionnaire == questionnaire] if report.contents else []
    )
    known = [each.asked - each.answered for each in responses if each.asked is not None and each.answered is not None]
    if not known or len(known) < len(responses):
        return words("silent-untold")
    return words("silent-never" if any(known) else "silent-nobody")


def _now(answer: Answer, report: ReportPublished) -> Text:
    """What to do now: the words for this question and direction where it has its own, else those for all."""
    if (waits := said.awaited(answer, report)) is not None:
        return words("now-asked" if _is_asked(waits, report) else "now-awaited")
    if answer.answer == "not_enough_data":
        leaning = answer.evidence.leans if answer.evidence else None
        return words(_known(f"now-open-{leaning}-{answer.question}", f"now-open-{leaning}", "now-open"))
    if answer.answer == "change" and answer.direction is None:
        return words("now-change-divided")
    own = f"now-{answer.answer}-{answer.question}"
    return words(_known(f"{own}-{answer.direction}", own, f"now-{answer.answer}"))


def _known(*keys: str) -> str:
    """The first of the keys that has words."""
    return next(key for key in keys if key in words)
