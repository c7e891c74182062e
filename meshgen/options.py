"""The options that commands about specs have in common, and how such a command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from meshgen.validator import ISTIO_VERSIONS, KUBERNETES_VERSIONS

if TYPE_CHECKING:
    from meshgen.diagnostic import Diagnostic
    from meshgen.fleet import Options

Command = TypeVar("Command", bound=Callable[..., Any])

_SHARED = (
    click.argument("specs", nargs=-1, required=True, type=click.Path()),
    click.option("-n", "--namespace", envvar="MESHGEN_NAMESPACE", help="Namespace of specs that name none."),
    click.option("--cluster-domain", envvar="MESHGEN_CLUSTER_DOMAIN", default="cluster.local", show_default=True, help="DNS domain of the cluster."),
    click.option("--kubernetes-version", envvar="MESHGEN_KUBERNETES_VERSION", type=click.Choice(KUBERNETES_VERSIONS), default="1.36", show_default=True, help="Kubernetes whose schemas apply."),
    click.option("--istio-version", envvar="MESHGEN_ISTIO_VERSION", type=click.Choice(ISTIO_VERSIONS), default="1.31", show_default=True, help="Istio whose schemas apply."),
    click.option("--only", metavar="NAME", help="Only the service or gateway NAME (or NAMESPACE/NAME); references still see all specs."),
    click.option("--kubeconform", metavar="PROGRAM", envvar="MESHGEN_KUBECONFORM", help="Check the output with this kubeconform too: a path, or a name on PATH."),
    click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), default="error", show_default=True, help="Severity from which the exit code is 1 and nothing is written."),
    click.option("--strict", is_flag=True, help="The same as --fail-on warning."),
    click.option("--all", "show_all", is_flag=True, help="Show findings of severity info too."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but findings."),
    click.option("-v", "--verbose", is_flag=True, help="Say what took how long."),
)  # fmt: skip


def shared(command: Command) -> Command:
    """Give a command the arguments and options that all commands about specs have."""
    for decorate in reversed(_SHARED):
        command = decorate(command)
    return command


def options_of(values: dict[str, Any]) -> Options:
    """What the pipeline needs of a command's options."""
    from meshgen.fleet import Options

    return Options(
        namespace=values["namespace"],
        cluster_domain=values["cluster_domain"],
        kubernetes_version=values["kubernetes_version"],
        istio_version=values["istio_version"],
        only=values["only"],
    )


def report(diagnostics: Iterable[Diagnostic], values: dict[str, Any]) -> bool:
    """Say on standard error what was found; True where it must stop the run."""
    from meshgen import reporter
    from meshgen.diagnostic import Severity

    order = list(Severity)
    limit = Severity("warning" if values["strict"] and values["fail_on"] == "error" else values["fail_on"])
    found = list(diagnostics)
    shown = [
        each for each in found if each.severity is not Severity.INFO or values["show_all"] or limit is Severity.INFO
    ]
    click.echo(reporter.text(shown), nl=False, err=True)
    failed = any(order.index(each.severity) <= order.index(limit) for each in found)
    if shown:
        click.echo(reporter.summary(shown), err=True)
    return failed


def is_talkative(values: dict[str, Any]) -> bool:
    """Whether a person is watching who has not asked for silence."""
    return not values["quiet"] and sys.stderr.isatty()
