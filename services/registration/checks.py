"""What is wrong with a programme or a profile: every reason, not only the first. Pure."""

import datetime as dt
from itertools import pairwise

from services.registration.load_topics import Named
from shared.contracts.base import Reason
from shared.contracts.parts import Profile, Side, TopicLevel
from shared.contracts.registration import OpenProgramme
from shared.runtime.decision import reason
from shared.runtime.words import Words

words = Words("services.registration")

SHORTEST, LONGEST = 120, 190
"""Days of a term: four to six months (S9), with some days of grace."""


def programme_reasons(command: OpenProgramme, today: dt.date) -> list[Reason]:
    """What is wrong with a programme that the office wants to open."""
    found = []
    days = (command.term.ends - command.term.starts).days + 1
    if not SHORTEST <= days <= LONGEST:
        found.append(reason("term.ends", "term_length", words("term-length", days=days, least=SHORTEST, most=LONGEST)))
    if command.registration_closes >= command.term.starts:
        found.append(reason("registration_closes", "after_start", words("after-start", date=command.term.starts)))
    if command.registration_closes < today:
        found.append(reason("registration_closes", "past", words("past", date=today)))
    weights = command.rules.matching
    if weights.weight_mentee + weights.weight_mentor + weights.weight_site == 0:
        found.append(reason("rules.matching", "no_weight", words("no-weight")))
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
    times = sorted(profile.working_times, key=lambda t: (t.weekday, t.start))
    for one, other in pairwise(times):
        if one.weekday == other.weekday and other.start < one.end:
            found.append(reason("profile.working_times", "overlap", words("overlap", weekday=one.weekday)))
            break
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
