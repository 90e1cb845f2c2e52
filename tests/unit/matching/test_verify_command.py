"""`tandem verify`: what it says of a result that is the best, and how it refuses one that is not, or a wrong proof."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.matching.tool.sample import families, population, written
from shared.local.system import ROOT

Tandem = Callable[..., tuple[int, str, str]]
Document = dict[str, Any]
RULES = {"matching": {"weight_mentee": 40, "weight_mentor": 40, "weight_site": 20}}


class Files:
    """A matched round in a folder: people, result and proof, to be changed."""

    def __init__(self, folder: Path, tandem: Tandem, people: list[Document], *options: object) -> None:
        self.people, self.result, self.proof = (folder / name for name in ("people.json", "result.json", "proof.json"))
        self.people.write_text("".join(written(iter(people))), encoding="utf-8")
        code, out, err = tandem("match", self.people, "--json", "--certificate", self.proof, *options)
        assert code == 0, err
        self.result.write_text(out, encoding="utf-8")

    def read(self) -> tuple[list[Document], Document, list[Document]]:
        """People, result, and the lines of the proof."""
        lines = self.proof.read_text(encoding="utf-8").splitlines()
        people, result = (json.loads(path.read_text(encoding="utf-8")) for path in (self.people, self.result))
        return people, result, [json.loads(line) for line in lines]

    def write(self, people: list[Document], result: Document, proof: list[Document]) -> None:
        """Put them back."""
        self.people.write_text(json.dumps(people), encoding="utf-8")
        self.result.write_text(json.dumps(result), encoding="utf-8")
        self.proof.write_text("".join(json.dumps(line) + "\n" for line in proof), encoding="utf-8")


@pytest.fixture
def files(tmp_path: Path, tandem: Tandem) -> Files:
    """A round in which not all mentors are needed."""
    return Files(tmp_path, tandem, list(population(40, 25, 3)))


def verify(tandem: Tandem, files: Files, *options: object) -> tuple[int, str, str]:
    return tandem("verify", files.people, files.result, files.proof, *options)


def refused(tandem: Tandem, files: Files, *options: object) -> str:
    """The one line that says what is wrong."""
    code, out, err = verify(tandem, files, *options)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    return err.removeprefix("tandem: not proven: ").strip()


# Proven


def test_each_level_is_said_with_its_figures(tandem: Tandem, files: Files) -> None:
    code, out, err = verify(tandem, files)
    _, result, _ = files.read()
    assert (code, err) == (0, "")
    assert f"Tandems: {result['tandems']}. No more are possible: every allowed pair needs one of" in out
    assert f"Lowest score: {result['lowest_score']}. {result['lowest_score'] + 1} is possible only if" in out
    assert f"of them {result['total_score']} for the pairs" in out
    assert "Open proposals: there were none." in out
    assert "Not checked of the result: the seconds, what-if, and why the office fixed a pair." in out
    assert "Seed: “1”. It decides between solutions that are equally good in all of the above. This is not" in out


def test_as_json_it_is_said_in_both_languages_with_what_it_rests_on(tandem: Tandem, files: Files) -> None:
    code, out, _ = verify(tandem, files, "--json")
    said = json.loads(out)
    _, result, [head, *_] = files.read()
    assert (code, said["proven"]) == (0, True)
    levels = [line["level"] for line in said["levels"]]
    assert [level for level in levels if level != "waiting"] == [
        *("tandems", "people", "changes", "lowest_score", "sum", "seed")
    ]
    assert all(line["text"]["de"] and line["text"]["en"] for line in said["levels"])
    assert {line["level"] for line in said["levels"] if not line["proven"]} == {"changes", "seed"}
    assert sum(said["figures"]["cover"].values()) == said["figures"]["tandems"] == result["tandems"]
    assert said["figures"]["scores"] == result["total_score"]
    assert all(said["not_checked"][language] for language in ("de", "en"))
    assert said["rests_on"] == {
        "seed": "1", "places": head["places"], "rules": head["rules"], "pins": [], "forbidden": [], "previous": []
    }  # fmt: skip
    assert said["compared"] == {"places": False, "pins": False, "forbidden": False, "previous": False}


class Decided:
    """A re-match with places, a pin and a forbidden pair; what was decided, and the pairs of before."""

    def __init__(self, folder: Path, tandem: Tandem) -> None:
        first = Files(folder, tandem, list(population(20, 15, 3)))
        self.pairs = [f"{pair['mentor']}:{pair['mentee']}" for pair in first.read()[1]["pairs"]]
        self.earlier = shutil.copy(first.result, folder / "earlier.json")
        self.given = ("--places", 9, "--pin", self.pairs[0], "--forbid", self.pairs[1], "--previous", self.earlier)
        self.files = Files(folder, tandem, list(population(20, 15, 3)), *self.given)


@pytest.fixture
def decided(tmp_path: Path, tandem: Tandem) -> Decided:
    """A round in which the office decided something."""
    return Decided(tmp_path, tandem)


def test_what_a_proof_brings_along_is_shown_and_said_to_be_not_compared(tandem: Tandem, decided: Decided) -> None:
    code, out, _ = verify(tandem, decided.files)
    assert code == 0
    assert "places: 9 (so the proof says, not compared)\n" in out
    assert f"pairs that the office fixed: {decided.pairs[0]} (so the proof says, not compared)\n" in out
    assert f"in addition to vetoes: {decided.pairs[1]} (so the proof says, not compared)\n" in out
    assert "give it as to the match" in out
    assert f" of {len(decided.pairs)}. It can be more only if a figure above gets worse.\n" in out
    assert "Tandems: 9. Fixed by the office: 1, computed: 8. All that follows is about the computed ones. " in out
    assert "No more are possible: all places are taken.\n" in out
    assert set(json.loads(verify(tandem, decided.files, "--json")[1])["compared"].values()) == {False}


def test_a_number_of_places_that_nobody_gave_is_no_limit(tandem: Tandem, files: Files) -> None:
    out = verify(tandem, files)[1]
    assert "  places: no limit\n" in out
    assert out.count("not compared)") == 3, "pins, forbidden pairs and open proposals"


def test_a_result_of_an_optimal_proof_may_lack_the_gap(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    del result["gap"]
    files.write(people, result, proof)
    assert verify(tandem, files)[0] == 0
    files.write(people, result | {"gap": 1}, proof)
    assert refused(tandem, files) == "gap: it is 0, not 1"


def test_what_is_kept_and_new_is_checked_against_the_open_proposals_of_the_proof(
    tandem: Tandem, decided: Decided
) -> None:
    people, result, proof = decided.files.read()
    assert result["previous"]["kept"] + result["previous"]["new"] == len(result["pairs"]) == 9
    assert result["previous"]["kept"] + result["previous"]["ended"] == len(decided.pairs)
    assert verify(tandem, decided.files)[0] == 0
    decided.files.write(people, result | {"previous": {"kept": 0, "ended": 0, "new": 9}}, proof)
    assert refused(tandem, decided.files).startswith("previous: it is {'kept': ")
    pair = result["pairs"][0]
    changed = [pair | {"kept": not pair["kept"]}, *result["pairs"][1:]]
    decided.files.write(people, result | {"pairs": changed}, proof)
    there = "there before" if pair["kept"] else "not there before"
    assert refused(tandem, decided.files) == f"previous: by the proof {pair['mentor']}:{pair['mentee']} was {there}"
    older = {k: v for k, v in result.items() if k != "previous"}
    older["pairs"] = [{k: v for k, v in pair.items() if k != "kept"} for pair in result["pairs"]]
    decided.files.write(people, older, proof)
    assert verify(tandem, decided.files)[0] == 0


def test_the_exit_codes_are_documented(tandem: Tandem) -> None:
    told = " ".join(re.sub("[^a-z0-9,: ]", " ", tandem("verify", "--help")[1]).split())
    assert "3 bounded, not proven" in told
    assert "3 if the rules limited the" in (ROOT / "docs" / "match-a-file.md").read_text(encoding="utf-8")


def test_what_is_given_as_to_the_match_is_compared_and_said_to_be_so(tandem: Tandem, decided: Decided) -> None:
    code, out, err = verify(tandem, decided.files, *decided.given)
    assert (code, err) == (0, "")
    assert out.count("(as given)\n") == 4
    assert "not compared" not in out
    said = json.loads(verify(tandem, decided.files, *decided.given[:4], "--json")[1])
    assert said["compared"] == {"places": True, "pins": True, "forbidden": False, "previous": False}


def test_a_proof_of_other_places_or_pairs_than_those_given_is_refused(tandem: Tandem, decided: Decided) -> None:
    first, second, third, *_ = decided.pairs
    files, pairs = decided.files, json.loads(Path(decided.earlier).read_text(encoding="utf-8"))
    gone = pairs["pairs"].pop()
    shorter = files.people.with_name("shorter.json")
    shorter.write_text(json.dumps(pairs), encoding="utf-8")
    for options, says in (
        (("--places", 10), "places: the proof has 9, not 10"),
        (("--pin", first, "--pin", third), f"pins: the proof does not have {third}, which is given"),
        (("--pin", third), f"pins: the proof has {first}, which is not given"),
        (("--forbid", second, "--forbid", third), f"forbidden: the proof does not have {third}, which is given"),
        (("--forbid", third), f"forbidden: the proof has {second}, which is not given"),
        (("--previous", shorter), f"previous: the proof has {gone['mentor']}:{gone['mentee']}, which is not given"),
    ):
        assert refused(tandem, files, *options) == says
    plain = Files(files.people.parent, tandem, list(population(20, 15, 3)))
    assert refused(tandem, plain, "--previous", decided.earlier).startswith("previous: the proof does not have ")


def test_pairs_that_cannot_be_understood_are_wrong_use_as_with_match(tandem: Tandem, decided: Decided) -> None:
    for options, says in (
        (("--pin", "a"), "--pin a: write it as mentor:mentee, by their ids"),
        (("--forbid", "a:b"), "--forbid a:b: there is no mentor a in the list"),
        (("--forbid", "\udcff"), "--forbid is no text in UTF-8"),
        (("--previous", decided.files.people), "people.json is no result of a match"),
        (("--previous", "-", "--rules", "-"), "only one file can come from standard input"),
    ):
        code, out, err = verify(tandem, decided.files, *options)
        assert (code, out) == (2, "")
        assert says in err


@pytest.mark.parametrize("family", families())
def test_what_is_matched_is_verified_whatever_the_people(tandem: Tandem, tmp_path: Path, family: str) -> None:
    people = list(population(100, 90, 1, family))
    plain = Files(tmp_path, tandem, people)
    code, out, err = verify(tandem, plain)
    assert (code, err) == (0, "")
    tandems = plain.read()[1]["tandems"]
    assert f"Tandems: {tandems}." in out
    earlier = shutil.copy(plain.result, tmp_path / "earlier.json")
    # A re-match with fewer places, without one of the mentors.
    gone = plain.read()[1]["pairs"][0]["mentor"]
    left = [
        entry | {name: [id for id in entry.get(name, ()) if id != gone] for name in ("wishes", "vetoes")}
        for entry in people
        if entry["id"] != gone
    ]
    limited = Files(tmp_path, tandem, left, "--places", tandems - 2, "--previous", earlier)
    code, out, err = verify(tandem, limited, "--places", tandems - 2)
    assert (code, err) == (0, "")
    assert "all places are taken" in out


# Refused: the proof does not hold


def some_part(proof: list[Document], side: str) -> Document:
    [part] = [part for part in proof[1:] if part["side"] == side]
    return part


def sum_level(head: Document) -> int:
    return next(at for at, each in enumerate(head["prices"]) if each["level"] == "sum")


def test_a_pair_that_is_worth_more_than_its_prices_is_found(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    profits = some_part(proof, "mentee")["prices"][sum_level(proof[0])]
    # The prices still add up to the sum.
    poor, rich = profits.index(min(profits)), profits.index(max(profits))
    profits[rich] -= 1
    profits[poor] += 1
    files.write(people, result, proof)
    assert refused(tandem, files) == "sum: a pair is worth more than its prices say"


def test_prices_of_another_round_prove_nothing(tandem: Tandem, files: Files, tmp_path: Path) -> None:
    people, result, proof = files.read()
    (tmp_path / "other").mkdir()
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(RULES), encoding="utf-8")
    _, _, stale = Files(tmp_path / "other", tandem, people, "--rules", rules).read()
    for side in ("mentor", "mentee"):
        some_part(proof, side)["prices"] = some_part(stale, side)["prices"]
    files.write(people, result, proof)
    assert refused(tandem, files).startswith(("sum: ", "lowest score: "))


def test_a_cover_that_is_too_small_is_found(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    tandems = len(result["pairs"])
    # Everybody is behind every cut for mentees, and before every cut for mentors: the cover is empty.
    for side, place in (("mentee", 1000), ("mentor", -1000)):
        part = some_part(proof, side)
        part["place"] = [place] * len(part["place"])
    files.write(people, result, proof)
    assert refused(tandem, files) == f"tandems: the cover allows 0, the pairs reach {tandems}"


def test_other_rules_than_those_of_the_proof_are_named(tandem: Tandem, files: Files, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(RULES), encoding="utf-8")
    said = refused(tandem, files, "--rules", rules)
    assert said == "rules: the proof has weight_mentee 70, the rules given have 40"


def test_a_proof_of_other_people_is_named_by_somebody_who_is_missing(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    gone = people.pop()["id"]
    for entry in people:
        for name in ("wishes", "vetoes"):
            entry[name] = [id for id in entry.get(name, ()) if id != gone]
    files.write(people, result, proof)
    assert refused(tandem, files) == f"people: the mentee {gone} is in the proof, and does not take part"


def test_a_pin_that_the_result_does_not_have_is_found(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    part = some_part(proof, "mentee")
    part["pinned"] = [next(at for at, mentor in enumerate(part["mentor"]) if mentor >= 0)]
    files.write(people, result, proof)
    code, _, err = verify(tandem, files)
    assert code == 1
    assert err.startswith("tandem: not proven: ")


# Refused: the pairs are not the best, or may not be


def swap(result: Document, proof: list[Document], one: int, other: int) -> None:
    """Two mentees change places, in the result and in the proof."""
    pairs = result["pairs"]
    pairs[one]["mentee"], pairs[other]["mentee"] = pairs[other]["mentee"], pairs[one]["mentee"]
    for pair in (pairs[one], pairs[other]):
        say(proof, pair["mentor"], pair["mentee"])
        del pair["score"]


def say(proof: list[Document], mentor: str | None, mentee: str) -> None:
    part = some_part(proof, "mentee")
    mentors = some_part(proof, "mentor")["ids"]
    part["mentor"][part["ids"].index(mentee)] = mentors.index(mentor) if mentor else -1


def test_a_pair_swapped_in_the_result_alone_is_named(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    swap(result, json.loads(json.dumps(proof)), 0, 1)
    files.write(people, result, proof)
    assert refused(tandem, files).startswith("pairs: ")
    assert "alone" in refused(tandem, files)


def test_a_pair_swapped_in_both_is_not_the_best(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    seen = set()
    for other in range(1, len(result["pairs"])):
        changed, also = json.loads(json.dumps(result)), json.loads(json.dumps(proof))
        swap(changed, also, 0, other)
        files.write(people, changed, also)
        seen.add(refused(tandem, files).split(":")[0])
    assert seen > {"pairs"}
    assert seen <= {"pairs", "sum", "lowest score", "people served", "tandems and people served"}


def without_a_pair(result: Document, proof: list[Document]) -> None:
    say(proof, None, result["pairs"].pop()["mentee"])


def test_a_tandem_too_few_is_found(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    without_a_pair(result, proof)
    files.write(people, result, proof)
    tandems = len(result["pairs"])
    assert refused(tandem, files) == f"tandems: the cover allows {tandems + 1}, the pairs reach {tandems}"


@pytest.mark.parametrize("how", ["vetoed", "against a rule", "forbidden"])
def test_a_pair_that_may_not_be_is_found(tandem: Tandem, files: Files, how: str) -> None:
    people, result, proof = files.read()
    of = {entry["id"]: entry for entry in people}
    mentor, mentee = result["pairs"][0]["mentor"], result["pairs"][0]["mentee"]
    if how == "vetoed":
        of[mentor]["vetoes"] = [*of[mentor].get("vetoes", ()), mentee]
        of[mentor]["wishes"] = [id for id in of[mentor].get("wishes", ()) if id != mentee]
    elif how == "against a rule":
        of[mentee]["profile"]["department"] = of[mentor]["profile"]["department"]
    else:
        part = some_part(proof, "mentee")
        place = part["ids"].index(mentee)
        part["forbidden"] = [[place, part["mentor"][place]]]
    files.write(people, result, proof)
    assert refused(tandem, files) == "pairs: one of them is not allowed"


def test_more_pairs_than_places_or_seats_are_found(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    count = len(result["pairs"])
    files.write(people, result, [proof[0] | {"places": count - 1}, *proof[1:]])
    assert refused(tandem, files) == "pairs: more than there are places"
    mentor = next(entry for entry in people if entry["id"] == result["pairs"][0]["mentor"])
    room = mentor["profile"].get("capacity", 1)
    for pair in result["pairs"][1 : room + 1]:
        pair["mentor"] = mentor["id"]
        say(proof, mentor["id"], pair["mentee"])
    files.write(people, result, proof)
    assert refused(tandem, files).startswith("pairs: ")


def test_somebody_who_is_in_two_pairs_is_named(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    result["pairs"][1]["mentee"] = result["pairs"][0]["mentee"]
    files.write(people, result, proof)
    assert refused(tandem, files) == f"pairs: {result['pairs'][0]['mentee']} is in two of them"


@pytest.mark.parametrize("field", ["tandems", "lowest_score", "total_score"])
def test_figures_of_a_result_that_are_not_those_of_its_pairs_are_named(
    tandem: Tandem, files: Files, field: str
) -> None:
    people, result, proof = files.read()
    true = result[field]
    files.write(people, result | {field: true + 1}, proof)
    assert refused(tandem, files) == f"{field}: it is {true}, not {true + 1}"
    result["pairs"][0]["score"] += 1
    files.write(people, result, proof)
    assert refused(tandem, files).endswith(f"not {result['pairs'][0]['score']}")


@pytest.mark.parametrize("field", ["tandems", "lowest_score", "total_score", "optimal", "seed", "unmatched"])
def test_a_result_that_leaves_out_what_is_checked_is_refused(tandem: Tandem, files: Files, field: str) -> None:
    people, result, proof = files.read()
    del result[field]
    files.write(people, result, proof)
    assert refused(tandem, files).startswith(f"{field}: ")


@pytest.mark.parametrize("field", ["score", "parts", "reasons", "pinned"])
def test_a_pair_that_leaves_out_what_is_checked_is_refused(tandem: Tandem, files: Files, field: str) -> None:
    people, result, proof = files.read()
    del result["pairs"][0][field]
    files.write(people, result, proof)
    assert result["pairs"][0]["mentor"] in refused(tandem, files)


@pytest.mark.parametrize("part", ["mentor_for_mentee", "mentee_for_mentor", "site", "luck"])
def test_a_part_of_a_score_that_was_changed_is_named_with_its_pair(tandem: Tandem, files: Files, part: str) -> None:
    people, result, proof = files.read()
    pair = result["pairs"][3]
    true = pair["parts"].get(part, "none")
    pair["parts"][part] = 999
    files.write(people, result, proof)
    assert refused(tandem, files) == f"pairs: {pair['mentor']}:{pair['mentee']} has {part} {true}, not 999"


def test_a_reason_of_a_pair_that_was_changed_is_named_with_the_pair(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    pair = result["pairs"][3]
    for changed in (
        pair["reasons"][1:],
        [*pair["reasons"], pair["reasons"][0]],
        [pair["reasons"][0] | {"text": pair["reasons"][0]["text"] | {"de": "Sie mögen sich."}}, *pair["reasons"][1:]],
        [pair["reasons"][0] | {"code": "luck"}, *pair["reasons"][1:]],
        "luck",
    ):
        others = [changed_pair for changed_pair in result["pairs"] if changed_pair is not pair]
        files.write(people, result | {"pairs": [*others, pair | {"reasons": changed}]}, proof)
        said = f"pairs: {pair['mentor']}:{pair['mentee']} has other reasons than the result says"
        assert refused(tandem, files) == said


def test_why_somebody_has_no_tandem_is_checked_with_the_words_of_a_spreadsheet_s_topics(
    tandem: Tandem, tmp_path: Path
) -> None:
    people, result, proof = (tmp_path / name for name in ("people.csv", "result.json", "proof.json"))
    example = (ROOT / "docs" / "examples" / "people.csv").read_text(encoding="utf-8")
    alone = example.replace("17;Mitte", "17;Nord").replace("Berufliche Zukunft:4;Scrum:5;", ";Künstliche Ideen:5;")
    people.write_text(alone, encoding="utf-8")
    found = json.loads(tandem("match", people, "--json", "--certificate", proof)[1])
    result.write_text(json.dumps(found), encoding="utf-8")
    [left] = found["unmatched"]
    assert "„Künstliche Ideen“" in left["reason"]["text"]["de"]
    assert tandem("verify", people, result, proof)[0] == 0
    other: tuple[Document | None, ...] = (left["reason"] | {"code": "no_place"}, {}, None)
    for reason in other:
        result.write_text(json.dumps(found | {"unmatched": [left | {"reason": reason}]}), encoding="utf-8")
        code, _, err = tandem("verify", people, result, proof)
        says = f"tandem: not proven: unmatched: {left['id']} has another reason than the result says\n"
        assert (code, err) == (1, says)


def test_a_result_that_does_not_say_that_it_is_the_best_is_refused(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    files.write(people, result | {"optimal": False}, proof)
    assert refused(tandem, files) == "optimal: it is true, not false"


def test_a_figure_as_text_or_with_a_point_is_no_result(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    pair = result["pairs"][0]
    for wrong in ({"score": str(pair["score"])}, {"score": float(pair["score"])}, {"pinned": 0}):
        files.write(people, result | {"pairs": [pair | wrong, *result["pairs"][1:]]}, proof)
        code, out, err = verify(tandem, files)
        assert (code, out) == (2, "")
        assert "result.json is no result of a match" in err


def test_people_without_a_tandem_who_are_not_those_of_the_pairs_are_named(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    first, *others = result["unmatched"]
    matched = result["pairs"][0]["mentee"]
    for unmatched, says in (
        (others, f"{first['id']} has no tandem, and is not named"),
        ([first, *others, {"id": matched}], f"{matched} is named, and has a tandem or does not take part"),
        ([first, *others, {"id": "nobody"}], "nobody is named, and has a tandem or does not take part"),
        ([first, first, *others], f"{first['id']} is named twice"),
    ):
        files.write(people, result | {"unmatched": unmatched}, proof)
        assert refused(tandem, files) == f"unmatched: {says}"


def test_without_any_pair_the_lowest_score_must_be_said_to_be_none(tandem: Tandem, tmp_path: Path) -> None:
    files = Files(tmp_path, tandem, list(population(2, 0, 3)))
    people, result, proof = files.read()
    code, out, _ = verify(tandem, files)
    assert (result["lowest_score"], code) == (None, 0)
    assert "Tandems: 0. No more are possible: no allowed pair is free.\n" in out
    del result["lowest_score"]
    files.write(people, result, proof)
    assert refused(tandem, files) == "lowest_score: it is none, not said"


def test_as_json_a_refusal_names_level_and_reason_too(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    files.write(people, result | {"seed": "2"}, proof)
    code, out, _ = verify(tandem, files, "--json")
    assert code == 1
    assert json.loads(out) == {"proven": False, "level": "seed", "why": "the proof has 1, the result 2"}


# Not readable


def test_a_proof_that_is_not_whole_or_no_proof_is_wrong_use(tandem: Tandem, files: Files) -> None:
    lines = files.proof.read_text(encoding="utf-8").splitlines(keepends=True)
    for content, says in (
        ("", "is no proof of a match; write it anew with"),
        ("{", "is no proof of a match; write it anew with"),
        ("".join(lines[:-1]), "is not whole: it should speak of 40 mentors, and the first 0 are there"),
        ("".join([*lines, lines[-1]]), "is not whole: "),
        ("".join(lines)[:-40], "line 3 cannot be read"),
        ("".join(lines).replace('"place":[', '"place":[1,', 1), "line 2 cannot be read"),
        ("".join(lines).replace('"mentor":[', '"mentor":[40,', 1).replace('"ids":[', '"ids":["x",', 1), "line 2 "),
        (lines[0].replace('"tandem_proof":1', '"tandem_proof":2') + "".join(lines[1:]), "is no proof of a match"),
    ):
        files.proof.write_text(content, encoding="utf-8")
        code, out, err = verify(tandem, files)
        assert (code, out) == (2, "")
        assert says in err, content[:80]
        assert err.count("\n") == 1


def test_a_proof_that_names_somebody_who_is_not_in_it_is_wrong_use(tandem: Tandem, files: Files) -> None:
    people, result, proof = files.read()
    part = some_part(proof, "mentee")
    for changed in (part | {"pinned": [25]}, part | {"forbidden": [[0, 40]]}, part | {"pinned": [-1]}):
        files.write(people, result, [changed if line is part else line for line in proof])
        code, _, err = verify(tandem, files)
        assert code == 2
        assert "name somebody whom it does not speak of" in err


def test_a_proof_is_not_written_over_what_is_read(tandem: Tandem, files: Files) -> None:
    before = files.people.read_bytes()
    code, _, err = tandem("match", files.people, "--certificate", files.people)
    assert code == 2
    assert "--certificate" in err
    assert files.people.read_bytes() == before
    assert tandem("match", files.people, "--certificate", files.proof, "--scores", files.proof)[0] == 2


def test_a_proof_of_many_people_comes_in_parts_of_a_bounded_size(tandem: Tandem, tmp_path: Path) -> None:
    files = Files(tmp_path, tandem, list(population(520, 40, 2)))
    _, _, [head, *parts] = files.read()
    assert [len(part["ids"]) for part in parts] == [40, 500, 20]
    assert (head["mentees"], head["mentors"]) == (40, 520)
    assert files.proof.stat().st_size < 80 * 560
    code, _, err = verify(tandem, files)
    assert (code, err) == (0, "")
