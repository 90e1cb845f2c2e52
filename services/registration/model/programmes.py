"""A programme as registration keeps it."""

import datetime as dt
from typing import Any, Literal, Self

from shared.contracts.base import Office, Text
from shared.contracts.parts import Criteria, CriteriaVersion, Purpose, Rules, Term
from shared.contracts.registration import RETAINING, ClosedSet, OfferedRecords
from shared.runtime.aggregate import Aggregate
from shared.runtime.days import DAY
from shared.runtime.ruled import Ruled

GRACE = 2 * DAY
"""A deadline names its last day and ends when the next but one starts: what was sent in time still counts."""
BEFORE_THE_CLOSE = 7 * DAY
"""So long before the last day of registration the office is reminded."""

Status = Literal["draft", "discarded", "open", "closing", "closed", "running", "ended", "archived"]


class Programme(Ruled, kind="programme"):
    """A programme; `said` counts the events said about it, which is their sequence.

    `reminds`: when the office is reminded that registration closes, or that the draft waits. `offer_until`: the last
    day of the archive, once it was offered the records. `waits_for` are the services that have not carried out yet what
    is `gone`, since `asked_on`; they are asked again on `asks_on`. `closed_on`: the day on which the office ended the
    registration before its last day.
    """

    title: Text
    status: Status = "open"
    places: int
    term: Term
    registration_closes: dt.date
    opens: dt.date | None = None
    closed_on: dt.date | None = None
    office: Office
    rules: Rules
    criteria: Criteria
    criteria_seal: str = ""
    criteria_history: tuple[CriteriaVersion, ...] = ()
    privacy_notice: str
    closed_set: ClosedSet | None = None
    held_back: ClosedSet | None = None
    reminds: dt.date | None = None
    offer_until: dt.date | None = None
    gone: tuple[Purpose, ...] = ()
    waits_for: tuple[str, ...] = ()
    asked_on: dt.date | None = None
    asks_on: dt.date | None = None
    said: int = 0

    def next(self, **changes: Any) -> Self:
        """The programme as the next event about it says it."""
        return self.quietly(said=self.said + 1, **changes)

    def quietly(self, **changes: Any) -> Self:
        """The programme with something changed that no event says; its due date follows from what it waits for."""
        changed = self.but(**changes)
        return changed.but(due=min(changed.dates, default=None))

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        kept = {"said", "reminds", "closed_on", "offer_until", "waits_for", "asked_on", "asks_on"}
        hidden = {"id", "programme", "due", *kept}
        return {"programme_id": self.id, **{k: v for k, v in dict(self).items() if k not in hidden}}

    @property
    def newest_criteria(self) -> Criteria:
        """The criteria as they were changed last, also where they do not hold yet."""
        return self.criteria_history[-1].criteria if self.criteria_history else self.criteria

    @property
    def is_draft(self) -> bool:
        """Whether nobody can register yet: it is a draft, or was given up as one."""
        return self.status in ("draft", "discarded")

    @property
    def is_over(self) -> bool:
        """Whether its term is over, so that nothing about it is changed any more."""
        return self.status in ("ended", "archived")

    @property
    def limited(self) -> bool:
        """Whether not everybody who registers finds room."""
        rules = self.rules.registration
        return rules.mentors_at_most is not None or rules.mentees_at_most is not None

    def office_answers_by(self, asked: dt.date) -> dt.date:
        """Last day for the office's answer to what is asked on a day, by that day's rules (S15)."""
        return asked + self.on(asked).rules.deadlines.office_days * DAY

    @property
    def dates(self) -> list[dt.date]:
        """Every date on which something happens to it by itself."""
        reminders = [self.reminds] if self.reminds else []
        coming = [self.coming.holds_from] if self.coming else []
        if self.status == "draft":
            return [self.opens] if self.opens else reminders
        if self.status == "open":
            return [*reminders, *coming, self.registration_closes + GRACE]
        if self.status == "closing":
            return coming
        if self.status == "closed":
            return [*coming, self.term.starts]
        if self.status == "running":
            return [*coming, self.term.ends + DAY]
        if self.status == "ended":
            asks = [self.asks_on] if self.asks_on else []
            return [*asks, self.next_of_retention] if self.next_of_retention else asks
        return []

    # After the end

    @property
    def goes_on(self) -> dict[Purpose, dt.date]:
        """The day on which the data of each purpose goes; none before the archive's days are over."""
        rules = self.rules.retention
        days: dict[Purpose, int] = {
            "people": rules.people_days,
            "tandems": rules.tandems_days,
            "answers": rules.answers_days,
        }
        earliest = self.offer_until + GRACE if self.offer_until else dt.date.min
        return {purpose: max(earliest, self.term.ends + count * DAY) for purpose, count in days.items()}

    @property
    def waits_for_offer(self) -> bool:
        """Whether the archive must be offered the records before any of them goes, and was not yet."""
        return self.rules.retention.archive_offer and self.offer_until is None

    @property
    def next_of_retention(self) -> dt.date | None:
        """The day on which the archive is offered the records, the next of them go, or the programme is archived.

        None while services still have to carry out the last of it.
        """
        days = self.goes_on
        if self.waits_for_offer:
            return min(days.values()) - GRACE - self.rules.retention.offer_days * DAY
        left = [day for purpose, day in days.items() if purpose not in self.gone]
        if left:
            return min(left)
        return None if self.waits_for else max(days.values()) + DAY

    def to_be_carried_out(self, on: dt.date) -> Self:
        """The programme with what is gone to be carried out by every service, as from a day on."""
        return self.next(waits_for=RETAINING, asked_on=on, asks_on=on + DAY)


class ArchiveOffer(Aggregate, kind="archive-offer"):
    """What the archive was offered of a programme, and what it answered."""

    until: dt.date
    what: tuple[OfferedRecords, ...]
    taken: bool | None = None
    office: Office
    rules_version: int = 1

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        fields = {k: v for k, v in dict(self).items() if k not in {"id", "programme", "due"}}
        return {"programme_id": self.id, **fields}
