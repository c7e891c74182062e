"""What all tests share: the command line as a function, `--update-golden`, and no skipping in CI."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from typing import NamedTuple

import hypothesis
import pytest
from click.testing import CliRunner

CI = os.environ.get("CI", "").lower() in {"1", "true"}

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script: what tests start inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if CI else "local")


class Outcome(NamedTuple):
    """How a command line ended, and what it said where."""

    code: int
    out: str
    err: str


def run(*argv: object, stdin: str | bytes | None = None, **environment: str) -> Outcome:
    """Run `meshgen ARGV...` in this process and working directory, with no MESHGEN_ variable but those given."""
    from meshgen.cli import group

    unset: dict[str, str | None] = {name: None for name in os.environ if name.startswith(("MESHGEN_", "NO_COLOR"))}
    result = CliRunner(env=unset | environment).invoke(
        group, [str(argument) for argument in argv], input=stdin, prog_name="meshgen"
    )
    return Outcome(result.exit_code, result.stdout, result.stderr)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make golden` asks for this."""
    parser.addoption(
        "--update-golden", action="store_true", help="Write what the tests expect anew from what meshgen says."
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--update-golden`, run only the tests that have expectations to write."""
    if config.getoption("--update-golden"):
        writers = [item for item in items if "update_golden" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in writers])
        items[:] = writers


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))


def assert_same(difference: str) -> None:
    """Fail with the whole of a unified diff, which a bare assert would shorten, unless it is empty."""
    if difference:
        pytest.fail(difference, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skips in CI has not been run by anybody: it fails, with its reason."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself."""
    report = yield
    if CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
