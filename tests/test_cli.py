"""How meshgen starts, finds its commands, and ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from conftest import run

import meshgen
from meshgen import commands
from meshgen.cli import Commands
from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity

HEAVY = {"pydantic", "pydantic_core", "jinja2", "yaml", "yaml_rs", "jsonschema_rs", "rich", "ruamel", "lightkube"}
COMMANDS = list(commands.modules())


def start(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run meshgen as a process of its own."""
    command = [sys.executable, "-X", "importtime", "-m", "meshgen", *argv]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)


def imported(result: subprocess.CompletedProcess[str]) -> set[str]:
    """The top-level packages that a process imported, by what `-X importtime` says."""
    lines = [line for line in result.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.fixture
def ends_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes every command end by raising what is given."""

    def _install(error: BaseException) -> None:
        @click.command()
        def command() -> None:
            raise error

        monkeypatch.setattr(Commands, "get_command", lambda *_: command)

    return _install


def test_a_command_does_not_look_for_plugins_of_pydantic_unless_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: meshgen.dev/v1\nkind: Gateway\nmetadata: {name: a, namespace: n}\nspec: {hosts: [a.b]}\n"
    )
    told = start("render", str(tmp_path), PYDANTIC_DISABLE_PLUGINS="logfire-plugin")
    usual = start("render", str(tmp_path), PYDANTIC_DISABLE_PLUGINS="__all__")

    assert usual.stdout == told.stdout != ""
    assert "csv" not in imported(usual)  # with importlib.metadata, which takes 5 ms
    assert "csv" in imported(told)


def test_what_else_a_pydantic_to_come_asks_its_loader_of_plugins_for_is_there() -> None:
    code = (
        "from meshgen.__main__ import _without_plugins; _without_plugins(); "
        "from pydantic.plugin._loader import get_plugins, PYDANTIC_ENTRY_POINT_GROUP as group; print(*get_plugins(), group)"
    )
    environment = os.environ | {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)

    assert (found.stdout, found.stderr) == ("pydantic\n", "")


def test_help_names_every_command_with_a_summary() -> None:
    listed = run("--help").out.partition("\nCommands:\n")[2].partition("\n\n")[0].splitlines()

    assert [line.split()[0] for line in listed] == COMMANDS
    assert all(len(line.split()) > 2 and len(line) <= 100 for line in listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_opens_with_its_name_and_has_help(name: str) -> None:
    first = Path(commands.__file__).with_name(f"{commands.modules()[name]}.py").read_text().partition("\n")[0]

    assert first.startswith(f'"""`meshgen {name}`: ')
    outcome = run(name, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: meshgen {name} ")
    assert "\n\n  " in outcome.out


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_the_same_with_and_without_click(option: str) -> None:
    assert start(option).stdout == run(option).out


def test_help_does_not_even_import_click() -> None:
    packages = imported(start("--help"))

    assert "meshgen" in packages
    assert not packages & (HEAVY | {"click"})


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_imports_nothing_heavy(name: str) -> None:
    packages = imported(start(name, "--help"))

    assert "click" in packages
    assert not packages & HEAVY


def test_the_version_is_told_with_and_without_click() -> None:
    assert start("--version").stdout == run("--version").out == f"meshgen {meshgen.__version__}\n"


def test_no_command_shows_help_and_is_wrong_usage() -> None:
    outcome = run()

    assert outcome.code == 2
    assert "Usage: meshgen" in outcome.err


def test_an_unknown_command_is_wrong_usage() -> None:
    outcome = run("frobnicate")

    assert outcome.code == 2
    assert "No such command 'frobnicate'" in outcome.err
    assert outcome.out == ""


def test_a_mistake_in_the_input_is_told_with_its_place_and_exits_1(ends_by: Callable[[BaseException], None]) -> None:
    ends_by(MeshgenError(Diagnostic(Location("shop.yaml", 3, 5), "MG101", Severity.ERROR, "unknown key 'port'")))

    outcome = run("render")

    assert outcome.code == 1
    assert outcome.out == ""
    assert "shop.yaml:3:5: error MG101: unknown key 'port'" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_bug_shows_its_traceback_says_how_to_report_it_and_exits_3(ends_by: Callable[[BaseException], None]) -> None:
    ends_by(ZeroDivisionError("division by zero"))

    outcome = run("render")

    assert outcome.code == 3
    assert "ZeroDivisionError: division by zero" in outcome.err
    assert "This is a bug in meshgen" in outcome.err.splitlines()[-2]


def test_ctrl_c_ends_quietly(ends_by: Callable[[BaseException], None]) -> None:
    ends_by(KeyboardInterrupt())

    assert run("render") == (130, "", "")


def test_output_that_nobody_reads_any_more_ends_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = (
        "import click; from meshgen.cli import Commands, group\n"
        "Commands.get_command = lambda *_: click.Command('much', callback=lambda: click.echo('x' * 10**6))\n"
        "group.main(['much'])"
    )
    with os.fdopen(writer, "wb") as stdout:
        result = subprocess.run([sys.executable, "-c", code], stdout=stdout, stderr=subprocess.PIPE, check=False)

    assert (result.returncode, result.stderr) == (141, b"")


def test_the_end_is_quick_and_loses_nothing() -> None:
    code = (
        "import atexit, sys, meshgen.__main__ as program;"
        "atexit.register(print, 'done at the end');"
        "print('not yet written');"
        "sys.argv[1:] = ['render', 'nowhere'];"
        "program.main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout) == (1, "not yet written\ndone at the end\n")
    assert "nowhere: error MG007" in result.stderr


def test_a_run_can_be_profiled() -> None:
    command = [sys.executable, "-m", "cProfile", "-m", "meshgen", "schema"]

    assert "function calls" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_output_is_utf8_in_every_locale() -> None:
    code = (
        "import click; from meshgen.cli import Commands, group\n"
        "Commands.get_command = lambda *_: click.Command('greet', callback=lambda: click.echo('Grüße ☃'))\n"
        "group.main(['greet'])"
    )
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)

    assert result.stdout.decode() == "Grüße ☃\n"


def test_an_option_can_be_given_by_its_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command("greet")
    @click.option("--name")
    def command(name: str) -> None:
        click.echo(name)

    monkeypatch.setattr(Commands, "get_command", lambda *_: command)

    assert run("greet", MESHGEN_GREET_NAME="Ada").out == "Ada\n"


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", "complete -o nosort -F _meshgen_completion meshgen"),
        ("zsh", "#compdef meshgen"),
        ("fish", "complete --no-files --command meshgen"),
    ],
)
def test_each_shell_gets_its_completion_script(shell: str, line: str) -> None:
    result = start(_MESHGEN_COMPLETE=f"{shell}_source")

    assert result.returncode == 0
    assert line in result.stdout


def test_completion_offers_the_commands() -> None:
    result = start(_MESHGEN_COMPLETE="bash_complete", COMP_WORDS="meshgen ", COMP_CWORD="1")

    assert result.stdout.splitlines() == [f"plain,{name}" for name in COMMANDS]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("output", ["/dev/full", "&-"])
@pytest.mark.parametrize("words", ["--help", "--version", "schema", "rules", "init a", "render ."])
def test_output_that_cannot_be_written_is_said_in_one_line(words: str, output: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: a, namespace: n}\n"
        "spec: {ports: [{name: http, port: 80}], selector: {app: a}}\n"
    )
    command = ["sh", "-c", f"exec '{sys.executable}' -m meshgen {words} >{output}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("standard output cannot be written: ")
    assert result.stderr.count("\n") == 1
