"""Jinja2 as our templates use it: each `{{ value }}` is a whole YAML value, safe from every reader's misunderstanding.

A template shows the object that it makes, line by line. A value stands alone on its line, behind its
key or its dash or by itself:

    name: {{ service.name }}          a text, number or truth value behind its key
    labels: {{ service.labels }}      a mapping or list as a block below its key
    - {{ host }}                      an item of a list
    {{ workload.rest }}               the entries of a mapping, in the column where it stands

A value of None takes its whole line away. Anything else in the place of a value is refused when the
template is loaded, so that nothing reaches the output except through the emitter; and so are calls,
subscripts and names that begin with an underscore: a template reads named values of ours and nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment

from meshgen import __version__
from meshgen.emitter import block, entry

_LINE = re.compile(r"^(?P<head> *(?:(?:- )*[A-Za-z][A-Za-z0-9]*:|(?:- )*-)?) ?\{\{ (?P<value>[^{}]+) \}\}$")
_PART = re.compile(r'^\{% include "(?P<name>parts/[a-z]+\.yaml\.j2)" %\}\n', re.MULTILINE)
_REFUSED = (nodes.Call, nodes.Getitem, nodes.Import, nodes.FromImport, nodes.Include)


class _Loader(jinja2.FileSystemLoader):
    """Puts the parts in, and turns each line with a value into a call of the emitter that knows the key and its column."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The rewritten template, its file, and whether it is still current (a run does not look again)."""
        source, file, _ = super().get_source(environment, template)
        read = super().get_source
        source = _PART.sub(lambda match: _bare(read(environment, match["name"])[0]), source)
        return _with_calls(source, template), file, lambda: True


def _bare(part: str) -> str:
    """A part without the comment that it begins with."""
    return re.sub(r"\A\{#.*?#\}\n", "", part)


def _with_calls(source: str, template: str) -> str:
    lines = []
    before = ""
    for number, line in enumerate(source.split("\n"), 1):
        value = _call(line, number, template) if "{{" in line else None
        # The emitter ends its own line; a comment around the template's line break takes that one away.
        lines.append(before + (line if value is None else value + "{#"))
        before = "" if value is None else "#}"
    return "\n".join(lines) + before


def _call(line: str, number: int, template: str) -> str:
    match = _LINE.match(line)
    if match is None:
        raise jinja2.TemplateSyntaxError("a value stands alone on its line, behind its key or dash", number, template)
    head, value = match["head"], match["value"]
    column = len(head) - len(head.lstrip(" -"))
    if not head.strip():
        return f"{{{{ ({value}) | entries({column}) }}}}"
    return f"{{{{ ({value}) | entry({head!r}, {column}) }}}}"


class _Environment(SandboxedEnvironment):
    """What a template may do is checked when it is compiled; so reading a value needs no check each time."""

    getattr = staticmethod(getattr)  # type: ignore[assignment]

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        for node in source.find_all((*_REFUSED, nodes.Getattr)):
            if not isinstance(node, nodes.Getattr):
                raise jinja2.TemplateSyntaxError(
                    f"a template has no {type(node).__name__}", node.lineno, name, filename
                )
            if node.attr.startswith("_"):
                raise jinja2.TemplateSyntaxError(f"{node.attr!r} is not a template's", node.lineno, name, filename)
        return super()._generate(source, name, filename, defer_init)


_written: dict[tuple[int, str], tuple[Any, str]] = {}
"""Blocks written already, with their values, which so cannot make room for others of the same id."""


def _entry(value: Any, head: str, indent: int) -> str:
    """The emitter's entry. Labels and retries, say, stand in many objects of a service: they are written once."""
    kind = type(value)
    if kind is not dict:
        return entry(value, head, indent)
    key = id(value), head
    known = _written.get(key)
    if known is None:
        if len(_written) > 1_000:
            _written.clear()
        known = _written[key] = value, entry(value, head, indent)
    return known[1]


def _entries(value: Any, indent: int) -> str:
    return block(value, indent) if value else ""


def _folder() -> Path:
    """Inside an installed package, or beside it in a checkout."""
    inside = Path(__file__).with_name("templates")
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def _compiled() -> jinja2.BytecodeCache | None:
    """Where compiled templates are kept between runs: compiling them takes longer than rendering ten services."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.join(cache_home, "meshgen", f"templates-{__version__}")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return None
    is_ours = os.access(folder, os.W_OK) and os.stat(folder).st_uid == os.geteuid()
    return jinja2.FileSystemBytecodeCache(folder) if is_ours else None


@cache
def environment() -> jinja2.Environment:
    """The one environment of all templates."""
    made = _Environment(
        loader=_Loader(_folder()),
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_compiled(),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters["entry"] = _entry
    made.filters["entries"] = _entries
    return made


@cache
def templates(scope: str) -> tuple[jinja2.Template, ...]:
    """The templates of a folder below templates/, in the order of their names."""
    names = sorted(path.name for path in (_folder() / scope).glob("*.yaml.j2"))
    return tuple(environment().get_template(f"{scope}/{name}") for name in names)


def render(scope: str, **values: Any) -> Iterator[str]:
    """What each template of `scope` makes of the values; a template that comes out blank makes nothing."""
    for template in templates(scope):
        # What template.render does, without copying Jinja2's global names, which no template of ours uses.
        text = "".join(template.root_render_func(template.new_context(values, shared=True)))
        if text and not text.isspace():
            yield text
