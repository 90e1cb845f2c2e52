"""The run's options, and servers that its workers share."""

import os
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from shared.local import LocalMongo, LocalRabbit

# Suites that are inherited: asserts in them are explained as in any test.
pytest.register_assert_rewrite("tests.conformance.store", "tests.conformance.deliveries")

from tests.support.servers import Servers, Vhost  # noqa: E402

# A machine that is busy with other tests is no fault of the example.
settings.register_profile("tandem", deadline=None)
settings.load_profile("tandem")

SERVERS = pytest.StashKey[Servers]()
_PLACE = pytest.StashKey[dict[str, str | int]]()
_FOLDER = "tandem_folder"
_OWNER = "tandem_owner"
LONG = "takes long: runs with --all"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also run the tests that take long")


def pytest_configure(config: pytest.Config) -> None:
    # PyMongo 4.20 leaves the socket of a connection to the garbage collector when its client is closed while the
    # connection is just being made (`_configured_protocol_interface`); its monitors do that at any time.
    socket = r"Exception ignored in. <socket\.socket fd=\d+, family=2, "
    config.addinivalue_line("filterwarnings", f"ignore:{socket}:pytest.PytestUnraisableExceptionWarning")
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    if given is None:
        folder = Path(tempfile.mkdtemp(prefix="tandem-test-"))
        config.stash[SERVERS] = Servers(folder, os.getpid())
        place: dict[str, str | int] = {_FOLDER: str(folder), _OWNER: os.getpid()}
        config.stash[_PLACE] = place
    else:
        config.stash[SERVERS] = Servers(Path(given[_FOLDER]), int(given[_OWNER]))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each of xdist's workers where the run's servers are, and with whom they end."""
    node.workerinput.update(node.config.stash[_PLACE])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[SERVERS].end()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--all"):
        skip = pytest.mark.skip(reason=LONG)
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was not tried, and why: what only takes long is asked for with --all."""
    skipped = (report.longrepr for report in terminalreporter.stats.get("skipped", ()))
    reasons = Counter(str(why[2]).removeprefix("Skipped: ") for why in skipped if isinstance(why, tuple | list))
    for reason, number in sorted(reasons.items()):
        if reason != LONG:
            terminalreporter.write_line(f"NOT TRIED ({number}): {reason}")


@pytest.fixture(scope="session")
def rabbit(request: pytest.FixtureRequest) -> LocalRabbit:
    """The run's broker, not to be stopped or killed."""
    return request.config.stash[SERVERS].rabbit()


@pytest.fixture(scope="session")
def mongo(request: pytest.FixtureRequest) -> LocalMongo:
    """The run's database, not to be stopped or killed."""
    return request.config.stash[SERVERS].mongo()


@pytest.fixture
async def vhost(rabbit: LocalRabbit) -> AsyncIterator[Vhost]:
    """A virtual host of this test's own."""
    name = f"test-{uuid.uuid4().hex}"
    await rabbit.create_vhost(name)
    yield Vhost(name, rabbit.amqp_url(vhost=name))
    await rabbit.delete_vhost(name)


@pytest.fixture
def database() -> str:
    """The name of a database of this test's own; never dropped, which may take a server very long."""
    return f"test-{uuid.uuid4().hex}"
