"""Taking answers: once, in confidence, untraceable to a person."""

from services.evaluation.loaders import Answering
from services.evaluation.model import Answer
from services.evaluation.questionnaires import QUESTIONNAIRES, words
from shared.contracts import evaluation as e
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse


def submit(message: e.SubmitAnswers, state: Answering, context: Context) -> Outcome:
    """Take a person's answers once.

    The survey is only read: writing it, even unchanged, would count its version up and so tell who answered. Nothing
    hangs on that race: an answer that overtakes the closing was in time by some order, and reports are made later.
    """
    survey, earlier = state
    if survey is None or not survey.opened:
        return refuse(reason("survey_id", "unknown_survey", words("unknown-survey")))
    if message.participant_id != survey.participant or context.actor != survey.participant:
        # Alone: any further reason would tell somebody else whether this person answered.
        return refuse(reason("participant_id", "not_yours", words("not-yours")))
    found = QUESTIONNAIRES[survey.questionnaire].reasons(message.answers)
    given = {item: value for item, value in message.answers.items() if value is not None}
    if not given and not message.comment.strip():
        found.append(reason("answers", "empty", words("empty")))
    if survey.status == "closed":
        found.append(reason("survey_id", "closed", words("closed", closes=survey.closes)))
    if earlier is not None:
        found.append(reason("survey_id", "already_answered", words("already-answered")))
    if found:
        return refuse(*found)
    answer = Answer(
        id=context.keyed("answer", survey.id),
        programme=survey.programme,
        questionnaire=survey.questionnaire,
        version=survey.version,
        side=survey.side,
        answers=given,
        comment=message.comment,
    )
    return Decision(state=(answer,), messages=(e.AnswersTaken(survey_id=survey.id),))
