"""Decisions about the report."""

from services.evaluation.jobs import Made
from services.evaluation.loaders import Reporting
from services.evaluation.model import Programme, Report
from services.evaluation.questionnaires import words
from services.evaluation.reporting.inputs import Reference
from shared.contracts import evaluation as e
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, reason, refuse


def request(message: e.RequestReport, state: Reporting, context: Context) -> Outcome:
    """Make a report of what is known so far."""
    programme, report = state
    if programme is None:
        return refuse(reason("programme_id", "unknown_programme", words("unknown-programme")))
    if programme.reports_no_more:
        return refuse(reason("programme_id", "gone", words("gone")))
    if report is not None and report.final and report.released is None:
        return refuse(reason("programme_id", "stands", words("report-stands")))
    reference = Reference(message.programme_id, scheduled=False, as_of=context.today)
    return Decision(jobs=(Start("report", reference.text()),))


def programme_over(message: DueReached, programme: Programme | None, context: Context) -> Outcome:
    """Every survey should have closed: make the final report."""
    if programme is None or programme.due is None:
        return NOTHING
    programme = programme.on(context.today)
    if message.date < programme.reports:
        # The rules have changed since this day was set, and leave surveys open longer.
        return Decision(state=(programme.but(due=programme.reports),))
    reference = Reference(programme.id, scheduled=True, as_of=programme.reports)
    return Decision(state=(programme.but(reported=True, due=None),), jobs=(Start("report", reference.text()),))


def publish(message: Made, state: Reporting, context: Context) -> Outcome:
    """Publish a report as the next version.

    What it tells follows from what the ones before it told. If another one was said while this one was made, it is made
    anew: two jobs at once cannot both be next. So it is if somebody was erased meanwhile whose answers go: the next one
    would lack them, and tell by that what they had answered. Both write the programme: no erasure comes in between.
    """
    programme, found = state
    if programme is None:
        return NOTHING
    last = found or Report(id=message.programme_id, programme=message.programme_id)
    if (last.version, programme.erasures) != (message.after, message.erasures):
        again = Reference(message.programme_id, message.scheduled, message.as_of)
        return Decision(state=(last, programme), jobs=(Start("report", again.text()),))
    said = published(message, last.version + 1, final=last.final or message.final)
    report = last.but(
        version=said.version, final=said.final, released=message.released, told_before=message.told_before, said=said
    )
    # Answers that come from now on are known by it: a later report tells of them apart, or not at all.
    return Decision(state=(report, programme.but(told=said.version)), messages=(said,))


def published(made: Made, version: int, *, final: bool) -> e.ReportPublished:
    """A report that was made, as it is published."""
    fields = e.ReportPublished.model_fields.keys() & Made.model_fields.keys() - {"final"}
    return e.ReportPublished(version=version, final=final, **{name: getattr(made, name) for name in fields})
