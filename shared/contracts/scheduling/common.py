"""What every owner's language has: rejections, words for people, first aid, saying again, erasing."""

from shared.contracts import base


class CommandRejected(base.CommandRejected, name="scheduling.command-rejected.v1"):
    """Scheduling refused a command."""


class PersonAddressed(base.PersonAddressed, name="scheduling.person-addressed.v1"):
    """Scheduling has words for a person."""


class OfficeAttentionNeeded(base.OfficeAttentionNeeded, name="scheduling.office-attention-needed.v1"):
    """Scheduling needs the office."""


class DayHandled(base.DayHandled, name="scheduling.day-handled.v1"):
    """Scheduling has handled a day."""


class AuditSealed(base.AuditSealed, name="scheduling.audit-sealed.v1"):
    """Scheduling has sealed its audit of a day."""


class ReplayQuarantined(base.ReplayQuarantined, name="scheduling.replay-quarantined.v1", senders=("ops",)):
    """Hand scheduling's quarantined messages back to it."""


class QuarantineReplayed(base.QuarantineReplayed, name="scheduling.quarantine-replayed.v1"):
    """Scheduling took quarantined messages back."""


class EditQuarantined(base.EditQuarantined, name="scheduling.edit-quarantined.v1", senders=("office",)):
    """Replace one of scheduling's quarantined messages by a corrected copy."""


class QuarantineEdited(base.QuarantineEdited, name="scheduling.quarantine-edited.v1"):
    """Scheduling took a corrected copy in the place of a quarantined message."""


class DiscardQuarantined(base.DiscardQuarantined, name="scheduling.discard-quarantined.v1", senders=("ops", "office")):
    """Give one of scheduling's quarantined messages up."""


class QuarantineDiscarded(base.QuarantineDiscarded, name="scheduling.quarantine-discarded.v1"):
    """Scheduling gave a quarantined message up."""


class QuarantineRead(base.QuarantineRead, name="scheduling.quarantine-read.v1"):
    """Somebody read one of scheduling's quarantined messages."""


class NoteUnrouted(base.NoteUnrouted, name="scheduling.note-unrouted.v1", senders=("office",)):
    """Have scheduling record what is done with a command that nobody takes."""


class UnroutedNoted(base.UnroutedNoted, name="scheduling.unrouted-noted.v1"):
    """Scheduling recorded what is done with a command that nobody takes."""


class SayStateAgain(base.SayStateAgain, name="scheduling.say-state-again.v1", senders=("ops", "service")):
    """Have scheduling say again what it published."""


class StateSaidAgain(base.StateSaidAgain, name="scheduling.state-said-again.v1"):
    """Scheduling has said again what it published."""


class ShowPerson(base.ShowPerson, name="scheduling.show-person.v1", senders=("service",), private=True):
    """Show all that scheduling holds on a person."""


class PersonShown(base.PersonShown, name="scheduling.person-shown.v1"):
    """Private answer: some of what scheduling holds on a person."""


class PeopleErased(base.PeopleErased, name="scheduling.people-erased.v1"):
    """Scheduling holds nothing more of the people of an erasure."""


class RetentionCarriedOut(base.RetentionCarriedOut, name="scheduling.retention-carried-out.v1"):
    """Scheduling keeps nothing more of a programme for purposes whose time is over."""
