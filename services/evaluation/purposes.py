"""What evaluation keeps of a programme for which purpose, and what stays when all are over.

Nothing that the final report is made of goes before it is made: who was away for long makes it on their return.
"""

from services.evaluation.certificates.model import Certificate
from services.evaluation.counting.model import Counted, Exceptional, Goals, KickOff, Signs
from services.evaluation.extras.model import Extras
from services.evaluation.model import Answer, Held, Pair, Participant, Programme, Questionnaire, Report, Survey
from services.evaluation.shared_topics.model import Introduction, TandemTopics, Topic, TopicSearch
from services.evaluation.stories.model import Feed, Story
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Get
from shared.runtime.table import Going, Keeps


def after_the_report(aggregate: Aggregate, get: Get) -> Going | None:
    """What a report needs goes when the final one is being made, or was; a job that makes one ends before this."""
    programme = get(Programme, aggregate.programme or "")
    return None if programme is not None and programme.due is not None else ((aggregate, None),)


KEEPS = (
    Keeps(Participant, "people", after_the_report),
    Keeps(Pair, "tandems", after_the_report),
    Keeps(Held, "tandems", after_the_report),
    *(Keeps(kind, "tandems", after_the_report) for kind in (Counted, Goals, Signs, Exceptional, KickOff)),
    Keeps(Survey, "answers", after_the_report),
    Keeps(Questionnaire, "answers", after_the_report),
    Keeps(Answer, "answers", after_the_report),
    Keeps(Extras, "people"),
    # What rests on a consent goes with the record of that consent: nobody could take it back any more.
    Keeps(Introduction, "people"),
    Keeps(Story, "people"),
    Keeps(Certificate, "people"),
    Keeps(TandemTopics, "tandems"),
    Keeps(TopicSearch, "tandems"),
)
STAYS = {
    Programme: "title, dates, rules and criteria; a late fact is known by it, and it names nobody",
    Report: "figures as they were published, none of fewer people than the floor",
    Topic: "words of the catalogue, of all programmes; it names nobody",
    Feed: "ids of the stories that were published last, of all programmes; what they led to goes",
}
"""What stays, and why it may."""
