"""Matching's language: rounds, proposals, tandems, the reserve list."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts import base
from shared.contracts.base import Command, Event, Part, personal
from shared.contracts.parts import (
    PEOPLE_KEPT,
    RULES_VERSION,
    TANDEMS_KEPT,
    Id,
    ParticipantId,
    ProgrammeId,
    Reasoned,
    Side,
    Uuid,
)


class CommandRejected(base.CommandRejected, name="matching.command-rejected.v1"):
    """Matching refused a command."""


class PersonAddressed(base.PersonAddressed, name="matching.person-addressed.v1"):
    """Matching has words for a person."""


class OfficeAttentionNeeded(base.OfficeAttentionNeeded, name="matching.office-attention-needed.v1"):
    """Matching needs the office."""


class DayHandled(base.DayHandled, name="matching.day-handled.v1"):
    """Matching has handled a day."""


class AuditSealed(base.AuditSealed, name="matching.audit-sealed.v1"):
    """Matching has sealed its audit of a day."""


class ReplayQuarantined(base.ReplayQuarantined, name="matching.replay-quarantined.v1", senders=("ops",)):
    """Hand matching's quarantined messages back to it."""


class QuarantineReplayed(base.QuarantineReplayed, name="matching.quarantine-replayed.v1"):
    """Matching took quarantined messages back."""


class EditQuarantined(base.EditQuarantined, name="matching.edit-quarantined.v1", senders=("office",)):
    """Replace one of matching's quarantined messages by a corrected copy."""


class QuarantineEdited(base.QuarantineEdited, name="matching.quarantine-edited.v1"):
    """Matching took a corrected copy in the place of a quarantined message."""


class DiscardQuarantined(base.DiscardQuarantined, name="matching.discard-quarantined.v1", senders=("ops", "office")):
    """Give one of matching's quarantined messages up."""


class QuarantineDiscarded(base.QuarantineDiscarded, name="matching.quarantine-discarded.v1"):
    """Matching gave a quarantined message up."""


class QuarantineRead(base.QuarantineRead, name="matching.quarantine-read.v1"):
    """Somebody read one of matching's quarantined messages."""


class NoteUnrouted(base.NoteUnrouted, name="matching.note-unrouted.v1", senders=("office",)):
    """Have matching record what is done with a command that nobody takes."""


class UnroutedNoted(base.UnroutedNoted, name="matching.unrouted-noted.v1"):
    """Matching recorded what is done with a command that nobody takes."""


class SayStateAgain(base.SayStateAgain, name="matching.say-state-again.v1", senders=("ops", "service")):
    """Have matching say again what it published."""


class StateSaidAgain(base.StateSaidAgain, name="matching.state-said-again.v1"):
    """Matching has said again what it published."""


class ShowPerson(base.ShowPerson, name="matching.show-person.v1", senders=("service",), private=True):
    """Show all that matching holds on a person."""


class PersonShown(base.PersonShown, name="matching.person-shown.v1"):
    """Private answer: some of what matching holds on a person."""


class PeopleErased(base.PeopleErased, name="matching.people-erased.v1"):
    """Matching holds nothing more of the people of an erasure."""


class RetentionCarriedOut(base.RetentionCarriedOut, name="matching.retention-carried-out.v1"):
    """Matching keeps nothing more of a programme for purposes whose time is over."""


# Wishes and vetoes: what nobody else may learn

WISHES = {"purpose": "a say in the match (P1)", "readers": "matching alone", "keep": PEOPLE_KEPT}
REASON = {"purpose": "record of the office's decision (Art. 22)", "readers": "office", "keep": TANDEMS_KEPT}


class NameWishes(Command, name="matching.name-wishes.v1", senders=("person",), private=True):
    """Name ranked wishes and vetoes before a round (P1); replaces what was named before. Vetoes are hard and secret.

    Whom the ids name is not checked: one may name somebody who registers later, and the answer tells nobody who takes
    part. An id that names nobody in the round has no effect.
    """

    participant_id: ParticipantId
    wishes: tuple[ParticipantId, ...] = personal("whom one would like, best first", default=(), max_length=5, **WISHES)
    vetoes: tuple[ParticipantId, ...] = personal(
        "whom one will not be matched with", default=(), max_length=50, **WISHES
    )


class WishesNamed(Event, name="matching.wishes-named.v1", about="wishes/{participant_id}", private=True):
    """Private answer: the wishes and vetoes are kept."""

    participant_id: ParticipantId
    wishes: int = Field(description="how many wishes are kept")
    vetoes: int = Field(description="how many vetoes are kept")


# Pins


class PinPair(Command, name="matching.pin-pair.v1", senders=("office",)):
    """Fix a pair for the next round; a pair below the lowest score is never taken."""

    programme_id: ProgrammeId
    mentor: ParticipantId
    mentee: ParticipantId
    reason: str = personal(
        "why; needed where the pair breaks a hard rule; recorded, in no event", default="", max_length=500, **REASON
    )


class UnpinPair(Command, name="matching.unpin-pair.v1", senders=("office",)):
    """Fix a pair no longer."""

    programme_id: ProgrammeId
    mentor: ParticipantId
    mentee: ParticipantId


class PinState(Event, about="pin/{pin_id}"):
    """The published state of a pair that the office fixed."""

    pin_id: Uuid = Field(description="the pin")
    programme_id: ProgrammeId
    mentor: ParticipantId
    mentee: ParticipantId
    status: Literal["pinned", "unpinned", "proposed", "lapsed"] = Field(
        description="proposed: a round proposed the pair; lapsed: a round could not keep it"
    )
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)


class PairPinned(PinState, name="matching.pair-pinned.v1"):
    """The office fixed a pair for the next round."""


class PinEnded(PinState, name="matching.pin-ended.v1"):
    """A pair is fixed no longer: the office unpinned it, it was proposed, or it was not possible any more."""


# Rounds


class StartRound(Command, name="matching.start-round.v1", senders=("office",)):
    """Start a round for who has no tandem and the places that are free (S16, P5)."""

    programme_id: ProgrammeId


class ProceedWithout(Command, name="matching.proceed-without.v1", senders=("office",)):
    """Go on with a round although some members of the closed set never arrived."""

    round_id: Uuid = Field(description="the round that waits")
    reason: str = personal("why; recorded, in no event", min_length=3, max_length=500, **REASON)


class EndWishing(Command, name="matching.end-wishing.v1", senders=("office",)):
    """End the days for wishes and vetoes before their last; the round is solved with what was named."""

    round_id: Uuid = Field(description="the round that waits")


OfferName = Literal["fewest_changes", "full_order"]
GAP = "points that the sum of scores might be higher at most, where the rules limit the effort; 0: proven best"


class ApproveRound(Command, name="matching.approve-round.v1", senders=("office",)):
    """Approve every proposal of a round that is still proposed; of a re-match, one of its two offers."""

    round_id: Uuid = Field(description="the round")
    offer: OfferName = Field(
        default="fewest_changes", description="of a re-match: as few open proposals changed as possible, or as if none"
    )


class DeclineRound(Command, name="matching.decline-round.v1", senders=("office",)):
    """Approve neither offer of a re-match: every open proposal stays as it is."""

    round_id: Uuid = Field(description="the round")
    reason: str = personal("why; recorded, in no event", min_length=3, max_length=500, **REASON)


class Offer(Part):
    """What approving one offer of a re-match would change."""

    offer: OfferName = Field(description="fewest_changes: open proposals are kept where they can be; full_order: not")
    kept: int = Field(ge=0, description="open proposals that stay")
    ended: int = Field(ge=0, description="open proposals that would end")
    new: int = Field(ge=0, description="pairs that would be proposed")
    lowest_score: int | None = Field(description="lowest score of a pair, new or kept, that the office did not fix")
    sum_of_scores: int = Field(description="sum of the scores of all pairs, new and kept")
    gap: int = Field(default=0, ge=0, description=GAP)


class RoundState(Event, about="round/{round_id}"):
    """The published state of a round.

    Its figures are of the pairs that it brings. Of a re-match with offers those are the new pairs of the offer that the
    office approved, before that of the one with the fewest changes; what stays open counts in the offers alone.
    """

    round_id: Uuid = Field(description="the round")
    programme_id: ProgrammeId
    number: int = Field(ge=1, description="first, second, … round of the programme")
    status: Literal["gathering", "solving", "proposed", "approved", "closed", "empty"] = Field(
        description="where the round stands; closed: each pair was decided on by itself; empty: no pair was found"
    )
    seed: str = Field(description="published seed that breaks ties")
    proposals: int = Field(description="pairs that the round brings")
    unmatched: int = Field(description="people who found no partner in this round")
    lowest_score: int | None = Field(description="lowest score of a pair that it brings and the office did not fix")
    sum_of_scores: int = Field(description="sum of the scores of the pairs that it brings")
    gap: int = Field(default=0, ge=0, description=GAP)
    wish_by: dt.date | None = Field(
        default=None, description="last day for wishes and vetoes before this round; None: without such days"
    )
    offers: tuple[Offer, ...] = Field(
        default=(),
        max_length=2,
        description="of a re-match that would change open proposals: what the office chooses from",
    )
    offer: OfferName | None = Field(default=None, description="the offer that the office approved")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)


class RoundOpened(RoundState, name="matching.round-opened.v1"):
    """A round has begun."""


class WishesInvited(RoundState, name="matching.wishes-invited.v1"):
    """The closed set is whole; until `wish_by` people may name wishes and vetoes, and each of them is told (P1)."""


class WishesClosed(RoundState, name="matching.wishes-closed.v1"):
    """The days for wishes and vetoes are over; the round is being solved."""


class RoundSolved(RoundState, name="matching.round-solved.v1"):
    """Every pair of the round was proposed, and the office may approve; or there was no pair (status `empty`)."""


class RoundApproved(RoundState, name="matching.round-approved.v1"):
    """The office approved the round."""


class RoundClosed(RoundState, name="matching.round-closed.v1"):
    """Nothing of the round waits for the office any more: each pair was approved, rejected or withdrawn by itself."""


class RoundProgressed(Event, name="matching.round-progressed.v1", about="round/{round_id}", stateful=False):
    """A round is being worked on."""

    round_id: Uuid = Field(description="the round")
    step: Literal["gathering", "solving", "proposing"] = Field(description="what is being done")
    done: int = Field(description="how many are done")
    of: int = Field(description="out of how many")
    stage: str | None = Field(
        default=None, description="what the solver does: scoring, solving, explaining, proven (or, with a gap, ended)"
    )
    bound: int | None = Field(
        default=None, description="proven: no tandems that are as good in what comes first have a higher sum of scores"
    )
    gap: float | None = Field(
        default=None, ge=0, description="share of the bound that the sum of scores lacks; 0: proven to be the best"
    )


class TopicGapFound(
    Event, name="matching.topic-gap-found.v1", about="topic-gap/{programme_id}.{topic_id}", stateful=False
):
    """In a round so many more mentors for a topic would have served so many more mentees: solved, not guessed.

    A further mentor is the median of the round's mentors with this topic; the programme's rules apply to them.
    """

    programme_id: ProgrammeId
    round_id: Uuid = Field(description="the round")
    topic_id: Id = Field(description="the topic")
    more_mentors: int = Field(ge=1, description="the fewest further mentors that bring so many more tandems, 3 at most")
    more_tandems: int = Field(ge=1, description="tandems more, each with a mentee who found nobody")
    demand: int = Field(ge=0, description="mentees of the round with this concern")
    supply: int = Field(ge=0, description="free seats of the round's mentors with this strength")


# Proposals


class ApproveProposal(Command, name="matching.approve-proposal.v1", senders=("office",)):
    """Approve one pair."""

    proposal_id: Uuid = Field(description="the proposal")


class RejectProposal(Command, name="matching.reject-proposal.v1", senders=("office",)):
    """The office declines one pair before it is sent to the people; the pair is not proposed again.

    Also later, while nobody has decided on a hard rule that the pair breaks by then (`TandemBreaksRule`).
    """

    proposal_id: Uuid = Field(description="the proposal")
    reason: str = personal("why; recorded, in no event", min_length=3, max_length=500, **REASON)


class AcceptProposal(Command, name="matching.accept-proposal.v1", senders=("person",)):
    """A person says yes to a proposal (acceptance, never called consent)."""

    proposal_id: Uuid = Field(description="the proposal")
    participant_id: ParticipantId


class DeclineProposal(Command, name="matching.decline-proposal.v1", senders=("person",)):
    """A person says no to a proposal; no reason is asked."""

    proposal_id: Uuid = Field(description="the proposal")
    participant_id: ParticipantId


class ScorePart(Part):
    """One documented part of a score."""

    part: str = Field(description="stable name of the part")
    points: int = Field(ge=0, description="points of 1000")


class ProposalState(Event, about="proposal/{proposal_id}"):
    """The published state of a proposal. It never says which side has answered, nor what."""

    proposal_id: Uuid = Field(description="the proposal")
    round_id: Uuid = Field(description="the round that it comes from")
    programme_id: ProgrammeId
    mentor: ParticipantId
    mentee: ParticipantId
    score: int = Field(ge=0, le=1000, description="score of the pair")
    parts: tuple[ScorePart, ...] = Field(description="what the score is made of")
    reasons: tuple[Reasoned, ...] = Field(description="why these two")
    status: Literal["proposed", "approved", "accepted", "declined", "expired", "withdrawn"] = Field(
        description="accepted: both said yes; withdrawn: somebody is no longer free, or the office said no"
    )
    answer_by: dt.date | None = Field(description="last day for the people's answers; None before approval")
    pinned: bool = Field(default=False, description="fixed by the office before the round")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)


class PairProposed(ProposalState, name="matching.pair-proposed.v1"):
    """A pair was proposed to the office."""


class ProposalApproved(ProposalState, name="matching.proposal-approved.v1"):
    """The office approved the pair; both people are asked."""


class ProposalAccepted(ProposalState, name="matching.proposal-accepted.v1"):
    """Somebody said yes; status `accepted` once both have. A portal remembers itself for whom it sent the yes."""


class ProposalDeclined(ProposalState, name="matching.proposal-declined.v1"):
    """The proposal ended because somebody said no."""


class ProposalExpired(ProposalState, name="matching.proposal-expired.v1"):
    """The proposal ended because an answer did not come in time."""


class ProposalWithdrawn(ProposalState, name="matching.proposal-withdrawn.v1"):
    """The proposal ended because somebody is no longer free, or the office said no."""


# Tandems


class EndTandem(Command, name="matching.end-tandem.v1", senders=("person", "office")):
    """End a tandem early; needs no reason (P9)."""

    tandem_id: Uuid = Field(description="the tandem")
    rematch: bool = Field(
        default=True,
        description="whether who ends it wants another tandem (the office: both); the other waits for one anyway (S16)",
    )


class TandemState(Event, about="tandem/{tandem_id}"):
    """The published state of a tandem. How it ended is said in neutral words only."""

    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    mentor: ParticipantId
    mentee: ParticipantId
    score: int = Field(description="score of the match")
    reasons: tuple[Reasoned, ...] = Field(description="why these two were matched")
    status: Literal["running", "ended", "completed"] = Field(description="ended: early; completed: ran to the term")
    formed_on: dt.date = Field(description="day on which both had accepted")
    ends_on: dt.date = Field(description="last day; the term's end while it runs")


class TandemFormed(TandemState, name="matching.tandem-formed.v1"):
    """Both accepted: a tandem begins."""


class TandemEnded(TandemState, name="matching.tandem-ended.v1"):
    """A tandem ended before the term."""


class TandemCompleted(TandemState, name="matching.tandem-completed.v1"):
    """A tandem ran to the term."""


# Rules that a pair breaks by now


class KeepTandem(Command, name="matching.keep-tandem.v1", senders=("office",)):
    """Keep a tandem, or an open proposal, although it breaks rules by now; of these the office is not told again."""

    tandem_id: Uuid = Field(description="the tandem, or the one that the proposal may become")
    reason: str = personal("why; recorded, in no event", min_length=3, max_length=500, **REASON)


class TandemBreaksRule(Event, name="matching.tandem-breaks-rule.v1", about="tandem-rule/{tandem_id}"):
    """Which hard rules a tandem, or an open proposal, breaks since something changed (P10, S7). A person decides.

    It never says which of the two changed. A rule that the office overrode when it fixed the pair is none of them.
    """

    tandem_id: Uuid = Field(description="the tandem, or the one that the proposal may become")
    proposal_id: Uuid | None = Field(default=None, description="the open proposal, if it was none yet when reported")
    programme_id: ProgrammeId
    broken: tuple[str, ...] = Field(
        description="codes of the rules broken and not decided on: different_department, reporting_line, "
        "common_superior, seniority, shared_language, common_time, minimum_score; empty unless open"
    )
    status: Literal["open", "kept", "settled"] = Field(
        description="open: waits for the office; kept: it decided so; settled: no rule is broken, or the pair has ended"
    )


# The reserve list


class ReturnToReserve(Command, name="matching.return-to-reserve.v1", senders=("person", "office"), private=True):
    """Somebody who ended a tandem and wanted no other wants one again, also beside another that runs (S16).

    The next round looks for a partner. Nobody else learns of it: it would tell who had ended the tandem (P9).
    """

    participant_id: ParticipantId


class ReturnTaken(
    Event, name="matching.return-taken.v1", about="participant/{participant_id}", private=True, stateful=False
):
    """Private answer: a partner is looked for; the same for who wanted one all along."""

    participant_id: ParticipantId


class ReserveState(Event, about="reserve/{participant_id}"):
    """A person's place on the reserve list (P5): everybody who has nobody, also who wants nobody for now (P9)."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    role: Side = Field(description="mentor or mentee")
    status: Literal["waiting", "left"] = Field(description="left: found a partner or left the programme")
    since: dt.date = Field(description="waiting since; keeps the priority in the next round")
    reason: Reasoned = Field(description="why no partner was found")


class ReserveListed(ReserveState, name="matching.reserve-listed.v1"):
    """A person who found no partner stands on the reserve list, or still does after another round."""


class ReserveLeft(ReserveState, name="matching.reserve-left.v1"):
    """A person is no longer on the reserve list."""
