"""Which cluster is asked, and what is said of a kubeconfig that does not tell."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from following import Cluster
from standin import ApiServer

from meshgen.discovery import BlockingDiscovery, Misconfigured, Unauthorised, Unreachable

CLUSTER = {"name": "here", "cluster": {"server": "https://127.0.0.1:1"}}
USER = {"name": "me", "user": {"token": "secret"}}
CONTEXT = {"name": "home", "context": {"cluster": "here", "user": "me", "namespace": "shop"}}
WHOLE = {"current-context": "home", "clusters": [CLUSTER], "users": [USER], "contexts": [CONTEXT]}


def written(folder: Path, data: object, name: str = "config") -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(path)


def of_cluster(**fields: Any) -> dict[str, Any]:
    return WHOLE | {"clusters": [{"name": "here", "cluster": CLUSTER["cluster"] | fields}]}  # type: ignore[operator]


def of_user(**fields: Any) -> dict[str, Any]:
    return WHOLE | {"users": [{"name": "me", "user": fields}]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("a: {", r"config:1:\d+ is no YAML: "),
        ("", "config is empty"),
        ("- a\n", "config holds no mapping but list"),
        (WHOLE | {"users": "me"}, "users is no list of entries with name and user"),
        (WHOLE | {"clusters": [{"cluster": {}}]}, "clusters is no list of entries with name and cluster"),
        (WHOLE | {"users": []}, "has no user 'me'\n  hint: no user is in it"),
        (WHOLE | {"current-context": "work"}, "has no context 'work'\n  hint: there are: home"),
        (WHOLE | {"current-context": None}, "has no current-context\n  hint: there are: home"),
        (of_cluster(server=7), "context 'home': Expected `str`, got `int`"),
        (of_cluster(**{"certificate-authority": "none.crt"}), "names a file: .*/none.crt: No such file"),
        (of_cluster(**{"certificate-authority-data": "YWJj"}), "cannot be used: .*\n  hint: see cluster and user"),
        (of_cluster(**{"tls-server-name": "other"}), "tls-server-name of cluster 'here' is not supported"),
        (of_user(**{"as": "root"}), "as of user 'me' is not supported"),
    ],
)
def test_a_kubeconfig_that_does_not_tell_is_named_with_what_it_lacks(data: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=words):
        BlockingDiscovery(kubeconfig=written(tmp_path, data))


def test_a_kubeconfig_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)

    with pytest.raises(Misconfigured, match=r"/\.kube/config: No such file"):
        BlockingDiscovery()
    with pytest.raises(Misconfigured, match="Is a directory"):
        BlockingDiscovery(kubeconfig=str(tmp_path))
    with pytest.raises(Misconfigured, match="has no context 'other'"):
        BlockingDiscovery(kubeconfig=written(tmp_path, WHOLE), context="other")


def test_several_kubeconfigs_are_one_of_which_the_first_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ApiServer(Cluster()) as server:
        first = {"contexts": [CONTEXT], "users": [USER]}
        other = {"name": "home", "context": {"cluster": "gone", "user": "gone"}}
        second = {
            "current-context": "home",
            "contexts": [other],
            "clusters": json.loads(Path(server.kubeconfig(tmp_path)).read_text())["clusters"],
        }
        second["clusters"][0]["name"] = "here"
        files = [written(tmp_path, first, "first"), str(tmp_path / "none"), written(tmp_path, second, "second")]
        monkeypatch.setenv("KUBECONFIG", os.pathsep.join(["", *files]))
        with BlockingDiscovery() as client:
            assert (client.namespace, len(client.discover("users"))) == ("shop", 1)


def test_a_relative_file_is_found_from_the_folder_of_its_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the command runs does not matter."""
    monkeypatch.chdir("/")
    written(tmp_path, "secret", "inside/token")
    with ApiServer(Cluster()) as server:
        config = json.loads(Path(server.kubeconfig(tmp_path)).read_text())
        for one in config["users"]:
            one["user"] = {"tokenFile": "token"}
        with BlockingDiscovery(kubeconfig=written(tmp_path, config, "inside/config")) as client:
            assert len(client.discover("users")) == 1


@pytest.mark.parametrize("way", ["proxy-url", "HTTPS_PROXY"])
def test_a_proxy_is_used_and_told_of(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in answers when it is asked directly; nobody is at the proxy's address."""
    with ApiServer(Cluster()) as server:
        config = json.loads(Path(server.kubeconfig(tmp_path)).read_text())
        if way == "proxy-url":
            config["clusters"][0]["cluster"]["proxy-url"] = "http://127.0.0.1:1"
        else:
            for name in ("HTTP_PROXY", "HTTPS_PROXY"):
                monkeypatch.setenv(name, "http://127.0.0.1:1")
        with BlockingDiscovery(kubeconfig=written(tmp_path, config)) as client:
            with pytest.raises(Unreachable) as fault:
                client.discover("users")
            if way == "HTTPS_PROXY":
                assert "NO_PROXY=127.0.0.1 has it asked directly" in fault.value.hint


def test_a_server_without_scheme_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    config = written(tmp_path, of_cluster(server="127.0.0.1:6443"))
    with BlockingDiscovery(kubeconfig=config) as client, pytest.raises(Misconfigured, match="begins with https"):
        client.discover("users")


@pytest.mark.parametrize(("said", "words"), [("hi", "said no JSON"), ("{}", "gave no 'status'")])
def test_a_plugin_that_says_no_credential_is_unauthorised(said: str, words: str, tmp_path: Path) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "echo", "args": [said]}
    config = written(tmp_path, of_user(exec=plugin))
    with BlockingDiscovery(kubeconfig=config) as client, pytest.raises(Unauthorised, match=words):
        client.discover("users")
