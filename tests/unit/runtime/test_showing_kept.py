"""What somebody is shown of the messages that a service has not handled yet, and what stays with others."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from services.evaluation.service import service as evaluation
from services.matching.service import service as matching
from services.matching.solution import LeaveOut
from services.registration.service import service as registration
from shared.contracts import evaluation as e
from shared.contracts import hr
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Contract, Holding, Text
from shared.contracts.parts import NOBODY, ParticipantId, PersonnelKey, Reasoned
from shared.runtime import discovery
from shared.runtime.decision import Context
from shared.runtime.every_row import every_row
from shared.runtime.ids import derived_id, keyed_id
from shared.runtime.naming import OF_OTHERS, OF_THINGS, may_name_others
from shared.runtime.showing import MESSAGE, held_on
from shared.runtime.shown import Shown
from shared.runtime.table import Ask, Fact, Piece, Service
from tests.unit.evaluation.people import formed, person
from tests.unit.registration.test_registration import mentor, opening, topic
from tests.unit.runtime.engine_in_memory import KEY, Replica

ANNA, BEN = (keyed_id(KEY, "participant", "pilot", key) for key in ("P-anna", "P-ben"))
NAME = r.ParticipantChanged.name
STEP = {"type": "step", "since": "2027-01-11", "status": "retry", "names_others": True}


def fails(message: Any, state: Any, context: Context) -> Any:
    raise ArithmeticError("a defect that a release mends")


def failing(service: Service, *kinds: type[Any]) -> Replica:
    """A replica whose rows for these messages fail."""
    rows = [
        replace(row, load=lambda message, get: None, decide=fails)
        if isinstance(row, Ask | Fact | Piece) and row.on in kinds
        else row
        for row in service.rows
    ]
    return Replica(replace(service, rows=tuple(rows)))


async def shown_to(replica: Replica, *who: str) -> list[Holding]:
    """What one person, who is these participants, is shown of what is kept."""

    async def beat() -> None:
        """No lease is held."""

    people = ",".join(f"pilot/{each}" for each in who)
    parts = await held_on(replica.engine, f"request|{people}", 1, beat)
    return [holding for part in parts for holding in part.holdings if holding.kind == MESSAGE]


async def one_shown_to(replica: Replica, who: str) -> dict[str, Any]:
    [holding] = await shown_to(replica, who)
    return dict(holding.fields)


def fact(key: str, **more: Any) -> hr.EmploymentChanged:
    return hr.EmploymentChanged(employment_id=f"e-{key}", personnel_key=key, site=f"site of {key}", **more)


async def a_registration() -> Replica:
    replica = Replica(registration)
    for message in (topic(), opening()):
        replica.send(message, "office")
    for key in ("P-anna", "P-ben"):
        replica.send(mentor(key), "portal")
    await replica.settle()
    return replica


async def test_what_lies_in_quarantine_is_shown_to_whom_it_names_by_personnel_key_with_its_data() -> None:
    replica = await a_registration()
    for key in ("P-anna", "P-ben"):
        replica.send(fact(key), "hr")  # without a sequence
    await replica.settle()
    assert len(replica.kept("quarantine")) == 2
    held = await one_shown_to(replica, ANNA)
    data = held.pop("data")
    assert held == {"type": "hr.employment-changed.v1", "since": "2027-01-11", "status": "quarantine"}
    assert (data["site"], data["personnel_key"]) == ("site of P-anna", "P-anna")


async def test_what_leads_to_superiors_is_told_of_without_its_data() -> None:
    replica = await a_registration()
    replica.send(fact("P-anna", superiors=("P-ben",)), "hr")
    await replica.settle()
    held = await one_shown_to(replica, ANNA)
    assert (held["type"], held["names_others"], "data" in held) == ("hr.employment-changed.v1", True, False)
    assert await shown_to(replica, BEN) == [], "the superior is not whom it is about"


async def test_what_waits_for_its_cause_and_what_is_tried_again_say_so() -> None:
    replica = Replica(evaluation)
    replica.send(formed(1, "mentor", "mentee"), sequence=1)
    await replica.settle()
    held = await one_shown_to(replica, person("mentor"))
    told = {"type": m.TandemFormed.name, "since": "2027-01-11", "status": "waiting", "names_others": True}
    assert held == told
    replica = failing(registration, r.AskOffice)
    replica.send(r.AskOffice(participant_id=ANNA, programme_id="pilot", question="When?"), actor=ANNA)
    await replica.settle()
    held = await one_shown_to(replica, ANNA)
    assert (held["status"], held["data"]["question"]) == ("retry", "When?")


async def test_a_type_that_nobody_knows_is_told_to_who_sent_it_and_not_by_the_sender_s_invention() -> None:
    replica = Replica(registration)
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": "1",
        "source": "/portal",
        "type": "tandem.registration.anna-is-ill.v1",
    }
    body |= {"actor": ANNA, "data": {"participant_id": ANNA, "about": BEN}}
    replica.send_raw(json.dumps(body).encode(), "commands")
    await replica.settle()
    held = await one_shown_to(replica, ANNA)
    assert (held["type"], held["status"], held["names_others"]) == ("unknown", "quarantine", True)
    assert await shown_to(replica, BEN) == []


async def test_what_is_kept_goes_out_in_parts_and_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    replica = failing(registration, r.AskOffice)
    for number in range(12):
        asks = r.AskOffice(participant_id=ANNA, programme_id="pilot", question=f"Question {number}?")
        replica.send(asks, actor=ANNA)
    await replica.settle()
    monkeypatch.setattr("shared.runtime.showing.PART_BYTES", 1_000)
    monkeypatch.setattr("shared.runtime.showing.PAGE", 5)
    told = [dict(one.fields)["data"] for one in await shown_to(replica, ANNA)]
    assert {str(one) for one in told} == {
        str({"programme_id": "pilot", "participant_id": ANNA, "question": f"Question {number}?"})
        for number in range(12)
    }


@pytest.mark.proves("P1")
async def test_a_veto_that_is_stuck_is_nobody_s_to_know_but_who_said_it() -> None:
    replica = failing(matching, m.NameWishes)
    veto = m.NameWishes(participant_id=BEN, vetoes=(ANNA,))
    replica.send(veto, actor=BEN)
    replica.send(veto)  # nobody says on whose behalf
    replica.send_raw(f'{{"vetoes": ["{ANNA}"]'.encode(), "commands", m.NameWishes.name)
    await replica.settle()
    assert len(replica.kept("retry") + replica.kept("quarantine")) == 3
    assert await shown_to(replica, ANNA) == []
    held = await one_shown_to(replica, BEN)
    assert (held["type"], held["names_others"], "data" in held) == (m.NameWishes.name, True, False)


async def test_own_answers_that_are_stuck_are_shown_to_who_gave_them() -> None:
    replica = failing(evaluation, e.SubmitAnswers)
    survey = derived_id("survey", 1)
    answers = e.SubmitAnswers(survey_id=survey, participant_id=ANNA, answers={"rating": 4}, comment="in my words")
    replica.send(answers, actor=ANNA)
    await replica.settle()
    data = (await one_shown_to(replica, ANNA))["data"]
    assert (data["survey_id"], data["comment"], data["answers"]) == (survey, "in my words", {"rating": 4})
    assert await shown_to(replica, BEN) == []


async def test_what_the_office_or_another_person_asked_is_told_of_without_its_words() -> None:
    replica = failing(registration, r.PauseParticipation, r.Withdraw)
    replica.send(r.Withdraw(participant_id=ANNA), "office")
    replica.send(r.PauseParticipation(participant_id=ANNA), actor=BEN)
    await replica.settle()
    held = {str(one.fields["type"]): one.fields for one in await shown_to(replica, ANNA)}
    assert set(held) == {r.Withdraw.name, r.PauseParticipation.name}
    assert all(fields["names_others"] and "data" not in fields for fields in held.values())


async def test_a_fact_that_cannot_be_read_is_told_of_and_one_that_does_not_fit_is_without_its_data() -> None:
    replica = Replica(matching)
    replica.send_raw(f"not JSON: {ANNA}".encode(), "events", NAME)
    await replica.settle()
    assert (await one_shown_to(replica, ANNA))["type"] == "unknown"
    replica = Replica(matching)
    data = {"participant_id": ANNA, "role": "somebody's name"}
    envelope = {
        "specversion": "1.0",
        "id": "1",
        "source": "/tandem/registration",
        "type": f"tandem.{NAME}",
        "data": data,
    }
    replica.send_raw(json.dumps(envelope).encode(), "events", NAME)
    await replica.settle()
    held = await one_shown_to(replica, ANNA)
    assert (held["type"], held["names_others"], "data" in held) == (NAME, True, False)


async def test_a_step_of_the_service_s_own_is_told_of_without_its_name_and_what_others_are_shown_not_at_all() -> None:
    replica = failing(matching, LeaveOut)
    theirs = Holding(kind="wishes", programme_id="pilot", id="w", fields={"vetoes": [ANNA]})
    told = Shown(request_id="q", number=0, parts=1, holdings=(theirs,)).model_dump(mode="json")
    desk = replica.engine.desk
    reason = Reasoned(code="vetoed", text=Text(de="Ein Ausschluss.", en="A veto."))
    left_out = LeaveOut(round_id="round", participant_id=ANNA, reason=reason).model_dump(mode="json")
    pieces = [desk.from_piece("LeaveOut", left_out, id="one"), desk.from_piece("Shown", told, id="two")]
    pieces[1].fault = "a defect"
    await replica.engine.handle(pieces)
    assert len(replica.kept("retry") + replica.kept("quarantine")) == 2
    assert await one_shown_to(replica, ANNA) == STEP


# Whom data may name

IDS = st.uuids().map(str)
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(ANNA) | st.just(ANNA.upper()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(data=NESTED, id=IDS, words=st.sampled_from(["{}", "urn:uuid:{}", "I know {} well"]))
def test_an_id_that_is_not_one_s_own_is_found_wherever_it_stands(data: Any, id: str, words: str) -> None:
    assert not may_name_others(data, {ANNA})
    said = words.format(id)
    for with_it in ([data, said], {"a": data, "b": {"c": [said]}}, {said: data}, {"topics": [{"tandem_id": [said]}]}):
        assert may_name_others(with_it, {ANNA})


def test_ids_of_things_and_the_zeros_of_who_was_erased_name_nobody() -> None:
    tandem = derived_id("tandem", 1)
    assert not may_name_others({"tandem_id": tandem, "mentor": NOBODY, "mentee": ANNA}, {ANNA})
    assert may_name_others({"tandem_id": tandem, "mentor": BEN}, {ANNA})
    assert may_name_others({"superiors": ["P-1"]}, {ANNA})
    assert not may_name_others({"superiors": [], "releaser_mail": None}, {ANNA})


def _fields(contract: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, hint in get_type_hints(contract, include_extras=True).items():
        if name in contract.model_fields:
            yield name, hint
            for part in _parts(hint):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    yield from _fields(part)


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    if hint not in (ParticipantId, PersonnelKey):
        for part in get_args(hint):
            yield from _parts(part)


def _taken() -> set[type[Contract]]:
    return {row.on for service in discovery.load_all() for row in every_row(service) if isinstance(row, Ask | Fact)}


def test_no_message_has_a_person_where_the_id_of_a_thing_stands_nor_another_s_key_where_nobody_looks() -> None:
    found = {(name, part) for contract in _taken() for name, hint in _fields(contract) for part in _parts(hint)}
    people = {name for name, part in found if part == ParticipantId}
    assert {"participant_id", "vetoes", "mentor"} <= people
    assert not people & OF_THINGS
    keys = {name for name, part in found if part == PersonnelKey}
    assert keys - {"personnel_key"} == OF_OTHERS - {"reporting_line", "releaser_mail"}
    assert {name for name, _ in found} >= OF_OTHERS | OF_THINGS, "a field that no message has"
