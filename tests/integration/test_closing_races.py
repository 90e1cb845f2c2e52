"""Somebody registers, and somebody leaves, at the moment that registration closes, at three replicas, many times."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.runtime.closed_set import closed_set
from shared.runtime.envelope import Envelope
from tests.support.town import Town, running_town

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("closing-races"), pytest.mark.asyncio(loop_scope="module")]

RACES, AT_ONCE = 1_000, 10


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with running_town(tmp_path_factory.mktemp("system"), {"registration": 3}) as town:
        yield town


async def race(town: Town, number: int, lot: random.Random) -> bool:
    """Whether the late one was taken, where a mentor registers and another leaves while registration closes.

    The three are sent at once or a few milliseconds apart, so that over many races each comes first, and some meet.
    """
    programme = f"race-{number}"
    await town.open(programme, places=10)
    people = [await town.register(programme, "mentor", n) for n in range(2)]
    people += [await town.register(programme, "mentee", n) for n in range(3)]
    leaver = people[1].data["participant_id"]
    late = town.registering(programme, "mentor", 2)
    sent = {
        "late": town.client.wrap(late, "portal"),
        "leaves": town.client.wrap(r.Withdraw(participant_id=leaver), "portal", actor=leaver),
        "closes": town.client.wrap(r.CloseRegistration(programme_id=programme), "office"),
    }

    async def send(name: str) -> Envelope:
        await asyncio.sleep(lot.choice((0, 0, 0.002, 0.005, 0.01)))
        await town.client.publish(sent[name], "office" if name == "closes" else "portal")
        return await town.client.answer(sent[name].id, 60)

    answers = dict(zip(sent, await asyncio.gather(*map(send, sent)), strict=True))
    assert answers["closes"].name == r.ProgrammeChanged.name, answers["closes"].data
    assert answers["leaves"].name == r.ParticipantWithdrew.name, answers["leaves"].data

    def closed() -> list[dict[str, object]]:
        return list(town.said(r.RegistrationClosed, programme_id=programme).values())

    def solved() -> list[dict[str, object]]:
        return list(town.said(m.RoundSolved, programme_id=programme).values())

    await town.client.until(lambda: bool(closed() and solved()), 120, f"the round of {programme}")
    members = {p.data["participant_id"] for p in people}
    taken = answers["late"].name == r.ParticipantRegistered.name
    if taken:
        members.add(answers["late"].data["participant_id"])
    else:
        assert [why["code"] for why in answers["late"].data["reasons"]] == ["registration_closed"]
    [set_] = closed()
    assert set_["closed_set"] == closed_set(members).model_dump(mode="json"), f"{programme}: who was taken is in no set"
    mentors = {pair["mentor"] for pair in town.said(m.PairProposed, programme_id=programme).values()}
    mentors -= {leaver}  # whether their pair was proposed before they left is settled below
    expected = members - {leaver} - {p.data["participant_id"] for p in people[2:]}
    assert mentors == expected, f"{programme}: a mentor was neither matched nor refused"
    await town.client.until(lambda: not open_of(town, programme, leaver), 30, "nobody is paired with who left")
    return taken


def open_of(town: Town, programme: str, participant: str) -> set[str]:
    """The proposals that still hold somebody."""
    proposed = town.said(m.PairProposed, programme_id=programme, mentor=participant).values()
    ended = {e["proposal_id"] for e in town.said(m.ProposalWithdrawn, programme_id=programme).values()}
    return {p["proposal_id"] for p in proposed} - ended


@pytest.mark.proves("S15", "P5")
async def test_who_registers_while_it_closes_is_in_the_set_and_matched_or_refused_and_told(town: Town) -> None:
    lot = random.Random(11)
    outcomes: list[bool] = []
    for first in range(0, RACES, AT_ONCE):
        outcomes += await asyncio.gather(*(race(town, first + n, lot) for n in range(AT_ONCE)))
    taken = sum(outcomes)
    assert 0 < taken < RACES, f"{taken} of {RACES} were taken: it was no race"
    handled = await town.counted(r.CloseRegistration.name, "handled", [f"registration-{n}" for n in (1, 2, 3)])
    assert all(handled.values()), f"one replica closed none: {handled}"
