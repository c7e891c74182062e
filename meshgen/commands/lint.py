"""`meshgen lint`: what every other tool lets through, in any manifests, without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meshgen.options import conditions, fails, limit_of, not_empty, options_of, shown, shows_info, surroundings
from meshgen.reporter import FORMATS, counted, summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meshgen.diagnostic import Diagnostic
    from meshgen.linter import Lint
    from meshgen.manifests import Found
    from meshgen.mesh import Manifest
    from meshgen.written import Edit


def _known(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a person, at commas too; one that means no code would hide everything, or nothing."""
    words = tuple(word.strip() for each in value for word in each.split(",") if word.strip())
    if words:
        from meshgen.codes import CODES
        from meshgen.rules import rules

        codes = [*CODES, *(rule.code for rule in rules())]
        for word in words:
            if not any(_names(word, code) for code in codes):
                raise click.BadParameter(f"no code or rule is named {word!r}; meshgen rules lists them", ctx, parameter)
    return words


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@conditions
@surroundings
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How the findings are written.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="CODE",
    callback=_known,
    help="Only findings of CODE: MG203, IST0173, or MG2 for all that begin so.",
)
@click.option("--ignore", multiple=True, metavar="CODE", callback=_known, help="No findings of CODE.")
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
    from meshgen import fingerprint

    if values["fix"] and "-" in paths:
        raise click.UsageError("--fix changes files; what is read from standard input is in none", ctx)
    run, everything = _findings(paths, values)
    found = [each for each in everything if _is_wanted(each.code, values)]
    if values["baseline"] and not values["write_baseline"]:
        found = fingerprint.new(found, _read(values["baseline"]), values["baseline"])
    if values["write_baseline"]:
        _write(values["write_baseline"], fingerprint.baseline(shown(found, values)))
        click.echo(f"wrote {counted(len(shown(found, values)), 'finding')} into {values['write_baseline']}", err=True)
        return
    told = shown(found, values)
    click.echo(FORMATS[values["form"]](told, limit_of(values)), nl=False)
    if not values["quiet"]:
        click.echo(summary(told) or f"nothing found in {counted(run.objects, 'object')}", err=True)
    if fails(found, values):
        ctx.exit(1)


def _findings(paths: tuple[str, ...], values: dict[str, Any]) -> tuple[Lint, list[Diagnostic]]:
    """What is found in the paths; with --fix, what is left of it."""
    from meshgen.diagnostic import in_order

    run, found, diagnostics = _linted(paths, values)
    if values["fix"]:
        from meshgen import fixing

        done, problems = fixing.apply(_edits(run, values))
        click.echo(f"changed {counted(done, 'value')}", err=True)
        run, found, diagnostics = _linted(paths, values)
        diagnostics += problems
    if values["verbose"]:
        for what, count in sorted((found.others + run.others).items()):
            click.echo(f"passed over: {count} of {what}", err=True)
    return run, in_order(diagnostics)


def _linted(paths: tuple[str, ...], values: dict[str, Any]) -> tuple[Lint, Found, list[Diagnostic]]:
    from meshgen.linter import Cluster, lint
    from meshgen.manifests import read_manifests
    from meshgen.surroundings import Surroundings, read_surroundings

    found = read_manifests(paths, values["namespace"])
    diagnostics = list(found.diagnostics)
    rendered: Iterable[Manifest] = ()
    around = Surroundings()
    if found.specs:
        from meshgen.pipeline import build

        diagnostics += found.doubled()
        built = build(found.specs, options_of(values))
        rendered, around = built.mesh, built.fleet.around
        diagnostics += built.diagnostics
    elif values["given"]:
        around = read_surroundings(values["given"], values["namespace"], values["cluster_domain"])
        diagnostics += around.diagnostics
    cluster = Cluster(values["kubernetes_version"], values["istio_version"], values["cluster_domain"])
    run = lint(found.manifests, cluster, rendered=rendered, known=around.manifests, info=shows_info(values))
    return run, found, [*diagnostics, *run.diagnostics]


def _edits(run: Lint, values: dict[str, Any]) -> list[Edit]:
    from meshgen.written import Written

    return [
        edit
        for code, manifest, path, change in run.fixes
        if isinstance(manifest.origin, Written) and _is_wanted(code, values)
        for edit in manifest.origin.edits(path, change)
    ]


def _is_wanted(code: str, values: dict[str, Any]) -> bool:
    """Whether --select and --ignore leave a code in. What cannot be read is always told."""
    if code.startswith(("MG0", "MG5")):
        return True
    selected = not values["select"] or any(_names(word, code) for word in values["select"])
    return selected and not any(_names(word, code) for word in values["ignore"])


def _names(word: str, code: str) -> bool:
    """Whether a word of a person means a code: itself, its beginning, its rule's name, or Istio's code."""
    from meshgen.rules import rules

    names = next(((rule.title, *rule.covers) for rule in rules() if rule.code == code), ())
    return code.startswith(word.upper()) or word in names or word.upper() in names


def _read(file: str) -> str:
    from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity

    try:
        return Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"cannot be read: {reason}"
        raise MeshgenError(Diagnostic(Location(file), "MG007", Severity.ERROR, message)) from None


def _write(file: str, text: str) -> None:
    """Write a baseline. What stands there and is none is left alone: it may be somebody's manifest."""
    from meshgen import fixing
    from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity
    from meshgen.fingerprint import is_baseline

    place = Path(file)
    if place.is_file() and place.stat().st_size and not is_baseline(_read(file)):
        message, hint = "is there, and is no baseline: it is left alone", "name another file"
        raise MeshgenError(Diagnostic(Location(file), "MG503", Severity.ERROR, message, hint=hint))
    try:
        fixing.replace(place, text.encode())
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise MeshgenError(Diagnostic(Location(file), "MG503", Severity.ERROR, message)) from None
