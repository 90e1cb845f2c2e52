"""Decisions about people: registering, changing, consenting, leaving."""

from services.registration.checks import profile_reasons, words
from services.registration.drafts import UNKNOWN
from services.registration.jobs import Member
from services.registration.joining import Arrival, ended_for, entered, enters, place_for
from services.registration.load_kept import Kept
from services.registration.load_people import Changing, Registering
from services.registration.model import Contact, Participant, Programme, Waiting
from services.registration.programmes import NOT_OPEN_YET
from services.registration.say import CLOSED, ENDED, NOBODY, WITHDRAWN, addressed, not_yours
from services.registration.waiting import forgotten, kept_place
from shared.contracts import registration as r
from shared.contracts.base import Reason, Text
from shared.contracts.parts import Consents, Side
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, reason, refuse
from shared.runtime.forwarding import renamed

Registration = r.RegisterMentor | r.RegisterMentee | r.AdmitLate


def register_mentor(message: r.RegisterMentor, state: Registering, context: Context) -> Outcome:
    """Register a mentor."""
    return _register(message, "mentor", state, context)


def register_mentee(message: r.RegisterMentee, state: Registering, context: Context) -> Outcome:
    """Register a mentee."""
    return _register(message, "mentee", state, context)


def _register(message: Registration, role: Side, state: Registering, context: Context) -> Outcome:
    """Register a person while registration is open; their personnel key is kept as a keyed digest only.

    Once in a programme, or once in each role where its rules say so; who left may come again. The person is written
    too: of two registrations of one person at the same moment one is decided again, and finds the other.
    The office may register somebody, but nobody consents to extras on another's behalf.
    """
    programme, guard = state.programme, state.guard
    if programme is None or guard is None or programme.status == "discarded":
        return refuse(UNKNOWN)
    if programme.is_draft:
        # Only read: if it opens at this moment, this came before.
        return refuse(NOT_OPEN_YET)
    found = registration_reasons(message, role, state, context)
    if guard.closed:
        found.append(CLOSED)
    if found:
        return refuse(*found)
    participant, contact = newcomer(message, role, state, programme, context)
    arrival = Arrival(participant, contact, state.person, programme, message.releaser_mail, state.employment)
    written, said = entered(arrival, "registered", context)
    waiting, jobs = waits_no_more(role, state)
    # The guard fences: closing writes all lanes' guards, so a person is in the closed set or refused.
    return Decision(state=(guard, *written), messages=said, deletes=waiting, jobs=jobs)


def waits_no_more(role: Side, state: Registering) -> tuple[tuple[Waiting, ...], tuple[Start, ...]]:
    """What goes when somebody who waited in this role has come: as where they come again (P5).

    In the other role they wait on, with their place in line there.
    """
    ended = [waited for waited in state.waited if waited.waiting.role == role]
    jobs = tuple(job for waited in ended for job in forgotten(waited.programme))
    return tuple(waited.waiting for waited in ended), jobs


def registration_reasons(message: Registration, role: Side, state: Registering, context: Context) -> list[Reason]:
    """What is wrong with a registration, whenever it comes: every reason."""
    programme = state.programme
    if programme is None:
        return [UNKNOWN]
    found = profile_reasons(role, message.profile, state.topics)
    if state.erased:
        # Their id would be the one that is dropped everywhere. It is only read here: who was erased a moment ago is
        # still registered, or found by the search that follows.
        found.append(reason("personnel_key", "erased", words("erased")))
    found += ended_for("personnel_key", state.employment, context.today)
    if place_for(role, state.earlier, both_roles=programme.on(context.today).rules.registration.both_roles).taken:
        found.append(reason("personnel_key", "already_registered", words("already-registered")))
    if message.privacy_notice != programme.privacy_notice:
        text = words("other-privacy-notice", version=programme.privacy_notice)
        found.append(reason("privacy_notice", "other_privacy_notice", text))
    if message.personnel_key in message.superiors:
        found.append(reason("superiors", "own_superior", words("own-superior")))
    if context.sender == "office" and message.consents != Consents():
        found.append(reason("consents", "only_the_person", words("only-the-person")))
    return found


def newcomer(
    message: Registration, role: Side, state: Registering, programme: Programme, context: Context
) -> tuple[Participant, Contact]:
    """Who comes by a registration that is in order, with their place in line, and how to reach them."""
    before = place_for(role, state.earlier, both_roles=programme.on(context.today).rules.registration.both_roles).before
    id = context.keyed("participant", programme.id, message.personnel_key)
    if any(participant.id == id for participant in state.earlier):
        id = context.keyed("participant", programme.id, message.personnel_key, role)
    participant = enters(
        before,
        id,
        programme=programme.id,
        role=role,
        registered_on=context.today,
        profile=renamed(message.profile, state.topics.ends),
        position=context.keyed("position", message.personnel_key),
        reporting_line=tuple(context.keyed("position", superior) for superior in message.superiors),
        consents=message.consents,
        privacy_notice=message.privacy_notice,
        waiting_since=next((waited.waiting.since for waited in state.waited if waited.waiting.role == role), None),
    )
    contact = Contact(
        id=participant.id,
        programme=programme.id,
        display_name=message.display_name,
        mail=message.mail,
        about_me=message.about_me,
    )
    return participant, contact


def change_profile(message: r.ChangeProfile, state: Changing, context: Context) -> Outcome:
    """Replace a profile until the programme ends, if the sender saw the newest one (S5: completed after the kick-off).

    While registration is open the lane's guard is written as by whoever joins or leaves: what the closing counts then
    stands still. After the close it is not needed, since who is a member does not change with a profile, and the count
    digests ids only. The programme is only read: a change in the moment of its end is kept, and used by nobody.
    """
    participant, programme, guard = state.participant, state.programme, state.guard
    if participant is None or programme is None or guard is None:
        return refuse(NOBODY)
    found = not_yours(participant, context)
    found += profile_reasons(participant.role, message.profile, state.topics, participant.profile)
    if programme.is_over:
        found.append(ENDED)
    if participant.status == "withdrawn":
        found.append(WITHDRAWN)
    if message.replaces != participant.said:
        found.append(reason("replaces", "replaced", words("replaced", sequence=participant.said)))
    line = participant.reporting_line
    if message.superiors is not None:
        line = tuple(context.keyed("position", superior) for superior in message.superiors)
    if participant.position in line:
        found.append(reason("superiors", "own_superior", words("own-superior")))
    if found:
        return refuse(*found)
    changed = participant.next(profile=renamed(message.profile, state.topics.ends), reporting_line=line)
    event = r.ParticipantChanged(**changed.published())
    fence = () if guard.closed else (guard,)
    if (changed.profile, line) == (participant.profile, participant.reporting_line):
        return Decision(state=(*fence, changed), messages=(event,))
    topic = "profile-changed-later" if guard.closed else "profile-changed"
    return Decision(state=(*fence, changed), messages=(event, addressed(changed.id, programme, topic)))


def change_consents(message: r.ChangeConsents, state: Kept, context: Context) -> Outcome:
    """Give or take back consent to extras, at any time."""
    participant, programme = state.participant, state.programme
    if participant is None or programme is None:
        return refuse(NOBODY)
    if found := not_yours(participant, context):
        return refuse(*found)
    changed = participant.next(consents=message.consents)
    event = r.ParticipantChanged(**changed.published())
    if message.consents == participant.consents:
        return Decision(state=(changed,), messages=(event,))
    told = addressed(changed.id, programme, "consents-changed", allowed=_allowed(message.consents))
    kept = kept_place(state._replace(participant=changed), context)
    messages = (event, told, *kept.said)
    return Decision(state=(changed, *kept.written), messages=messages, deletes=kept.deleted, jobs=kept.jobs)


def _allowed(consents: Consents) -> Text:
    """What somebody allows, in words; each field of `Consents` has words of its own."""
    named = [words(f"allows-{field}") for field, given in consents if given] or [words("allows-nothing")]
    return Text(de=", ".join(text.de for text in named), en=", ".join(text.en for text in named))


def say_member(message: Member, participant: Participant | None, context: Context) -> Outcome:
    """Say a member's state again, for a reader that missed it."""
    if participant is None:
        return NOTHING
    again = participant.next()
    kind = r.ParticipantWithdrew if again.status == "withdrawn" else r.ParticipantChanged
    return Decision(state=(again,), messages=(kind(**again.published()),))
