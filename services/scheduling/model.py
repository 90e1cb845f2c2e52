"""What scheduling remembers."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from services.scheduling.availability.rests import Rest, later
from shared.contracts.base import Office, Text
from shared.contracts.parts import Rules, SchedulingRules, Side, Term, WorkingTime
from shared.contracts.scheduling import MeetingPlace, PlanLevels, TandemSign
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.pausing import Pausing
from shared.runtime.ruled import Ruled

ZONE = "Europe/Berlin"
"""One time zone a deployment; wall times in it stay right when the clocks change."""
DAY = dt.timedelta(days=1)
MOST_MEETINGS = 60
"""Meetings of a tandem, cancelled ones aside: a plan of six months at eight a month has fifty."""
MOST_FALLEN = 10
"""Days of lost meetings without a slot that a tandem remembers: no rule asks for a longer row."""
REMINDED = (2, 1)
"""Days before a meeting on which both are reminded."""
SATURDAY = 5

Status = Literal["planned", "cancelled", "held", "missed", "unknown"]
Acceptance = Literal["open", "given", "assumed"]
Known = Literal["confirmed", "assumed"]


class Days(Aggregate, kind="calendar"):
    """The last day that was started."""

    date: dt.date


class Programme(Ruled, kind="programme"):
    """What meetings need of a programme; newest state wins. Decisions take it `on` a day, for the rules of that day."""

    title: Text
    term: Term
    registration_closes: dt.date
    registering: bool
    office: Office
    rules: SchedulingRules
    office_days: int
    seen: Seen = Seen()

    @classmethod
    def parts(cls, rules: Rules) -> dict[str, Any]:
        """The parts of the rules that scheduling reads."""
        return {"rules": rules.scheduling, "office_days": rules.deadlines.office_days}


class Participant(Pausing, kind="participant"):
    """When a person works, newest state wins.

    `invited`: an earlier release kept here that they were invited to the kick-off. `role` it did not keep.
    """

    status: Literal["registered", "withdrawn"]
    role: Side | None = None
    working_times: tuple[WorkingTime, ...]
    invited: bool = False
    seen: Seen = Seen()


class Delegate(Aggregate, kind="delegate"):
    """Who may move and cancel a person's meetings, an opaque id, or nobody; and the last day on which they may."""

    delegate: str | None
    until: dt.date | None = None

    def acts(self, actor: str | None, on: dt.date) -> bool:
        """Whether somebody is the delegate on a day."""
        return self.delegate is not None and actor == self.delegate and (self.until is None or on <= self.until)

    def published(self) -> dict[str, object]:
        """The fields of the event about it; who it is stays here."""
        fields = {"named": self.delegate is not None, "until": self.until}
        return {"participant_id": self.id, "programme_id": self.programme, **fields}


class Diary(Aggregate, kind="diary"):
    """The running tandems of a person, so that no two of them meet at one time (S10)."""

    tandems: tuple[str, ...] = ()


class Slot(BaseModel):
    """One meeting as its tandem remembers it."""

    model_config = ConfigDict(frozen=True)

    meeting: str
    date: dt.date
    start: int
    minutes: int
    status: Status = "planned"
    acceptance: Acceptance = "given"
    known: Known | None = None
    counts: bool = True
    """Whether it is held if nobody says more (`Meeting.counts`); an earlier release did not note it."""
    agreed_before: bool = False
    """Whether the two had agreed on an earlier time of it (`Meeting.agreed_before`)."""
    place: MeetingPlace | None = None
    """While it is to come; where it was the meeting itself says."""

    @property
    def fell_through(self) -> bool:
        """Whether it was cancelled after the two had agreed on a time of it, or silence had."""
        return self.status == "cancelled" and (self.acceptance != "open" or self.agreed_before)

    @property
    def will_be_held(self) -> bool:
        """Whether it waits for nothing but the end of the days for objecting."""
        return self.status == "planned" and self.counts


class Pair(Aggregate, kind="tandem"):
    """A tandem with its meetings; of too many the oldest cancelled ones go. `due`: its signs are looked at on that day.

    Of those that went, `fell_through` counts the ones on which the two had agreed; `fallen` are the last of their days.

    `signs` are the ids of the exceptions that the office was told of, `needs` the signs that are open (`signed`: some
    were at any time), `told` the rules that wait for a held meeting to be looked at again. `rests` are the days on
    which one of the two paused, in order; `resting`: both know of the last one, and not yet that it is over. `closed`:
    the term's holidays on weekdays, as the job saw them that planned last (decisions cannot know them).
    """

    mentor: str
    mentee: str
    status: Literal["running", "ended", "completed"]
    formed_on: dt.date
    ends_on: dt.date
    slots: tuple[Slot, ...] = ()
    fell_through: int = 0
    fallen: tuple[dt.date, ...] = ()
    agreed: bool = False
    signs: tuple[str, ...] = ()
    needs: tuple[TandemSign, ...] = ()
    signed: bool = False
    told: tuple[str, ...] = ()
    closed: tuple[dt.date, ...] = ()
    rests: tuple[Rest, ...] = ()
    resting: bool = False
    seen: Seen = Seen()

    @property
    def people(self) -> tuple[str, str]:
        """Both participants."""
        return self.mentor, self.mentee

    def with_slot(self, meeting: "Meeting") -> Self:
        """The tandem with one of its meetings as it is now; of too many the oldest cancelled others go."""
        others = [slot for slot in self.slots if slot.meeting != meeting.id]
        surplus = max(0, len(others) + 1 - MOST_MEETINGS)
        gone = [slot for slot in others if slot.status == "cancelled"][:surplus]
        others = [slot for slot in others if slot not in gone]
        fallen = [slot.date for slot in gone if slot.fell_through]
        slot = Slot(
            meeting=meeting.id,
            date=meeting.date,
            start=meeting.start,
            minutes=meeting.minutes,
            status=meeting.status,
            acceptance=meeting.acceptance,
            known=meeting.known,
            counts=meeting.counts,
            agreed_before=meeting.agreed_before,
            place=meeting.place if meeting.status == "planned" else None,
        )
        return self.but(
            slots=tuple(sorted([*others, slot], key=lambda s: (s.date, s.meeting))),
            fell_through=self.fell_through + len(fallen),
            fallen=tuple(sorted([*self.fallen, *fallen])[-MOST_FALLEN:]),
        )

    def without_slot(self, meeting: str) -> Self:
        """The tandem without a meeting that its rest took away: it counts as none that failed."""
        return self.but(slots=tuple(slot for slot in self.slots if slot.meeting != meeting))

    def rests_on(self, date: dt.date) -> bool:
        """Whether one of the two pauses on a day."""
        return any(rest.covers(date) for rest in self.rests)

    def later(self, date: dt.date, days: int) -> dt.date | None:
        """The day so many days later, days of rest not counted; None while the tandem rests without an end."""
        return later(self.rests, date, days)

    def meets_at(self, date: dt.date, start: int, minutes: int) -> bool:
        """Whether a planned meeting takes some of this time."""
        return any(
            slot.status == "planned"
            and slot.date == date
            and slot.start < start + minutes
            and start < slot.start + slot.minutes
            for slot in self.slots
        )

    def working_day(
        self, after: dt.date, number: int, away: Callable[[dt.date], bool] = lambda day: False
    ) -> dt.date | None:
        """The so many-th working day after a day, without days of rest and those `away`; None: a rest has no end."""
        day = after
        while number:
            day += DAY
            rest = next((rest for rest in self.rests if rest.covers(day)), None)
            if rest is not None:
                if rest.last is None:
                    return None
                day = rest.last
            elif day.weekday() < SATURDAY and day not in self.closed and not away(day):
                number -= 1
        return day

    def held(self, *known: Known) -> int:
        """How many meetings were held, of which it is known so; without: however it is known."""
        return sum(slot.status == "held" and (not known or (slot.known or "assumed") in known) for slot in self.slots)

    @property
    def last_held(self) -> dt.date:
        """The day of the last held meeting, or on which the tandem was formed."""
        return max((slot.date for slot in self.slots if slot.status == "held"), default=self.formed_on)

    @property
    def failed_in_a_row(self) -> int:
        """The most meetings cancelled, missed or unknown one after the other, by date, since the last held one."""
        return max(len(row) for row in self._failed_rows())

    def failed_with(self, meeting: str) -> int:
        """How many meetings in a row were cancelled, missed or unknown, this one among them."""
        return max((len(row) for row in self._failed_rows() if meeting in row), default=0)

    def _failed_rows(self) -> list[list[str]]:
        """A planned meeting ends a row of failed ones: it may still be held. A held one ends all that were before.

        A suggestion that was declined before the two had agreed on any time of it is none: no meeting fell through.
        """
        rows: list[list[str]] = [[]]
        fallen = list(self.fallen)
        for slot in self.slots:
            while fallen and fallen[0] <= slot.date:
                rows[-1].append(f"{fallen.pop(0)}, without a slot")
            if slot.status == "held":
                rows = [[]]
            elif slot.status == "planned":
                rows.append([])
            elif slot.status != "cancelled" or slot.fell_through:
                rows[-1].append(slot.meeting)
        rows[-1] += [f"{day}, without a slot" for day in fallen]
        return rows

    def number_of(self, meeting: str) -> int:
        """Which of the tandem's held meetings this is, by date.

        Earlier ones that are still planned count where they will be held: nobody may object to them any more once this
        one counts as held. One that nobody knew of until a later one was held gets the number after that: none is given
        twice.
        """
        own = next((slot for slot in self.slots if slot.meeting == meeting), None)
        if own is None:
            raise LookupError(f"{meeting} is no meeting of {self.subject}")
        expected = own.status == "planned" and own.counts
        last = max((slot.date for slot in self.slots if slot.status == "held"), default=own.date)
        until = own.date if expected else max(own.date, last)
        return 1 + sum(
            slot.meeting != meeting and slot.date <= until and (slot.status == "held" or slot.will_be_held)
            for slot in self.slots
        )


class TandemSigns(Aggregate, kind="tandem-signs"):
    """The open signs of a tandem as they were said last; there is none before the first (`Pair.signed`)."""

    needs: tuple[TandemSign, ...] = ()

    def published(self) -> dict[str, object]:
        """The fields of the event about it."""
        status = "open" if self.needs else "settled"
        return {"tandem_id": self.id, "programme_id": self.programme, "status": status, "signs": self.needs}


class Meeting(Aggregate, kind="meeting"):
    """A meeting; `said` counts the events said about it, which is their sequence.

    Who accepted its time (for whom, where a delegate did), who said that it took place and who that it did not are kept
    for the two and published to nobody. `suggested_on` is the day on which it got this time, `timed` the sequence of
    the event that said so. None: an earlier release planned it, and told the two that it is so, without asking them;
    it counts as agreed. `by_one`: one of the two suggested this time, which is their yes; else a plan did.
    `by_silence`: silence may accept it; not so where one suggested a time at which the other is not there (which nobody
    is told). `agreed_before`: the two, or silence, had accepted an earlier time of it.
    `rules_version`: under which it was planned, moved or its outcome decided, at last. `place` is given days before.
    """

    tandem: str
    mentor: str
    mentee: str
    date: dt.date
    start: int
    minutes: int
    status: Status = "planned"
    number: int | None = None
    topics: tuple[str, ...] = ()
    acceptance: Acceptance = "given"
    accepted_by: tuple[str, ...] = ()
    by_one: bool = False
    by_silence: bool = True
    agreed_before: bool = False
    confirmed_by: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
    known: Known | None = None
    suggested_on: dt.date | None = None
    timed: int | None = None
    rules_version: int | None = None
    place: MeetingPlace | None = None
    said: int = 0

    def next(self, **changes: Any) -> Self:
        """The meeting as the next event about it says it."""
        return self.but(said=self.said + 1, **changes)

    @property
    def people(self) -> tuple[str, str]:
        """Both participants."""
        return self.mentor, self.mentee

    @property
    def confirmed(self) -> bool:
        """Whether somebody said that it took place, or what it was about (an earlier release did not note who)."""
        return bool(self.confirmed_by or self.topics)

    @property
    def counts(self) -> bool:
        """Whether it is held if nobody says more.

        Somebody said so; or somebody accepted its time, and not by suggesting it: then the other has, and not silence.
        """
        own = 1 if self.by_one and self.acceptance != "given" else 0
        return self.confirmed or len(self.accepted_by) > own or self.suggested_on is None

    @property
    def waits_in_vain(self) -> bool:
        """Whether one of the two never accepted its time, and silence could not: it was no meeting of both."""
        return self.acceptance == "open" and not self.confirmed and self.suggested_on is not None

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        fields = {k: v for k, v in dict(self).items() if k not in UNPUBLISHED}
        return {"meeting_id": self.id, "tandem_id": self.tandem, "programme_id": self.programme, "zone": ZONE, **fields}


BETWEEN_THE_TWO = frozenset(("accepted_by", "confirmed_by", "denied_by"))
"""What a meeting keeps of which of the two said what: in no event, in no view."""
UNTOLD = frozenset(("suggested_on", "timed", "by_one", "by_silence", "agreed_before"))
"""What of its time is in no event."""
UNPUBLISHED = BETWEEN_THE_TWO | UNTOLD | {"id", "programme", "due", "said", "tandem"}


class Plan(Aggregate, kind="plan"):
    """How a tandem's plan came out."""

    wanted: int
    planned: int | None = None
    rules_version: int = 1
    largest_gap_days: int | None = None
    problem: str | None = None
    late_days: int = 0
    together: int = 1
    proved: bool | None = None
    levels: PlanLevels | None = None
    bound: PlanLevels | None = None
    fewest_missing: int | None = None

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        fields = {k: v for k, v in dict(self).items() if k not in {"id", "programme", "due"}}
        return {"tandem_id": self.id, "programme_id": self.programme, **fields}
