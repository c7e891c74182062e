"""`meshgen discover` as a process that goes on: signals, and what it does about memory."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from conftest import run
from following import Cluster
from standin import ApiServer

COLLECTS = """
import gc, sys
from meshgen import listing
listing.change = lambda *_: f"{gc.isenabled()}\\n"
sys.argv = ["meshgen", "discover", "users", "--watch", "--kubeconfig", sys.argv[1]]
from meshgen.__main__ import main
main()
"""


def started(config: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments, config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_watch_collects_garbage_though_short_commands_do_not(tmp_path: Path) -> None:
    """Each lost connection leaves exceptions that refer to each other: a watch of days would grow by them."""
    with ApiServer(Cluster()) as server, started(server.kubeconfig(tmp_path), "-c", COLLECTS) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert first == "True\n"


def test_a_watch_ends_at_once_and_without_a_word_when_it_is_terminated(tmp_path: Path) -> None:
    arguments = ["-m", "meshgen", "discover", "users", "--watch", "--kubeconfig"]
    with ApiServer(Cluster()) as server, started(server.kubeconfig(tmp_path), *arguments) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (-signal.SIGTERM, "")


def test_specs_without_a_service_are_not_said_to_be_the_same(tmp_path: Path) -> None:
    with ApiServer(Cluster()) as server:
        outcome = run("discover", "--kubeconfig", server.kubeconfig(tmp_path), "--against", "specs/platform")

    assert (outcome.code, outcome.err) == (0, "the specs have no Service, so nothing was compared\n")
