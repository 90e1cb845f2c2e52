"""Words that evaluation has for people."""

from services.evaluation.model import Programme, Survey
from services.evaluation.questionnaires import words
from shared.contracts import evaluation as e


def addressed(programme: Programme, survey: Survey, topic: str) -> e.PersonAddressed:
    """Words for one person about a survey of theirs, with the office's contact (S19)."""
    office = programme.office
    named = survey.questionnaire_title
    about = words(f"name-{survey.questionnaire}") if named is None else words("name-own", title=named)
    return e.PersonAddressed(
        to=survey.participant,
        programme_id=programme.id,
        topic=topic,
        subject_line=words(f"{topic}-subject", title=programme.title, about=about),
        text=words(f"{topic}-text", about=about, closes=survey.closes, office=office.name, phone=office.phone),
        office=office,
    )
