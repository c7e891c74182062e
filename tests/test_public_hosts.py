"""Public hosts that several services share: one object, longest path first."""

from __future__ import annotations

import pytest
from meshes import HOST, RUNS, gateway, get, mesh, said, service
from outside import ask


def shared(*exposes: str, edge: str = "hosts: [a.example.com]") -> tuple[str, ...]:
    """A gateway and services a, b, c ... each with a way in."""
    return gateway(edge), *(
        service(f"{RUNS}\nexpose: [{{name: web, gateway: n/gw, {expose}}}]", name=name, namespace=namespace)
        for (name, namespace), expose in zip((("a", "n"), ("b", "n"), ("c", "m")), exposes, strict=False)
    )


def test_services_that_share_a_host_come_longest_path_first() -> None:
    made = mesh(
        *shared(
            "hosts: [a.example.com]", "hosts: [a.example.com], path: /cart/items", "hosts: [a.example.com], path: /cart"
        )
    )
    manifest = made.get("VirtualService", "n", "gw-a.example.com")

    assert manifest is not None
    rules = manifest.data["spec"]["http"]
    assert [rule["name"] for rule in rules] == ["b.web.default", "c.web.default", "a.web.default"]
    assert [ask(rules, path)[0][0] for path in ("/cart/items/1", "/cart/itemsx", "/cart", "/x")] == ["b", "c", "c", "a"]  # type: ignore[index]


def test_the_shared_object_names_all_specs_that_it_is_made_of() -> None:
    made = mesh(*shared("hosts: [a.example.com]", "hosts: [a.example.com], path: /b"))
    manifest = made.get("VirtualService", "n", "gw-a.example.com")

    assert manifest is not None
    assert sorted(manifest.sources) == ["specs/2.yaml", "specs/3.yaml"]


def test_inside_a_group_the_services_own_order_holds() -> None:
    a = f"{RUNS}\nroutes: [{{name: z, match: [{{uri: {{exact: /z}}}}]}}, {{name: y}}]\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /p}}]"
    b = f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}]}}, {{name: q, gateway: gw, hosts: [{HOST}], path: /p/q}}]"
    made = mesh(gateway(), service(a), service(b, name="b"))

    assert [rule["name"] for rule in get(made, "VirtualService", f"gw-{HOST}")["spec"]["http"]] == [
        "b.q.default",
        "a.web.z",
        "a.web.y",
        "b.web.default",
    ]


@pytest.mark.parametrize(
    ("namespaces", "edge", "stands_in", "name"),
    [
        (("n", "n"), "n", "n", "gw-a.example.com"),
        (("m", "m"), "n", "m", "n.gw-a.example.com"),
        (("m", "n"), "n", "n", "gw-a.example.com"),
        (("m", "n"), "edge", "edge", "gw-a.example.com"),
    ],
)
def test_it_stands_with_its_exposers_or_else_with_the_gateway(
    namespaces: tuple[str, str], edge: str, stands_in: str, name: str
) -> None:
    first, second = (
        service(
            f"{RUNS}\nexpose: [{{name: web, gateway: {edge}/gw, hosts: [{HOST}], path: /{number}}}]",
            name=f"s{number}",
            namespace=namespace,
        )
        for number, namespace in enumerate(namespaces)
    )
    made = mesh(first, second, gateway(namespace=edge))

    assert get(made, "VirtualService", name, stands_in)["spec"]["gateways"] == [f"{edge}/gw"]


def test_it_carries_the_labels_that_all_its_services_have() -> None:
    texts = [
        service(
            f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /{name}}}]",
            name=name,
            labels=f"{{team: x, part: {name}}}",
        )
        for name in ("a", "b")
    ]
    labels = get(mesh(*texts, gateway()), "VirtualService", f"gw-{HOST}")["metadata"]["labels"]

    assert labels == {"team": "x", "app.kubernetes.io/managed-by": "meshgen"}


def test_one_path_twice_is_told_to_the_later_with_the_place_of_the_earlier() -> None:
    assert said(*shared("hosts: [a.example.com], path: /p", "hosts: [A.example.com], path: /p")) == [
        "3.yaml:7:63 MG125 path '/p' of a.example.com at n/gw is n/a's already, at 2.yaml:7:12"
    ]
    assert said(*shared("hosts: [a.example.com]", "hosts: [a.example.com], path: /")) == [
        "3.yaml:7:63 MG125 path '/' of a.example.com at n/gw is n/a's already, at 2.yaml:7:12"
    ]


def test_one_path_twice_is_told_of_one_service_too() -> None:
    spec = f"{RUNS}\nexpose: [{{name: x, gateway: gw, hosts: [{HOST}]}}, {{name: y, gateway: n/gw, hosts: [{HOST}]}}]"

    assert said(service(spec), gateway()) == [
        "1.yaml:7:60 MG125 path '/' of a.example.com at n/gw is n/a's already, at 1.yaml:7:12"
    ]


def test_one_sticky_cookie_twice_on_a_host_is_told() -> None:
    texts = [
        service(
            f"{RUNS}\nversions: [{{name: v1}}, {{name: v2}}]\nroutes: [{{name: r, split: {{v1: 50, v2: 50}}, sticky: {{cookie: c}}}}]\n"
            f"expose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /{name}}}]",
            name=name,
        )
        for name in ("a", "b")
    ]

    assert said(*texts, gateway()) == [
        "2.yaml:9:12 MG123 n/a, at 1.yaml:9:12, keeps its clients on a.example.com by cookie 'c' too"
    ]
