"""Made-up reports: of a pilot, where most is not enough data, of a hundred tandems, and of an earlier release."""

import datetime as dt
from typing import Any, Literal

from services.evaluation.comments import Voices
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.evaluation import figures as f
from shared.contracts.parts import Criteria, CriteriaVersion, Criterion, Term

Question = Literal["duration", "frequency", "rules", "rollout"]
Classes = tuple[tuple[str, str, str], ...]
SEAL = "8f2c1d6b0e4a97355d6c0b1fa2e84d7093c6b5a1f4e2d3c4b5a69788796a5b4c"
LATER_SEAL = "1c9b7a5e3d2f4b6a8c0e1d3f5a7b9c2e4d6f8a0b1c3d5e7f9a2b4c6d8e0f1a3b"
CRITERIA = Criteria()
THIRD = CRITERIA.rules
WHY = Text(
    de="Für die Ausweitung zählt nach dem Beschluss vom Februar eine größere Minderheit.",
    en="For the rollout a larger minority counts, as was resolved in February.",
)
LEVEL = 0.0125
OWN = "own item"
ADAPTED = "MFQ-9 (Castro, Scandura, Williams 2004), reversed; adapted, unvalidated"

LENGTH: Classes = (
    ("too-short", "zu kurz", "too short"),
    ("right", "gerade richtig", "just right"),
    ("too-long", "zu lang", "too long"),
)
CADENCE: Classes = (
    ("too-seldom", "zu selten", "too seldom"),
    ("right", "gerade richtig", "just right"),
    ("too-often", "zu oft", "too often"),
)
CADENCE_IN_FIVE: Classes = (
    ("much-too-seldom", "viel zu selten", "much too seldom"),
    ("too-seldom", "zu selten", "too seldom"),
    ("right", "gerade richtig", "just right"),
    ("too-often", "zu oft", "too often"),
    ("much-too-often", "viel zu oft", "much too often"),
)
RULES: Classes = (
    ("too-many", "zu viele Regeln", "too many rules"),
    ("enough", "genug Regeln", "enough rules"),
    ("too-few", "zu wenige Regeln", "too few rules"),
)
GOING_ON: Classes = (
    ("stop", "nicht fortsetzen", "do not go on"),
    ("as-is", "so fortsetzen", "go on as it is"),
    ("changed", "verändert fortsetzen", "go on changed"),
)
STARS_IN_THREE: Classes = (
    ("0-1", "null oder ein Stern", "no star or one"),
    ("2-3", "zwei oder drei Sterne", "two or three stars"),
    ("4-5", "vier oder fünf Sterne", "four or five stars"),
)
STARS: Classes = tuple((str(n), f"{n} von fünf Sternen", f"{n} of five stars") for n in range(6))
RECOMMEND: Classes = tuple((str(n), f"{n} von zehn", f"{n} of ten") for n in range(11))
CHANGE: Classes = (
    ("less", "weniger als zu Beginn", "less than at the beginning"),
    ("same", "unverändert", "the same"),
    ("more", "mehr als zu Beginn", "more than at the beginning"),
)

TITLES = {
    "rooms": Text(de="Wie groß sind die Räume?", en="How large are the rooms?"),
    "duration": Text(de="Wie lang waren Ihre Treffen?", en="How long were your meetings?"),
    "frequency": Text(de="Wie oft haben Sie sich getroffen?", en="How often did you meet?"),
    "rules": Text(de="Brauchen die Tandems mehr Regeln?", en="Do the tandems need more rules?"),
    "rollout": Text(de="Wie soll es nach dem Pilot weitergehen?", en="How shall it go on after the pilot?"),
    "learnt": Text(
        de="Wie viel haben Sie über digitales Arbeiten gelernt?", en="How much did you learn about digital work?"
    ),
    "trust": Text(
        de="Wie sehr können Sie sich auf Ihr Gegenüber verlassen?", en="How far can you rely on your counterpart?"
    ),
    "rating": Text(de="Wie hilfreich waren die Treffen?", en="How helpful were the meetings?"),
    "recommend": Text(de="Würden Sie das Programm weiterempfehlen?", en="Would you recommend the programme?"),
    "confident": Text(
        de="Wie sicher fühlen Sie sich mit digitalen Werkzeugen?", en="How confident are you with digital tools?"
    ),
}


def told(
    item: str,
    group: f.Group,
    counts: tuple[int, ...],
    classes: Classes,
    *,
    questionnaire: str = "final",
    kind: Literal["answers", "change"] = "answers",
    median: str | None = None,
    source: str = OWN,
) -> f.Distribution:
    """A distribution of which everything is told."""
    named = zip(classes, counts, strict=True)
    return f.Distribution(
        key=f"{'change' if kind == 'change' else questionnaire}.{item}.{group}",
        questionnaire=questionnaire,
        version=2,
        item=item,
        kind=kind,
        group=group,
        title=TITLES[item],
        source=source,
        people=sum(counts),
        classes=tuple(f.ClassCount(code=c, text=Text(de=de, en=en), count=n) for (c, de, en), n in named),
        median=median,
        withheld=None,
    )


def at_least(item: str, group: f.Group, people: int, place: int, classes: Classes, **more: Any) -> f.Distribution:
    """A distribution of which one class is told alone, as a least number."""
    whole = told(item, group, tuple(0 for _ in classes), classes, median=classes[place][0], **more)
    shown = tuple(
        each.model_copy(update={"count": people - 2 if n == place else None, "at_least": n == place})
        for n, each in enumerate(whole.classes)
    )
    return whole.model_copy(update={"people": people, "classes": shown})


def withheld(
    item: str, group: f.Group, why: Literal["too-few", "derivable"], classes: Classes, **more: Any
) -> f.Distribution:
    """A distribution of which nothing is told."""
    whole = told(item, group, tuple(0 for _ in classes), classes, **more)
    return whole.model_copy(update={"people": None, "classes": (), "withheld": why})


def evidence(question: Question, **fields: Any) -> f.Evidence:
    """What an answer rests on."""
    usual: dict[str, Any] = {
        "key": f"final.{question}.all",
        "threshold": 33,
        "wants": None,
        "share": None,
        "low": None,
        "high": None,
        "level": LEVEL,
        "people": None,
        "intraclass": 0.3,
        "design_effect": 1.3,
        "leans": None,
        "people_needed": None,
        "silent_needed": None,
        "text": Text(
            de="Der Anteil steht mit einseitigen Grenzen nach Clopper und Pearson da, gerechnet mit Personen geteilt "
            "durch den Designeffekt der Paare; bei den vier Fragen zusammen ist ein Irrtum von 5 % erlaubt.",
            en="The share stands with one-sided bounds by Clopper and Pearson, at people divided by the design effect "
            "of the pairs; over the four questions together an error of 5 % is allowed.",
        ),
    }
    return f.Evidence(**usual | fields)


SAID = {
    "keep": Text(de="Beibehalten.", en="Keep it."),
    "change": Text(de="Ändern.", en="Change it."),
    "not_enough_data": Text(de="Noch zu wenige Antworten.", en="Too few answers so far."),
}


def answer(
    question: Question,
    verdict: Literal["keep", "change", "not_enough_data"],
    direction: str | None = None,
    rests_on: f.Evidence | None = None,
    figures: tuple[e.Figure, ...] = (),
) -> e.Answer:
    """One of the four answers."""
    return e.Answer(
        question=question,
        answer=verdict,
        direction=direction,
        criterion=THIRD,
        figures=figures,
        text=SAID[verdict],
        evidence=rests_on,
    )


def weeks(first: dt.date, many: int, most: int) -> tuple[f.Week, ...]:
    """Weeks with meetings up and down, as holidays and the beginning make it."""
    shape = (3, 6, 8, 9, 8, 9, 7, 2, 5, 9, 10, 9, 8, 9, 8, 6, 3, 1, 4, 8, 9, 8, 7, 6, 5, 3)
    found = []
    for number in range(many):
        planned = round(most * shape[number % len(shape)] / 10)
        held = round(planned * (0.92 if number % 3 else 0.78))
        found.append(
            f.Week(
                monday=first + dt.timedelta(weeks=number),
                planned=planned,
                confirmed=round(held * 0.6),
                assumed=held - round(held * 0.6),
                unknown=(planned - held) // 2,
            )
        )
    return tuple(found)


def need(
    key: str, de: str, en: str, estimate: float | None, low: float | None, high: float | None, basis: tuple[str, str]
) -> f.Need:
    """What a rollout would need of one thing."""
    return f.Need(
        key=key,
        tandems=100,
        estimate=estimate,
        low=low,
        high=high,
        text=Text(de=de, en=en),
        basis=Text(de=basis[0], en=basis[1]),
    )


TOPICS = {
    "messenger": ("Kurznachrichten im Dienst", "Messengers at work"),
    "barcamps": ("Barcamps", "Barcamps"),
    "agile-tools": ("Agile Werkzeuge", "Agile tools"),
    "spreadsheets": ("Tabellenkalkulation", "Spreadsheets"),
    "social-media": ("Soziale Medien", "Social media"),
    "video-calls": ("Videokonferenzen", "Video calls"),
    "chatbots": ("Chatbots", "Chatbots"),
}


def topic(id: str, tandems: int | None) -> f.TopicCount:
    """A topic with its words."""
    return f.TopicCount(topic_id=id, tandems=tandems, label=Text(de=TOPICS[id][0], en=TOPICS[id][1]))


ROOMS = Text(de="Räume für Treffen", en="Rooms for meetings")
VOICES = (
    Voices(
        questionnaire="final",
        about=None,
        comments=(
            "Die ersten beiden Treffen waren zu lang.",
            "Ich habe mehr gelernt, als ich erwartet hatte.",
            "Gern wieder, am liebsten mit einem Thema für jedes Treffen.",
            "Die Vereinbarung zu Beginn hat uns geholfen.",
            "Zwei Treffen im Monat hätten gereicht.",
        ),
    ),
    Voices(
        questionnaire="rooms", about=ROOMS, comments=("Das Café im Erdgeschoss.", "Zu laut.", "Gut.", "Eng.", "Hell.")
    ),
)


def pilot() -> e.ReportPublished:
    """Seven tandems, thirteen of fourteen answered: a lean here and there, and one sure answer."""
    contents = f.Figures(
        title=Text(de="Reverse Mentoring, Pilot 2027", en="Reverse mentoring, pilot 2027"),
        term=Term(starts=dt.date(2027, 1, 11), ends=dt.date(2027, 7, 9)),
        tandems=7,
        criteria=(CriteriaVersion(holds_from=dt.date(2026, 11, 2), criteria=CRITERIA, seal=SEAL),),
        distributions=(
            told("duration", "all", (2, 9, 2), LENGTH, median="right"),
            told("frequency", "all", (2, 4, 7), CADENCE, median="too-often"),
            at_least("rules", "all", 13, 1, RULES),
            told("rollout", "all", (1, 7, 5), GOING_ON, median="as-is"),
            told("trust", "mentor", (1, 2, 4), STARS_IN_THREE, median="4-5", source=ADAPTED),
            told("trust", "mentee", (1, 1, 4), STARS_IN_THREE, median="4-5", source=ADAPTED),
            withheld("rating", "mentor", "derivable", STARS_IN_THREE, questionnaire="pulse"),
            told("rating", "all", (1, 3, 9), STARS_IN_THREE, questionnaire="pulse", median="4-5"),
            withheld("confident", "all", "too-few", CHANGE, kind="change"),
        ),
        responses=(
            f.Response(questionnaire="baseline", version=1, group="all", asked=14, answered=None),
            f.Response(questionnaire="pulse", version=2, group="all", asked=14, answered=13),
            f.Response(questionnaire="final", version=2, group="mentor", asked=7, answered=7),
            f.Response(questionnaire="final", version=2, group="mentee", asked=7, answered=6),
        ),
        weeks=weeks(dt.date(2027, 1, 11), 26, 6),
        topics=(
            topic("messenger", 6),
            topic("barcamps", 5),
            topic("agile-tools", None),
        ),
        signs=(
            f.SignCount(rule="behind-cadence", tandems=None),
            f.SignCount(rule="tandem-silent", tandems=None),
        ),
        goals=f.Goals(tandems=7, open=3, reached=12, dropped=2),
        rollout=(
            need(
                "mentors.messenger",
                "Mentor:innen für das Thema messenger",
                "mentors for the topic messenger",
                86,
                42,
                100,
                ("aus 6 von 7 Tandems; Clopper-Pearson", "from 6 of 7 tandems; Clopper-Pearson"),
            ),
            need(
                "kick-off.rooms",
                "Räume für den Auftakt, zu 30 Personen",
                "rooms for the kick-off, for 30 people each",
                7,
                6,
                8,
                ("aus 14 von 16 Eingeladenen", "from 14 of 16 who were invited"),
            ),
            need(
                "office.hours",
                "Stunden der Programmleitung je Monat",
                "hours of the office a month",
                None,
                None,
                None,
                ("zu wenige Vorgänge, um es zu sagen", "too few cases to say it"),
            ),
        ),
        waves=(),
    )
    return e.ReportPublished(
        programme_id="pilot-2027",
        version=1,
        final=True,
        as_of=dt.date(2027, 8, 2),
        criteria_seal=SEAL,
        floor=5,
        rules_version=1,
        tandems_completed=6,
        tandems_ended_early=None,
        meetings_held=84,
        meetings_confirmed=51,
        meetings_assumed=33,
        meetings_unknown=6,
        answers=(
            answer(
                "duration",
                "not_enough_data",
                None,
                evidence(
                    "duration",
                    wants="longer",
                    share=15.4,
                    low=0.9,
                    high=67.2,
                    people=13,
                    leans="keep",
                    people_needed=118,
                ),
            ),
            answer(
                "frequency",
                "not_enough_data",
                None,
                evidence(
                    "frequency",
                    wants="less-often",
                    share=53.8,
                    low=18.1,
                    high=94.6,
                    people=13,
                    leans="change",
                    people_needed=38,
                ),
            ),
            answer(
                "rules",
                "keep",
                None,
                evidence("rules", share=None, low=0, high=31.94, people=13, leans="keep", people_needed=12),
            ),
            answer("rollout", "not_enough_data", None, evidence("rollout", wants="changed", people=None)),
        ),
        contents=contents,
    )


def interim() -> e.ReportPublished:
    """The pilot at its half: the four questions are asked at the end, and one survey of the office is open."""
    whole = pilot()
    assert whole.contents is not None
    contents = whole.contents.model_copy(
        update={
            "distributions": (
                told("duration", "all", (1, 9, 3), LENGTH, questionnaire="mid-term", median="right"),
                told("frequency", "mentor", (1, 2, 4), CADENCE, questionnaire="mid-term", median="too-often"),
                told("frequency", "mentee", (1, 3, 3), CADENCE, questionnaire="mid-term", median="right"),
            ),
            "responses": (),
            "awaited": (
                f.Awaited(questionnaire="final", opens=dt.date(2027, 7, 10)),
                f.Awaited(questionnaire="pulse"),
                f.Awaited(questionnaire="rooms", opens=dt.date(2027, 4, 1), about=ROOMS),
            ),
            "weeks": whole.contents.weeks[:13],
        }
    )
    return whole.model_copy(
        update={
            "final": False,
            "as_of": dt.date(2027, 4, 12),
            "tandems_completed": None,
            "answers": tuple(
                answer(each.question, "not_enough_data", None, evidence(each.question)) for each in whole.answers
            ),
            "contents": contents,
        }
    )


def hundred() -> e.ReportPublished:
    """A hundred tandems: every kind of figure there is, two changes, and two waves before."""
    first, later = CRITERIA, CRITERIA.model_copy(update={"rollout": Criterion(keep_at_least=60, change_at_least=40)})
    topics = ("spreadsheets", "messenger", "social-media", "barcamps", "agile-tools", "video-calls", "chatbots")
    contents = f.Figures(
        title=Text(de="Reverse Mentoring, Welle 3", en="Reverse mentoring, wave 3"),
        term=Term(starts=dt.date(2029, 1, 8), ends=dt.date(2029, 7, 6)),
        tandems=104,
        criteria=(
            CriteriaVersion(holds_from=dt.date(2028, 10, 2), criteria=first, seal=SEAL),
            CriteriaVersion(holds_from=dt.date(2029, 3, 5), criteria=later, seal=LATER_SEAL, reason=WHY),
        ),
        distributions=(
            told("duration", "mentor", (6, 74, 5), LENGTH, median="right"),
            told("duration", "mentee", (4, 66, 7), LENGTH, median="right"),
            told("frequency", "mentor", (1, 4, 22, 41, 17), CADENCE_IN_FIVE, median="too-often"),
            told("frequency", "mentee", (2, 3, 19, 38, 15), CADENCE_IN_FIVE, median="too-often"),
            told("rules", "all", (31, 86, 45), RULES, median="enough"),
            told("rollout", "all", (4, 63, 95), GOING_ON, median="changed"),
            told("learnt", "mentor", (1, 3, 9, 21, 33, 18), STARS, median="4"),
            told("learnt", "mentee", (0, 1, 4, 17, 36, 19), STARS, median="4"),
            told("trust", "all", (2, 4, 9, 28, 61, 58), STARS, median="4", source=ADAPTED),
            told("recommend", "all", (1, 0, 2, 3, 4, 9, 14, 26, 41, 34, 28), RECOMMEND, median="8"),
            at_least("frequency", "all", 144, 1, CADENCE, questionnaire="mid-term"),
            told("rating", "mentor", (0, 2, 6, 19, 34, 26), STARS, questionnaire="pulse", median="4"),
            withheld("rating", "mentee", "derivable", STARS, questionnaire="pulse"),
            told("rooms", "all", (11, 70, 31), LENGTH, questionnaire="rooms", median="right").model_copy(
                update={"about": ROOMS}
            ),
            told("confident", "mentor", (7, 48, 22), CHANGE, kind="change", median="same"),
            told("confident", "mentee", (3, 21, 49), CHANGE, kind="change", median="more", source=ADAPTED),
        ),
        responses=tuple(
            f.Response(questionnaire=name, version=version, group=group, asked=asked, answered=answered)
            for name, version, group, asked, answered in (
                ("baseline", 1, "mentor", 104, 96),
                ("baseline", 1, "mentee", 104, 91),
                ("pulse", 2, "mentor", 104, 87),
                ("pulse", 2, "mentee", 104, None),
                ("mid-term", 2, "all", 206, 144),
                ("final", 2, "mentor", 101, 85),
                ("final", 2, "mentee", 101, 77),
            )
        ),
        weeks=weeks(dt.date(2029, 1, 8), 26, 84),
        topics=(
            *(topic(id, 71 - 9 * n) for n, id in enumerate(topics)),
            f.TopicCount(topic_id="drones", tandems=None),
        ),
        signs=(
            f.SignCount(rule="behind-cadence", tandems=23),
            f.SignCount(rule="meetings-failed", tandems=11),
            f.SignCount(rule="tandem-silent", tandems=None),
        ),
        goals=f.Goals(tandems=98, open=61, reached=187, dropped=29),
        rollout=(
            need(
                "mentors.spreadsheets",
                "Mentor:innen für das Thema spreadsheets",
                "mentors for the topic spreadsheets",
                68,
                58.4,
                77.1,
                ("aus 71 von 104 Tandems; Clopper-Pearson", "from 71 of 104 tandems; Clopper-Pearson"),
            ),
            need(
                "mentors.messenger",
                "Mentor:innen für das Thema messenger",
                "mentors for the topic messenger",
                60,
                49.9,
                69.1,
                ("aus 62 von 104 Tandems; Clopper-Pearson", "from 62 of 104 tandems; Clopper-Pearson"),
            ),
            need(
                "kick-off.rooms",
                "Räume für den Auftakt, zu 30 Personen",
                "rooms for the kick-off, for 30 people each",
                7,
                6.4,
                7,
                ("aus 189 von 208 Eingeladenen, die kamen", "from 189 of 208 invited people who came"),
            ),
            need(
                "office.hours",
                "Stunden der Programmleitung je Monat",
                "hours of the office a month",
                46.5,
                38.2,
                57.9,
                ("aus 341 Vorgängen zu je 45 Minuten; Poisson", "from 341 cases of 45 minutes each; Poisson"),
            ),
            need(
                "calendars",
                "Kalender, die Meldungen liefern",
                "calendars that publish busy times",
                None,
                None,
                None,
                ("zurückgehalten: weniger als fünf Personen", "withheld: fewer than five people"),
            ),
        ),
        waves=(
            f.Wave(
                programme_id="wave-2-2028",
                title=Text(de="Reverse Mentoring, Welle 2", en="Reverse mentoring, wave 2"),
                term=Term(starts=dt.date(2028, 1, 10), ends=dt.date(2028, 7, 7)),
                answers=(
                    f.WaveAnswer(question="duration", answer="keep", direction=None, share=8.7, comparable=True),
                    f.WaveAnswer(
                        question="frequency", answer="change", direction="less-often", share=61.5, comparable=True
                    ),
                    f.WaveAnswer(
                        question="rules", answer="not_enough_data", direction=None, share=29.1, comparable=True
                    ),
                    f.WaveAnswer(question="rollout", answer="keep", direction=None, share=24.4, comparable=False),
                ),
            ),
            f.Wave(
                programme_id="pilot-2027",
                title=Text(de="Reverse Mentoring, Pilot 2027", en="Reverse mentoring, pilot 2027"),
                term=Term(starts=dt.date(2027, 1, 11), ends=dt.date(2027, 7, 9)),
                answers=tuple(
                    f.WaveAnswer(
                        question=question, answer="not_enough_data", direction=None, share=None, comparable=True
                    )
                    for question in ("duration", "frequency", "rules", "rollout")
                ),
            ),
        ),
    )
    keyed = {"duration": ("longer", 6.2, 2.9, 20.3), "frequency": ("less-often", 68.5, 58.0, 91.2)}
    return e.ReportPublished(
        programme_id="wave-3-2029",
        version=2,
        final=True,
        as_of=dt.date(2029, 7, 30),
        criteria_seal=SEAL,
        floor=7,
        rules_version=3,
        tandems_completed=96,
        tandems_ended_early=8,
        meetings_held=1432,
        meetings_confirmed=861,
        meetings_assumed=571,
        meetings_unknown=102,
        answers=(
            answer(
                "duration",
                "keep",
                None,
                evidence(
                    "duration",
                    wants=keyed["duration"][0],
                    share=keyed["duration"][1],
                    low=keyed["duration"][2],
                    high=keyed["duration"][3],
                    people=162,
                    intraclass=0.27,
                    design_effect=1.27,
                    leans="keep",
                    people_needed=54,
                    silent_needed=81.4,
                ),
            ),
            answer(
                "frequency",
                "change",
                "less-often",
                evidence(
                    "frequency",
                    wants=keyed["frequency"][0],
                    share=keyed["frequency"][1],
                    low=keyed["frequency"][2],
                    high=keyed["frequency"][3],
                    people=162,
                    intraclass=0.35,
                    design_effect=1.35,
                    leans="change",
                    people_needed=31,
                    silent_needed=None,
                ),
            ),
            answer(
                "rules",
                "not_enough_data",
                None,
                evidence(
                    "rules",
                    wants="more",
                    share=27.8,
                    low=19.4,
                    high=56.9,
                    people=162,
                    intraclass=0.22,
                    design_effect=1.22,
                    leans="keep",
                    people_needed=None,
                ),
            ),
            answer(
                "rollout",
                "change",
                "changed",
                evidence(
                    "rollout",
                    wants="changed",
                    share=58.6,
                    low=48.3,
                    high=70.4,
                    people=162,
                    leans="change",
                    people_needed=44,
                    silent_needed=92.5,
                ),
            ),
        ),
        contents=contents,
    )


def earlier() -> e.ReportPublished:
    """A report as an earlier release published it: figures in words, and nothing else."""
    text = Text(
        de="Abschlussbefragung, gerade richtig: 60 % aller, die geantwortet haben (10 Personen; mit 95 % Sicherheit "
        "31 bis 83 %)",
        en="final survey, just right: 60 % of all who answered (10 people; 95 % interval 31 to 83 %)",
    )
    nothing = Text(de="weniger als 5 Personen, deshalb keine Zahl", en="fewer than 5 people, hence no figure")
    told_one = e.Figure(key="final.all.right", value=60.0, low=31.0, high=83.0, people=10, text=text)
    untold = e.Figure(key="mid-term.all.right", value=None, people=None, text=nothing)
    return e.ReportPublished(
        programme_id="pilot-2026",
        version=3,
        final=False,
        as_of=dt.date(2026, 6, 1),
        criteria_seal="seal",
        floor=5,
        tandems_completed=None,
        tandems_ended_early=None,
        meetings_held=None,
        answers=(
            answer("duration", "keep", None, figures=(told_one, untold)),
            answer("frequency", "change", "less-often", figures=(told_one,)),
            answer("rules", "not_enough_data", figures=(untold,)),
            answer("rollout", "not_enough_data"),
        ),
        ratings=(told_one,),
    )
