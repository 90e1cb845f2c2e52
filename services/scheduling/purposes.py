"""What scheduling keeps of a programme for which purpose, and what stays when all are over."""

from services.scheduling.agreements.model import Agreement, FormerAgreement
from services.scheduling.availability.model import Absences, BusyTimes, UnreadCalendar
from services.scheduling.gatherings.model import Agenda, Attendance, Gathering, Guest, KickOff
from services.scheduling.invitations.model import AnswersTold, Invitation
from services.scheduling.model import (
    Days,
    Delegate,
    Diary,
    Meeting,
    Pair,
    Participant,
    Plan,
    Programme,
    TandemSigns,
)
from services.scheduling.places.model import RoomDay
from shared.runtime.table import Keeps

KEEPS = (
    Keeps(Participant, "people"),
    Keeps(Attendance, "people"),
    Keeps(Guest, "people"),
    Keeps(Delegate, "people"),
    Keeps(Diary, "people"),
    Keeps(AnswersTold, "people"),
    Keeps(BusyTimes, "people"),
    Keeps(UnreadCalendar, "people"),
    Keeps(Absences, "people"),
    Keeps(Pair, "tandems"),
    Keeps(Meeting, "tandems"),
    Keeps(TandemSigns, "tandems"),
    Keeps(Invitation, "tandems"),
    Keeps(RoomDay, "tandems"),
    Keeps(Plan, "tandems"),
    Keeps(Agreement, "tandems"),
    Keeps(FormerAgreement, "tandems"),
)
STAYS = {
    Programme: "title, dates and rules; a late fact is known by it, and it names nobody",
    KickOff: "a day and how many could come",
    Gathering: "its dates and how many could come",
    Agenda: "which gatherings are to come; it names nobody",
    Days: "the calendar of all programmes",
}
"""What stays, and why it may."""
