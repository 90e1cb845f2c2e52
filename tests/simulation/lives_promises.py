"""What no order of messages may lead to in people's lives, judged from what was said and what was committed."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from shared.contracts import matching as m
from shared.contracts import registration as r
from tests.simulation.asked_promises import ASKING, ends_of_asking
from tests.simulation.judged import Judged, Told
from tests.simulation.lives_world import Lives
from tests.simulation.messages import WrongError
from tests.simulation.standing import Standing, nowhere_or_twice, stands_in

REGISTERING = (r.RegisterMentor.name, r.RegisterMentee.name, r.AdmitLate.name, r.JoinAgain.name)
COPIED = ("role", "status", "profile", "position", "reporting_line", "paused_since", "paused_until", "days_paused")
ALSO_COPIED = ("admitted", "line", "released", "late", "waiting_since")
"""What both services have of somebody."""
LATE = 2
"""Days that a decision may have known."""


def kept(world: Lives) -> None:
    """Judge a finished run. Raises WrongError with every broken promise."""
    if broken := broken_promises(world):
        raise WrongError("; ".join(broken))


def broken_promises(world: Lives) -> list[str]:
    """Everything that is wrong with a finished run."""
    it = Judged(world)
    promises = (
        _each_registration_has_one_outcome,
        _nobody_is_registered_twice,
        _the_closed_set_is_whole,
        _nobody_is_proposed_who_takes_no_part,
        _nobody_is_matched_with_themself,
        _no_veto_is_broken,
        _nobody_who_left_holds_anything,
        _room_is_not_left_empty,
        _both_know_the_same,
        *ASKING,
    )
    return [*nowhere_or_twice(it.everybody), *(wrong for promise in promises for wrong in promise(it))]


def _each_registration_has_one_outcome(it: Judged) -> Iterator[str]:
    """Accepted once or refused with reasons, over all deliveries."""
    outcomes: dict[str, set[str]] = defaultdict(set)
    for event in it.said(r.ParticipantRegistered.name):
        outcomes[event["causationid"]].add(event["id"])
    for event in it.said(r.CommandRejected.name):
        if event["data"]["reasons"]:
            outcomes[event["data"]["command_id"]].add(event["id"])
    for id in sorted(it.asked(*REGISTERING)):
        if len(outcomes[id]) != 1:
            yield f"registration {id} has {len(outcomes[id])} outcomes"


def _nobody_is_registered_twice(it: Judged) -> Iterator[str]:
    """One registration between two leavings; one person for all participations, and just those."""
    steps: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for event in it.events:
        if event.get("subject", "").startswith("participant/") and "sequence" in event:
            steps[event["data"]["participant_id"]].append((event["sequence"], event["data"]["status"]))
    begun = {(e["data"]["participant_id"], e["sequence"]) for e in it.said(r.ParticipantRegistered.name)}
    for who, found in steps.items():
        before = "withdrawn"
        for sequence, status in sorted(found):
            if (who, sequence) in begun and before != "withdrawn":
                yield f"{who} was registered twice"
            before = status
    participants = it.registration.all("participant")
    for who, participant in participants.items():
        same = [p for p in participants.values() if p["position"] == participant["position"]]
        here = [p["id"] for p in same if (p["programme"], p["role"]) == (participant["programme"], participant["role"])]
        if len(here) > 1:
            yield f"{here} are one person in one programme"
        person = it.registration.get("person", participant["position"])
        joined = sorted(p["participant"] for p in person.get("participations", ()))
        if joined != sorted(p["id"] for p in same):
            yield f"{who}: their person joins {joined}"


def _digest(members: set[str]) -> list[str]:
    buckets = [0] * 256
    for member in members:
        hashed = hashlib.sha256(member.encode()).digest()
        buckets[hashed[0]] ^= int.from_bytes(hashed)
    return [f"{bucket:064x}" if bucket else "" for bucket in buckets]


def _the_closed_set_is_whole(it: Judged) -> Iterator[str]:
    """Who was accepted is in the set that was said, unless erased since; the newest word of it has no erased."""
    here = it.registration.all("participant")
    for programme, known in it.registration.all("programme").items():
        members = {who for who, where in it.accepted.items() if where == programme}
        late = {who for who in members if here.get(who, {}).get("late")}
        gone = members - here.keys()
        possible = [
            _digest(members - late - set(some)) for n in range(len(gone) + 1) for some in combinations(sorted(gone), n)
        ]
        for event in it.said(r.RegistrationClosed.name):
            closed = event["data"]["closed_set"]
            if event["data"]["programme_id"] == programme and closed["buckets"] not in possible:
                yield f"{programme} closed with {closed['count']}, {len(members)} were accepted"
        now = known["closed_set"]
        if now is not None and now["buckets"] != _digest(members - late - gone):
            yield f"{programme} says {now['count']} at the end, it has {len(members - late - gone)}"


def _nobody_is_proposed_who_takes_no_part(it: Judged) -> Iterator[str]:
    """By what matching had been told: nobody is proposed or asked who had left, and nobody proposed who paused.

    What is committed together was decided in some order: so one of the two states, before and after, must allow it.
    """
    candidates: dict[str, Told] = {}
    proposals: dict[str, str] = {}
    days: list[str] = []
    for change in it.world.databases["matching"].history:
        states = {record.subject: record.state for record in change.writes if record.state is not None}
        days += [states["_today/today"]["date"]] if "_today/today" in states else []
        after = candidates | {s.partition("/")[2]: state for s, state in states.items() if s.startswith("candidate/")}
        for subject, proposal in states.items():
            if not subject.startswith("proposal/"):
                continue
            before, now = proposals.get(subject), proposal["status"]
            proposals[subject] = now
            if now == before or now not in ("proposed", "approved"):
                continue
            for who in (proposal["mentor"], proposal["mentee"]):
                possible = [state for state in (candidates.get(who), after.get(who)) if state is not None]
                if all(state["status"] == "withdrawn" for state in possible):
                    yield f"{subject} is {now}, and {who} had left"
                elif now == "proposed" and all(_kept_out(state, days[-LATE:]) for state in possible):
                    yield f"{subject} is proposed on {days[-1]}, and {who} takes no part"
        for subject, _ in change.deletes:
            after.pop(subject.partition("/")[2], None) if subject.startswith("candidate/") else None
        candidates = after


def _kept_out(candidate: Told, days: list[str]) -> bool:
    """Whether somebody could not be proposed on any of these days."""
    since, until = candidate["paused_since"], candidate["paused_until"] or "9999"
    pauses = since is not None and bool(days) and all(since <= day <= until for day in days)
    return pauses or not candidate.get("admitted", True) or not candidate.get("released", True)


def _nobody_is_matched_with_themself(it: Judged) -> Iterator[str]:
    """Who is mentor and mentee in one programme is two participants, and never a pair."""
    people = it.matching.all("candidate")
    for id, proposal in it.matching.all("proposal").items():
        one, other = (people.get(proposal[side], {}).get("position") for side in ("mentor", "mentee"))
        if one is not None and one == other:
            yield f"proposal {id} is of one person alone"


def _no_veto_is_broken(it: Judged) -> Iterator[str]:
    """No round proposes a pair that one of the two had excluded when it began to be solved, and never took back."""
    vetoes: dict[str, set[str]] = {}
    fixed: dict[str, dict[str, set[str]]] = {}
    known: set[str] = set()
    for change in it.world.databases["matching"].history:
        states = {record.subject: record.state for record in change.writes if record.state is not None}
        before = dict(vetoes)
        for subject, state in states.items():
            if subject.startswith("wishes/"):
                vetoes[state["id"]] = set(state["vetoes"])
        for subject, state in states.items():
            if subject.startswith("round/") and state["status"] == "solving":
                fixed.setdefault(state["id"], before)
            if subject.startswith("proposal/") and subject not in known:
                known.add(subject)
                for one, other in ((state["mentor"], state["mentee"]), (state["mentee"], state["mentor"])):
                    excluded = fixed.get(state["round"], {}).get(one, set()) & vetoes.get(one, set())
                    if other in excluded:
                        yield f"{subject}: {one} had excluded {other}"


def _nobody_who_left_holds_anything(it: Judged) -> Iterator[str]:
    for person in it.everybody:
        if person.person.get("status") == "registered":
            continue
        seat = person.seat
        if person.proposals or person.tandems or person.listed or seat.get("proposals") or seat.get("tandems"):
            yield f"{person.id} has left and holds something"
    for seat_id, seat in it.matching.all("seat").items():
        mine = [s for s in it.everybody if s.id == seat_id]
        for kind, held in (("proposals", mine[0].proposals), ("tandems", mine[0].tandems)) if mine else ():
            if sorted(seat[kind]) != sorted(pair["id"] for pair in held):
                yield f"{seat_id}: the seats hold {seat[kind]}, and {len(held)} {kind} are open"


def _room_is_not_left_empty(it: Judged) -> Iterator[str]:
    """Nobody is held back while there is room for them."""
    for id, programme in it.registration.all("programme").items():
        people = [p for p in it.registration.all("participant").values() if p["programme"] == id]
        for role in ("mentor", "mentee"):
            most = programme["rules"]["registration"][f"{role}s_at_most"]
            here = [p for p in people if p["role"] == role and p["status"] == "registered"]
            admitted = [p for p in here if p["admitted"]]
            closed = programme["status"] in ("closed", "running")
            if closed and len(admitted) < len(here) and (most is None or len(admitted) < most):
                yield f"{id}: {len(here) - len(admitted)} {role}s wait in line, and {len(admitted)} are in"


def _both_know_the_same(it: Judged) -> Iterator[str]:
    """Matching's copy of everybody is as registration has them."""
    here, there = it.registration.all("participant"), it.matching.all("candidate")
    for who in sorted(here.keys() ^ there.keys()):
        yield f"{who} is known to one of the two services alone"
    for who in here.keys() & there.keys():
        fields = (*COPIED, *(name for name in ALSO_COPIED if name in here[who] and name in there[who]))
        other = [name for name in fields if here[who][name] != there[who][name]]
        if other:
            yield f"{who}: matching has another {', '.join(other)}"


def rare(world: Lives) -> set[str]:
    """What happened in a run of what seldom does, by name."""
    it = Judged(world)
    at_the_end = {name for person in it.everybody for name in _ends(person)}
    refused = {reason["code"] for event in it.said(r.CommandRejected.name) for reason in event["data"]["reasons"]}
    letters = {f"told: {event['data']['topic']}" for event in it.said(r.PersonAddressed.name)}
    asked = {f"{kind} {status}" for kind, status in ends_of_asking(it)}
    withdrawn = {f"ended: {event['data']['status']}" for name in ENDS for event in it.said(name)}
    twice = {"in two programmes", "mentor here and mentee there"} if _both_roles(it) else set()
    broke = {"a tandem broke a rule"} if it.said(m.TandemBreaksRule.name) else set()
    return {
        *world.happened,
        *at_the_end,
        *(f"refused: {code}" for code in refused),
        *withdrawn,
        *twice,
        *broke,
        *letters,
        *asked,
    }


ENDS = (
    m.TandemEnded.name,
    m.ProposalDeclined.name,
    m.ProposalExpired.name,
    m.ProposalWithdrawn.name,
)


def _ends(person: Standing) -> Iterator[str]:
    yield from stands_in(person)
    if person.pauses and (person.tandems or person.proposals):
        yield "pauses with somebody"


def _both_roles(it: Judged) -> bool:
    roles: dict[str, set[str]] = defaultdict(set)
    for participant in it.registration.all("participant").values():
        roles[participant["position"]].add(participant["role"])
    return any(len(found) > 1 for found in roles.values())
