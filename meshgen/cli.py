"""The click group: finds the files of commands/, and turns every way to end into text and an exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from importlib import import_module
from typing import Any

import click

from meshgen import __version__, commands, reporter
from meshgen.diagnostic import MeshgenError

_BUG = """\
This is a bug in meshgen, not in your specs. Report it with the lines above, the output of
`meshgen --version` and the smallest spec that shows it.
"""

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Why a file that somebody redirected the output to cannot take more."""


class Commands(click.Group):
    """What stands in meshgen/commands/, each file imported only when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands, sorted."""
        return list(commands.modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The `command` of the file that is named for it, or None where there is no such file."""
        module = commands.modules().get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(f"meshgen.commands.{module}").command
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The same words that are shown where click is not even imported."""
        formatter.write(commands.overview())

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C, or a reader of the output who has gone away, ends it without a word."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(141)
        except KeyboardInterrupt:
            ctx.exit(130)
        except OSError as error:
            if error.filename is not None or error.errno not in _UNWRITABLE:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
            click.echo(f"standard output cannot be written: {error.strerror}", err=True)
            ctx.exit(1)
        return result

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line and exit: 0 clean, 1 errors in the input or drift, 2 wrong usage, 3 a bug."""
        _speak_utf8()
        if sys.stdout is None:  # it was closed when the process began
            sys.exit("standard output cannot be written: it is closed")
        try:
            return super().main(*args, **extra)
        except MeshgenError as error:
            click.echo(reporter.text(error.diagnostics), err=True, nl=False)
            click.echo(reporter.summary(error.diagnostics), err=True)
            sys.exit(1)
        except Exception:  # noqa: BLE001 - a bug, shown as such
            traceback.print_exc()
            click.echo(_BUG, err=True, nl=False)
            sys.exit(3)


def _speak_utf8() -> None:
    """Make output the same bytes in every locale and on every system."""
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors, newline="\n")


@click.group(
    "meshgen",
    cls=Commands,
    context_settings={"auto_envvar_prefix": "MESHGEN", "help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def group() -> None:
    """Short typed specs of services in; the Kubernetes and Istio YAML that runs them out."""
