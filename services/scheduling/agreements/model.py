"""What scheduling remembers of what a tandem agrees on (S11): at home here, in no event."""

import datetime as dt
from collections import Counter
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator

from shared.contracts.base import Text
from shared.contracts.scheduling import GoalStatus
from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import derived_id

VERSIONS = 50
"""Versions of an agreement that are kept, the newest among them; the oldest goes where there are more."""
FOLLOWED = 20
"""Times that a goal was looked at which are kept, the last ones."""


class FollowUp(BaseModel):
    """That a goal was looked at, at a meeting or between two."""

    model_config = ConfigDict(frozen=True)

    date: dt.date
    state: GoalStatus
    meeting: str | None = None


class Goal(BaseModel):
    """A goal with its words and how it stands."""

    model_config = ConfigDict(frozen=True)

    id: str
    text: Text
    state: GoalStatus = "open"
    followed: tuple[FollowUp, ...] = ()

    def followed_up(self, follow_up: FollowUp) -> Self:
        """The goal as it stands since it was looked at."""
        if follow_up in self.followed[-1:]:
            return self
        followed = (*self.followed, follow_up)[-FOLLOWED:]
        return self.model_copy(update={"state": follow_up.state, "followed": followed})


def _both(line: Any) -> Any:
    """Words that people wrote stand in both languages alike; an earlier release kept them once."""
    return {"de": line, "en": line} if isinstance(line, str) else line


class _Agreed(Aggregate):
    """Rules and goals of a version; `date` is the day since which it is so, `people` both of the tandem."""

    people: tuple[str, ...] = ()
    version: int = 1
    rules: tuple[Text, ...]
    goals: tuple[Goal, ...]
    date: dt.date

    @field_validator("rules", mode="before")
    @classmethod
    def _rules_of_before(cls, rules: Any) -> Any:
        return tuple(_both(rule) for rule in rules)

    @field_validator("goals", mode="before")
    @classmethod
    def _goals_of_before(cls, goals: Any) -> Any:
        numbered = enumerate(goals)
        return tuple(
            {"id": derived_id("goal", goal, n), "text": _both(goal)} if isinstance(goal, str) else goal
            for n, goal in numbered
        )


class FormerAgreement(_Agreed, kind="former-agreement"):
    """A version that was replaced; `agreed`: both had confirmed it."""

    tandem: str
    agreed: bool

    @staticmethod
    def id_of(tandem: str, version: int) -> str:
        """The id of a tandem's version."""
        return derived_id("agreement", tandem, version)


class Agreement(_Agreed, kind="agreement"):
    """The newest version, a draft until both have confirmed it; its id is the tandem's.

    `confirmed_by` are who have, `agreed`: some version was confirmed by both. Of what an earlier release recorded both
    had agreed on every word. `due` is the day on which both are reminded that it waits.
    """

    confirmed: bool = True
    confirmed_by: tuple[str, ...] = ()
    agreed: bool = True

    def former(self, people: tuple[str, ...]) -> FormerAgreement:
        """This version as it is kept once another one replaces it."""
        return FormerAgreement(
            id=FormerAgreement.id_of(self.id, self.version),
            programme=self.programme,
            people=people,
            tandem=self.id,
            version=self.version,
            rules=self.rules,
            goals=self.goals,
            date=self.date,
            agreed=self.confirmed,
        )

    def says(self, rules: tuple[Text, ...], goals: tuple[Text, ...]) -> bool:
        """Whether it has these very words."""
        return self.rules == rules and tuple(goal.text for goal in self.goals) == goals

    def published(self) -> dict[str, Any]:
        """The fields of an event about it."""
        states = Counter(goal.state for goal in self.goals)
        return {
            "tandem_id": self.id,
            "programme_id": self.programme or "",
            "rules": len(self.rules),
            "goals": len(self.goals),
            "date": self.date,
            "version": self.version,
            "confirmed": self.confirmed,
            "goals_open": states["open"],
            "goals_reached": states["reached"],
            "goals_dropped": states["dropped"],
        }
