"""What is written for people is true: links lead somewhere, and a page that shows a way is followed to the letter."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.local.system import ROOT
from tests.support.page import copy_project, running

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
A_SERVICE = ROOT / "docs" / "add-a-service.md"


def links(page: Path) -> list[str]:
    """The relative links of a page, pictures included, without the place in it."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link.split("#")[0] for link in found if "://" not in link and not link.startswith(("#", "mailto:"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert [link for link in links(page) if not (page.parent / link).exists()] == []


def reached(pages: set[Path], clicks: int) -> set[Path]:
    """The pages and those to which so many links lead on from them; a folder's is its README."""
    for _ in range(clicks):
        there = {(page.parent / link).resolve() for page in pages for link in links(page)}
        there = {page / "README.md" if page.is_dir() else page for page in there}
        pages = pages | {page for page in there if page.suffix == ".md" and page.exists()}
    return pages


def test_a_stranger_who_begins_at_the_readme_comes_to_every_page_in_two_clicks() -> None:
    assert set(PAGES) - reached({ROOT / "README.md"}, 2) == set()


def heading_ids(page: Path) -> set[str]:
    """What a link may name behind its #: a heading in small letters, without signs, with hyphens for spaces."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+?)\s*$", text, flags=re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_place_that_a_link_names_is_a_heading_there(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    named = [link.partition("#") for link in re.findall(r"\]\(([^)\s:]*#[^)\s]+)\)", text)]
    there = [((page.parent / file) if file else page, place) for file, _, place in named]
    wrong = [f"{file.name}#{place}" for file, place in there if file.suffix == ".md" and place not in heading_ids(file)]
    assert wrong == []


# Add a service


def blocks(text: str) -> list[tuple[str, str]]:
    """The code blocks of a text: their language and what stands in them."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def insert_after(file: Path, mark: str, text: str) -> None:
    """Put a text below the last line that begins so."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    place = max(number for number, line in enumerate(lines) if line.startswith(mark))
    file.write_text("".join([*lines[: place + 1], text, *lines[place + 1 :]]), encoding="utf-8")


def replace_line(file: Path, text: str) -> None:
    """Put a line in the place of the one that begins as it does, up to its first bracket or comma."""
    begin = re.match(r"[^(,]+", text)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    [place] = [number for number, line in enumerate(lines) if begin and line.startswith(begin[0])]
    file.write_text("".join([*lines[:place], text, *lines[place + 1 :]]), encoding="utf-8")


def follow(page: str, root: Path) -> list[str]:
    """Do what the page says in a copy of the project; the commands that it names last."""
    title = re.compile(r"^## .*?(?:: `([^`]+)`)?$", flags=re.MULTILINE)
    parts = title.split(page)[1:]
    commands: list[str] = []
    for file, part in zip(parts[::2], parts[1::2], strict=True):
        found = [content for _, content in blocks(part)]
        if file == "docker-compose.yml":
            handed_out, declared, secret, row, told, epoch = found
            insert_after(root / file, "      - password-evaluation", handed_out)
            insert_after(root / file, "      TANDEM_PASSWORD_EVALUATION_FILE: ", declared)
            insert_after(root / file, "    file: ./deploy/secrets/password-evaluation", secret)
            text = (
                (root / file).read_text(encoding="utf-8").replace("\n  # The one door", f"\n{row}\n  # The one door", 1)
            )
            (root / file).write_text(text, encoding="utf-8")
            operations = root / "docs" / "operations.md"
            insert_after(operations, "| `password-evaluation`", told)
            insert_after(operations, "| `TANDEM_EPOCH_EVALUATION`", epoch)
        elif file == "deploy/observe/prometheus.yml":
            name, missed, up = found
            insert_after(root / file, "          - evaluation", name)
            insert_after(root / "deploy" / "observe" / "alerts.yml", "          or absent(up{", missed)
            figures = root / "tests" / "observe" / "alerts.test.yml"
            for place in ("evaluation", "matching"):  # the last lines of theirs: in the first test, in the second
                insert_after(figures, f'      - {{series: \'up{{job="tandem", service="{place}"', up)
        elif file and (root / file).exists() and file.endswith(".py"):
            for text in found:
                if text.startswith(" "):
                    insert_after(root / file, '    "scheduling": ', text)
                else:
                    replace_line(root / file, text)
        elif file and (root / file).exists() and file.endswith(".toml"):
            with (root / file).open("a", encoding="utf-8") as words:
                words.writelines(f"\n{text}" for text in found)
        elif file:
            [content] = found
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(content, encoding="utf-8")
        else:
            commands += [line for content in found for line in content.splitlines()]
    return commands


@pytest.fixture
def followed(tmp_path: Path) -> tuple[Path, list[str]]:
    """A copy of the project in which the page was followed, and the commands that it names."""
    copy_project(tmp_path)
    return tmp_path, follow(A_SERVICE.read_text(encoding="utf-8"), tmp_path)


def outside() -> dict[str, str]:
    """The environment of who follows the page, as it was before this test run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "TANDEM"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "TANDEM_TEST_CONTAINERS": "0"}


# Types, lint and tests of a whole copy: `.ci/run` has a step for it.
@pytest.mark.long
def test_the_page_that_adds_a_service_is_right_to_the_letter(followed: tuple[Path, list[str]]) -> None:
    root, commands = followed
    commands = [command for command in commands if not command.startswith(("./tandem up", "./tandem publish"))]
    assert len(commands) >= 4
    for command in commands:
        words = command.replace("./tandem ", "python -m shared.cli ").split()
        # The page's own test would follow it once more; links and promtool are the other tests' business.
        left_out = ["--ignore=tests/architecture/test_docs.py", "-k", "not promtool"]
        more = ["-q", *left_out] if "pytest" in words else []
        run = subprocess.run(
            [sys.executable, *words[1:], *more],
            capture_output=True,
            text=True,
            check=False,
            cwd=root,
            env={**outside(), "PYTHONPATH": str(root)},
        )
        assert run.returncode == 0, f"{command}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"
        if "describe" in words:
            assert "stories.release-story.v1" in run.stdout
    assert (root / "docs" / "asyncapi" / "schemas" / "stories.release-story.v1.json").exists()
    assert "stories/test_service_stories.py" in (root / "docs" / "requirements.md").read_text(encoding="utf-8")
    assert "- `stories.release-story.v1`: new" in (root / "docs" / "asyncapi" / "CHANGELOG.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.long
def test_the_service_that_the_page_adds_handles_messages_from_a_real_broker(followed: tuple[Path, list[str]]) -> None:
    root, commands = followed
    [up] = [command for command in commands if command.startswith("./tandem up")]
    told, again = (command for command in commands if command.startswith("./tandem publish"))
    with running(up, root, outside()):
        runs = [
            subprocess.run(
                command.split(), capture_output=True, text=True, check=False, cwd=root, env=outside(), timeout=60
            )
            for command in (told, again)
        ]
    assert [run.returncode for run in runs] == [0, 1], runs
    said = [run.stdout for run in runs]
    assert json.loads(said[0])["type"] == "tandem.stories.story-released.v1"
    assert "bot" not in said[0], "its words stay in the service"
    refused = json.loads(said[1])
    assert refused["type"] == "tandem.stories.command-rejected.v1"
    assert refused["data"]["reasons"][0]["code"] == "already_told"
    assert "(already_told)" in runs[1].stderr
