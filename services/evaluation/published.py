"""What evaluation has published of each aggregate, as it is said again whenever a reader asks; never an answer."""

from services.evaluation.model import Questionnaire, Report, Survey
from services.evaluation.shared_topics.decisions import said_of
from services.evaluation.shared_topics.model import Introduction
from services.evaluation.stories.model import Story
from shared.contracts import evaluation as e
from shared.runtime.table import Publishes


def survey(survey: Survey) -> e.SurveyState | None:
    """One person's survey; whether it was answered is not known. One that has not opened was never said."""
    if not survey.opened:
        return None
    kind = e.SurveyClosed if survey.status == "closed" else e.SurveyOpened
    return kind(**survey.published())


PUBLISHES = (
    Publishes(Questionnaire, lambda each: e.QuestionnairePublished.model_validate(each.published())),
    Publishes(Survey, survey),
    Publishes(Report, lambda report: report.said),
    Publishes(Introduction, said_of),
    Publishes(Story, lambda story: story.published()),
)
