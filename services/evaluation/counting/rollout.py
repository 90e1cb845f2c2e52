"""What a rollout of a hundred tandems would need, by this programme's own rates (S14). Pure; of the report's process.

Each estimate is a rate of this programme times a hundred tandems, each interval the rate's at 95 %:

- shares (topics, who could come): Clopper and Pearson, 1934, exact; tandems are taken for independent of each other;
- numbers a tandem (meetings, changes): Student's t over the tandems, whose meetings hang together;
- what waited for the office: Garwood, 1936, exact for a Poisson number.

Beside what is needed of mentors for a topic stands how many bring it: the share of the registered mentors who name it
as a strength, of a hundred mentors. Rooms are as large as the kick-off's fullest date was, and counted whole.

They say how sure a rate is *if the rollout is like this programme*; that its first tandems were willing ones, no
interval knows.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scipy.stats import binomtest, chi2, t

from services.evaluation.counting.model import KickOff, Meeting, Mentors
from services.evaluation.counting.weeks import CALLED_OFF, NO_LABELS, PEOPLE, counted, told
from shared.contracts.base import Text
from shared.contracts.evaluation import Need, Supply
from shared.runtime.words import Words

words = Words("services.evaluation.counting")

TANDEMS = 100
CONFIDENCE = 0.95
MINUTES = 20
"""What the office is reckoned to spend on one thing that waits for it; assumed, and said so beside the figure."""
MOST_TOPICS = 12
NO_MENTORS = Mentors()
"""Where nothing is known of mentors, as of a file."""


class Estimate(NamedTuple):
    """A number with the ends of its interval at 95 %."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> "Estimate":
        """The same for a multiple."""
        return Estimate(*(factor * end for end in self))


def share(count: int, of: int) -> Estimate:
    """A share by Clopper and Pearson; `of` at least 1."""
    interval = binomtest(count, of).proportion_ci(CONFIDENCE, method="exact")
    return Estimate(count / of, float(interval.low), float(interval.high))


def number_each(numbers: Sequence[int]) -> Estimate:
    """The mean of numbers with Student's interval, which ends at zero; at least two of them."""
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1)
    reach = float(t.ppf((1 + CONFIDENCE) / 2, len(numbers) - 1)) * math.sqrt(variance / len(numbers))
    return Estimate(mean, max(mean - reach, 0.0), mean + reach)


def poisson(count: int) -> Estimate:
    """A number of rare things by Garwood."""
    tail = (1 - CONFIDENCE) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return Estimate(count, low, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2)


def needs(
    tandems: Sequence[str],
    meetings: Iterable[Meeting],
    kick_off: KickOff | None,
    exceptions: int,
    floor: int,
    mentors: Mentors = NO_MENTORS,
    labels: Mapping[str, Text] = NO_LABELS,
) -> tuple[Need, ...]:
    """What a hundred tandems would need; nothing where the programme has fewer people in tandems than the floor.

    `labels`: the words of topics by id; without them the id stands for a topic.
    """
    if not counted(len(tandems), floor):
        return ()
    found = list(meetings)
    return (
        *_mentors(found, len(tandems), mentors, floor, labels),
        *(_kick_off(kick_off, floor) if kick_off is not None else ()),
        *_calendars(found, tandems),
        *_office(exceptions, len(tandems)),
    )


def _mentors(
    meetings: Sequence[Meeting], of: int, mentors: Mentors, floor: int, labels: Mapping[str, Text]
) -> Iterable[Need]:
    tandems = Counter(topic for _, topic in {(m.tandem, topic) for m in meetings for topic in m.topics})
    often = sorted(((-count, topic) for topic, count in tandems.items() if told(count, floor)))[:MOST_TOPICS]
    for negative, topic in often:
        basis = words("need-mentors-basis", tandems=-negative, of=of)
        # A topic of a tandem that ended counts too: so many tandems cannot be more than there were.
        text = words("need-mentors", topic=labels.get(topic, topic))
        need = _need(f"mentors.{topic}", share(min(-negative, of), of), text, basis)
        yield need.model_copy(update={"supply": _supply(topic, mentors, floor)})


def _supply(topic: str, mentors: Mentors, floor: int) -> Supply | None:
    """How many of a hundred mentors like these bring a topic; of fewer people than the floor only that it is so."""
    count, of = mentors.topics.get(topic, 0), mentors.registered
    if of < floor:
        return None
    if count < floor:
        text = words("supply-few", least=floor, mentors=of)
        return Supply(estimate=None, low=None, high=None, text=text)
    value, low, high = _of_all(share(count, of))
    return Supply(estimate=value, low=low, high=high, text=words("supply-mentors", count=count, mentors=of))


def _kick_off(kick_off: KickOff, floor: int) -> Iterable[Need]:
    if kick_off.invited < floor:
        return
    come = share(min(kick_off.can_come, kick_off.invited), kick_off.invited).times(PEOPLE)
    key = "need-kick-off-basis-one" if kick_off.dates == 1 else "need-kick-off-basis"
    basis = words(key, come=kick_off.can_come, invited=kick_off.invited, dates=kick_off.dates)
    yield _need("kick-off.seats", come, words("need-kick-off"), basis)
    if kick_off.largest is not None and kick_off.largest >= floor:
        # In whole rooms, each end for itself: half a room is none.
        rooms = Estimate(*(math.ceil(round(seats, 6) / kick_off.largest) for seats in come.times(TANDEMS)))
        size = words("need-rooms", people=kick_off.largest)
        yield _need("kick-off.rooms", rooms.times(1 / TANDEMS), size, basis)


def _calendars(meetings: Sequence[Meeting], tandems: Sequence[str]) -> Iterable[Need]:
    if len(tandems) < 2:
        return
    planned = Counter(meeting.tandem for meeting in meetings if meeting.status != CALLED_OFF)
    off = Counter(meeting.tandem for meeting in meetings if meeting.status == CALLED_OFF)
    for key, counts in (("calendar.meetings", planned), ("calendar.called-off", off)):
        numbers = [counts[tandem] for tandem in tandems]
        basis = words("need-calendar-basis", number=sum(numbers), tandems=len(tandems))
        yield _need(key, number_each(numbers), words(f"need-{key.replace('.', '-')}"), basis)


def _office(exceptions: int, tandems: int) -> Iterable[Need]:
    each = poisson(exceptions).times(1 / tandems) if tandems else Estimate(0, 0, 0)
    basis = words("need-office-basis", exceptions=exceptions, tandems=tandems)
    yield _need("office.exceptions", each, words("need-office-exceptions"), basis)
    hours = words("need-office-hours-basis", exceptions=exceptions, tandems=tandems, minutes=MINUTES)
    yield _need("office.hours", each.times(MINUTES / 60), words("need-office-hours"), hours)


def _of_all(each: Estimate) -> Estimate:
    return Estimate(*(round(end, 1) for end in each.times(TANDEMS)))


def _need(key: str, each: Estimate, text: Text, basis: Text) -> Need:
    value, low, high = _of_all(each)
    return Need(key=key, tandems=TANDEMS, estimate=value, low=low, high=high, text=text, basis=basis)
