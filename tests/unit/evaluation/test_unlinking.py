"""Without a programme's key nothing leads from an answer to a person; while it is there, each attack succeeds."""

import copy
from pathlib import Path

import pytest

from services.evaluation.model import Answer
from shared.contracts import evaluation as e
from shared.contracts.scheduling import DayStarted
from shared.runtime.adapters.key_folder import KeyFolder
from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.ids import derived_id
from shared.runtime.ports import Conflict
from tests.support.attacker import Attacker, Sent, answers_in
from tests.support.reference import By
from tests.unit.evaluation.people import CLOSED, DAY, FINAL, REPORTS, everybody
from tests.unit.evaluation.unlinked import PULSE_ON, SOURCE, TANDEMS, Programme, files_in
from tests.unit.runtime.engine_in_memory import KEY, Replica

ALL = 2 * 2 * TANDEMS
"""Answers: a pulse and the final questionnaire, from both of each tandem."""


async def test_the_key_goes_when_the_final_report_was_made_and_its_mark_stays(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    await programme.replica.play(CLOSED, REPORTS)
    assert programme.replica.database.records["report/pilot"].state is not None
    assert files_in(tmp_path) == ["pilot.key"]
    await programme.replica.play(REPORTS + DAY)
    assert files_in(tmp_path) == ["pilot.destroyed"]
    assert len(programme.ids) == ALL


@pytest.mark.proves("S13")
async def test_the_portal_s_log_leads_to_answers_only_while_the_key_is_there(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    attacker = programme.attacker
    whose = {sent.person for sent in attacker.log}
    assert len(attacker.by_survey(programme.database)) == ALL
    assert set(attacker.by_person(programme.database).values()) == whose
    await programme.is_over()
    assert len(programme.ids) == ALL
    assert attacker.by_survey(programme.database) == {}
    assert attacker.by_person(programme.database) == {}


async def test_the_inbox_leads_to_senders_only_while_the_key_is_there(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    assert len(programme.attacker.by_inbox(programme.database, SOURCE)) == ALL
    await programme.is_over()
    assert programme.attacker.by_inbox(programme.database, SOURCE) == {}


async def test_no_row_of_the_inbox_is_known_by_the_answers_that_the_portal_was_sent(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    told = {letter["id"] for letter in programme.replica.take("portal.replies")}
    assert len(told) == ALL
    kinds = (e.AnswersTaken.name, e.CommandRejected.name)
    derived = {derived_id("/tandem/evaluation", 1, row, kind, 0) for row in programme.database.inbox for kind in kinds}
    assert told.isdisjoint(derived)


async def test_a_restored_backup_neither_brings_the_key_back_nor_tells_whose_its_answers_are(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    backup = copy.deepcopy(programme.database)
    attacker = programme.attacker
    assert len(attacker.by_survey(backup)) == ALL
    await programme.is_over()
    restored = Replica(programme.replica.service, database=copy.deepcopy(backup), keys=KeyFolder(tmp_path, KEY))
    _nothing_in(restored.database, attacker)
    # It goes on as if nothing had been: the surveys are open again, and no answer comes to them.
    other = Programme(tmp_path)
    other.replica = restored
    late = await _refused(other, attacker.log[-1])
    assert late == "over"
    # A message of another id than any that the backup knows.
    await restored.play(By(DayStarted(date=FINAL + DAY), id="the day after"))
    assert files_in(tmp_path) == ["pilot.destroyed"]
    _nothing_in(restored.database, attacker)
    assert list(answers_in(restored.database)) == sorted(answers_in(restored.database))


def _nothing_in(database: MemoryDatabase, attacker: Attacker) -> None:
    assert len(answers_in(database)) == ALL
    found = (attacker.by_survey(database), attacker.by_person(database), attacker.by_tandem(database))
    assert found == ({}, {}, {})
    assert attacker.by_inbox(database, SOURCE) == {}


async def _refused(programme: Programme, sent: Sent) -> str:
    programme.replica.take("portal.replies")
    again = Sent(sent.person, derived_id("again", sent.message), sent.survey, sent.tandem)
    programme.submit(again)
    await programme.replica.settle()
    [answer] = programme.replica.take("portal.replies")
    [reason] = answer["data"]["reasons"]
    return str(reason["code"])


async def test_what_is_known_of_tandems_and_their_meetings_leads_to_answers_only_while_the_key_is_there(
    tmp_path: Path,
) -> None:
    programme = await Programme(tmp_path).is_answered()
    assert len(programme.attacker.by_tandem(programme.database)) == ALL
    await programme.is_over()
    assert programme.attacker.by_tandem(programme.database) == {}


async def test_the_date_of_a_meeting_stands_in_no_answer_and_changes_none(tmp_path: Path) -> None:
    found = []
    for number, on in enumerate((PULSE_ON, PULSE_ON + 30 * DAY)):
        programme = await Programme(tmp_path / str(number), meeting_on=on).is_answered()
        records = [r for r in programme.database.records.values() if r.kind == Answer.kind]
        own = ("id", "person", "cluster")
        found.append(
            sorted(
                repr(
                    (r.version, r.sequence, r.due, r.awaits, {k: v for k, v in (r.state or {}).items() if k not in own})
                )
                for r in records
            )
        )
        assert on.isoformat() not in repr(records)
    assert found[0] == found[1]


async def test_the_order_in_which_answers_lie_tells_nothing_of_when_they_came(tmp_path: Path) -> None:
    """The attack succeeds until all surveys of a questionnaire are closed; then the place follows from the id alone."""
    for number, order in enumerate((everybody(TANDEMS), everybody(TANDEMS)[::-1])):
        programme = await Programme(tmp_path / str(number), order=order).has_pulses()
        before = programme.ids
        linked = programme.attacker.by_order(programme.database)
        assert linked == programme.attacker.by_survey(programme.database)
        await programme.replica.play(FINAL - DAY)
        assert programme.ids == sorted(before) != before
        await programme.is_asked_finally()
        await programme.replica.play(CLOSED)
        assert programme.ids == sorted(programme.ids)


async def test_nothing_beside_an_answer_tells_which_was_touched(tmp_path: Path) -> None:
    """A comment that an erasure took out leaves a version of its own, until everything is laid in order once more."""
    programme = await Programme(tmp_path).is_answered()
    subject = f"answer/{programme.ids[0]}"
    before = programme.database.records[subject]
    written = Answer.from_stored(subject, before.state or {}).but(comment="")
    programme.database.records[subject] = type(before)(
        subject, before.kind, version=2, state=written.to_store(), programme="pilot"
    )
    await programme.is_over()
    records = [r for r in programme.database.records.values() if r.kind == Answer.kind]
    assert len({(r.version, r.sequence, r.due, r.awaited, r.awaits) for r in records}) == 1
    # Who read it before the erasure, and wakes late, does not bring the comment back.
    stale = type(before)(subject, before.kind, version=before.version + 1, state=before.state, programme="pilot")
    engine = programme.replica.engine
    with pytest.raises(Conflict):
        await engine.commit(engine.bookkeeping(writes=(stale,)))


async def test_a_message_that_comes_twice_is_known_while_the_key_is_there_and_takes_nothing_after(
    tmp_path: Path,
) -> None:
    programme = await Programme(tmp_path).is_answered()
    programme.replica.take("portal.replies")
    programme.submit(programme.attacker.log[0])
    await programme.replica.settle()
    # It is not even refused.
    assert programme.replica.take("portal.replies") == []
    await programme.is_over()
    lay = copy.deepcopy(answers_in(programme.database))
    programme.submit(programme.attacker.log[0])
    await programme.replica.settle()
    assert answers_in(programme.database) == lay


async def test_neither_log_nor_journal_nor_audit_ties_an_answer_s_message_or_sender_to_a_time(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    own = {derived for sent in programme.attacker.log for derived in (sent.person, sent.message, sent.survey)}
    from_answers = [line for line in programme.replica.logged if line["type"] == e.SubmitAnswers.name]
    assert len(from_answers) == ALL
    assert all(set(line) == {"event", "type"} for line in from_answers)
    history = [change for change in programme.database.history if any(w.kind == Answer.kind for w in change.writes)]
    assert len(history) == ALL
    assert not [change for change in history if change.journal or change.audit]
    kept = repr([(change.writes, change.inbox, change.pins) for change in history])
    assert not [id for id in own if id in kept]
