"""Labs for tests, and the ends of their programs' logs where a test fails."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab import Caller, Lab
from lab.tests import shop

TAIL = 15  # lines of each log shown with a failure

_number = itertools.count(1)
_logs = pytest.StashKey[list[Path]]()


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script: what tests start inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long and with which seed random faults go on."""
    parser.addoption("--fault-seconds", type=float, default=20.0, help="how long random faults go on")
    parser.addoption("--fault-seed", type=int, default=0, help="repeat the random faults of this seed")


def pytest_configure(config: pytest.Config) -> None:
    """Take several words without `and`, `or` and `not` for words that all stand in a name."""
    words = config.option.keyword.split()
    if not {"and", "or", "not"}.intersection(words) and "(" not in config.option.keyword:
        config.option.keyword = " and ".join(words)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Tell which cases there are where none has the name that was asked for."""
    names = dict.fromkeys(item.path.stem.removeprefix("test_") for item in items)
    yield
    if names and not items and config.option.keyword:
        asked = config.option.keyword
        raise pytest.UsageError(f"no test of the lab has {asked!r} in its name; a word of one, or: {', '.join(names)}")


@pytest.fixture(scope="session")
def new_logs(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[], Path]:
    """Makes folders for the logs of labs; where a test fails, the ends of what is in them are shown."""

    def make() -> Path:
        logs = tmp_path_factory.mktemp("logs")
        request.config.stash.setdefault(_logs, []).append(logs)
        return logs

    return make


@pytest.fixture(scope="session")
def lab(new_logs: Callable[[], Path]) -> Iterator[Lab]:
    """A running lab, shared: a test uses namespaces of its own, or takes away what it made."""
    with Lab.start(logs=new_logs()) as running:
        yield running


@pytest.fixture(scope="session")
def identified(new_logs: Callable[[], Path]) -> Iterator[Lab]:
    """A running lab with identities, shared by those who ask for it."""
    with Lab.start(logs=new_logs(), identities=True) as running:
        yield running


@pytest.fixture
def new_lab(new_logs: Callable[[], Path]) -> Iterator[Callable[[], Lab]]:
    """Makes labs that end with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Lab.start(logs=new_logs()))


@pytest.fixture
def namespace(lab: Lab) -> Iterator[str]:
    """A namespace with two versions of a service, split in halves."""
    name = f"own-{next(_number)}"
    lab.apply([shop.service(name), shop.subsets(name), shop.route(name, v1=50, v2=50)])
    lab.apply([shop.workload(name, "v1"), shop.workload(name, "v2", kind="StatefulSet")])
    lab.wait_ready(name)
    yield name
    lab.backends(name).normal()
    lab.delete([shop.workload(name, "v1"), shop.workload(name, "v2", kind="StatefulSet")])
    lab.delete([shop.service(name), shop.subsets(name), shop.route(name, v1=50, v2=50)])


@pytest.fixture(scope="session")
def caller(lab: Lab) -> Caller:
    """A client with a sidecar, its traffic redirected."""
    return lab.caller("caller", namespace="callers")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the ends of the programs' logs to a failed test's report."""
    report = yield
    if report.failed:
        for folder in item.config.stash.get(_logs, []):
            for log in sorted(folder.glob("*.log")):
                lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
                report.sections.append((f"{folder.name}/{log.name}, last lines", "\n".join(lines[-TAIL:])))
    return report
