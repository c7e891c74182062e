"""Which files are meshgen's own: the first line that says from which specs a file was made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

STDIN = "-"
"""The label of what was read from standard input."""

MARK = b"# Made by meshgen from "
"""What each file of ours begins with."""

_MARK = MARK.decode()
_STDIN_WORDS = "standard input"
_PLAIN = r'[^",;\\\x00-\x1f]+'
_QUOTED = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_LABEL = f"(?:{_QUOTED}|{_PLAIN})"
_LINE = re.compile(rf"{_MARK}({_LABEL}(?:, {_LABEL})*); change (?:that|those)\.\r?")
_LABELS = re.compile(rf"(?:\A|, )({_LABEL})")

# Quoted: what separates labels, and what breaks lines or is not seen. A list of our own, because Python's
# idea of what can be printed grows with every version, and the same specs must give the same bytes.
_ODD = re.compile(
    r'[\x00-\x1f\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff",;\\]'
    r"|^ | \Z|^\Z"
)
_HIDDEN_OR_OUTSIDE = re.compile(r"(?:^|/)(?:\.|/|\Z)|\x00")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is to be: its path in the output folder, its text, and the labels of the specs it is made from.

    `path` is relative, with `/` between folders; ValueError where it leads out of the folder or to something hidden.
    `text` is what goes below the first line, or gives it when asked: the texts of a large fleet fill the memory.
    """

    path: str
    text: str | Callable[[], str]
    sources: tuple[str, ...]

    def __post_init__(self) -> None:
        if _HIDDEN_OR_OUTSIDE.search(self.path):
            raise ValueError(f"{self.path!r} is no path below the output folder")
        if not self.sources:
            raise ValueError(f"{self.path!r} is made from nothing")

    @property
    def content(self) -> bytes:
        """The file's bytes, made anew at each call."""
        text = self.text if isinstance(self.text, str) else self.text()
        return (first_line(self.sources) + text).encode()


@lru_cache
def first_line(sources: tuple[str, ...]) -> str:
    """Give the line by which meshgen knows its own, with its line feed."""
    labels = [_STDIN_WORDS if label == STDIN else quoted(label) for label in sources]
    return f"{_MARK}{', '.join(labels)}; change {'that' if len(labels) == 1 else 'those'}.\n"


def made_from(line: bytes) -> tuple[str, ...] | None:
    """Give the labels in a file's first line (without line feed), or None where meshgen did not make that file."""
    try:
        match = _LINE.fullmatch(line.decode())
        return tuple(_label(text) for text in _LABELS.findall(match[1])) if match else None
    except ValueError:
        return None


def quoted(text: str) -> str:
    """Give `text` as it is where nobody can misread it on a line of its own, else as JSON in ASCII."""
    if text != _STDIN_WORDS and not _ODD.search(text):
        return text
    return json.dumps(text)


def strangers(sources: Iterable[str], roots: Collection[str]) -> list[str]:
    """Give the labels that are not below `roots`: a root that ends with `/` is a folder, another one a file."""
    return [label for label in sources if not _is_below(label, roots)]


def _is_below(label: str, roots: Collection[str]) -> bool:
    while label not in roots:
        label = label.rstrip("/").rpartition("/")[0] + "/"
        if label == "/":
            return False
    return True


def _label(text: str) -> str:
    if text.startswith('"'):
        label: str = json.loads(text)
        return label
    return STDIN if text == _STDIN_WORDS else text
