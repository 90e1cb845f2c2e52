"""Which state each message about an agreement concerns."""

from typing import NamedTuple

from services.scheduling.agreements.model import VERSIONS, Agreement, FormerAgreement
from services.scheduling.model import Pair, Programme
from shared.contracts import scheduling as s
from shared.runtime.decision import DueReached, Get


class AgreementOf(NamedTuple):
    """A tandem with its programme, its agreement, and the version that goes when there is one more."""

    pair: Pair | None
    programme: Programme | None
    agreement: Agreement | None
    oldest: FormerAgreement | None = None


class AgreementRead(NamedTuple):
    """A tandem with its agreement and all earlier versions that are kept, the newest first."""

    pair: Pair | None
    agreement: Agreement | None
    former: tuple[FormerAgreement, ...] = ()


def _of(tandem: str, get: Get) -> AgreementOf:
    pair = get(Pair, tandem)
    programme = get(Programme, pair.programme) if pair is not None and pair.programme else None
    return AgreementOf(pair, programme, get(Agreement, tandem))


def agreement_of(
    message: s.RecordAgreement | s.EditAgreement | s.ConfirmAgreement | s.FollowUpGoals, get: Get
) -> AgreementOf:
    """The tandem and its agreement."""
    found = _of(message.tandem_id, get)
    if found.agreement is None or found.agreement.version < VERSIONS:
        return found
    oldest = FormerAgreement.id_of(message.tandem_id, found.agreement.version + 1 - VERSIONS)
    return found._replace(oldest=get(FormerAgreement, oldest))


def agreement_offered(message: s.PlanMade, get: Get) -> AgreementOf:
    """The tandem whose meetings were planned."""
    return _of(message.tandem_id, get)


def agreement_due(message: DueReached, get: Get) -> AgreementOf:
    """The tandem whose agreement waits."""
    return _of(message.subject.removeprefix("agreement/"), get)


def agreement_shown(message: s.ShowAgreement, get: Get) -> AgreementRead:
    """The tandem's agreement with its earlier versions."""
    pair, agreement = get(Pair, message.tandem_id), get(Agreement, message.tandem_id)
    if agreement is None or pair is None or message.participant_id not in pair.people:
        return AgreementRead(pair, agreement)
    numbers = range(agreement.version - 1, max(0, agreement.version - VERSIONS), -1)
    found = get.all(FormerAgreement, tuple(FormerAgreement.id_of(pair.id, number) for number in numbers))
    return AgreementRead(pair, agreement, tuple(former for former in found if former is not None))
