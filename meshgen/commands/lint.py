"""`meshgen lint`: what every other tool lets through, in any manifests, without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meshgen.options import conditions, fails, limit_of, not_empty, options_of, shown, shows_info

if TYPE_CHECKING:
    from meshgen.diagnostic import Diagnostic
    from meshgen.fixing import Fix
    from meshgen.linter import Lint
    from meshgen.manifests import Found

_FORMATS = ("text", "json", "github", "sarif", "junit")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@conditions
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="How the findings are written.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="CODE",
    help="Only findings of CODE: MG203, IST0173, or MG2 for all that begin so.",
)
@click.option("--ignore", multiple=True, metavar="CODE", help="No findings of CODE.")
@click.option("--baseline", metavar="FILE", callback=not_empty, help="Leave out the findings that stand in FILE.")
@click.option(
    "--write-baseline",
    metavar="FILE",
    callback=not_empty,
    help="Write the findings into FILE, to be left out from now on.",
)
@click.option(
    "--fix", is_flag=True, help="Write right values into the files where that is safe; every other byte is kept."
)
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **values: Any) -> None:
    """Find in PATHS what is accepted everywhere and fails requests.

    PATHS are files, folders (searched for .yaml, .yml and .json) or - for standard input: manifests of any origin,
    taken together as one mesh. Specs are rendered first, and findings point at them.
    """
    from meshgen import fingerprint, reporter

    run, everything = _findings(paths, values)
    found = [each for each in everything if _is_chosen(each, values)]
    if values["baseline"]:
        found = fingerprint.new(found, _read(values["baseline"]), values["baseline"])
    if values["write_baseline"]:
        Path(values["write_baseline"]).write_text(fingerprint.baseline(shown(found, values)), encoding="utf-8")
        click.echo(
            f"wrote {reporter.counted(len(shown(found, values)), 'finding')} into {values['write_baseline']}", err=True
        )
        return
    told = shown(found, values)
    click.echo(reporter.FORMATS[values["form"]](told, limit_of(values)), nl=False)
    if not values["quiet"]:
        click.echo(reporter.summary(told) or f"nothing found in {reporter.counted(run.objects, 'object')}", err=True)
    if fails(found, values):
        ctx.exit(1)


def _findings(paths: tuple[str, ...], values: dict[str, Any]) -> tuple[Lint, list[Diagnostic]]:
    """What is found in the paths; with --fix, what is left of it."""
    run, found, diagnostics = _linted(paths, values)
    if values["fix"]:
        from meshgen import fixing, reporter

        done, problems = fixing.apply(_fixes(run, values))
        click.echo(f"changed {reporter.counted(done, 'value')}", err=True)
        run, found, diagnostics = _linted(paths, values)
        diagnostics += problems
    if values["verbose"]:
        for what, count in sorted((found.others + run.others).items()):
            click.echo(f"passed over: {count} of {what}", err=True)
    return run, sorted(set(diagnostics), key=lambda each: each.sort_key)


def _linted(paths: tuple[str, ...], values: dict[str, Any]) -> tuple[Lint, Found, list[Diagnostic]]:
    from meshgen.linter import Cluster, lint
    from meshgen.manifests import read_manifests

    found = read_manifests(paths, values["namespace"])
    manifests, diagnostics = list(found.manifests), list(found.diagnostics)
    if found.specs:
        from meshgen.pipeline import build

        diagnostics += found.doubled()
        built = build(found.specs, options_of(values))
        manifests += built.mesh
        diagnostics += built.diagnostics
    cluster = Cluster(values["kubernetes_version"], values["istio_version"], values["cluster_domain"])
    run = lint(manifests, cluster, info=shows_info(values))
    return run, found, [*diagnostics, *run.diagnostics]


def _fixes(run: Lint, values: dict[str, Any]) -> list[Fix]:
    from meshgen.fixing import Fix
    from meshgen.manifests import Written

    fixes = []
    for code, manifest, path, text in run.fixes:
        span = manifest.origin.scalar(path) if isinstance(manifest.origin, Written) else None
        if span is not None and _is_wanted(code, values):
            fixes.append(Fix(span, text))
    return fixes


def _is_chosen(diagnostic: Diagnostic, values: dict[str, Any]) -> bool:
    return _is_wanted(diagnostic.code, values)


def _is_wanted(code: str, values: dict[str, Any]) -> bool:
    """Whether --select and --ignore leave a code in. What cannot be read is always told."""
    if code.startswith(("MG0", "MG5")):
        return True
    selected = not values["select"] or any(_names(word, code) for word in values["select"])
    return selected and not any(_names(word, code) for word in values["ignore"])


def _names(word: str, code: str) -> bool:
    """Whether a word of a person, or of several with commas, means a code: itself, its beginning, its name, Istio's code."""
    from meshgen.rules import rules

    names = next(((rule.title, *rule.covers) for rule in rules() if rule.code == code), ())
    words = [each.strip() for each in word.split(",") if each.strip()]
    return any(code.startswith(each.upper()) or each in names or each.upper() in names for each in words)


def _read(file: str) -> str:
    from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity

    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"cannot be read: {reason}"
        raise MeshgenError(Diagnostic(Location(file), "MG007", Severity.ERROR, message)) from None
