import subprocess
import sys

import pytest

from services.matching.explanation import Found, in_words, why_pair, why_unmatched
from services.matching.pair import judge
from shared.contracts.base import Text
from shared.contracts.matching import ScorePart
from shared.contracts.parts import MatchingRules
from tests.support.round_people import a_person


@pytest.mark.proves("S4")
def test_a_pair_is_explained_by_the_strongest_topics_of_both_directions() -> None:
    mentor = a_person("m", "mentor", strengths={"a": 2, "b": 5, "c": 5, "d": 5, "e": 1}, concerns={"x": 1, "y": 5})
    mentee = a_person("n", "mentee", strengths={"x": 5, "y": 2, "z": 5}, concerns={"a": 5, "b": 5, "c": 3, "e": 5})
    reasons = why_pair(mentor, mentee, {"b": Text(de="Digitales", en="Digital work")})
    assert [r.code for r in reasons] == ["topic_for_mentee"] * 3 + ["topic_for_mentor"] * 2 + [
        "different_department",
        "seniority",
    ]
    assert "Digitales" in reasons[0].text.de
    assert "Digital work" in reasons[0].text.en
    assert [topic for r, topic in zip(reasons[1:5], "cayx", strict=True) if f"“{topic}”" in r.text.en] == list("cayx")


def test_what_does_not_hold_is_not_said() -> None:
    mentor = a_person("m", "mentor", department="D", site="S", grade=12, strengths={"a": 5})
    mentee = a_person("n", "mentee", department="D", site="S", grade=12, strengths={"b": 5})
    assert [r.code for r in why_pair(mentor, mentee, {})] == ["same_site"]


def test_wishes_and_vetoes_do_not_show() -> None:
    mentor, mentee = a_person("m", "mentor"), a_person("n", "mentee")
    named = mentor.model_copy(update={"wishes": ("n",), "vetoes": ("x",)})
    assert why_pair(named, mentee, {}) == why_pair(mentor, mentee, {})


LABELS = {"t1": Text(de="Agiles Arbeiten", en="Agile work")}


@pytest.mark.proves("P5")
@pytest.mark.parametrize(
    ("role", "found", "code", "german", "english"),
    [
        ("mentee", Found(partners=True, full=True), "no_place", "Plätze", "places"),
        ("mentee", Found(partners=True, full=False), "others_matched", "Mentorinnen", "mentors"),
        ("mentor", Found(partners=True, full=False), "others_matched", "Mentees", "mentees"),
        ("mentee", Found(partners=False, full=True), "no_common_topic", "„Agiles Arbeiten“", "“Agile work”"),
        ("mentor", Found(partners=False, full=False), "no_common_topic", "„Agiles Arbeiten“", "“Agile work”"),
        (
            "mentor",
            Found(partners=False, full=False, nearest=5, excluded_by=(("different_department", 3), ("seniority", 2))),
            "no_allowed_partner",
            "5 Personen, deren Themen am besten passen, schließen die Regeln aus: dasselbe Referat (3), zu geringer",
            "5 people whose topics fit best the rules exclude: the same department (3), posts too close in grade (2)",
        ),
        (
            "mentee",
            Found(partners=False, full=False, nearest=1, excluded_by=(("shared_language", 1),)),
            "no_allowed_partner",
            "1 Person passen die Themen, und die Regeln schließen sie aus: keine gemeinsame Sprache (1)",
            "The topics fit 1 person only, whom the rules exclude: no language in common (1)",
        ),
    ],
)
def test_every_outcome_without_tandem_has_its_words(
    role: str, found: Found, code: str, german: str, english: str
) -> None:
    reason = why_unmatched(a_person("p", role), found, LABELS)
    assert reason.code == code
    assert german in reason.text.de
    assert english in reason.text.en
    assert "Vorrang" in reason.text.de
    assert "priority" in reason.text.en


def test_who_named_no_topic_hears_that_one_would_help() -> None:
    reason = why_unmatched(a_person("p", "mentor", strengths={}), Found(partners=False, full=False), {})
    assert reason.code == "no_topic_named"


def test_explaining_needs_no_numerical_library() -> None:
    script = "import sys, services.matching.explanation; sys.exit('numpy' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_every_part_of_a_score_has_words_and_one_of_another_release_keeps_its_name() -> None:
    judged = judge(a_person("m", "mentor"), a_person("n", "mentee"), MatchingRules())
    assert all(" " in in_words(part).de and " " in in_words(part).en for part in judged.parts)
    assert in_words(ScorePart(part="star_sign", points=0)).en == "star_sign"
