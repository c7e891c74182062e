"""`meshgen discover` against a stand-in (tests/standin.py); the real API server is asked in lab/tests/test_discover.py."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Outcome, run
from slices import endpoint, endpoint_slice, service
from standin import ApiServer, Request, failed, listed

from meshgen.quick import read_output

WEB = {"name": "http-web", "port": 80, "targetPort": 3000, "protocol": "TCP"}
SERVICES = [service(), service("empty"), service("two", ports=[WEB, {**WEB, "name": "http-admin", "port": 81}])]
SLICES = [
    endpoint_slice("a", endpoint("10.0.0.1", pod="users-v1-0"), endpoint("10.0.0.2", pod="users-v1-1", ready=False)),
    endpoint_slice("b", endpoint("10.0.0.3", pod="two-0"), of="two"),
]


CHANGE = threading.Event()
"""Set when the cluster's one change may happen: what happens before the first state is told would be part of it."""


def shop(request: Request) -> None:
    """A cluster with three Services, that knows no changes but one."""
    if request.watches:
        request.begin()
        if request.about == "endpointslices" and CHANGE.wait(30):
            request.send(
                {"type": "MODIFIED", "object": endpoint_slice("a", endpoint("10.0.0.2", pod="users-v1-1"), version=9)}
            )
        request.ended.wait()
    elif request.about in ("services", "endpointslices"):
        found = SERVICES if request.about == "services" else SLICES
        wanted = request.query.get("labelSelector", "").rpartition("=")[2]
        if request.about == "endpointslices" and wanted in ("users", "two", "empty"):
            found = [each for each in SLICES if each["metadata"]["labels"]["kubernetes.io/service-name"] == wanted]
        request.answer(listed(*found, version=5))
    else:
        known = {each["metadata"]["name"]: each for each in SERVICES}
        if request.about in known:
            request.answer(known[request.about])
        else:
            request.answer(failed(404, f'services "{request.about}" not found'), 404)


@pytest.fixture
def discover(tmp_path: Path) -> Iterator[Callable[..., Outcome]]:
    with ApiServer(shop) as server:
        config = server.kubeconfig(tmp_path)
        yield lambda *arguments: run("discover", "--kubeconfig", config, *arguments)


Discover = Callable[..., Outcome]


def test_a_table_has_a_line_for_each_instance_and_names_services_without(discover: Discover) -> None:
    outcome = discover("users", "empty")

    heading, *lines = outcome.out.splitlines()
    assert heading.split() == ["SERVICE", "STATUS", "HOST", "PORT", "NAME", "POD", "NODE", "ZONE"]
    assert [line.split() for line in lines] == [
        ["shop/users", "UP", "10.0.0.1", "3000", "http", "users-v1-0", "n1", "-"],
        ["shop/users", "STARTING", "10.0.0.2", "3000", "http", "users-v1-1", "n1", "-"],
    ]
    assert (outcome.code, outcome.err) == (0, "shop/empty has no endpoints\n")


def test_without_names_all_services_of_the_namespace_are_told(discover: Discover) -> None:
    outcome = discover("--format", "name")

    assert outcome.out.splitlines() == [
        "shop/two/10.0.0.3:3000/TCP/http",
        "shop/users/10.0.0.1:3000/TCP/http",
        "shop/users/10.0.0.2:3000/TCP/http",
    ]


def test_ready_leaves_the_others_out(discover: Discover) -> None:
    outcome = discover("users", "--ready", "--format", "name")

    assert outcome.out == "shop/users/10.0.0.1:3000/TCP/http\n"


def test_json_and_yaml_say_the_same_and_all_of_it(discover: Discover) -> None:
    (of_json,) = json.loads(discover("users", "--format", "json").out)["services"]
    (of_yaml,) = read_output(discover("users", "--format", "yaml").out)["services"]

    for one in (of_json, of_yaml):
        for instance in one["instances"]:
            instance.pop("seen")
    assert of_json == of_yaml
    assert of_json["ports"][0] == {
        "name": "http",
        "port": 80,
        "targetPort": 3000,
        "protocol": "TCP",
        "appProtocol": None,
    }
    assert of_json["instances"][0]["healthUrl"] == "http://10.0.0.1:3000/health"
    assert of_json["instances"][1]["status"] == "STARTING"


def test_wide_tells_where_health_is_asked(discover: Discover) -> None:
    assert "http://10.0.0.1:3000/health" in discover("users", "--format", "wide").out


def test_what_is_not_there_is_an_error_and_hides_nothing_of_the_rest(discover: Discover) -> None:
    outcome = discover("nobody", "users", "--format", "name")

    assert outcome.code == 1
    assert len(outcome.out.splitlines()) == 2
    assert outcome.err.startswith('cluster: error MG601: services "nobody" not found\n  hint: ')


def test_the_url_is_told_where_the_port_is_clear(discover: Discover) -> None:
    assert discover("users", "--url").out == "http://users.shop.svc.cluster.local\n"
    assert discover("two", "--url", "--port", "81").out == "http://two.shop.svc.cluster.local:81\n"

    unclear = discover("two", "--url")
    assert (unclear.code, unclear.out) == (1, "")
    assert "error MG604" in unclear.err
    assert "http-web (80/TCP), http-admin (81/TCP)" in unclear.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a/b"], "no name of a Service"),
        (["../pods"], "no name of a Service"),
        (["users", "-l", "app=users"], "not by both"),
        (["--url", "--watch"], "--watch and --url are two different questions"),
        (["-A", "-n", "shop"], "exclude each other"),
        (["users", "--port", "80"], "--port says which port --url is about"),
        (["users", "--against", "specs"], "--against asks about all"),
        (["-A", "--against", "specs"], "--against asks about all"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(arguments: list[str], words: str, discover: Discover) -> None:
    outcome = discover(*arguments)

    assert outcome.code == 2
    assert words in outcome.err


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [(401, "MG603", "log in again"), (403, "MG602", "missing RBAC rule"), (503, "MG600", "try again")],
)
def test_a_refusal_is_told_as_what_it_is(status: int, code: str, words: str, tmp_path: Path) -> None:
    with ApiServer(lambda request: request.answer(failed(status, "no"), status)) as server:
        outcome = run("discover", "users", "--kubeconfig", server.kubeconfig(tmp_path))

    assert (outcome.code, outcome.out) == (1, "")
    assert f"cluster: error {code}: " in outcome.err
    assert words in outcome.err


def test_a_kubeconfig_that_is_not_there_is_named(tmp_path: Path) -> None:
    outcome = run("discover", "--kubeconfig", tmp_path / "none")

    assert outcome.code == 1
    assert "error MG600" in outcome.err
    assert "none" in outcome.err


def watching(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A watch in a process of its own, that has been told of no change yet."""
    CHANGE.clear()
    config = str(folder / "kubeconfig")
    command = [sys.executable, "-m", "meshgen", "discover", "--kubeconfig", config, "--watch", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_watch_tells_each_change_with_its_time_and_ends_in_good_order(tmp_path: Path) -> None:
    with ApiServer(shop) as server:
        server.kubeconfig(tmp_path)
        with watching(tmp_path, "users", "--format", "name") as process:
            assert process.stdout is not None
            lines = [process.stdout.readline().partition(" ")[2] for _ in range(2)]
            CHANGE.set()
            lines += [process.stdout.readline().partition(" ")[2] for _ in range(2)]
            process.send_signal(signal.SIGINT)
            rest, said = process.communicate(timeout=30)

    assert lines == [
        "+ shop/users/10.0.0.1:3000/TCP/http\n",
        "+ shop/users/10.0.0.2:3000/TCP/http\n",
        "- shop/users/10.0.0.1:3000/TCP/http\n",
        "~ shop/users/10.0.0.2:3000/TCP/http  (was STARTING)\n",
    ]
    assert (process.returncode, rest, said) == (0, "", "")


def test_a_watch_in_json_is_one_object_a_line(tmp_path: Path) -> None:
    with ApiServer(shop) as server:
        server.kubeconfig(tmp_path)
        with watching(tmp_path, "users", "--format", "json", "--ready") as process:
            assert process.stdout is not None
            first = json.loads(process.stdout.readline())
            CHANGE.set()
            second = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)

    assert [one["pod"] for one in first["added"]] == ["users-v1-0"]
    assert ([one["pod"] for one in second["added"]], [one["pod"] for one in second["removed"]]) == (
        ["users-v1-1"],
        ["users-v1-0"],
    )


def test_a_watch_whose_reader_goes_away_ends_without_a_word(tmp_path: Path) -> None:
    with ApiServer(shop) as server:
        server.kubeconfig(tmp_path)
        with watching(tmp_path, "users", "--format", "name") as process:
            assert process.stdout is not None
            process.stdout.close()
            CHANGE.set()
            assert process.stderr is not None
            said = process.stderr.read()

    assert (process.returncode, said) == (141, "")


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    hidden = tmp_path / "lightkube.py"
    hidden.write_text("raise ModuleNotFoundError(\"No module named 'lightkube'\", name='lightkube')\n")
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parent.parent)])
    command = [sys.executable, "-m", "meshgen", "discover"]
    result = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "cluster: error MG600: discovery needs the extra 'cluster' (lightkube is missing)",
        "  hint: pip install 'meshgen[cluster]'",
        "1 error",
    ]
