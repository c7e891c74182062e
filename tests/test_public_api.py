"""What `import meshgen` offers, and that it costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import meshgen

NAMES = [
    "Build",
    "Diagnostic",
    "Fleet",
    "Location",
    "Manifest",
    "Mesh",
    "MeshgenError",
    "Severity",
    "__version__",
    "build",
    "load_fleet",
    "render",
    "validate",
]


def test_the_public_names_are_these_and_no_others() -> None:
    assert sorted(meshgen.__all__) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_public_name_can_be_used_is_listed_and_is_documented(name: str) -> None:
    assert name in dir(meshgen)
    assert getattr(meshgen, name).__doc__


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'meshgen' has no attribute 'rendr'"):
        _ = meshgen.rendr  # type: ignore[attr-defined]


def test_importing_meshgen_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import meshgen; print(*sorted(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.split() == ["__future__", "meshgen"]
