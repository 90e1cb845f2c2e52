"""Topics that were merged into others: where a forwarded id leads, and a profile that speaks of where it ends.

The owner of the catalogue never makes a circle. A reader may see one for a moment all the same, as it learns of each
topic by itself and in any order: then all of the circle count as its first by id, until the next word of one of them.
"""

from collections.abc import Iterable, Mapping

from shared.contracts.parts import Profile, TopicLevel


def ends_of(forwards: Mapping[str, str | None]) -> dict[str, str]:
    """Each forwarded id with the id where it ends; `forwards` says of each topic where it leads, if anywhere."""
    return {id: _end(id, forwards) for id, next_ in forwards.items() if next_ is not None}


def _end(id: str, forwards: Mapping[str, str | None]) -> str:
    way = [id]
    while (next_ := forwards.get(way[-1])) is not None:
        if next_ in way:
            return min(way[way.index(next_) :])
        way.append(next_)
    return way[-1]


def renamed(profile: Profile, ends: Mapping[str, str]) -> Profile:
    """The profile with forwarded topics replaced; of two levels of what is one topic now, the higher."""
    return profile.model_copy(
        update={"strengths": as_one(profile.strengths, ends), "concerns": as_one(profile.concerns, ends)}
    )


def as_one(levels: Iterable[TopicLevel], ends: Mapping[str, str]) -> tuple[TopicLevel, ...]:
    """Levels by the topic where each ends, in the order in which they are first named; the higher of two."""
    found: dict[str, TopicLevel] = {}
    for level in levels:
        id = ends.get(level.topic_id, level.topic_id)
        before = found.get(id)
        if before is None or before.level < level.level:
            found[id] = level if id == level.topic_id else level.model_copy(update={"topic_id": id})
    return tuple(found.values())
