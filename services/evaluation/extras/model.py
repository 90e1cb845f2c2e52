"""What evaluation knows of the extras that a person allows."""

from shared.runtime.aggregate import Seen
from shared.runtime.pausing import Pausing


class Extras(Pausing, kind="extras"):
    """Which extras somebody allows now, and what hangs on that; newest state wins.

    `strengths` and `concerns` are topics of the profile, kept of who allows introductions alone, and for them (S17).
    `introductions_open` are introductions that wait, `stories_told` all stories of theirs. Whatever is decided on a
    consent writes this, so that it conflicts with the consent's being taken back at that moment.
    """

    department: str
    introductions: bool = False
    stories: bool = False
    withdrawn: bool = False
    strengths: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    introductions_open: tuple[str, ...] = ()
    stories_told: tuple[str, ...] = ()
    seen: Seen = Seen()

    @property
    def named(self) -> tuple[str, ...]:
        """All topics of the profile that are kept."""
        return (*self.strengths, *self.concerns)

    @property
    def may_be_introduced(self) -> bool:
        """Whether they may be told of others who work on the same topic."""
        return self.introductions and not self.withdrawn
