"""Rules as versions: what every copy of a programme needs so that all replicas change its rules with the same day."""

import datetime as dt
from typing import Any, Self

from shared.contracts.parts import ComingRules, Rules
from shared.runtime.aggregate import Aggregate


class Ruled(Aggregate):
    """A programme as a service keeps it, with the rules in force and those that come.

    A decision takes `programme.on(context.today)`, a job `programme.on(read.today)`, and names `rules_version`. The day
    on which registration itself takes the coming rules over does not matter then, nor when a service hears of it.
    """

    rules_version: int = 1
    coming: ComingRules | None = None

    @classmethod
    def parts(cls, rules: Rules) -> dict[str, Any]:
        """The fields in which this service keeps its part of the rules."""
        return {"rules": rules}

    def on(self, day: dt.date) -> Self:
        """The programme under the rules of a day."""
        coming = self.coming
        if coming is None or day < coming.holds_from:
            return self
        return self.but(**self.parts(coming.rules), rules_version=coming.version, coming=None)
