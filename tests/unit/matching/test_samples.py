"""Made-up populations: as a city's, the same for the same seed, and hard in the way that their name says."""

import tomllib
from importlib.resources import files

import numpy as np
import pytest

from services.matching.assignment import assign
from services.matching.people import RoundInputs
from services.matching.table import ScoreTable, score_table
from services.matching.tool.families import FAMILIES
from services.matching.tool.reading import Given, people_of
from services.matching.tool.sample import population, written
from shared.contracts.parts import TopicLevel


def text(mentors: int, mentees: int, seed: int, family: str = "realistic") -> str:
    return "".join(written(population(mentors, mentees, seed, family)))


def inputs(mentors: int, mentees: int, family: str = "realistic", seed: int = 7) -> RoundInputs:
    people = people_of(Given("sample", text(mentors, mentees, seed, family).encode())).people
    return RoundInputs(people=people, places=len(people), seed="1")


def table(mentors: int, mentees: int, family: str = "realistic", seed: int = 7) -> ScoreTable:
    return score_table(inputs(mentors, mentees, family, seed))


def allowed(scores: ScoreTable) -> float:
    return float((scores.scores > 0).mean())


@pytest.mark.parametrize(("mentors", "mentees", "seed"), [(1000, 900, 7), (1000, 900, 8), (500, 200, 1)])
def test_about_two_in_five_pairs_are_allowed(mentors: int, mentees: int, seed: int) -> None:
    assert 0.35 <= allowed(table(mentors, mentees, seed=seed)) <= 0.45


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_people_and_another_seed_others(family: str) -> None:
    first = text(30, 20, 7, family)
    assert first == text(30, 20, 7, family)
    assert first != text(30, 20, 8, family)
    assert [first.count(f'"role":"{role}"') for role in ("mentor", "mentee")] == [30, 20]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("mentors", "mentees"), [(0, 0), (1, 0), (0, 1), (40, 25)])
def test_every_family_of_any_size_can_be_matched(family: str, mentors: int, mentees: int) -> None:
    given = inputs(mentors, mentees, family)
    found = assign(given, score_table(given))
    assert len(found.mentor_of) == mentees


def test_reporting_lines_posts_and_units_agree() -> None:
    people = inputs(400, 300).people
    leaders = {p.position: p for p in people if p.role == "mentee" and p.position.startswith("post-")}
    under = [(p, leaders[above]) for p in people for above in p.reporting_line if above in leaders]
    assert len(under) > 300
    for person, leader in under:
        assert person.profile.department == leader.profile.department
        assert person.profile.unit[: len(leader.profile.unit)] == leader.profile.unit
        rest = person.reporting_line[person.reporting_line.index(leader.position) + 1 :]
        assert leader.reporting_line == rest
    assert len({p.position for p in people}) == len(people)


def test_some_people_have_more_seats_wishes_vetoes_or_wait() -> None:
    people = inputs(1000, 900).people
    assert {p.capacity for p in people if p.role == "mentor"} == {1, 2, 3}
    assert {p.capacity for p in people if p.role == "mentee"} == {1}
    assert 50 < sum(bool(p.wishes) for p in people) < 400
    assert 10 < sum(bool(p.vetoes) for p in people) < 100
    assert 20 < sum(p.since is not None for p in people) < 200


def test_topics_are_skewed() -> None:
    strengths = [t.topic_id for p in inputs(1000, 1).people for t in p.profile.strengths if p.role == "mentor"]
    counts = sorted((strengths.count(topic) for topic in set(strengths)), reverse=True)
    assert counts[0] > 4 * counts[len(counts) // 2]


def test_tight_allows_about_three_in_a_hundred() -> None:
    assert 0.02 <= allowed(table(600, 500, "tight")) <= 0.045


def test_coarse_has_few_distinct_scores() -> None:
    assert len(np.unique(table(300, 200, "coarse").scores)) <= 3


def test_of_a_dominant_topic_nearly_everybody_has_some() -> None:
    people = inputs(300, 200, "dominant").people
    topics = [{t.topic_id for t in (*p.profile.strengths, *p.profile.concerns)} for p in people]
    assert sum("social-media" in named for named in topics) > 0.9 * len(people)


def test_identical_has_two_hundred_profiles() -> None:
    people = inputs(600, 500, "identical").people
    assert len({p.profile.model_dump_json() for p in people}) == 200


def test_deficient_cannot_serve_everybody_though_there_are_mentors_enough() -> None:
    given = inputs(200, 200, "deficient")
    found = assign(given, score_table(given))
    assert 100 < (found.mentor_of >= 0).sum() < 190


def test_low_has_many_tandems_at_the_lowest_score() -> None:
    given = inputs(250, 200, "low")
    scores = score_table(given)
    mentor_of = assign(given, scores).mentor_of
    chosen = scores.scores[np.arange(len(mentor_of)), mentor_of][mentor_of >= 0]
    assert (chosen == chosen.min()).sum() > 40


@pytest.mark.parametrize("family", ["line", "shifted"])
def test_on_a_line_the_nearer_is_the_better(family: str) -> None:
    given = inputs(200, 150, family)
    scores = score_table(given)

    text = files("services.matching.tool").joinpath("sample.toml").read_text(encoding="utf-8")
    order = {topic: at for at, topic in enumerate(tomllib.loads(text)["digital"])}

    def place(topics: tuple[TopicLevel, ...]) -> float:
        return float(np.average([order[t.topic_id] for t in topics], weights=[t.level for t in topics]))

    mentor = np.array([place(p.profile.strengths) for p in scores.mentors])
    mentee = np.array([place(p.profile.concerns) for p in scores.mentees])
    distance = np.abs(mentee[:, None] - mentor[None, :])
    possible = scores.scores > 0
    assert np.corrcoef(distance[possible], scores.scores[possible])[0, 1] < -0.9
    assert (mentee.mean() > mentor.mean() + 3) == (family == "shifted")
