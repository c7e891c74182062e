"""Fleets of the seed's shape, of any size: user-service over and over, each with a public host of its own."""

from __future__ import annotations

import sys
from pathlib import Path

SPECS = Path(__file__).parent.parent / "specs" / "microservices"

GATEWAY = """\
apiVersion: meshgen.dev/v1
kind: Gateway
metadata: {name: microservices-gateway, namespace: microservices}
spec:
  hosts: ["*.microservices.local"]
  tls: {credentialName: microservices-tls}
"""


def make(folder: Path, size: int) -> None:
    """Write `size` services, the shadow that their copies go to, and the gateway."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = (SPECS / "user-service.yaml").read_text().replace("user-service-shadow", "shadow-service")
    for number in range(size):
        name = f"user-service-{number:05d}"
        text = spec.replace("user-service", name).replace("api.microservices", f"api-{number:05d}.microservices")
        (folder / f"{name}.yaml").write_text(text)
    shadow = (SPECS / "user-service-shadow.yaml").read_text().replace("user-service-shadow", "shadow-service")
    (folder / "shadow-service.yaml").write_text(shadow)
    (folder / "gateway.yaml").write_text(GATEWAY)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
