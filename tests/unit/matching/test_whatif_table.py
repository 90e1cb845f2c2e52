"""What the office reads of what-if, in both languages."""

import io
import json

import pytest
from rich.console import Console

from services.matching.people import RoundInputs
from services.matching.whatif import Row, WhatIf, relaxed, what_if
from services.matching.whatif_table import Language, print_what_if, what_if_json
from shared.contracts.base import Text
from shared.contracts.parts import MatchingRules
from tests.support.round_people import a_person

LABELS = {"agile": Text(de="Agiles Arbeiten", en="Agile work")}


def a_round() -> RoundInputs:
    """Two mentees want agile work; the mentor for it is of the department of one of them."""
    return RoundInputs(
        people=(
            a_person("m0", "mentor", strengths={"agile": 5}, concerns={}, department="A"),
            a_person("m1", "mentor", strengths={"video": 5}, concerns={}, department="B"),
            a_person("n0", "mentee", concerns={"agile": 5}, strengths={}, department="A"),
            a_person("n1", "mentee", concerns={"video": 5}, strengths={}, department="C"),
        ),
        places=9,
        seed="s",
    )


def printed(found: WhatIf, language: Language) -> str:
    out = io.StringIO()
    print_what_if(found, LABELS, Console(file=out, width=160), language)
    return out.getvalue()


def test_square_brackets_in_a_topic_are_shown_as_they_are() -> None:
    out = io.StringIO()
    labels = {id: Text(de="Scrum [/x]", en="Scrum [/x]") for id in ("agile", "video")}
    print_what_if(what_if(a_round()), labels, Console(file=out, width=160))
    table, _, without = out.getvalue().partition("Without effect")
    assert "1 to 3 more mentors for “Scrum [/x]”" in table
    assert "“Scrum [/x]”" in without.replace("\n", " ")


@pytest.mark.proves("S6", "S7")
def test_the_table_says_in_both_languages_what_each_change_brings() -> None:
    found = what_if(a_round())
    german, english = printed(found, "de"), printed(found, "en")
    assert "nicht berechnet" not in german
    assert "not computed" not in english
    assert "Paare auch aus demselben Referat" in german
    assert "pairs from the same department too" in english
    assert "2 (+1)" in english.split("same department too")[1].splitlines()[0]
    assert "1 bis 3 weitere Mentor:innen für „Agiles Arbeiten“" in german
    assert "1 to 3 more mentors for “Agile work”" in english
    assert "common working time: 60 minutes instead of 90" in english.split("Without effect")[1]
    assert "up to 3 more mentors for “video”" in english.split("Without effect")[1].replace("\n", " ")
    assert english.count("for “video”") == 1


def test_topics_without_effect_are_counted_and_equal_effects_are_one_row() -> None:
    def row(topic: str, more: int, tandems: int) -> Row:
        return Row(change="topic", topic_id=topic, after=more, tandems=tandems, lowest_score=5, sum_of_scores=9)

    first = Row(change="none", tandems=1, lowest_score=5, sum_of_scores=9)
    still = [row(f"still-{n}", more, 1) for n in range(50) for more in (1, 2, 3)]
    later = [row(f"later-{n}", 1, 1) for n in range(2)]
    best = [row("later-0", 2, 3), row("later-0", 3, 3), row("agile", 3, 3), row("agile", 1, 2), row("agile", 2, 2)]
    best += [row("solo", 1, 4), row("solo", 2, 5), row("solo", 3, 5)]
    found = WhatIf((first, *best, row("later-1", 2, 2), row("later-1", 3, 2), *still, *later), 0)
    english, german = printed(found, "en"), printed(found, "de")
    table, _, without = " ".join(english.split()).partition("Without effect on these figures: ")
    assert without.startswith(
        "up to 3 more mentors for any of 50 topics; one more mentor for any of 2 topics. Computed"
    )
    for change in ("2 to 3 more mentors for “later-0”", "3 more mentors for “Agile work”", "2 to 3 more mentors for"):
        assert change in table
    assert "1 to 2 more mentors for “Agile work”" in table
    assert table.count("more mentors for “") == 5
    assert "one more mentor for “solo”" in table
    assert "eine weitere Mentorin oder ein weiterer Mentor für „solo“" in german
    assert "bis zu 3 weitere Mentor:innen für eines von 50 Themen" in german
    assert "1 bis 2 weitere Mentor:innen für „Agiles Arbeiten“" in german


def test_a_program_reads_the_rows_and_what_each_brings() -> None:
    found = json.loads(json.dumps(what_if_json(what_if(a_round()))))
    assert found["what_if_topics_left_out"] == 0
    first, *others = found["what_if"]
    assert (first["change"], first["tandems"], first["more_tandems"]) == ("none", 1, 0)
    [row] = [row for row in others if row["change"] == "different_department"]
    assert (row["before"], row["after"], row["more_tandems"], row["higher_lowest"]) == (1, 0, 1, 0)


def test_topics_that_were_not_solved_for_are_counted_for_people_and_programs() -> None:
    found = what_if(a_round())._replace(topics_left_out=7)
    assert what_if_json(found)["what_if_topics_left_out"] == 7
    assert "nicht berechnet, was weitere Mentor:innen bringen. Zahl dieser Themen: 7." in printed(found, "de")
    assert "not computed what more mentors would bring. Number of these topics: 7." in printed(found, "en")


def test_a_round_without_a_tandem_has_no_lowest_score() -> None:
    found = what_if(RoundInputs(people=(a_person("n", "mentee"),), places=1, seed="s"))
    assert "none" in printed(found, "en")
    assert "keine" in printed(found, "de")


def test_every_change_has_its_words() -> None:
    rules = MatchingRules(minimum_score=99)
    rows = (
        Row(change="none", tandems=0, lowest_score=None, sum_of_scores=0),
        *(
            Row(change=name, before=2, after=1, tandems=1, lowest_score=1, sum_of_scores=1)
            for name, _ in relaxed(rules)
        ),
    )
    found = WhatIf(rows, 0)
    assert printed(found, "en").count("(+1)") == printed(found, "de").count("(+1)") == 3 * 6
