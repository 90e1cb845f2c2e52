"""The report's job: four questions, each *keep*, *change* or *not enough data*, by criteria fixed before (S13, P14).

Pure; loaded by the report's own process only, since it needs SciPy.
"""

from services.evaluation.jobs import Made
from services.evaluation.protection import Rule
from services.evaluation.reporting.answering import four_answers, ratings
from services.evaluation.reporting.contents import contents
from services.evaluation.reporting.gathering import gather
from services.evaluation.reporting.inputs import ReportInputs
from services.evaluation.reporting.release import release
from shared.runtime.table import Again


def make(inputs: ReportInputs) -> tuple[Made, ...] | Again:
    """Make the report of what is known; the scheduled one waits until the last survey is closed."""
    if inputs.scheduled and not inputs.final:
        return Again()
    rule = Rule(floor=inputs.floor, insiders=inputs.insiders)
    found = [release(item, inputs.released, inputs.reports + 1, rule) for item in gather(inputs.asked)]
    answers = four_answers(inputs, found)
    enough = 2 * len(inputs.tandems) >= inputs.floor
    return (
        Made(
            programme_id=inputs.programme_id,
            after=inputs.reports,
            scheduled=inputs.scheduled,
            told_before=inputs.told_before,
            released=(
                *(kept for kept in inputs.released if kept.questionnaire not in inputs.asked),
                *(kept for item in found for kept in item.kept),
            ),
            final=inputs.final,
            as_of=inputs.as_of,
            criteria_seal=inputs.criteria_seal,
            floor=rule.least,
            rules_version=inputs.rules_version,
            tandems_completed=inputs.completed if enough else None,
            tandems_ended_early=inputs.ended_early if enough else None,
            meetings_held=inputs.meetings_held if enough else None,
            meetings_confirmed=inputs.meetings_confirmed if enough else None,
            meetings_assumed=inputs.meetings_assumed if enough else None,
            meetings_unknown=inputs.meetings_unknown if enough else None,
            answers=answers,
            ratings=tuple(ratings(found, rule.least)) if inputs.final else (),
            contents=contents(inputs, found, answers, rule),
        ),
    )
