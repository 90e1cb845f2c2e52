"""A report on a terminal: the four answers first, then how much else there is to see."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Line

from services.evaluation.page import said
from services.evaluation.page.cards import cards
from services.evaluation.page.said import words as of_page
from shared.contracts.base import Text
from shared.contracts.evaluation import ReportPublished
from shared.runtime.table import Language
from shared.runtime.words import Words

words = Words("services.evaluation.tool")
STYLES = {"keep": "bold green", "change": "bold yellow", "not_enough_data": "bold"}


def show(report: ReportPublished, language: Language, *, asked: bool) -> None:
    """Print it; `asked`: whether it is known how many were asked."""
    console = Console(highlight=False)
    for card in cards(report, elsewhere=True):
        heading = Line(f"{_in(card.question, language)}  ")
        console.print(heading.append(_in(card.verdict, language), STYLES[card.answer.answer]))
        for name, text in (*card.lines, (of_page("now"), card.next_step)):
            line = Line(f"{_in(name, language)}: ", "dim").append(_in(text, language), "not dim")
            console.print(Padding(line, (0, 0, 0, 4)))
        console.print()
    for text in _rest(report, asked=asked):
        console.print(Line(_in(text, language)))


def _rest(report: ReportPublished, *, asked: bool) -> Iterable[Text]:
    contents = report.contents
    if contents is None:
        return
    for each in contents.responses:
        yield words(
            "answered",
            name=said.questionnaire(each),
            group=said.group(each.group),
            answered=said.figure(each.answered),
            asked=said.figure(each.asked),
        )
    if not asked:
        yield words("asked-unknown")
    told = [each for each in contents.distributions if each.people is not None]
    yield words("told", told=len(told), all=len(contents.distributions))
    yield of_page("method-floor", floor=report.floor)
    yield words("once")


def _in(text: Text, language: Language) -> str:
    return text.de if language == "de" else text.en
