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

import ast
import re
from collections.abc import Mapping
from keyword import iskeyword
from types import CodeType

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import exported
from jinja2.sandbox import SandboxedEnvironment

from meshgen.outline import NoTemplate, rewritten

_PART = re.compile(r'^\{% include "(?P<name>parts/[a-z]+\.yaml\.j2)" %\}\n', re.MULTILINE)
_REFUSED = (nodes.Call, nodes.Filter, nodes.Getitem, nodes.Import, nodes.FromImport, nodes.Include)

_GIVEN = "missing = environment.missing; Undefined = environment.undefined\n"
"""What templating gives a compiled template, in the line where it would import Jinja2."""
_NOT_GIVEN = set(exported) - {"missing", "Undefined"}


def whole(name: str, texts: Mapping[str, bytes]) -> str:
    """The template of that name with the parts that it includes, each without the comment that it begins with."""
    return _PART.sub(lambda match: re.sub(r"\A\{#.*?#\}\n", "", texts[match["name"]].decode()), texts[name].decode())


def compiled(source: str, file: str) -> CodeType:
    """A template's code, whose tracebacks show the template's own lines. Raises jinja2.TemplateSyntaxError."""
    try:
        lines = rewritten(source)
    except NoTemplate as error:
        raise jinja2.TemplateSyntaxError(str(error), error.line, filename=file) from None
    tree = ast.parse(_ENVIRONMENT.compile(lines, filename=file, raw=True))
    places = _places(tree)
    for node in ast.walk(tree):
        if not isinstance(node, (ast.expr, ast.stmt, ast.excepthandler, ast.arg, ast.keyword)):
            continue
        line = next((template for template, line in places if line <= node.lineno), 1)
        if isinstance(node, ast.Name) and node.id in _NOT_GIVEN:
            raise jinja2.TemplateSyntaxError(f"a template has no {node.id}", line, filename=file)
        node.lineno = node.end_lineno = line
        node.col_offset = node.end_col_offset = -1
    return compile(tree, file, "exec")


def _places(tree: ast.Module) -> list[tuple[int, int]]:
    """From the last to the first: a line of the template, and the line at which its code begins."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "debug_info":
            pairs = [pair.partition("=") for pair in ast.literal_eval(node.value).split("&") if pair]
            return [(int(template), int(line)) for template, _, line in reversed(pairs)]
    raise AssertionError("Jinja2 says no more which line a template's code comes from")


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
        return _GIVEN + super()._generate(source, name, filename, defer_init).partition("\n")[2]


_ENVIRONMENT = _Environment(undefined=jinja2.StrictUndefined)
