"""What people are shown of a service's quarantine: ops what is stuck and why; a body for who may read it."""

import base64
from typing import Any

from pydantic import BaseModel, Field, field_validator

from shared.contracts.base import LONGEST_WHY
from shared.runtime.actions import Action, is_opaque
from shared.runtime.engine import Engine
from shared.runtime.held import HeldMessage, body_of
from shared.runtime.ids import derived_id
from shared.runtime.ports import Record, Unavailable
from shared.runtime.replay import may_be_read
from shared.runtime.replaying import quarantined
from shared.runtime.store_reader import PAGE


class Reading(BaseModel):
    """Who reads a body, and why."""

    actor: str
    why: str = Field(max_length=LONGEST_WHY, pattern=r"\S")

    @field_validator("actor")
    @classmethod
    def _no_name(cls, actor: str) -> str:
        if not is_opaque(actor):
            raise ValueError("that is no opaque id")
        return actor


class NotShown(Exception):
    """A body is not shown; the text says why, `status` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def row_of(service: str, record: Record) -> dict[str, Any]:
    """What ops see of one quarantined message or job."""
    state = record.state or {}
    return {
        "id": record.subject.partition("/")[2],
        "message": state["id"],
        "type": state["type"],
        "service": service,
        "reason": state["reason"],
        "fields": state.get("fields", []),
        "attempts": state.get("attempts", 0),
        "since": state["since"],
        "correlation": state.get("correlation", ""),
    }


async def listed(engine: Engine) -> list[dict[str, Any]]:
    """Everything in quarantine, without a body. Raises Unavailable."""
    return [row_of(engine.who.service.name, record) for record in await quarantined(engine)]


async def actions(engine: Engine) -> list[dict[str, Any]]:
    """The record of first aid, oldest first. Raises Unavailable."""
    found: list[Action] = []
    after = ""
    while page := await engine.store.find(Action.kind, None, after, PAGE):
        found += [Action.model_validate(record.state) for record in page]
        after = page[-1].subject
    service = engine.who.service.name
    return [{"service": service, **action.shown()} for action in sorted(found, key=lambda action: action.at)]


async def read_body(engine: Engine, id: str, reading: Reading) -> dict[str, Any]:
    """Record who reads a body and why, then return the message with it. Raises NotShown, Unavailable."""
    service = engine.who.service
    subject = f"{HeldMessage.kind}/{id}"
    job = f"_job/{id}"
    records = (await engine.read((), (subject, job))).records
    record = records.get(subject) or records.get(job)
    if record is None or (record.state or {}).get("status") != "quarantine":
        raise NotShown(404, f"nothing in {service.name}'s quarantine has this id; see `./tandem quarantine list`")
    held = HeldMessage.from_stored(record.subject, record.state or {})
    if not may_be_read(service, held):
        raise NotShown(403, "this body is shown to nobody: a confidential message, or a step of the service's own")
    token = engine.token()
    action = derived_id("read", engine.owner, token)
    data = {"id": id, "message": held.message, "type": held.held["type"], "action": action, **reading.model_dump()}
    piece = engine.desk.from_piece("BodyRead", data, id=f"read.{action}", time=engine.clock.now().isoformat())
    await engine.handle([piece])
    if f"{Action.kind}/{action}" not in (await engine.read((), (f"{Action.kind}/{action}",))).records:
        raise Unavailable("the reading could not be recorded")
    stored = held.held["stored"]
    body = body_of(stored)
    try:
        text = {"body": body.decode()}
    except UnicodeDecodeError:
        text = {"base64": base64.b64encode(body).decode()}
    return {**row_of(service.name, record), "key": stored["key"], "sender": stored["user"], **text}
