"""Importing people: what would happen is shown, what is wrong has row and column, and nothing happens twice."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cli.people_import.plan import Plan
from shared.cli.people_import.report import Language, lines_of, of_hr
from shared.cli.people_import.sending import Outcome
from shared.contracts import hr
from shared.contracts import registration as r
from shared.contracts.parts import WorkingTime
from shared.runtime.ids import keyed_id
from shared.runtime.tombstones import Tombstone
from tests.support.reference import KEY, By
from tests.unit.people_import.office import Office, csv_of, mentee, mentor, rejected_rows
from tests.unit.registration.test_registration import TODAY, opening


def kinds(plans: list[Plan]) -> list[str]:
    return [plan.kind for plan in plans]


def faults(plan: Plan) -> list[tuple[str, str]]:
    return [(fault.column, fault.text.en) for fault in plan.faults]


@pytest.mark.proves("S1", "S2", "S15")
def test_rows_become_register_commands_with_all_that_they_say() -> None:
    office = Office()
    [one, other] = office.plans(mentor(7), mentee(1))
    assert (one.kind, one.row, other.kind, other.row) == ("new", 2, "new", 3)
    command = one.steps[0].command
    assert isinstance(command, r.RegisterMentor)
    assert (command.personnel_key, command.superiors, command.voluntary) == ("007", ("B-12-L", "B-1-L"), True)
    assert [(t.topic_id, t.level) for t in command.profile.strengths] == [("social-media", 4), ("scrum", 2)]
    assert isinstance(other.steps[0].command, r.RegisterMentee)
    assert command.consents.model_dump() == {"stories": False, "introductions": False} | command.consents.model_dump()
    assert not any(command.consents.model_dump().values()), "an import gives no consents"


@pytest.mark.proves("S15")
def test_importing_twice_adds_nothing() -> None:
    office = Office()
    people = [mentor(number) for number in range(5)]
    assert office.takes(*people) == {"rows": 5, "accepted": 5, "unchanged": 0, "rejected": []}
    sent = len(office.sent)
    assert office.takes(*people) == {"rows": 5, "accepted": 0, "unchanged": 5, "rejected": []}
    assert len(office.sent) == sent


@pytest.mark.proves("S15")
def test_going_on_after_an_abort_takes_the_rest() -> None:
    office = Office()
    people = [mentor(number) for number in range(5)]
    stopped = office.takes(*people, most=2)
    assert (stopped["accepted"], len(stopped["rejected"])) == (2, 3)
    assert stopped["rejected"][0]["message"].startswith("Not sent")
    assert office.takes(*people) == {"rows": 5, "accepted": 3, "unchanged": 2, "rejected": []}


def test_a_row_whose_answer_was_lost_counts_as_registration_says_it_stands() -> None:
    assert Office().takes(mentor(1), mentor(2), lost=1)["accepted"] == 2


def test_a_row_that_never_arrived_is_said_to_be_unanswered() -> None:
    office = Office()
    work = office.work(csv_of(mentor(1)))
    plans = work.plans()
    [plan] = work.after(plans, [Outcome(2, taken=False)])
    assert faults(plan)[0][1].startswith("No answer came")


def test_what_changed_is_named_by_its_columns_and_sent_with_what_it_replaces() -> None:
    office = Office()
    office.takes(mentor(7))
    [plan] = office.plans(mentor(7, Stufe="10", Vorgesetzte="neu", **{"E-Mail": "new@example.org"}))
    assert (plan.kind, plan.columns) == ("changed", ("E-Mail", "Stufe", "Vorgesetzte"))
    profile, contact = (step.command for step in plan.steps)
    assert isinstance(profile, r.ChangeProfile)
    assert isinstance(contact, r.ChangeContact)
    assert (profile.replaces, profile.profile.grade, profile.superiors) == (1, 10, ("neu",))
    assert (contact.replaces, contact.mail) == (1, "new@example.org")


def test_the_text_about_somebody_is_changed_there_and_back_and_there_again() -> None:
    office = Office()
    office.takes(mentor(7, **{"Über mich": "A"}))
    for text in ("B", "A", "B", "A"):
        row = mentor(7, **{"Über mich": text})
        [plan] = office.plans(row)
        assert (plan.columns, office.takes(row)["accepted"]) == (("Über mich",), 1)
    assert len({by.id for by in office.sent}) == len(office.sent) == 5
    assert kinds(office.plans(mentor(7))) == ["unchanged"], "without the column the text stays"


def test_what_somebody_wrote_about_themselves_since_the_dry_run_is_not_overwritten() -> None:
    office = Office()
    office.takes(mentor(7, **{"Über mich": "A"}))
    work = office.work(csv_of(mentor(7, **{"Über mich": "B"})))
    plans = work.plans()
    id = keyed_id(KEY, "participant", "pilot", "007")
    own = r.ChangeAboutMe(participant_id=id, about_me="my own words")
    office.scenario.given(By(own, sender="person", actor=id))
    [rejected] = office.sends(work, plans)["rejected"]
    assert "Somebody has changed this person meanwhile" in rejected["message"]
    assert office.registered(7).about_me == "my own words"


def test_name_address_and_text_change_together_and_each_says_what_it_replaces() -> None:
    office = Office()
    office.takes(mentor(7))
    row = mentor(7, **{"Über mich": "A", "E-Mail": "new@example.org"})
    [plan] = office.plans(row)
    assert [getattr(step.command, "replaces", None) for step in plan.steps] == [1, 2]
    assert office.takes(row)["accepted"] == 1
    assert (office.registered(7).about_me, office.registered(7).mail) == ("A", "new@example.org")


def test_who_was_erased_is_not_registered_again() -> None:
    office = Office()
    office.takes(mentor(7))
    id = keyed_id(KEY, "participant", "pilot", "007")
    grave = Tombstone(id=keyed_id(KEY, "tombstone", id))
    kept = office.scenario.reference.state
    for kind in ("participant", "contact"):
        del kept[f"{kind}/{id}"]
    kept[grave.subject] = grave
    [plan] = office.plans(mentor(7))
    assert (plan.steps, faults(plan)[0][1].startswith("This person had their data")) == ((), True)


def test_who_is_being_erased_is_not_said_to_have_withdrawn() -> None:
    office = Office()
    office.takes(mentor(7), mentor(8))
    [seven, eight] = (keyed_id(KEY, "participant", "pilot", number) for number in ("007", "008"))
    office.scenario.when(By(r.ErasePerson(participant_id=seven), sender="office"))
    office.scenario.when(By(r.Withdraw(participant_id=eight), sender="office"))
    [one, other] = office.plans(mentor(7), mentor(8))
    assert (one.steps, faults(one)[0][1].startswith("This person's data are being erased")) == ((), True)
    assert faults(other)[0][1].startswith("This person has withdrawn")


def test_no_list_registers_who_was_erased_in_another_programme() -> None:
    office = Office()
    grave = Tombstone(id=keyed_id(KEY, "tombstone", keyed_id(KEY, "participant", "earlier", "007")))
    office.scenario.given(opening(programme_id="earlier")).reference.state[grave.subject] = grave
    erased, other = office.plans(mentor(7), mentor(8))
    assert (erased.kind, erased.steps, other.kind) == ("rejected", (), "new")
    [(column, message)] = faults(erased)
    assert column == "Personalnummer"
    assert "only they themselves can" in message


def test_who_may_have_both_roles_is_registered_in_each() -> None:
    office = Office(both_roles=True)
    assert office.takes(mentor(7), mentor(8))["accepted"] == 2
    other = mentee(7, Vorgesetzte="B-1-L")
    assert office.takes(other)["accepted"] == 1
    assert kinds(office.plans(mentor(7), mentor(8))) == kinds(office.plans(other)) * 2 == ["unchanged"] * 2


def test_one_file_brings_somebody_in_both_roles_where_the_rules_allow_both() -> None:
    rows = [mentor(7), mentee(7, Vorgesetzte="B-1-L")]
    office = Office(both_roles=True)
    assert office.takes(*rows) == {"rows": 2, "accepted": 2, "unchanged": 0, "rejected": []}
    assert office.takes(*rows) == {"rows": 2, "accepted": 0, "unchanged": 2, "rejected": []}
    assert (office.registered(7).role, office.registered(7, "mentee").role) == ("mentor", "mentee")
    assert office.registered(7).participant_id != office.registered(7, "mentee").participant_id
    assert notes(Office(both_roles=True), *rows) == []
    said = Office(both_roles=False).takes(*rows)
    assert [each["row"] for each in said["rejected"]] == [2, 3]
    assert all("This person also stands in row" in each["message"] for each in said["rejected"])


def test_two_rows_of_one_role_are_one_person_also_where_both_roles_are_allowed() -> None:
    office = Office(both_roles=True)
    said = office.takes(mentor(7), mentee(7), mentor(7, Stufe="10", Rolle="Mentorin"))
    assert (rejected_rows(said), said["accepted"]) == ([2, 4], 1)
    said = office.takes(mentor(8), mentee(8), mentor(8), mentee(8))
    assert (said["accepted"], said["unchanged"]) == (2, 2)


def test_of_a_row_of_which_half_was_taken_the_columns_are_said_that_were_and_those_that_were_not() -> None:
    office = Office()
    office.takes(mentor(7), mentor(8))
    new = {"E-Mail": "new@example.org", "Name": "New", "Stufe": "10", "Standort": "Nord", "Über mich": "A"}
    work = office.work(csv_of(mentor(7, **new), mentor(8, **{"Über mich": ""})))
    plans = work.plans()
    id = keyed_id(KEY, "participant", "pilot", "007")
    own = r.ChangeContact(participant_id=id, display_name="Own", mail="own@example.org")
    office.scenario.given(By(own, sender="person", actor=id))
    said = office.sends(work, plans)
    assert (said["rows"], said["accepted"], said["unchanged"], rejected_rows(said)) == (2, 0, 1, [2])
    assert [each["message"] for each in said["rejected"]] == [
        "Somebody has changed this person meanwhile. Run the import again, and look at what differs then.",
        "Taken already: Stufe, Standort. Not taken: Name, E-Mail, Über mich.",
    ]
    assert (office.registered(7).profile.grade, office.registered(7).mail) == (10, "own@example.org")
    assert office.plans(mentor(7, **new))[0].columns == ("Name", "E-Mail", "Über mich")


def test_where_no_answer_came_to_the_second_half_of_a_row_that_is_said_and_a_whole_refusal_says_nothing_of_halves() -> (
    None
):
    office = Office()
    office.takes(mentor(7))
    work = office.work(csv_of(mentor(7, Stufe="10", Name="New")))
    plans = work.plans()
    office.scenario.given(By(plans[0].steps[0].command, sender="office"))
    [plan] = work.after(plans, [Outcome(2, taken=False, steps=1)])
    assert faults(plan)[1:] == [("", "Taken already: Stufe. Whether Name was too is not known.")]
    [plan] = work.after(plans, [Outcome(2, taken=False)])
    assert len(faults(plan)) == 1
    [plan] = work.after(plans, [Outcome(2, taken=True, steps=2)])
    assert (plan.kind, plan.columns) == ("changed", ("Name", "Stufe"))


def test_there_and_back_and_there_again_are_three_changes() -> None:
    office = Office()
    there, back = mentor(7, Name="A", Stufe="10"), mentor(7, Name="B", Stufe="9")
    for row in (there, back, there, back, there):
        assert office.takes(row)["accepted"] == 1
    assert len({by.id for by in office.sent}) == len(office.sent)
    [plan] = office.plans(there)
    assert plan.kind == "unchanged"


def test_the_order_of_topics_languages_and_stretches_is_no_change() -> None:
    office = Office()
    office.takes(mentor(7))
    other = {
        "Sprachen": "en, de",
        "Stärken": "Scrum:2; Social Media:4",
        "Arbeitszeiten": "Fr 8:30-13:00; Mo-Do 8:30-16:30",
    }
    assert kinds(office.plans(mentor(7, **other))) == ["unchanged"]
    assert kinds(office.plans(mentor(7, Organisationseinheit="B-12 > B-1"))) == ["changed"]


def test_a_list_that_marks_nothing_as_worked_at_home_leaves_what_is_marked() -> None:
    office = Office()
    office.takes(mentor(7, Arbeitszeiten="Mo-Mi 8:30-16:30; Do 8:30-12; Do 12-16:30 zu Hause; Fr 8:30-13:00 (at home)"))
    assert kinds(office.plans(mentor(7, Arbeitszeiten="Mo-Do 8:30-16:30; Fr 8:30-13:00"))) == ["unchanged"]
    [plan] = office.plans(mentor(7, Arbeitszeiten="Mo-Do 8:30-16:30 zu Hause; Fr 8:30-13:00"))
    [command] = [step.command for step in plan.steps]
    assert isinstance(command, r.ChangeProfile)
    assert [time.at_home for time in command.profile.working_times] == [True] * 4 + [False]
    assert kinds(office.plans(mentor(7, Arbeitszeiten="Mo-Do 8:30-16:00; Fr 8:30-13:00"))) == ["changed"]


def test_a_column_that_is_not_in_the_file_leaves_what_is_registered() -> None:
    office = Office()
    office.takes(mentor(7, Kapazität="2"))
    fewer = {name: value for name, value in mentor(7, Stufe="10").items() if name not in ("Vorgesetzte", "Stärken")}
    [plan] = office.plans(fewer)
    command = plan.steps[0].command
    assert isinstance(command, r.ChangeProfile)
    assert (plan.columns, command.superiors) == (("Stufe",), None)
    assert (command.profile.capacity, len(command.profile.strengths)) == (2, 2)


def test_an_empty_cell_of_superiors_leaves_those_that_are_registered() -> None:
    office = Office()
    office.takes(mentor(7))
    assert kinds(office.plans(mentor(7, Vorgesetzte=""))) == ["unchanged"]
    [plan] = office.plans(mentor(7, Vorgesetzte="", Stufe="10"))
    command = plan.steps[0].command
    assert isinstance(command, r.ChangeProfile)
    assert (plan.columns, command.superiors) == (("Stufe",), None)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([mentor(7, Vorgesetzte=""), mentor(8, Vorgesetzte=" ")], ["The column Superiors is empty"]),
        ([mentor(7, Vorgesetzte=""), mentor(8)], []),
        ([{k: v for k, v in mentor(7).items() if k != "Vorgesetzte"}], ["There is no column Superiors"]),
    ],
)
def test_a_file_that_names_no_superior_at_all_is_noted(rows: list[dict[str, str]], says: list[str]) -> None:
    notes = [note.en.partition(":")[0] for note in Office().work(csv_of(*rows)).sheet.notes]
    assert notes == says


@pytest.mark.proves("P10")
def test_what_hr_knows_is_not_overwritten_by_a_list_and_the_row_says_so() -> None:
    office = Office()
    office.takes(mentor(7), mentor(8))
    moved = hr.EmploymentChanged(employment_id="e-7", personnel_key="007", department="KR", grade=12, superiors=("K",))
    office.scenario.given(moved)
    again, other = office.plans(mentor(7), mentor(8, Referat="KR"))
    assert (again.kind, again.steps, again.hr) == ("unchanged", (), ("Referat", "Stufe", "Vorgesetzte"))
    assert (other.columns, other.hr) == (("Referat",), ()), "of whom HR has not spoken the list is taken"
    [plan] = office.plans(mentor(7, Sprachen="de"))
    command = plan.steps[0].command
    assert isinstance(command, r.ChangeProfile)
    assert (plan.columns, command.superiors, command.profile.department) == (("Sprachen",), None, "KR")
    assert list(lines_of([again], Language.EN)) == [
        "Row 2: unchanged",
        "    HR says otherwise, and that stays: Referat, Stufe, Vorgesetzte",
    ]
    assert list(of_hr([again, other], Language.EN)) == [
        "Row 2: HR says otherwise, and that stays: Referat, Stufe, Vorgesetzte"
    ]


@pytest.mark.proves("P10")
def test_a_list_registers_nobody_other_than_hr_knows_them_and_the_row_says_so() -> None:
    office = Office()
    office.scenario.given(opening(programme_id="earlier"))
    office.registers(mentor(7), "earlier")
    week = tuple(WorkingTime(weekday=day, start=480, end=720) for day in (0, 1))
    facts = {"department": "KR", "grade": 9, "superiors": ("K",), "working_times": week}
    office.scenario.given(hr.EmploymentChanged(employment_id="e-7", personnel_key="007", **facts))
    known, new = office.plans(mentor(7), mentor(8))
    assert (known.kind, known.hr, new.hr) == ("new", ("Referat", "Arbeitszeiten", "Vorgesetzte"), ())
    assert list(lines_of([known], Language.EN)) == [
        "Row 2: new",
        "    HR says otherwise, and that stays: Referat, Arbeitszeiten, Vorgesetzte",
    ]
    assert office.takes(mentor(7))["accepted"] == 1
    [again] = office.plans(mentor(7))
    assert (again.kind, again.steps, again.hr) == ("unchanged", (), known.hr), "the same list again adds nothing"
    [no_line] = office.plans(mentor(7, Vorgesetzte=""))
    assert no_line.hr == ("Referat", "Arbeitszeiten"), "an empty cell says nothing"


@pytest.mark.proves("P10")
def test_whose_employment_has_ended_is_rejected_before_anything_is_sent() -> None:
    office = Office()
    office.scenario.given(opening(programme_id="earlier"))
    office.registers(mentor(7), "earlier")
    last = TODAY - dt.timedelta(days=1)
    office.scenario.given(hr.EmploymentEnded(employment_id="e-7", personnel_key="007", last_day=last))
    ended, other = office.plans(mentor(7), mentor(8))
    assert (ended.kind, ended.steps, other.kind) == ("rejected", (), "new")
    [(column, message)] = faults(ended)
    assert (column, "the employment has ended" in message) == ("Personalnummer", True)


def notes(office: Office, *rows: dict[str, str]) -> list[str]:
    work = office.work(csv_of(*rows))
    return [note.en for note in work.notes(work.plans())]


def test_who_releases_the_time_of_somebody_new_is_named_and_who_has_nobody_is_noted() -> None:
    column = "E-Mail Vorgesetzte"
    rows = [mentor(7, **{column: "head@example.org"}), mentee(1, **{column: ""})]
    office = Office(release=True)
    one, other = (plan.steps[0].command for plan in office.plans(*rows))
    assert isinstance(one, r.RegisterMentor)
    assert isinstance(other, r.RegisterMentee)
    assert (one.releaser_mail, other.releaser_mail) == ("head@example.org", None)
    [note] = notes(office, *rows)
    assert "no line manager's mail" in note
    assert note.endswith(": 3.")
    assert notes(Office(), *rows) == [], "where nobody has to release"
    office.takes(*rows)
    assert notes(office, *rows) == [], "who is registered was asked about"
    [plan] = Office(release=True).plans(mentor(7, **{column: "nobody"}))
    assert (plan.kind, faults(plan)[0][0]) == ("rejected", column)


def test_numbers_that_are_one_but_for_zeros_and_mails_of_several_are_noted() -> None:
    office = Office()
    other = mentor(3, Personalnummer="2")
    assert [note.partition(":")[0] for note in notes(office, mentor(2), mentor(4), other)] == ["Rows 2, 4"]
    several = [mentor(number, **{"E-Mail": "All@example.org"}) for number in range(1, 9)]
    [note] = notes(office, *several)
    assert note.startswith("Rows 2, 3, 4, 5, 6, … (8): different people have the same mail address.")
    assert notes(office, mentor(1), mentor(1)) == []


def test_who_has_withdrawn_is_not_registered_again_silently() -> None:
    office = Office()
    office.takes(mentor(7))
    id = keyed_id(KEY, "participant", "pilot", "007")
    office.scenario.given(By(r.Withdraw(participant_id=id), sender="office"))
    [plan] = office.plans(mentor(7))
    assert (plan.kind, plan.steps) == ("rejected", ())
    assert faults(plan)[0][1].startswith("This person has withdrawn")


def test_another_role_in_the_same_programme_is_rejected() -> None:
    office = Office()
    office.takes(mentor(7))
    [plan] = office.plans(mentee(7))
    assert faults(plan)[0][0] == "Rolle"
    assert faults(plan)[0][1].startswith("This person is registered as a mentor")


@pytest.mark.parametrize(
    ("changes", "column", "says"),
    [
        ({"Rolle": "Gast"}, "Rolle", "That is no role."),
        ({"Rolle": ""}, "Rolle", "Write mentor or mentee."),
        ({"Personalnummer": "1,23E+05"}, "Personalnummer", "1,23E+05 is a number that the spreadsheet shortened."),
        ({"Personalnummer": ""}, "Personalnummer", "The field is missing."),
        ({"E-Mail": "nobody"}, "E-Mail", ""),
        ({"Name": ""}, "Name", "The field is missing."),
        ({"Stufe": "neun"}, "Stufe", "Write the grade as a number, such as 13."),
        ({"Stufe": "40"}, "Stufe", "The value must be at most 30."),
        ({"Sprachen": "Klingonisch"}, "Sprachen", "The language klingonisch is unknown here."),
        ({"Arbeitszeiten": "immer"}, "Arbeitszeiten", "immer is no working time."),
        ({"Arbeitszeiten": "Mo 8-12; Mo 10-14"}, "Arbeitszeiten", "Two working times overlap"),
        ({"Stärken": "Scrum:9"}, "Stärken", "9 is no level for Scrum. There are 1 (little) to 5 (much)"),
        ({"Stärken": "Excel:2, Scrum:4,5"}, "Stärken", "4,5 is no level for Scrum."),
        ({"Stärken": "Scrum"}, "Stärken", "Scrum is no topic with a level."),
        ({"Arbeitszeiten": "Mo-Fr 16-8"}, "Arbeitszeiten", "Mo-Fr 16-8: the end does not lie after the beginning."),
        ({"Stärken": "Scrumm:4"}, "Stärken", "The topic Scrumm is not in the catalogue. Is “Scrum” meant?"),
        ({"Stärken": "Gartenbau:4"}, "Stärken", "The topic Gartenbau is not in the catalogue, and none is like it."),
        ({"Stärken": ""}, "Stärken", "mentor"),
        ({"Stärken": "Scrum:4; scrum:2"}, "Stärken", "The topic scrum is named twice."),
        ({"Vorgesetzte": "007"}, "Vorgesetzte", "Nobody is their own superior."),
        ({"Freiwillig": "nein"}, "Freiwillig", "Only who takes part voluntarily is registered."),
        ({"Freiwillig": "vielleicht"}, "Freiwillig", "vielleicht is neither yes nor no."),
        ({"Freiwillig": ""}, "Freiwillig", "It is not said that the person takes part voluntarily."),
        ({"Datenschutzhinweis": "0"}, "Datenschutzhinweis", "The privacy notice in force is version 1."),
        ({"Datenschutzhinweis": ""}, "Datenschutzhinweis", "It is not said which privacy notice"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_column_and_nothing_of_it_is_sent(
    changes: dict[str, str], column: str, says: str
) -> None:
    office = Office()
    said = office.takes(mentor(7, **changes), mentor(8))
    [rejected] = said["rejected"]
    assert (said["rows"], said["accepted"], rejected["row"], rejected["column"]) == (2, 1, 2, column)
    assert says in rejected["message"]


def test_all_faults_of_a_row_are_said_at_once_and_each_once() -> None:
    [plan] = Office().plans(mentor(7, Stufe="neun", Stärken="Gartenbau:1; Scrum", Freiwillig="nein"))
    assert sorted(column for column, _ in faults(plan)) == ["Freiwillig", "Stufe", "Stärken"]


def test_a_topic_s_level_may_have_a_decimal_comma_of_nothing() -> None:
    for written in ("Scrum:4,0,Excel:2", "Scrum:4,0; Excel:2.0", "Scrum:4, Excel:2,00", "Scrum: 4,0\nExcel: 2"):
        [plan] = Office().plans(mentor(7, Stärken=written))
        command = plan.steps[0].command
        assert isinstance(command, r.RegisterMentor)
        assert [(t.topic_id, t.level) for t in command.profile.strengths] == [("scrum", 4), ("excel", 2)], written


def test_what_is_wrong_in_one_of_several_columns_is_said_of_that_one_alone() -> None:
    row = {key: value for key, value in mentor(7).items() if key not in ("Name", "Arbeitszeiten")}
    row |= {"Vorname": "Mentor\nA", "Nachname": "7", "Mo": "8-12", "Di": "16-8"}
    [plan] = Office().plans(row)
    assert [column for column, _ in faults(plan)] == ["Vorname", "Di"]
    assert faults(plan)[1][1].startswith("16-8: the end does not lie after the beginning.")


def test_each_fault_is_an_entry_of_its_own_with_what_stands_in_the_cell() -> None:
    said = Office().takes(mentor(7, Stufe="neun", Freiwillig="nein"), mentor(8))
    assert said["rejected"] == [
        {"row": 2, "column": "Stufe", "value": "neun", "message": "Write the grade as a number, such as 13."},
        {
            "row": 2,
            "column": "Freiwillig",
            "value": "nein",
            "message": "Only who takes part voluntarily is registered.",
        },
    ]


def test_what_holds_for_all_is_given_once() -> None:
    bare = {name: value for name, value in mentor(7).items() if name not in ("Freiwillig", "Datenschutzhinweis")}
    assert kinds(Office().plans(bare)) == ["rejected"]
    assert kinds(Office().plans(bare, privacy_notice="1", voluntary=True)) == ["new"]


def test_a_topic_is_found_by_id_and_by_either_label_whatever_its_capitals() -> None:
    office = Office()
    for written in ("social-media:1", "SOZIALE  medien:1", "Social Media:1"):
        [plan] = office.plans(mentor(7, Stärken=written))
        command = plan.steps[0].command
        assert isinstance(command, r.RegisterMentor)
        assert command.profile.strengths[0].topic_id == "social-media"


def test_a_merged_topic_leads_on_and_a_retired_one_stays_where_it_is() -> None:
    office = Office()
    office.takes(mentor(1), mentor(2, Stärken="Excel:4"))
    into = r.MergeTopics(topic_id="social-media", into="scrum")
    office.scenario.given(By(into, sender="office"), By(r.RetireTopic(topic_id="excel"), sender="office"))
    again, still, newly = office.plans(
        mentor(1, Stärken="Soziale Medien:4"), mentor(2, Stärken="Excel:4"), mentor(3, Stärken="Excel:4")
    )
    assert (again.kind, still.kind, newly.kind) == ("unchanged", "unchanged", "rejected")
    assert kinds(office.plans(mentor(1))) == ["unchanged"], "the two that are one now are one with the higher level"
    assert "no longer offered" in newly.faults[0].text.en


def test_two_rows_of_one_person_are_taken_once_if_they_say_the_same_and_else_not_at_all() -> None:
    said = Office().takes(mentor(7), mentor(8), mentor(7))
    assert (said["rows"], said["accepted"], said["unchanged"], said["rejected"]) == (3, 2, 1, [])
    said = Office().takes(mentor(7), mentor(7, Stufe="10"), mentor(8))
    assert (said["accepted"], [each["row"] for each in said["rejected"]]) == (1, [2, 3])
    assert "also stands in row 3" in said["rejected"][0]["message"]
    said = Office().takes(*(mentor(7, Stufe=str(number)) for number in range(1, 11)))
    assert "also stands in row 2, 4, 5, 6, 7 (+4)" in said["rejected"][1]["message"]


def test_a_row_that_repeats_a_rejected_one_is_rejected_too() -> None:
    said = Office().takes(mentor(7, Stufe="neun"), mentor(7, Stufe="neun"))
    assert (said["unchanged"], len(said["rejected"])) == (0, 2)


def test_once_registration_has_closed_nobody_new_is_sent() -> None:
    office = Office()
    office.scenario.given(By(r.CloseRegistration(programme_id="pilot"), sender="office"))
    [plan] = office.plans(mentor(7))
    assert (plan.steps, faults(plan)[0][1]) == ((), "Registration is not open; nobody new is registered.")


def test_what_registration_refuses_only_when_it_is_sent_is_rejected_with_its_column() -> None:
    office = Office()
    office.takes(mentor(7))
    work = office.work(csv_of(mentor(7, Stufe="10")))
    plans = work.plans()
    office.takes(mentor(7, Stufe="11"))
    said = office.sends(work, plans)
    assert (said["accepted"], said["rejected"][0]["row"]) == (0, 2)
    assert "Somebody has changed this person meanwhile" in said["rejected"][0]["message"]


def test_a_row_that_somebody_else_has_brought_about_meanwhile_is_taken() -> None:
    office = Office()
    work = office.work(csv_of(mentor(7)))
    plans = work.plans()
    office.takes(mentor(7, Name="Mentor 7"))
    assert office.sends(work, plans)["accepted"] == 1


def test_a_command_refused_before_is_sent_anew_once_what_it_hangs_on_has_changed() -> None:
    """The id of a new registration follows from the programme's state too: a broker's duplicate is no second try."""
    office = Office()
    [before] = office.plans(mentor(7))
    office.scenario.given(By(r.ChangePlaces(programme_id="pilot", places=9, replaces=1), sender="office"))
    [after] = office.plans(mentor(7))
    assert before.steps[0].command == after.steps[0].command
    assert before.steps[0].id != after.steps[0].id
    assert office.plans(mentor(7)) == [after], "and is the same whenever it is looked at"


def test_rows_are_shown_one_after_the_other_in_both_languages() -> None:
    office = Office()
    office.takes(mentor(1), mentor(2))
    plans = office.plans(
        mentor(1), mentor(2), mentor(2 + 1), mentor(4, Stufe="neun\x1b[31m"), mentor(5, Name="x", Stufe="\x1b")
    )
    english = list(lines_of(plans, Language.EN))
    assert english[:3] == ["Rows 2–3: unchanged", "Row 4: new", "Row 5: rejected"]
    assert not any("\x1b" in line for line in english), "what stands in a cell steers no terminal"
    german = list(lines_of(plans, Language.DE))
    assert german[:3] == ["Zeilen 2–3: unverändert", "Zeile 4: neu", "Zeile 5: abgelehnt"]
    assert german[3].startswith("    Stufe (neun")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["9", "10", "x", ""])), min_size=1, max_size=8))
def test_every_row_is_accepted_unchanged_or_rejected_whatever_is_imported_in_whatever_order(
    rows: list[tuple[int, str]],
) -> None:
    office = Office()
    for half in (rows[: len(rows) // 2], rows, rows):
        if not half:
            continue
        said: dict[str, Any] = office.takes(*(mentor(number, Stufe=grade) for number, grade in half))
        assert said["rows"] == said["accepted"] + said["unchanged"] + len(rejected_rows(said)) == len(half)
        assert json.loads(json.dumps(said)) == said
    assert said["accepted"] == 0, "the same again adds nothing"
