"""What matching keeps of a programme for which purpose, and what stays when all are over."""

from services.matching.broken_rules import TandemRule
from services.matching.model import (
    Board,
    Candidate,
    Change,
    KeptPart,
    KeptProof,
    Pin,
    Programme,
    Proposal,
    Reserve,
    Round,
    Seat,
    Tandem,
    Topic,
    Wishes,
)
from services.matching.tandem_signs import TandemSigns
from shared.runtime.table import Keeps

KEEPS = (
    Keeps(Candidate, "people"),
    Keeps(Seat, "people"),
    Keeps(Wishes, "people"),
    Keeps(Reserve, "people"),
    # A proof holds what the round knew of people.
    Keeps(KeptProof, "people"),
    Keeps(KeptPart, "people"),
    Keeps(Pin, "tandems"),
    Keeps(Change, "tandems"),
    Keeps(Proposal, "tandems"),
    Keeps(Tandem, "tandems"),
    Keeps(TandemRule, "tandems"),
    Keeps(TandemSigns, "tandems"),
    # It may hold the office's reason for deciding otherwise, and leads to the pairs.
    Keeps(Round, "tandems"),
    Keeps(Board, "tandems"),
)
STAYS = {
    Programme: "title, dates and rules; a late fact is known by it, and it names nobody",
    Topic: "the catalogue of all programmes",
}
"""What stays, and why it may."""
