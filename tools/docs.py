"""Writes the generated pages and README's example, each from what it describes.

python tools/docs.py            write the pages that are stale
python tools/docs.py --check    write nothing; exit 1 and name the pages that are stale
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import click
from click.testing import CliRunner
from spec_fields import cell, spec_fields

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"

_MADE = "<!-- Made by `make docs`; change what it describes. -->\n\n"
_GROUPS = {
    "MG0": "Reading files",
    "MG1": "Specs",
    "MG2": "Lint",
    "MG3": "Schemas",
    "MG4": "Import",
    "MG5": "Output and programs",
    "MG6": "Clusters",
}


def kinds() -> str:
    """What is made, from the comment that each template opens with."""
    rows = ["| object | made | template |", "| --- | --- | --- |", *_kind_rows()]
    return f"# What meshgen makes\n\nOne template for each object, one object in each file.\n\n{_lines(rows)}"


def _kind_rows() -> Iterator[str]:
    for path in sorted(TEMPLATES.rglob("*.j2")):
        text = path.read_text(encoding="utf-8")
        comment = re.match(r"\{#-?\s*(.*?)\s*-?#\}", text, re.DOTALL)
        kind = re.search(r"^kind: (\w+)", text, re.MULTILINE)
        if comment is None:
            raise SystemExit(f"{path.relative_to(ROOT)}: the first line is no comment that says when it is made")
        if kind is not None:
            name = path.relative_to(ROOT).as_posix()
            yield f"| {kind[1]} | {cell(comment[1])} | [{name}](../{name}) |"


def codes() -> str:
    """What each code means."""
    from meshgen.codes import CODES

    page = ["# Codes", "", "Every message carries one of these. A code keeps its meaning for ever."]
    for prefix, found in groupby(sorted(CODES), key=lambda code: code[:3]):
        page += ["", f"## {_GROUPS[prefix]}"]
        for code in found:
            title, explanation = CODES[code]
            page += ["", f"### {code}: {title}", "", explanation.strip()]
    return _lines(page)


def lint_rules() -> str:
    """What each rule of lint finds: the page that its file opens with."""
    from meshgen.rules import rules
    from meshgen.rules.analysis import ANALYSIS

    page = [
        "# Rules of meshgen lint", "",
        "Each finds what the API server and Istio accept and what then fails, or does something else than it seems to.",
        "Codes in brackets are those of `istioctl analyze` that a rule covers; `meshgen rules IST0101` finds it by them.",
        "A rule says nothing where what it needs to know is not among the files: give it all that is applied together.",
        "What a rule claims is shown on real proxies, with its own examples, by `make lab CASE=rules`, unless it says `Not shown`.", "",
        "| code | rule | severity | also |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    for rule in rules():
        anchor = f"{rule.code} {rule.title}".lower().replace(" ", "-")
        page.append(f"| [{rule.code}](#{anchor}) | {rule.title} | {rule.severity.value} | {', '.join(rule.covers)} |")
    page += ["", "## Codes of istioctl analyze", "", _ANALYSIS, "", "| code | name | level | rules | how ours differs |",
             "| --- | --- | --- | --- | --- |"]  # fmt: skip
    for code, (level, name, difference) in ANALYSIS.items():
        found = ", ".join(rule.code for rule in rules() if code in rule.covers)
        page.append(f"| {code} | {name} | {level} | {found} | {cell(difference)} |")
    for rule in rules():
        text = re.sub(r"((?:^(?:    .*)?\n)*^    .*\n?)", _yaml, rule.page.strip() + "\n", flags=re.MULTILINE)
        page += ["", f"## {rule.code} {rule.title}", "", text.strip()]
    return _lines(page)


_ANALYSIS = (
    "All that Istio 1.31 has, with the level that it gives, and who finds it here; `meshgen rules IST0150` says it too."
)


def _yaml(indented: re.Match[str]) -> str:
    return f"\n```yaml\n{textwrap.dedent(indented[1]).strip()}\n```\n"


def rule_index() -> str:
    """What the files of rules say of themselves, to be known without reading them."""
    from meshgen.rules import read_index

    rows = (
        (
            *rule[:2],
            rule.severity.value,
            rule.kinds,
            rule.covers,
            tuple(sorted(rule.needs)),
            rule.worst.value,
            rule.settled,
        )
        for rule in read_index()
    )
    return _INDEX.format(rows="".join(f"    {row!r},\n" for row in rows).replace("'", '"'))


_INDEX = '''"""What the files of rules say of themselves. Made by `make docs`; change these."""

from __future__ import annotations

# Code, title, severity, kinds, covered codes, needed fields, worst severity, whether it is settled by specs.
# fmt: off
INDEX: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str, bool], ...] = (
{rows})
'''


def cli() -> str:
    """What each command says of itself when it is asked for help, and the ways to say an option once for all."""
    from meshgen.cli import group

    context = group.make_context("meshgen", [], resilient_parsing=True, terminal_width=100)
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    options = [option for command in commands.values() if command for option in command.params]
    shared = sorted({option.envvar for option in options if isinstance(option.envvar, str)})
    page = ["# The command line", "", *_block(group.get_help(context)), ""]
    page += [_ENVIRONMENT.format(shared=", ".join(f"`{name}`" for name in shared)).strip()]
    for name, command in commands.items():
        if command is not None:
            help_text = command.get_help(click.Context(command, context, name))
            page += ["", f"## meshgen {name}", "", *_block(help_text)]
    return _lines(page)


_ENVIRONMENT = """
An option can be given by an environment variable too. Those that say what the cluster is like hold for all commands:
{shared}. The others are named for the command and the option:
`MESHGEN_RENDER_OUTPUT=deploy` is `meshgen render --output deploy`. `NO_COLOR` turns colours off.

The shell completes commands, options and files once its start-up file has one of these lines:

    eval "$(_MESHGEN_COMPLETE=bash_source meshgen)"             # ~/.bashrc
    eval "$(_MESHGEN_COMPLETE=zsh_source meshgen)"              # ~/.zshrc
    _MESHGEN_COMPLETE=fish_source meshgen | source              # ~/.config/fish/config.fish
"""


def readme() -> str:
    """README.md, with the output of its spec beside it: what decides about traffic, without the rest."""
    from meshgen.cli import group

    parts = re.split(r"^(```yaml\n.*?^```)$", _read(ROOT / "README.md"), flags=re.MULTILINE | re.DOTALL)
    spec = parts[1].removeprefix("```yaml\n").removesuffix("```")
    result = CliRunner().invoke(group, ["render", "-"], input=spec)
    if result.exit_code:
        raise SystemExit(f"README.md: {result.stderr}")
    objects = re.split(r"^---\n", result.stdout, flags=re.MULTILINE)
    shown = [each for each in objects if re.search(r"^kind: (DestinationRule|VirtualService)$", each, re.MULTILINE)]
    output = "---\n".join(re.sub(r"\A(#.*\n)+", "", each) for each in shown)
    parts[3] = f"```yaml\n{output}```"
    return "".join(parts)


def editor_schema() -> str:
    """The JSON Schema of specs, as `meshgen schema` prints it."""
    from meshgen.cli import group

    return CliRunner().invoke(group, ["schema"]).stdout


PAGES: dict[str, Callable[[], str]] = {
    "meshgen/rules/index.py": rule_index,
    "README.md": readme,
    "docs/cli.md": cli,
    "docs/codes.md": codes,
    "docs/kinds.md": kinds,
    "docs/meshgen.schema.json": editor_schema,
    "docs/rules.md": lint_rules,
    "docs/specs.md": spec_fields,
}

_WITH_COMMENT = ("docs/cli.md", "docs/codes.md", "docs/kinds.md", "docs/rules.md", "docs/specs.md")


def stale() -> Iterator[tuple[str, str]]:
    """The pages that are missing or say something else than they should, with what they should say.

    The index of rules comes first: the other pages are made with it.
    """
    for name, write in PAGES.items():
        text = _MADE + write().rstrip() + "\n" if name in _WITH_COMMENT else write()
        if _read(ROOT / name) != text:
            yield name, text


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _block(text: str) -> list[str]:
    return ["```text", text.rstrip(), "```"]


def _lines(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write or check the pages."""
    if "--check" in sys.argv[1:]:
        found = [name for name, _ in stale()]
        sys.exit(f"stale: {', '.join(found)}; run make docs" if found else 0)
    for name, text in stale():
        (ROOT / name).write_text(text, encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
