"""`meshgen schema`: the JSON Schema of the specs, for editors."""

from __future__ import annotations

import click


@click.command()
@click.argument("kind", required=False, type=click.Choice(["Service", "Gateway"], case_sensitive=False))
def command(kind: str | None) -> None:
    """Print the JSON Schema (2020-12) of specs, or of one KIND of them.

    VS Code and other editors with yaml-language-server complete and check by it: save it as
    meshgen.schema.json and begin each spec beside it with
    # yaml-language-server: $schema=meshgen.schema.json
    """
    from meshgen.spec.json_schema import json_schema_text

    click.echo(json_schema_text(kind.capitalize() if kind else None), nl=False)
