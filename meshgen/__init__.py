"""Short typed specs of services in; the Kubernetes and Istio YAML that runs them out.

Names are loaded when they are first used, so that `import meshgen` costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is to type checkers, without the cost of importing typing
if TYPE_CHECKING:
    from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity
    from meshgen.fleet import Fleet, load_fleet
    from meshgen.mesh import Manifest, Mesh
    from meshgen.pipeline import Build, build
    from meshgen.renderer import render
    from meshgen.validator import validate

__version__ = "0.1.0"

__all__ = [
    "Build",
    "Diagnostic",
    "Fleet",
    "Location",
    "Manifest",
    "Mesh",
    "MeshgenError",
    "Severity",
    "__version__",
    "build",
    "load_fleet",
    "render",
    "validate",
]

_MODULES = {
    "Build": "pipeline",
    "Diagnostic": "diagnostic",
    "Fleet": "fleet",
    "Location": "diagnostic",
    "Manifest": "mesh",
    "Mesh": "mesh",
    "MeshgenError": "diagnostic",
    "Severity": "diagnostic",
    "build": "pipeline",
    "load_fleet": "fleet",
    "render": "renderer",
    "validate": "validator",
}


if not TYPE_CHECKING:  # or type checkers would believe every name

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
