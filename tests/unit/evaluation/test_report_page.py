import datetime as dt
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from importlib.resources import files
from typing import Any, get_args

import pytest
from hypothesis import Phase, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import BaseModel

from services.evaluation.deciding.said import answers
from services.evaluation.deciding.verdict import Basis
from services.evaluation.page.cards import cards
from services.evaluation.page.drawing import COLOURS
from services.evaluation.page.render import page, paper
from services.evaluation.page.said import figure, least, most, words
from services.evaluation.questionnaires import NEWEST, RELEASED, newest, possible
from services.evaluation.reports import published
from shared.contracts import evaluation as e
from shared.contracts import scheduling
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, Side
from tests.support.page_text import Said
from tests.support.reports import LATER_SEAL, SEAL, VOICES, earlier, hundred, interim, pilot
from tests.unit.evaluation.made_up_answers import asked, given, inputs
from tests.unit.evaluation.test_report import made

MOST_BYTES = 160_000
MOST_BYTES_OF_A_WHOLE_PILOT = 250_000
SIDES: tuple[Side, ...] = ("mentor", "mentee")
LANGUAGES = ("de", "en")
PERCENT = ("threshold", "share", "low", "high", "silent_needed", "value")
FINE = ("level", "intraclass", "design_effect")
WHOLE = {
    name: page(report)
    for name, report in (("pilot", pilot()), ("hundred", hundred()), ("interim", interim()), ("earlier", earlier()))
}


def in_cards(report: e.ReportPublished) -> dict[str, str]:
    """What each answer says in English, by its question; nothing is drawn."""
    return {
        card.answer.question: " ".join(
            " ".join([card.verdict.en, *(text.en for _, text in card.lines), card.next_step.en]).split()
        )
        for card in cards(report)
    }


def on_page(html: str, language: str) -> dict[str, str]:
    """What each card says on a page, by its question."""
    found = re.findall(r'<article class="card (\w+)" aria-labelledby="q-(\w+)">(.*?)</article>', html, flags=re.DOTALL)
    return {question: f"{kind}: {Said(card, language).text}" for kind, question, card in found}


@pytest.mark.proves("S13")
def test_the_page_begins_with_the_four_answers_and_what_to_do_now() -> None:
    german, english = on_page(WHOLE["hundred"], "de"), on_page(WHOLE["hundred"], "en")
    assert list(german) == list(english) == ["duration", "frequency", "rules", "rollout"]
    assert german["duration"].startswith("keep: Ist die Länge der Treffen richtig? Beibehalten ")
    assert german["frequency"].startswith("change: Ist die Häufigkeit der Treffen richtig? Ändern: seltener treffen ")
    assert english["rules"].startswith("not_enough_data: Are more rules needed? Not enough data yet ")
    assert english["rollout"].startswith("change: How does it go on? Change: go on, changed ")
    assert all(" Jetzt : " in card.replace("Jetzt:", "Jetzt :") for card in german.values())
    assert WHOLE["hundred"].index('id="answers"') < WHOLE["hundred"].index('id="evidence"')


@pytest.mark.proves("P14")
def test_each_answer_has_its_criterion_beside_it_with_how_sure_it_is_what_would_be_enough_and_silence() -> None:
    found = on_page(WHOLE["hundred"], "en")
    for card in found.values():
        assert "fixed beforehand: change if surely more than 33 % want the same" in card
        assert "keep if surely at least 67 % are content" in card
    assert "68.5 % want “meet less often”, surely at least 58 %. At most 91.2 % want any change." in found["frequency"]
    assert "31 people who answer alike" in found["frequency"]
    assert "The answer holds even if all the silent wanted otherwise." in found["frequency"]
    assert "only if 81.4 % of the silent wanted otherwise" in found["duration"]
    assert "rather keep" in found["rules"]
    assert "more than 10,000 people" in found["rules"]


def test_what_protection_tells_of_an_answer_only_in_part_is_said_so_and_not_as_nobody() -> None:
    found = on_page(WHOLE["pilot"], "de")
    assert "sicher mindestens 0 %, irgendeine höchstens 32 %. Genauer wird es nicht gezeigt" in found["rules"]
    assert "Niemand" not in found["rules"]
    assert "Zurückgehalten, um einzelne Antworten zu schützen." in found["rollout"]


def changed(report: e.ReportPublished, number: int, **fields: Any) -> e.ReportPublished:
    """A report with another evidence of one answer."""
    answers = list(report.answers)
    evidence = answers[number].evidence
    assert evidence is not None
    answers[number] = answers[number].model_copy(update={"evidence": evidence.model_copy(update=fields)})
    return report.model_copy(update={"answers": tuple(answers)})


def test_nobody_and_as_many_each_way_are_told_apart_where_no_change_is_wanted_most() -> None:
    nobody = changed(hundred(), 0, wants=None, share=0.0)
    both = changed(hundred(), 0, wants=None, share=20.0)
    assert "Nobody wants a change" in in_cards(nobody)["duration"]
    assert "20 % want one change, and as many the other." in in_cards(both)["duration"]


def test_a_change_that_is_not_the_same_for_all_says_so() -> None:
    report = hundred()
    divided = report.answers[1].model_copy(update={"direction": None})
    found = in_cards(report.model_copy(update={"answers": (report.answers[0], divided, *report.answers[2:])}))
    assert found["frequency"].startswith("Change, not alike for all ")
    assert found["frequency"].endswith(" Settle with the tandems what changes for whom.")


def test_how_many_would_be_enough_is_left_out_of_an_answer_that_is_sure_without_it() -> None:
    never = "more than 10,000 people: the share is too near to the threshold"
    sure, still_open = changed(hundred(), 1, people_needed=None), changed(hundred(), 2, people_needed=None)
    assert never not in in_cards(sure)["frequency"]
    assert never in in_cards(still_open)["rules"]
    assert "would bring no decision" in in_cards(changed(hundred(), 2, people_needed=None, leans=None))["rules"]


@pytest.mark.parametrize(
    ("silent", "said"),
    [(0, "Everybody answered."), (None, "How many were silent is not shown"), (9, "holds even if all the silent")],
)
def test_that_no_silence_is_enough_is_said_only_where_somebody_was_silent(silent: int | None, said: str) -> None:
    report = hundred()
    assert report.contents is not None
    responses = tuple(
        each.model_copy(update={"asked": 100, "answered": None if silent is None else 100 - silent})
        for each in report.contents.responses
    )
    contents = report.contents.model_copy(update={"responses": responses})
    assert said in in_cards(report.model_copy(update={"contents": contents}))["frequency"]


def test_bounds_are_rounded_to_the_careful_side() -> None:
    assert (least(33.39).en, most(33.31).en, least(33.0).en, most(33.0).en) == ("33.3", "33.4", "33", "33")
    assert least(None) == words("untold")


@pytest.mark.parametrize("name", list(WHOLE))
def test_the_page_is_one_file_that_loads_nothing_and_lets_no_style_or_script_in(name: str) -> None:
    html = WHOLE[name]
    assert len(html.encode()) < MOST_BYTES
    assert "default-src 'none'" in unescape(html)
    # Names of SVG's languages are no addresses to load from.
    assert set(re.findall(r"https?://[^\"' <]*", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r'\s(?:src|href)="(?!#|data:)', html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("report", [pilot, hundred, earlier])
def test_the_same_report_is_the_same_page_to_the_byte(report: Any) -> None:
    assert page(report()) == WHOLE[report.__name__]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_was_asked_for_is_the_one_that_is_read_first(language: str) -> None:
    html = page(earlier(), "en" if language == "en" else "de")
    assert html.count(f'<html lang="{language}" data-language="{language}"') == 1
    assert f'value="{language}" id="in-{"german" if language == "de" else "english"}" checked' in html


@pytest.mark.parametrize("name", ["pilot", "hundred"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_named_by_words_in_the_language_that_is_read(name: str, language: str) -> None:
    html = WHOLE[name]
    pictures = re.findall(r'<div(?: lang="(\w+)")? role="img" aria-labelledby="([^"]+)">', html)
    assert len(pictures) > 10
    # One more svg holds the patterns.
    assert len(pictures) == html.count("<svg") - 1
    for of, by in pictures:
        if of in ("", language):
            parts = [
                re.findall(rf' id="{id}">(.*?)(?:<svg|</p>|</h4>|</ul>)', html, flags=re.DOTALL) for id in by.split()
            ]
            assert all(len(found) == 1 for found in parts), by
            text = " ".join(Said(found[0], language).text for found in parts)
            assert len(text) > 20, by


def test_what_stands_in_the_bars_of_a_group_alone_is_in_its_legend() -> None:
    assert "do not go on 4 go on as it is 63 go on changed 95" in Said(WHOLE["hundred"], "en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_is_in_one_language_and_its_pictures_are_images_with_words(language: str) -> None:
    html = paper(hundred(), "de" if language == "de" else "en")
    assert not re.search(rf'<(?:span|div) lang="(?!{language})', html)
    assert "<svg" not in html
    images = re.findall(r"<img ([^>]*)>", html)
    other = "en" if language == "de" else "de"
    assert len(images) == len(re.findall(rf'<div(?! lang="{other}")[^>]* role="img"', WHOLE["hundred"]))
    assert all(re.search(r'alt="[^"]+"', image) for image in images)


# All numbers of the event


def numbered(value: Any, random: random.Random, name: str = "") -> Any:
    """The same report with another number in each place, so that none stands for another."""
    if isinstance(value, BaseModel):
        kept = ("version", "floor", "keep_at_least", "change_at_least", "rules_version", "at_least", "final")
        fields = {field: getattr(value, field) for field in type(value).model_fields}
        return value.model_copy(
            update={field: numbered(each, random, field) for field, each in fields.items() if field not in kept}
        )
    if isinstance(value, tuple):
        return tuple(numbered(each, random, name) for each in value)
    if value is None or isinstance(value, bool | str | dt.date):
        return value
    if name in FINE:
        return random.randint(101, 999) / 1000
    if name in PERCENT:
        return random.randint(101, 9999) / 100
    return random.randint(1_001, 99_999)


def told(value: Any, name: str = "") -> Iterator[tuple[str, Text]]:
    """Every number of a report with its field's name, as the page writes it."""
    if isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from told(getattr(value, field), f"{name}.{field}")
    elif isinstance(value, tuple):
        for each in value:
            yield from told(each, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        last = name.rsplit(".", 1)[-1]
        if last == "level":
            yield name, figure(100 * value, 2)
        elif last in FINE:
            yield name, figure(value, 3)
        elif ".evidence." in name:
            yield name, figure(value, 2)
        else:
            yield name, figure(value)


def small(report: e.ReportPublished) -> e.ReportPublished:
    """A report with each kind of figure, and few of each."""
    contents = report.contents
    assert contents is not None
    # A figure in words, as earlier releases have them, so that its table is there too.
    first = report.answers[0].model_copy(update={"figures": earlier().answers[0].figures})
    few = {"distributions": (*contents.distributions[:3], contents.distributions[6], contents.distributions[12])}
    fewer = contents.model_copy(update={**few, "topics": contents.topics[:3], "weeks": contents.weeks[:4]})
    changes = {"contents": fewer, "answers": (first, *report.answers[1:]), "ratings": earlier().ratings}
    return report.model_copy(update=changes)


SMALL = small(hundred())
BESIDE = (
    "version",
    "floor",
    "rules_version",
    "tandems_completed",
    "tandems_ended_early",
    "contents.tandems",
    "rollout.tandems",
)
"""Numbers that are said of the whole report: they stand in no table."""


@for_all(st.integers(0, 2**32))
@settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.generate))
def test_every_number_of_the_event_stands_in_the_page_and_in_its_tables_in_both_languages(seed: int) -> None:
    report = numbered(SMALL, random.Random(seed))
    html = page(report)
    numbers = list(told(report))
    assert len(numbers) > 150
    for language in LANGUAGES:
        said = Said(html, language)
        for name, text in numbers:
            number = text.de if language == "de" else text.en
            beside = name.endswith(BESIDE) or name.startswith((".meetings_", ".contents.distributions"))
            assert number in (said.numbers if beside else said.numbers_in_tables), (name, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_days_of_the_event_stand_in_the_page(language: str) -> None:
    text = Said(WHOLE["hundred"], language).text
    days = {
        "de": ("30. Juli 2029", "8. Januar 2029", "6. Juli 2029", "2. Oktober 2028", "2. Juli 2029", "10. Januar 2028"),
        "en": ("30 July 2029", "8 January 2029", "6 July 2029", "2 October 2028", "2 July 2029", "10 January 2028"),
    }
    assert all(day in text for day in days[language])
    assert SEAL in text
    assert LATER_SEAL in text


def without_numbers(value: Any) -> Any:
    """The same with every number withheld that can be."""
    if isinstance(value, BaseModel):
        fields: dict[str, Any] = {}
        for name, field in type(value).model_fields.items():
            optional = field.annotation in (int | None, float | None)
            fields[name] = None if optional else without_numbers(getattr(value, name))
        if "classes" in fields:
            fields |= {"classes": (), "median": None, "withheld": "too-few"}
        return value.model_copy(update=fields)
    return tuple(without_numbers(each) for each in value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_withheld_is_never_a_zero_and_has_no_picture(language: str) -> None:
    report = without_numbers(hundred())
    report = report.model_copy(update={"contents": report.contents.model_copy(update={"weeks": ()})})
    html = page(report)
    said = Said(html, language)
    assert "0" not in said.numbers
    assert "<svg" not in html
    untold = words("untold")
    assert said.text.count(untold.de if language == "de" else untold.en) > 30


@pytest.mark.proves("P15")
def test_an_item_that_was_borrowed_says_so() -> None:
    assert (
        "source of the item: MFQ-9 (Castro, Scandura, Williams 2004), reversed; adapted, unvalidated"
        in Said(WHOLE["pilot"], "en").text
    )
    german = Said(WHOLE["pilot"], "de").text
    assert german.count("Herkunft der Frage") == 1
    assert "angepasst, nicht validiert" in german


def test_comments_stand_in_groups_under_the_name_of_their_questionnaire() -> None:
    html = page(plain(), voices=VOICES)
    german, english = Said(html, "de").text, Said(html, "en").text
    assert "Stimmen" not in Said(page(plain()), "de").text
    for voices in VOICES:
        assert all(comment in german and comment in english for comment in voices.comments)
    assert (
        german.index("Abschlussbefragung") < german.index("Zwei Treffen im Monat") < german.index("Räume für Treffen")
    )
    assert english.index("Rooms for meetings") < english.index("Das Café im Erdgeschoss.")
    assert "Zwei Treffen im Monat" in Said(paper(plain(), "de", voices=VOICES), "de").text


def plain() -> e.ReportPublished:
    """A report of which nothing is drawn but the four answers."""
    report = pilot()
    assert report.contents is not None
    none = dict.fromkeys(("distributions", "weeks", "topics", "signs", "responses"), ())
    return report.model_copy(update={"contents": report.contents.model_copy(update={**none, "goals": None})})


def test_a_comment_is_text_and_nothing_else() -> None:
    comment = '<script>alert(1)</script><img src="https://example.org/a.png">'
    html = page(plain(), voices=(VOICES[0].model_copy(update={"comments": (comment,)}),))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_what_an_event_says_in_comments_is_not_shown() -> None:
    report = plain()
    assert report.contents is not None
    contents = report.contents.model_copy(update={"comments": ("Words of somebody.",)})
    assert "Words of somebody." not in page(report.model_copy(update={"contents": contents}))


def test_topics_and_questionnaires_of_the_office_stand_by_name() -> None:
    german, english = Said(WHOLE["hundred"], "de").text, Said(WHOLE["hundred"], "en").text
    assert "Soziale Medien" in german
    assert "Social media" in english
    assert "social-media" not in german + english
    assert "Räume für Treffen Fassung 2 Wie groß sind die Räume?" in german
    assert "In few tandems, hence without a number: drones." in english


def test_each_questionnaire_is_a_heading_once() -> None:
    headings = re.findall(r'<h3 class="of" id="([^"]+)"', WHOLE["hundred"])
    assert headings == [
        "answers-final-2",
        "answers-mid-term-2",
        "answers-pulse-2",
        "answers-rooms-2",
        "change-final-2",
    ]


@pytest.mark.proves("S13")
def test_an_interim_report_says_that_the_four_questions_are_asked_at_the_end_and_what_is_known_at_half_time() -> None:
    cards = in_cards(interim())
    for card in cards.values():
        assert card.startswith("Answer at the end It is asked at the end, from 10 July 2027. ")
        assert card.endswith(" Go on as before, and ask at the end.")
        assert "Withheld" not in card
    assert "too short: 1; just right: 9; too long: 3; 13 people" in cards["duration"]
    assert "mentors: too seldom: 1; just right: 2; too often: 4; 7 people. mentees: " in cards["frequency"]
    text = Said(WHOLE["interim"], "de").text
    assert "An interim report" in Said(WHOLE["interim"], "en").text
    assert "Abschlussbefragung : wird ab 10. Juli 2027 gefragt" in text.replace(":", " :").replace("  ", " ")
    assert "Räume für Treffen : wird am Ende gezeigt, mit allen eigenen Fragen" in text.replace(":", " :").replace(
        "  ", " "
    )
    assert "genug Daten" not in text
    assert "urückgehalten" not in text


def test_criteria_that_changed_are_marked_with_the_reason() -> None:
    said = Said(WHOLE["hundred"], "en").text
    assert "The criteria were changed afterwards" in said
    assert "≥ 60 % / > 40 % changed" in said
    assert "as was resolved in February" in said
    assert "They were never changed." in Said(WHOLE["pilot"], "en").text


def test_a_seal_that_is_not_that_of_the_first_criteria_is_told() -> None:
    other = page(pilot().model_copy(update={"criteria_seal": LATER_SEAL}))
    assert "Attention: the seal of this report is not that of the first criteria." in Said(other, "en").text
    assert "Attention" not in Said(WHOLE["pilot"], "en").text


def test_a_report_of_an_earlier_release_is_shown_with_the_figures_that_it_has() -> None:
    english = Said(WHOLE["earlier"], "en")
    assert on_page(WHOLE["earlier"], "en")["frequency"].startswith(
        "change: Is the frequency of meetings right? Change: meet less often "
    )
    assert "Is the duration of the programme right?" in english.text
    assert "This report is of an earlier release of Tandem." in english.text
    assert {"60", "31", "83", "10"} <= english.numbers_in_tables


def test_codes_of_later_releases_are_shown_as_they_are() -> None:
    later = hundred().model_copy(
        update={"answers": tuple(each.model_copy(update={"direction": "by-video"}) for each in hundred().answers)}
    )
    assert all("Change: by-video" in in_cards(later)[question] for question in ("frequency", "rollout"))


def test_all_words_of_the_page_are_used() -> None:
    folder = files("services.evaluation.page")
    sources = "".join(each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith((".py", ".j2")))
    made_of_codes = ("question", "verdict", "way", "now", "group", "name", "sign", "lean", "leans", "row", "count")
    begin = tuple(f"{prefix}-" for prefix in (*made_of_codes, "withheld"))
    of_every_page = {"skip", "language", "contents", "footer"}
    unused = {key for key in words.keys - of_every_page if f'"{key}"' not in sources and not key.startswith(begin)}
    assert unused == set()


def test_every_colour_of_a_picture_is_there_on_a_light_and_a_dark_page() -> None:
    style = WHOLE["earlier"][: WHOLE["earlier"].index("</style>")]
    light = re.findall(r"(?:^|>):root \{(.*?)^\}", style, flags=re.DOTALL | re.MULTILINE)
    dark = re.findall(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", style, flags=re.DOTALL)
    for found in (light, dark):
        assert set(COLOURS.values()) <= set(re.findall(r"--([\w-]+):", "".join(found)))


def test_what_any_questionnaire_can_ask_for_and_any_sign_has_words_on_the_page() -> None:
    asked = {
        f"way-{item.question}-{choice.wants}"
        for questionnaire in RELEASED.values()
        for item in questionnaire.items
        for choice in item.choices
        if item.question and choice.wants
    }
    signs = {f"sign-{rule}" for rule in get_args(scheduling.TandemSign.model_fields["rule"].annotation)}
    assert len(asked) >= 8
    assert asked | signs | {f"name-{name}" for name in NEWEST} <= words.keys


@dataclass(frozen=True)
class Told:
    """What protection tells of a group."""

    people: int
    counts: tuple[int | None, ...]
    at_least: int | None = None


@pytest.mark.proves("S13", "P14")
@pytest.mark.parametrize(
    ("told", "verdict", "found"),
    [
        (Told(160, (8, 144, 8)), "Keep ", "5 % want one change, and as many the other."),
        (Told(160, (8, 40, 112)), "Change: meet less often ", "70 % want “meet less often”, surely at least "),
        (Told(160, (80, 0, 80)), "Change, not alike for all ", "50 % want one change, and as many the other."),
        (Told(14, (0, 14, 0)), "", "Nobody wants a change; at most "),
        (Told(14, (None, 12, None), 1), "Not enough data yet ", "Surely at least 0 % want the same change, at most "),
        (None, "Not enough data yet ", "Withheld, to protect single answers."),
    ],
)
def test_what_was_decided_is_what_the_card_says(told: Told | None, verdict: str, found: str) -> None:
    basis = Basis(key="final.frequency.all", told=(told,) if told else (), wants=("more-often", None, "less-often"))
    [decided] = answers({"frequency": basis}, Criteria())
    first, _, *others = hundred().answers
    card = in_cards(hundred().model_copy(update={"answers": (first, decided, *others)}))["frequency"]
    assert card.startswith(verdict)
    assert found in card


def test_a_pilot_of_which_everything_is_told_is_small_enough_to_be_sent() -> None:
    rng = random.Random(7)
    names = ("baseline", "pulse", "mid-term", "final")
    everything = {
        name: asked(
            name,
            [
                given(str(number), side, **{item.id: rng.choice(possible(item)) for item in newest(name).items})
                for number in range(7)
                for side in SIDES
            ],
        )
        for name in names
    }
    report = published(made(inputs(questionnaires=everything)), 1, final=True)
    assert report.contents is not None
    assert sum(each.people is not None for each in report.contents.distributions) > 90
    assert len(page(report).encode()) < MOST_BYTES_OF_A_WHOLE_PILOT
