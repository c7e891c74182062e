"""The lab's page names every file of its tests, and no other."""

from __future__ import annotations

import re
from pathlib import Path

LAB = Path(__file__).parent.parent / "lab"


def test_the_table_of_proofs_has_every_file_of_tests() -> None:
    table = (LAB / "README.md").read_text("utf-8").partition("## What is proven where")[2].partition("## ")[0]
    files = {each.name for each in (LAB / "tests").glob("test_*.py")} | {"rules/"}

    assert set(re.findall(r"`((?:test_\w+\.py)|rules/)`", table)) == files
