"""One message on its way through the engine, wherever it comes from: the broker, a job, a date, or what was kept."""

import base64
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shared.contracts.base import Command, Contract, Reason, Role, Text
from shared.runtime import envelope
from shared.runtime.aggregate import Seen
from shared.runtime.days import rows_of
from shared.runtime.decision import Context, Decision, DueReached, Internal, refuse
from shared.runtime.ids import keyed_id
from shared.runtime.ports import Delivery, Intake, Record
from shared.runtime.replay import replay_rows
from shared.runtime.say_again import say_again_rows
from shared.runtime.table import Ask, Decide, Due, Fact, Load, Piece, Service
from shared.runtime.words import Words

words = Words("shared.runtime")
EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MOST_REASONS = 20
"""So many findings are told at once; whoever sends thousands of wrong fields needs no more."""
FIELD = re.compile(r"[0-9]+|[a-z][a-z0-9_-]{0,63}")


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
    traceparent: str | None = None
    reply_to: str | None = None
    private: bool = False
    preset: Decision | None = None
    fault: str | None = None
    kept: Record | None = None
    stored: dict[str, Any] = field(default_factory=dict)
    known: bool = False

    @property
    def label(self) -> str:
        """What metrics and logs call the type: a sender's own invention may say anything."""
        return self.type if self.known else "unknown"

    @property
    def shown(self) -> str:
        """The id that others may see: a private message's own would tell who sent it."""
        return self.key if self.private else self.id

    @property
    def shown_correlation(self) -> str:
        """The correlation id that others may see."""
        return self.key if self.private else self.correlation

    def context(self, today: dt.date, key: bytes) -> Context:
        """What the decision is told."""
        return Context(
            id=self.id, time=self.time, today=today, actor=self.actor, sender=self.sender, seen=self.seen, key=key
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
        service = self.service
        rows = (*service.rows, *rows_of(service), *replay_rows(service), *say_again_rows(service))
        by_name: dict[str, list[Ask | Fact]] = {}
        pieces: dict[str, Piece] = {}
        for row in rows:
            if isinstance(row, Ask | Fact):
                by_name.setdefault(row.on.name, []).append(row)
            elif isinstance(row, Piece):
                pieces[row.on.__name__] = row
        object.__setattr__(self, "_routes", by_name)
        object.__setattr__(self, "_pieces", pieces)
        object.__setattr__(self, "_dues", self.service.dues)

    _routes: dict[str, list[Ask | Fact]] = field(init=False, repr=False)
    _pieces: dict[str, Piece] = field(init=False, repr=False)
    _dues: dict[str, Due] = field(init=False, repr=False)

    @property
    def names(self) -> dict[str, type[Contract]]:
        """Every contract that the service takes from the broker, by name."""
        return {name: rows[0].on for name, rows in self._routes.items()}

    def from_delivery(self, delivery: Delivery) -> Item:
        """Read what the broker handed over. Never raises: what cannot be read has a fault or a preset refusal."""
        body, user = delivery.body, delivery.user
        stored: dict[str, Any] = {
            "intake": delivery.intake,
            "key": delivery.key,
            "user": user,
            "reply_to": delivery.reply_to,
        }
        try:
            stored["body"] = body.decode()
        except UnicodeDecodeError:
            stored["base64"] = base64.b64encode(body).decode()
        try:
            read = envelope.read(body)
        except envelope.NotAnEnvelope as error:
            id = keyed_id(self.key, "raw", body.hex())
            return Item(key=f"raw|{id}", id=id, type="unreadable", fault=f"{error.code}: {error.text}", stored=stored)
        item = Item(
            key=self._key_of(delivery, read),
            id=read.id,
            type=read.name,
            time=read.time or EARLIEST,
            actor=read.actor,
            seen=read.seen,
            correlation=read.correlation,
            traceparent=read.traceparent,
            stored=stored,
        )
        rows = self._routes.get(read.name)
        if rows is None:
            item.fault = f"unknown_type: {self.service.name} takes no {read.name}; check the type and its version"
            return item
        contract = rows[0].on
        if read.name != delivery.key or delivery.intake != _intake(contract):
            # The broker's rights go by exchange and routing key: a type that differs would be a way around them.
            item.fault = f"wrong_key: {read.name} must be published with its own name as the routing key"
            return item
        item.known = True
        item.rows = tuple(Bound(r.load, r.decide, frozenset(r.says), frozenset(r.starts)) for r in rows)
        return (
            self._command(item, contract, read, user, delivery.reply_to)
            if issubclass(contract, Command)
            else self._event(item, contract, read)
        )

    def _key_of(self, delivery: Delivery, read: envelope.Envelope) -> str:
        """What the inbox calls a message: the same whatever the table knows, before a release and after it.

        Each sender has a space of its own for ids, so that nobody can use up another's: for events that is the owner in
        the routing key, for commands the validated user. A command's is keyed: the sender's own id would tell who
        answered a survey.
        """
        if delivery.intake == "events":
            return f"event|{delivery.key.split('.')[0]}|{read.source}|{read.id}"
        return f"command|{keyed_id(self.key, delivery.user, read.source, read.id)}"

    def from_kept(self, record: Record) -> Item:
        """Read what was kept for later."""
        state = record.state or {}
        stored = state["stored"]
        if "piece" in stored:
            item = self.from_piece(**stored)
        else:
            body = base64.b64decode(stored["base64"]) if "base64" in stored else stored["body"].encode()
            item = self.from_delivery(
                Delivery(
                    tag=None,
                    intake=stored["intake"],
                    body=body,
                    key=stored["key"],
                    user=stored["user"],
                    reply_to=stored["reply_to"],
                )
            )
        item.kept = record
        return item

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
        item.rows = (Bound(row.load, row.decide, frozenset(row.says), frozenset(row.starts)),)
        try:
            item.message = row.on.model_validate(data)
        except ValidationError as error:
            item.fault = f"wrong_shape: data does not fit {piece} ({faults_of(error)})"
        return item

    def _event(self, item: Item, contract: type[Contract], read: envelope.Envelope) -> Item:
        try:
            item.message = contract.model_validate(read.data)
        except ValidationError as error:
            item.fault = f"wrong_shape: data does not fit {contract.name} ({faults_of(error)})"
            return item
        if item.seen.sequence == 0 and getattr(contract, "stateful", False):
            item.fault = f"no_sequence: an event {contract.name} needs the extension sequence, from 1 for each subject"
        return item

    def _command(
        self, item: Item, contract: type[Command], read: envelope.Envelope, user: str | None, reply_to: str | None
    ) -> Item:
        item.private = contract.private
        if reply_to and user and reply_to.startswith(f"{user}."):
            item.reply_to = reply_to
        item.sender = self.roles.get(user) if user else None
        if item.sender not in contract.senders:
            needed = ", ".join(sorted(contract.senders))
            item.preset = refuse(Reason(field="", code="not_allowed", message=words("not-allowed", roles=needed)))
            return item
        try:
            item.message = contract.model_validate(read.data)
        except ValidationError as error:
            item.preset = refuse(*reasons_of(error))
        return item


def _intake(contract: type[Contract]) -> Intake:
    return "commands" if issubclass(contract, Command) else "events"


def reasons_of(error: ValidationError) -> tuple[Reason, ...]:
    """Pydantic's findings as reasons: path, code, and what to change; never a value, never Pydantic's own English."""
    return tuple(
        Reason(
            field=_path(found["loc"]),
            code=found["type"],
            message=_what_to_change(found["type"], found.get("ctx", {})),
        )
        for found in error.errors(include_input=False, include_url=False)[:MOST_REASONS]
    )


def faults_of(error: ValidationError) -> str:
    """Pydantic's findings in one line: paths and codes, never a value."""
    return "; ".join(
        f"{_path(e['loc'])}: {e['type']}" for e in error.errors(include_input=False, include_url=False)[:MOST_REASONS]
    )


def _path(place: Sequence[int | str]) -> str:
    """A field's path; a name that no contract would have is the sender's own and may say anything."""
    return ".".join(str(part) if FIELD.fullmatch(str(part)) else "?" for part in place)


def _what_to_change(code: str, context: dict[str, Any]) -> Text:
    """The words of a code, or of its family: `date` for date_type, date_parsing, …; else of any value that is wrong."""
    exact = code.replace("_", "-")
    family = exact.split("-")[0]
    key = next(k for k in (f"invalid-{exact}", f"invalid-{family}", "invalid") if k in words)
    # Pydantic joins what is allowed in English.
    return words(key, **{k: str(v).replace(" or ", ", ") for k, v in context.items()})
