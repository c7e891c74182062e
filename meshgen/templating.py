"""Running the templates: each makes an object's data and its text.

Compiled, they are kept between runs: to compile them takes longer than to render ten services, and so does importing
Jinja2, which nobody needs afterwards. How a template looks is told in `compiling`.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from types import CodeType
from typing import Any, NoReturn

from meshgen import __version__, emitter

Data = dict[str, Any]
Template = Callable[["Context"], Iterator[tuple[Data, list[str]]]]
"""Gives once what it makes of the names of a context; the data stays empty where there is nothing to be made."""


class Environment:
    """What compiled templates ask for, besides the names of their context."""

    missing = object()
    """Stands for a name that nobody gave."""
    concat = "".join
    printers = emitter.tails, emitter.numbers, emitter.entry, emitter.item, emitter.entries

    @staticmethod
    def undefined(hint: str = "", *, name: str = "") -> NoReturn:
        """What is not there is wrong wherever it stands."""
        raise NameError(hint or f"{name!r} is undefined")

    @staticmethod
    def insert(entries: Data | None, mapping: Data) -> None:
        """What a mapping alone on its line does."""
        for key in entries or ():
            Environment.refuse_twice(key, mapping)
        mapping.update(entries or ())

    @staticmethod
    def refuse_twice(key: str, mapping: Data) -> None:
        """Two lines of a template must not write one key: the first would be lost."""
        if key in mapping:
            raise ValueError(f"a template writes {key!r} twice")


class Context:
    """The names that a template can read."""

    def __init__(self, values: Data) -> None:
        self._values = values
        self.vars: Data = {}
        """Those that it sets itself; Jinja2 asks for them, and for `exported_vars`."""
        self.exported_vars: set[str] = set()

    def resolve_or_missing(self, name: str) -> Any:
        """The value of a name."""
        return self._values.get(name, Environment.missing)


def template(code: CodeType) -> Template:
    """The function of a compiled template."""
    names: Data = {"environment": Environment}
    exec(code, names)  # noqa: S102 - made of a template of ours
    found: Template = names["root"]
    return found


def make(scope: str, **values: Any) -> list[tuple[Data, str]]:
    """The data that each template of `scope` makes of the values, with its text; one that comes out empty makes nothing."""
    found = []
    for run in templates(scope):
        ((data, text),) = run(Context(values))
        if data:
            found.append((data, "".join(text)))
    return found


@cache
def templates(scope: str) -> tuple[Template, ...]:
    """The templates of a folder below templates/, in the order of their names."""
    return tuple(template(code) for name, code in codes().items() if name.startswith(f"{scope}/"))


@cache
def codes() -> dict[str, CodeType]:
    """The code of each template by its name, which is its path below templates/."""
    texts, kept = _texts(), _kept()
    here = os.path.dirname(__file__)
    made_by = [_bytes(os.path.join(here, name)) for name in ("compiling.py", "outline.py", "emitter.py")]
    made_of = (texts, made_by, _version_of("jinja2"))
    if kept is not None:
        with suppress(OSError, EOFError, ValueError, TypeError):  # there is none, or it is broken
            there, found = marshal.loads(_bytes(kept))  # noqa: S302 - in a folder that is ours alone
            if there == made_of:
                return dict(found)
    from meshgen.compiling import compiled, whole

    made = {
        name: compiled(whole(name, texts), os.path.join(_folder(), name))
        for name in texts
        if not name.startswith("parts/")
    }
    if kept is not None:
        with suppress(OSError):
            _keep(marshal.dumps((made_of, made)), kept)
    return made


def _folder() -> str:
    """Inside an installed package, or beside it in a checkout."""
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, "templates")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), "templates")


def _texts() -> dict[str, bytes]:
    """All templates and parts, in the order of their names."""
    folder = _folder()
    scopes = [entry.name for entry in os.scandir(folder) if entry.is_dir()]
    names = [f"{scope}/{file}" for scope in scopes for file in os.listdir(os.path.join(folder, scope))]
    return {name: _bytes(os.path.join(folder, name)) for name in sorted(names) if name.endswith(".yaml.j2")}


def _bytes(file: str) -> bytes:
    with open(file, "rb") as opened:
        return opened.read()


def _version_of(package: str) -> tuple[str, int, int]:
    """What changes when a package is installed anew; to ask for its version takes longer than all the rest."""
    spec = importlib.util.find_spec(package)
    origin = spec.origin if spec is not None else None
    status = os.stat(origin or __file__)
    return origin or "", status.st_mtime_ns, status.st_size


def _kept() -> str | None:
    """The file in which compiled templates are kept, each version of Python with its own; None where none can be."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.join(cache_home, "meshgen", f"templates-{__version__}")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return None
    is_ours = os.access(folder, os.W_OK) and os.stat(folder).st_uid == os.geteuid()
    return (
        os.path.join(folder, f"{sys.implementation.cache_tag}-{importlib.util.MAGIC_NUMBER.hex()}") if is_ours else None
    )


def _keep(content: bytes, file: str) -> None:
    """Write a file so that others, at any moment, see all of it or nothing."""
    descriptor, name = tempfile.mkstemp(dir=os.path.dirname(file))
    try:
        with open(descriptor, "wb") as opened:
            opened.write(content)
        os.replace(name, file)
    except OSError:
        os.unlink(name)
        raise
