"""One file a command: what there is to ask is read from this folder, without running any of it."""

from __future__ import annotations

import os

_FOLDER = os.path.dirname(__file__)  # not pathlib, which alone would double the cost of `meshgen --help`

_USAGE = """\
Usage: meshgen [OPTIONS] COMMAND [ARGS]...

  Turns short typed specs of services into the Kubernetes and Istio YAML that
  runs them, and checks that YAML as a cluster would.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.
"""

_EPILOG = """\
meshgen COMMAND --help tells more of each. Data goes to standard output, all
else to standard error. Exit codes: 0 clean, 1 errors in the input or drift,
2 wrong usage, 3 a bug in meshgen.
"""


def modules() -> dict[str, str]:
    """Each command's name and its module's, sorted; `import` stands in `import_`, for it is a Python keyword."""
    files = sorted(file for file in os.listdir(_FOLDER) if file.endswith(".py") and file != "__init__.py")
    return {file.removesuffix(".py").rstrip("_"): file.removesuffix(".py") for file in files}


def summary(module: str) -> str:
    """What a command does: the words that its module opens with, after `` `meshgen NAME`: ``."""
    with open(f"{_FOLDER}/{module}.py", encoding="utf-8") as file:
        words = file.readline().strip().strip('"').partition("`: ")[2]
    return words[:1].upper() + words[1:]


def overview() -> str:
    """What `meshgen --help` says."""
    found = modules()
    width = max(map(len, found), default=0)
    listed = "".join(f"  {name:{width}}  {summary(module)}\n" for name, module in found.items())
    return f"{_USAGE}\nCommands:\n{listed}\n{_EPILOG}"
