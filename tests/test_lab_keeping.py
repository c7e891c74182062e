"""What a lab that was killed left is gone when the next one starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lab.keeping import PREFIX, passing_logs


def test_logs_of_a_lab_that_was_killed_go_with_the_next_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, running, foreign = (
        tmp_path / f"{PREFIX}{ended.pid}-a",
        tmp_path / f"{PREFIX}{os.getpid()}-b",
        tmp_path / f"{PREFIX}mine-c",
    )
    for folder in (left, running, foreign):
        folder.mkdir()
        (folder / "etcd.log").write_text("")

    with passing_logs() as logs:
        assert logs.is_dir()
        assert sorted(tmp_path.iterdir()) == sorted([logs, running, foreign])

    assert sorted(tmp_path.iterdir()) == sorted([running, foreign])
