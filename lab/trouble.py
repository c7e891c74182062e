"""Trouble for who depends on the API server: it goes away, forgets, or cannot be reached well."""

from __future__ import annotations

from lab import compaction, controlplane
from lab.door import ApiDoor
from lab.kubernetes import Kubernetes
from lab.programs import Programs
from lab.remote import Remote


class Api:
    """The lab's kube-apiserver, to be disturbed."""

    def __init__(self, remote: Remote, programs: Programs, kubernetes: Kubernetes) -> None:
        self._remote = remote
        self._programs = programs
        self._kubernetes = kubernetes

    def door(self) -> ApiDoor:
        """A way to it from outside, to use in `with`; it can be cut and held still."""
        return ApiDoor(lambda: self._remote.sockets()[0])

    def down(self) -> None:
        """End it, as a node that fails does."""
        controlplane.stop_apiserver(self._remote)

    def up(self) -> None:
        """Start it again and wait until it is ready. Raises Late."""
        controlplane.start_apiserver(self._remote, self._programs, self._kubernetes)

    def compact(self) -> None:
        """Have etcd forget all changes before the present state. Raises LabError."""
        compaction.compact(lambda: self._remote.sockets()[0])
