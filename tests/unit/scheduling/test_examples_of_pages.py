"""The commands that pages of scheduling show can be typed, and do what the pages say."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.contracts import scheduling as s
from shared.local.system import ROOT
from tests.support.reference import By, said
from tests.unit.scheduling.people import DAY, MENTEE, MENTOR, TANDEM, a_programme, a_tandem, meetings_in, moving
from tests.unit.scheduling.test_agreement import an_offer, shown

Run = Callable[..., tuple[int, str, str]]
NAMES = ("gatherings.md", "agreements.md", "planning.md", "meetings.md")
PAGES = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in NAMES}
FILES = {
    file: content
    for page in PAGES.values()
    for file, content in re.findall(
        r"`([a-z]+\.json)`[^`]*?(?:`[^`]*`[^`]*?)?\n\n```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL
    )
}
COMMANDS = [line for page in PAGES.values() for line in re.findall(r"^\./tandem (publish .*)$", page, re.MULTILINE)]
NOBODY = "amqp://u:p@127.0.0.1:1/"


def filled(file: str, **own: object) -> dict[str, object]:
    """An example with the ids of the scenario in the place of its own."""
    found: dict[str, object] = json.loads(FILES[file])
    assert own.keys() <= found.keys()
    return {**found, **own}


def test_each_example_is_sent_by_a_command_of_its_page() -> None:
    assert sorted(command.split()[2] for command in COMMANDS) == sorted(FILES)
    assert len(FILES) == 12


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_page_comes_as_far_as_the_broker(tandem: Run, tmp_path: Path, command: str) -> None:
    _, type, file, *options = command.split()
    (tmp_path / file).write_text(FILES[file], encoding="utf-8")
    (tmp_path / "env").write_text(
        f"TANDEM_AMQP_URL_OFFICE={NOBODY}\nTANDEM_AMQP_URL_PORTAL={NOBODY}\n", encoding="utf-8"
    )
    code, _, err = tandem("publish", type, tmp_path / file, *options, "--against", tmp_path / "env")
    assert (code, err.count("\n")) == (2, 1)
    assert "the broker does not answer" in err


def test_the_gathering_of_the_page_is_planned_and_who_came_is_recorded() -> None:
    scenario = a_programme().when(s.PlanGathering.model_validate(filled("gathering.json")))
    event = scenario.one(s.GatheringScheduled)
    assert (event.kind, event.invited, event.reached) == ("barcamp", 2, 2)
    scenario.given(event.dates[-1].date + DAY)
    came = filled("came.json", gathering_id=event.gathering_id, participant_id=MENTOR)
    scenario.when(s.RecordAttendance.model_validate(came)).then_among(s.GatheringAttended)


def test_a_plan_is_made_again_as_the_pages_ask_for_it() -> None:
    published = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    [section] = re.findall(r"^## A plan is asked for again\n(.*?)^## ", published, re.MULTILINE | re.DOTALL)
    [shown_there] = re.findall(r"`scheduling.plan-again.v1`:\n\n```json\n(.*?)\n```", section, re.DOTALL)
    assert json.loads(shown_there) == json.loads(FILES["anew.json"])
    scenario = a_tandem()
    stands = [meeting.id for meeting in meetings_in(scenario)]
    missing = s.PlanAgain.model_validate(filled("again.json", tandem_id=TANDEM))
    scenario.when(By(missing, sender="office")).then_among(said(s.PlanMade, problem=None))
    assert [meeting.id for meeting in meetings_in(scenario)] == stands
    first = meetings_in(scenario)[0]
    scenario.given(moving(first, first.date + DAY, start=615))
    whole = s.PlanAgain.model_validate(filled("anew.json", tandem_id=TANDEM, participant_id=MENTEE))
    scenario.when(By(whole, actor=MENTEE, sender="person"))
    scenario.then_among(s.PlanMade, said(s.MeetingCancelled, meeting_id=first.id), s.MeetingScheduled)
    scenario.when(By(whole, actor=MENTOR, sender="person")).then_refused("not_yours")


def test_the_meeting_of_the_page_is_moved_accepted_added_to_reported_and_cancelled() -> None:
    scenario = a_tandem()
    first, second, *_ = meetings_in(scenario)
    own = {"participant_id": MENTOR}
    other_day = first.date + DAY
    move = filled("move.json", meeting_id=first.id, date=other_day.isoformat(), **own)
    scenario.when(By(s.MoveMeeting.model_validate(move), actor=MENTOR, sender="person"))
    moved = scenario.one(s.MeetingMoved)
    times = ({"meeting_id": first.id, "date": moved.date, "start": moved.start},)
    assert json.loads(FILES["accept.json"])["times"][0].keys() == times[0].keys()
    accept = filled("accept.json", tandem_id=TANDEM, participant_id=MENTEE, times=times)
    scenario.when(By(s.AcceptMeetings.model_validate(accept), actor=MENTEE, sender="person"))
    scenario.then_among(said(s.MeetingAccepted, acceptance="given"))
    add = filled("add.json", tandem_id=TANDEM, date=(second.date + DAY).isoformat(), **own)
    scenario.when(By(s.AddMeeting.model_validate(add), actor=MENTOR, sender="person"))
    added = scenario.one(s.MeetingScheduled)
    assert (added.date, added.minutes) == (second.date + DAY, 60)
    scenario.given(moved.date)
    report = filled("report.json", meeting_id=first.id, **own)
    scenario.when(By(s.ReportMeeting.model_validate(report), actor=MENTOR, sender="person"))
    scenario.then_among(said(s.MeetingReported, topics=("apps",)))
    cancel = filled("cancel.json", meeting_id=second.id, **own)
    scenario.when(By(s.CancelMeeting.model_validate(cancel), actor=MENTOR, sender="person"))
    scenario.then_among(said(s.MeetingCancelled, meeting_id=second.id), s.MeetingScheduled)


def test_the_agreement_of_the_page_is_edited_confirmed_and_followed_up() -> None:
    of = {"tandem_id": TANDEM}
    edit = s.EditAgreement.model_validate(filled("edit.json", participant_id=MENTOR, **of))
    confirm = s.ConfirmAgreement.model_validate(filled("confirm.json", participant_id=MENTEE, **of))
    scenario = an_offer().given(By(edit, actor=MENTOR, sender="person"))
    scenario.when(By(confirm, actor=MENTEE, sender="person")).then_among(s.AgreementRecorded)
    goal = shown(scenario).goals[0].goal_id
    [state] = [each["state"] for each in json.loads(FILES["follow.json"])["goals"]]
    follow = filled("follow.json", participant_id=MENTOR, goals=({"goal_id": goal, "state": state},), **of)
    scenario.when(By(s.FollowUpGoals.model_validate(follow), actor=MENTOR, sender="person"))
    assert scenario.one(s.AgreementRecorded).goals_reached == 1
