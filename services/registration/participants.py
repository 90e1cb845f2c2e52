"""Decisions about people: registering, changing, consenting, leaving."""

import datetime as dt

from services.registration.checks import profile_reasons, words
from services.registration.drafts import UNKNOWN
from services.registration.jobs import Member
from services.registration.load_people import Leaving, Registering
from services.registration.model import Contact, Participant, Person, Programme
from services.registration.pause_signs import settle
from services.registration.programmes import NOT_OPEN_YET, let_in
from services.registration.say import addressed
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.contracts.parts import Consents, Side
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, reason, refuse
from shared.runtime.forwarding import renamed

NOBODY = reason("participant_id", "unknown_participant", words("unknown-participant"))
CLOSED = reason("programme_id", "registration_closed", words("registration-closed"))


def register_mentor(message: r.RegisterMentor, state: Registering, context: Context) -> Outcome:
    """Register a mentor."""
    return _register(message, "mentor", state, context)


def register_mentee(message: r.RegisterMentee, state: Registering, context: Context) -> Outcome:
    """Register a mentee."""
    return _register(message, "mentee", state, context)


def _register(
    message: r.RegisterMentor | r.RegisterMentee, role: Side, state: Registering, context: Context
) -> Outcome:
    """Register a person once, while registration is open; their personnel key is kept as a keyed digest only.

    The office may register somebody, but nobody consents to extras on another's behalf.
    """
    programme, guard = state.programme, state.guard
    if programme is None or guard is None or programme.status == "discarded":
        return refuse(UNKNOWN)
    if programme.is_draft:
        # Only read: if it opens at this moment, this came before.
        return refuse(NOT_OPEN_YET)
    found = profile_reasons(role, message.profile, state.topics)
    if guard.closed:
        found.append(CLOSED)
    if state.erased:
        # Their id would be the one that is dropped everywhere. It is only read here: who was erased a moment ago is
        # still registered, or found by the search that follows.
        found.append(reason("personnel_key", "erased", words("erased")))
    if state.participant is not None:
        found.append(reason("personnel_key", "already_registered", words("already-registered")))
    if message.privacy_notice != programme.privacy_notice:
        text = words("other-privacy-notice", version=programme.privacy_notice)
        found.append(reason("privacy_notice", "other_privacy_notice", text))
    if message.personnel_key in message.superiors:
        found.append(reason("superiors", "own_superior", words("own-superior")))
    if context.sender == "office" and message.consents != Consents():
        found.append(reason("consents", "only_the_person", words("only-the-person")))
    if found:
        return refuse(*found)
    participant = Participant(
        id=context.keyed("participant", message.programme_id, message.personnel_key),
        programme=message.programme_id,
        role=role,
        registered_on=context.today,
        profile=renamed(message.profile, state.topics.ends),
        position=context.keyed("position", message.personnel_key),
        reporting_line=tuple(context.keyed("position", superior) for superior in message.superiors),
        consents=message.consents,
        privacy_notice=message.privacy_notice,
        said=1,
    )
    contact = Contact(
        id=participant.id,
        programme=message.programme_id,
        display_name=message.display_name,
        mail=message.mail,
        about_me=message.about_me,
    )
    person = (state.person or Person(id=participant.position)).joins(participant)
    recorded = r.ContactRecorded(
        participant_id=participant.id,
        programme_id=message.programme_id,
        display_name=contact.display_name,
        mail=contact.mail,
    )
    welcome = addressed(participant.id, programme, "registered", version=programme.privacy_notice)
    return Decision(
        # The guard fences: closing writes all lanes' guards, so a person is in the closed set or refused.
        state=(guard, participant, person, contact),
        messages=(r.ParticipantRegistered(**participant.published()), recorded, welcome),
    )


def _not_yours(participant: Participant, context: Context) -> list[Reason]:
    """Only the person, or the office for them."""
    if context.sender == "office" or context.actor == participant.id:
        return []
    return [reason("participant_id", "not_yours", words("not-yours"))]


def change_profile(message: r.ChangeProfile, state: Registering, context: Context) -> Outcome:
    """Replace a profile while registration is open, if the sender saw the newest one."""
    participant, guard = state.participant, state.guard
    if participant is None or guard is None:
        return refuse(NOBODY)
    found = _not_yours(participant, context)
    found += profile_reasons(participant.role, message.profile, state.topics, participant.profile)
    if guard.closed:
        found.append(CLOSED)
    if participant.status == "withdrawn":
        found.append(reason("participant_id", "withdrawn", words("withdrawn")))
    if message.replaces != participant.said:
        found.append(reason("replaces", "replaced", words("replaced", sequence=participant.said)))
    if found:
        return refuse(*found)
    changed = participant.next(profile=renamed(message.profile, state.topics.ends))
    return Decision(state=(guard, changed), messages=(r.ParticipantChanged(**changed.published()),))


def change_consents(message: r.ChangeConsents, participant: Participant | None, context: Context) -> Outcome:
    """Give or take back consent to extras, at any time."""
    if participant is None:
        return refuse(NOBODY)
    if found := _not_yours(participant, context):
        return refuse(*found)
    changed = participant.next(consents=message.consents)
    return Decision(state=(changed,), messages=(r.ParticipantChanged(**changed.published()),))


def withdraw(message: r.Withdraw, state: Leaving, context: Context) -> Outcome:
    """Leave the programme at any time; no reason is asked."""
    participant, programme, guard = state.participant, state.programme, state.guard
    if participant is None or programme is None or guard is None:
        return refuse(NOBODY)
    if found := _not_yours(participant, context):
        return refuse(*found)
    if participant.status == "withdrawn":
        again = participant.next()
        return Decision(state=(again,), messages=(r.ParticipantWithdrew(**again.published()),))
    return leaves(participant, programme, guard, state.sign, context.today)


def leaves(
    participant: Participant,
    programme: Programme,
    guard: Guard,
    sign: Attention | None,
    today: dt.date,
    words_for: str = "withdrew",
) -> Decision:
    """Whatever the cause, somebody leaves a programme in the same way; only the words to them differ (P9).

    What the office was told of their pause (`sign`) is settled with it.
    """
    left = participant.takes_part_again(today).next(status="withdrawn")
    written, said = settle(sign)
    told = addressed(left.id, programme, "withdrew", words_for)
    return Decision(
        state=(guard, left, *written),
        messages=(r.ParticipantWithdrew(**left.published()), told, *said),
        jobs=let_in(programme),
    )


def say_member(message: Member, participant: Participant | None, context: Context) -> Outcome:
    """Say a member's state again, for a reader that missed it."""
    if participant is None:
        return NOTHING
    again = participant.next()
    kind = r.ParticipantWithdrew if again.status == "withdrawn" else r.ParticipantChanged
    return Decision(state=(again,), messages=(kind(**again.published()),))
