"""What a small round comes to, found by looking at every possible matching; shares nothing with the solver."""

from collections.abc import Iterator

from services.matching.people import Person, RoundInputs
from tests.support.round_people import plain_open, plain_score

Match = tuple[tuple[Person, Person], ...]


def plain_best(inputs: RoundInputs) -> tuple[int, int, int]:
    """Tandems, lowest score (0: none) and sum of the best matching, without wish points."""
    count, _, _, lowest, total = max(_worth(match, inputs) for match in _matchings(inputs))
    return count, lowest, total


def _matchings(inputs: RoundInputs) -> Iterator[Match]:
    mentors = [p for p in inputs.people if p.role == "mentor"]
    mentees = [p for p in inputs.people if p.role == "mentee"]
    open_pairs = {(a.id, b.id) for a in mentors for b in mentees if plain_open(a, b, inputs)}

    def rest(at: int, places: int, used: dict[str, int]) -> Iterator[Match]:
        if at == len(mentees):
            yield ()
            return
        yield from rest(at + 1, places, used)
        for mentor in mentors if places else ():
            taken = used.get(mentor.id, 0)
            if taken < mentor.capacity and (mentor.id, mentees[at].id) in open_pairs:
                for match in rest(at + 1, places - 1, {**used, mentor.id: taken + 1}):
                    yield ((mentor, mentees[at]), *match)

    return rest(0, inputs.places, {})


def _worth(match: Match, inputs: RoundInputs) -> tuple[int, int, tuple[int, ...], int, int]:
    covered = {p.id for pair in match for p in pair}
    days = sorted({p.since for p in inputs.people if p.since})
    waiting = tuple(sum(p.since == day and p.id in covered for p in inputs.people) for day in days)
    scores = [plain_score(mentor, mentee, inputs.rules) for mentor, mentee in match]
    lowest = min(scores, default=0)
    return len(match), len(covered), waiting, lowest, sum(scores)
