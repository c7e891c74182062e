"""A real control plane and real proxies on one machine, to see what manifests do."""

from __future__ import annotations

from lab.backends import Arrived, Backends
from lab.certificates import Authority, Certificate
from lab.client import Answer, Request
from lab.errors import ApiError, LabError, Late, Missing, ProgramDied, Refused
from lab.lab import Lab
from lab.proxies import Caller, Gateway
from lab.waiting import wait

__all__ = [
    "Answer",
    "ApiError",
    "Arrived",
    "Authority",
    "Backends",
    "Caller",
    "Certificate",
    "Gateway",
    "Lab",
    "LabError",
    "Late",
    "Missing",
    "ProgramDied",
    "Refused",
    "Request",
    "wait",
]
