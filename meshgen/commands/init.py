"""`meshgen init`: a first spec, with comments that say what to change."""

from __future__ import annotations

import sys

import click

_SPEC = """\
# yaml-language-server: $schema=./meshgen.schema.json
# Made once by `meshgen init`; it is yours now. For completion in the editor: meshgen schema > meshgen.schema.json
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
      image: {name}:1.0.0
      readinessProbe: {{httpGet: {{path: /healthz}}}} # its port is filled in

  # Each version is a workload of its own, laid over the one above.
  versions:
  - name: v1
  - name: v2
    workload: {{replicas: 1, container: {{image: "{name}:2.0.0"}}}}

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
  # - {{name: web, gateway: public, hosts: [{name}.example.com]}}
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
    help="File to write, instead of standard output; it must not exist.",
)
@click.pass_context
def command(ctx: click.Context, name: str, namespace: str, output: str | None) -> None:
    """Write a first spec of a service NAME: two versions, a canary, and comments."""
    from meshgen.document import parse
    from meshgen.spec.check import check

    text = _SPEC.format(name=name, namespace=namespace)
    parsed = parse(text, "spec")
    problems = [
        *parsed.diagnostics,
        *(each.message for document in parsed.documents for each in check(document.data)[1]),
    ]
    if problems:
        raise click.UsageError(str(problems[0]))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with open(output, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"{output} exists already; nothing was written", err=True)
        ctx.exit(1)
    except OSError as error:
        click.echo(f"{output} cannot be written: {error.strerror}", err=True)
        ctx.exit(1)
    click.echo(f"wrote {output}; next: {sys.argv[0].rpartition('/')[2]} render {output}", err=True)
