"""The options that commands about specs have in common, and how such a command ends."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from meshgen.validator import ISTIO_VERSIONS, KUBERNETES_VERSIONS

if TYPE_CHECKING:
    from meshgen.diagnostic import Diagnostic, Severity
    from meshgen.fleet import Options
    from meshgen.pipeline import Build, Watch

Command = TypeVar("Command", bound=Callable[..., Any])

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_is_namespace = re.compile(_LABEL).fullmatch
_is_domain = re.compile(rf"(?=.{{1,121}}$){_LABEL}(\.{_LABEL})*").fullmatch  # NAME.NAMESPACE.svc. takes 132 of 253


def not_empty(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The value; an empty one is most often a variable that was never set, and never what is meant."""
    if value == "":
        raise click.BadParameter("it is empty; leave the option out, or give it a value", ctx, parameter)
    return value


def _each_not_empty(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        not_empty(ctx, parameter, value)
    return values


def a_namespace(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The value, which is the name of a namespace."""
    if not_empty(ctx, parameter, value) is not None and not _is_namespace(str(value)):
        words = "lower-case letters, digits and '-', at most 63, and begins and ends with a letter or digit"
        raise click.BadParameter(f"{value!r} is no namespace: its name has {words}", ctx, parameter)
    return value


def _cluster_domain(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    not_empty(ctx, parameter, value)
    if not _is_domain(value):
        words = "names of lower-case letters, digits and '-' with dots between them, at most 121 characters"
        raise click.BadParameter(f"{value!r} is no domain of a cluster: it is {words}", ctx, parameter)
    return value


_NAMESPACE = click.option("-n", "--namespace", envvar="MESHGEN_NAMESPACE", callback=a_namespace, help="Namespace of what names none.")  # fmt: skip
_CLUSTER = (
    click.option("--cluster-domain", envvar="MESHGEN_CLUSTER_DOMAIN", default="cluster.local", show_default=True, callback=_cluster_domain, help="DNS domain of the cluster."),
    click.option("--kubernetes-version", envvar="MESHGEN_KUBERNETES_VERSION", type=click.Choice(KUBERNETES_VERSIONS), default="1.36", show_default=True, help="Kubernetes whose schemas apply."),
    click.option("--istio-version", envvar="MESHGEN_ISTIO_VERSION", type=click.Choice(ISTIO_VERSIONS), default="1.31", show_default=True, help="Istio whose schemas apply."),
)  # fmt: skip
_WITH = click.option("--with", "given", metavar="PATHS", multiple=True, type=click.Path(), callback=_each_not_empty, help="Manifests that are there already, as files or folders: specs may refer to them and rules know them, and they are neither judged nor written. Can be given several times.")  # fmt: skip
_CONDITIONS = (_NAMESPACE, *_CLUSTER)
_OUTCOME = (
    click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), default="error", show_default=True, help="Severity from which the exit code is 1 and nothing is written."),
    click.option("--strict", is_flag=True, help="The same as --fail-on warning."),
    click.option("--all", "show_all", is_flag=True, help="Show findings of severity info too."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but findings."),
    click.option("-v", "--verbose", is_flag=True, help="Say what took how long, or was passed over."),
)  # fmt: skip
_SPECS = (
    click.argument("specs", nargs=-1, required=True, type=click.Path()),
    *_CONDITIONS,
    click.option("--only", metavar="NAME", callback=not_empty, help="Only the service or gateway NAME (or NAMESPACE/NAME); references still see all specs."),
    _WITH,
    click.option("--no-lint", is_flag=True, help="Do without the rules of meshgen lint."),
    click.option("--kubeconform", metavar="PROGRAM", envvar="MESHGEN_KUBECONFORM", callback=not_empty, help="Check the output with this kubeconform too: a path, or a name on PATH."),
    *_OUTCOME,
)  # fmt: skip


def _decorated(command: Command, options: Iterable[Callable[[Command], Command]]) -> Command:
    for decorate in reversed(tuple(options)):
        command = decorate(command)
    return command


def cluster(command: Command) -> Command:
    """Give a command the options that say what cluster is meant."""
    return _decorated(command, _CLUSTER)


def conditions(command: Command) -> Command:
    """Give a command the options that say what cluster is meant, and how the command ends."""
    return _decorated(command, (*_CONDITIONS, *_OUTCOME))


def surroundings(command: Command) -> Command:
    """Give a command the option that names what is there already."""
    return _WITH(command)


def shared(command: Command) -> Command:
    """Give a command the arguments and options that all commands about specs have."""
    return _decorated(command, _SPECS)


def options_of(values: dict[str, Any]) -> Options:
    """What the pipeline needs of a command's options."""
    from meshgen.fleet import Options

    return Options(
        namespace=values["namespace"],
        cluster_domain=values["cluster_domain"],
        kubernetes_version=values["kubernetes_version"],
        istio_version=values["istio_version"],
        only=values.get("only"),
        given=tuple(values.get("given", ())),
        keep_data=not values.get("no_lint", False) and values.get("only") is None,
    )


def built_and_judged(specs: Sequence[str], values: dict[str, Any], watch: Watch) -> tuple[Build, list[Diagnostic]]:
    """What came of the specs, and all that is to be said of it: mistakes, or else what lint finds."""
    from meshgen import pipeline

    built = pipeline.build(specs, options_of(values), watch)
    found = [] if values["no_lint"] else pipeline.judge(built, info=shows_info(values), watch=watch)
    return built, [*built.diagnostics, *found]


def limit_of(values: dict[str, Any]) -> Severity:
    """The severity from which a finding fails the run."""
    from meshgen.diagnostic import Severity

    return Severity("warning" if values["strict"] and values["fail_on"] == "error" else values["fail_on"])


def shows_info(values: dict[str, Any]) -> bool:
    """Whether findings of severity info are wanted."""
    return bool(values["show_all"]) or values["fail_on"] == "info"


def shown(diagnostics: Iterable[Diagnostic], values: dict[str, Any]) -> list[Diagnostic]:
    """Those findings that a person wants to see."""
    return [each for each in diagnostics if each.severity.value != "info" or shows_info(values)]


def fails(diagnostics: Iterable[Diagnostic], values: dict[str, Any]) -> bool:
    """Whether one of the findings fails the run."""
    from meshgen.diagnostic import Severity

    order = list(Severity)
    return any(order.index(each.severity) <= order.index(limit_of(values)) for each in diagnostics)


def report(diagnostics: Iterable[Diagnostic], values: dict[str, Any]) -> bool:
    """Say on standard error what was found; True where it must stop the run."""
    from meshgen import reporter

    found = list(diagnostics)
    told = shown(found, values)
    click.echo(reporter.text(told), nl=False, err=True)
    if told:
        click.echo(reporter.summary(told), err=True)
    return fails(found, values)


def is_talkative(values: dict[str, Any]) -> bool:
    """Whether a person is watching who has not asked for silence."""
    return not values["quiet"] and sys.stderr.isatty()
