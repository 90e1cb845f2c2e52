"""Words that evaluation has for people, with the office's contact (S19)."""

from collections.abc import Iterable

from services.evaluation.model import Programme, Survey
from services.evaluation.questionnaires import words
from shared.contracts import evaluation as e
from shared.contracts.parts import NOBODY


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


def told(programme: Programme, people: Iterable[str], about: str, /, **params: object) -> tuple[e.PersonAddressed, ...]:
    """The same words for each of these people; who was erased gets none. Raises WordsError for a key without words."""
    office = programme.office
    return tuple(
        e.PersonAddressed(
            to=who,
            programme_id=programme.id,
            topic=about,
            subject_line=words(f"{about}-subject", title=programme.title),
            text=words(f"{about}-text", office=office.name, phone=office.phone, **params),
            office=office,
        )
        for who in people
        if who != NOBODY
    )
