"""Decisions about how to reach people, and what they write about themselves."""

from collections.abc import Iterator

from services.registration.checks import words
from services.registration.load_contacts import Reaching
from services.registration.model import Contact, Participant, Programme
from services.registration.say import ENDED, NOBODY, WITHDRAWN, addressed, not_yours
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse


def change_contact(message: r.ChangeContact, state: Reaching, context: Context) -> Outcome:
    """Replace name and mail address until the programme ends; who is told is reached by the new one.

    Erasing somebody deletes the contact under its version, so of the two at once one is decided again, and a change
    never brings back what was erased. The participant is written, unchanged, so that who leaves conflicts with it.
    """
    programme, participant, contact = state
    if programme is None or participant is None or contact is None:
        return refuse(NOBODY)
    if found := [*_barred(participant, programme, context), *_replaced(message, contact)]:
        return refuse(*found)
    changed = contact.next(display_name=message.display_name, mail=message.mail)
    told = addressed(participant.id, programme, "contact-changed")
    return Decision(state=(changed, participant), messages=(r.ContactRecorded(**changed.published()), told))


def change_about_me(message: r.ChangeAboutMe, state: Reaching, context: Context) -> Outcome:
    """Replace what somebody wrote about themselves, until the programme ends; the text is in no event."""
    programme, participant, contact = state
    if participant is None or programme is None or contact is None:
        return refuse(NOBODY)
    if found := [*_barred(participant, programme, context), *_replaced(message, contact)]:
        return refuse(*found)
    changed = contact.next(about_me=message.about_me)
    recorded = r.ContactRecorded(**changed.published())
    if message.about_me == contact.about_me:
        return Decision(state=(changed,), messages=(recorded,))
    told = addressed(participant.id, programme, "about-me-changed")
    # The participant is written, unchanged: who leaves at this moment conflicts with this.
    return Decision(state=(changed, participant), messages=(recorded, told))


def _replaced(message: r.ChangeContact | r.ChangeAboutMe, contact: Contact) -> Iterator[Reason]:
    """Whether somebody was faster: what they changed must not be lost unseen."""
    if message.replaces not in (None, contact.said):
        yield reason("replaces", "replaced", words("contact-replaced", sequence=contact.said))


def _barred(participant: Participant, programme: Programme, context: Context) -> list[Reason]:
    """Only the person or the office, for who takes part in a programme that is not over."""
    found = not_yours(participant, context)
    if programme.is_over:
        found.append(ENDED)
    if participant.status == "withdrawn":
        found.append(WITHDRAWN)
    return found
