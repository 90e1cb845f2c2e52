"""What scheduling keeps of a programme for which purpose, and what stays when all are over."""

from services.scheduling.model import (
    Agreement,
    Attendance,
    Days,
    Delegate,
    Diary,
    KickOff,
    Meeting,
    Pair,
    Participant,
    Plan,
    Programme,
)
from services.scheduling.model_calendars import Absences, BusyTimes, UnreadCalendar
from shared.runtime.table import Keeps

KEEPS = (
    Keeps(Participant, "people"),
    Keeps(Attendance, "people"),
    Keeps(Delegate, "people"),
    Keeps(Diary, "people"),
    Keeps(BusyTimes, "people"),
    Keeps(UnreadCalendar, "people"),
    Keeps(Absences, "people"),
    Keeps(Pair, "tandems"),
    Keeps(Meeting, "tandems"),
    Keeps(Plan, "tandems"),
    Keeps(Agreement, "tandems"),
)
STAYS = {
    Programme: "title, dates and rules; a late fact is known by it, and it names nobody",
    KickOff: "a day and how many could come",
    Days: "the calendar of all programmes",
}
"""What stays, and why it may."""
