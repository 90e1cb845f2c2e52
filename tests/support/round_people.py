"""Small random rounds, and docs/matching-score.md again in plain Python, sharing nothing with the solver."""

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from services.matching.people import Person, RoundInputs
from shared.contracts.parts import MatchingRules, Profile, TopicLevel, WorkingTime

WORKDAY = WorkingTime(weekday=0, start=480, end=960)
WISH_POINTS = (15, 12, 9, 6, 3)


def a_person(id: str, role: str, **given: Any) -> Person:
    """A mentor (grade 8, D-mentor) or mentee (grade 12, D-mentee) who may meet anybody; strong in t1, wants t1."""
    profile: dict[str, object] = {
        "department": f"D-{role}",
        "unit": (),
        "grade": 8 if role == "mentor" else 12,
        "site": f"S-{role}",
        "languages": ("de",),
        "working_times": (WORKDAY,),
        "strengths": {"t1": 5},
        "concerns": {"t1": 5},
    }
    own = {"id": id, "role": role, "position": f"post-{id}"}
    for key, value in given.items():
        (profile if key in profile else own)[key] = value
    for key in ("strengths", "concerns"):
        topics = profile[key]
        assert isinstance(topics, dict)
        profile[key] = tuple(TopicLevel(topic_id=t, level=level) for t, level in topics.items())
    return Person.model_validate({**own, "profile": Profile.model_validate(profile)})


@st.composite
def rounds(draw: st.DrawFn, most: int = 4) -> RoundInputs:
    """A round of up to `most` people a side with few topics, so that ties and conflicts are common."""
    topics = st.dictionaries(st.sampled_from(("t1", "t2", "t3")), st.integers(1, 5), max_size=2)
    mentors = [f"m{i}" for i in range(draw(st.integers(0, most)))]
    mentees = [f"n{i}" for i in range(draw(st.integers(0, most)))]
    posts = st.lists(st.sampled_from(("a", "b", "c", "d")), max_size=2, unique=True)

    def some(ids: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
        return st.lists(st.sampled_from(ids), max_size=2, unique=True).map(tuple) if ids else st.just(())

    people = [
        a_person(
            id,
            role,
            department=draw(st.sampled_from(("D1", "D2", "D3"))),
            site=draw(st.sampled_from(("S1", "S2"))),
            grade=draw(st.integers(8, 12)) if role == "mentor" else draw(st.integers(10, 14)),
            languages=draw(st.sampled_from((("de",), ("de",), ("de", "en"), ("en",)))),
            working_times=(
                WorkingTime(weekday=draw(st.integers(0, 1)), start=480, end=720),
                WorkingTime(weekday=1, start=draw(st.sampled_from((600, 660, 700))), end=900),
            ),
            strengths=draw(topics),
            concerns=draw(topics),
            reporting_line=tuple(draw(posts)),
            capacity=draw(st.integers(1, 2)) if role == "mentor" else 1,
            since=draw(st.sampled_from((None, None, dt.date(2026, 1, 1), dt.date(2026, 3, 1)))),
            wishes=draw(some(others)),
            vetoes=draw(st.one_of(st.just(()), some(others))),
        )
        for role, ids, others in (("mentor", mentors, mentees), ("mentee", mentees, mentors))
        for id in ids
    ]
    barred = (
        draw(st.sets(st.tuples(st.sampled_from(mentors), st.sampled_from(mentees)), max_size=2))
        if (mentors and mentees)
        else set()
    )
    rules = MatchingRules(seniority_distance=draw(st.integers(0, 2)), reporting_levels=draw(st.integers(0, 2)))
    places = draw(st.integers(0, 2 * most))
    return RoundInputs(people=tuple(people), rules=rules, places=places, barred=tuple(sorted(barred)), seed="seed")


def plain_score(mentor: Person, mentee: Person, rules: MatchingRules) -> int:
    """The published score of a pair."""

    def parts_of(helper: Person, learner: Person) -> tuple[int, int]:
        # The last, and so the highest, of a topic named twice stays.
        have, want = (
            {t.topic_id: t.level for t in sorted(named, key=lambda t: t.level)}
            for named in (helper.profile.strengths, learner.profile.concerns)
        )
        return sum(level * have.get(topic, 0) for topic, level in want.items()), 5 * sum(want.values())

    (got, most), (got_back, most_back) = parts_of(mentor, mentee), parts_of(mentee, mentor)
    weight, weight_back = rules.weight_mentee, rules.weight_mentor
    if not most:
        weight, weight_back = 0, weight + weight_back
    if not most_back:
        weight, weight_back = (weight + weight_back if most else 0), 0
    whole = rules.weight_mentee + rules.weight_mentor + rules.weight_site
    points = 1000 * weight * got // (whole * most) if weight else 0
    points += 1000 * weight_back * got_back // (whole * most_back) if weight_back else 0
    return points + (1000 * rules.weight_site // max(whole, 1) if mentor.profile.site == mentee.profile.site else 0)


def plain_wishes(mentor: Person, mentee: Person) -> int:
    """The secret points of wishes."""
    return sum(
        WISH_POINTS[one.wishes.index(other.id)]
        for one, other in ((mentor, mentee), (mentee, mentor))
        if other.id in one.wishes
    )


def plain_allowed(mentor: Person, mentee: Person, rules: MatchingRules) -> bool:
    """Whether the rules allow a pair, before vetoes and earlier answers."""
    one, other, depth = mentor.profile, mentee.profile, rules.reporting_levels
    minutes = [
        len(
            {m for t in one.working_times if t.weekday == day for m in range(t.start, t.end)}
            & {m for t in other.working_times if t.weekday == day for m in range(t.start, t.end)}
        )
        for day in range(7)
    ]
    return not (
        mentor.position == mentee.position
        or (rules.different_department and one.department == other.department)
        or set(mentor.reporting_line[:depth]) & set(mentee.reporting_line[:depth])
        or mentor.position in mentee.reporting_line
        or mentee.position in mentor.reporting_line
        or (rules.seniority_distance and other.grade - one.grade < rules.seniority_distance)
        or (rules.shared_language and not set(one.languages) & set(other.languages))
        or (rules.common_minutes and max(minutes) < rules.common_minutes)
        or plain_score(mentor, mentee, rules) < rules.minimum_score
    )


def plain_open(mentor: Person, mentee: Person, inputs: RoundInputs) -> bool:
    """Whether two people may be proposed to each other."""
    return (
        plain_allowed(mentor, mentee, inputs.rules)
        and mentee.id not in mentor.vetoes
        and mentor.id not in mentee.vetoes
        and (mentor.id, mentee.id) not in inputs.barred
    )
