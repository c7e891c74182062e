"""How meshgen starts: help and version are answered at once, everything else is click's."""

from __future__ import annotations

import os
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
            # Pydantic would read the metadata of every installed package, to see which of them want to watch it.
            os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
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
