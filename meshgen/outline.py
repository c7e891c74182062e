"""A template's lines, each as the line of Python that puts its value into the object's data, and into its text.

In a template stands at what depth each value belongs, so nothing needs to be found out when it runs:
a mapping in column 4 is called `map4`, a list in column 2 `list2`.

      ports:                          list2 = map2['ports'] = []; write('  ports:\\n')
    {% for port in service.ports %}
      - name: {{ port.name }}         map4 = {}; list2.append(map4)
                                      map4['name'] = value = port.name; write(... '  - name:', value ...)
        protocol: TCP                 map4['protocol'] = 'TCP'; write('    protocol: TCP\\n')
        port: {{ port.number }}       if (value := port.number) is not None: map4['port'] = value; write(...)
    {% endfor %}
                                      if not list2: text[-1] = '  ports: []\\n'

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
_EMPTY = {"l": "[]", "m": "{}"}
"""What an empty block is, by the first letter of its name."""

_BEGIN, _MIDDLE, _END = {"if", "for"}, {"elif", "else"}, {"endif", "endfor"}


class NoTemplate(ValueError):
    """What is wrong with a template, and in which line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


_BEFORE = "map0 = {}; text = []; write = text.append; tails, numbers, entry, item, entries = environment.printers"
"""What a template begins with: `tails` has what stands behind a key or dash, the others print all else (see emitter)."""


def rewritten(source: str) -> str:
    """The template, line for line, as one that makes data and its text. Raises NoTemplate where its lines show no object."""
    outline = _Outline(source.split("\n"))
    return _step(_BEFORE) + "\n".join(outline) + "".join(map(_step, outline.ends())) + _step("yield map0, text")


def _step(code: str) -> str:
    return f"{{{{ ({code!r},) }}}}"


class _Outline:
    """The lines of a template, with the blocks that stand open at each."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._number = 0
        self._open = ["map0"]
        self._outside: list[int] = []
        """For each `if` and `for` around a line: how many blocks were open before. What opens inside ends there."""
        self._keys: dict[str, str] = {}
        """The line of each open block that has a key."""
        self._inserted: set[str] = set()
        """The mappings into which others are put whole: their keys are looked at, so that none is written twice."""

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, 1):
            self._number = number
            if control := _CONTROL.fullmatch(line):
                yield "".join(map(_step, self._control(control["word"]))) + line
            elif not line or _COMMENT.fullmatch(line):
                yield line
            elif match := _LINE.fullmatch(line):
                yield "".join(f"{{{{ ({', '.join(parts)},) }}}}" for parts in self._steps(match))
            else:
                raise self._wrong("a line of a template is 'key: value', '- value' or a value")

    def ends(self) -> Iterator[str]:
        """What is done at the end of the template."""
        return self._closed(0)

    def _control(self, word: str) -> Iterator[str]:
        if word in _BEGIN:
            # What ends with the next line ends before the condition, whether it is met or not.
            following = _LINE.fullmatch(self._below())
            name = _name(following) if following else ""
            if name in self._open:
                yield from self._closed(self._open.index(name) + 1)
            self._outside.append(len(self._open))
        elif (word in _MIDDLE or word in _END) and self._outside:
            yield from self._closed(self._outside[-1])
            if word in _END:
                self._outside.pop()

    def _closed(self, level: int) -> Iterator[str]:
        """Close the blocks from a level on, the innermost first: what of them has a key and stayed empty says so."""
        while len(self._open) > level:
            name = self._open.pop()
            if key := self._keys.pop(name, ""):
                yield f"if not {name}: text[-1] = {f'{key} {_EMPTY[name[0]]}{chr(10)}'!r}"

    def _steps(self, match: re.Match[str]) -> Iterator[list[str]]:
        """What a line does, one step after the other: a dash begins an item, and then a key or value follows."""
        column, name, is_first = len(match["indent"]), _name(match), False
        if name not in self._open:
            raise self._wrong("the line stands in the column of no mapping or list that is open there")
        level = self._open.index(name) + 1
        if self._outside and level < self._outside[-1]:
            raise self._wrong("what stands around a condition ends before it or behind it")
        yield from ([repr(code)] for code in self._closed(level))
        if match["dash"] and match["key"]:
            column, items, name, is_first = column + 2, name, f"map{column + 2}", True
            self._open.append(name)
            self._inserted.discard(name)
            yield [repr(f"{name} = {{}}; {items}.append({name})")]
        if match["key"]:
            yield from self._entry(name, column, match["key"], match["value"], is_first=is_first)
        elif match["dash"]:
            other = f"item(value, {column}, text)"
            yield _set(self._value(match["alone"]), f"{name}.append(value)", f"{match['indent']}-", other)
        elif expression := _VALUE.fullmatch(match["alone"]):
            self._inserted.add(name)
            yield ["'value = '", f"({expression['expression']})", repr(f"; environment.insert(value, {name})")]
            yield [repr(f"if value: entries(value, {column}, text)")]
        else:
            raise self._wrong("a value stands behind its key or its dash")

    def _entry(self, mapping: str, column: int, key: str, value: str | None, *, is_first: bool) -> Iterator[list[str]]:
        if mapping in self._inserted:
            yield [repr(f"environment.refuse_twice({key!r}, {mapping})")]
        head = f"{' ' * (column - 2)}- {scalar(key)}:" if is_first else f"{' ' * column}{scalar(key)}:"
        if value is not None:
            put, other = f"{mapping}[{key!r}] = value", f"entry({head!r}, value, {column}, text)"
            yield _set(self._value(value), put, head, other, always=is_first)
            return
        is_list = self._is_list_below(column)
        name = f"list{column}" if is_list else f"map{column + 2}"
        self._open.append(name)
        self._inserted.discard(name)
        self._keys[name] = head
        yield [repr(f"{name} = {mapping}[{key!r}] = {'[]' if is_list else '{}'}; write({head + chr(10)!r})")]

    def _value(self, text: str) -> tuple[str, str]:
        """What stands in the place of a value as an expression of Jinja2, and its text in the output if that is known."""
        if expression := _VALUE.fullmatch(text):
            return f"({expression['expression']})", ""
        value = resolve(text)
        if value is None or isinstance(value, Odd) or scalar(value) != text:
            raise self._wrong(f"{text!r} is no value that stands so in the output; write it as {{{{ ... }}}}")
        return repr(value), text

    def _below(self) -> str:
        """The next line that is none of Jinja2's."""
        return next((line for line in self._lines[self._number :] if line and "{%" not in line), "")

    def _is_list_below(self, column: int) -> bool:
        """Whether the next line that is none of Jinja2's begins with a dash in the column, or else two columns deeper."""
        below = self._below()
        indent = len(below) - len(below.lstrip(" "))
        if indent == column and below[column:].startswith("- "):
            return True
        if indent == column + 2:
            return False
        raise self._wrong("nothing stands below this key")

    def _wrong(self, message: str) -> NoTemplate:
        return NoTemplate(message, self._number)


def _name(match: re.Match[str]) -> str:
    """The block in which a line stands."""
    return f"{'list' if match['dash'] else 'map'}{len(match['indent'])}"


def _set(value: tuple[str, str], put: str, head: str, other: str, *, always: bool = False) -> list[str]:
    """The code around a value: it is put into the data, and its line is written, `head` and what stands behind that.

    `other` prints what is no text or number of one line. A value of None takes its line away, unless that must `always`
    be there: it begins an item.
    """
    expression, known = value
    if known:
        return ["'value = '", expression, repr(f"; {put}; write({f'{head} {known}{chr(10)}'!r})")]
    tail = "tails[value] if (kind := type(value)) is str else numbers[value] if kind is int else ''"
    write = f"{put}; write({head!r} + tail) if (tail := {tail}) else {other}"
    if always:
        return ["'value = '", expression, repr(f"; {write}")]
    return ["'if (value := '", expression, repr(f") is not None: {write}")]
