"""`meshgen lint --fix`: right values in files, and every other byte kept."""

from __future__ import annotations

from pathlib import Path

from conftest import run

WRONG = """\
# kept
apiVersion: networking.istio.io/v1beta1   # older
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec:
  host: users
  trafficPolicy: {loadBalancer: {simple: "LEAST_CONN"},   connectionPool: {tcp: {maxConnections: 5}}}
"""


def test_fix_writes_right_values_and_keeps_every_other_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(WRONG.replace("\n", "\r\n").encode())
    file.chmod(0o640)

    outcome = run("lint", file, "--fix", "--all")

    right = WRONG.replace("v1beta1", "v1").replace('"LEAST_CONN"', "LEAST_REQUEST")
    assert file.read_bytes() == right.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert "changed 2 values" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
    assert run("lint", file, "--fix", "--all").err.startswith("changed 0 values")


def test_fix_keeps_to_the_codes_that_are_chosen(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(WRONG)

    run("lint", file, "--fix", "--all", "--ignore", "MG232")

    assert file.read_text() == WRONG.replace('"LEAST_CONN"', "LEAST_REQUEST")


def test_fix_leaves_what_meshgen_made_and_what_several_places_share(tmp_path: Path) -> None:
    made, shared = tmp_path / "made.yaml", tmp_path / "shared.yaml"
    made.write_text(f"# Made by meshgen from specs/a.yaml; change that.\n{WRONG}")
    shared.write_text(WRONG.replace("name: users", "name: other").replace('"LEAST_CONN"', "&lb LEAST_CONN"))
    before = made.read_text(), shared.read_text()

    run("lint", tmp_path, "--fix", "--all")

    assert (made.read_text(), shared.read_text()) == before
