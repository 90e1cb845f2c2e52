"""The topic catalogue as registration keeps it."""

from typing import Literal

from shared.contracts.base import Text
from shared.runtime.aggregate import Aggregate


class Topic(Aggregate, kind="topic"):
    """A topic of the catalogue."""

    area: Literal["hardware", "software", "culture"]
    label: Text
