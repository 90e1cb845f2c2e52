"""The report as HTML: one page first, which stands alone, and everything else behind it."""

import base64
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from services.evaluation.comments import Voices
from services.evaluation.page import cards as answers
from services.evaluation.page import items, pictures, said
from services.evaluation.page.cards import cards, summary
from services.evaluation.page.drawing import on_screen, settled
from services.evaluation.page.pictures import spoken
from services.evaluation.page.said import PACKAGE, UNTOLD, figure, joined, percent, span, words
from services.evaluation.questionnaires import Question
from shared.contracts.base import Text
from shared.contracts.evaluation import Answer, ReportPublished
from shared.contracts.evaluation.figures import Distribution, Evidence, Response
from shared.pages.render import rendered
from shared.runtime.table import Language
from shared.runtime.words import written

LANGUAGES: tuple[Language, ...] = ("de", "en")
QUESTIONS: tuple[Question, ...] = ("duration", "frequency", "rules", "rollout")
Drawn = str | dict[Language, str] | None
"""A picture as SVG, or in each language; None: there is none."""
MOST_BARS = 12
"""Topics that have a bar; the others stand in the table."""


def page(
    report: ReportPublished,
    language: Language | None = None,
    *,
    elsewhere: bool = False,
    voices: Sequence[Voices] = (),
) -> str:
    """The report as a page in both languages: self-contained, and the same to the byte for the same report.

    It opens in `language`; else in the browser's. `elsewhere`: the answers were collected elsewhere, and nothing is
    known of the programme but them. `voices`: the comments that the office released.
    """
    return _html(report, language, LANGUAGES, OnScreen(), elsewhere=elsewhere, voices=voices)


def paper(
    report: ReportPublished, language: Language, *, elsewhere: bool = False, voices: Sequence[Voices] = ()
) -> str:
    """The page as a printer of one language takes it: its pictures are images with their words."""
    html = _html(report, language, (language,), OnPaper(language), elsewhere=elsewhere, voices=voices)
    head, end, rest = html.partition("</style>")
    return OTHERS.sub("", head) + end + rest


OTHERS = re.compile(r"[^{}]*:has\([^{}]*\{[^{}]*\}")
"""Rules of a style that look at other elements: they are for switches, and a printer is slow with them."""


class Picture(NamedTuple):
    """A picture of the page: what it tells in words, and it as HTML in each language; None: the same in all of them."""

    id: str
    told: Text
    shown: list[tuple[Language | None, str]]


class OnScreen:
    """Pictures in the page itself, which names them; patterns that they share stand there once."""

    def __init__(self) -> None:
        self.patterns: dict[str, str] = {}

    def __call__(self, svg: str, told: Text) -> str:
        """A picture as HTML."""
        return on_screen(svg, self.patterns)


class OnPaper:
    """Pictures as images, whose words a tagged PDF takes along."""

    def __init__(self, language: Language) -> None:
        self.patterns: dict[str, str] = {}
        self._language = language

    def __call__(self, svg: str, told: Text) -> str:
        """A picture as HTML."""
        data = base64.b64encode(svg.encode()).decode()
        return f'<img alt="{escape(spoken(told, self._language))}" src="data:image/svg+xml;base64,{data}">'


def _html(
    report: ReportPublished,
    language: Language | None,
    languages: tuple[Language, ...],
    hold: OnScreen | OnPaper,
    *,
    elsewhere: bool,
    voices: Sequence[Voices],
) -> str:
    contents = report.contents
    found = items.items(contents.distributions if contents else ())
    kinds = {kind: [each for each in found if each.first.kind == kind] for kind in ("answers", "change")}
    withheld, more_withheld = items.not_shown(report, elsewhere=elsewhere)
    drawn = _pictures(report, found, languages, hold)
    return rendered(
        PACKAGE,
        language=language,
        only=language if isinstance(hold, OnPaper) else None,
        word=lambda key, **params: words(key, **{"title": title(report), **params} if key == "title" else params),
        report=report,
        elsewhere=elsewhere,
        contents=contents,
        title=title(report),
        cards=cards(report, elsewhere=elsewhere),
        waits=all(said.awaited(answer, report) for answer in report.answers),
        summary=summary(report),
        answer_rows=answers.rows(report),
        in_words=answers.in_words(report),
        questions=QUESTIONS,
        by_questionnaire={kind: list(items.by_questionnaire(each)) for kind, each in kinds.items()},
        withheld=withheld,
        more_withheld=more_withheld,
        drawn=drawn,
        patterns=hold.patterns,
        voices=voices,
        figures=[(answer.question, each) for answer in report.answers for each in answer.figures],
        say=said,
        figure=figure,
        percent=percent,
        span=span,
        day=written,
        rate=_rate,
        question=lambda name: said.question(name, report),
        way=lambda name, code: said.way(name, code, report),
        wave_verdict=lambda each: words(f"verdict-{each.answer}", way=said.way(each.question, each.direction, report)),
    )


def title(report: ReportPublished) -> Text:
    """The programme's title; its id in a report of an earlier release."""
    return report.contents.title if report.contents else Text(de=report.programme_id, en=report.programme_id)


def _rate(response: Response) -> Text:
    """Which share answered; nothing where one of the two numbers is withheld."""
    if not response.asked or response.answered is None:
        return words("none")
    return percent(100 * response.answered / response.asked, 0)


def _pictures(
    report: ReportPublished,
    answered: Sequence[items.Item],
    languages: tuple[Language, ...],
    hold: Callable[[str, Text], str],
) -> dict[str, Picture]:
    """Every picture of the report by its name."""
    found: dict[str, Picture] = {}

    def show(name: str, heading: Text, told: Text, drawn: Drawn) -> None:
        if drawn is None:
            return
        of_each = [(None, drawn)] if isinstance(drawn, str) else list(drawn.items())
        in_words = joined((heading, told), ": ")
        shown = [(language, hold(svg, in_words)) for language, svg in of_each]
        found[name] = Picture(f"p-{name.replace('.', '-')}", in_words, shown)

    with settled():
        for answer in report.answers:
            if (evidence := answer.evidence) is not None:
                heading = words("title-interval", question=said.question(answer.question, report))
                drawn = pictures.interval(evidence, answer.criterion)
                show(f"answer-{answer.question}", heading, _sure(answer, evidence, report), drawn)
        contents = report.contents
        if contents is None:
            return found
        for each in (each for item in answered for alike in item.classes for each in alike.shown):
            show(each.key, joined((each.title, said.group(each.group)), " "), _told(each), pictures.stack(each))
        if contents.weeks:
            of_weeks = {language: pictures.meetings(contents.weeks, language) for language in languages}
            show("weeks", words("weeks-caption"), _totals(report), of_weeks)
        if (goals := contents.goals) is not None:
            counts = {"reached": goals.reached, "open": goals.open, "dropped": goals.dropped}
            show("goals", words("goals-caption"), _listed(counts), pictures.goals(goals))
        topics = [(said.topic(each), each.tandems) for each in contents.topics if each.tandems is not None]
        signs = [(said.named("sign", each.rule), each.tandems) for each in contents.signs if each.tandems is not None]
        for name, rows in (("topics", topics[:MOST_BARS]), ("signs", signs)):
            if rows:
                told = joined([_pair(label, count) for label, count in rows], "; ")
                show(name, words(name), told, _bars(rows, languages))
    return found


def _bars(rows: list[tuple[Text, int]], languages: tuple[Language, ...]) -> dict[Language, str]:
    return {each: pictures.bars([(spoken(label, each), count) for label, count in rows]) for each in languages}


def _sure(answer: Answer, evidence: Evidence, report: ReportPublished) -> Text:
    return words(
        "told-interval-between" if evidence.share is None else "told-interval",
        share=figure(evidence.share),
        low=said.least(evidence.low),
        high=said.most(evidence.high),
        threshold=figure(evidence.threshold),
        verdict=said.verdict(answer, report),
    )


def _told(distribution: Distribution) -> Text:
    return said.read_out(distribution) if distribution.classes else UNTOLD


def _totals(report: ReportPublished) -> Text:
    kinds = ("held", "confirmed", "assumed", "unknown")
    return _listed({kind: getattr(report, f"meetings_{kind}") for kind in kinds})


def _listed(counts: dict[str, int | None]) -> Text:
    return joined([_pair(words(kind), count) for kind, count in counts.items()], "; ")


def _pair(label: Text, count: int | None) -> Text:
    return joined((label, figure(count)), ": ")
