"""The certificate: on a person's request, their role, the period, and the topics that they release; no performance."""

import datetime as dt

from pydantic import Field

from shared.contracts.base import Command, Event, personal
from shared.contracts.parts import Id, ParticipantId, Uuid

CERTIFICATE = {
    "purpose": "a person shows others that they took part",
    "readers": "the person, and whom they show it to",
    "keep": "until it was fetched, at most a week",
}


class RequestCertificate(Command, name="evaluation.request-certificate.v1", senders=("person",), private=True):
    """Ask for a certificate of having taken part in a tandem; asked again, the one before is good no more.

    It tells role, period, programme, office, and of the topics of the tandem's meetings those that are named here. It
    tells no number of meetings and no rating.
    """

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    topics: tuple[Id, ...] = personal(
        "topics that it shall name, out of those of the tandem's meetings", default=(), max_length=20, **CERTIFICATE
    )


class CertificateReady(
    Event, name="evaluation.certificate-ready.v1", about="certificate/{certificate_id}", stateful=False, private=True
):
    """Private answer: it lies ready; whoever has the token may fetch it, once."""

    certificate_id: Uuid = Field(description="the certificate; it gives no right to it")
    token: str = personal("the right to fetch it, once: POST /certificates/<token> at evaluation", **CERTIFICATE)
    fetch_until: dt.date = Field(description="last day on which it can be fetched")
