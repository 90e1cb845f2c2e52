"""What matching remembers: copies of people and programmes, and rounds, proposals, tandems, the reserve list."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.matching.people import Person
from services.matching.proof import ProofHead, ProofPart
from shared.contracts.base import Office, Text
from shared.contracts.matching import Offer, OfferName, ScorePart
from shared.contracts.parts import Deadlines, MatchingRules, Profile, Reasoned, Rules, Side, Term
from shared.contracts.registration import ClosedSet
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.pausing import Pausing
from shared.runtime.ruled import Ruled


class Programme(Ruled, kind="programme"):
    """What a round needs of a programme; newest state wins. Decisions take it `on` a day, for the rules of that day."""

    title: Text
    status: Literal["open", "closing", "closed", "running", "ended"] = "open"
    places: int
    term: Term
    office: Office
    rules: MatchingRules
    deadlines: Deadlines
    closed_set: ClosedSet | None
    held_back: ClosedSet | None = None
    seen: Seen = Seen()

    @classmethod
    def parts(cls, rules: Rules) -> dict[str, Any]:
        """The parts of the rules that matching reads."""
        return {"rules": rules.matching, "deadlines": rules.deadlines}

    def over(self, today: dt.date) -> bool:
        """Whether no round and no tandem begins any more: it has ended, or its last day is over."""
        return self.status == "ended" or today > self.term.ends


class Topic(Aggregate, kind="topic"):
    """The words of a topic, and where it leads if it was merged into another; newest state wins."""

    label: Text
    forwards_to: str | None = None
    retired: bool = False
    programme: str | None = "catalogue"
    seen: Seen = Seen()


class Candidate(Pausing, kind="candidate"):
    """Somebody who may be matched; newest state wins. `line`: the place in line of who found no room at the close."""

    role: Side
    status: Literal["registered", "withdrawn"]
    profile: Profile
    position: str
    reporting_line: tuple[str, ...]
    waiting_since: dt.date | None = None
    released: bool = True
    late: bool = False
    admitted: bool = True
    line: int | None = None
    seen: Seen = Seen()

    def takes_part(self, on: dt.date) -> bool:
        """Whether somebody may be proposed to anybody on a day.

        They have not left, their time is released, they found room, and they do not pause.
        """
        return self.status == "registered" and self.released and self.admitted and not self.pauses(on)

    @property
    def capacity(self) -> int:
        """Tandems at a time."""
        return self.profile.capacity if self.role == "mentor" else 1

    @property
    def person(self) -> Person:
        """Somebody as the rules see them."""
        return Person(
            id=self.id,
            role=self.role,
            profile=self.profile,
            position=self.position,
            reporting_line=self.reporting_line,
        )


class Seat(Aggregate, kind="seat"):
    """What somebody's seats hold: proposals and tandems count alike, so that nobody is promised twice (P4).

    `barred`: with whom they are not proposed again. `resting`: they ended a tandem and want no other until they say
    so, on the day `back_on`; neither is in any event or view (P9). `pins`: with whom the office has fixed them for the
    next round.

    Somebody's leaving writes candidate and seat, even if unchanged; so does every decision that promises them something
    or lists them, and a pause is written into the candidate. Each of two such decisions at the same moment would be
    right alone; as both write the candidate, only one is committed and the other is decided again (no write skew).
    """

    proposals: tuple[str, ...] = ()
    tandems: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    resting: bool = False
    back_on: dt.date | None = None
    pins: tuple[str, ...] = ()

    def free(self, candidate: Candidate, on: dt.date) -> int:
        """How many seats are free on a day; none of who rests or does not take part then."""
        if self.resting or not candidate.takes_part(on):
            return 0
        return max(0, candidate.capacity - len(self.proposals) - len(self.tandems))

    @property
    def empty(self) -> bool:
        """Whether they have nobody: no tandem, no open proposal."""
        return not self.proposals and not self.tandems

    def without(self, id: str, partner: str) -> "Seat":
        """The seats without a proposal or tandem; its partner is not proposed again."""
        return self.released(id).but(barred=tuple(sorted({*self.barred, partner})))

    def released(self, id: str) -> "Seat":
        """The seats without a proposal or tandem; its partner may be proposed again."""
        return self.but(
            proposals=tuple(p for p in self.proposals if p != id), tandems=tuple(t for t in self.tandems if t != id)
        )


class Board(Aggregate, kind="board"):
    """A programme's rounds: their number, the one that is open, and the exceptions that ask for another.

    `due` since a place fell free that the next round is to fill by itself (P3).
    """

    rounds: int = 0
    open: str | None = None
    place_free: str | None = None
    empty: str | None = None

    def freed(self, on: dt.date) -> "Board":
        """A place fell free: the next round begins the day after, or when the open one is over."""
        return self.but(due=min(self.due or dt.date.max, on + dt.timedelta(days=1)))


class Rejection(BaseModel):
    """That the office decided otherwise than a round proposed, why and when (Art. 22): in no event, in no view."""

    model_config = ConfigDict(frozen=True)

    reason: str
    on: dt.date


class Figures(BaseModel):
    """What a solution brings that is new, and how many people it leaves out."""

    model_config = ConfigDict(frozen=True)

    proposals: int
    unmatched: int
    lowest_score: int | None
    sum_of_scores: int
    gap: int = 0


class Round(Aggregate, kind="round"):
    """One computation of proposals and what becomes of it.

    `lapsed`: scores of pairs of the solution that could not be proposed any more. `decided`: pairs that the office need
    not decide on any more although it did not approve the round as a whole. `offers`: of a re-match that would change
    open proposals; `offer` is the one that the office approved, `unchanged` why it approved none. The figures
    are of the fewest changes until the office approves the full order, whose own are `full`.
    """

    number: int
    status: Literal["gathering", "wishing", "solving", "proposed", "approved", "closed", "empty"]
    seed: str
    rules_version: int = 1
    opened_on: dt.date
    proposals: int = 0
    unmatched: int = 0
    lowest_score: int | None = None
    sum_of_scores: int = 0
    gap: int = 0
    incomplete: int = 0
    without: str | None = None
    lapsed: tuple[int, ...] = ()
    decided: int = 0
    answer_by: dt.date | None = None
    wish_by: dt.date | None = None
    offers: tuple[Offer, ...] = ()
    offer: OfferName | None = None
    full: Figures | None = None
    unchanged: Rejection | None = None

    def published(self) -> dict[str, object]:
        """The fields of an event about it; to readers a round that waits for wishes is still gathering."""
        hidden = {"id", "programme", "due", "opened_on", "incomplete", "without", "lapsed", "decided", "answer_by"}
        hidden |= {"unchanged", "full"}
        fields = {k: v for k, v in dict(self).items() if k not in hidden}
        status = "gathering" if self.status == "wishing" else self.status
        return {"round_id": self.id, "programme_id": self.programme, **fields, "status": status}


class Proposal(Aggregate, kind="proposal"):
    """A pair that waits for the office or for both people. Who of the two has answered is in no event, in no view.

    `days_paused`: how many days the two had paused when the last day for an answer was set, in no event either.
    """

    round: str
    mentor: str
    mentee: str
    score: int
    parts: tuple[ScorePart, ...]
    reasons: tuple[Reasoned, ...]
    rules_version: int = 1
    status: Literal["proposed", "approved", "accepted", "declined", "expired", "withdrawn"] = "proposed"
    accepted_by: tuple[Side, ...] = ()
    rejection: Rejection | None = None
    answer_by: dt.date | None = None
    pinned: bool = False
    days_paused: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it still holds two seats and a place."""
        return self.status in ("proposed", "approved")

    @property
    def may_change(self) -> bool:
        """Whether a re-match may end it: it is open, the office did not fix it, and nobody has said yes to it yet."""
        return self.is_open and not self.pinned and not self.accepted_by

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        hidden = {"id", "programme", "due", "round", "accepted_by", "rejection", "days_paused"}
        fields = {k: v for k, v in dict(self).items() if k not in hidden}
        return {"proposal_id": self.id, "round_id": self.round, "programme_id": self.programme, **fields}


class Pin(Aggregate, kind="pin"):
    """A pair that the office fixed for the next round; its reason is in no event, in no view."""

    mentor: str
    mentee: str
    status: Literal["pinned", "unpinned", "proposed", "lapsed"] = "pinned"
    rules_version: int = 1
    reason: str
    on: dt.date

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        fields = {k: v for k, v in dict(self).items() if k not in {"id", "programme", "due", "reason", "on"}}
        return {"pin_id": self.id, "programme_id": self.programme, **fields}


class Change(Aggregate, kind="change"):
    """A pair that an offer of a re-match would bring, or an open proposal that it would end; in no event."""

    round: str
    offer: OfferName
    change: Literal["new", "ended"]
    mentor: str
    mentee: str
    score: int
    parts: tuple[ScorePart, ...] = ()
    reasons: tuple[Reasoned, ...] = ()
    pinned: bool = False
    rules_version: int = 1
    proposal: str | None = None


class KeptProof(Aggregate, kind="proof"):
    """Why the newest round's pairs are the best: what the proof says of the whole round. In no event, in no view."""

    round: str
    offer: OfferName
    head: ProofHead


class KeptPart(Aggregate, kind="proof-part"):
    """What the proof says of some people, a bounded number. In no event, in no view."""

    round: str
    offer: OfferName
    part: ProofPart


class Tandem(Aggregate, kind="tandem"):
    """A confirmed pair."""

    mentor: str
    mentee: str
    score: int
    reasons: tuple[Reasoned, ...]
    status: Literal["running", "ended", "completed"] = "running"
    formed_on: dt.date
    ends_on: dt.date

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        fields = {k: v for k, v in dict(self).items() if k not in {"id", "programme", "due"}}
        return {"tandem_id": self.id, "programme_id": self.programme, **fields}


class Reserve(Aggregate, kind="reserve"):
    """Somebody's place on the reserve list (P5)."""

    role: Side
    status: Literal["waiting", "left"] = "waiting"
    since: dt.date
    reason: Reasoned

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        fields = {k: v for k, v in dict(self).items() if k not in {"id", "programme", "due"}}
        return {"participant_id": self.id, "programme_id": self.programme, **fields}


class Wishes(Aggregate, kind="wishes"):
    """Whom somebody would like, and with whom they will not be matched: in no event, in no view."""

    wishes: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
