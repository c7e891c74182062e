"""`python -m lab`: whether this machine can run a lab, and if not, in one line what it lacks."""

from __future__ import annotations

import sys

from lab import keeping, programs
from lab.errors import Missing
from lab.remote import Remote


def main() -> int:
    """Find all programs and enter the lab's namespaces once; 1 where that does not work."""
    try:
        programs.find()
        with keeping.passing_logs() as logs:
            Remote(logs).close()
    except Missing as missing:
        sys.stderr.write(f"make lab: {missing}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
