"""What `make bench` measures at 1,000 Services, at a size that each change can be tested with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent.parent.parent / "bench" / "discovery.py"
SMALL = ["--services=50", "--endpoints=120", "--changes=10", "--relists=1", "--rounds=1", "--alone"]


def test_discovery_of_many_services_is_whole_at_first_after_changes_and_when_listed_anew() -> None:
    """It ends with an error where an endpoint is missing, and never where a change is not told."""
    done = subprocess.run(
        [sys.executable, str(BENCH), *SMALL], capture_output=True, text=True, check=False, timeout=120
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "| memory at most, MB |" in done.stdout
