"""Answers that fit a survey, whatever it asks."""

from collections.abc import Mapping
from typing import Any

from services.evaluation.questionnaires import RELEASED, possible


def fitting(survey: Mapping[str, Any]) -> dict[str, int | None]:
    """The highest value of each item of a survey of the software's own, as its event names it."""
    items = RELEASED[survey["questionnaire"], survey["version"]].items
    return {item.id: possible(item)[-1] for item in items}
