"""`meshgen lint`: what every other tool lets through, in any manifests, without a cluster."""

from __future__ import annotations

from typing import Any

import click

from meshgen.options import report
from meshgen.validator import ISTIO_VERSIONS, KUBERNETES_VERSIONS


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("-n", "--namespace", envvar="MESHGEN_NAMESPACE", help="Namespace of objects that name none.")
@click.option(
    "--cluster-domain",
    envvar="MESHGEN_CLUSTER_DOMAIN",
    default="cluster.local",
    show_default=True,
    help="DNS domain of the cluster.",
)
@click.option(
    "--kubernetes-version",
    envvar="MESHGEN_KUBERNETES_VERSION",
    type=click.Choice(KUBERNETES_VERSIONS),
    default="1.36",
    show_default=True,
    help="Kubernetes whose schemas apply.",
)
@click.option(
    "--istio-version",
    envvar="MESHGEN_ISTIO_VERSION",
    type=click.Choice(ISTIO_VERSIONS),
    default="1.31",
    show_default=True,
    help="Istio whose schemas apply.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    show_default=True,
    help="Severity from which the exit code is 1.",
)
@click.option("--strict", is_flag=True, help="The same as --fail-on warning.")
@click.option("--all", "show_all", is_flag=True, help="Show findings of severity info too.")
@click.option("-v", "--verbose", is_flag=True, help="Say what was passed over.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **values: Any) -> None:
    """Find in PATHS what is accepted everywhere and fails requests.

    PATHS are files, folders (searched for .yaml, .yml and .json) or - for standard input: manifests of any origin,
    taken together as one mesh.
    """
    from meshgen.linter import lint
    from meshgen.manifests import read_manifests

    found = read_manifests(paths, values["namespace"])
    run = lint(found.manifests, values["kubernetes_version"], values["istio_version"], values["cluster_domain"])
    diagnostics = sorted({*found.diagnostics, *run.diagnostics}, key=lambda each: each.sort_key)
    if values["verbose"]:
        for what, count in sorted((found.others + run.others).items()):
            click.echo(f"passed over: {count} of {what}", err=True)
    if report(diagnostics, values):
        ctx.exit(1)
