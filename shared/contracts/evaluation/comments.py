"""Comments: the office reads them by HTTP, and releases some for the report, in groups. They are in no event.

`comments` (`POST /questions/comments`, with the office's token) answers once nobody's survey of the questionnaire is
open, and only where enough people wrote.
"""

from typing import Annotated

from pydantic import ConfigDict, Field

from shared.contracts.base import Command, Event, Part, personal
from shared.contracts.evaluation.surveys import ANSWER
from shared.contracts.parts import Id, ProgrammeId, Uuid

MOST = 50
"""Comments that are released at once."""

READ = {**ANSWER, "readers": "evaluation; the office, once enough people have written"}


class CommentsAsked(Part):
    """What did people write in a questionnaire's free text?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    programme_id: ProgrammeId
    questionnaire: Id = Field(description="the questionnaire")


class Comment(Part):
    """A comment, without side, tandem or day."""

    comment_id: Uuid = Field(description="what releases it; it leads to nobody")
    text: str = personal("what somebody wrote", **READ)
    released: bool = Field(description="whether it stands in the report")


class CommentsAnswer(Part):
    """The comments, in an order that tells nothing."""

    open: bool = Field(description="whether somebody may still answer: then none are shown")
    too_few: bool = Field(description="whether too few people wrote: then none are shown")
    comments: tuple[Comment, ...] = Field(description="what people wrote")


class ReleaseComments(Command, name="evaluation.release-comments.v1", senders=("office",)):
    """Show comments in the report, or no more; the office has read them, and nobody is named in them."""

    programme_id: ProgrammeId
    comments: tuple[Annotated[Uuid, Field(description="a comment")], ...] = Field(
        min_length=1,
        max_length=MOST,
        description="which ones, of one questionnaire; to be shown they are of at least as many people as the floor",
    )
    show: bool = Field(default=True, description="whether they stand in the report from now on")


class CommentsReleased(Event, name="evaluation.comments-released.v1", about="comments/{programme_id}", stateful=False):
    """The office released comments for the report, or took them out of it; what they say is in no event."""

    programme_id: ProgrammeId
    questionnaire: Id = Field(description="the questionnaire")
    shown: bool = Field(description="whether they stand in the report from now on")
    comments: int = Field(description="how many")
