"""One import from the file to what became of each row; sending is somebody else's work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.cli.people_import.asking import Registration
from shared.cli.people_import.candidates import Candidate, ForAll, RowFault, candidates, words
from shared.cli.people_import.notes import notes_of
from shared.cli.people_import.plan import Plan, Planner, Standing
from shared.cli.people_import.sending import REPLACED, Outcome
from shared.contracts.base import Text
from shared.contracts.registration.asked import CatalogueAnswer
from shared.spreadsheets.people import PeopleSheet


@dataclass(frozen=True)
class Import:
    """What the file says, and registration, which is asked what it knows before and after."""

    sheet: PeopleSheet
    for_all: ForAll
    registration: Registration
    key: bytes

    @cached_property
    def _known(self) -> CatalogueAnswer:
        return self.registration.catalogue(self.for_all.programme)

    @cached_property
    def _rows(self) -> Sequence[Candidate]:
        return candidates(self.sheet, self.for_all, self._known)

    @cached_property
    def _planner(self) -> Planner:
        return Planner(self.sheet, self._known, self.key)

    def plans(self) -> list[Plan]:
        """What would become of each row. Raises ClientError, and WrongUseError without such a programme."""
        plans = self._compared(self._rows)
        faults = self.registration.faults(plans)
        return self._like_theirs(
            [self._planner.refused(plan, faults[plan.row]) if plan.row in faults else plan for plan in plans]
        )

    def notes(self, plans: Sequence[Plan]) -> list[Text]:
        """What looks odd in the file, or will wait for somebody."""
        return list(notes_of(self.sheet, plans, self._known))

    def after(self, plans: Sequence[Plan], outcomes: Sequence[Outcome]) -> list[Plan]:
        """What has become of each row.

        Of what was not answered, or refused for being done already, registration says how it stands now. Raises
        ClientError.
        """
        by_row = {outcome.row: outcome for outcome in outcomes}
        unclear = [row for row in self._rows if row.row in by_row and by_row[row.row].unclear]
        done = {plan.row for plan in self._compared(unclear) if plan.kind == "unchanged"}
        return self._like_theirs([self._after(plan, by_row.get(plan.row), done) for plan in plans])

    def _compared(self, rows: Sequence[Candidate]) -> list[Plan]:
        found = self.registration.registered(self.for_all.programme, rows)
        return [self._planner.plan(row, found.get(row.row, Standing())) for row in rows]

    def _after(self, plan: Plan, outcome: Outcome | None, done: set[int]) -> Plan:
        """A plan as it ended."""
        if not plan.steps or plan.row in done:
            return plan
        if outcome is None:
            return plan.rejected(RowFault("", words("not-sent")))
        if outcome.taken:
            return plan
        return self._not_taken(plan, outcome).rejected(*self._by_half(plan, outcome))

    def _not_taken(self, plan: Plan, outcome: Outcome) -> Plan:
        if any(reason.code == REPLACED for reason in outcome.reasons):
            return plan.rejected(RowFault("", words("changed-meanwhile")))
        if outcome.reasons:
            return self._planner.refused(plan, outcome.reasons)
        return plan.rejected(RowFault("", words("no-answer")))

    def _by_half(self, plan: Plan, outcome: Outcome) -> Iterator[RowFault]:
        """What of a row that was not taken as a whole is registered all the same."""
        if outcome.steps:
            taken, left = plan.steps[: outcome.steps], plan.steps[outcome.steps :]
            key = "half-taken" if outcome.reasons else "half-known"
            columns = {
                name: ", ".join(self._planner.columns_of(some)) for name, some in (("taken", taken), ("left", left))
            }
            yield RowFault("", words(key, **columns))

    def _like_theirs(self, plans: Sequence[Plan]) -> list[Plan]:
        """A row that says the same as an earlier one adds nothing to it, and is rejected with it."""
        rejected = {plan.row: plan.faults for plan in plans if plan.kind == "rejected"}
        like = {row.row: row.like for row in self._rows if row.like in rejected}
        return [
            plan.rejected(*rejected[like[plan.row]]) if plan.row in like and plan.kind != "rejected" else plan
            for plan in plans
        ]
