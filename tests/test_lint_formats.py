"""The formats of lint: the same findings in each, and each as its readers want it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from conftest import run
from handwritten import GOLDEN, SEED, SERVICE

from meshgen.reporter import FORMATS

Finding = tuple[str, int, int, str, str, str]
"""File, line, column, code, severity and message."""


def _of_text(out: str) -> list[Finding]:
    found = re.findall(r"^(.+?):(\d+):(\d+): (error|warning|info) (MG\d{3}): (.*)$", out, re.MULTILINE)
    return [(file, int(line), int(column), code, word, said) for file, line, column, word, code, said in found]


def _of_json(out: str) -> list[Finding]:
    keys = ("file", "line", "column", "code", "severity", "message")
    return [tuple(each[key] for key in keys) for each in json.loads(out)["findings"]]


def _of_github(out: str) -> list[Finding]:
    words = {"error": "error", "warning": "warning", "notice": "info"}
    found = re.findall(r"^::(\w+) file=(.+),line=(\d+),col=(\d+),title=(\w+)::(.*?)(?:%0A.*)?$", out, re.MULTILINE)
    return [
        (unquote(file), int(line), int(column), code, words[word], unquote(said))
        for word, file, line, column, code, said in found
    ]


def _of_sarif(out: str) -> list[Finding]:
    words = {"error": "error", "warning": "warning", "note": "info"}
    found = []
    for each in json.loads(out)["runs"][0]["results"]:
        place = each["locations"][0]["physicalLocation"]
        line, column = place["region"]["startLine"], place["region"]["startColumn"]
        said = each["message"]["text"].partition("\n")[0]
        file = unquote(place["artifactLocation"]["uri"])
        found.append((file, line, column, each["ruleId"], words[each["level"]], said))
    return found


def _of_junit(out: str) -> list[Finding]:
    return _of_text("".join(part.text or "" for part in ET.fromstring(out).findall(".//testcase/*")))


READERS: dict[str, Callable[[str], list[Finding]]] = {
    "text": _of_text, "json": _of_json, "github": _of_github, "sarif": _of_sarif, "junit": _of_junit,
}  # fmt: skip


def test_there_is_a_reader_for_each_format() -> None:
    assert READERS.keys() == FORMATS.keys()


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize(
    ("words", "code"),
    [((), 1), (("--all",), 1), (("--strict",), 1), (("--select", "MG229", "--all"), 0), (("--select", "MG229", "--fail-on", "info"), 1)],
)  # fmt: skip
def test_every_format_has_the_same_findings_and_exit_code(form: str, words: tuple[str, ...], code: int) -> None:
    expected = _of_json(run("lint", SEED, "--format", "json", *words).out)

    outcome = run("lint", SEED, "--format", form, *words)

    assert outcome.code == code
    assert READERS[form](outcome.out) == expected != []


ODD = "a%b c,d:é\\#?.yaml"
"""The name of a file with all that has a meaning in some format."""


@pytest.mark.parametrize("form", READERS)
def test_odd_names_and_values_come_through_in_every_format(form: str, tmp_path: Path) -> None:
    odd = SERVICE.replace("app: users, version: v1", """app: '<a> ]]> &amp; %0A ::error:: "é"'""")
    (tmp_path / ODD).write_text(odd, "utf-8")

    ((file, line, column, code, severity, said),) = READERS[form](run("lint", tmp_path, "--format", form).out)

    assert (file, line, column, code, severity) == (f"{tmp_path}/{ODD}", 5, 19, "MG301", "error")
    assert "<a> ]]> &amp; %0A" in said


@pytest.mark.parametrize("given", ["seed", "odd", "no line", "nothing"])
def test_sarif_keeps_to_its_schema(given: str, tmp_path: Path) -> None:
    (tmp_path / ODD).write_text(SERVICE.replace("users, version: v1", "'<é>'"), "utf-8")
    (tmp_path / "b.yaml").write_bytes(b"\xff" if given == "no line" else b"")
    paths = {"seed": SEED, "odd": tmp_path, "no line": tmp_path, "nothing": GOLDEN}

    told = json.loads(run("lint", paths[given], *([] if given == "nothing" else ["--all"]), "--format", "sarif").out)

    text = (SEED.parent.parent / "sarif" / "sarif-2.1.0-rtm.5.json").read_text("utf-8")
    schema = json.loads(text.replace('{2}]?$"', '{2}$"'))  # of languages: a bracket that nothing opens
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(told)] == []
    assert bool(told["runs"][0]["results"]) == (given != "nothing")
    assert not validator.is_valid({**told, "version": "2.0.0"})


def test_sarif_has_rules_with_help_and_levels() -> None:
    outcome = run("lint", SEED, "--format", "sarif")
    (found,) = json.loads(outcome.out)["runs"]
    rules = found["tool"]["driver"]["rules"]

    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in found["results"])
    assert all(rule["help"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    assert {each["level"] for each in found["results"]} <= {"error", "warning", "note"}
    assert len({json.dumps(each["partialFingerprints"]) for each in found["results"]}) > 5


def test_junit_is_xml_with_a_case_for_each_finding() -> None:
    root = ET.fromstring(run("lint", SEED, "--format", "junit").out)

    (suite,) = root
    assert int(suite.attrib["tests"]) == len(suite)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) > 0
    (alone,) = ET.fromstring(run("lint", GOLDEN, "--format", "junit").out)[0]
    assert list(alone) == []


def test_github_annotations_escape_what_would_end_them() -> None:
    lines = run("lint", "-", "--format", "github", stdin=SERVICE.replace("app: users", '"a%\\n,b": c')).out.splitlines()

    assert all(line.startswith("::error file=-,line=") for line in lines)
