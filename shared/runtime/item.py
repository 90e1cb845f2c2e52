"""One message on its way through the engine, wherever it comes from: the broker, a job, a date, or what was kept."""

import base64
import datetime as dt
import json
import re
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shared.contracts.base import Command, Contract, Event, Reason, Role
from shared.contracts.registration import ErasureOrdered
from shared.runtime import envelope
from shared.runtime.aggregate import Seen
from shared.runtime.decision import Context, Decision, DueReached, Internal, refuse
from shared.runtime.every_row import every_row
from shared.runtime.held import UNREADABLE, body_of
from shared.runtime.ids import keyed_id
from shared.runtime.ports import Delivery, Intake, Record
from shared.runtime.programme_keys import Sealed, nothing_sealed
from shared.runtime.reasons import faults_of, fields_of, reasons_of, words
from shared.runtime.replay import GivenUp
from shared.runtime.speaker import contradiction, source_of
from shared.runtime.table import Ask, Decide, Due, Fact, Load, Piece, Service

EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PIECE = re.compile(r"(?:(?:replay|say|show|gone|told|erased)\.)?([0-9a-f-]{36})(?:\.[0-9]+){0,2}")


@dataclass(frozen=True, slots=True)
class Bound:
    """A row as the engine runs it."""

    load: Load
    decide: Decide
    says: frozenset[type[Contract]]
    starts: frozenset[str]


@dataclass(slots=True)
class Item:
    """A message with what its envelope said and where it is kept; `fault` if it can never be decided."""

    key: str
    id: str
    type: str
    message: Contract | Internal | None = None
    rows: tuple[Bound, ...] = ()
    time: dt.datetime = EARLIEST
    actor: str | None = None
    sender: Role | None = None
    seen: Seen = field(default_factory=Seen)
    correlation: str = ""
    causation: str = ""
    received: dt.datetime | None = None
    traceparent: str | None = None
    reply_to: str | None = None
    private: bool = False
    preset: Decision | None = None
    fault: str | None = None
    fields: tuple[str, ...] = ()
    kept: Record | None = None
    stored: dict[str, Any] = field(default_factory=dict)
    known: bool = False
    spared: bool = False
    """Whether it is decided also where it names somebody who was erased."""
    erased: bool = False
    """Whether it names somebody who was erased: it is dropped."""
    unlinkable: bool = False
    """Whether nothing that is kept of it may lead to it once its programme's key is destroyed."""
    sealed: str | None = None
    """What the inbox calls an unlinkable one: an id under its programme's key; empty where that is destroyed."""

    @property
    def label(self) -> str:
        """What metrics and logs call the type: a sender's own invention may say anything."""
        return self.type if self.known else "unknown"

    @property
    def noted(self) -> str:
        """What the inbox calls it. Ids of what it says derive from `key`: those must not lead to the inbox."""
        return self.sealed or self.key

    @property
    def raw(self) -> str:
        """The body as it came, or a piece's data."""
        if "piece" in self.stored:
            return json.dumps(self.stored["data"], ensure_ascii=False)
        return body_of(self.stored).decode(errors="replace")

    @property
    def text(self) -> str:
        """What it says, of whom, and on whose behalf; all of what is no envelope.

        Not what it came from: the correlation id of what a date began names somebody, whomever it is about by now.
        """
        raw = self.raw
        if "piece" in self.stored:
            return raw
        try:
            read = json.loads(raw)
        except (ValueError, RecursionError):
            return raw
        said = {name: read.get(name) for name in ("data", "subject", "actor")} if isinstance(read, dict) else read
        return json.dumps(said if isinstance(read, dict) and "data" in read else read, ensure_ascii=False)

    @property
    def shown(self) -> str:
        """The id that others may see: a private message's own would tell who sent it."""
        return self.key if self.private else self.id

    @property
    def shown_correlation(self) -> str:
        """The correlation id that others may see."""
        return self.key if self.private else self.correlation

    def context(self, today: dt.date, key: bytes, epoch: int, sealed: Sealed = nothing_sealed) -> Context:
        """What the decision is told."""
        return Context(
            id=self.id,
            time=self.time,
            today=today,
            actor=self.actor,
            sender=self.sender,
            seen=self.seen,
            key=key,
            sealed=sealed,
            epoch=epoch,
        )


@dataclass(frozen=True)
class Desk:
    """Reads messages for one service: by its table, its users' roles and its key.

    `roles` maps the broker's user to the role that it may speak for.
    """

    service: Service
    roles: dict[str, Role]
    key: bytes

    def __post_init__(self) -> None:
        by_name: dict[str, list[Ask | Fact]] = {}
        pieces: dict[str, Piece] = {}
        for row in every_row(self.service):
            if isinstance(row, Ask | Fact):
                by_name.setdefault(row.on.name, []).append(row)
            elif isinstance(row, Piece):
                pieces[row.on.__name__] = row
        object.__setattr__(self, "_routes", by_name)
        events = [rows[0].on for rows in by_name.values() if issubclass(rows[0].on, Event)]
        object.__setattr__(self, "_reducing", frozenset(event.owner for event in events if event.reduced))
        object.__setattr__(self, "_pieces", pieces)
        object.__setattr__(self, "_dues", self.service.dues)

    _routes: dict[str, list[Ask | Fact]] = field(init=False, repr=False)
    _reducing: frozenset[str] = field(init=False, repr=False)
    _pieces: dict[str, Piece] = field(init=False, repr=False)
    _dues: dict[str, Due] = field(init=False, repr=False)

    @property
    def names(self) -> dict[str, type[Contract]]:
        """Every contract that the service takes from the broker, by name."""
        return {name: rows[0].on for name, rows in self._routes.items()}

    def from_delivery(self, delivery: Delivery) -> Item:
        """Read what the broker handed over. Never raises: what cannot be read has a fault or a preset refusal.

        Of a reduced event only what was read is left, before anything of it can be kept; what nobody could read goes.
        """
        item, read = self._from_delivery(delivery)
        if self._reduces(delivery.key) or self._reduces(item.type):
            _reduce(item, read)
        return item

    def _reduces(self, key: str) -> bool:
        """Whether a body under this name may hold what must not be kept; so may what a later release takes of it."""
        if key in self._routes:
            on = self._routes[key][0].on
            return issubclass(on, Event) and on.reduced
        return key.split(".")[0] in self._reducing

    def _from_delivery(self, delivery: Delivery) -> tuple[Item, envelope.Envelope | None]:
        body, user = delivery.body, delivery.user
        stored: dict[str, Any] = {
            "intake": delivery.intake,
            "key": delivery.key,
            "user": user,
            "reply_to": delivery.reply_to,
            "source": source_of(user, self.roles.get(user)) if user else None,
        }
        try:
            stored["body"] = body.decode()
        except UnicodeDecodeError:
            stored["base64"] = base64.b64encode(body).decode()
        try:
            read = envelope.read(body)
        except envelope.NotAnEnvelope as error:
            id = keyed_id(self.key, "raw", body.hex())
            fault = f"{error.code}: {error.text}"
            return Item(key=f"raw|{id}", id=id, type=UNREADABLE, fault=fault, stored=stored), None
        item = Item(
            key=self._key_of(delivery, read),
            id=read.id,
            type=read.name,
            time=read.time or EARLIEST,
            actor=read.actor,
            seen=read.seen,
            correlation=read.correlation,
            causation=read.causationid or "",
            traceparent=read.traceparent,
            stored=stored,
        )
        rows = self._routes.get(read.name)
        if rows is None:
            # A command that this release does not know may be private in a later one.
            item.private = delivery.intake != "events"
            item.fault = f"unknown_type: {self.service.name} takes no {read.name}; check the type and its version"
            return item, read
        contract = rows[0].on
        item.spared = contract is ErasureOrdered
        item.private = _is_private(contract)
        item.unlinkable = issubclass(contract, Command) and contract.unlinkable
        if delivery.intake == "replies":
            # It came straight into this queue, under the queue's own name: the rest is checked as of any event.
            if delivery.intake != _intake(contract):
                item.fault = f"no_reply: {read.name} is no answer to a private command; publish it on its exchange"
                return item, read
        elif read.name != delivery.key or delivery.intake != _intake(contract):
            # The broker's rights go by exchange and routing key: a type that differs would be a way around them.
            item.fault = f"wrong_key: {read.name} must be published with its own name as the routing key"
            return item, read
        item.known = True
        item.rows = tuple(map(_bound, rows))
        if issubclass(contract, Command):
            return self._command(item, contract, read, user, delivery.reply_to), read
        return self._event(item, contract, read, user), read

    def _key_of(self, delivery: Delivery, read: envelope.Envelope) -> str:
        """What the inbox calls a message: the same whatever the table knows, before a release and after it.

        Each sender has a space of its own for ids, so that nobody can use up another's: for events that is the owner in
        the routing key, for commands the validated user. A command's is keyed: the sender's own id would tell who
        answered a survey.
        """
        if delivery.intake == "events":
            return f"event|{delivery.key.split('.')[0]}|{read.source}|{read.id}"
        if delivery.intake == "replies":
            return f"reply|{keyed_id(self.key, delivery.user, read.source, read.id)}"
        return f"command|{keyed_id(self.key, delivery.user, read.source, read.id)}"

    def from_kept(self, record: Record) -> Item:
        """Read what was kept for later."""
        state = record.state or {}
        stored = state["stored"]
        if "piece" in stored:
            item = self.from_piece(**stored)
        elif stored.get("dropped"):
            fault, fields = state["reason"], tuple(state["fields"])
            item = Item(
                key=state["inbox"], id=state["id"], type=state["type"], fault=fault, fields=fields, stored=stored
            )
        else:
            item = self.from_delivery(
                Delivery(
                    tag=None,
                    intake=stored["intake"],
                    body=body_of(stored),
                    key=stored["key"],
                    user=stored["user"],
                    reply_to=stored["reply_to"],
                )
            )
        item.kept = record
        if state.get("discarded"):
            self._give_up(item)
        return item

    def _give_up(self, item: Item) -> None:
        """Decide a discarded message: a command's sender hears that it is refused, who waits for a job of its end."""
        item.fault, item.message = None, None
        if "piece" in item.stored:
            row = self._pieces[GivenUp.__name__]
            item.message = GivenUp(id=(item.kept.subject if item.kept else "").partition("/")[2], message=item.id)
            item.rows = (_bound(row),)
            item.preset = None
        else:
            _answer(item, "discarded")

    def drop(self, item: Item, code: str = "erased") -> None:
        """Decide nothing of a message that names somebody who was erased, or what is kept no more (`gone`).

        Whoever sent a command hears that.
        """
        item.fault, item.message, item.rows, item.preset = None, None, (), Decision()
        item.erased = True
        if "piece" not in item.stored:
            _answer(item, code)

    def from_due(self, subject: str, date: dt.date) -> Item:
        """The date of an aggregate has come. Never raises: a row that a release took away is a fault."""
        id = f"{subject}@{date.isoformat()}"
        kind = subject.split("/")[0]
        item = Item(
            key=f"due|{id}",
            id=id,
            type=f"due:{kind}",
            known=True,
            time=dt.datetime.combine(date, dt.time(), dt.UTC),
            correlation=id,
            stored={"piece": "DueReached", "data": {"subject": subject, "date": date.isoformat()}, "id": id},
        )
        row = self._dues.get(kind)
        if row is None:
            item.fault = f"unknown_row: {self.service.name} has no Due row for {kind} any more"
            return item
        item.message = DueReached(subject=subject, date=date)
        item.rows = (Bound(row.loader, row.decide, frozenset(row.says), frozenset(row.starts)),)
        return item

    def from_piece(
        self,
        piece: str,
        data: dict[str, Any],
        id: str,
        correlation: str = "",
        time: str = "",
        reply_to: str | None = None,
        traceparent: str | None = None,
    ) -> Item:
        """One piece of a job's result; all arguments but the piece itself stem from what started the job.

        Never raises: a piece that a release took away, or gave another shape, is a fault.
        """
        if piece == "DueReached":
            return self.from_due(data["subject"], dt.date.fromisoformat(data["date"]))
        item = Item(
            key=f"piece|{id}",
            id=id,
            type=f"piece:{piece}",
            known=True,
            time=dt.datetime.fromisoformat(time) if time else EARLIEST,
            correlation=correlation or id,
            causation=_job_of(id),
            reply_to=reply_to,
            traceparent=traceparent,
            stored={
                "piece": piece,
                "data": data,
                "id": id,
                "correlation": correlation,
                "time": time,
                "reply_to": reply_to,
                "traceparent": traceparent,
            },
        )
        row = self._pieces.get(piece)
        if row is None:
            item.fault = f"unknown_row: {self.service.name} has no Piece row for {piece} any more"
            return item
        item.rows, item.spared = (_bound(row),), row.for_others
        try:
            item.message = row.on.model_validate(data)
        except ValidationError as error:
            item.fault = f"wrong_shape: data does not fit {piece} ({faults_of(error)})"
            item.fields = fields_of(error)
        return item

    def _event(self, item: Item, contract: type[Contract], read: envelope.Envelope, user: str | None) -> Item:
        item.fault = self._not_its_owner_s(contract, read, user)
        if item.fault:
            return item
        try:
            item.message = contract.from_data(read.data)
        except ValidationError as error:
            item.fault = f"wrong_shape: data does not fit {contract.name} ({faults_of(error)})"
            item.fields = fields_of(error)
            return item
        if item.seen.sequence == 0 and getattr(contract, "stateful", False):
            item.fault = f"no_sequence: an event {contract.name} needs the extension sequence, from 1 for each subject"
        return item

    def _not_its_owner_s(self, contract: type[Contract], read: envelope.Envelope, user: str | None) -> str | None:
        """Why an event is not its owner's own word, if so: it changes what we believe, and nobody else may say it."""
        owner = contract.owner
        if user != owner:
            return f"not_the_owner: only the user {owner} says {contract.name}; publish as that user and set user-id"
        role = self.roles.get(owner)
        if contradiction(read.source, None, owner, role):
            return f"wrong_source: the source of an event from {owner} is {source_of(owner, role)}; set it so"
        if read.actor is not None:
            return f"wrong_actor: {contract.name} is a fact and speaks for nobody; leave actor out"
        return None

    def _command(
        self, item: Item, contract: type[Command], read: envelope.Envelope, user: str | None, reply_to: str | None
    ) -> Item:
        item.reply_to = _own_queue(user, reply_to)
        item.sender = self.roles.get(user) if user else None
        if item.sender == "service" and contract.private:
            item.reply_to = f"{user}.replies"  # a service has one queue for what it is answered in private
        if item.sender not in contract.senders:
            needed = ", ".join(sorted(contract.senders))
            item.preset = refuse(Reason(field="", code="not_allowed", message=words("not-allowed", roles=needed)))
            return item
        assert user is not None, "a sender's role comes from its user"
        wrong = contradiction(read.source, read.actor, user, item.sender)
        if wrong:
            said = words(wrong.replace("_", "-"), source=source_of(user, item.sender))
            item.preset = refuse(Reason(field=wrong.removeprefix("wrong_"), code=wrong, message=said))
            return item
        try:
            item.message = contract.from_data(read.data)
        except ValidationError as error:
            item.preset = refuse(*reasons_of(error))
        return item


def _bound(row: Ask | Fact | Piece) -> Bound:
    return Bound(row.load, row.decide, frozenset(row.says), frozenset(row.starts))


def _reduce(item: Item, read: envelope.Envelope | None) -> None:
    """Leave of a body what its contract read of it: neither fields that nobody knows, nor what the contract drops."""
    item.stored.pop("base64", None)
    if read is None or not isinstance(item.message, Event):
        item.stored |= {"body": "", "dropped": True}
        if item.fault is not None:
            item.fault += "; its body was not kept, since it may hold what must not be: publish it again, mended"
        return
    known = {
        "data": item.message.model_dump(mode="json"),
        "subject": item.message.subject,
        "datacontenttype": "application/json",
    }
    item.stored["body"] = read.model_copy(update=known).encode().decode()


def _answer(item: Item, code: str) -> None:
    """Refuse a command that is not decided; of anything else nobody hears.

    What came under a wrong key is answered on the sender's own queue only, like what is private.
    """
    if item.stored["intake"] != "commands" or not item.correlation:
        item.preset = Decision()
        return
    item.private = item.private or not item.known
    item.reply_to = _own_queue(item.stored["user"], item.stored["reply_to"])
    item.preset = refuse(Reason(field="", code=code, message=words(code)))


def _own_queue(user: str | None, reply_to: str | None) -> str | None:
    """The queue for private answers, if it is the sender's own."""
    return reply_to if reply_to and user and reply_to.startswith(f"{user}.") else None


def _job_of(id: str) -> str:
    """The id of the job that handed this piece over (`<job>.<tries>.<number>`, `say.<job>` …), if it says one."""
    found = _PIECE.fullmatch(id)
    return found[1] if found else ""


def _intake(contract: type[Contract]) -> Intake:
    if issubclass(contract, Command):
        return "commands"
    return "replies" if _is_private(contract) else "events"


def _is_private(contract: type[Contract]) -> bool:
    return issubclass(contract, Command | Event) and contract.private
