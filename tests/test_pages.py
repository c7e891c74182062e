"""What README.md and the pages written by hand show is what meshgen does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from conftest import run
from slices import endpoint, endpoint_slice, service
from standin import ApiServer, Request, listed

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", "docs/guide.md"]
FENCED = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPEC = "apiVersion: meshgen.dev/v1\n"
INDENTED = re.compile(r"(?:^    .+\n)+", re.MULTILINE)
INLINE = re.compile(r"`(meshgen (?:discover|render|validate|init|lint|rules|schema)[^`]*)`")

WRONG = {
    "README.md": (0, {"    to: v2": "    to: v3"}),
    "docs/guide.md": (3, {"timeout: 10s": "timeout: 10", "weight: 1": "wieght: 1"}),
}
"""Page -> which of its specs has the mistakes that it quotes, and what is wrong in it."""


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def specs_in(page: str) -> list[str]:
    return [block for block in FENCED.findall(read(page)) if block.startswith(SPEC)]


def shown(page: str) -> list[str]:
    """The blocks of commands, or of what they say, without their indentation."""
    outside = re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in INDENTED.findall(outside)]


def commands() -> list[str]:
    """Every command line of the pages, in their order."""
    lines = [line.partition("  #")[0].strip() for page in PAGES for block in shown(page) for line in block.splitlines()]
    inline = [command for page in PAGES for command in INLINE.findall(read(page)) if not re.search("[A-Z]", command)]
    return [line for line in lines if re.match(r"(make|meshgen|pip)\b", line)] + inline


def users(request: Request) -> None:
    """A cluster that has one Service."""
    found = {
        "services": listed(service("user-service")),
        "endpointslices": listed(endpoint_slice("a", endpoint("10.0.0.1"), of="user-service")),
    }
    request.answer(found.get(request.about, service("user-service")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an empty folder for specs."""
    (tmp_path / "specs").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("page", "number"), [(page, number) for page in PAGES for number in range(len(specs_in(page)))]
)
def test_a_spec_on_a_page_renders(page: str, number: int) -> None:
    outcome = run("render", "-", stdin=specs_in(page)[number])

    assert (outcome.code, outcome.err) == (0, "")


def test_every_yaml_block_of_a_page_is_known() -> None:
    others = [block for page in PAGES for block in FENCED.findall(read(page)) if not block.startswith(SPEC)]

    assert len(specs_in("README.md")) == 1
    assert len(specs_in("docs/guide.md")) >= 6
    assert [block.partition("\n")[0] for block in others] == ["apiVersion: networking.istio.io/v1", "repos:"]


@pytest.mark.parametrize("page", PAGES)
def test_a_quoted_mistake_is_what_meshgen_says(page: str, folder: Path) -> None:
    number, changes = WRONG[page]
    text = specs_in(page)[number]
    for right, wrong in changes.items():
        assert right in text
        text = text.replace(right, wrong, 1)
    (folder / "specs" / "reviews.yaml").write_text(text)

    (quoted,) = (block for block in shown(page) if ": error MG" in block)

    assert run("validate", "specs/").err == quoted


@pytest.mark.parametrize("command", dict.fromkeys(commands()))
def test_a_command_on_a_page_runs(command: str, folder: Path) -> None:
    program, *arguments = shlex.split(command)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:" if arguments else "^help:", read("Makefile"), re.MULTILINE)
        return
    if program == "pip":
        assert arguments == ["install", "."]  # tests/test_package.py does it
        return
    argv, _, file = command.partition(" > ")
    if arguments[0] != "init":
        (folder / "specs" / "reviews.yaml").write_text(specs_in("README.md")[0])
    if "--check" in arguments or arguments[0] == "lint":
        assert run("render", "specs/", "-o", "deploy/").code == 0
    if "--baseline" in arguments:
        assert run("lint", "deploy/", "--write-baseline", "known.json").code == 0

    with ApiServer(users) as server:
        outcome = run(*shlex.split(argv)[1:], KUBECONFIG=server.kubeconfig(folder))

    assert outcome.code == 0
    assert bool(outcome.out) is bool(
        file or arguments[0] == "discover" or arguments in (["render", "specs/"], ["rules"], ["schema"])
    )


def test_the_pages_show_every_command_but_no_other() -> None:
    lines = [line for page in PAGES for block in shown(page) for line in block.splitlines()]
    told = [line for page in PAGES for block in shown(page) if ": error MG" in block for line in block.splitlines()]

    assert [line for line in lines if line not in told and not re.match(r"(make|meshgen|pip)\b", line)] == []
    assert {command.split()[1] for command in commands() if command.startswith("meshgen")} == {
        "discover", "init", "lint", "render", "rules", "schema", "validate",
    }  # fmt: skip


def test_the_adopted_workload_of_the_guide_keeps_its_name() -> None:
    (adopted,) = re.findall(r"`- (\{name: v1, workload: .*?)`", read("docs/guide.md"))
    text = specs_in("docs/guide.md")[2].replace("- name: v1\n", f"- {adopted}\n", 1)

    outcome = run("render", "-", stdin=text)

    assert outcome.code == 0
    deployments = [data for data in yaml.safe_load_all(outcome.out) if data["kind"] == "Deployment"]
    assert [(each["metadata"]["name"], each["spec"]["selector"]["matchLabels"]["version"]) for each in deployments] == [
        ("reviews", "latest"),
        ("reviews-v2", "v2"),
    ]


def test_the_hooks_that_the_readme_shows_are_there() -> None:
    (block,) = (block for block in FENCED.findall(read("README.md")) if block.startswith("repos:"))
    hooks = yaml.safe_load(block)["repos"][0]["hooks"]

    offered = {hook["id"] for hook in yaml.safe_load(read(".pre-commit-hooks.yaml"))}
    assert {hook["id"] for hook in hooks} == offered


@pytest.mark.parametrize("block", FENCED.findall(read("docs/seed.md")))
def test_a_spec_on_the_page_of_the_seed_is_an_excerpt(block: str) -> None:
    first, _, excerpt = block.partition("\n")
    file = first.removeprefix("# ")

    assert file.startswith("specs/")
    assert excerpt
    assert f"\n{excerpt}" in read(file)
