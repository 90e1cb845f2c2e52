"""All checks by name, in the order in which they are told."""

from collections.abc import Callable, Iterable

from shared.cli.doctor import broker, services
from shared.cli.doctor.facts import EXIT, Facts, Finding

CHECKS: tuple[Callable[[Facts], Iterable[Finding]], ...] = (
    broker.answers,
    broker.version,
    broker.alarms,
    broker.queues,
    broker.consumers,
    broker.exchanges,
    broker.bindings,
    broker.policies,
    broker.rights,
    broker.left_over,
    services.answer,
    services.releases,
    services.versions,
    services.lock,
    services.clocks,
    services.days,
    services.indexes,
    services.outbox,
    services.waiting,
    services.jobs,
    services.disks,
    services.machine,
)


def examine(facts: Facts) -> tuple[Finding, ...]:
    """Every finding, the worst first, else in the order of the checks."""
    found = [finding for check in CHECKS for finding in check(facts)]
    return tuple(sorted(found, key=lambda finding: -EXIT[finding.severity]))


def exit_code(findings: Iterable[Finding]) -> int:
    """The worst severity as an exit code."""
    return max((EXIT[finding.severity] for finding in findings), default=0)
