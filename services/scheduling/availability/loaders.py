"""When people are busy or absent, as decisions load it."""

from services.scheduling.availability.model import Absences, BusyTimes
from services.scheduling.availability.wall_time import Span, joined
from shared.runtime.decision import Get


def away(people: tuple[str, ...], get: Get) -> tuple[Span, ...]:
    """When one of these people is busy or absent."""
    times, absences = get.all(BusyTimes, people), get.all(Absences, people)
    return joined(span for known in (*times, *absences) if known is not None for span in known.busy)
