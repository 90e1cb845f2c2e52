"""The smallest service there can be, for measuring the engine: it counts."""

from shared.contracts.base import Command, Event
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Context, Decision, Get, Outcome
from shared.runtime.table import Ask, Service
from tests.support.shop import owned

bench = owned("bench")


class Count(Command, name="bench.count.v1", senders=("person",)):
    """Count, and say so."""

    counter: str
    padding: str = ""


class CountQuietly(Command, name="bench.count-quietly.v1", senders=("person",)):
    """Count, and say nothing."""

    counter: str
    padding: str = ""


class Counted(Event, name="bench.counted.v1", about="counter/{counter}"):
    """How far a counter has come."""

    counter: str
    count: int
    padding: str = ""


for _contract in (Count, CountQuietly, Counted):
    setattr(bench, _contract.__name__, _contract)


class Counter(Aggregate, kind="counter"):
    """A counter."""

    count: int = 0


def counter_of(message: Count | CountQuietly, get: Get) -> Counter | None:
    """The counter."""
    return get(Counter, message.counter)


def count_quietly(message: Count | CountQuietly, state: Counter | None, context: Context) -> Outcome:
    """One more."""
    counter = state or Counter(id=message.counter)
    return Decision(state=(counter.but(count=counter.count + 1),))


def count(message: Count, state: Counter | None, context: Context) -> Outcome:
    """One more, and say so."""
    counter = state or Counter(id=message.counter)
    more = counter.but(count=counter.count + 1)
    return Decision(state=(more,), messages=(Counted(counter=more.id, count=more.count, padding=message.padding),))


BENCH = Service(
    name="bench",
    contracts=bench,
    rows=(
        Ask(Count, counter_of, count, says=(Counted,)),
        Ask(CountQuietly, counter_of, count_quietly),
    ),
)
