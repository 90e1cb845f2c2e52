"""The report as HTML: one page first, which stands alone, and everything else behind it."""

import base64
import re
from collections.abc import Callable
from html import escape

from services.evaluation.page import cards as answers
from services.evaluation.page import items, pictures, said
from services.evaluation.page.cards import cards, in_words, summary
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
Shown = dict[Language, str]
"""A picture as HTML, by language."""


def page(report: ReportPublished, language: Language | None = None, *, elsewhere: bool = False) -> str:
    """The report as a page in both languages: self-contained, and the same to the byte for the same report.

    It opens in `language`; else in the browser's. `elsewhere`: the answers were collected elsewhere, and nothing is
    known of the programme but them.
    """
    return _html(report, language, LANGUAGES, _inline, elsewhere=elsewhere)


def paper(report: ReportPublished, language: Language, *, elsewhere: bool = False) -> str:
    """The page as a printer of one language takes it: its pictures are images with their words."""
    head, end, rest = _html(report, language, (language,), _image, elsewhere=elsewhere).partition("</style>")
    return OTHERS.sub("", head) + end + rest


OTHERS = re.compile(r"[^{}]*:has\([^{}]*\{[^{}]*\}")
"""Rules of a style that look at other elements: they are for switches, and a printer is slow with them."""
Hold = Callable[[str, str, str, str], str]
"""(name, SVG, title, what it tells) → the picture as HTML."""


def _html(
    report: ReportPublished,
    language: Language | None,
    languages: tuple[Language, ...],
    hold: Hold,
    *,
    elsewhere: bool,
) -> str:
    contents = report.contents
    found = items.items(contents.distributions if contents else ())
    kinds = {kind: [each for each in found if each.first.kind == kind] for kind in ("answers", "change")}
    withheld, more_withheld = items.not_shown(report, elsewhere=elsewhere)
    return rendered(
        PACKAGE,
        language=language,
        only=language if hold is _image else None,
        word=lambda key, **params: words(key, **{"title": title(report), **params} if key == "title" else params),
        report=report,
        elsewhere=elsewhere,
        contents=contents,
        title=title(report),
        cards=cards(report, elsewhere=elsewhere),
        summary=summary(report),
        answer_rows=answers.rows(report),
        in_words=in_words(report),
        questions=QUESTIONS,
        by_questionnaire={kind: list(items.by_questionnaire(each)) for kind, each in kinds.items()},
        withheld=withheld,
        more_withheld=more_withheld,
        drawn=_pictures(report, languages, hold),
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


def _pictures(report: ReportPublished, languages: tuple[Language, ...], hold: Hold) -> dict[str, Shown]:
    """Every picture of the report by its name, in these languages."""
    found: dict[str, Shown] = {}

    def show(name: str, heading: Text, told: Text, drawn: dict[Language, str | None]) -> None:
        for language, svg in drawn.items():
            if svg is not None:
                shown = hold(f"{name}-{language}", svg, spoken(heading, language), spoken(told, language))
                found.setdefault(name, {})[language] = shown

    def alike(svg: str | None) -> dict[Language, str | None]:
        return dict.fromkeys(languages, svg)

    with settled():
        for answer in report.answers:
            if (evidence := answer.evidence) is not None:
                show(
                    f"answer-{answer.question}",
                    words("title-interval", question=said.question(answer.question, report)),
                    _sure(answer, evidence, report),
                    {each: pictures.interval(evidence, answer.criterion, words, each) for each in languages},
                )
        contents = report.contents
        if contents is None:
            return found
        for each in contents.distributions:
            show(each.key, joined((each.title, said.group(each.group)), " "), _told(each), alike(pictures.stack(each)))
        if contents.weeks:
            drawn = {language: pictures.meetings(contents.weeks, language) for language in languages}
            show("weeks", words("weeks-caption"), _totals(report), dict(drawn))
        if (goals := contents.goals) is not None:
            counts = {"reached": goals.reached, "open": goals.open, "dropped": goals.dropped}
            show("goals", words("goals-caption"), _listed(counts), alike(pictures.goals(goals)))
        topics = [(Text(de=each.topic_id, en=each.topic_id), each.tandems) for each in contents.topics]
        signs = [(said.named("sign", each.rule), each.tandems) for each in contents.signs]
        for name, rows in (("topics", topics), ("signs", signs)):
            if any(count is not None for _, count in rows):
                show(
                    name,
                    words(name),
                    joined([_pair(label, count) for label, count in rows], "; "),
                    _bars(rows, languages),
                )
    return found


def _bars(rows: list[tuple[Text, int | None]], languages: tuple[Language, ...]) -> dict[Language, str | None]:
    return {
        each: pictures.bars([(spoken(label, each), count) for label, count in rows], spoken(UNTOLD, each))
        for each in languages
    }


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


def _inline(name: str, svg: str, heading: str, told: str) -> str:
    """A picture in the page itself, named by its title and its description."""
    id = name.replace(".", "-")
    named = f'<title id="{id}-t">{escape(heading)}</title><desc id="{id}-d">{escape(told)}</desc>'
    start, _, rest = on_screen(svg, id).partition(">")
    return f'{start} role="img" aria-labelledby="{id}-t" aria-describedby="{id}-d">{named}{rest}'


def _image(name: str, svg: str, heading: str, told: str) -> str:
    """A picture as an image, whose words a tagged PDF takes along."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{escape(f"{heading}: {told}")}" src="data:image/svg+xml;base64,{data}">'
