"""Questionnaires as versioned data: a file a version, their scales, and whether answers fit theirs."""

from services.evaluation.questionnaires.checking import answer_reasons
from services.evaluation.questionnaires.released import (
    CHOICES,
    NEWEST,
    RELEASED,
    Question,
    Questionnaire,
    marked,
    newest,
)
from services.evaluation.questionnaires.scales import AGREE, BOUNDS, Class, classes, possible, words

__all__ = [
    "AGREE",
    "BOUNDS",
    "CHOICES",
    "NEWEST",
    "RELEASED",
    "Class",
    "Question",
    "Questionnaire",
    "answer_reasons",
    "classes",
    "marked",
    "newest",
    "possible",
    "words",
]
