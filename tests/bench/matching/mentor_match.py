"""The peer `mentor-match` on a table of scores; run by a Python that has it: `python -P mentor_match.py scores.npy`.

It is given its best case: a rule that looks the score up. Prints JSON.
"""

import array
import ast
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any


def read(path: Path) -> tuple["array.array[int]", int, int]:
    """An int16 array in NumPy's format 1.0, without NumPy: (numbers, rows, columns)."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(10)[8:], "little")
        shape = ast.literal_eval(file.read(length).decode())["shape"]
        numbers = array.array("h")
        numbers.frombytes(file.read())
    return numbers, *shape


class Looked:
    """A rule of mentor-match: the score of the table."""

    def __init__(self, scores: "array.array[int]", columns: int) -> None:
        self._scores, self._columns = scores, columns

    def apply(self, match: Any) -> int:
        """The points of a pair; one that is not allowed is closed."""
        score: int = self._scores[match.mentee.place * self._columns + match.mentor.place]
        match.disallowed = score < 0
        return max(score, 0)


def main() -> None:
    """Match as its own `process_data` does, step by step."""
    process = importlib.import_module("matching.process")
    sides = [importlib.import_module(f"matching.{side}") for side in ("mentor", "mentee")]
    scores, mentees, mentors = read(Path(sys.argv[1]))
    people = []
    for kind, count in ((sides[0].Mentor, mentors), (sides[1].Mentee, mentees)):
        people.append([kind(grade=1, email=f"{kind.__name__}-{at}") for at in range(count)])
        for at, person in enumerate(people[-1]):
            person.place = at
    begun = time.perf_counter()
    matrix = process.generate_match_matrix(*people, [Looked(scores, mentors)])
    scored = time.perf_counter()
    pairs = process.calculate_matches(process.prepare_matrix(matrix))
    ended = time.perf_counter()
    found = [matrix[row][column].score for row, column in pairs if not matrix[row][column].disallowed]
    said = {"scoring": scored - begun, "seconds": [ended - scored], "tandems": len(found), "total": sum(found)}
    print(json.dumps(said))  # noqa: T201 - a program


if __name__ == "__main__":
    main()
