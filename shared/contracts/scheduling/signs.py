"""Signs that something goes wrong, and what waits for the office."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Part
from shared.contracts.parts import ProgrammeId, Uuid


class SettleAttention(Command, name="scheduling.settle-attention.v1", senders=("office",)):
    """Say that an exception was seen and dealt with; it is reminded of no more (S19)."""

    attention_id: Uuid = Field(description="the exception")


class TandemSign(Part):
    """Why a tandem needs attention. It names the rule, never a side."""

    rule: Literal["behind-cadence", "meetings-failed", "tandem-silent"] = Field(
        description="fewer held meetings than the cadence wants; several in a row cancelled, missed or unknown; no "
        "held meeting for too long"
    )
    since: dt.date = Field(description="the day since which it is so")


class TandemNeedsAttention(Event, name="scheduling.tandem-needs-attention.v1", about="tandem-signs/{tandem_id}"):
    """A tandem needs attention by some rule, or does so no more (P8, S16)."""

    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    status: Literal["open", "settled"] = Field(description="settled: no sign is left")
    signs: tuple[TandemSign, ...] = Field(description="all signs that are open, one a rule")
