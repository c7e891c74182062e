"""What happens when things break: it is named at once, and nothing is left behind."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import Lab, LabError, Missing, ProgramDied, programs, wait
from lab.remote import Remote
from lab.tests import meshed, shop
from lab.tests.processes import below, nothing_left, parent_of, processes, program_of

NOTICED = 5.0  # seconds
ROOT = Path(__file__).resolve().parents[2]

# Its child has the line to the agent too, and outlives it for a while: the end of the line is not what is waited for.
HOLDER = """
import os, sys, time
from pathlib import Path
from lab import Lab
with Lab.start(logs=Path(sys.argv[1])) as lab:
    lab.caller()
    if os.fork() == 0:
        time.sleep(15)
        os._exit(0)
    print(lab.folder, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("program", ["etcd", "kube-apiserver", "istiod", "envoy-client.default"])
def test_the_death_of_a_program_is_named_in_the_middle_of_a_request(program: str, new_lab: Callable[[], Lab]) -> None:
    lab = new_lab()
    lab.apply([shop.service("fault"), shop.workload("fault", "v1")])
    lab.wait_ready("fault")
    caller = lab.caller()
    lab.backends("fault").behave(hang=True)
    killer = threading.Timer(0.3, lab.kill, [program])
    killer.start()
    began = time.monotonic()

    with pytest.raises(ProgramDied, match=rf"^{program} was ended by SIGKILL; its log ends with:\n.") as died:
        caller.ask(20, "http://users.fault/")

    assert time.monotonic() - began < NOTICED
    assert died.value.name == program
    killer.join()
    for call in (lambda: lab.get("v1", "Node", "lab"), lab.settled, lambda: lab.apply(shop.service("later"))):
        with pytest.raises(ProgramDied, match=f"^{program} "):
            call()


@pytest.mark.parametrize("program", ["kube-apiserver", "envoy-client.default"])
def test_the_death_of_a_program_is_named_between_two_requests(program: str, new_lab: Callable[[], Lab]) -> None:
    lab = new_lab()
    lab.apply([shop.service("fault"), shop.workload("fault", "v1")])
    lab.wait_ready("fault")
    caller = lab.caller()
    killer = threading.Timer(0.3, lab.kill, [program])
    killer.start()
    began = time.monotonic()

    def ask_on() -> None:
        while time.monotonic() - began < NOTICED:
            lab.apply(shop.service("fault"))
            caller.tcp("users.fault", 9090, b"x")

    with pytest.raises(ProgramDied, match=f"^{program} "):
        ask_on()

    killer.join()


def test_the_death_of_an_envoy_below_its_agent_is_named_too(new_logs: Callable[[], Path]) -> None:
    with Lab.start(logs=new_logs(), identities=True) as lab:
        for name in ("fault", "callers"):
            lab.apply(meshed.namespace(name, {"istio-injection": "enabled"}))
        lab.apply([shop.service("fault"), shop.workload("fault", "v1")])
        lab.wait_ready("fault", seconds=60.0)
        caller = lab.caller("client", namespace="callers")
        lab.backends("fault").behave(hang=True)
        (envoy,) = [pid for pid in below(f"{lab.folder}/{caller.program}") if "envoy" in program_of(pid)]
        killer = threading.Timer(0.3, os.kill, [envoy, signal.SIGKILL])
        killer.start()
        began = time.monotonic()

        with pytest.raises(ProgramDied, match=f"^{caller.program} "):
            caller.ask(10, "http://users.fault/")

        assert time.monotonic() - began < NOTICED
        killer.join()


def test_a_command_that_would_not_end_is_left_when_a_program_dies(new_lab: Callable[[], Lab]) -> None:
    lab = new_lab()
    killer = threading.Timer(0.3, lab.kill, ["etcd"])
    killer.start()
    began = time.monotonic()

    with pytest.raises(ProgramDied, match=r"^etcd "):
        lab.run("kubectl", "get", "pods", "--all-namespaces", "--watch")

    assert time.monotonic() - began < NOTICED
    killer.join()


def test_who_begins_to_wait_after_a_death_does_not_wait(tmp_path: Path) -> None:
    remote = Remote(tmp_path)
    try:
        remote.call("start", name="sleep", command=["sleep", "600"], folder="/", environment={}, network_name=None)
        remote.call("signal", name="sleep", number=signal.SIGKILL)
        wait("the death to be known", lambda: (has_died(remote), ""), NOTICED)
        late, other = socket.socketpair()
        with late, other:
            remote.watch([late])
            late.settimeout(NOTICED)

            assert late.recv(1) == b""
    finally:
        remote.close()


def has_died(remote: Remote) -> bool:
    try:
        remote.check()
    except ProgramDied:
        return True
    return False


def test_a_program_that_hangs_is_told_by_what_is_awaited(new_lab: Callable[[], Lab]) -> None:
    lab = new_lab()
    lab.caller()
    lab.kill("kube-controller-manager", signal.SIGSTOP)
    lab.apply([shop.service("stopped"), shop.workload("stopped", "v1")])

    with pytest.raises(
        LabError, match=r"^waited 0.5 s for workloads of stopped to be ready; last seen: users-v1 0 of 1"
    ):
        lab.wait_ready("stopped", seconds=0.5)


def test_the_death_of_the_agent_ends_everything(tmp_path: Path) -> None:
    with Lab.start(logs=tmp_path) as lab:
        (agent,) = [
            pid for pid, command in processes(lab.folder) if "lab.agent" in command and parent_of(pid) != os.getpid()
        ]
        os.kill(agent, signal.SIGKILL)

        with pytest.raises(ProgramDied, match=r"^the lab's agent ended"):
            wait("the death to be noticed", lambda: (False, lab.programs()), NOTICED)

        nothing_left(lab.folder, NOTICED)


def test_nothing_is_left_at_the_end(tmp_path: Path) -> None:
    with Lab.start(logs=tmp_path) as lab:
        lab.caller()
        folder = lab.folder
        assert len(processes(folder)) > 5

    nothing_left(folder, NOTICED)


def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout is not None
        folder = holder.stdout.readline().strip()
        assert len(processes(folder)) > 5
        holder.kill()

    nothing_left(folder, NOTICED)


@pytest.mark.parametrize("program", ["etcd", "apiserver", "controller_manager", "istiod"])
def test_a_lab_that_cannot_start_names_the_culprit_and_leaves_nothing(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[str] = []
    broken = dataclasses.replace(programs.find(), **{program: "/bin/false"})
    monkeypatch.setattr(programs, "find", lambda: broken)
    enter = Remote.__init__

    def remember(self: Remote, logs: Path) -> None:
        enter(self, logs)
        folders.append(self.folder)

    monkeypatch.setattr(Remote, "__init__", remember)
    with (
        pytest.raises(ProgramDied, match=r"ended with exit code 1; its log is empty$"),
        Lab.start(logs=tmp_path) as lab,
    ):
        lab.caller()

    nothing_left(folders[0], NOTICED)


def test_two_labs_run_side_by_side(new_lab: Callable[[], Lab]) -> None:
    labs = [new_lab(), new_lab()]
    for version, lab in zip(("v1", "v2"), labs, strict=True):
        lab.apply([shop.service("beside"), shop.workload("beside", version)])
        lab.wait_ready("beside")
    callers = [lab.caller() for lab in labs]

    assert [caller.get("http://users.beside/").version for caller in callers] == ["v1", "v2"]
    labs[0].close()
    assert callers[1].get("http://users.beside/").version == "v2"


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 2)])
def test_make_says_in_one_line_what_is_missing_and_fails_in_ci(ci: str, code: int, tmp_path: Path) -> None:
    for program in ("make", "sh"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    command = ["make", "lab", "--old-file=.venv/installed-dev", f"BIN={Path(sys.executable).parent}"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}  # we run below make
    environment |= {"PATH": str(tmp_path), "CI": ci}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = [line for line in result.stderr.splitlines() if not line.startswith("make: ***")]

    assert (result.returncode, result.stdout, len(said)) == (code, "", 1)
    assert said[0].startswith("make lab: Go is not on PATH")


def test_a_machine_without_namespaces_is_missing_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forbidden = tmp_path / "python"
    forbidden.write_text(f'#!/bin/sh\nexec setpriv --bounding-set=-all --inh-caps=-all {sys.executable} "$@"\n')
    forbidden.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(forbidden))

    with pytest.raises(Missing, match=r"^namespaces for the lab: [^\n]*Operation not permitted$"):
        Lab.start(logs=tmp_path)
