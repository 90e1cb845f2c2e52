"""First aid for what lies in quarantine: handing back, correcting, giving up, reading. Rows of every service."""

from collections.abc import Callable

from pydantic import ValidationError

from shared.contracts import base
from shared.contracts.base import Command, Contract, Event
from shared.runtime.actions import Action, What, is_opaque, last_day
from shared.runtime.days import rows_of
from shared.runtime.decision import Context, Decision, Get, Internal, Outcome, Start, reason, refuse
from shared.runtime.envelope import type_of
from shared.runtime.erasing import ERASE_JOB
from shared.runtime.held import Held, HeldJob, HeldMessage, body_of, copy_of, original, replaced
from shared.runtime.reasons import reasons_of, words
from shared.runtime.say_again import SAY_JOB
from shared.runtime.shown import SHOW_JOB
from shared.runtime.table import Ask, Fact, Piece, Service

REPLAY_JOB = "_replay"
NOTICE_JOB = "_notices"
"""Makes the notices agree with what is in quarantine."""


class Replayed(Internal):
    """So many messages were handed back; `action` is the record that asked for it."""

    id: str
    count: int
    action: str = ""


class BodyRead(Internal):
    """Somebody reads a body; what comes of it is recorded before it is shown."""

    id: str
    message: str
    type: str
    actor: str
    why: str
    action: str


class GivenUp(Internal):
    """A job, or a piece of its result, was given up: told to who waits under its own correlation id."""

    id: str
    message: str


def _nothing(message: object, get: Get) -> None:
    return None


def _found(message: base.EditQuarantined | base.DiscardQuarantined, get: Get) -> Held | None:
    return get(HeldMessage, message.id) or get(HeldJob, message.id)


def _action_of(message: Replayed, get: Get) -> Action | None:
    return get(Action, message.action) if message.action else None


def _noted(what: What, target: str, why: str | None, context: Context, **more: object) -> Action:
    """The record of a command."""
    action = Action(
        id=context.keyed("action", context.sender, context.id, context.time.isoformat(), target),
        what=what,
        target=target,
        at=context.time,
        actor=context.actor or context.sender,
        why=why,
        due=last_day(context.today, context.time),
    )
    return action.but(**more)


def _opaque(decide: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Refuse an actor that looks like a name or a mail address: it would stand in events."""

    def checked(message: Command, state: object, context: Context) -> Outcome:
        if context.actor is not None and not is_opaque(context.actor):
            return refuse(reason("actor", "not_opaque", words("not-opaque")))
        return decide(message, state, context)

    checked.__name__ = decide.__name__
    return checked


def start_replay(message: base.ReplayQuarantined, state: None, context: Context) -> Decision:
    """Start handing back; the job knows where quarantined messages are."""
    wanted = message.model_dump(mode="json", include={"type", "code", "since", "until"}, exclude_none=True)
    action = _noted("replayed", message.id, message.why, context, wanted=wanted)
    return Decision(state=(action,), jobs=(Start(REPLAY_JOB, action.id),))


def taken(service: Service) -> dict[str, type[Contract]]:
    """The contracts of everything that a service takes from the broker, by routing key."""
    rows = (*service.rows, *rows_of(service), *replay_rows(service))
    return {row.on.name: row.on for row in rows if isinstance(row, Ask | Fact)}


def may_be_private(contract: type[Contract] | None) -> bool:
    """Whether a message is nobody's to see; what a release does not know (None) may be private in another."""
    return contract is None or (issubclass(contract, Command) and contract.private)


def may_be_read(service: Service, held: Held) -> bool:
    """Whether the office may read and correct a body: known to come from outside, and not private.

    Answers to surveys, wishes and vetoes are nobody's to read; what a release does not know may be one of them. What
    came from inside cannot be corrected: it follows from what did come from outside.
    """
    if may_be_private(taken(service).get(held.key or "")):
        return False
    # Under a wrong key may lie what is private under its own, as an envelope or as half of one.
    return type_of(body_of(held.held["stored"])) in (held.key, None)


def may_be_discarded(service: Service, held: Held) -> bool:
    """Whether something starts it again: not a day, nor a job whose row does not say so, nor a piece of its result.

    Nor a job without a row: the release that has it may come back. Erasing is ordered again each day; what a restore
    began is not.
    """
    job = held.held.get("job")
    if job == ERASE_JOB:
        return not held.held.get("restored")
    if job is not None:
        row = service.jobs.get(job)
        return job in (REPLAY_JOB, NOTICE_JOB, SAY_JOB, SHOW_JOB) or (row is not None and row.discardable)
    piece = held.held["stored"].get("piece")
    lasting = {kind.__name__ for row in service.jobs.values() if not row.discardable for kind in row.hands}
    return piece not in lasting


def replay_rows(service: Service) -> tuple[Ask | Piece, ...]:
    """The rows that every service has for its quarantine, and for what nobody takes."""
    replayed_ = service.common(base.QuarantineReplayed)
    edited_ = service.common(base.QuarantineEdited)
    discarded_ = service.common(base.QuarantineDiscarded)
    read_ = service.common(base.QuarantineRead)
    noted_ = service.common(base.UnroutedNoted)

    def say_replayed(message: Replayed, action: Action | None, context: Context) -> Decision:
        actor = action.actor if action else None
        said = replayed_(id=message.id, count=message.count, actor=actor)
        return Decision(state=(action.but(count=message.count),) if action else (), messages=(said,))

    def edit(message: base.EditQuarantined, held: Held | None, context: Context) -> Outcome:
        if held is None or not held.quarantined:
            return refuse(reason("id", "not_in_quarantine", words("not-in-quarantine")))
        if not isinstance(held, HeldMessage) or not may_be_read(service, held):
            return refuse(reason("id", "not_to_be_edited", words("not-to-be-edited")))
        contract = taken(service)[held.key or ""]
        before = original(held)
        try:
            right = contract.from_data(message.corrected)
        except ValidationError as error:
            return refuse(*reasons_of(error))
        if before is not None and isinstance(right, Event) and before.subject not in (None, "", right.subject):
            return refuse(reason("corrected", "another_subject", words("another-subject")))
        if issubclass(contract, Event) and contract.stateful and (before is None or before.sequence is None):
            return refuse(reason("id", "no_sequence", words("no-sequence")))
        copy = copy_of(held, before, right, context)
        action = _noted(
            "edited", held.id, message.why, context, message=held.message, type=contract.name, replaced_by=copy.id
        )
        said = edited_(id=held.id, message=held.message, replaced_by=copy.id, actor=action.actor)
        return Decision(state=(replaced(held, copy), action), messages=(said,), jobs=(Start(NOTICE_JOB, held.id),))

    def discard(message: base.DiscardQuarantined, held: Held | None, context: Context) -> Outcome:
        if held is None or not held.quarantined:
            return refuse(reason("id", "not_in_quarantine", words("not-in-quarantine")))
        if not may_be_discarded(service, held):
            return refuse(reason("id", "not_to_be_discarded", words("not-to-be-discarded")))
        action = _noted("discarded", held.id, message.why, context, message=held.message, type=held.held["type"])
        said = discarded_(id=held.id, message=held.message, actor=action.actor)
        return Decision(
            state=(held.marked(discarded=True), action), messages=(said,), jobs=(Start(NOTICE_JOB, held.id),)
        )

    def tell_given_up(message: GivenUp, state: None, context: Context) -> Decision:
        return Decision(messages=(discarded_(id=message.id, message=message.message),))

    def say_read(message: BodyRead, state: None, context: Context) -> Decision:
        action = Action(
            id=message.action,
            what="read",
            target=message.id,
            message=message.message,
            type=message.type,
            at=context.time,
            actor=message.actor,
            why=message.why,
            due=last_day(context.today, context.time),
        )
        said = read_(id=message.id, message=message.message, actor=message.actor)
        return Decision(state=(action,), messages=(said,))

    def note_unrouted(message: base.NoteUnrouted, state: None, context: Context) -> Decision:
        whats: dict[str, What] = {
            "read": "unrouted-read",
            "given-back": "unrouted-given-back",
            "discarded": "unrouted-discarded",
        }
        action = _noted(
            whats[message.what], message.message, message.why, context, message=message.message, type=message.type
        )
        said = noted_(message=message.message, type=message.type, what=message.what, actor=action.actor)
        return Decision(state=(action,), messages=(said,))

    common = service.common
    aid = (NOTICE_JOB,)
    return (
        Ask(common(base.ReplayQuarantined), _nothing, _opaque(start_replay), starts=(REPLAY_JOB,)),
        Piece(Replayed, _action_of, say_replayed, says=(replayed_,)),
        Ask(common(base.EditQuarantined), _found, _opaque(edit), says=(edited_,), starts=aid),
        Ask(common(base.DiscardQuarantined), _found, _opaque(discard), says=(discarded_,), starts=aid),
        Piece(GivenUp, _nothing, tell_given_up, says=(discarded_,)),
        Piece(BodyRead, _nothing, say_read, says=(read_,)),
        Ask(common(base.NoteUnrouted), _nothing, _opaque(note_unrouted), says=(noted_,)),
    )
