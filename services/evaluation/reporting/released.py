"""What a report told of people of one item, as it is kept with the report to be repeated."""

from pydantic import BaseModel, ConfigDict

from services.evaluation.protection import Told
from services.evaluation.protection.item import Group


class Released(BaseModel):
    """What a report told of people of one item, as it is kept.

    `report`: the number of that report. `asked`: how many of the group had been asked by then; None: that is not known.
    `paired`: whether these had answered the baseline as well.
    """

    model_config = ConfigDict(frozen=True)

    questionnaire: str
    item: str
    group: Group
    report: int
    asked: int | None
    paired: bool
    answers: Told
    before: Told | None = None
    change: Told | None = None
    pairs: int | None = None
    agreeing: Told | None = None
