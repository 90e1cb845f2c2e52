"""Which state a tandem's rest concerns."""

from typing import NamedTuple

from services.scheduling.model import Meeting, Pair, Participant, Programme
from services.scheduling.resting.jobs import RestTandem
from shared.runtime.decision import Get


class RestState(NamedTuple):
    """A tandem with its programme, both people, and its meetings that have not counted as held yet."""

    pair: Pair | None
    programme: Programme | None
    people: tuple[Participant | None, ...] = ()
    meetings: tuple[Meeting, ...] = ()


def resting(message: RestTandem, get: Get) -> RestState:
    """The tandem, its people, and the planned meetings: some forty at most."""
    pair = get(Pair, message.tandem_id)
    if pair is None or pair.programme is None:
        return RestState(None, None)
    ids = [slot.meeting for slot in pair.slots if slot.status == "planned"]
    meetings = tuple(meeting for meeting in get.all(Meeting, ids) if meeting is not None)
    return RestState(pair, get(Programme, pair.programme), get.all(Participant, pair.people), meetings)
