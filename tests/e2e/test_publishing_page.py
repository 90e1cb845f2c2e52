"""docs/publishing.md, done to the letter against a real system: every way to the first command, and to the events."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from shared.local.system import ROOT, LocalSystem
from tests.support import node
from tests.support.page import copy_project, do, steps

PAGE = ROOT / "docs" / "publishing.md"
LISTED = "tandem.registration.topic-listed.v1"
TOPIC = "topic/chats"


def test_what_the_page_takes_from_npm_is_what_tests_take() -> None:
    packages = json.loads(node.PACKAGES.read_text(encoding="utf-8"))["dependencies"]
    assert re.findall(r"npm install .* amqplib@(\S+)", PAGE.read_text(encoding="utf-8")) == [packages["amqplib"]]


@pytest.mark.long
async def test_the_page_is_right_to_the_letter(tmp_path: Path) -> None:
    node.modules()
    root = tmp_path / "tandem"
    root.mkdir()
    copy_project(root)
    async with LocalSystem(root / ".local") as system:
        asked = steps(PAGE)
        said = await asyncio.to_thread(do, asked, root, node.environment())
        ways = {heading: text for heading, text in said.items() if heading.startswith("### ")}
        assert len(ways) == 5
        assert [heading for heading, text in ways.items() if LISTED not in text] == []
        subscribed = next(text for heading, text in said.items() if heading.startswith("## Subscribe"))
        first, second = subscribed.split("nothing more\n")[:2]
        assert first == "", "bound only now"
        assert re.search(rf"^{TOPIC} 1 \d+ Chats$", second, flags=re.MULTILINE)
        users = await system.rabbit._call("GET", "users/office")
        assert isinstance(users, dict)
        assert users["tags"] == [], "what was lent is taken back"
