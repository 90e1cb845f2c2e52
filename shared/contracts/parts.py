"""Values that several owners' contracts speak of: people's profiles, a programme's rules and dates."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.base import Part, Text, personal

Side = Literal["mentor", "mentee"]

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""An opaque id; never a name or a personnel number."""

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A derived, meaningless id."""

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The participant_id that stands in the place of a person who was erased."""

PersonnelKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""A personnel number or key; only keyed digests are kept."""

ProgrammeId = Annotated[Id, Field(description="the programme, e.g. pilot-2026")]

PEOPLE_KEPT = "for the days of retention.people_days in the programme's rules after the term"
TANDEMS_KEPT = "for the days of retention.tandems_days in the programme's rules after the term"
ANSWERS_KEPT = "for the days of retention.answers_days in the programme's rules after the term"
ASKED_AGAIN = "; of who agreed to be asked again as long as that, 24 months at most"
"""How long data of a programme is kept, by purpose."""

PROFILE = {"purpose": "matching and meetings of the programme", "keep": PEOPLE_KEPT + ASKED_AGAIN}

CONSENT = {
    "purpose": "extras that the person allows (Art. 6(1)(a))",
    "readers": "registration, evaluation, office",
    "keep": f"until taken back, or {PEOPLE_KEPT}",
}

ParticipantId = Annotated[
    Uuid,
    personal(
        "pseudonym of a person in one programme (keyed, meaningless); only zeros: somebody who was erased",
        readers="all services",
        **PROFILE | {"keep": "as long as what it stands in: a profile, a tandem, a survey"},
    ),
]


class TopicLevel(Part):
    """A topic with a strength's level or a concern's importance."""

    topic_id: Id = Field(description="id in the topic catalogue")
    level: int = Field(ge=1, le=5, description="level of a strength or importance of a concern, 1 (little) to 5 (much)")


class WorkingTime(Part):
    """One stretch of a usual working week, in local wall time."""

    weekday: int = Field(ge=0, le=6, description="0 Monday to 6 Sunday")
    start: int = Field(ge=0, le=1440, description="minutes after midnight")
    end: int = Field(ge=0, le=1440, description="minutes after midnight, after start")
    at_home: bool = Field(
        default=False, description="worked at home: a meeting at this time is held by video and gets no room"
    )

    @model_validator(mode="after")
    def _end_after_start(self) -> "WorkingTime":
        if self.end <= self.start:
            # A code of ours: what people read of it stands in the runtime's catalogue, in both languages.
            raise PydanticCustomError("end_before_start", "end must be after start")
        return self


def other_week(listed: Sequence[WorkingTime], known: Sequence[WorkingTime]) -> bool:
    """Whether working times that HR or a list says are other than those known of somebody.

    The order is none, nor how a day is cut. Where nothing is marked as worked at home nothing is said of it.
    """
    if any(time.at_home for time in listed):
        return set(listed) != set(known)
    return _hours(listed) != _hours(known)


def _hours(times: Sequence[WorkingTime]) -> list[tuple[int, int, int]]:
    """When somebody works, wherever; stretches that touch are one."""
    found: list[tuple[int, int, int]] = []
    for weekday, start, end in sorted((t.weekday, t.start, t.end) for t in times):
        if found and found[-1][0] == weekday and start <= found[-1][2]:
            found[-1] = weekday, found[-1][1], max(end, found[-1][2])
        else:
            found.append((weekday, start, end))
    return found


def overlapping(times: Sequence[WorkingTime]) -> int | None:
    """The first weekday on which two working times of somebody overlap; None where none do. Those that touch do not."""
    for one, other in pairwise(sorted(times, key=lambda time: (time.weekday, time.start))):
        if one.weekday == other.weekday and other.start < one.end:
            return one.weekday
    return None


class Profile(Part):
    """What the services need of a participant to match and to meet (S1, S2, S4). No birth date, no gender (P2)."""

    department: str = personal(
        "department (Referat)",
        readers="matching, scheduling, evaluation, office",
        min_length=1,
        max_length=80,
        **PROFILE,
    )
    unit: tuple[str, ...] = personal(
        "path of organisational units below the department, outermost first",
        readers="matching, office",
        max_length=8,
        **PROFILE,
    )
    grade: int = personal("grade of the post (seniority), 1 to 30", readers="matching, office", ge=1, le=30, **PROFILE)
    site: str = personal("site where the person works", readers="matching, office", max_length=80, **PROFILE)
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], ...] = personal(
        "languages, ISO 639-1", readers="matching, office", min_length=1, max_length=6, **PROFILE
    )
    working_times: tuple[WorkingTime, ...] = personal(
        "usual working week", readers="matching, scheduling", min_length=1, max_length=21, **PROFILE
    )
    strengths: tuple[TopicLevel, ...] = personal(
        "what the person can help with; evaluation counts mentors by topic, and introduces tandems where both allow it",
        readers="matching, evaluation, office",
        max_length=20,
        **PROFILE,
    )
    concerns: tuple[TopicLevel, ...] = personal(
        "what the person wants help with; evaluation reads it of who allows introductions alone",
        readers="matching, evaluation, office",
        max_length=20,
        **PROFILE,
    )
    capacity: int = personal(
        "how many tandems at a time (mentors; a mentee has 1)",
        readers="matching, office",
        default=1,
        ge=1,
        le=3,
        **PROFILE,
    )


class Consents(Part):
    """Extras that a person may allow and take back at any time; nothing hangs on them."""

    stories: bool = personal("may be asked to release a short result", default=False, **CONSENT)
    reserve: bool = personal(
        "may be asked again when a new programme opens, at most 24 months after one in which no partner was found",
        default=False,
        **CONSENT | {"readers": "registration, office", "keep": "until taken back, or 24 months after the programme"},
    )
    introductions: bool = personal("may be told of others who work on the same topic", default=False, **CONSENT)


class Term(Part):
    """First and last day of the tandems' work, 4 to 6 months by default (S9)."""

    starts: dt.date = Field(description="first day")
    ends: dt.date = Field(description="last day")


class MatchingRules(Part):
    """Hard rules and weights of the match (S7); each rule can be switched off."""

    different_department: bool = Field(default=True, description="a pair comes from two departments")
    reporting_levels: int = Field(
        default=3, ge=0, le=10, description="no common superior within so many levels; 0: off"
    )
    shared_language: bool = Field(default=True, description="a pair shares a language")
    common_minutes: int = Field(default=90, ge=0, le=600, description="minutes of common working time on a day; 0: off")
    seniority_distance: int = Field(default=2, ge=0, le=20, description="mentee's grade above the mentor's; 0: off")
    minimum_score: int = Field(default=1, ge=1, le=1000, description="no pair below this score")
    weight_mentee: int = Field(
        default=70, ge=0, le=100, description="weight of mentor's strengths for mentee's concerns"
    )
    weight_mentor: int = Field(
        default=25, ge=0, le=100, description="weight of mentee's experience for mentor's wishes"
    )
    weight_site: int = Field(default=5, ge=0, le=100, description="weight of a site in common")
    lowest_first: bool = Field(
        default=True, description="the lowest score of a round is made as high as possible before the sum"
    )
    effort: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="million pairs that the search for the highest sum may look at; without: until it is proven",
    )


class AgreementTemplate(Part):
    """What a programme offers its tandems as the draft of their agreement (S11); they change it as they like."""

    rules: tuple[Text, ...] = Field(min_length=1, max_length=20, description="rules, one by one")
    goals: tuple[Text, ...] = Field(min_length=1, max_length=20, description="goals, one by one")


LINE = r"^[^\n\r]*\S[^\n\r]*$"
"""One line that is not blank."""
LINK = r"^(https?://[!-~]+)?$"


MONTH = 30
"""Days of a month, as meetings a month are meant."""


class SchedulingRules(Part):
    """How tandems meet (S10) and when silence is a sign (P8)."""

    meetings_per_month: int = Field(default=3, ge=1, le=8, description="wanted meetings a month")
    minutes: int = Field(default=90, ge=30, le=240, description="length of a meeting in minutes")
    min_gap_days: int = Field(default=5, ge=1, le=30, description="least days between two meetings")
    held_after_days: int = Field(
        default=3, ge=1, le=14, description="days after a meeting to say that it did not take place (P11)"
    )
    silent_after_days: int = Field(default=28, ge=7, le=90, description="days without a meeting that are a sign")
    cancellations: int = Field(
        default=2, ge=2, le=10, description="cancelled, missed or unknown meetings in a row that are a sign"
    )
    silence_accepts_days: int = Field(
        default=3, ge=1, le=10, description="working days to answer a suggestion, after which silence accepts it"
    )
    behind_meetings: int = Field(
        default=2, ge=1, le=10, description="more held meetings than this behind the wanted cadence are a sign"
    )
    left_out_people: int = Field(
        default=5, ge=1, le=10_000, description="people who cannot come that are reason for another date of a gathering"
    )
    left_out_percent: int = Field(
        default=10, ge=1, le=100, description="share of those asked that is reason as well, in percent"
    )
    agreement: AgreementTemplate | None = Field(
        default=None, description="draft of every tandem's agreement; null: the one that comes with the software"
    )
    state: str = Field(default="BY", min_length=2, max_length=2, description="German state, for its holidays")
    municipality: str = Field(default="München", max_length=80, description="municipality, for its own holidays")
    spare_school_holidays: bool = Field(
        default=True, description="of plans that are equal else, one with fewer meetings in the state's school holidays"
    )
    core_time: tuple[WorkingTime, ...] = Field(
        default=(),
        max_length=21,
        description="core time of the week: meetings are planned within it only; none: at any working time of both",
    )
    rooms: tuple[Annotated[str, StringConstraints(max_length=80, pattern=LINE)], ...] = Field(
        default=(),
        max_length=200,
        description="names of the rooms that meetings are given after their times, the first free one of them each",
    )
    video_link: str = Field(
        default="",
        max_length=300,
        pattern=LINK,
        description="address of a meeting in the city's own video service, where no room is free; {meeting_id} in it "
        "becomes the meeting's id; empty: none",
    )


def most_gap_days(rules: SchedulingRules) -> int:
    """So many days at most may be asked for between meetings that so many a month have room for."""
    return MONTH // rules.meetings_per_month


class EvaluationRules(Part):
    """How the programme is evaluated; the floor protects single answers."""

    floor: Literal[5, 7, 10] = Field(default=5, description="no figure for fewer people")
    window_days: int = Field(default=14, ge=3, le=60, description="days that a survey stays open")
    insiders: Literal[1, 2] = Field(
        default=1, description="people whose answers somebody may know, against whom single answers are still protected"
    )


class Deadlines(Part):
    """How long people have to answer (P3, S15)."""

    answer_days: int = Field(default=7, ge=1, le=60, description="days to accept a proposal")
    office_days: int = Field(default=7, ge=1, le=60, description="days for the office before it is reminded")
    wish_days: int = Field(
        default=3,
        ge=0,
        le=30,
        description="days for wishes and vetoes before the first round (P1); 0: none",
    )
    pause_reminder_days: int = Field(
        default=90, ge=7, le=365, description="days of a pause without an end before the person is asked about it (P6)"
    )
    pause_answer_days: int = Field(
        default=30, ge=7, le=90, description="days after that before the office is asked to speak with the person"
    )


class RegistrationRules(Part):
    """Who may register, and how many take part (S1, S15)."""

    release_by_manager: bool = Field(default=False, description="the line manager releases the time of who registers")
    release_days: int = Field(
        default=14, ge=1, le=60, description="days for the release; silence goes to the office and is no refusal"
    )
    both_roles: bool = Field(default=False, description="one person may be mentor and mentee in this programme")
    mentors_at_most: int | None = Field(
        default=None, ge=1, le=50_000, description="mentors who take part; null: all who register"
    )
    mentees_at_most: int | None = Field(
        default=None, ge=1, le=50_000, description="mentees who take part; null: all who register"
    )


class RetentionRules(Part):
    """How long data is kept after the last day of the term, by purpose."""

    people_days: int = Field(
        default=90, ge=14, le=3650, description="days after the term's end for profiles and contacts"
    )
    tandems_days: int = Field(
        default=180, ge=14, le=3650, description="days after the term's end for tandems, meetings and agreements"
    )
    answers_days: int = Field(default=180, ge=14, le=3650, description="days after the term's end for single answers")
    archive_offer: bool = Field(default=False, description="the archive is offered the data before any of it goes")
    offer_days: int = Field(
        default=30, ge=1, le=365, description="days that the archive has, before the first purpose is due"
    )


class Rules(Part):
    """The rules of a programme: one document that each service reads its part of."""

    matching: MatchingRules = Field(default_factory=MatchingRules, description="for matching")
    scheduling: SchedulingRules = Field(default_factory=SchedulingRules, description="for scheduling")
    evaluation: EvaluationRules = Field(default_factory=EvaluationRules, description="for evaluation")
    deadlines: Deadlines = Field(default_factory=Deadlines, description="for every decision")
    registration: RegistrationRules = Field(default_factory=RegistrationRules, description="for registration")
    retention: RetentionRules = Field(default_factory=RetentionRules, description="when data goes, for every service")


class ComingRules(Part):
    """Rules that hold from a day on, so that every replica of every service changes to them with that day."""

    rules: Rules = Field(description="the whole document")
    version: int = Field(ge=2, description="its version")
    holds_from: dt.date = Field(description="the first day on which decisions are taken under it")


Purpose = Literal["people", "tandems", "answers"]
"""What data of a programme is kept for: profiles and contacts; tandems, meetings and agreements; single answers."""

RULES_VERSION = "version of the programme's rules under which this was decided"


class Criterion(Part):
    """What counts as keep and as change for one question of S13, fixed before any data (P14); shares in percent."""

    keep_at_least: int = Field(
        ge=1, le=100, description="keep when surely at least this share is content; 100 is refused: that is never sure"
    )
    change_at_least: int = Field(
        ge=1,
        le=100,
        description="change when surely more than this share wants the same change; 100 is refused: no more can",
    )
    reason: Text | None = Field(default=None, description="why these shares; null: nobody wrote it down")


def _a_third(de: str, en: str) -> Criterion:
    """One threshold of a third, in whole percent: more who want the same is change, less who want any is keep."""
    return Criterion(keep_at_least=67, change_at_least=33, reason=Text(de=de, en=en))


class Criteria(Part):
    """The criteria of the later decision, one for each question (S13).

    By default each has the threshold of one third: who decides for a whole city need not wait for a majority of a pilot
    to be unhappy, and what fewer want is left to each tandem, which is free to do otherwise.
    """

    duration: Criterion = Field(
        default=_a_third(
            "Wenn mehr als 33 % der Menschen kürzere oder mehr als 33 % längere Treffen wollen, ist das Grund genug, "
            "die Länge zu ändern; wollen es weniger, vereinbart jedes Tandem seine Länge selbst.",
            "More than 33 % of the people who want shorter meetings, or more than 33 % who want longer ones, is reason "
            "enough to change the length; where fewer do, each tandem agrees on its own.",
        ),
        description="is the length of meetings right",
    )
    frequency: Criterion = Field(
        default=_a_third(
            "Wenn mehr als 33 % der Menschen seltener oder mehr als 33 % öfter zusammenkommen wollen, ist das Grund "
            "genug, die Häufigkeit zu ändern; wollen es weniger, verlegt jedes Tandem seine Treffen selbst.",
            "More than 33 % of the people who want to meet less often, or more than 33 % more often, is reason enough "
            "to change the frequency; where fewer do, each tandem moves its own meetings.",
        ),
        description="is the frequency of meetings right",
    )
    rules: Criterion = Field(
        default=_a_third(
            "Wenn mehr als 33 % der Menschen Regeln fehlen oder mehr als 33 % zu viele haben, ist das Grund genug, sie "
            "zu ändern; sind es weniger, hilft die Vereinbarung des einzelnen Tandems.",
            "More than 33 % of the people who miss rules, or more than 33 % who have too many, is reason enough to "
            "change them; where fewer do, the agreement of the single tandem helps.",
        ),
        description="are more rules needed",
    )
    rollout: Criterion = Field(
        default=_a_third(
            "Wenn nach der Erfahrung eines ganzen Programms mehr als 33 % der Menschen aufhören oder mehr als 33 % "
            "etwas ändern wollen, soll niemand es unverändert auf die ganze Stadt ausweiten.",
            "If after a whole programme more than 33 % of the people want to stop, or more than 33 % to change it, "
            "nobody should roll it out to the whole city unchanged.",
        ),
        description="how shall it go on after the pilot",
    )


class CriteriaVersion(Part):
    """Criteria as they held from a day on; the first ones were fixed before any data (P14)."""

    holds_from: dt.date = Field(description="the first day")
    criteria: Criteria = Field(description="the criteria")
    seal: str = Field(description="SHA-256 of their canonical JSON")
    reason: Text | None = Field(default=None, description="why they were changed; null: the first ones")


class Reasoned(Part):
    """A stable code with its words."""

    code: str = Field(description="machine-readable")
    text: Text = Field(description="for people")
