"""How the report's figures are said: numbers, shares, and what is withheld, which is never a zero."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from services.evaluation.comments import Voices
from shared.contracts.base import Text
from shared.contracts.evaluation import Answer, ReportPublished
from shared.contracts.evaluation.figures import (
    Awaited,
    ClassCount,
    Distribution,
    Group,
    Response,
    SignCount,
    TopicCount,
)
from shared.contracts.parts import Criterion
from shared.pages.render import number
from shared.runtime.words import Words

PACKAGE = "services.evaluation.page"
words = Words(PACKAGE)
TENTH = Decimal("0.1")
OWN = "own item"
"""What a questionnaire says of an item that was borrowed from nowhere."""
UNTOLD = words("untold")


def figure(value: float | None, digits: int = 1) -> Text:
    """A number with as many digits behind the point as it needs; that it is not shown where it is withheld."""
    if value is None:
        return UNTOLD
    rounded = round(value, digits)
    return number(int(rounded) if float(rounded).is_integer() else rounded)


def least(value: float | None) -> Text:
    """A lower bound in percent, rounded to the careful side."""
    return _bound(value, ROUND_FLOOR)


def most(value: float | None) -> Text:
    """An upper bound in percent, rounded to the careful side."""
    return _bound(value, ROUND_CEILING)


def _bound(value: float | None, way: str) -> Text:
    return UNTOLD if value is None else figure(float(Decimal(str(value)).quantize(TENTH, way)))


def percent(value: float | None, digits: int = 1) -> Text:
    """A share in percent."""
    return UNTOLD if value is None else words("percent", value=figure(value, digits))


def span(low: float | None, high: float | None) -> Text:
    """An interval; a dash where there is none."""
    if low is None or high is None:
        return words("none")
    return joined((figure(low), figure(high)), "–")


def joined(texts: tuple[Text, ...] | list[Text], between: str) -> Text:
    """Texts in a row."""
    return Text(de=between.join(text.de for text in texts), en=between.join(text.en for text in texts))


def count(found: ClassCount) -> Text:
    """How many people stand in a class."""
    if found.count is not None and found.at_least:
        return words("at-least", count=figure(found.count))
    return figure(found.count)


def group(name: Group) -> Text:
    """A group of people."""
    return words(f"group-{name}")


def named(prefix: str, code: str) -> Text:
    """The words of a code; the code itself where a later release has one without words here."""
    key = f"{prefix}-{code}"
    return words(key) if key in words else Text(de=code, en=code)


def questionnaire(of: Distribution | Response | Awaited | Voices) -> Text:
    """A questionnaire's name: the title of one of the office's own."""
    return of.about or named("name", of.questionnaire)


def topic(found: TopicCount) -> Text:
    """A topic's words; its id where nobody has told of them."""
    return found.label or Text(de=found.topic_id, en=found.topic_id)


def listed(those: Sequence[TopicCount | SignCount]) -> Text:
    """Topics or signs in a row, in the order of their words in each language."""
    names = [topic(each) if isinstance(each, TopicCount) else named("sign", each.rule) for each in those]
    return Text(de=", ".join(sorted(name.de for name in names)), en=", ".join(sorted(name.en for name in names)))


def question(answer_to: str, report: ReportPublished) -> Text:
    """One of the four questions, as the report's release asked it."""
    key = f"question-{answer_to}"
    return words(f"{key}-earlier" if report.contents is None and f"{key}-earlier" in words else key)


def way(answer_to: str, code: str | None, report: ReportPublished) -> Text:
    """Which way to change."""
    if code is None:
        return words("none")
    key = f"{code}-earlier"
    earlier = report.contents is None and f"way-{answer_to}-{key}" in words
    return named(f"way-{answer_to}", key if earlier else code)


def awaited(answer: Answer, report: ReportPublished) -> Awaited | None:
    """The questionnaire that an answer rests on, where an interim report still awaits it."""
    evidence, contents = answer.evidence, report.contents
    if evidence is None or evidence.people is not None or contents is None:
        return None
    name = evidence.key.partition(".")[0]
    return next((each for each in contents.awaited if each.questionnaire == name), None)


def verdict(answer: Answer, report: ReportPublished) -> Text:
    """Keep, change to what, or not enough data; of what is asked later that it is."""
    if awaited(answer, report) is not None:
        return words("verdict-awaited")
    if answer.answer == "change" and answer.direction is None:
        return words("verdict-change-divided")
    return words(f"verdict-{answer.answer}", way=way(answer.question, answer.direction, report))


def bounds(criterion: Criterion) -> Text:
    """A criterion in short."""
    return words("keep-change", keep=criterion.keep_at_least, change=criterion.change_at_least)


def middle(distribution: Distribution) -> Text | None:
    """The class of the median person in words."""
    return next((each.text for each in distribution.classes if each.code == distribution.median), None)


def source(distribution: Distribution) -> Text:
    """Where an item comes from (P15)."""
    given = distribution.source
    return Text(de=given.replace(words("adapted").en, words("adapted").de), en=given)


def read_out(distribution: Distribution) -> Text:
    """A distribution in one line, for who does not see its picture."""
    parts = [
        Text(de=f"{each.text.de}: {count(each).de}", en=f"{each.text.en}: {count(each).en}")
        for each in distribution.classes
    ]
    return joined([*parts, words("people-count", people=figure(distribution.people))], "; ")
