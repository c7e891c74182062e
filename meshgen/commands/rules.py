"""`meshgen rules`: what a code means, with an example of what is wrong and what is right."""

from __future__ import annotations

import click


@click.command()
@click.argument("code", required=False)
@click.pass_context
def command(ctx: click.Context, /, code: str | None) -> None:
    """Tell what CODE means: one of meshgen's, one of istioctl analyze (IST0101), or a rule's name. Without it, list all rules."""
    from meshgen.codes import CODES
    from meshgen.rules import explained, rules
    from meshgen.rules.analysis import ANALYSIS

    if code is None:
        for rule in rules():
            click.echo(f"{rule.code}  {rule.severity.value:7}  {rule.title}{_covered(rule.covers)}")
        return
    wanted = [rule for rule in rules() if code.upper() in (rule.code, *rule.covers) or code == rule.title]
    for number, rule in enumerate(wanted):
        rest = "\n" if number else ""
        click.echo(
            f"{rest}{rule.code} {rule.title} ({rule.severity.value}){_covered(rule.covers)}\n\n{rule.page.strip()}"
        )
    if code.upper() in ANALYSIS:
        click.echo(("\n" if wanted else "") + _analysis(code.upper(), [rule.code for rule in wanted]))
    elif not wanted and code.upper() in CODES:
        title, page = explained(code.upper())
        click.echo(f"{code.upper()} {title}\n\n{page}")
    elif not wanted:
        from difflib import get_close_matches

        known = [*CODES, *ANALYSIS, *(name for rule in rules() for name in (rule.code, rule.title, *rule.covers))]
        near = get_close_matches(code, known, n=1) or get_close_matches(code.upper(), known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise click.BadParameter(f"no code or rule is named {code!r}{hint}", ctx, param_hint="CODE")


def _covered(codes: tuple[str, ...]) -> str:
    return f"  [{', '.join(codes)}]" if codes else ""


def _analysis(code: str, found_by: list[str]) -> str:
    """What is said of a code of `istioctl analyze`: who finds it here, and how ours differs."""
    from meshgen.rules.analysis import ANALYSIS

    level, name, difference = ANALYSIS[code]
    who = f"found by {', '.join(found_by)}" if found_by else "no rule of lint"
    return f"{code} {name} ({level} to istioctl analyze): {who}" + (f"\n\n{difference}" if difference else "")
