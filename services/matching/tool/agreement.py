"""What no single field of a file shows: the rules of registration, and what two entries say of each other."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from services.matching.tool.entry import Entry, Fault
from shared.contracts.parts import Side, overlapping
from shared.spreadsheets.cells import CONTROL


def disagreements(
    entries: Iterable[tuple[int, Entry]], sides: Mapping[str, Side], where: Callable[[int], str], today: dt.date
) -> Iterable[Fault]:
    """The faults of entries that are right by themselves.

    `entries` with their places; `sides`: the role of every id of the file; `where`: a place in words;
    `today`: until when somebody can have waited.
    """
    first: dict[str, int] = {}
    posts: dict[tuple[str, str], tuple[int, str]] = {}
    for place, entry in entries:
        if (other := first.setdefault(entry.id, place)) != place:
            yield Fault(place, "id", f"It is that of {where(other)} too. Give each person one of their own.")
        other, id = posts.setdefault((entry.role, entry.post), (place, entry.id))
        if other != place and id != entry.id:
            yield Fault(place, "personnel_key", f"It is that of {id} too. List each person once a role.")
        yield from _own(place, entry, today)
        yield from _others(place, entry, sides)


def _own(place: int, entry: Entry, today: dt.date) -> Iterable[Fault]:
    profile = entry.profile
    if entry.role == "mentor" and not profile.strengths:
        yield Fault(place, "profile.strengths", "A mentor names at least one strength. Add it.")
    if entry.role == "mentee":
        if not profile.concerns:
            yield Fault(place, "profile.concerns", "A mentee names at least one concern. Add it.")
        if profile.capacity != 1:
            yield Fault(place, "profile.capacity", "A mentee has exactly one tandem. Write 1, or leave it out.")
    for name, topics in (("strengths", profile.strengths), ("concerns", profile.concerns)):
        ids = [topic.topic_id for topic in topics]
        if len(set(ids)) < len(ids):
            twice = next(id for id in ids if ids.count(id) > 1)
            yield Fault(place, f"profile.{name}", f"The topic {twice} is named twice. Leave one out.")
    if (weekday := overlapping(profile.working_times)) is not None:
        text = f"Two of them overlap on weekday {weekday} (0 is Monday). Write them as one, or shorten one of them."
        yield Fault(place, "profile.working_times", text)
    if entry.waiting_since and entry.waiting_since > today:
        yield Fault(place, "waiting_since", "This day is still to come. Write since when the person waits, or nothing.")
    texts = {
        "personnel_key": (entry.post,),
        "superiors": entry.superiors,
        "profile.department": (profile.department,),
        "profile.unit": profile.unit,
        "profile.site": (profile.site,),
    }
    for field, found in texts.items():
        if any(CONTROL.search(text) for text in found):
            yield Fault(place, field, "It holds a line break or another character that nobody sees. Write it anew.")
    if entry.post in entry.superiors:
        yield Fault(place, "superiors", "Nobody is their own superior. Leave the person's own post out.")


def _others(place: int, entry: Entry, sides: Mapping[str, Side]) -> Iterable[Fault]:
    """Wishes and vetoes name people of the other side, and nobody in both."""
    other: Side = "mentee" if entry.role == "mentor" else "mentor"
    for name, ids in (("wishes", entry.wishes), ("vetoes", entry.vetoes)):
        for number, id in enumerate(ids):
            if sides.get(id) != other:
                text = f"There is no {other} {id} in the list. Correct it, or leave it out."
                yield Fault(place, f"{name}.{number}", text)
    if both := set(entry.wishes) & set(entry.vetoes):
        yield Fault(place, "vetoes", f"{min(both)} is wished for as well. Keep one of the two.")
