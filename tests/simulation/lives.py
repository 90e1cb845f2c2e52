"""People's lives in some programmes at a time, under faults: they register, change, pause, go, and are erased.

Registration and matching run as they are; portal, office and personnel system do what people do, in random order, some
things twice, and react to what is said. `lives_promises.py` judges how it ends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.contracts import evaluation, scheduling
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Consents
from tests.simulation import lives_asking
from tests.simulation.lives_world import CALM_DAYS, DAYS, PEOPLE, SIDES, Life, Lives, Told


def _registered(world: Lives, event: Told) -> None:
    """Somebody takes part: what they will do is drawn once, and comes in any order."""
    data, rng = event["data"], world.rng
    who = data["participant_id"]
    if who in world.members:
        return
    life = Life(who, data["programme_id"], data["role"], world.keys[who])
    others = [other.participant for other in world.members.values() if other.programme == life.programme]
    world.members[who] = life
    if len(others) > 1 and rng.random() < 0.4:
        vetoes = tuple(rng.sample(others, 2))
        world.by_themself(life, m.NameWishes(participant_id=who, vetoes=vetoes), rng.uniform(0, 12))
    if rng.random() < 0.4:
        profile = world.profile(life.role, rng.randrange(4))
        change = r.ChangeProfile(participant_id=who, profile=profile, replaces=rng.choice((1, 1, 2)))
        world.by_themself(life, change, rng.uniform(0, 15))
    lives_asking.asks(world, life)
    if rng.random() < 0.2:
        consents = r.ChangeConsents(participant_id=who, consents=Consents(stories=True, reserve=rng.random() < 0.8))
        world.by_themself(life, consents, rng.uniform(0, 40))
    if rng.random() < 0.35:
        world.pause(life, rng.uniform(0, 45))
    if rng.random() < 0.08:
        world.by_themself(life, r.Withdraw(participant_id=who), rng.uniform(0, 45))
    if rng.random() < 0.04:
        world.by_themself(life, r.ErasePerson(participant_id=who), rng.uniform(0, 50))
    for _ in range(rng.choice((0, 0, 1, 3))):
        world.word_of_hr(life.key, rng.uniform(0, 40))
    if rng.random() < 0.05:
        world.word_of_hr(life.key, rng.uniform(0, 40), ends=True)


def _released(world: Lives, event: Told) -> None:
    """A line manager is asked: most say yes, some no, some nothing."""
    data, chance = event["data"], world.rng.random()
    if data["status"] == "asked" and chance < 0.85:
        answer = r.GrantRelease if chance < 0.7 else r.RefuseRelease
        world.command(answer(participant_id=data["participant_id"]), "office", world.rng.uniform(0, 12))


def _closed(world: Lives, event: Told) -> None:
    """After the close the office admits somebody who comes late, or again."""
    programme = event["data"]["programme_id"]
    if world.rng.random() < 0.5:
        number, role = world.rng.randrange(PEOPLE), world.rng.choice(SIDES)
        registration = world.registering(programme, f"P-{number}", number, role)
        fields = registration.model_dump()
        world.command(r.AdmitLate(role=role, **fields), "office", world.rng.uniform(0, 15))


def _both(world: Lives, event: Told) -> list[Life]:
    return [life for who in ("mentor", "mentee") if (life := world.members.get(event["data"][who])) is not None]


def _proposed(world: Lives, event: Told) -> None:
    """A pair was proposed: now and then the office decides on it at once, or one of the two pauses or leaves."""
    rng, id = world.rng, event["data"]["proposal_id"]
    if rng.random() < 0.1:
        world.command(m.RejectProposal(proposal_id=id, reason="known to each other"), "office", 0)
    elif rng.random() < 0.15:
        world.command(m.ApproveProposal(proposal_id=id), "office", 0)
    _troubled(world, event, "proposed")


QUIET = {"proposed": 0.4, "asked": 0.35, "in a tandem": 0.05}
"""The share of pairs to whom nothing happens meanwhile; few come to be tandems within these weeks."""
TROUBLES = ("pauses", "withdraws", "employment ends", "is erased")
"""What comes between two who are proposed, asked, or a tandem."""


def _troubled(world: Lives, event: Told, while_: str) -> None:
    """Something comes between: one of the two pauses, leaves, is left by the employer, or asks to be erased."""
    rng = world.rng
    # Not so late that nothing that follows from it comes to its date.
    if world.day() > DAYS + CALM_DAYS - 3 or rng.random() < QUIET[while_] or not (both := _both(world, event)):
        return
    life = rng.choice(both)
    # In turn, and another first under each seed: so a few seeds see each of them, however the dice fall.
    before = sum(count for name, count in world.happened.items() if name.endswith(f" while {while_}"))
    what = TROUBLES[(world.seed + before) % len(TROUBLES)]
    world.happened[f"{what} while {while_}"] += 1
    after = rng.uniform(0, 5)
    if what == "pauses":
        world.pause(life, after)
    elif what == "withdraws":
        world.by_themself(life, r.Withdraw(participant_id=life.participant), after)
    elif what == "is erased":
        world.by_themself(life, r.ErasePerson(participant_id=life.participant), after)
    else:
        world.word_of_hr(life.key, after, ends=True)


def _asked(world: Lives, event: Told) -> None:
    """Both are asked; most answer, and most say yes."""
    for life in _both(world, event):
        proposal, after = event["data"]["proposal_id"], world.rng.uniform(0, 6)
        chance = world.rng.random()
        answer = m.AcceptProposal if chance < 0.75 else m.DeclineProposal
        if chance < 0.9:
            world.by_themself(life, answer(proposal_id=proposal, participant_id=life.participant), after)
    _troubled(world, event, "asked")


def _paired(world: Lives, event: Told) -> None:
    """A tandem began: it may end early."""
    both = _both(world, event)
    if both and world.rng.random() < 0.15:
        tandem = event["data"]["tandem_id"]
        ending = m.EndTandem(tandem_id=tandem, rematch=world.rng.random() < 0.6)
        world.by_themself(world.rng.choice(both), ending, world.rng.uniform(1, 20))
    _troubled(world, event, "in a tandem")


def _solved(world: Lives, event: Told) -> None:
    data, rng = event["data"], world.rng
    if data["status"] != "proposed":
        return
    if data["offers"] and rng.random() < 0.2:
        world.command(m.DeclineRound(round_id=data["round_id"], reason="all may stay"), "office", 1)
    else:
        offer: m.OfferName = "full_order" if data["offers"] and rng.random() < 0.5 else "fewest_changes"
        world.command(m.ApproveRound(round_id=data["round_id"], offer=offer), "office", rng.uniform(0, 2))


def _wishing(world: Lives, event: Told) -> None:
    if world.rng.random() < 0.3:
        world.command(m.EndWishing(round_id=event["data"]["round_id"]), "office", world.rng.uniform(0, 4))


def _needs_office(world: Lives, event: Told) -> None:
    """The office answers what matching asks it, if it has not gone home."""
    data, rng = event["data"], world.rng
    if data["status"] == "settled" or rng.random() < 0.4:
        return
    if data["what"] in ("place-free", "round-empty"):
        world.command(m.StartRound(programme_id=data["programme_id"]), "office", rng.uniform(0, 6))
    if data["what"] == "tandem-breaks-rule":
        tandem = data["whom"][0].split("/")[1]
        if data["whom"][0].startswith("tandem/"):
            keeps = m.KeepTandem(tandem_id=tandem, reason="it goes well"), m.EndTandem(tandem_id=tandem)
            world.command(rng.choice(keeps), "office", rng.uniform(0, 6))


def _erase(world: Lives, event: Told) -> None:
    """The two services that do not run here hold nobody, and confirm."""
    for kind in (evaluation.PeopleErased, scheduling.PeopleErased):
        world.fact(kind(erasure_id=event["data"]["erasure_id"], service=kind.owner), kind.owner, 0)


ANSWERS: Mapping[str, Callable[[Lives, Told], None]] = {
    **lives_asking.ANSWERS,
    r.ParticipantRegistered.name: _registered,
    r.ReleaseAsked.name: _released,
    r.RegistrationClosed.name: _closed,
    r.ErasureOrdered.name: _erase,
    m.WishesInvited.name: _wishing,
    m.PairProposed.name: _proposed,
    m.RoundSolved.name: _solved,
    m.ProposalApproved.name: _asked,
    m.TandemFormed.name: _paired,
    m.OfficeAttentionNeeded.name: _needs_office,
}


@dataclass
class LivesWorld(Lives):
    """People who do what is said here."""

    answers: Mapping[str, Callable[[Lives, Told], None]] = field(default_factory=lambda: ANSWERS)
