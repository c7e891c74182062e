"""Templates: lines that show an object, and what running them makes of values."""

from __future__ import annotations

import marshal
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import jinja2
import pytest

from meshgen import __version__, templating
from meshgen.compiling import compiled
from meshgen.emitter import block
from meshgen.outline import NoTemplate, rewritten
from meshgen.templating import Context, make, template


def run(source: str, **values: Any) -> Any:
    """The data that a template of that text makes; its text must be what is printed of that data."""
    ((data, text),) = template(compiled(source, "a template"))(Context(values))
    assert "".join(text) == (block(data) if data else "")
    return data


A = SimpleNamespace(
    name="users", none=None, zero=0, false=False, empty={}, labels={"app": "users"}, hosts=["a", "b"], names=("x", "y")
)


def test_each_line_puts_its_value_where_it_stands() -> None:
    source = """\
{# Made always. #}
apiVersion: v1
kind: Service
metadata:
  name: {{ a.name }}
  labels: {{ a.labels }}
spec:
  clusterIP: None
  hosts: {{ a.hosts }}
  ports:
  - name: http
    port: 80
    target:
      strict: true
  - name: grpc
    items:
    - {{ a.name }}
    - other
  type: ClusterIP
"""
    assert run(source, a=A) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "users", "labels": {"app": "users"}},
        "spec": {
            "clusterIP": "None",
            "hosts": ["a", "b"],
            "ports": [
                {"name": "http", "port": 80, "target": {"strict": True}},
                {"name": "grpc", "items": ["users", "other"]},
            ],
            "type": "ClusterIP",
        },
    }


def test_a_value_of_none_takes_its_line_away_and_no_other_does() -> None:
    source = """\
none: {{ a.none }}
zero: {{ a.zero }}
false: {{ a.false }}
empty: {{ a.empty }}
list:
- {{ a.none }}
- port: 1
  name: {{ a.none }}
{{ a.none }}
"""
    assert run(source, a=A) == {"zero": 0, "false": False, "empty": {}, "list": [{"port": 1}]}


def test_the_line_that_begins_an_item_must_have_a_value() -> None:
    with pytest.raises(TypeError, match="nothing stands behind '- name:'"):
        run("list:\n- name: {{ a.none }}\n  port: 1\n", a=A)


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("map:\n  a: {{ a.none }}\nz: 1\n", {"map": {}, "z": 1}),
        ("map:\n  a: {{ a.none }}\n", {"map": {}}),
        ("map:\n  in:\n    a: {{ a.none }}\nz: 1\n", {"map": {"in": {}}, "z": 1}),
        ("list:\n- {{ a.none }}\n", {"list": []}),
        ("list:\n{% for each in a.empty %}\n- {{ each }}\n{% endfor %}\nz: 1\n", {"list": [], "z": 1}),
        ("map:\n{% if a.none %}\n  a: 1\n{% endif %}\n{% if a.none %}\nz: 1\n{% endif %}\n", {"map": {}}),
        ("map:\n{% if a.none %}\n  a: 1\n{% else %}\n  in:\n    {{ a.empty }}\n{% endif %}\n", {"map": {"in": {}}}),
        ("list:\n- map:\n    a: {{ a.none }}\n- map:\n    a: 1\n", {"list": [{"map": {}}, {"map": {"a": 1}}]}),
        ("map:\n  {{ a.empty }}\nz: 1\n", {"map": {}, "z": 1}),
        (
            "list:\n{% for each in a.names %}\n- name: {{ each }}\n  in:\n    a: {{ a.none }}\n{% endfor %}\n",
            {"list": [{"name": "x", "in": {}}, {"name": "y", "in": {}}]},
        ),
    ],
)
def test_what_has_no_lines_below_it_is_empty(source: str, data: Any) -> None:
    assert run(source, a=A) == data


VALUES: tuple[Any, ...] = ("x", "on", "", "a\nb", "a\nb\n", " ", 0, -7, 2**63 - 1, 1.5, True, False, {}, [], {"a": {"b": ["c", {"d": 1}]}}, {"a": []},
          ["a", "b\nc\n", ["d", ["e"]], {"f": {}}, [], 1, None], {"k" * 130: "v"}, {"k" * 130: [1]}, ("x", {"y": 1}), {"n": None})  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_any_value_is_printed_as_it_is_printed_elsewhere(value: Any) -> None:
    a = SimpleNamespace(value=value, entries={"first": value, "second": value})
    source = """\
a: {{ a.value }}
in:
  b: {{ a.value }}
  list:
  - {{ a.value }}
  - c: {{ a.value }}
    d: {{ a.value }}
    {{ a.entries }}
  - last
"""
    found = run(source, a=a)

    item = {"c": value, "d": value, "first": value, "second": value}
    assert found == {"a": value, "in": {"b": value, "list": [value, item, "last"]}}


def test_conditions_and_loops_choose_lines() -> None:
    source = """\
{% set names = a.names %}
list:
{% for name in names %}
- name: {{ name }}
{% if name == "x" %}
  first: true
{% else %}
  more:
    here: {{ name }}
{% endif %}
  last: 1
{% endfor %}
{% if a.none %}
never: 1
{% elif a.name %}
then: 2
{% endif %}
"""
    assert run(source, a=A) == {
        "list": [{"name": "x", "first": True, "last": 1}, {"name": "y", "more": {"here": "y"}, "last": 1}],
        "then": 2,
    }


def test_the_entries_of_a_mapping_stand_among_the_others() -> None:
    assert list(run("a: 1\n{{ a.labels }}\nz: 2\n", a=A).items()) == [("a", 1), ("app", "users"), ("z", 2)]


@pytest.mark.parametrize("source", ["app: 1\n{{ a.labels }}\n", "{{ a.labels }}\napp: 1\n"])
def test_a_key_that_entries_bring_along_is_not_written_again(source: str) -> None:
    with pytest.raises(ValueError, match="'app' twice"):
        run(source, a=A)


def test_a_template_that_comes_out_empty_makes_nothing() -> None:
    gateway = SimpleNamespace(account=None, existing=True, routes=(), headless=None, policy=None)

    assert list(make("service", service=gateway)) == []


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("a: 1\nb c\n", 2, "behind its key"),
        ("a: x {{ a.name }}\n", 1, "write it as"),
        ("a: {{ a.name }} x\n", 1, "write it as"),
        ("a: {{ a.name }}{{ a.name }}\n", 1, "write it as"),
        ('a: "x"\n', 1, "write it as"),
        ("a: 0755\n", 1, "write it as"),
        ("a: on\n", 1, "write it as"),
        ("a: null\n", 1, "write it as"),
        ("a: [x]\n", 1, "write it as"),
        ("a: b: c\n", 1, "write it as"),
        ("a: x # y\n", 1, "write it as"),
        ("a:\nb: 1\n", 1, "nothing stands below"),
        ("a:\n", 1, "nothing stands below"),
        ("a:\n   b: 1\n", 1, "nothing stands below"),
        ("a: 1\n  b: 1\n", 2, "no mapping or list"),
        ("a:\n  b: 1\n- c\n", 3, "no mapping or list"),
        ("{% if a.name %}\na:\n  b: 1\n{% endif %}\n  c: 1\n", 5, "no mapping or list"),
        ("{% if a.name %}\na:\n  b: 1\n{% else %}\n  c: 1\n{% endif %}\n", 5, "no mapping or list"),
        ("a: 1\n# no comment of ours\n", 2, "behind its key"),
        ("{% raw %}\na: 1\n{% endraw %}\n", 1, "behind its key"),
        ("a:\n  b:\n    c: 1\n{% if a.name %}\n  d: 1\n{% else %}\ne: 1\n{% endif %}\n", 7, "around a condition"),
        ("a:\n{% if a.name %}\n  b: 1\nc: 1\n{% endif %}\n", 4, "around a condition"),
        ("a: 1 {% if a.name %}\n", 1, "write it as"),
        ("{% if a.name %}a: 1{% endif %}\n", 1, "behind its key"),
    ],
)
def test_lines_that_show_no_object_are_refused_with_their_number(source: str, line: int, message: str) -> None:
    with pytest.raises(NoTemplate, match=message) as error:
        rewritten(source)

    assert error.value.line == line


@pytest.mark.parametrize(
    "expression",
    [
        "a.name()",
        "a['name']",
        "a.__class__",
        "a._x",
        "a.from",
        "a.name.upper()",
        "''.join(a)",
        "cycler(1)",
        "a.name|upper()",
        "a.name ~ a.name",
        "self",
    ],
)
def test_a_template_reads_named_values_and_nothing_else(expression: str) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError, match="a template"):
        run(f"a: {{{{ {expression} }}}}\n", a=A)


def test_a_loop_gives_the_item_and_nothing_else() -> None:
    with pytest.raises(jinja2.TemplateSyntaxError, match="a template has no LoopContext") as error:
        run("list:\n{% for each in a.names %}\n- {{ loop.index }}\n{% endfor %}\n", a=A)

    assert error.value.lineno == 2


@pytest.mark.parametrize("expression", ["a.name), (1", "a.name), ('import os'", "a.name), (a.name), (a.name"])
def test_a_value_is_one_expression(expression: str) -> None:
    with pytest.raises(jinja2.TemplateAssertionError, match="one expression"):
        run(f"a: {{{{ {expression} }}}}\n", a=A)


@pytest.mark.parametrize("source", ["x: {{ b }}\n", "x: {{ b.c }}\n", "{% if b %}\nx: 1\n{% endif %}\n", "{{ b }}\n"])
def test_a_name_that_nobody_gave_is_wrong_wherever_it_stands(source: str) -> None:
    with pytest.raises(NameError, match="'b' is undefined"):
        run(source, a=A)


def test_text_in_a_template_is_never_taken_for_code() -> None:
    assert run("""a: {{ "); import os #" }}\nb: {{ '\\'"' }}\n""") == {"a": "); import os #", "b": "'\""}


def test_a_mistake_in_a_template_shows_its_file_and_line() -> None:
    broken = SimpleNamespace(
        account=None, policy=None, headless=None, existing=False, name="a", namespace="n"
    )  # and no labels

    with pytest.raises(AttributeError) as error:
        list(make("service", service=broken))

    places = [(entry.path, entry.lineno + 1) for entry in error.traceback]
    file = Path(__file__).parent.parent / "templates" / "service" / "service.yaml.j2"
    line = 1 + file.read_text().splitlines().index("  labels: {{ service.labels }}")
    assert (file, line) in places


def test_what_one_template_sets_another_does_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (
        template(compiled(source, "a template")) for source in ("{% set x = a.name %}\nx: {{ x }}\n", "y: {{ x }}\n")
    )
    monkeypatch.setattr("meshgen.templating.templates", lambda _: (first, second))

    with pytest.raises(NameError, match="'x' is undefined"):
        list(make("any", a=A))


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which compiled templates are kept; nothing is in it, and nothing is remembered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    yield tmp_path / "meshgen" / f"templates-{__version__}"
    templating.codes.cache_clear()


def _loaded(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """The names of all templates when a process begins, and how many of them had to be compiled."""
    done = []

    def counted(source: str, file: str) -> CodeType:
        done.append(file)
        return compiled(source, file)

    monkeypatch.setattr("meshgen.compiling.compiled", counted)
    templating.codes.cache_clear()
    return list(templating.codes()), len(done)


def test_templates_are_compiled_once_and_then_kept(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names, count = _loaded(monkeypatch)
    (file,) = kept.iterdir()

    assert count == len(names) == 10
    assert kept.stat().st_mode & 0o077 == 0
    assert _loaded(monkeypatch) == (names, 0)
    assert list(kept.iterdir()) == [file]


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xe3", b"\xe9", marshal.dumps(7), marshal.dumps((1, 2, 3)), marshal.dumps((1, 2))]
)
def test_a_broken_file_of_compiled_templates_is_made_anew(
    kept: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, _ = _loaded(monkeypatch)
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    for broken in (content, whole[: len(whole) // 2], whole[:-1]):
        file.write_bytes(broken)
        assert _loaded(monkeypatch) == (names, 10)
        assert _loaded(monkeypatch) == (names, 0)


@pytest.mark.usefixtures("kept")
def test_what_a_template_is_made_of_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "templates"
    shutil.copytree(Path(__file__).parent.parent / "templates", copy)
    (copy / ".DS_Store").write_text("no template")
    monkeypatch.setattr("meshgen.templating._folder", lambda: str(copy))
    assert _loaded(monkeypatch)[1] == 10
    for name in ("parts/routes.yaml.j2", "service/service.yaml.j2"):
        with (copy / name).open("a") as file:
            file.write("{# changed #}\n")
        assert _loaded(monkeypatch)[1] == 10
    assert _loaded(monkeypatch)[1] == 0
    monkeypatch.setattr("meshgen.templating._version_of", lambda _: ("elsewhere", 1, 1))
    assert _loaded(monkeypatch)[1] == 10


def test_where_nothing_can_be_kept_templates_are_compiled_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "meshgen").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert _loaded(monkeypatch)[1] == _loaded(monkeypatch)[1] == 10
    templating.codes.cache_clear()


def test_what_could_not_be_kept_leaves_nothing_behind(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)

    assert _loaded(monkeypatch)[1] == 10
    assert list(kept.iterdir()) == []
