"""What every owner's language has: rejections, words for people, first aid, saying again, erasing."""

from shared.contracts import base


class CommandRejected(base.CommandRejected, name="evaluation.command-rejected.v1"):
    """Evaluation refused a command."""


class PersonAddressed(base.PersonAddressed, name="evaluation.person-addressed.v1"):
    """Evaluation has words for a person."""


class OfficeAttentionNeeded(base.OfficeAttentionNeeded, name="evaluation.office-attention-needed.v1"):
    """Evaluation needs the office."""


class DayHandled(base.DayHandled, name="evaluation.day-handled.v1"):
    """Evaluation has handled a day."""


class AuditSealed(base.AuditSealed, name="evaluation.audit-sealed.v1"):
    """Evaluation has sealed its audit of a day."""


class ReplayQuarantined(base.ReplayQuarantined, name="evaluation.replay-quarantined.v1", senders=("ops",)):
    """Hand evaluation's quarantined messages back to it."""


class QuarantineReplayed(base.QuarantineReplayed, name="evaluation.quarantine-replayed.v1"):
    """Evaluation took quarantined messages back."""


class EditQuarantined(base.EditQuarantined, name="evaluation.edit-quarantined.v1", senders=("office",)):
    """Replace one of evaluation's quarantined messages by a corrected copy."""


class QuarantineEdited(base.QuarantineEdited, name="evaluation.quarantine-edited.v1"):
    """Evaluation took a corrected copy in the place of a quarantined message."""


class DiscardQuarantined(base.DiscardQuarantined, name="evaluation.discard-quarantined.v1", senders=("ops", "office")):
    """Give one of evaluation's quarantined messages up."""


class QuarantineDiscarded(base.QuarantineDiscarded, name="evaluation.quarantine-discarded.v1"):
    """Evaluation gave a quarantined message up."""


class QuarantineRead(base.QuarantineRead, name="evaluation.quarantine-read.v1"):
    """Somebody read one of evaluation's quarantined messages."""


class NoteUnrouted(base.NoteUnrouted, name="evaluation.note-unrouted.v1", senders=("office",)):
    """Have evaluation record what is done with a command that nobody takes."""


class UnroutedNoted(base.UnroutedNoted, name="evaluation.unrouted-noted.v1"):
    """Evaluation recorded what is done with a command that nobody takes."""


class SayStateAgain(base.SayStateAgain, name="evaluation.say-state-again.v1", senders=("ops", "service")):
    """Have evaluation say again what it published."""


class StateSaidAgain(base.StateSaidAgain, name="evaluation.state-said-again.v1"):
    """Evaluation has said again what it published."""


class ShowPerson(base.ShowPerson, name="evaluation.show-person.v1", senders=("service",), private=True):
    """Show all that evaluation holds on a person."""


class PersonShown(base.PersonShown, name="evaluation.person-shown.v1"):
    """Private answer: some of what evaluation holds on a person."""


class PeopleErased(base.PeopleErased, name="evaluation.people-erased.v1"):
    """Evaluation holds nothing more of the people of an erasure."""


class RetentionCarriedOut(base.RetentionCarriedOut, name="evaluation.retention-carried-out.v1"):
    """Evaluation keeps nothing more of a programme for purposes whose time is over."""
