"""How meshgen starts: help and version are answered at once, everything else is click's."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from types import ModuleType


def main() -> None:
    """Run the command line of this process and exit with its code."""
    match sys.argv[1:]:
        case ["--help" | "-h"]:
            from meshgen.commands import overview

            _tell(overview())
        case ["--version"]:
            from meshgen import __version__

            _tell(f"meshgen {__version__}\n")
        case _:
            gc.disable()  # what would be found is little, and goes with the process anyway
            _without_plugins()
            from meshgen.cli import group

            try:
                group.main(prog_name="meshgen")
            except SystemExit as end:
                _leave(end)


def _without_plugins() -> None:
    """Have pydantic not look for packages that want to watch it, nor import what it would look with: 10 ms a start.

    Its loader is there when something else of it is asked for, as a version to come may do.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if os.environ["PYDANTIC_DISABLE_PLUGINS"] not in ("__all__", "1", "true"):
        return
    loader = ModuleType("pydantic.plugin._loader")

    def all_else(name: str) -> object:
        if name.startswith("__"):  # what Python asks every module for
            raise AttributeError(name)
        sys.modules.pop(loader.__name__, None)
        return getattr(import_module(loader.__name__), name)

    vars(loader).update(get_plugins=tuple, __getattr__=all_else)
    sys.modules[loader.__name__] = loader


def _tell(words: str) -> None:
    """Write words to standard output; one line where that is closed or full."""
    try:
        if sys.stdout is None:
            raise OSError(0, "it is closed")
        sys.stdout.write(words)
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(141)
    except OSError as error:
        sys.stderr.write(f"standard output cannot be written: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(1)


def _leave(end: SystemExit) -> None:
    """End at once: Python would first take apart, piece by piece, all that the process holds.

    Only where nothing is lost by that: no output, nothing that somebody wants done at the end, no profile of the run.
    """
    import atexit

    if not isinstance(end.code, int) or _is_watched():
        raise end
    atexit._run_exitfuncs()  # noqa: SLF001 - the one thing of an orderly end that can be seen
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # closed or full, which Python tells in its own way
        raise end from None
    os._exit(end.code)


def _is_watched() -> bool:
    """Whether a profiler, debugger or the like wants to see the end; since Python 3.12 they may say so in two ways."""
    monitoring = getattr(sys, "monitoring", None)
    tools = [monitoring.get_tool(number) for number in range(6)] if monitoring else []
    return any([sys.getprofile(), sys.gettrace(), *tools])


if __name__ == "__main__":
    main()
