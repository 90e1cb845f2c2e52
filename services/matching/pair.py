"""One pair: its score and the hard rules that it breaks (S4, S7, P1, P7); the formulas are in docs/matching-score.md.

The definition, in plain Python; table.py says the same of every pair of a round at once.
"""

from collections.abc import Iterable
from typing import NamedTuple

from services.matching.people import Person, levels
from shared.contracts.matching import ScorePart
from shared.contracts.parts import MatchingRules, Profile

Span = tuple[int, int, int]
"""Weekday, first minute, end."""

FULL = 1000
HIGHEST_LEVEL = 5
WISH_POINTS = (15, 12, 9, 6, 3)
"""What the first to the fifth wish adds; two first wishes that meet add 30."""


class Judgement(NamedTuple):
    """What the rules say of a pair; vetoes, earlier answers and wishes never enter."""

    parts: tuple[ScorePart, ...]
    """mentor_for_mentee, mentee_for_mentor, site; their sum is the score."""
    score: int
    """0 to 1000."""
    broken: tuple[str, ...]
    """Codes of the hard rules that keep the two apart: same_person, different_department, reporting_line,
    common_superior, seniority, shared_language, common_time, minimum_score."""


def judge(mentor: Person, mentee: Person, rules: MatchingRules) -> Judgement:
    """Score a pair and say which hard rules it breaks."""
    parts = _parts(mentor, mentee, rules)
    score = sum(part.points for part in parts)
    one, other, depth = mentor.profile, mentee.profile, rules.reporting_levels
    broken = {
        "same_person": mentor.position == mentee.position,
        "different_department": rules.different_department and one.department == other.department,
        "reporting_line": mentor.position in mentee.reporting_line or mentee.position in mentor.reporting_line,
        "common_superior": not set(mentor.reporting_line[:depth]).isdisjoint(mentee.reporting_line[:depth]),
        "seniority": rules.seniority_distance > 0 and other.grade - one.grade < rules.seniority_distance,
        "shared_language": rules.shared_language and set(one.languages).isdisjoint(other.languages),
        "common_time": _common_minutes(one, other) < rules.common_minutes,
        "minimum_score": score < rules.minimum_score,
    }
    return Judgement(parts, score, tuple(code for code, is_broken in broken.items() if is_broken))


def parted(mentor: Person, mentee: Person, rules: MatchingRules) -> tuple[str, ...]:
    """The broken hard rules that hang on who the two are, not on their topics, which they may choose freely (S12)."""
    return tuple(code for code in judge(mentor, mentee, rules).broken if code != "minimum_score")


def wish_points(mentor: Person, mentee: Person) -> int:
    """What the wishes of both add to the sum that is made as high as possible, 0 to 30; secret."""
    return wishes_of(mentor).get(mentee.id, 0) + wishes_of(mentee).get(mentor.id, 0)


def wishes_of(person: Person) -> dict[str, int]:
    """The points of each wish, by its rank; one named twice keeps its first rank."""
    return dict(zip(dict.fromkeys(person.wishes), WISH_POINTS, strict=False))


def whole(rules: MatchingRules) -> int:
    """All weights together."""
    return rules.weight_mentee + rules.weight_mentor + rules.weight_site


def site_points(rules: MatchingRules) -> int:
    """What a site in common adds."""
    return FULL * rules.weight_site // max(whole(rules), 1)


def week_of(profile: Profile) -> tuple[Span, ...]:
    """When somebody works, as entered."""
    return tuple((t.weekday, t.start, t.end) for t in profile.working_times)


def spans(week: Iterable[Span]) -> list[Span]:
    """The same times in order and without overlap."""
    found: list[Span] = []
    for weekday, start, end in sorted(week):
        if found and found[-1][0] == weekday and start <= found[-1][2]:
            found[-1] = weekday, found[-1][1], max(end, found[-1][2])
        else:
            found.append((weekday, start, end))
    return found


def _parts(mentor: Person, mentee: Person, rules: MatchingRules) -> tuple[ScorePart, ...]:
    points = {
        "mentor_for_mentee": _part(mentor, mentee, rules.weight_mentee, rules.weight_mentor, rules),
        "mentee_for_mentor": _part(mentee, mentor, rules.weight_mentor, rules.weight_mentee, rules),
        "site": site_points(rules) if mentor.profile.site == mentee.profile.site else 0,
    }
    return tuple(ScorePart(part=part, points=value) for part, value in points.items())


def _part(helper: Person, learner: Person, weight: int, other_weight: int, rules: MatchingRules) -> int:
    strengths, concerns = levels(helper.profile.strengths), levels(learner.profile.concerns)
    reached = sum(level * strengths.get(topic, 0) for topic, level in concerns.items())
    most = HIGHEST_LEVEL * sum(concerns.values())
    if not helper.profile.concerns:
        # Who names nothing must not lose by it: that side's weight goes to the other.
        weight += other_weight
    return FULL * weight * reached // max(whole(rules) * most, 1)


def _common_minutes(one: Profile, other: Profile) -> int:
    """Minutes of common working time on the weekday that has most of them."""
    common = [0] * 7
    others = spans(week_of(other))
    for weekday, start, end in spans(week_of(one)):
        common[weekday] += sum(max(min(end, e) - max(start, s), 0) for day, s, e in others if day == weekday)
    return max(common)
