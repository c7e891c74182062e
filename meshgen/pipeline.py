"""The whole of meshgen on one screen: specs in, checked objects out, with everything that was wrong."""

from __future__ import annotations

import difflib
import gc
import marshal
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from meshgen import validator
from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity, in_order
from meshgen.document import KeyPath, read_output
from meshgen.fleet import Fleet, Options, Reading
from meshgen.forked import map_forked, workers_for
from meshgen.lockstep import AT_ONCE, in_step
from meshgen.mesh import Manifest, Mesh, ObjectKey
from meshgen.spool import Place, Spool, no_room

if TYPE_CHECKING:
    from meshgen.renderer import Unit


class Build(NamedTuple):
    """What a run made of its specs."""

    fleet: Fleet
    mesh: Mesh
    diagnostics: tuple[Diagnostic, ...]

    @property
    def specs(self) -> int:
        """How many specs were read."""
        return len(self.fleet.entries)

    @property
    def failed(self) -> bool:
        """Whether an error stops the run: then nothing may be written."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)


_Made = tuple[tuple[int, str, str, str], Place, Place, tuple[str, ...]]
"""An object: its key as a plain tuple, the places of its text and data, its specs."""
_NOWHERE: Place = (0, 0, 0)
_Outcome = tuple[tuple[_Made, ...], tuple[Diagnostic, ...]]
"""What came of a unit, and what was wrong."""


Watch = Callable[[str, int, int], None]
"""Told of each step: the stage, how much of it is done, and of how much."""


def build(arguments: Sequence[str], options: Options | None = None, watch: Watch = lambda *_: None) -> Build:
    """Read, check, render and validate the specs in files, folders or, for `-`, standard input.

    Mistakes are returned, sorted by place; none of them hides another.
    """
    try:
        with _uncollected():
            return _build(arguments, options or Options(), watch)
    except OSError as error:
        raise MeshgenError(no_room(error)) from None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles: a run makes hardly any, and the search costs a sixth of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def judge(built: Build, *, info: bool = False, watch: Watch = lambda *_: None) -> list[Diagnostic]:
    """What the rules of lint find in all objects together; without `info`, errors and warnings alone.

    Nothing where a mistake stops the run, or only a part was rendered: what seems to be missing may be there.
    """
    options = built.fleet.options
    if built.failed or options.only is not None:
        return []
    watch("lint", 0, 1)
    from meshgen.linter import Cluster, lint

    cluster = Cluster(options.kubernetes_version, options.istio_version, options.cluster_domain)
    with _uncollected():
        return lint((), cluster, rendered=built.mesh, known=built.fleet.around.manifests, info=info).diagnostics


def _build(arguments: Sequence[str], options: Options, watch: Watch) -> Build:
    watch("read", 0, 1)
    with Reading(arguments, options) as reading:
        from meshgen.renderer import doubles, units  # its models take as long as the reading of 800 specs

        fleet = reading.fleet()
    work = _largest_first(units(fleet), fleet)
    workers = workers_for(len(work))
    spools = [Spool(worker) for worker in range(workers)]
    run = _Run(fleet, spools, _kept_kinds(fleet.options))
    manifests: list[Manifest] = []
    diagnostics = [*fleet.diagnostics, *_unknown(fleet)]
    outcomes = map_forked(partial(_outcomes, run), work, workers, lambda worker: spools[worker].flush())
    for number, (objects, wrong) in enumerate(outcomes):
        watch("render and check", number, len(work))
        diagnostics += wrong
        for named, text, data, sources in objects:
            key = ObjectKey._make(named)
            manifests.append(Manifest(key, sources, _Spooled(run, work[number], text, data, key)))
    spools[0].flush()  # while a full disk can still be told as such
    watch("compare", 0, 1)
    diagnostics += doubles(manifests)
    return Build(fleet, Mesh(manifests), tuple(in_order(diagnostics)))


def _largest_first(work: list[Unit], fleet: Fleet) -> list[Unit]:
    """The same work, with the longest spec in front: what it needs is made before processes part, and each has it."""
    lengths = {unit: fleet.entries[unit].end - fleet.entries[unit].start for unit in work if isinstance(unit, int)}
    largest = max(lengths, key=lengths.__getitem__, default=None)
    return work if largest is None else [largest, *(unit for unit in work if unit != largest)]


def _unknown(fleet: Fleet) -> Iterator[Diagnostic]:
    """What `--only` asks for must be there."""
    from meshgen.renderer import units

    only = fleet.options.only
    if only is not None and not units(fleet) and only not in fleet.unread:
        names = sorted(str(entry.key) for entry in fleet.entries)
        near = difflib.get_close_matches(only, [*names, *(entry.key.name for entry in fleet.entries)], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names[:20])}"
        yield Diagnostic(Location("--only"), "MG110", Severity.ERROR, f"no spec is named {only!r}", hint=hint)


class _Run(NamedTuple):
    """What all units of a run share."""

    fleet: Fleet
    spools: Sequence[Spool]
    kept: Collection[str]
    """The kinds of objects whose data is kept beside the text."""


def _kept_kinds(options: Options) -> Collection[str]:
    """Those that rules know, where they will ask."""
    if not options.keep_data:
        return ()
    from meshgen.registry import GROUPS

    return GROUPS


def _outcomes(run: _Run, worker: int, units: Sequence[Unit]) -> list[_Outcome]:
    outcomes: list[_Outcome] = []
    for start in range(0, len(units), AT_ONCE):
        outcomes += in_step([_outcome(run, worker, unit) for unit in units[start : start + AT_ONCE]])
    return outcomes


def _outcome(run: _Run, worker: int, unit: Unit) -> Generator[None, None, _Outcome]:
    from meshgen.renderer import rendering

    rendered = yield from rendering(run.fleet, unit)
    yield
    diagnostics = list(rendered.diagnostics)
    options = run.fleet.options
    for manifest, data in rendered.objects:
        diagnostics += validator.check(manifest, data, options.kubernetes_version, options.istio_version)
    yield
    kept = [each for each in rendered.objects if each[0].kind in run.kept] if run.kept else []
    parts = [manifest.text.encode() for manifest, _ in rendered.objects] + [marshal.dumps(data) for _, data in kept]
    places = run.spools[worker].add(parts)
    packed = {manifest.key: place for (manifest, _), place in zip(kept, places[len(rendered.objects) :], strict=True)}
    objects = [
        ((*manifest.key,), text, packed.get(manifest.key, _NOWHERE), manifest.sources)
        for (manifest, _), text in zip(rendered.objects, places, strict=False)
    ]
    return tuple(objects), tuple(diagnostics)


class _Spooled(NamedTuple):
    """An object's text and data, read when they are wanted, and its places, found by rendering its spec again: they hardly ever are."""

    run: _Run
    unit: Unit
    place: Place
    packed: Place
    key: ObjectKey

    @property
    def text(self) -> str:
        """The object's YAML."""
        spool, _, _ = self.place
        return self.run.spools[spool].read(self.place).decode()

    @property
    def data(self) -> dict[str, Any]:
        """The object as plain data, read from the text where it was not kept."""
        spool, _, length = self.packed
        if not length:
            return read_output(self.text)
        data: dict[str, Any] = marshal.loads(self.run.spools[spool].read(self.packed))  # noqa: S302 - packed by this program
        return data

    def locate(self, path: KeyPath) -> Location:
        """Where to edit the value at `path`."""
        from meshgen.renderer import render_unit

        rendered = render_unit(self.run.fleet, self.unit)
        return next(manifest for manifest, _ in rendered.objects if manifest.key == self.key).locate(path)
