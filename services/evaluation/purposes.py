"""What evaluation keeps of a programme for which purpose, and what stays when all are over.

Nothing that the final report is made of goes before it is made: who was away for long makes it on their return.
"""

from services.evaluation.counting.model import Counted, Exceptional, Goals, KickOff, Signs
from services.evaluation.model import Answer, Held, Pair, Participant, Programme, Questionnaire, Report, Survey
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Get
from shared.runtime.table import Going, Keeps


def after_the_report(aggregate: Aggregate, get: Get) -> Going | None:
    """What a report needs goes when the final one is being made, or was; a job that makes one ends before this."""
    programme = get(Programme, aggregate.programme or "")
    return None if programme is not None and programme.due is not None else ((aggregate, None),)


KEEPS = (
    Keeps(Participant, "people"),
    Keeps(Pair, "tandems", after_the_report),
    Keeps(Held, "tandems", after_the_report),
    *(Keeps(kind, "tandems", after_the_report) for kind in (Counted, Goals, Signs, Exceptional, KickOff)),
    Keeps(Survey, "answers", after_the_report),
    Keeps(Questionnaire, "answers", after_the_report),
    Keeps(Answer, "answers", after_the_report),
)
STAYS = {
    Programme: "title, dates, rules and criteria; a late fact is known by it, and it names nobody",
    Report: "figures as they were published, none of fewer people than the floor",
}
"""What stays, and why it may."""
