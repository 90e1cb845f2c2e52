"""What importing a row would do: register somebody, change them, or nothing. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from shared.cli.people_import.candidates import Candidate, Register, RowFault, fault_at, words
from shared.contracts import registration as r
from shared.contracts.base import Command, Event, Reason
from shared.contracts.parts import Profile, other_week
from shared.contracts.registration.asked import CatalogueAnswer, HrSays, Registered, Wanted
from shared.runtime.ids import keyed_id
from shared.spreadsheets.people import PeopleSheet, PersonRow

Kind = Literal["new", "changed", "unchanged", "rejected"]
UNORDERED = ("languages", "strengths", "concerns")
"""Lists of a profile of which the order says nothing."""
WEEK = "profile.working_times"
CONTACT = ("display_name", "mail")
HR_KNOWS = ("profile.department", "profile.unit", "profile.grade", "profile.site", "superiors")
"""What a list does not change of somebody of whom HR has spoken, beside what HR said itself."""
ANSWERS: dict[type[Command], type[Event]] = {
    r.RegisterMentor: r.ParticipantRegistered,
    r.RegisterMentee: r.ParticipantRegistered,
    r.ChangeProfile: r.ParticipantChanged,
    # The contact itself is for who writes to people; the office hears that somebody was told of it.
    r.ChangeContact: r.PersonAddressed,
    r.ChangeAboutMe: r.PersonAddressed,
}
"""What the office hears when a command was taken."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What registration knows of a row's person: as whom they are registered, and what else it depends on.

    `erased`: in this programme; `erased_elsewhere`: in another one. `hr` is what HR has said of them.
    """

    registered: Registered | None = None
    erased: bool = False
    erased_elsewhere: bool = False
    hr: HrSays | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A command under the id that follows from its content and the state that it changes, and the columns it is for."""

    command: Command
    id: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a row: which columns change by which commands, or what is wrong."""

    row: int
    kind: Kind
    columns: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    faults: tuple[RowFault, ...] = ()
    wanted: Wanted | None = None
    """The profile that registration is to look at before."""
    hr: tuple[str, ...] = ()
    """The columns that say otherwise than HR, and change nothing."""

    def rejected(self, *faults: RowFault) -> "Plan":
        """The same row, rejected."""
        return Plan(self.row, "rejected", faults=(*self.faults, *faults))


@dataclass(frozen=True)
class Planner:
    """Compares the rows of a file with what is registered. `key` keeps ids from being guessed."""

    sheet: PeopleSheet
    known: CatalogueAnswer
    key: bytes

    def plan(self, candidate: Candidate, known: Standing) -> Plan:
        """What becomes of a row of whose person registration knows this."""
        if candidate.like is not None:
            return Plan(candidate.row, "unchanged")
        command = candidate.command
        if command is None:
            return Plan(candidate.row, "rejected", faults=candidate.faults)
        found = known.registered
        if found is None:
            return self._newcomer(candidate.row, command, known)
        if found.being_erased:
            return self._refused(candidate.row, "personnel_key", "being-erased")
        if found.status == "withdrawn":
            return self._refused(candidate.row, "personnel_key", "withdrawn")
        if found.role != role_of(command):
            return self._refused(candidate.row, "role", f"is-{found.role}")
        return self._changed(candidate.row, command, found, known.hr)

    def refused(self, plan: Plan, reasons: Sequence[Reason]) -> Plan:
        """A plan that registration refuses, each reason in the column in which its field lies."""
        row = self._rows[plan.row]
        return plan.rejected(*(fault_at(self.sheet, row, reason.field, reason.message) for reason in reasons))

    @cached_property
    def _rows(self) -> Mapping[int, PersonRow]:
        return {row.number: row for row in self.sheet.rows}

    def _refused(self, row: int, field: str, key: str) -> Plan:
        return Plan(row, "rejected", faults=(RowFault(self.sheet.column(field), words(key)),))

    def _newcomer(self, row: int, command: Register, known: Standing) -> Plan:
        if known.erased:
            return self._refused(row, "personnel_key", "erased")
        if known.erased_elsewhere:
            return self._refused(row, "personnel_key", "erased-elsewhere")
        if known.hr is not None and known.hr.ended:
            return self._refused(row, "personnel_key", "employment-ended")
        return self._new(row, command, known.hr)

    def _new(self, row: int, command: Register, by_hr: HrSays | None) -> Plan:
        if self.known.status != "open":
            return Plan(row, "rejected", faults=(RowFault("", words("closed")),))
        step = self._step(command, "new", self.known.sequence)
        hr = self._columns(self._otherwise(row, command, by_hr))
        return Plan(row, "new", steps=(step,), wanted=Wanted(role=role_of(command), profile=command.profile), hr=hr)

    def _otherwise(self, row: int, command: Register, by_hr: HrSays | None) -> set[str]:
        """The fields of somebody new that registration will take from HR, other than the row says."""
        if by_hr is None:
            return set()
        said = {field: getattr(by_hr, field.removeprefix("profile."), None) for field in self.sheet.fields}
        found = {
            field
            for field, value in said.items()
            if field.startswith("profile.") and value is not None and not _alike(field, command.profile, by_hr)
        }
        if self._rows[row].texts.get("superiors") and by_hr.same_superiors is False:
            found.add("superiors")
        return found

    def _changed(self, row: int, command: Register, found: Registered, by_hr: HrSays | None) -> Plan:
        given = self.sheet.fields
        differ = {
            field
            for field in given
            if field.startswith("profile.") and not _alike(field, command.profile, found.profile)
        }
        # An empty cell says nothing: what the template offers and nobody fills in would take somebody's superiors away.
        if self._rows[row].texts.get("superiors") and not found.same_superiors:
            differ.add("superiors")
        kept = differ.intersection(HR_KNOWS) if found.hr_knows else set()
        if by_hr is not None and by_hr.working_times is not None:
            kept |= differ.intersection((WEEK,))
        hr = self._columns(kept)
        fields = [field.removeprefix("profile.") for field in differ - kept if field != "superiors"]
        line = "superiors" in differ - kept
        profile = found.profile.model_copy(update={name: getattr(command.profile, name) for name in fields})
        contact = [name for name in CONTACT if getattr(command, name) != getattr(found, name)]
        text = "about_me" in given and command.about_me != found.about_me
        steps: list[Step] = []
        if fields or line:
            change = r.ChangeProfile(
                participant_id=found.participant_id,
                profile=profile,
                replaces=found.sequence,
                superiors=command.superiors if line else None,
            )
            named = [*(f"profile.{name}" for name in fields), *(["superiors"] if line else [])]
            steps.append(self._step(change, found.sequence, columns=self._columns(named)))
        if contact:
            reached = r.ChangeContact(
                participant_id=found.participant_id,
                display_name=command.display_name,
                mail=command.mail,
                replaces=found.contact_sequence,
            )
            state = (found.sequence, found.contact_sequence)
            steps.append(self._step(reached, *state, columns=self._columns(contact)))
        if text:
            told = r.ChangeAboutMe(
                participant_id=found.participant_id,
                about_me=command.about_me,
                # The change of name and address before it is counted with it.
                replaces=found.contact_sequence + bool(contact),
            )
            state = (found.sequence, found.contact_sequence)
            steps.append(self._step(told, *state, columns=self._columns(["about_me"])))
        if not steps:
            return Plan(row, "unchanged", hr=hr)
        wanted = Wanted(role=found.role, profile=profile, before=found.profile) if fields else None
        return Plan(row, "changed", self.columns_of(steps), tuple(steps), wanted=wanted, hr=hr)

    def columns_of(self, steps: Iterable[Step]) -> tuple[str, ...]:
        """The columns that commands are for, as they stand in the file."""
        return self._in_order(column for step in steps for column in step.columns)

    def _columns(self, fields: Iterable[str]) -> tuple[str, ...]:
        return self._in_order(map(self.sheet.column, fields))

    def _in_order(self, columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(sorted(columns, key=self._place)))

    def _place(self, column: str) -> int:
        """Where a column stands in the file."""
        written = list(self.sheet.headings.values())
        return written.index(column) if column in written else len(written)

    def _step(self, command: Command, *state: object, columns: tuple[str, ...] = ()) -> Step:
        return Step(command, keyed_id(self.key, "import", command.name, command.model_dump_json(), *state), columns)


def role_of(command: Register) -> Literal["mentor", "mentee"]:
    """The role in which a command registers somebody."""
    return "mentor" if isinstance(command, r.RegisterMentor) else "mentee"


def _alike(field: str, said: Profile, known: Profile | HrSays) -> bool:
    """Whether a row says the same in a field of the profile as is registered, or as HR says."""
    name = field.removeprefix("profile.")
    first, second = getattr(said, name), getattr(known, name)
    if field == WEEK:
        return not other_week(first, second)
    if name in UNORDERED:
        return sorted(map(repr, first)) == sorted(map(repr, second))
    return bool(first == second)
