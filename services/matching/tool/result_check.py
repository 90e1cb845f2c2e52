"""What a result says of its pairs and of the people without one, compared with what people and rules come to."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from services.matching.explanation import why_pair
from services.matching.left_out import left_out
from services.matching.optimum.verify import RefusedError
from services.matching.pair import judge
from services.matching.people import RoundInputs
from services.matching.table import ScoreTable
from services.matching.tool.changes import counts
from services.matching.tool.earlier import Earlier


def check_result(result: Earlier, inputs: RoundInputs, table: ScoreTable, gap: int) -> None:
    """Refuse a result that says something else than is true of its pairs, or leaves it out.

    `result`: its pairs are those of a checked proof, which leaves this `gap`. Raises RefusedError.
    """
    previous = set(inputs.previous)
    people = {person.id: person for person in (*table.mentors, *table.mentees)}
    pins, scores = set(inputs.pins), []
    for pair in result.pairs:
        ids = f"{pair.mentor}:{pair.mentee}"
        mentor, mentee = people[pair.mentor], people[pair.mentee]
        judged = judge(mentor, mentee, inputs.rules)
        pinned = (pair.mentor, pair.mentee) in pins
        scores.append((judged.score, pinned))
        if pair.score != judged.score:
            raise RefusedError("pairs", f"{ids} has score {judged.score}, not {_said(pair.score)}")
        for part, true, said in _other({part.part: part.points for part in judged.parts}, pair.parts or {}):
            raise RefusedError("pairs", f"{ids} has {part} {_said(true)}, not {_said(said)}")
        if pair.reasons != [reason.model_dump() for reason in why_pair(mentor, mentee, inputs.labels)]:
            raise RefusedError("pairs", f"{ids} has other reasons than the result says")
        if pair.pinned != pinned:
            raise RefusedError("pins", f"by the proof the office {'fixed' if pinned else 'did not fix'} {ids}")
        if pair.kept not in (None, (pair.mentor, pair.mentee) in previous):
            raise RefusedError("previous", f"by the proof {ids} was {'not ' * bool(pair.kept)}there before")
    figures: dict[str, object] = {
        "tandems": len(scores),
        "lowest_score": min((score for score, pinned in scores if not pinned), default=None),
        "total_score": sum(score for score, _ in scores),
        "optimal": gap == 0,
    }
    if gap or result.gap is not None:
        figures["gap"] = gap
    if result.previous is not None:
        figures["previous"] = asdict(counts([(pair.mentor, pair.mentee) for pair in result.pairs], previous))
    for name, figure in figures.items():
        if name not in result.model_fields_set:
            raise RefusedError(name, f"it is {_said(figure)}, not said")
        if getattr(result, name) != figure:
            raise RefusedError(name, f"it is {_said(figure)}, not {_said(getattr(result, name))}")
    _check_unmatched(result, inputs, table)


def _other(true: Mapping[str, int], said: Mapping[str, int]) -> Iterator[tuple[str, int | None, int | None]]:
    """The parts of which something else is said than is true."""
    for part in (*true, *(part for part in said if part not in true)):
        if true.get(part) != said.get(part):
            yield part, true.get(part), said.get(part)


def _check_unmatched(result: Earlier, inputs: RoundInputs, table: ScoreTable) -> None:
    """Refuse a result that does not name everybody without a tandem, each once with the reason, and nobody else."""
    pairs = [(pair.mentor, pair.mentee) for pair in result.pairs]
    reasons = {each.id: each.reason.model_dump() for each in left_out(inputs, table, pairs)}
    if result.unmatched is None:
        raise RefusedError("unmatched", "the list is missing")
    named = Counter(each.id for each in result.unmatched)
    if missing := reasons.keys() - named.keys():
        raise RefusedError("unmatched", f"{min(missing)} has no tandem, and is not named")
    if strange := named.keys() - reasons.keys():
        raise RefusedError("unmatched", f"{min(strange)} is named, and has a tandem or does not take part")
    if twice := [id for id, times in named.items() if times > 1]:
        raise RefusedError("unmatched", f"{min(twice)} is named twice")
    for each in result.unmatched:
        if each.reason != reasons[each.id]:
            raise RefusedError("unmatched", f"{each.id} has another reason than the result says")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)
