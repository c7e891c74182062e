"""`meshgen discover`: the instances behind the Services of a running cluster, once or as they change."""

from __future__ import annotations

import gc
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from meshgen.options import a_namespace, cluster, not_empty

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meshgen.diagnostic import Diagnostic
    from meshgen.discovery import BlockingDiscovery, DiscoveryError, Snapshot

_is_name = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?").fullmatch
_ALONE = ("watch", "url", "against")


def _names(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for name in value:
        if not _is_name(name):
            words = "lower-case letters, digits and '-', at most 63; its namespace is given by -n"
            raise click.BadParameter(f"{name!r} is no name of a Service: {words}", ctx, parameter)
    return tuple(dict.fromkeys(value))


@click.command()
@click.argument("services", nargs=-1, callback=_names)
@click.option(
    "-n",
    "--namespace",
    envvar="MESHGEN_NAMESPACE",
    callback=a_namespace,
    help="Namespace to look in; by default that of the kubeconfig's context.",
)
@click.option("-A", "--all-namespaces", is_flag=True, help="Look in all namespaces.")
@click.option(
    "-l", "--selector", metavar="LABELS", callback=not_empty, help="Only Services with these labels, as in kubectl."
)
@click.option("--ready", is_flag=True, help="Only instances that are ready.")
@click.option("--watch", is_flag=True, help="Go on, and tell each change as it happens, until Ctrl-C.")
@click.option("--url", is_flag=True, help="Tell the URL of each Service in cluster DNS instead of its instances.")
@click.option("--port", metavar="PORT", callback=not_empty, help="Name or number of the port that --url is about.")
@click.option(
    "--against",
    metavar="SPECS",
    multiple=True,
    type=click.Path(),
    help="Compare what runs with what these specs make; exit 1 where it differs.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "wide", "json", "yaml", "name"]),
    default="table",
    show_default=True,
    help="What is printed.",
)
@click.option("--context", metavar="NAME", callback=not_empty, help="Context of the kubeconfig.")
@click.option(
    "--kubeconfig",
    metavar="FILE",
    type=click.Path(),
    callback=not_empty,
    help="By default KUBECONFIG, then in a pod its ServiceAccount, then ~/.kube/config.",
)
@cluster
@click.pass_context
def command(ctx: click.Context, /, services: tuple[str, ...], **values: Any) -> None:
    """Print the instances behind SERVICES of a running cluster, or behind all of a namespace.

    A Service without endpoints has no line, and is named on standard error; one that is not there is an error.
    """
    _refuse(services, values)
    from meshgen.diagnostic import MeshgenError
    from meshgen.discovery import BlockingDiscovery, DiscoveryError

    where = "*" if values["all_namespaces"] else values["namespace"]
    try:
        with BlockingDiscovery(
            where,
            kubeconfig=values["kubeconfig"],
            context=values["context"],
            cluster_domain=values["cluster_domain"],
        ) as client:
            wrong = _done(client, services, values)
    except DiscoveryError as fault:
        raise MeshgenError(_told(fault)) from None
    if wrong:
        from meshgen import reporter

        click.echo(reporter.text(wrong), nl=False, err=True)
        ctx.exit(1)


def _refuse(services: tuple[str, ...], values: dict[str, Any]) -> None:
    """Options that say nothing together."""
    chosen = [f"--{name}" for name in _ALONE if values[name]]
    if len(chosen) > 1:
        raise click.UsageError(f"{chosen[0]} and {chosen[1]} are two different questions: ask one at a time")
    if services and values["selector"]:
        raise click.UsageError("SERVICES are chosen by name or by --selector, not by both")
    if values["all_namespaces"] and values["namespace"] and not _is_from_environment():
        raise click.UsageError("--all-namespaces and --namespace exclude each other")
    if values["port"] and not values["url"]:
        raise click.UsageError("--port says which port --url is about")
    chosen_otherwise = services or values["selector"] or values["all_namespaces"] or values["ready"]
    if values["against"] and (chosen_otherwise or values["style"] != "table"):
        raise click.UsageError("--against asks about all that the specs make, and prints findings")


def _is_from_environment() -> bool:
    source = click.get_current_context().get_parameter_source("namespace")
    return source is not None and source.name == "ENVIRONMENT"


def _done(client: BlockingDiscovery, services: tuple[str, ...], values: dict[str, Any]) -> list[Diagnostic]:
    """Answer the question; what was wrong with single Services is given back."""
    if values["against"]:
        return _compared(client, values)
    if values["watch"]:
        _follow(client, services, values)
        return []
    snapshots, wrong = _found(client, services, values["selector"])
    if values["url"]:
        return wrong + _print_urls(snapshots, values)
    from meshgen.listing import FORMATS

    shown = [_ready(each) for each in snapshots] if values["ready"] else snapshots
    click.echo(FORMATS[values["style"]](shown), nl=False)
    for each in shown:
        if not each.instances:
            words = "has no instance that is ready" if values["ready"] else "has no endpoints"
            click.echo(f"{each.service.key} {words}", err=True)
    if not shown and not wrong:
        click.echo("there are no such Services" if values["selector"] else "there are no Services", err=True)
    return wrong


def _found(
    client: BlockingDiscovery, services: tuple[str, ...], labels: str | None
) -> tuple[list[Snapshot], list[Diagnostic]]:
    """The Services that are asked for, and what is to be said of those that are not there."""
    from meshgen.discovery import NotFound

    if not services:
        return list(client.snapshots(labels=labels or "")), []
    if client.namespace == "*":
        everywhere = [each for each in client.snapshots() if each.service.key.name in services]
        missing = [name for name in services if name not in {each.service.key.name for each in everywhere}]
        hint = "kubectl get services -A lists those that are there"
        return everywhere, [_told(NotFound(f'services "{name}" not found in any namespace', hint)) for name in missing]
    found, wrong = [], []
    for name in services:
        try:
            found.append(client.snapshot(name))
        except NotFound as fault:
            wrong.append(_told(fault))
    return found, wrong


def _print_urls(snapshots: Iterable[Snapshot], values: dict[str, Any]) -> list[Diagnostic]:
    from meshgen.discovery import PortUnclear
    from meshgen.discovery.ports import url

    port = values["port"]
    wanted = int(port) if port is not None and port.isdecimal() else port
    wrong = []
    for each in snapshots:
        try:
            click.echo(url(each.service, each.instances, wanted, values["cluster_domain"]))
        except PortUnclear as fault:
            wrong.append(_told(fault))
    return wrong


def _follow(client: BlockingDiscovery, services: tuple[str, ...], values: dict[str, Any]) -> None:
    """Tell each change until Ctrl-C, which is no fault: it is how this ends."""
    from meshgen.discovery import Update
    from meshgen.listing import change

    everywhere = client.namespace == "*"
    named = () if everywhere else services
    gc.enable()  # meshgen runs without; this goes on for days, and each lost connection leaves circles of exceptions
    try:
        with client.watch(*named, labels=values["selector"] or "") as watch:
            watch.on_fault(_tell_trouble)
            for update in watch:
                if everywhere and services and update.key.name not in services:
                    continue
                if values["ready"]:
                    before, after = (each and _ready(each) for each in (update.before, update.after))
                    if before == after and update.before is not None:
                        continue
                    update = Update(update.key, before, after)  # noqa: PLW2901 - the same, as it was asked for
                sys.stdout.write(change(update, values["style"], datetime.now().astimezone()))
                sys.stdout.flush()
    except KeyboardInterrupt:
        return


def _tell_trouble(fault: DiscoveryError | None) -> None:
    words = f"what was told may be out of date: {fault}" if fault else "what was told is true again"
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {words}", err=True)


def _ready(snapshot: Snapshot) -> Snapshot:
    """The same with ready instances alone."""
    from meshgen.discovery import Snapshot

    return Snapshot(snapshot.service, snapshot.ready)


def _told(fault: DiscoveryError) -> Diagnostic:
    """A fault of discovery in the form of every other."""
    from meshgen.diagnostic import Diagnostic, Location, Severity

    codes = {"NotFound": "MG601", "Forbidden": "MG602", "Unauthorised": "MG603", "PortUnclear": "MG604"}
    code = codes.get(type(fault).__name__, "MG600")
    return Diagnostic(Location("cluster"), code, Severity.ERROR, fault.message, hint=fault.hint)


def _compared(client: BlockingDiscovery, values: dict[str, Any]) -> list[Diagnostic]:
    """How what runs differs from what the specs make; mistakes in the specs come first, and alone."""
    from meshgen import pipeline
    from meshgen.against import compare, namespaces
    from meshgen.options import options_of

    built = pipeline.build(values["against"], options_of(values))
    if built.failed:
        return list(built.diagnostics)
    running, pods = {}, {}
    for namespace in namespaces(built):
        running.update({each.service.key: each for each in client.snapshots(namespace)})
        pods.update({(each.namespace, each.name): each for each in client.pods(namespace)})
    wrong = compare(built, running, pods)
    if not wrong:
        from meshgen.reporter import counted

        same = f"nothing differs from {counted(built.specs, 'spec')}"
        click.echo(same if namespaces(built) else "the specs have no Service, so nothing was compared", err=True)
    return wrong
