"""Labs for tests, and the ends of their programs' logs where a test fails."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from lab import Caller, Lab, Missing
from lab.programs import find
from lab.remote import Remote
from lab.tests import shop

TAIL = 15  # lines of each log shown with a failure

_number = itertools.count(1)
_logs = pytest.StashKey[list[Path]]()


def start(logs: Path) -> Lab:
    """A lab, or a skip that says what this machine lacks; in CI that is a failure."""
    try:
        return Lab.start(logs=logs)
    except Missing as missing:
        lacking(missing)


def lacking(missing: Missing) -> NoReturn:
    """Skip the test that needs a lab; fail in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))


@pytest.fixture(scope="session")
def able(tmp_path_factory: pytest.TempPathFactory) -> None:
    """For tests that start labs by themselves: skip where this machine cannot."""
    try:
        find()
        Remote(tmp_path_factory.mktemp("able")).close()
    except Missing as missing:
        lacking(missing)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A running lab, shared: a test uses namespaces of its own, or takes away what it made."""
    logs = tmp_path_factory.mktemp("logs")
    request.config.stash.setdefault(_logs, []).append(logs)
    with start(logs) as running:
        yield running


@pytest.fixture
def new_lab(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Callable[[], Lab]]:
    """Makes labs that end with the test."""
    with ExitStack() as stack:

        def make() -> Lab:
            logs = tmp_path_factory.mktemp("logs")
            request.config.stash.setdefault(_logs, []).append(logs)
            return stack.enter_context(start(logs))

        yield make


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
