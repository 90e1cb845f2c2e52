"""Made-up populations to try the match with, the same for the same seed: people by role and number."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from pydantic_core import to_json

from services.matching.tool import organisation
from services.matching.tool.families import FAMILIES, Family, Levels
from services.matching.tool.organisation import Place

SIZES = {"lopsided": (50, 200)}
USUAL_SIZE = (100, 90)
"""Mentors and mentees, where nobody says otherwise."""
CAPACITY_SHARES = (0.85, 0.11, 0.04)
"""Of mentors with one to three seats."""
WISHING, EXCLUDING, WAITING = 0.10, 0.02, 0.04
"""Shares of the people who name wishes, vetoes, or have waited since an earlier round."""
DAYS = ("2026-03-02", "2026-06-01", "2026-09-07")
"""Since which people wait."""

Entry = dict[str, Any]
"""As `services.matching.tool.reading.Entry` takes it; a mapping, because writing comes first here."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a population while it is drawn."""

    role: str
    places: list[Place]
    strengths: Levels
    concerns: Levels
    names: tuple[list[str], list[str]]
    """Of the topics of strengths and of concerns."""


def families() -> tuple[str, ...]:
    """The names of the families, the usual one first."""
    return tuple(FAMILIES)


def population(mentors: int, mentees: int, seed: int, family: str = "realistic") -> Iterator[Entry]:
    """The entries of a file of people, mentors first."""
    kind = FAMILIES[family]
    made = _Made(np.random.default_rng(seed), kind)
    yield from made.people(mentors, mentees)


def written(entries: Iterator[Entry]) -> Iterator[str]:
    """The entries as a JSON list, one a line."""
    before = "[\n"
    for entry in entries:
        yield before + to_json(entry).decode()
        before = ",\n"
    yield "\n]\n" if before.startswith(",") else "[]\n"


class _Made:
    def __init__(self, random: np.random.Generator, kind: Family) -> None:
        self._random, self._kind = random, kind
        self._words = tomllib.loads(files("services.matching.tool").joinpath("sample.toml").read_text(encoding="utf-8"))

    def people(self, mentors: int, mentees: int) -> Iterator[Entry]:
        departments = len(self._words["departments"])
        first = self._kind.profiles // 2 if self._kind.profiles else None
        kinds = [size if first is None else min(first, size) for size in (mentors, mentees)]
        topics = self._kind.topics(self._random, *kinds)
        digital, experience = (
            self._names(topics.mentor_strengths, "digital"),
            self._names(topics.mentor_concerns, "experience"),
        )
        sides = (
            Side(
                "mentor",
                organisation.mentors(self._random, kinds[0], departments),
                topics.mentor_strengths,
                topics.mentor_concerns,
                (digital, experience),
            ),
            Side(
                "mentee",
                organisation.mentees(self._random, kinds[1], departments),
                topics.mentee_strengths,
                topics.mentee_concerns,
                (experience, digital),
            ),
        )
        for side, size, other in zip(sides, (mentors, mentees), (mentees, mentors), strict=True):
            yield from self._side(side, size, other)

    def _names(self, levels: Levels, kind: str) -> list[str]:
        """Topic ids; families with a catalogue of their own number them."""
        names: list[str] = self._words[kind]
        count = levels.shape[1]
        return names if count <= len(names) else [f"topic-{number + 1:03d}" for number in range(count)]

    def _side(self, side: Side, size: int, others: int) -> Iterator[Entry]:
        random, plain = self._random, self._kind.plain
        kinds = len(side.places)
        profiles = list(self._profiles(side))
        of = np.arange(size) if kinds == size else random.permutation(size) % kinds
        seats = (
            np.ones(size, np.int64) if plain or side.role == "mentee" else 1 + random.choice(3, size, p=CAPACITY_SHARES)
        )
        wishing, excluding, waiting = (
            np.zeros(size, bool) if plain or not others else random.random(size) < share
            for share in (WISHING, EXCLUDING, WAITING)
        )
        since = random.integers(0, len(DAYS), size)
        named = random.integers(0, max(others, 1), size=(size, 4))
        wishes = random.integers(1, 4, size)
        other = "mentee" if side.role == "mentor" else "mentor"
        for number, kind in enumerate(of.tolist()):
            place = side.places[kind]
            profile = profiles[kind]
            entry: Entry = {"role": side.role, "id": f"{side.role}-{number + 1:05d}"}
            if place.post is not None and kinds == size:
                entry["personnel_key"] = place.post
            entry["superiors"] = place.superiors
            entry["profile"] = profile if seats[number] == 1 else {**profile, "capacity": int(seats[number])}
            ids = [f"{other}-{at + 1:05d}" for at in dict.fromkeys(named[number].tolist())]
            if wishing[number]:
                entry["wishes"] = ids[: wishes[number]]
            if excluding[number] and (rest := ids[3:]):
                entry["vetoes"] = rest
            if waiting[number]:
                entry["waiting_since"] = DAYS[since[number]]
            yield entry

    def _profiles(self, side: Side) -> Iterator[Entry]:
        random, words, count = self._random, self._words, len(side.places)
        sites = words["sites"]
        if self._kind.apart:
            half = len(sites) // 2
            sites = sites[:half] if side.role == "mentor" else sites[half:]
        site = random.integers(0, len(sites), count).tolist()
        week, spoken = (
            random.choice(len(words[name]), count, p=_shares(words[name])).tolist() for name in ("weeks", "languages")
        )
        weeks = [
            [
                {"weekday": day, "start": start, "end": end}
                for first, last, start, end in kind["spans"]
                for day in range(first, last + 1)
            ]
            for kind in words["weeks"]
        ]
        for number, place in enumerate(side.places):
            yield {
                "department": words["departments"][place.department],
                "unit": place.unit,
                "grade": place.grade,
                "site": sites[site[number]],
                "languages": words["languages"][spoken[number]]["spoken"],
                "working_times": weeks[week[number]],
                "strengths": _named(side.strengths[number], side.names[0]),
                "concerns": _named(side.concerns[number], side.names[1]),
            }


def _shares(kinds: list[dict[str, Any]]) -> Any:
    shares = np.array([kind["share"] for kind in kinds], dtype=np.float64)
    return shares / shares.sum()


def _named(levels: Levels, names: list[str]) -> list[Entry]:
    return [{"topic_id": names[topic], "level": int(levels[topic])} for topic in np.flatnonzero(levels).tolist()]
