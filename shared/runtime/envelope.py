"""The envelope: CloudEvents 1.0, structured JSON, with Tandem's extensions."""

import datetime as dt
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import to_jsonable_python

from shared.contracts.base import TYPE_PREFIX, Contract
from shared.runtime import trace
from shared.runtime.aggregate import Seen

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Envelope(BaseModel):
    """What stands around `data`. A sender's `(source, id)` is unique and is what duplicates are known by."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: Name
    source: Name
    type: Annotated[str, StringConstraints(max_length=128, pattern=r"^tandem\.[a-z]+\.[a-z0-9-]+\.v[0-9]+$")]
    subject: Name | None = None
    time: dt.datetime | None = None
    datacontenttype: str = "application/json"
    data: dict[str, Any]
    correlationid: Name | None = None
    causationid: Name | None = None
    sequence: int | None = Field(default=None, ge=1)
    epoch: int | None = Field(default=None, ge=0)
    actor: Name | None = None
    traceparent: Annotated[str | None, BeforeValidator(trace.valid)] = None

    @property
    def name(self) -> str:
        """The contract's name: the type without its prefix."""
        return self.type.removeprefix(TYPE_PREFIX)

    @property
    def correlation(self) -> str:
        """The correlation id; a message without one begins its own."""
        return self.correlationid or self.id

    @property
    def seen(self) -> Seen:
        """The event's place in its subject's history."""
        return Seen(epoch=self.epoch or 0, sequence=self.sequence or 0)

    def encode(self) -> bytes:
        """The body as published."""
        return json.dumps(
            to_jsonable_python(self, exclude_none=True), ensure_ascii=False, separators=(",", ":")
        ).encode()


class NotAnEnvelope(Exception):
    """A body is no envelope; the code and text say why and what to change, without a value of the body."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def wrap(message: Contract, **fields: Any) -> Envelope:
    """An envelope around a contract; `fields` are the envelope's own."""
    return Envelope(type=TYPE_PREFIX + message.name, data=message.model_dump(mode="json"), **fields)


def _encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def type_of(body: bytes) -> str | None:
    """The type that a body names, without its prefix, also where it is no envelope; None if it names none."""
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    told = value.get("type") if isinstance(value, dict) else None
    return told.removeprefix(TYPE_PREFIX) if isinstance(told, str) else None


def read(body: bytes) -> Envelope:
    """Read a body. Raises NotAnEnvelope with a reason that a person understands."""
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise NotAnEnvelope("not_json", "the body is not JSON; send one JSON object in UTF-8") from None
    if b"\\u" in body and not _encodable(value):
        raise NotAnEnvelope(
            "not_json", "the body holds half a surrogate pair (\\ud800 … \\udfff); send whole characters"
        )
    if not isinstance(value, dict):
        raise NotAnEnvelope(
            "not_an_envelope", "the body is JSON but no object; send a CloudEvents 1.0 envelope"
        ) from None
    try:
        return Envelope.model_validate(value)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False)[:8])
        raise NotAnEnvelope("not_an_envelope", f"the body is no CloudEvents 1.0 envelope of Tandem ({wrong})") from None
