"""What may be told of people's answers, so that nobody's own answer can be told from it. Pure; needs no library.

`docs/confidentiality-of-figures.md` says the rule and proves it.
"""

from services.evaluation.protection.admission import Admission, Base, admit, portions
from services.evaluation.protection.common import protect_together
from services.evaluation.protection.item import (
    Answers,
    Figure,
    Portion,
    figures,
    protect,
    tandems_that_agree,
    whole_tandems,
)
from services.evaluation.protection.response import Response, response
from services.evaluation.protection.rule import Rule, Told, tell, together
from services.evaluation.protection.scales import FULL_FROM, Scale, one_value

__all__ = [
    "FULL_FROM",
    "Admission",
    "Answers",
    "Base",
    "Figure",
    "Portion",
    "Response",
    "Rule",
    "Scale",
    "Told",
    "admit",
    "figures",
    "one_value",
    "portions",
    "protect",
    "protect_together",
    "response",
    "tandems_that_agree",
    "tell",
    "together",
    "whole_tandems",
]
