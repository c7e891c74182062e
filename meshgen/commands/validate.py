"""`meshgen validate`: all checks of specs and of what would come of them, without writing anything."""

from __future__ import annotations

from typing import Any

import click

from meshgen.options import built_and_judged, is_talkative, report, shared


@click.command()
@shared
@click.pass_context
def command(ctx: click.Context, /, specs: tuple[str, ...], **values: Any) -> None:
    """Check SPECS: their YAML, their shape, what they refer to, and the objects that come of them, by the rules of lint too.

    SPECS are files, folders or - for standard input. Folders are searched for .yaml and .yml; what begins with a
    dot, kustomization.yaml and files made by meshgen are passed over. Where kubeconform
    is on PATH, it reads the output as well.
    """
    from meshgen import kubeconform
    from meshgen.progress import Progress
    from meshgen.reporter import counted

    with Progress(moving=is_talkative(values), timed=values["verbose"]) as progress:
        built, findings = built_and_judged(specs, values, progress)
        binary = kubeconform.find(values["kubeconform"])
        if binary is not None and not built.failed:
            options = built.fleet.options
            findings += kubeconform.check(built.mesh, binary, options.kubernetes_version, options.istio_version)
    if report(findings, values):
        ctx.exit(1)
    if not values["quiet"]:
        readers = "kubeconform too" if binary is not None else "kubeconform is not installed"
        looked_at = f"{counted(built.specs, 'spec')} and {counted(len(built.mesh), 'object')}"
        click.echo(f"no mistakes in {looked_at} ({readers})", err=True)
