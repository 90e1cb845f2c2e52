"""What goes wrong with a programme's key: lost, made twice, a crash in the middle, answers of an earlier release."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from services.evaluation import answers
from services.evaluation.model import Answer, Survey
from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts.parts import NOBODY
from shared.runtime import unlinking
from shared.runtime.adapters.key_folder import KeyFolder
from shared.runtime.adapters.memory import MemoryDatabase, MemoryStore
from shared.runtime.batch import Retries
from shared.runtime.engine import Limits
from shared.runtime.ids import keyed_id
from shared.runtime.ports import Change, CommitUnknown, Record, Unavailable
from shared.runtime.programme_keys import ProgrammeKey
from shared.runtime.unlinking import key_trouble, unknown
from tests.support.attacker import Sent, answers_in
from tests.support.erased import erase
from tests.support.interrupted import Interrupted
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    REPORTS,
    STARTS,
    an_asked_programme,
    everybody,
    person,
    survey,
)
from tests.unit.evaluation.people import answers as answer
from tests.unit.evaluation.unlinked import COMPLETED, SOURCE, TANDEMS, Programme, files_in
from tests.unit.runtime.engine_in_memory import KEY

BOTH = 2 * TANDEMS
"""People, and so answers to one questionnaire."""


async def test_while_the_key_is_away_answers_wait_and_all_else_goes_on(tmp_path: Path) -> None:
    folder, aside = tmp_path / "keys", tmp_path / "aside"
    programme = await Programme(folder).has_pulses()
    replica = programme.replica
    assert await key_trouble(replica.engine) is None
    shutil.move(folder, aside)
    said = await programme.replica.play(*COMPLETED, FINAL - DAY, FINAL)
    assert sum(event["type"] == f"tandem.{e.DayHandled.name}" for event in said) == 2
    trouble = await key_trouble(replica.engine)
    assert trouble is not None
    assert "put the folder back" in trouble
    replica.take("portal.replies")
    sent = await programme.answers("mentor 1", "final")
    await replica.after(3600)
    await replica.after(3600)
    assert [state["status"] for state in replica.kept("retry")] == ["retry"]
    assert replica.kept("quarantine") == []
    assert not folder.exists()
    shutil.move(aside, folder)
    await replica.after(120)
    assert replica.kept("retry") == []
    assert await key_trouble(replica.engine) is None
    assert [letter["causationid"] for letter in replica.take("portal.replies")] == [sent.message]
    assert len(programme.ids) == BOTH + 1
    # The inbox knew it by the deployment's key as long as no other could be had.
    assert not [row for row in replica.database.inbox if row == _by_deployment(sent.message)]
    programme.submit(sent)
    await replica.settle()
    # It is known: not even refused.
    assert replica.take("portal.replies") == []


async def test_a_folder_that_cannot_be_written_is_told_although_every_key_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = (await Programme(tmp_path / "keys").has_pulses()).replica
    monkeypatch.setattr(os, "access", lambda place, mode: not mode & os.W_OK)
    trouble = await key_trouble(replica.engine)
    assert trouble is not None
    assert "cannot be written" in trouble
    monkeypatch.undo()
    assert await key_trouble(replica.engine) is None


def _by_deployment(message: str) -> str:
    return f"command|{keyed_id(KEY, 'portal', SOURCE, message)}"


async def test_a_folder_that_is_lost_for_good_ends_the_waiting_once_operators_say_so(tmp_path: Path) -> None:
    programme = await Programme(tmp_path / "keys").has_pulses()
    replica = programme.replica
    shutil.rmtree(tmp_path / "keys")
    await replica.play(*COMPLETED, FINAL)
    sent = await programme.answers("mentor 1", "final")
    assert len(replica.kept("retry")) == 1
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "pilot.lost").touch()
    replica.take("portal.replies")
    await replica.after(120)
    assert replica.kept("retry") == []
    [told] = replica.take("portal.replies")
    assert (told["causationid"], told["data"]["reasons"][0]["code"]) == (sent.message, "over")
    await replica.play(FINAL + DAY)
    assert await key_trouble(replica.engine) is None
    assert programme.ids == sorted(programme.ids)
    assert len(programme.ids) == BOTH


async def test_another_deployment_s_folder_is_told_and_takes_no_answers(tmp_path: Path) -> None:
    programme = await Programme(tmp_path / "own").has_pulses()
    other = await Programme(tmp_path / "other").has_pulses()
    swapped = KeyFolder(tmp_path / "other", KEY)
    object.__setattr__(programme.replica.engine.who, "keys", swapped)
    assert "not the one" in str(await key_trouble(programme.replica.engine))
    await programme.replica.play(*COMPLETED, FINAL)
    await programme.answers("mentor 1", "final")
    assert len(programme.replica.kept("retry")) == 1
    assert len(programme.ids) == BOTH
    assert files_in(tmp_path / "other") == ["pilot.key"]
    assert other.attacker.by_survey(programme.database) == {}


async def test_of_replicas_that_first_need_the_key_at_once_both_take_answers_under_one(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_asked()
    one = programme.replica
    other = one.beside()
    one.engine.limits = other.engine.limits = Limits(batch=1)
    store = Interrupted(one.database, ProgrammeKey.kind, other.engine.intake)
    one.engine.store = store
    for name in ("mentor 1", "mentee 1"):
        programme.sends(name, "pulse")
    await one.engine.intake()
    assert store.happens is None
    assert one.seen["conflict", "again"] == 1
    assert len(programme.ids) == 2
    assert len(programme.attacker.by_survey(programme.database)) == 2
    assert files_in(tmp_path) == ["pilot.key"]


async def test_killed_between_the_file_and_its_fingerprint_the_same_key_is_taken_up(tmp_path: Path) -> None:
    made = KeyFolder(tmp_path, KEY).key("pilot", None)
    programme = await Programme(tmp_path).has_pulses()
    assert KeyFolder(tmp_path, KEY).key("pilot", None) == made
    assert len(programme.attacker.by_survey(programme.database)) == BOTH


async def test_killed_between_the_file_and_the_word_that_it_is_gone_the_next_day_ends_it(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    store = Interrupted(programme.database, ProgrammeKey.kind, _killed)
    await programme.replica.play(CLOSED, REPORTS)
    programme.replica.engine.store = store
    with pytest.raises(Killed):
        await programme.replica.play(REPORTS + DAY)
    assert files_in(tmp_path) == ["pilot.destroyed"]
    assert "destroyed': False" in repr(programme.database.records["_key/pilot"].state)
    later = programme.replica.changed(service)
    await later.after(60)
    await later.play(REPORTS + 2 * DAY)
    assert "destroyed': True" in repr(programme.database.records["_key/pilot"].state)
    assert files_in(tmp_path) == ["pilot.destroyed"]


class Killed(BaseException):
    """The process ends here."""


async def _killed() -> None:
    raise Killed


async def test_a_folder_that_was_put_back_after_the_end_is_emptied_again(tmp_path: Path) -> None:
    folder, copied = tmp_path / "keys", tmp_path / "copied"
    programme = await Programme(folder).is_answered()
    shutil.copytree(folder, copied)
    await programme.is_over()
    shutil.rmtree(folder)
    shutil.copytree(copied, folder)
    assert len(programme.attacker.by_survey(programme.database)) == 2 * BOTH
    await programme.replica.play(REPORTS + 2 * DAY)
    assert files_in(folder) == ["pilot.destroyed"]
    assert programme.attacker.by_survey(programme.database) == {}


@pytest.mark.parametrize("fault", [Unavailable, CommitUnknown])
async def test_a_fault_while_answers_are_laid_in_order_loses_none_and_doubles_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    monkeypatch.setattr(unlinking, "AT_ONCE", 3)
    programme = await Programme(tmp_path).has_pulses()
    before = answers_in(programme.database)
    store = Faulty(programme.database, fault)
    programme.replica.engine.store = store
    await programme.replica.play(FINAL - DAY)
    await programme.replica.after(60)
    await programme.replica.after(60)
    assert store.faults == 2
    assert set(store.lay) == {BOTH}
    assert programme.ids == sorted(before)
    assert answers_in(programme.database) == before


class Faulty(MemoryStore):
    """The second and third time that answers are to be laid anew something goes wrong: before it, or after it."""

    def __init__(self, database: MemoryDatabase, fault: type[Exception]) -> None:
        super().__init__(database)
        self._fault = fault
        self._laid = 0
        self.faults = 0
        self.lay: list[int] = []

    async def commit(self, change: Change) -> None:
        self._laid += bool(change.anew)
        faulty = bool(change.anew) and self._laid in (2, 3)
        self.faults += faulty
        if not faulty or self._fault is CommitUnknown:
            await super().commit(change)
        self.lay.append(len(answers_in(self.database)))
        if faulty:
            raise self._fault("a fault of the test's")


async def test_a_body_that_lies_in_quarantine_goes_with_the_key_and_its_sender_hears_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = await Programme(tmp_path).is_answered()
    replica = programme.replica
    replica.engine.retries = Retries(delays=())
    with monkeypatch.context() as patch:
        patch.setattr(answers, "answer_reasons", None)
        await programme.replica.play(FINAL + DAY)
        sent = programme.sends("mentor 1", "final")
        await replica.settle()
    [kept] = replica.kept("quarantine")
    assert sent.person in str(kept["stored"])
    replica.take("portal.replies")
    await programme.is_over()
    assert replica.kept("quarantine") == []
    [told] = replica.take("portal.replies")
    assert [reason["code"] for reason in told["data"]["reasons"]] == ["gone"]
    assert programme.attacker.by_inbox(programme.database, SOURCE) == {}


async def test_who_counts_what_was_lost_takes_answers_for_known_of_which_nobody_can_tell(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).is_answered()
    engine = programme.replica.engine

    async def lost() -> list[int]:
        messages = [programme.broker_has(sent) for sent in programme.attacker.log]
        return await unknown(engine, [engine.desk.from_delivery(message) for message in messages])

    assert await lost() == []
    del programme.database.inbox
    programme.database.inbox = set()
    assert len(await lost()) == 2 * BOTH
    await programme.is_over()
    assert await lost() == []


# An earlier release


def as_an_earlier_release_left(programme: Programme) -> Programme:
    """Surveys without their tandem, answers under the deployment's key, and no key of the programme."""
    records = programme.database.records
    linked = {id: sent.survey for sent in programme.attacker.log for id in _ids_of(programme, sent)}
    for id, asked in linked.items():
        before = records[f"survey/{asked}"]
        records[before.subject] = replace(
            before, state={k: v for k, v in (before.state or {}).items() if k != "tandem"}
        )
        given = records.pop(f"answer/{id}")
        own = {k: v for k, v in (given.state or {}).items() if k not in ("person", "cluster")}
        subject = f"answer/{keyed_id(KEY, 'answer', asked)}"
        records[subject] = replace(given, subject=subject, state={**own, "id": subject.partition("/")[2]})
    del records["_key/pilot"]
    shutil.rmtree(programme.folder)
    return programme


def _ids_of(programme: Programme, sent: Sent) -> set[str]:
    return programme.attacker.ids("answer", sent.survey) & answers_in(programme.database).keys()


async def test_answers_of_an_earlier_release_are_neither_lost_nor_doubled_and_move_under_the_key(
    tmp_path: Path,
) -> None:
    programme = as_an_earlier_release_left(await Programme(tmp_path / "keys").has_pulses())
    before = answers_in(programme.database)
    assert (tmp_path / "keys").exists() is False
    again = programme.sends("mentor 1", "pulse")
    await programme.replica.settle()
    assert answers_in(programme.database) == before
    programme.attacker.log.remove(again)
    await programme.replica.play(STARTS + 30 * DAY)
    moved = answers_in(programme.database)
    assert len(moved) == BOTH
    assert moved.keys().isdisjoint(before)
    assert sorted(state["comment"] for state in moved.values()) == sorted(s["comment"] for s in before.values())
    assert all(state["person"] and state["cluster"] == state["person"] for state in moved.values())
    assert len(programme.attacker.by_person(programme.database)) == BOTH
    await programme.replica.play(STARTS + 31 * DAY)
    assert answers_in(programme.database) == moved


async def test_a_programme_that_was_over_before_the_upgrade_is_anonymous_the_day_after(tmp_path: Path) -> None:
    programme = await Programme(tmp_path / "keys").is_answered()
    await programme.replica.play(CLOSED, REPORTS)
    as_an_earlier_release_left(programme)
    assert len(programme.attacker.by_survey(programme.database)) == 2 * BOTH
    await programme.replica.play(REPORTS + DAY)
    assert len(programme.ids) == 2 * BOTH
    assert programme.attacker.by_survey(programme.database) == {}
    assert programme.attacker.by_person(programme.database) == {}
    assert files_in(tmp_path / "keys") == ["pilot.destroyed"]


async def test_a_survey_that_was_answered_at_both_releases_counts_once(tmp_path: Path) -> None:
    programme = await Programme(tmp_path).has_pulses()
    sent = programme.attacker.log[0]
    [id] = _ids_of(programme, sent)
    newer = programme.database.records[f"answer/{id}"]
    earlier = keyed_id(KEY, "answer", sent.survey)
    double = {**(newer.state or {}), "id": earlier, "person": "", "cluster": ""}
    subject = f"answer/{earlier}"
    programme.database.records[subject] = Record(subject, Answer.kind, version=1, state=double, programme="pilot")
    await programme.is_asked_finally()
    await programme.is_over()
    assert len(programme.ids) == 2 * BOTH
    assert earlier not in programme.ids


# Erasing


def test_after_the_key_is_destroyed_an_erasure_takes_the_survey_and_leaves_the_answers_which_are_nobody_s() -> None:
    scenario = an_asked_programme(4)
    scenario.given(*[answer(name, length=0) for name in everybody(4)], CLOSED)
    scenario.reference.keys.destroy("pilot", "")
    erase(scenario, person("mentor 1"))
    left = scenario.reference.state
    assert sum(isinstance(found, Answer) for found in left.values()) == 8
    kept = left[f"survey/{survey('mentor 1')}"]
    assert isinstance(kept, Survey)
    assert (kept.participant, kept.tandem) == (NOBODY, None)


def test_an_answer_after_the_key_is_destroyed_is_refused_alone_with_why() -> None:
    scenario = an_asked_programme(1)
    scenario.reference.keys.destroy("pilot", "")
    scenario.when(answer("mentor 1", length=7)).then_refused("over")
    assert "anonym" in scenario.one(e.CommandRejected).reasons[0].message.de
    scenario.when(answer("mentor 1", by="mentor 9", length=0)).then_refused("not_yours")
