"""Jinja2 as our templates use it: a template shows an object line by line, and running it makes its data and its text.

A value stands alone on its line, behind its key or its dash or by itself:

    name: {{ service.name }}          a text, number or truth value
    labels: {{ service.labels }}      a whole mapping or list
    - {{ host }}                      an item of a list
    {{ workload.rest }}               the entries of a mapping, among those of the mapping in whose column it stands

A value of None takes its whole line away, but the line that begins an item must have one. What stands there without
braces is the value itself. No template makes text of its own: each value is printed by the emitter as it is put into the
data, so quotes are nobody's concern, and what is checked against a schema is what is printed. Calls, filters, subscripts
and names that begin with an underscore are refused when the template is compiled: a template reads named values of ours
and nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from keyword import iskeyword
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from meshgen import __version__, emitter
from meshgen.outline import NoTemplate, rewritten

_PART = re.compile(r'^\{% include "(?P<name>parts/[a-z]+\.yaml\.j2)" %\}\n', re.MULTILINE)
_REFUSED = (nodes.Call, nodes.Filter, nodes.Getitem, nodes.Import, nodes.FromImport, nodes.Include)

Data = dict[str, Any]


class _Loader(jinja2.FileSystemLoader):
    """Puts the parts in, and makes of each line the one that puts its value into the data."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The rewritten template, its file, and whether it is still current (a run does not look again)."""
        source, file, _ = super().get_source(environment, template)
        read = super().get_source
        source = _PART.sub(lambda match: _bare(read(environment, match["name"])[0]), source)
        try:
            return rewritten(source), file, lambda: True
        except NoTemplate as error:
            raise jinja2.TemplateSyntaxError(str(error), error.line, template, file) from None


def _bare(part: str) -> str:
    """A part without the comment that it begins with."""
    return re.sub(r"\A\{#.*?#\}\n", "", part)


class _Generator(CodeGenerator):
    """Writes the lines of `outline` into the template's function, and the reading of a value as Python itself says it."""

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802 - so Jinja2 calls it
        """Write each step of a line; text between the lines is only their breaks."""
        for step in node.nodes:
            if not isinstance(step, nodes.Tuple):
                continue
            if len(step.items) not in (1, 3):
                self.fail("a value is one expression", step.lineno)
            self.newline(step)
            for number, part in enumerate(step.items):
                if number % 2:
                    self.visit(part, frame)
                else:
                    self.write(part.as_const())

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - so Jinja2 calls it
        """What a template may read is checked when it is compiled; so reading needs no check each time."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")


class _Undefined(jinja2.StrictUndefined):
    """A name that nobody gave is wrong wherever it stands."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self._fail_with_undefined_error()


class _Context(Context):
    """The names of a template, without all that Jinja2 offers besides: making that takes as long as running a template."""

    def __init__(self, values: Data) -> None:
        self.parent = values
        self.vars: Data = {}
        self.exported_vars: set[str] = set()


class _Environment(SandboxedEnvironment):
    code_generator_class = _Generator

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        for node in source.find_all((*_REFUSED, nodes.Getattr)):
            if not isinstance(node, nodes.Getattr):
                raise jinja2.TemplateSyntaxError(
                    f"a template has no {type(node).__name__}", node.lineno, name, filename
                )
            if node.attr.startswith("_") or iskeyword(node.attr):
                raise jinja2.TemplateSyntaxError(f"{node.attr!r} is not a template's", node.lineno, name, filename)
        return super()._generate(source, name, filename, defer_init)

    printers = emitter.tails, emitter.numbers, emitter.entry, emitter.item, emitter.entries

    @staticmethod
    def insert(entries: Data | None, mapping: Data) -> None:
        """What a mapping alone on its line does."""
        for key in entries or ():
            _Environment.refuse_twice(key, mapping)
        mapping.update(entries or ())

    @staticmethod
    def refuse_twice(key: str, mapping: Data) -> None:
        """Two lines of a template must not write one key: the first would be lost."""
        if key in mapping:
            raise ValueError(f"a template writes {key!r} twice")


def _folder() -> Path:
    """Inside an installed package, or beside it in a checkout."""
    inside = Path(__file__).with_name("templates")
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Compiled anew where the template has changed, or what compiles it: this file."""

    def get_source_checksum(self, source: str) -> str:
        """What must be the same for a compiled template to be used again."""
        return super().get_source_checksum(source + Path(__file__).read_text("utf-8"))


def _compiled() -> jinja2.BytecodeCache | None:
    """Where compiled templates are kept between runs: compiling them takes longer than rendering ten services."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.join(cache_home, "meshgen", f"templates-{__version__}")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return None
    is_ours = os.access(folder, os.W_OK) and os.stat(folder).st_uid == os.geteuid()
    return _Compiled(folder) if is_ours else None


@cache
def environment() -> jinja2.Environment:
    """The one environment of all templates."""
    return _Environment(
        loader=_Loader(_folder()),
        undefined=_Undefined,
        bytecode_cache=_compiled(),
        auto_reload=False,
        cache_size=-1,
    )


@cache
def templates(scope: str) -> tuple[jinja2.Template, ...]:
    """The templates of a folder below templates/, in the order of their names."""
    names = sorted(path.name for path in (_folder() / scope).glob("*.yaml.j2"))
    return tuple(environment().get_template(f"{scope}/{name}") for name in names)


def make(scope: str, **values: Any) -> list[tuple[Data, str]]:
    """The data that each template of `scope` makes of the values, with its text; one that comes out empty makes nothing."""
    context, found = _Context(values), []
    for template in templates(scope):
        try:
            made: Any = template.root_render_func(context)
            ((data, text),) = made
        except Exception:  # noqa: BLE001 - it is raised again, with the lines of the template
            template.environment.handle_exception()
        context.vars.clear()  # what `set` has left there
        if data:
            found.append((data, "".join(text)))
    return found
