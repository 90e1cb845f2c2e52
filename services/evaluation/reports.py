"""Decisions about the report."""

from services.evaluation.jobs import Made, Reference
from services.evaluation.loaders import Reporting
from services.evaluation.model import Programme, Report
from services.evaluation.questionnaires import words
from shared.contracts import evaluation as e
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse


def request(message: e.RequestReport, state: Reporting, context: Context) -> Outcome:
    """Make a report of what is known so far."""
    if state.programme is None:
        return refuse(reason("programme_id", "unknown_programme", words("unknown-programme")))
    reference = Reference(message.programme_id, final=False, as_of=context.today)
    return Decision(jobs=(Start("report", reference.text()),))


def programme_over(message: DueReached, programme: Programme | None, context: Context) -> Outcome:
    """Every survey has closed: make the final report."""
    if programme is None or programme.due is None:
        return NOTHING
    reference = Reference(programme.id, final=True, as_of=programme.due)
    return Decision(state=(programme.but(reported=True, due=None),), jobs=(Start("report", reference.text()),))


def publish(message: Made, state: Reporting, context: Context) -> Outcome:
    """Publish a report as the next version."""
    last = state.report or Report(id=message.programme_id, programme=message.programme_id)
    report = last.but(version=last.version + 1, final=last.final or message.final)
    event = e.ReportPublished(version=report.version, **dict(message))
    return Decision(state=(report,), messages=(event,))
