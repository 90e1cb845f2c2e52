"""Taking answers: once, in confidence, untraceable to a person."""

from services.evaluation.jobs import MoveAnswer
from services.evaluation.loaders import Answering, Moving
from services.evaluation.model import Answer, Survey
from services.evaluation.questionnaires import RELEASED, answer_reasons, words
from shared.contracts import evaluation as e
from shared.contracts.parts import NOBODY
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, reason, refuse


def submit(message: e.SubmitAnswers, state: Answering, context: Context) -> Outcome:
    """Take a person's answers once.

    The survey is only read: writing it, even unchanged, would count its version up and so tell who answered. Nothing
    hangs on that race: an answer that overtakes the closing was in time by some order, and reports are made later. Nor
    on that with the destruction of the programme's key: what is committed after it lies under ids that lead to nobody.
    """
    survey, earlier, over, own, reports = state
    asked = own if own is not None or survey is None else RELEASED.get((survey.questionnaire, survey.version))
    if survey is None or asked is None or not survey.opened:
        return refuse(reason("survey_id", "unknown_survey", words("unknown-survey")))
    if message.participant_id != survey.participant or context.actor != survey.participant:
        # Alone: any further reason would tell somebody else whether this person answered.
        return refuse(reason("participant_id", "not_yours", words("not-yours")))
    if over:
        # Alone: whether they have answered is known to nobody any more.
        return refuse(reason("survey_id", "over", words("answers-anonymous")))
    found = answer_reasons(asked.items, message.answers)
    given = {item: value for item, value in message.answers.items() if value is not None}
    if not given and not message.comment.strip():
        found.append(reason("answers", "empty", words("empty")))
    if survey.status == "closed":
        found.append(reason("survey_id", "closed", words("closed", closes=survey.closes)))
    if earlier is not None:
        found.append(reason("survey_id", "already_answered", words("already-answered")))
    if found:
        return refuse(*found)
    fields = {
        **_ids(survey, context),
        "programme": survey.programme,
        "questionnaire": survey.questionnaire,
        "version": survey.version,
        "side": survey.side,
        "answers": given,
        "comment": message.comment,
        "reports": reports,
    }
    answer = Answer.model_validate(fields)
    return Decision(state=(answer,), messages=(e.AnswersTaken(survey_id=survey.id),))


def move(message: MoveAnswer, state: Moving | None, context: Context) -> Outcome:
    """Lay an answer that an earlier release took under the programme's key.

    Where both are there, the survey was answered at both releases while they ran side by side: the newer one stays.
    """
    if state is None:
        return NOTHING
    survey, earlier, answer = state
    if answer is not None:
        return Decision(deletes=(earlier,))
    return Decision(state=(earlier.but(**_ids(survey, context)),), deletes=(earlier,))


def _ids(survey: Survey, context: Context) -> dict[str, str | None]:
    """Under which ids the answer to a survey lies."""
    programme = survey.programme or ""
    # Who was erased, and whose answer stays as a figure, is nobody else's second self.
    whose = survey.participant if survey.participant != NOBODY else survey.id
    person = context.sealed(programme, "person", whose)
    return {
        "id": context.sealed(programme, "answer", survey.id),
        "person": person,
        "cluster": context.sealed(programme, "cluster", survey.tandem) if survey.tandem else person,
    }
