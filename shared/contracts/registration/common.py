"""What every owner's language has: rejections, words for people, first aid, saying again, erasing."""

from shared.contracts import base


class CommandRejected(base.CommandRejected, name="registration.command-rejected.v1"):
    """Registration refused a command."""


class PersonAddressed(base.PersonAddressed, name="registration.person-addressed.v1"):
    """Registration has words for a person."""


class OfficeAttentionNeeded(base.OfficeAttentionNeeded, name="registration.office-attention-needed.v1"):
    """Registration needs the office."""


class DayHandled(base.DayHandled, name="registration.day-handled.v1"):
    """Registration has handled a day."""


class AuditSealed(base.AuditSealed, name="registration.audit-sealed.v1"):
    """Registration has sealed its audit of a day."""


class ReplayQuarantined(base.ReplayQuarantined, name="registration.replay-quarantined.v1", senders=("ops",)):
    """Hand registration's quarantined messages back to it."""


class QuarantineReplayed(base.QuarantineReplayed, name="registration.quarantine-replayed.v1"):
    """Registration took quarantined messages back."""


class EditQuarantined(base.EditQuarantined, name="registration.edit-quarantined.v1", senders=("office",)):
    """Replace one of registration's quarantined messages by a corrected copy."""


class QuarantineEdited(base.QuarantineEdited, name="registration.quarantine-edited.v1"):
    """Registration took a corrected copy in the place of a quarantined message."""


class DiscardQuarantined(
    base.DiscardQuarantined, name="registration.discard-quarantined.v1", senders=("ops", "office")
):
    """Give one of registration's quarantined messages up."""


class QuarantineDiscarded(base.QuarantineDiscarded, name="registration.quarantine-discarded.v1"):
    """Registration gave a quarantined message up."""


class QuarantineRead(base.QuarantineRead, name="registration.quarantine-read.v1"):
    """Somebody read one of registration's quarantined messages."""


class NoteUnrouted(base.NoteUnrouted, name="registration.note-unrouted.v1", senders=("office",)):
    """Have registration record what is done with a command that nobody takes."""


class UnroutedNoted(base.UnroutedNoted, name="registration.unrouted-noted.v1"):
    """Registration recorded what is done with a command that nobody takes."""


class SayStateAgain(base.SayStateAgain, name="registration.say-state-again.v1", senders=("ops", "service")):
    """Have registration say again what it published."""


class StateSaidAgain(base.StateSaidAgain, name="registration.state-said-again.v1"):
    """Registration has said again what it published."""


class ShowPerson(base.ShowPerson, name="registration.show-person.v1", senders=("service",), private=True):
    """Show all that registration holds on a person."""


class PersonShown(base.PersonShown, name="registration.person-shown.v1"):
    """Private answer: some of what registration holds on a person."""


class PeopleErased(base.PeopleErased, name="registration.people-erased.v1"):
    """Registration holds nothing more of the people of an erasure."""


class RetentionCarriedOut(base.RetentionCarriedOut, name="registration.retention-carried-out.v1"):
    """Registration keeps nothing more of a programme for purposes whose time is over."""
