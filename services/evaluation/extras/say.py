"""Words about extras for people, with the office's contact (S19)."""

from collections.abc import Iterable

from services.evaluation.model import Programme
from shared.contracts import evaluation as e
from shared.contracts.parts import NOBODY
from shared.runtime.words import Words

words = Words("services.evaluation")


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
