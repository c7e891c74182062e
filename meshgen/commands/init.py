"""`meshgen init`: a first spec, with comments that say what to change."""

from __future__ import annotations

from pathlib import Path

import click

from meshgen.diagnostic import MeshgenError
from meshgen.options import not_empty

_SPEC = """\
# yaml-language-server: $schema=meshgen.schema.json
# Made once by `meshgen init`; it is yours now. The line above gives completion and checks in editors; the schema
# beside this file comes from `meshgen schema > meshgen.schema.json`.
apiVersion: meshgen.dev/v1
kind: Service
metadata:
  name: {name}
  namespace: {namespace}
spec:
  ports:
  # What callers use, and what the container listens on. HTTP unless the name or appProtocol says otherwise.
  - {{name: http, port: 80, targetPort: 8080}}

  workload:
    kind: Deployment # or StatefulSet
    replicas: 2
    container:
      image: {image}
      readinessProbe: {{httpGet: {{path: /healthz}}}} # its port is filled in

  # Each version is a workload of its own, laid over the one above.
  versions:
  - name: v1
  - name: v2
    workload: {{replicas: 1, container: {{image: {next_image}}}}}

  # How callers treat the pods: whom they prefer, how much they ask at once, when they give up on one.
  trafficPolicy:
    connectionPool: {{tcp: {{connectTimeout: 1s}}}}
    outlierDetection: {{consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s, maxEjectionPercent: 50}}

  # Three tries of at most 3 s each fit into the 10 s that a caller waits.
  timeout: 10s
  retries: {{attempts: 2, perTryTimeout: 3s, retryOn: "connect-failure,refused-stream,unavailable"}}

  # In order; the first match wins.
  routes:
  - name: testers
    match: [{{headers: {{x-version: {{exact: v2}}}}}}]
    to: v2
  - name: everyone
    canary: {{stable: v1, candidate: v2, weight: 5}}

  # To be reached from outside, name a host of a Gateway spec:
  # expose:
  # - {{name: web, gateway: public, hosts: [{host}]}}
"""


@click.command()
@click.argument("name")
@click.option(
    "-n",
    "--namespace",
    default="default",
    show_default=True,
    envvar="MESHGEN_NAMESPACE",
    help="Namespace of the service.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    callback=not_empty,
    help="File to write, instead of standard output; it must not exist. The schema for editors is put beside it.",
)
def command(name: str, namespace: str, output: str | None) -> None:
    """Write a first spec of a service NAME: two versions, a canary, and comments.

    It renders as it is: change the image, the ports and the probe, and it is yours.
    """
    text = _text(name, namespace)
    if output is None:
        click.echo(text, nl=False)
        return
    _write(Path(output), text)
    schema = Path(output).with_name("meshgen.schema.json")
    if not schema.exists():
        from meshgen.spec.json_schema import json_schema_text

        _write(schema, json_schema_text())
    click.echo(f"wrote {output}; next: meshgen render {output}", err=True)


def _text(name: str, namespace: str) -> str:
    """The spec. Raises UsageError where the names cannot be those of a service."""
    from meshgen.document import parse
    from meshgen.emitter import scalar
    from meshgen.fleet import fleet_of
    from meshgen.renderer import render
    from meshgen.spec.check import check

    metadata, spec = {"name": name, "namespace": namespace}, {"ports": [{"name": "http", "port": 80}]}
    _, problems = check({"apiVersion": "meshgen.dev/v1", "kind": "Service", "metadata": metadata, "spec": spec})
    if problems:
        raise click.UsageError(problems[0].message)
    words = {"name": scalar(name), "namespace": scalar(namespace), "image": scalar(f"{name}:1.0.0")}
    text = _SPEC.format(**words, next_image=scalar(f"{name}:2.0.0"), host=f"{name}.example.com")
    try:
        render(fleet_of(parse(text, "spec").documents))
    except MeshgenError as error:
        raise click.UsageError(error.diagnostics[0].message) from None
    return text


def _write(path: Path, text: str) -> None:
    """Write a new file; one that is there already is left alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: no folder {path.parent}: {error.strerror}") from None
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise click.ClickException(f"{path} exists already; nothing was written") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
