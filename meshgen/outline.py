"""A template's lines, each as the line of Python that puts its value into the object's data.

In a template stands at what depth each value belongs, so nothing needs to be found out when it runs:
a mapping in column 4 is called `map4`, a list in column 2 `list2`.

      ports:                          list2 = map2['ports'] = []
    {% for port in service.ports %}
      - name: {{ port.name }}         map4 = {}; list2.append(map4)
                                      if (value := port.name) is not None: map4['name'] = value
        protocol: TCP                 map4['protocol'] = 'TCP'
    {% endfor %}

Such a line is handed on as `{{ (code, value, code) }}`: text of Python, and between it what Jinja2 compiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshgen.emitter import scalar
from meshgen.plain import Odd, resolve

_CONTROL = re.compile(r" *\{% (?P<word>if|elif|else|endif|for|endfor|set)\b[^{}]* %\}")
_COMMENT = re.compile(r" *\{#[^{}]*#\}")
_VALUE = re.compile(r"\{\{ (?P<expression>[^{}]+) \}\}")
_LINE = re.compile(
    r"(?P<indent> *)(?P<dash>- )?(?:(?P<key>[A-Za-z][A-Za-z0-9]*):(?: (?P<value>[^ ].*))?|(?P<alone>[^ ].*))"
)
_BEGIN, _MIDDLE, _END = {"if", "for"}, {"elif", "else"}, {"endif", "endfor"}


class NoTemplate(ValueError):
    """What is wrong with a template, and in which line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def rewritten(source: str) -> str:
    """The template, line for line, as one that makes data (`map0` of them all). Raises NoTemplate where its lines show no object."""
    outline = _Outline(source.split("\n"))
    return '{{ ("map0 = {}",) }}' + "\n".join(outline) + '{{ ("yield map0",) }}'


class _Outline:
    """The lines of a template, with the blocks that stand open at each."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._number = 0
        self._open = ["map0"]
        self._outside: list[int] = []
        """For each `if` and `for` around a line: how many blocks were open before. What opens inside ends there."""
        self._inserted: set[str] = set()
        """The mappings into which others are put whole: their keys are looked at, so that none is written twice."""

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, 1):
            self._number = number
            if control := _CONTROL.fullmatch(line):
                self._control(control["word"])
                yield line
            elif not line or _COMMENT.fullmatch(line):
                yield line
            elif match := _LINE.fullmatch(line):
                yield "".join(f"{{{{ ({', '.join(parts)},) }}}}" for parts in self._steps(match))
            else:
                raise self._wrong("a line of a template is 'key: value', '- value' or a value")

    def _control(self, word: str) -> None:
        if word in _BEGIN:
            self._outside.append(len(self._open))
        elif (word in _MIDDLE or word in _END) and self._outside:
            del self._open[self._outside[-1] :]
            if word in _END:
                self._outside.pop()

    def _steps(self, match: re.Match[str]) -> Iterator[list[str]]:
        """What a line does, one step after the other: a dash begins an item, and then a key or value follows."""
        column = len(match["indent"])
        if match["dash"] and match["key"]:
            items = self._block(f"list{column}")
            column += 2
            yield [repr(f"{self._opened(f'map{column}')} = {{}}; {items}.append(map{column})")]
        if match["dash"] and not match["key"]:
            items = self._block(f"list{column}")
            yield _set(self._value(match["alone"]), f"{items}.append(", ")")
        elif match["key"]:
            yield from self._entry(self._block(f"map{column}"), column, match["key"], match["value"])
        elif expression := _VALUE.fullmatch(match["alone"]):
            mapping = self._block(f"map{column}")
            self._inserted.add(mapping)
            yield [repr("environment.insert("), f"({expression['expression']})", repr(f", {mapping})")]
        else:
            raise self._wrong("a value stands behind its key or its dash")

    def _entry(self, mapping: str, column: int, key: str, value: str | None) -> Iterator[list[str]]:
        if mapping in self._inserted:
            yield [repr(f"environment.refuse_twice({key!r}, {mapping})")]
        if value is not None:
            yield _set(self._value(value), f"{mapping}[{key!r}] = ", "")
        elif self._is_list_below(column):
            yield [repr(f"{self._opened(f'list{column}')} = {mapping}[{key!r}] = []")]
        else:
            yield [repr(f"{self._opened(f'map{column + 2}')} = {mapping}[{key!r}] = {{}}")]

    def _value(self, text: str) -> tuple[str, bool]:
        """What stands in the place of a value as an expression of Jinja2, and whether it may be None."""
        if expression := _VALUE.fullmatch(text):
            return f"({expression['expression']})", True
        value = resolve(text)
        if value is None or isinstance(value, Odd) or scalar(value) != text:
            raise self._wrong(f"{text!r} is no value that stands so in the output; write it as {{{{ ... }}}}")
        return repr(value), False

    def _block(self, name: str) -> str:
        """The open block of that name; all that stand deeper end here."""
        if name not in self._open:
            raise self._wrong("the line stands in the column of no mapping or list that is open there")
        del self._open[self._open.index(name) + 1 :]
        return name

    def _opened(self, name: str) -> str:
        self._open.append(name)
        self._inserted.discard(name)
        return name

    def _is_list_below(self, column: int) -> bool:
        """Whether the next line that is none of Jinja2's begins with a dash in the column, or else two columns deeper."""
        below = next((line for line in self._lines[self._number :] if line and "{%" not in line), "")
        indent = len(below) - len(below.lstrip(" "))
        if indent == column and below[column:].startswith("- "):
            return True
        if indent == column + 2:
            return False
        raise self._wrong("nothing stands below this key")

    def _wrong(self, message: str) -> NoTemplate:
        return NoTemplate(message, self._number)


def _set(value: tuple[str, bool], before: str, after: str) -> list[str]:
    """The code around a value; one of None takes its line away."""
    expression, may_be_none = value
    if may_be_none:
        return [repr("if (value := "), expression, repr(f") is not None: {before}value{after}")]
    return [repr(before), expression, repr(after)]
