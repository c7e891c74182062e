"""The wheel works on its own: built, installed into a clean environment, run far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import meshgen

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install .` would build, by the same backend."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, folder], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `meshgen` command of a new environment that has the wheel, and the libraries but not the code of this one."""
    environment = tmp_path_factory.mktemp("clean") / "env"
    venv.create(environment, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment), "platbase": str(environment)}))
    libraries = tmp_path_factory.mktemp("libraries")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "meshgen" not in entry.name and entry.suffix != ".pth":
            (libraries / entry.name).symlink_to(entry)
    (site / "libraries.pth").write_text(f"{libraries}\n")
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", environment]
    pip += ["install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    return Path(sysconfig.get_path("scripts", "venv", {"base": str(environment)})) / "meshgen"


def execute(installed: Path, *argv: object, folder: Path) -> str:
    """Standard output of the installed command, run in a folder far from the checkout, where it must succeed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run([installed, *map(str, argv)], cwd=folder, env=environment, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode()


def test_the_wheel_holds_templates_schemas_and_licences_but_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names} == {"meshgen", f"meshgen-{meshgen.__version__}.dist-info"}
    for path in [*(ROOT / "templates").rglob("*.j2"), *(ROOT / "meshgen" / "schemas").rglob("*.json*")]:
        assert f"meshgen/{path.relative_to(ROOT).as_posix().removeprefix('meshgen/')}" in names
    assert {name.rpartition("/")[2] for name in names} >= {"LICENSE", "NOTICE"}


def test_the_installed_command_is_the_one_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = "import meshgen; print(meshgen.__file__)"
    python = installed.with_name("python")
    result = subprocess.run([python, "-c", where], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert installed.parent.parent in Path(result.stdout.strip()).parents
    assert execute(installed, "--version", folder=tmp_path) == f"meshgen {meshgen.__version__}\n"


def test_the_installed_command_writes_the_golden_files(installed: Path, tmp_path: Path) -> None:
    execute(installed, "render", ROOT / "specs", "-o", tmp_path / "out", folder=tmp_path)

    made = files(tmp_path / "out")
    assert made
    assert made == files(ROOT / "golden")


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by their path in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
