"""Manifests as somebody wrote them, and what lint says of them."""

from __future__ import annotations

import json
from pathlib import Path

SEED = Path(__file__).parent / "seed" / "as-written.yaml"
GOLDEN = SEED.parent.parent.parent / "golden"

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: users, namespace: shop}
spec:
  selector: {app: users, version: v1}
  ports:
  - {name: http, port: 80}
"""
RULE = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec:
  host: users
  subsets:
  - {name: v2, labels: {version: v2}}
"""


def codes(out: str) -> list[str]:
    """The codes in lint's JSON."""
    return [finding["code"] for finding in json.loads(out)["findings"]]


def write(folder: Path, **files: str) -> Path:
    """A folder with some files, `_` in a name for a dot."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder
