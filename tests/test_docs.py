"""The generated pages are current, and nothing that they should describe is left undescribed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from meshgen.codes import CODES

ROOT = Path(__file__).parent.parent
PAGES = ["cli.md", "codes.md", "kinds.md", "rules.md", "specs.md"]
CODE = re.compile(r'"(MG\d{3})"')


def test_the_generated_pages_are_current() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "tools" / "docs.py", "--check"], capture_output=True, text=True, check=False
    )

    if result.returncode:
        pytest.fail(result.stderr, pytrace=False)


@pytest.mark.parametrize("page", PAGES)
def test_a_generated_page_says_where_it_comes_from(page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8").startswith("<!-- Made by `make docs`")


def test_every_code_that_is_said_is_explained_and_every_explained_code_is_said() -> None:
    files = [path for path in (ROOT / "meshgen").rglob("*.py") if path.name not in ("codes.py", "index.py")]
    said = {code for path in files for code in CODE.findall(path.read_text("utf-8"))}

    assert sorted(said) == sorted(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_has_a_title_and_an_explanation(code: str) -> None:
    title, explanation = CODES[code]

    assert title
    assert not title.endswith(".")
    assert explanation.strip().endswith((".", "`", ":"))


@pytest.mark.parametrize(
    "page",
    [path.relative_to(ROOT).as_posix() for path in [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]],
)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    path = ROOT / page
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        there = path.parent / file if file else path
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            broken.append(target)

    assert broken == []


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}
