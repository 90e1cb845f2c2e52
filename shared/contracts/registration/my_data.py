"""A person sees all that every service holds on them (Art. 15 GDPR)."""

import datetime as dt

from pydantic import Field

from shared.contracts.base import OWN, Command, Event, personal
from shared.contracts.parts import ParticipantId


class ShowMyData(Command, name="registration.show-my-data.v1", senders=("person",), private=True):
    """Collect all that is held on oneself, in every programme, into one document to be fetched once."""

    participant_id: ParticipantId


class MyDataAsked(Event, name="registration.my-data-asked.v1", about="data-request/{request_id}", private=True):
    """Private answer: it is being collected; whoever has the token may fetch it, once."""

    request_id: str = Field(description="id of the request; it gives no right to the document")
    token: str = personal("the right to fetch the document, once: POST /my-data/<token> at registration", **OWN)
    fetch_until: dt.date = Field(description="last day on which it can be fetched")
