"""Matching proposes pairs, one round at a time; the office approves, both people accept, and tandems begin and end."""

from services.matching import board, breaks, candidates, pins, proposals, rematch, reserve, rounds, tandems
from services.matching.approving import (
    ApprovePair,
    MakeRoom,
    Refilled,
    RoomMade,
    approve,
    approving,
    ended,
    make_room,
    refill,
    refilling,
    tell,
    untold,
)
from services.matching.concerns import CONCERNS
from services.matching.forgetting import Forget, forget_all, forgotten, needless, replaced
from services.matching.gathering import Incomplete, Invite, Whole, gather, gathering, invite, inviting
from services.matching.leaving import (
    EndWithProgramme,
    LetGoProposal,
    LetGoTandem,
    Relieve,
    end,
    ending,
    leaving,
    let_go,
    relieve,
)
from services.matching.load_broken_rules import pairs_of, rejecting, rule_of
from services.matching.load_people import erased, left_out, participant, returning, topic_of, wishing
from services.matching.load_proposals import asking, pin_of, proposal_due, proposal_of, proposing, tandem_due, tandem_of
from services.matching.load_rounds import board_due, change_of, programme_rounds, round_due, round_of, starting
from services.matching.model import Board, Candidate, Programme, Proposal, Round, Tandem, Topic
from services.matching.proof_kept import KeepProof, KeepProofPart, keep_part, keep_proof, proven
from services.matching.published import PUBLISHES
from services.matching.purposes import KEEPS
from services.matching.solution import FindGap, LapsePin, LeaveOut, OfferEnd, OfferNew, Progress, Propose, Solved
from services.matching.tandem_signs import know, signs_of
from services.matching.to_solve import solving
from services.matching.view import VIEW
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling
from shared.runtime.table import Ask, Copies, Due, Fact, Job, Piece, Service

ROUNDS = (m.RoundOpened, m.RoundClosed, m.OfficeAttentionNeeded)
PEOPLE = (m.ReserveListed, m.ReserveLeft, m.PersonAddressed)
PROPOSAL_ENDS = (m.ReserveListed, m.PersonAddressed, m.RoundClosed, m.OfficeAttentionNeeded)
BREAKS = (m.TandemBreaksRule, m.OfficeAttentionNeeded)
TANDEM_ENDS = (m.TandemEnded, m.ReserveListed, m.PersonAddressed, m.OfficeAttentionNeeded)

service = Service(
    name="matching",
    contracts=m,
    rows=(
        # what registration knows; the newest state wins, and a closed registration opens the first round
        Fact(r.ProgrammeOpened, programme_rounds, candidates.know_programme, says=ROUNDS, starts=("gather", "end")),
        Fact(r.ProgrammeChanged, programme_rounds, candidates.know_programme, says=ROUNDS, starts=("gather", "end")),
        Fact(r.RegistrationClosed, programme_rounds, candidates.know_programme, says=ROUNDS, starts=("gather", "end")),
        Fact(r.ProgrammeEnded, programme_rounds, candidates.know_programme, says=ROUNDS, starts=("gather", "end")),
        Fact(r.RetentionDue, programme_rounds, candidates.know_programme, says=ROUNDS, starts=("gather", "end")),
        Fact(r.ProgrammeArchived, programme_rounds, candidates.know_programme, says=ROUNDS, starts=("gather", "end")),
        Fact(r.ParticipantRegistered, participant, candidates.know_participant, says=PEOPLE, starts=("leave",)),
        Fact(r.ParticipantChanged, participant, candidates.know_participant, says=PEOPLE, starts=("leave",)),
        Fact(r.ParticipantWithdrew, participant, candidates.know_participant, says=PEOPLE, starts=("leave",)),
        Fact(r.ParticipantChanged, pairs_of, breaks.check, says=BREAKS),
        Fact(r.ErasureOrdered, erased, candidates.let_go_of_erased, says=(m.ReserveLeft,), starts=("leave",)),
        Fact(r.TopicListed, topic_of, candidates.know_topic),
        Ask(m.NameWishes, wishing, candidates.name_wishes, says=(m.WishesNamed,)),
        # a round
        Ask(
            m.StartRound, starting, board.start_round, says=(m.RoundOpened, m.OfficeAttentionNeeded), starts=("solve",)
        ),
        Due(
            Board,
            board.next_round,
            load=board_due,
            says=(m.RoundOpened, m.OfficeAttentionNeeded),
            starts=("solve",),
        ),
        Job("gather", gathering, gather, hands=(Incomplete, Whole)),
        Piece(Incomplete, round_of, rounds.incomplete, says=(r.SayAgain, m.OfficeAttentionNeeded)),
        Piece(
            Whole,
            round_of,
            rounds.whole,
            says=(m.RoundProgressed, m.WishesInvited, m.OfficeAttentionNeeded),
            starts=("solve", "invite"),
        ),
        Job("invite", inviting, invite, hands=(Invite,)),
        Piece(Invite, left_out, rounds.invite, says=(m.PersonAddressed,)),
        Due(Round, rounds.wishes_over, load=round_due, says=(m.WishesClosed,), starts=("solve",)),
        Ask(m.EndWishing, round_of, rounds.end_wishing, says=(m.WishesClosed,), starts=("solve",)),
        Ask(m.ProceedWithout, round_of, rounds.proceed_without, says=(m.RoundProgressed,)),
        Job(
            "solve",
            solving,
            "services.matching.solving:solve_round",
            hands=(
                Progress,
                Propose,
                OfferNew,
                OfferEnd,
                LapsePin,
                LeaveOut,
                FindGap,
                KeepProof,
                KeepProofPart,
                Solved,
            ),
        ),
        Piece(Progress, round_of, rounds.progress, says=(m.RoundProgressed,)),
        Piece(KeepProof, proven, keep_proof),
        Piece(KeepProofPart, proven, keep_part),
        Piece(FindGap, round_of, rounds.gap, says=(m.TopicGapFound,)),
        Piece(
            Propose,
            proposing,
            rounds.propose,
            says=(m.PairProposed, m.PinEnded, m.ReserveListed, m.PersonAddressed),
            for_others=True,
        ),
        Ask(m.PinPair, pin_of, pins.pin_pair, says=(m.PairPinned,)),
        Ask(m.UnpinPair, pin_of, pins.unpin_pair, says=(m.PinEnded,)),
        Piece(LapsePin, pin_of, pins.lapse, says=(m.PinEnded,)),
        Piece(LeaveOut, left_out, reserve.leave_out, says=(m.ReserveListed, m.PersonAddressed)),
        Piece(
            Solved,
            round_of,
            rounds.solved,
            says=(m.RoundSolved, m.OfficeAttentionNeeded),
            starts=("end", "forget-proofs"),
        ),
        Ask(
            m.ApproveRound,
            round_of,
            rounds.approve_round,
            says=(m.RoundApproved, m.OfficeAttentionNeeded),
            starts=("approve", "make-room"),
        ),
        Job("approve", approving, approve, hands=(ApprovePair,)),
        # a re-match
        Piece(OfferNew, change_of, rematch.offer_new),
        Piece(OfferEnd, change_of, rematch.offer_end),
        Ask(
            m.DeclineRound,
            round_of,
            rematch.decline_round,
            says=(m.RoundClosed, m.OfficeAttentionNeeded),
            starts=("tell",),
        ),
        Job("make-room", ended, make_room, hands=(MakeRoom, RoomMade)),
        Piece(MakeRoom, proposal_of, proposals.make_room, says=(m.ProposalWithdrawn, *PROPOSAL_ENDS)),
        Piece(RoomMade, round_of, rematch.room_made, starts=("refill",)),
        Job("refill", refilling, refill, hands=(Propose, Refilled)),
        Piece(Refilled, round_of, rematch.refilled, starts=("approve", "tell", "end")),
        Job("tell", untold, tell, hands=(LeaveOut, Forget)),
        Job("forget-proofs", replaced, forget_all, hands=(Forget,)),
        Piece(Forget, needless, forgotten),
        # a proposal
        Piece(
            ApprovePair, asking, proposals.approve_pair, says=(m.ProposalApproved, m.ProposalWithdrawn, *PROPOSAL_ENDS)
        ),
        Ask(
            m.ApproveProposal,
            asking,
            proposals.approve_proposal,
            says=(m.ProposalApproved, m.ProposalWithdrawn, *PROPOSAL_ENDS),
        ),
        Ask(m.RejectProposal, rejecting, proposals.reject, says=(m.ProposalWithdrawn, *PROPOSAL_ENDS)),
        Ask(
            m.AcceptProposal,
            proposal_of,
            proposals.accept,
            says=(m.ProposalAccepted, m.TandemFormed, m.ReserveLeft, m.ProposalWithdrawn, *PROPOSAL_ENDS),
            starts=("relieve",),
        ),
        Job("relieve", leaving, relieve, hands=(Relieve,)),
        Piece(Relieve, proposal_of, proposals.relieve, says=(m.ProposalWithdrawn, *PROPOSAL_ENDS)),
        Ask(m.DeclineProposal, proposal_of, proposals.decline, says=(m.ProposalDeclined, *PROPOSAL_ENDS)),
        Due(
            Proposal, proposals.expire, load=proposal_due, says=(m.ProposalExpired, m.ProposalApproved, *PROPOSAL_ENDS)
        ),
        Job("end", ending, end, hands=(EndWithProgramme, Forget)),
        Piece(EndWithProgramme, proposal_of, proposals.end_with_programme, says=(m.ProposalWithdrawn, *PROPOSAL_ENDS)),
        # a tandem
        Ask(m.EndTandem, tandem_of, tandems.end, says=TANDEM_ENDS),
        Due(Tandem, tandems.complete, load=tandem_due, says=(m.TandemCompleted, m.PersonAddressed)),
        # a pair that breaks a rule by now
        Ask(m.KeepTandem, rule_of, breaks.keep, says=BREAKS),
        Fact(m.TandemEnded, rule_of, breaks.over, says=BREAKS),
        Fact(m.TandemCompleted, rule_of, breaks.over, says=BREAKS),
        Fact(scheduling.TandemNeedsAttention, signs_of, know),
        Fact(m.ProposalDeclined, rule_of, breaks.over, says=BREAKS),
        Fact(m.ProposalExpired, rule_of, breaks.over, says=BREAKS),
        Fact(m.ProposalWithdrawn, rule_of, breaks.over, says=BREAKS),
        # somebody comes back, or left
        Ask(m.ReturnToReserve, returning, reserve.come_back, says=(m.ReturnTaken,)),
        Job("leave", leaving, let_go, hands=(LetGoProposal, LetGoTandem)),
        Piece(LetGoProposal, proposal_of, proposals.let_go, says=(m.ProposalWithdrawn, *PROPOSAL_ENDS)),
        Piece(LetGoTandem, tandem_of, tandems.let_go, says=TANDEM_ENDS),
    ),
    view=VIEW,
    publishes=PUBLISHES,
    concerns=CONCERNS,
    keeps=KEEPS,
    copies=(
        Copies(Programme, r.ProgrammeOpened),
        Copies(Topic, r.TopicListed),
        Copies(Candidate, r.ParticipantRegistered),
    ),
)
