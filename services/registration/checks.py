"""What is wrong with a programme or a profile: every reason, not only the first. Pure."""

import datetime as dt

from services.registration.load_topics import Named
from services.registration.model import Programme
from shared.contracts.base import Reason
from shared.contracts.parts import (
    MONTH,
    Criteria,
    Criterion,
    Profile,
    Rules,
    Side,
    TopicLevel,
    most_gap_days,
    overlapping,
)
from shared.runtime.days import far_ahead
from shared.runtime.decision import reason
from shared.runtime.words import Words

words = Words("services.registration")

SHORTEST, LONGEST = 120, 190
"""Days of a term: four to six months (S9), with some days of grace."""
AHEAD = 10
"""Years by which a programme may be planned ahead."""
STATES = ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")
"""The German states (ISO 3166-2), whose holidays scheduling knows."""
AFTER_THE_WINDOW = 7
"""Days after the last survey's window until the final report is out, with some to spare."""
NEVER = 100
"""Percent of people that surely no answers show, however alike they are."""
BEFORE_RECORDS_GO = 3
"""Days between the programme's end, the archive's days and the first day on which records go."""


def programme_reasons(programme: Programme, today: dt.date) -> list[Reason]:
    """What is wrong with a programme that the office wants to open."""
    found = []
    days = (programme.term.ends - programme.term.starts).days + 1
    if not SHORTEST <= days <= LONGEST:
        found.append(reason("term.ends", "term_length", words("term-length", days=days, least=SHORTEST, most=LONGEST)))
    if programme.registration_closes >= programme.term.starts:
        found.append(reason("registration_closes", "after_start", words("after-start", date=programme.term.starts)))
    if programme.registration_closes < today:
        found.append(reason("registration_closes", "past", words("past", date=today)))
    if far_ahead(programme.term.ends, today, AHEAD):
        found.append(reason("term.ends", "too_far", words("term-too-far", years=AHEAD)))
    return found + rules_reasons(programme.rules)


def criteria_reasons(criteria: Criteria) -> list[Reason]:
    """Where criteria would let the same answers mean both keep and change, or can never be met; before they are sealed.

    It must be surely more than `change_at_least` who want a change, and surely less than 100 - `keep_at_least`: of 100
    there is no more, and of none no less.
    """
    questions: dict[str, Criterion] = dict(criteria)
    never = [
        reason(f"criteria.{question}.{field}", "criteria_never", words("criteria-never"))
        for question, criterion in questions.items()
        for field in ("keep_at_least", "change_at_least")
        if getattr(criterion, field) == NEVER
    ]
    return never + [
        reason(
            f"criteria.{question}.change_at_least",
            "criteria_overlap",
            words("criteria-overlap", keep=criterion.keep_at_least, least=100 - criterion.keep_at_least),
        )
        for question, criterion in questions.items()
        if criterion.change_at_least < 100 - criterion.keep_at_least
    ]


def rules_reasons(rules: Rules) -> list[Reason]:
    """Where the parts of a rules document contradict each other; the bounds of each value are the contract's."""
    found = []
    weights, meetings, keeps = rules.matching, rules.scheduling, rules.retention
    if weights.weight_mentee + weights.weight_mentor + weights.weight_site == 0:
        found.append(reason("rules.matching", "no_weight", words("no-weight")))
    if 0 < weights.common_minutes < meetings.minutes:
        text = words("no-common-time", common=weights.common_minutes, minutes=meetings.minutes)
        found.append(reason("rules.matching.common_minutes", "no_common_time", text))
    if meetings.min_gap_days > (most := most_gap_days(meetings)):
        text = words("gap-too-long", meetings=meetings.meetings_per_month, most=most)
        found.append(reason("rules.scheduling.min_gap_days", "gap_too_long", text))
    if meetings.state not in STATES:
        found.append(reason("rules.scheduling.state", "unknown_state", words("unknown-state", known=", ".join(STATES))))
    if meetings.silent_after_days * meetings.meetings_per_month < MONTH - 2:
        least = -(-(MONTH - 2) // meetings.meetings_per_month)
        text = words("silent-too-soon", meetings=meetings.meetings_per_month, least=least)
        found.append(reason("rules.scheduling.silent_after_days", "silent_too_soon", text))
    least = rules.evaluation.window_days + AFTER_THE_WINDOW
    kept = {name: getattr(keeps, name) for name in ("people_days", "tandems_days", "answers_days")}
    for name, count in kept.items():
        if count < least:
            text = words("gone-before-report", least=least)
            found.append(reason(f"rules.retention.{name}", "gone_before_report", text))
    longest = min(kept.values()) - BEFORE_RECORDS_GO
    if keeps.archive_offer and keeps.offer_days > longest:
        text = words("offer-too-long", most=max(longest, 0))
        found.append(reason("rules.retention.offer_days", "offer_too_long", text))
    return found


def profile_reasons(role: Side, profile: Profile, topics: Named, before: Profile | None = None) -> list[Reason]:
    """What is wrong with a profile; `topics` says where each topic named leads, in `before` too (S2).

    A topic that is no longer offered stays where the profile `before` has it, and is named nowhere else.
    """
    found = []
    needed = profile.strengths if role == "mentor" else profile.concerns
    if not needed:
        field = "profile.strengths" if role == "mentor" else "profile.concerns"
        found.append(reason(field, "none_named", words(f"no-{'strengths' if role == 'mentor' else 'concerns'}")))
    for name, levels in (("strengths", profile.strengths), ("concerns", profile.concerns)):
        kept: tuple[TopicLevel, ...] = getattr(before, name) if before else ()
        found += _topic_reasons(f"profile.{name}", levels, topics, {topics.end(level.topic_id) for level in kept})
    if (weekday := overlapping(profile.working_times)) is not None:
        found.append(reason("profile.working_times", "overlap", words("overlap", weekday=weekday)))
    if role == "mentee" and profile.capacity != 1:
        found.append(reason("profile.capacity", "mentee_capacity", words("mentee-capacity")))
    return found


def _topic_reasons(field: str, levels: tuple[TopicLevel, ...], topics: Named, kept: set[str]) -> list[Reason]:
    found = []
    seen: set[str] = set()
    for number, level in enumerate(levels):
        where = f"{field}.{number}.topic_id"
        topic = topics.known.get(topics.end(level.topic_id))
        if topic is None:
            found.append(reason(where, "unknown_topic", words("unknown-topic", topic=level.topic_id)))
        elif topic.retired and topic.id not in kept:
            found.append(reason(where, "retired_topic", words("retired-topic", topic=level.topic_id)))
        if level.topic_id in seen:
            found.append(reason(where, "named_twice", words("named-twice", topic=level.topic_id)))
        seen.add(level.topic_id)
    return found
