"""What lies under the key of a programme, and when that key may go: nobody is led from an answer to a person then."""

from collections import Counter

from services.evaluation.jobs import MoveAnswer
from services.evaluation.loaders import programme_of_answer
from services.evaluation.model import Answer, Programme, Report, Survey
from shared.contracts import evaluation as e
from shared.runtime.table import Reader, SealedIds, Standing


async def standing(programme_id: str, read: Reader) -> Standing:
    """Whether the final report was made and no survey is open, and which questionnaires are closed for all so far.

    Answers that an earlier release took are moved under the programme's key, at the latest before that goes.
    """
    programme = await read.get(Programme, programme_id)
    if programme is None:
        return Standing(over=False)
    surveys = await read.find(Survey, programme_id)
    report = await read.get(Report, programme_id)
    still_open = {survey.questionnaire for survey in surveys if survey.status == "open"}
    closed = Counter(survey.questionnaire for survey in surveys if survey.questionnaire not in still_open)
    made = report is not None and report.final
    # Where answers are kept no more, no report will be made of them.
    over = programme.reported and not still_open and (made or "answers" in programme.gone)
    pieces: tuple[MoveAnswer, ...] = ()
    # Before the tandems begin people are asked in none.
    if over or any(survey.tandem is None for survey in surveys if survey.questionnaire != "baseline"):
        earlier = [answer for answer in await read.find(Answer, programme_id) if not answer.person]
        pieces = tuple(MoveAnswer(survey_id=survey.id) for survey in surveys) if earlier else ()
    return Standing(over=over, closed=closed, pieces=pieces)


SEALED = SealedIds(
    programme=Programme,
    standing=standing,
    holds=(Answer,),
    unlinkable={e.SubmitAnswers: programme_of_answer},
)
