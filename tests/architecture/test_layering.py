"""Who may import what: services shared and never each other; contracts nothing of ours; pure code nothing that acts."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.local.system import ROOT
from shared.runtime import discovery

ACTS = {
    "aio_pika",
    "aiormq",
    "asyncio",
    "bson",
    "faststream",
    "httpx",
    "motor",
    "pika",
    "pymongo",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "time",
    "uvicorn",
}
HEAVY = {
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "ortools",
    "holidays",
    "pandas",
    "rapidfuzz",
    "recurring_ical_events",
    "matplotlib",
    "weasyprint",
}
TOOL = "tool"
"""The folder of a service's commands on files, which no part of the service imports. They say how long they took."""

PAGE = "page"
"""The folder of a service's page for people, which a process of its own alone imports."""


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", files("services"), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_service_imports_shared_and_itself_only_and_does_nothing_by_itself(path: Path) -> None:
    own = path.relative_to(ROOT / "services").parts[0]
    is_tool = TOOL in path.relative_to(ROOT).parts
    for name in imports(path):
        top = name.split(".")[0]
        if is_tool:
            if top == "time":
                continue
        else:
            assert TOOL not in name.split("."), f"{name}: a service does not hang on its commands"
        assert top not in ACTS, f"{name}: decisions and algorithms import no broker, database, clock or random"
        if top == "services":
            assert name.split(".")[1:2] == [own], f"{name}: no service imports another"
        if top == "shared":
            allowed = (
                "shared.contracts",
                "shared.runtime",
                *(("shared.spreadsheets", "shared.pages") if is_tool else ()),
                *(("shared.pages",) if PAGE in path.relative_to(ROOT).parts else ()),
            )
            assert name.startswith(allowed), name
        assert not name.startswith("shared.runtime.adapters"), name


@pytest.mark.parametrize("path", files("services"), ids=lambda p: str(p.relative_to(ROOT)))
def test_pure_code_reads_no_clock(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("now", "utcnow"), f"line {node.lineno}: time is data"
            called = isinstance(node.value, ast.Attribute | ast.Name) and ast.unparse(node.value) in ("dt.date", "date")
            assert not (node.attr == "today" and called), f"line {node.lineno}: time is data"


@pytest.mark.parametrize("path", files("shared/contracts"), ids=lambda p: p.name)
def test_contracts_import_nothing_of_ours_but_contracts(path: Path) -> None:
    for name in imports(path):
        if name.split(".")[0] in ("shared", "services", "tests"):
            assert name.startswith("shared.contracts"), name


@pytest.mark.parametrize("path", files("shared"), ids=lambda p: str(p.relative_to(ROOT)))
def test_shared_imports_no_service_and_the_runtime_no_tool(path: Path) -> None:
    for name in imports(path):
        assert name.split(".")[0] not in ("services", "tests"), name
        if "runtime" in path.relative_to(ROOT).parts:
            assert not name.startswith(("shared.cli", "shared.local")), name


@pytest.mark.parametrize("service", discovery.service_names())
def test_what_a_service_s_process_imports_is_light(service: str) -> None:
    """The heavy libraries live in the jobs' own process."""
    seen: set[str] = set()
    todo = [f"services.{service}.service"]
    while todo:
        name = todo.pop()
        path = ROOT / (name.replace(".", "/") + ".py")
        if name in seen or not path.exists():
            continue
        seen.add(name)
        for imported in imports(path):
            assert imported.split(".")[0] not in HEAVY, f"{name} imports {imported}"
            todo.append(imported)


def test_the_place_of_every_heavy_job_exists() -> None:
    for service in discovery.load_all():
        for job in service.jobs.values():
            if isinstance(job.work, str):
                module, _, function = job.work.partition(":")
                path = ROOT / (module.replace(".", "/") + ".py")
                defined = {n.name for n in ast.parse(path.read_text()).body if isinstance(n, ast.FunctionDef)}
                assert function in defined, job.work


def test_every_http_client_of_ours_is_held_to_the_deployment_s_ca() -> None:
    """But for those to this machine's own private servers, which are plain."""
    for path in files("shared"):
        if path.parent.name == "local":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "httpx.AsyncClient",
                "httpx.Client",
                "httpx.get",
            ):
                held = {ast.unparse(k.value) for k in node.keywords if k.arg == "verify"}
                assert held == {"verified()"}, f"{path.relative_to(ROOT)}:{node.lineno}: pass verify=verified()"


def test_no_two_files_of_tests_have_one_name() -> None:
    """As pytest imports them, only the first of two would run."""
    names = Counter(path.name for path in files("tests") if path.name.startswith("test_"))
    assert [name for name, number in names.items() if number > 1] == []
