"""The commands that the pages on shared topics, stories and certificates show do what the pages say."""

import json
import re
from typing import Any

import pytest

from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts.base import Command
from shared.local.system import ROOT
from shared.runtime.table import Ask
from tests.support.reference import By
from tests.unit.evaluation.extras import by
from tests.unit.evaluation.people import person, tandem_id
from tests.unit.evaluation.stories import OTHER, WRITER, a_tandem
from tests.unit.evaluation.test_shared_topics import ID, asked

PAGES = {
    name: (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("shared-topics.md", "stories.md", "certificates.md")
}
SHOWN = [
    (type, file, json.loads(block))
    for page in PAGES.values()
    for block, type, file in re.findall(
        r"^```json\n(.*?)^```\n\n```text\n\./tandem publish (\S+) (\S+) ", page, re.MULTILINE | re.DOTALL
    )
]
COMMANDS: dict[str, type[Command]] = {row.on.name: row.on for row in service.rows if isinstance(row, Ask)}


def example(of: type[Command], **own: Any) -> Any:
    """A page's example with a scenario's ids in the place of its own."""
    [data] = [data for type, _, data in SHOWN if type == of.name]
    assert own.keys() <= data.keys()
    return of.model_validate({**data, **own})


def test_every_example_names_its_file_and_is_sent() -> None:
    assert len(SHOWN) == 5
    for type, file, _ in SHOWN:
        assert any(f"`{file}`" in page for page in PAGES.values()), file
        assert type in COMMANDS


@pytest.mark.parametrize(("type", "file", "data"), SHOWN)
def test_an_example_fits_its_contract(type: str, file: str, data: dict[str, Any]) -> None:
    assert COMMANDS[type].from_data(data)


def test_the_examples_do_what_the_pages_say() -> None:
    agree = example(e.AgreeToIntroduction, introduction_id=ID, participant_id=person("mentor 1"))
    asked().when(by("mentor 1", agree)).then(e.IntroductionNoted)
    of = {"tandem_id": tandem_id(1)}
    scenario = a_tandem().when(by(WRITER, example(e.ReleaseStory, participant_id=person(WRITER), **of)))
    story = scenario.one(e.StoryNoted).story_id
    scenario.when(by(OTHER, example(e.ConfirmStory, participant_id=person(OTHER), story_id=story)))
    assert scenario.one(e.StoryNoted).status == "submitted"
    scenario.when(By(example(e.PublishStory, story_id=story), sender="office")).then_among(e.StoryPublished)
    topics = ("calendar",)
    certificate = example(e.RequestCertificate, participant_id=person(WRITER), topics=topics, **of)
    scenario.when(by(WRITER, certificate)).then(e.CertificateReady)
