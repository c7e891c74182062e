"""`make lab CASE=...` runs what has that name, and says what there is where nothing has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def chosen(case: str) -> subprocess.CompletedProcess[str]:
    """The tests that would run."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "lab/tests",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        case,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_words_choose_the_tests_that_have_all_of_them() -> None:
    found = [line for line in chosen("mirror hangs").stdout.splitlines() if "::" in line]

    assert found
    assert all("mirror" in line and "hangs" in line for line in found)


def test_expressions_choose_as_pytest_says() -> None:
    found = [line for line in chosen("test_splits.py or test_hashing.py").stdout.splitlines() if "::" in line]

    assert {line.partition("::")[0] for line in found} == {"lab/tests/test_splits.py", "lab/tests/test_hashing.py"}


def test_a_name_that_nothing_has_is_told_with_those_that_there_are() -> None:
    result = chosen("no such thing")

    assert result.returncode == 4
    (line,) = [line for line in result.stderr.splitlines() if "no test of the lab" in line]
    assert "routing" in line
    assert "discovery" in line
