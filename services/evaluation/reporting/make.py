"""The report's job: four questions, each *keep*, *change* or *not enough data*, by criteria fixed before (S13, P14).

Pure; loaded by the report's own process only, since it needs SciPy.
"""

from services.evaluation.counting import weeks
from services.evaluation.jobs import Made
from services.evaluation.protection import Rule
from services.evaluation.reporting.answering import four_answers, ratings
from services.evaluation.reporting.contents import contents
from services.evaluation.reporting.gathering import gather
from services.evaluation.reporting.inputs import ReportInputs
from services.evaluation.reporting.release import release_all
from shared.runtime.table import Again


def make(inputs: ReportInputs) -> tuple[Made, ...] | Again:
    """Make the report of what is known; the scheduled one waits until the last survey is closed."""
    if inputs.scheduled and not inputs.final:
        return Again()
    rule = Rule.of(inputs)
    found = release_all(gather(inputs.asked), inputs.released, inputs.reports + 1, rule)
    answers = four_answers(inputs, found)
    enough = weeks.counted(len(inputs.tandems), inputs.floor)
    completed, ended_early = weeks.ends(inputs.completed, inputs.ended_early, inputs.floor)
    return (
        Made(
            programme_id=inputs.programme_id,
            after=inputs.reports,
            erasures=inputs.erasures,
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
            tandems_completed=completed if enough else None,
            tandems_ended_early=ended_early if enough else None,
            meetings_held=inputs.meetings_held if enough else None,
            meetings_confirmed=inputs.meetings_confirmed if enough else None,
            meetings_assumed=inputs.meetings_assumed if enough else None,
            meetings_unknown=inputs.meetings_unknown if enough else None,
            answers=answers,
            ratings=tuple(ratings(found, rule.least)) if inputs.final else (),
            contents=contents(inputs, found, answers, rule),
        ),
    )
