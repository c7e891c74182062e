"""How meshgen starts: help and version are answered at once, everything else is click's."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process and exit with its code."""
    match sys.argv[1:]:
        case ["--help" | "-h"]:
            from meshgen.commands import overview

            sys.stdout.write(overview())
        case ["--version"]:
            from meshgen import __version__

            sys.stdout.write(f"meshgen {__version__}\n")
        case _:
            _collect_nothing()
            from meshgen.cli import group

            group.main(prog_name="meshgen")


def _collect_nothing() -> None:
    """Spare this process the search for cycles, here and at its end: all that it holds goes with it anyway."""
    import atexit
    import gc

    gc.disable()
    atexit.register(gc.freeze)


if __name__ == "__main__":
    main()
