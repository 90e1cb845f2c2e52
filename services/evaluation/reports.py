"""Decisions about the report."""

from services.evaluation.confidentiality import settled
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
    if state.programme.reports_no_more:
        return refuse(reason("programme_id", "gone", words("gone")))
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
    """Publish a report as the next version, with figures that cannot be subtracted from those of the last one.

    That is settled here and not in the job, since the report is written here: two jobs at once cannot both be next.
    """
    last = state.report or Report(id=message.programme_id, programme=message.programme_id)
    earlier = {answer.question: answer for answer in last.answers}
    report = last.but(
        version=last.version + 1,
        final=last.final or message.final,
        answers=tuple(settled(earlier.get(answer.question), answer, message.floor) for answer in message.answers),
        # The ratings are said once, with the first final report, and only repeated after it.
        ratings=last.ratings or message.ratings,
    )
    fields = {**dict(message), "final": report.final, "answers": report.answers, "ratings": report.ratings}
    said = e.ReportPublished(version=report.version, **fields)
    return Decision(state=(report.but(said=said),), messages=(said,))
