"""`meshgen render`: specs to Kubernetes and Istio YAML, on standard output or in a folder."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from meshgen.options import built_and_judged, is_talkative, not_empty, report, shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meshgen.diagnostic import Diagnostic
    from meshgen.pipeline import Build


@click.command()
@shared
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(),
    callback=not_empty,
    help="Folder to keep equal to the specs, instead of standard output.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; show what would change in the folder, and exit 1 if anything would."
)
@click.option(
    "--layout",
    metavar="PATTERN",
    default="{namespace}/{kind}-{name}.yaml",
    show_default=True,
    help="Path of each object in the folder; {service} and {source} can be used too.",
)
@click.option("--kustomization", is_flag=True, help="Write a kustomization.yaml that names all files of the folder.")
@click.pass_context
def command(ctx: click.Context, /, specs: tuple[str, ...], **values: Any) -> None:
    """Render SPECS into the objects that run them, checked as a cluster would.

    SPECS are files, folders or - for standard input. Folders are searched for .yaml and .yml; what begins with a
    dot, kustomization.yaml and files made by meshgen are passed over. With an error
    nothing is written. In the folder of --output, only files that were made from these specs are replaced or removed.
    """
    for option in ("check", "kustomization"):
        if values[option] and values["output"] is None:
            raise click.UsageError(f"--{option} needs a folder: add --output")
    if values["only"] and values["kustomization"]:
        raise click.UsageError("--kustomization names all files of the folder, so it cannot go with --only")
    from meshgen.progress import Progress

    with Progress(moving=is_talkative(values), timed=values["verbose"]) as progress:
        built, findings = built_and_judged(specs, values, progress)
        findings += _second_opinion(built, values)
    if report(findings, values):
        ctx.exit(1)
    if values["output"] is None:
        _print(built.mesh.stream())
        if is_talkative(values):
            click.echo(_made(built), err=True)
        return
    ctx.exit(_keep_equal(built, specs, values))


def _print(pieces: Iterator[str]) -> None:
    """Many at once: with PYTHONUNBUFFERED, which containers often have, each time is a call of the system."""
    while text := "".join(islice(pieces, 64)):
        sys.stdout.write(text)


def _second_opinion(built: Build, values: dict[str, Any]) -> list[Diagnostic]:
    """What kubeconform says, where it is asked for."""
    if values["kubeconform"] is None or built.failed:
        return []
    from meshgen import kubeconform

    options = built.fleet.options
    binary = kubeconform.find(values["kubeconform"])
    if binary is None:
        return []
    return kubeconform.check(built.mesh, binary, options.kubernetes_version, options.istio_version)


def _keep_equal(built: Build, specs: tuple[str, ...], values: dict[str, Any]) -> int:
    """Bring the folder into line, or tell how it differs; returns the exit code."""
    from meshgen import layout, writer
    from meshgen.source import roots

    try:
        files = layout.layout(built.mesh, values["layout"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--layout") from None
    below = roots(specs)
    if values["kustomization"]:
        files.append(layout.kustomization(files, below))
    plan = writer.plan(files, values["output"], below, prune=not values["only"])
    if report(plan.problems, values):
        return 1
    if values["check"]:
        difference = writer.diff(plan)
        click.echo(difference, nl=False)
        return 1 if difference else 0
    done = writer.apply(plan)
    if not values["quiet"]:
        counts = f"{len(done.created)} created, {len(done.replaced)} replaced, {len(done.removed)} removed, {done.unchanged} unchanged"
        click.echo(f"{_made(built)} into {values['output']}: {counts}", err=True)
    return 0


def _made(built: Build) -> str:
    from meshgen.reporter import counted

    return f"rendered {counted(len(built.mesh), 'object')} from {counted(built.specs, 'spec')}"
