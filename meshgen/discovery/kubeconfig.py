"""Where the cluster is and who asks: kubeconfigs as kubectl reads them, or the ServiceAccount of a pod."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from meshgen.discovery.errors import Misconfigured, NotInstalled

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import SingleConfig

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_IN_CLUSTER = "KUBERNETES_SERVICE_HOST"
_DEFAULT = "~/.kube/config"
_EXEC_API = "client.authentication.k8s.io"
_HINT = "name a kubeconfig (KUBECONFIG, or ~/.kube/config is taken), or run in a pod with a ServiceAccount"
_LISTS = {"clusters": "cluster", "contexts": "context", "users": "user"}
_FILES = ("certificate-authority", "client-certificate", "client-key")
# What lightkube passes over in silence: who asks, or whom, would be another than the file says.
_UNKNOWN = {"clusters": ("tls-server-name",), "users": ("as", "as-uid", "as-groups", "as-user-extra")}

Named = dict[str, dict[str, Any]]


class Config(NamedTuple):
    """One cluster and who asks it; `proxy` is the URL of the cluster's proxy-url, if it has one."""

    single: SingleConfig
    proxy: str | None

    @property
    def namespace(self) -> str:
        """The namespace of the context, else `default`."""
        return self.single.namespace


@dataclass(frozen=True)
class Place:
    """Where the cluster is said to be: a kubeconfig and a context, or what kubectl would take (None)."""

    kubeconfig: str | None = None
    context: str | None = None

    def read(self) -> Config:
        """The configuration as it stands now. Raises NotInstalled and Misconfigured."""
        try:
            from lightkube.config.kubeconfig import KubeConfig
            from lightkube.core.exceptions import ConfigError
        except ModuleNotFoundError as fault:
            raise NotInstalled(
                f"discovery needs the extra 'cluster' ({fault.name} is missing)", "pip install 'meshgen[cluster]'"
            ) from None
        files = self._files()
        if files:
            return _of_files(files, self.context)
        try:
            found = KubeConfig.from_service_account().get()
        except (ConfigError, KeyError, OSError) as fault:
            raise Misconfigured(f"the ServiceAccount of this pod cannot be used: {fault}", _HINT) from fault
        assert found is not None  # noqa: S101 - get() without a default gives one or raises
        return Config(found, None)

    def _files(self) -> list[Path]:
        """The kubeconfigs, the first of which wins; none for the ServiceAccount of the pod that this runs in."""
        if self.kubeconfig:
            return [Path(self.kubeconfig).expanduser()]
        if named := [Path(each) for each in os.environ.get("KUBECONFIG", "").split(os.pathsep) if each]:
            there = [each for each in named if each.exists()]  # as kubectl does: not all have to be there
            return there or named[:1]
        inside = os.environ.get(_IN_CLUSTER) and Path(_ACCOUNT).exists() and not self.context
        return [] if inside else [Path(_DEFAULT).expanduser()]


def _of_files(files: list[Path], context: str | None) -> Config:
    from lightkube.config.kubeconfig import KubeConfig

    merged: dict[str, Named] = {kind: {} for kind in _LISTS}
    current = context or ""
    for path in files:
        data = _loaded(path)
        current = current or str(data.get("current-context") or "")
        for kind in _LISTS:
            for name, value in _named(data, kind, path).items():
                merged[kind].setdefault(name, value)
    where = os.pathsep.join(map(str, files))
    if not current:
        raise Misconfigured(f"kubeconfig {where} has no current-context", _choice(merged["contexts"], "context"))
    chosen = _one(merged, "contexts", current, where)
    cluster = _one(merged, "clusters", str(chosen.get("cluster", "")), where)
    user = _one(merged, "users", str(chosen["user"]), where) if chosen.get("user") else {}
    for path in (value[key] for value in (cluster, user) for key in _FILES if value.get(key)):
        _readable(Path(path), f"kubeconfig {where} names a file: ")
    ends = {"clusters": cluster, "contexts": chosen | {"cluster": "it", "user": "it"}, "users": user}
    lists = {kind: [{"name": "it", key: ends[kind]}] for kind, key in _LISTS.items()}
    try:
        found = KubeConfig.from_dict(lists, files[0]).get("it")
    except Exception as fault:  # whatever a field of a wrong type makes msgspec say
        raise Misconfigured(f"kubeconfig {where}, context {current!r}: {fault}", _HINT) from fault
    assert found is not None  # noqa: S101 - get() without a default gives one or raises
    return Config(_completed(found), cluster.get("proxy-url") or None)


def _loaded(path: Path) -> dict[str, Any]:
    """What a file says, as lightkube reads it. Raises Misconfigured."""
    from lightkube.config.kubeconfig import KubeConfig

    class Raw(KubeConfig):
        """Keeps what the file says, instead of what lightkube knows of it."""

        @classmethod
        def from_dict(cls, conf: Any, fname: object = None) -> Any:  # noqa: ARG003 - as it is called
            return conf

    _readable(path, "kubeconfig ")
    try:
        data: Any = Raw.from_file(path)
    except Exception as fault:  # whatever YAML or decoding text says
        mark, problem = getattr(fault, "problem_mark", None), getattr(fault, "problem", None) or fault
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise Misconfigured(f"kubeconfig {path}{at} is no YAML: {problem}", _HINT) from fault
    if not isinstance(data, dict):
        seen = "is empty" if data is None else f"holds no mapping but {type(data).__name__}"
        raise Misconfigured(f"kubeconfig {path} {seen}", _HINT)
    return data


def _named(data: dict[str, Any], kind: str, path: Path) -> Named:
    """The entries of a list by their names, with absolute paths: a relative one begins at the file's own folder."""
    entries, key, found = data.get(kind) or [], _LISTS[kind], {}
    for entry in entries if isinstance(entries, list) else [entries]:
        value = entry.get(key) or {} if isinstance(entry, dict) and "name" in entry else None
        if not isinstance(value, dict):
            raise Misconfigured(f"kubeconfig {path}: {kind} is no list of entries with name and {key}", _HINT)
        base = path.absolute().parent
        value = value | {each: str(base / value[each]) for each in (*_FILES, "tokenFile") if value.get(each)}
        plugin = value.get("exec")
        if isinstance(plugin, dict) and os.sep in str(plugin.get("command")):
            value["exec"] = plugin | {"command": str(base / plugin["command"])}
        found[str(entry["name"])] = value
    return found


def _one(merged: dict[str, Named], kind: str, name: str, where: str) -> dict[str, Any]:
    key = _LISTS[kind]
    if name not in merged[kind]:
        raise Misconfigured(f"kubeconfig {where} has no {key} {name!r}", _choice(merged[kind], key))
    for field in _UNKNOWN.get(kind, ()):
        if merged[kind][name].get(field):
            raise Misconfigured(
                f"kubeconfig {where}: {field} of {key} {name!r} is not supported", f"name a {key} without it"
            )
    return merged[kind][name]


def _choice(there: Named, key: str) -> str:
    return f"there are: {', '.join(sorted(there))}" if there else f"no {key} is in it"


def _readable(path: Path, what: str) -> None:
    try:
        path.open("rb").close()
    except OSError as fault:
        raise Misconfigured(f"{what}{path}: {fault.strerror}", _HINT if what == "kubeconfig " else "") from fault


def _completed(config: SingleConfig) -> SingleConfig:
    """The same, with what lightkube lacks: users who have nothing to show, and version v1 of credential plugins."""
    from lightkube.config.models import NameValue, User

    user = config.user or User()
    if user.exec is not None and user.exec.apiVersion.startswith(f"{_EXEC_API}/"):
        # The answer's token stands at the same place in all versions; the plugin is told the one that was configured.
        told = {"apiVersion": user.exec.apiVersion, "kind": "ExecCredential", "spec": {"interactive": False}}
        user.exec.env = [*(user.exec.env or []), NameValue("KUBERNETES_EXEC_INFO", json.dumps(told))]
        user.exec.apiVersion = f"{_EXEC_API}/v1beta1"
    return config._replace(user=user)
