"""In which order the packages of a service stand: each imports what stands below it, and nothing beside or above it."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from shared.local.system import ROOT

SERVICES = ROOT / "services"
LAYERS: Mapping[str, tuple[frozenset[str], ...]] = MappingProxyType(
    {
        "scheduling": (
            frozenset({"optimum"}),
            frozenset({"availability", "places"}),
            frozenset({"planning"}),
            frozenset({"meetings"}),
            frozenset({"agreements", "invitations", "resting"}),
            frozenset({"gatherings"}),
            frozenset({"calendars"}),
            frozenset({"tool"}),
        ),
        "evaluation": (
            frozenset({"protection", "questionnaires"}),
            frozenset({"counting", "deciding", "shared_topics", "stories"}),
            frozenset({"certificates", "extras", "page", "reporting"}),
            frozenset({"tool"}),
        ),
    }
)
"""The packages of a service, the lowest first. A package that is new is written where it belongs."""
MODEL = "model"
"""What a package remembers. All may know it; itself it hangs on models and on what stands lowest."""
LOWEST: Mapping[str, frozenset[str]] = MappingProxyType(
    {"scheduling": frozenset({"availability", "optimum"}), "evaluation": frozenset()}
)
"""The packages whose pure code models may use."""
ON_TOP = frozenset({"service", "concerns", "purposes", "view", "days"})
"""Files of a service that put its packages together, and that no package imports."""


def modules_of(service: str) -> Iterator[tuple[str, ...]]:
    """The modules of a service, as parts of their names within it."""
    for path in sorted((SERVICES / service).rglob("*.py")):
        parts = path.relative_to(SERVICES / service).with_suffix("").parts
        yield parts[:-1] if parts[-1] == "__init__" else parts


def imported(source: str, service: str, known: frozenset[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The modules of a service that a text of Python imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            top, own, *parts = (*name.split("."), "", "")
            found = tuple(part for part in parts if part)
            if (top, own) == ("services", service):
                # What is no module is a name in one.
                yield found if found in known else found[:-1]


def wrong(service: str, module: tuple[str, ...], source: str, known: frozenset[tuple[str, ...]]) -> list[str]:
    """What a module imports that it may not."""
    place = {package: number for number, layer in enumerate(LAYERS[service]) for package in layer}
    package, found = module[0], []
    for other in imported(source, service, known):
        if not other or other[0] == package or other[-1] == MODEL:
            continue
        if other[0] not in place:
            allowed = other[0] not in ON_TOP
        elif module[-1] == MODEL:
            allowed = other[0] in LOWEST[service]
        else:
            allowed = place[other[0]] < place[package]
        if not allowed:
            found.append(f"{'.'.join(module)} imports {'.'.join(other)}")
    return found


def path_of(service: str, module: tuple[str, ...]) -> Path:
    path = SERVICES.joinpath(service, *module)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.mark.parametrize("service", LAYERS)
def test_every_package_has_its_place_and_imports_only_what_stands_below_it(service: str) -> None:
    known = frozenset(modules_of(service))
    packages = {path.name for path in (SERVICES / service).iterdir() if path.is_dir() and any(path.glob("*.py"))}
    places = [package for layer in LAYERS[service] for package in layer]
    assert sorted(places) == sorted(packages)
    inside = [module for module in known if module and module[0] in packages]
    sources = {module: path_of(service, module).read_text(encoding="utf-8") for module in inside}
    assert [line for module, source in sorted(sources.items()) for line in wrong(service, module, source, known)] == []


@pytest.mark.parametrize(
    ("module", "line", "may"),
    [
        (("planning", "jobs"), "from services.scheduling.optimum.stretch import Stretch", True),
        (("planning", "jobs"), "from services.scheduling.meetings import plans", False),
        (("planning", "jobs"), "def f():\n    import services.scheduling.meetings.plans", False),
        (("planning", "jobs"), "from services.scheduling.invitations.model import Invitation", True),
        (("resting", "jobs"), "from services.scheduling.invitations.decisions import said", False),
        (("planning", "jobs"), "from services.scheduling.service import service", False),
        (("planning", "jobs"), "from services.scheduling import view", False),
        (("planning", "jobs"), "from services.scheduling.say import words", True),
        (("places", "model"), "from services.scheduling.availability.rests import Rest", True),
        (("gatherings", "model"), "from services.scheduling.planning.jobs import GiveUp", False),
    ],
)
def test_an_import_upwards_or_aside_is_found(module: tuple[str, ...], line: str, may: bool) -> None:
    assert (wrong("scheduling", module, line, frozenset(modules_of("scheduling"))) == []) == may
