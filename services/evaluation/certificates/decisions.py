"""Decisions about certificates: asked for by the person, fetched once, gone within a week."""

from collections.abc import Callable
from typing import NamedTuple

from services.evaluation.certificates.model import Certificate
from services.evaluation.model import DAY, Pair, Programme
from services.evaluation.questionnaires import words
from services.evaluation.shared_topics.model import TandemTopics
from shared.contracts import evaluation as e
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Get, Internal, Outcome, reason, refuse

FETCH_DAYS = 7
"""Days on which it can be fetched; then it is deleted."""


class Taken(Internal):
    """Somebody fetches a certificate; `token` is the digest of what they showed."""

    certificate_id: str
    token: str
    taker: str


class Certifying(NamedTuple):
    """A tandem, its programme, what it worked on, and the certificate that its person asked for before."""

    pair: Pair | None
    programme: Programme | None = None
    topics: TandemTopics | None = None
    before: Certificate | None = None


def certificate_key(tandem: str, participant: str) -> tuple[str, ...]:
    """What the id of a person's certificate follows from, under the key."""
    return ("certificate", tandem, participant)


def certifying(message: e.RequestCertificate, get: Get) -> Certifying:
    """The tandem of who asks."""
    pair = get(Pair, message.tandem_id)
    if pair is None:
        return Certifying(pair)
    id = get.keyed(*certificate_key(message.tandem_id, message.participant_id))
    return Certifying(
        pair, get(Programme, pair.programme or ""), get(TandemTopics, message.tandem_id), get(Certificate, id)
    )


def certificate_of(message: Taken, get: Get) -> Certificate | None:
    """The certificate that is fetched."""
    return get(Certificate, message.certificate_id)


def request(message: e.RequestCertificate, state: Certifying, context: Context) -> Outcome:
    """Lay a certificate ready, and answer with the token by which it is fetched; an older one is good no more.

    It rests on the tandem's dates alone. Ending early is no blame, so it is told like any other end.
    """
    pair, programme, worked, before = state
    role = next((side for side, who in pair.sides if who == message.participant_id), None) if pair else None
    if pair is None or programme is None or role is None or context.actor != message.participant_id:
        # Alone: who is in which tandem is nobody else's business.
        return refuse(reason("tandem_id", "not_yours", words("certificate-not-yours")))
    known = worked.topics if worked is not None else ()
    unknown = [
        reason(f"topics.{number}", "unknown_topic", words("certificate-unknown-topic", topics=", ".join(known) or "–"))
        for number, topic in enumerate(message.topics)
        if topic not in known
    ]
    if unknown:
        return refuse(*unknown)
    id = before.id if before is not None else context.keyed(*certificate_key(pair.id, message.participant_id))
    token = f"{id}.{context.keyed('certificate-token', context.id)}"
    ready = Certificate(
        id=id,
        programme=pair.programme,
        participant=message.participant_id,
        role=role,
        first_day=min(pair.formed_on, pair.ends_on),
        last_day=None if pair.status == "running" else pair.ends_on,
        topics=tuple(dict.fromkeys(message.topics)),
        token=token_digest(token, context.keyed),
        fetch_until=context.today + FETCH_DAYS * DAY,
        due=context.today + (FETCH_DAYS + 1) * DAY,
    )
    answer = e.CertificateReady(certificate_id=id, token=token, fetch_until=ready.fetch_until)
    return Decision(state=(ready,), messages=(answer,))


def certificate_id(token: str) -> str:
    """The id of the certificate that a token is for, which gives no right."""
    return token.partition(".")[0]


def token_digest(token: str, keyed: Callable[..., str]) -> str:
    """What is kept of a token: it cannot be told from this."""
    return keyed("certificate", token)


def taken(message: Taken, certificate: Certificate | None, context: Context) -> Outcome:
    """It was fetched: what it said goes at once; that it was stays until its day, so that nobody has it again."""
    if certificate is None or certificate.taken_by is not None or certificate.token != message.token:
        return NOTHING
    if context.today > certificate.fetch_until:
        return NOTHING
    return Decision(state=(certificate.but(taken_by=message.taker, topics=()),))


def not_fetched(message: DueReached, certificate: Certificate | None, context: Context) -> Outcome:
    """What nobody fetched goes on its day, and what was fetched."""
    return Decision(deletes=(certificate,)) if certificate is not None else NOTHING
