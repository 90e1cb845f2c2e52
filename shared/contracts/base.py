"""What a contract is: the base of every command and event of the published language.

A contract is a frozen Pydantic model whose class arguments say how it travels::

    class AcceptProposal(Command, name="matching.accept-proposal.v1", senders=("person",)): ...
    class ProposalAccepted(ProposalState, name="matching.proposal-accepted.v1"): ...

`name` is the CloudEvents type without its `tandem.` prefix, and the routing key.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue
from pydantic.fields import FieldInfo

Role = Literal["person", "delegate", "office", "ops", "service", "hr", "calendar"]

TYPE_PREFIX = "tandem."
COMMANDS = "tandem.commands"
EVENTS = "tandem.events"
"""The broker's two topic exchanges; the routing key is a contract's name."""

LONGEST_SUBJECT = 256
"""Characters of an envelope's subject."""


class Part(BaseModel):
    """A value inside a contract: frozen; unknown fields are ignored unless a command holds it."""

    model_config = ConfigDict(frozen=True)


class Contract(BaseModel):
    """One message type of the published language."""

    model_config = ConfigDict(frozen=True)

    name: ClassVar[str] = ""
    owner: ClassVar[str] = ""

    def __init_subclass__(cls, name: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = name
        cls.owner = name.split(".")[0]

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The message that an envelope's data says; unknown fields are ignored. Raises ValidationError."""
        return cls.model_validate(data)


class Command(Contract):
    """Asks its owner for something; answered by an event of the same correlation id.

    `senders` are the roles that may send it. A `private` command's answer goes to the sender's reply queue only. An
    `unlinkable` one is private, and nothing that is kept of it leads to it once its programme's key is destroyed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    senders: ClassVar[frozenset[Role]] = frozenset()
    private: ClassVar[bool] = False
    unlinkable: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        name: str = "",
        senders: Iterable[Role] = (),
        private: bool = False,
        unlinkable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(name=name, **kwargs)
        cls.senders = frozenset(senders)
        cls.private = private or unlinkable
        cls.unlinkable = unlinkable

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The command that an envelope's data says. Raises ValidationError, also of a field unknown at any depth.

        A word with a typing error would else be lost, and what it meant be set back to its default.
        """
        return cls.model_validate(data, extra="forbid")


class Event(Contract):
    """A fact in the past tense.

    `about` is the template of its subject (`proposal/{proposal_id}`). A `stateful` event carries the whole published
    state of its subject and a sequence; the others (rejections, progress, words for people) change no state.
    `private` events are only ever answers on a reply queue. A `reduced` event comes with more than may be kept: its
    validators drop that, and whoever takes it in keeps what was read of it, never the body as it came.
    """

    about: ClassVar[str] = ""
    stateful: ClassVar[bool] = True
    private: ClassVar[bool] = False
    reduced: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        name: str = "",
        about: str | None = None,
        stateful: bool | None = None,
        private: bool | None = None,
        reduced: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(name=name, **kwargs)
        if about is not None:
            cls.about = about
        if stateful is not None:
            cls.stateful = stateful
        if private is not None:
            cls.private = private
        if reduced is not None:
            cls.reduced = reduced

    @property
    def subject(self) -> str:
        """The aggregate that this event is about, as `kind/id`; of an id too long for an envelope its SHA-256."""
        subject = self.about.format_map(dict(self))
        if len(subject) <= LONGEST_SUBJECT:
            return subject
        kind, _, id = subject.partition("/")
        return f"{kind}/{hashlib.sha256(id.encode()).hexdigest()}"


def personal(description: str, *, purpose: str, readers: str, keep: str, **constraints: Any) -> Any:
    """Declare a field that holds personal data (Art. 30 GDPR): its purpose, who reads it, how long it is kept.

    From the mark come the log filter, the record of processing and what erasing must find.
    """
    mark: dict[str, JsonValue] = {"purpose": purpose, "readers": readers, "keep": keep}
    return Field(description=description, json_schema_extra={"personal": mark}, **constraints)


def personal_mark(field: FieldInfo) -> dict[str, str] | None:
    """The mark that `personal` left on a field, or None."""
    extra = field.json_schema_extra
    mark = extra.get("personal") if isinstance(extra, dict) else None
    return {str(k): str(v) for k, v in mark.items()} if isinstance(mark, dict) else None


LETTER = {
    "purpose": "writing to participants",
    "readers": "portal, office, mail service",
    "keep": "until it is delivered; kept by no service of ours",
}


class Text(Part):
    """Words for people in both languages."""

    de: str = Field(min_length=1, pattern=r"\S", description="German text, not empty")
    en: str = Field(min_length=1, pattern=r"\S", description="English text, not empty")


class Office(Part):
    """How to reach the programme office (S19); stands in everything that people get."""

    name: str = Field(min_length=1, max_length=200, description="name of the office, not of a person")
    phone: str = Field(min_length=3, max_length=40, description="phone of the office")
    mail: str = Field(min_length=3, max_length=200, pattern=r"^[^@\s]+@[^@\s]+$", description="mail of the office")
    deputy_mail: str | None = Field(
        default=None, max_length=200, pattern=r"^[^@\s]+@[^@\s]+$", description="who gets what stays unanswered"
    )


class Reason(Part):
    """One reason for a rejection: which field, which code, and what to change."""

    field: str = Field(description="path of the field, dotted; empty for the whole command")
    code: str = Field(description="machine-readable reason, stable")
    message: Text = Field(description="what is wrong and what to change")


class CommandRejected(Event, about="command/{command_id}", stateful=False):
    """A command was understood and refused; nothing changed."""

    command_id: str = Field(description="id of the refused command's envelope")
    command: str = Field(description="name of the refused command, without the tandem. prefix")
    reasons: tuple[Reason, ...] = Field(min_length=1, description="every reason found, not only the first")


class PersonAddressed(Event, about="participant/{to}", stateful=False):
    """Words for one person in both languages; a mail service needs no other knowledge to deliver them."""

    to: str = personal("participant_id of the person", **LETTER)
    programme_id: str = Field(description="the programme")
    topic: str = Field(description="what it is about, as a stable key (e.g. meeting-scheduled)")
    subject_line: Text = personal("subject", **LETTER)
    text: Text = personal(
        "text; a name is written as urn:uuid:<participant_id>, and filled in by who delivers", **LETTER
    )
    office: Office = Field(description="the contact for questions")


class OfficeAttentionNeeded(Event, about="attention/{attention_id}"):
    """Something waits for the office: what, whom, by when, and which commands answer it."""

    attention_id: str = Field(description="id of this exception")
    programme_id: str = Field(description="the programme")
    what: str = Field(description="machine-readable kind of the exception")
    whom: tuple[str, ...] = personal(
        "subjects concerned, as kind/id; never the side at fault",
        purpose="the office helps where something waits (S19)",
        readers="office",
        keep="until the programme is archived",
    )
    text: Text = Field(description="what happened and what can be done")
    by: str = Field(description="last day for an answer, ISO date")
    answered_by: tuple[str, ...] = Field(description="names of the commands that answer it")
    status: Literal["open", "reminded", "settled"] = Field(description="reminded: it also went to the deputy")
    rules_version: int | None = Field(
        default=None,
        ge=1,
        description="version of the programme's rules under which it was raised; null: it needs none",
    )
    office: Office = Field(description="the office, with its deputy")


class DayHandled(Event, about="day/{service}"):
    """A service has handled everything that was due on a day."""

    service: str = Field(description="name of the service")
    date: str = Field(description="the day, ISO date")
    due_handled: int = Field(description="how many due aggregates were handled")


class AuditSealed(Event, about="seal/{service}"):
    """A service has sealed its audit: whoever keeps this outside can tell whether the database's was changed since."""

    service: str = Field(description="name of the service")
    date: str = Field(description="the day after which it was sealed, ISO date")
    hash: str = Field(description="SHA-256 of the seal (hex), as `tandem audit seals` prints it")


class PeopleErased(Event, about="erasure/{erasure_id}", stateful=False):
    """A service holds nothing more of the people of an erasure; whom it was about is not said."""

    erasure_id: str = Field(description="id of the erasure, as it was ordered")
    service: str = Field(description="name of the service")


class RetentionCarriedOut(Event, about="retention/{programme_id}", stateful=False):
    """A service keeps nothing more of a programme for these purposes, whose time is over."""

    programme_id: str = Field(description="the programme")
    purposes: tuple[str, ...] = Field(min_length=1, description="the purposes, as the programme's state names them")
    service: str = Field(description="name of the service")


# First aid: what people do with messages that could not be processed


def _actor() -> Any:
    return personal(
        "who did it: an opaque id of the sender's own system, or the role that sent it; never a name",
        purpose="whoever read or changed a stuck message can be asked why (Art. 5(2) GDPR)",
        readers="ops, office",
        keep="by the service to the end of the year after (`GET /quarantine/actions`)",
        default=None,
    )


LONGEST_WHY = 500


def _why(**constraints: Any) -> Any:
    return personal(
        "why; kept in the service's record of actions, in no event",
        purpose="whoever read or changed a stuck message can be asked why (Art. 5(2) GDPR)",
        readers="office",
        keep="to the end of the year after",
        max_length=LONGEST_WHY,
        pattern=r"\S",
        **constraints,
    )


class ReplayQuarantined(Command):
    """Hand a quarantined message back to its service (first aid after a release mended the cause)."""

    id: str = Field(description="id of the quarantined message as listed, or * for all")
    type: str | None = Field(default=None, description="only messages of this type")
    code: str | None = Field(default=None, description="only messages whose reason begins so, e.g. wrong_shape")
    since: AwareDatetime | None = Field(default=None, description="only what is in quarantine since then or later")
    until: AwareDatetime | None = Field(default=None, description="only what is in quarantine since then or earlier")
    why: str | None = _why(default=None)


class QuarantineReplayed(Event, about="quarantine/{id}", stateful=False):
    """Quarantined messages were handed back to be decided again."""

    id: str = Field(description="id asked for")
    count: int = Field(description="how many messages were handed back")
    actor: str | None = _actor()


class EditQuarantined(Command):
    """Replace a quarantined message by a corrected copy, which is decided in its place.

    The copy keeps sender, correlation id, time and sequence of the original; its id derives from both.
    """

    id: str = Field(description="id of the quarantined message as listed")
    corrected: dict[str, JsonValue] = personal(
        "the whole corrected data, fit for the contract of the message's routing key",
        purpose="a stuck message has its effect after all",
        readers="office, and whoever reads the message's own fields",
        keep="until it is decided; then as the message's own fields",
    )
    why: str = _why()


class QuarantineEdited(Event, about="quarantine/{id}", stateful=False):
    """A quarantined message was replaced by a corrected copy, which is being decided."""

    id: str = Field(description="id as listed")
    message: str = Field(description="id of the message that is gone")
    replaced_by: str = Field(description="id of the corrected copy")
    actor: str | None = _actor()


class DiscardQuarantined(Command):
    """Give a quarantined message or job up: whoever sent the command hears that it is refused (`discarded`)."""

    id: str = Field(description="id of the quarantined message as listed")
    why: str = _why()


class QuarantineDiscarded(Event, about="quarantine/{id}", stateful=False):
    """A quarantined message or job was given up. Said again under a job's own correlation id, for who waits for it."""

    id: str = Field(description="id as listed")
    message: str = Field(description="id of the message or job")
    actor: str | None = _actor()


class QuarantineRead(Event, about="quarantine/{id}", stateful=False):
    """Somebody with the right to read personal data read the body of a quarantined message; it is not in here."""

    id: str = Field(description="id as listed")
    message: str = Field(description="id of the message")
    actor: str | None = _actor()


class NoteUnrouted(Command):
    """Record what was done with a command that no service takes, before it is done.

    Sent under that command's correlation id, so that whoever waits for its answer hears of it.
    """

    message: str = Field(min_length=1, max_length=256, description="id of the command that nobody takes")
    type: str = Field(max_length=256, description="its routing key")
    what: Literal["read", "given-back", "discarded"] = Field(description="what is done with it")
    why: str = _why()


class UnroutedNoted(Event, about="unrouted/{message}", stateful=False):
    """A command that no service takes is read, given back to be taken, or discarded."""

    message: str = Field(description="id of the command")
    type: str = Field(description="its routing key")
    what: Literal["read", "given-back", "discarded"] = Field(description="what is done with it")
    actor: str | None = _actor()


class SayStateAgain(Command):
    """Say the newest state of everything that the owner published again, for a reader that is behind."""

    programme_id: str | None = Field(
        default=None, max_length=64, description="only what belongs to this programme; null: everything"
    )


class StateSaidAgain(Event, about="owner/{service}", stateful=False):
    """Everything that was asked for has been said again."""

    service: str = Field(description="name of the service")
    programme_id: str | None = Field(description="the programme asked for; null: everything")
    count: int = Field(description="how many subjects were said")


# What a service holds on a person (Art. 15 GDPR): asked by registration, answered on its own queue for replies

OWN = {
    "purpose": "a person sees what is kept of them (Art. 15 GDPR)",
    "readers": "registration, and the person",
    "keep": "until it was fetched, at most a week",
}


class Participation(Part):
    """Which participant somebody is in a programme."""

    programme_id: str = Field(description="the programme")
    participant_id: str = personal("pseudonym of the person in this programme", **OWN)


class ShowPerson(Command):
    """Show all that the owner holds on a person."""

    request_id: str = Field(description="the request that the answer belongs to")
    people: tuple[Participation, ...] = Field(max_length=100, description="the person, in each programme")
    asked: int = Field(default=0, ge=0, description="how often this was asked for before; the answer says it again")


class Holding(Part):
    """One thing that a service holds on a person, as that person may see it."""

    kind: str = Field(description="what it is, a stable key, e.g. wishes")
    programme_id: str | None = Field(description="the programme; null: none")
    id: str = personal("id of the thing, which may be the person's own", **OWN)
    fields: dict[str, JsonValue] = personal("what it says", **OWN)


class PersonShown(Event, about="data-request/{request_id}", stateful=False, private=True):
    """Some of what the owner holds on a person; `parts` messages of one answer tell it all.

    An answer is all that was found at one time: parts belong together that say the same `asked` and `attempt`. Of two
    answers the newer one has the higher `asked`, or the higher `attempt` at the same.
    """

    request_id: str = Field(description="the request")
    service: str = Field(description="name of the service")
    number: int = Field(ge=0, description="which part this is, from 0")
    parts: int = Field(ge=1, description="how many parts there are")
    holdings: tuple[Holding, ...] = Field(description="things that the service holds")
    asked: int = Field(default=0, ge=0, description="which question this answers, as that said it")
    attempt: int = Field(default=0, ge=0, description="which attempt at the answer this is of: a service may break off")
