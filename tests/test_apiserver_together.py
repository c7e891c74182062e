"""What kube-apiserver refuses of a pod as a whole, of volumes of all kinds and of metadata, in words."""

from __future__ import annotations

from typing import Any

import pytest
from admitted import POD, Object, claim, deployment, pod_security, service, told, variable, volume
from objects import changed

T = "spec.template.metadata.annotations"
AA = "container.apparmor.security.beta.kubernetes.io/"
SC = "seccomp.security.alpha.kubernetes.io/pod"
ONE = [{"name": "a", "image": "a"}]


def win(**options: Any) -> Object:
    """A Deployment whose pods have Windows options."""
    return pod_security(windowsOptions=options)


def whole(**fields: Any) -> Object:
    """A Deployment whose pods have one container and further fields."""
    return deployment(POD, {"containers": ONE, **fields})


REFUSED: list[tuple[Object, str]] = [
    (deployment(f"{POD}.resources", {"requests": {"cpu": "500m"}}), "MG305 spec.template.spec.resources.requests.cpu: 500m is less than the containers ask for together, 1"),
    (deployment(POD, {"containers": [{"name": "a", "image": "a", "resources": {"limits": {"cpu": "3", "memory": "2Gi"}}}], "resources": {"limits": {"cpu": 2}}}), "MG305 spec.template.spec.containers.0.resources.limits.cpu: 3 is more than the pod's limit, 2"),
    (deployment(POD, {"containers": [{"name": "a", "image": "a", "resources": {"requests": {"memory": "1Gi"}}}], "initContainers": [{"name": "b", "image": "a", "restartPolicy": "Always", "resources": {"requests": {"memory": "1Gi"}}}], "resources": {"requests": {"memory": "1.5Gi"}}}), "MG305 spec.template.spec.resources.requests.memory: 1.5Gi is less than the containers ask for together, 2Gi"),
    (deployment(f"{POD}.resources", {"claims": []}), "MG301 spec.template.spec.resources.claims: 'claims' cannot stand here"),
    (deployment(f"{POD}.resources", {"limits": {"ephemeral-storage": "1Gi"}}), "MG301 spec.template.spec.resources.limits.ephemeral-storage: takes cpu, memory or hugepages-SIZE, not 'ephemeral-storage'"),
    (deployment(POD, {"containers": ONE, "os": {"name": "windows"}, "resources": {"limits": {"cpu": 1}}}), "MG305 spec.template.spec.resources: a pod of Windows has no resources of its own | write them at the containers"),
    (deployment(POD, {"containers": ONE, "hostUsers": False, "hostNetwork": True}), "MG305 spec.template.spec.hostNetwork: hostNetwork cannot stand beside hostUsers: false | drop one of them"),
    (deployment(POD, {"containers": ONE, "hostnameOverride": "h", "hostNetwork": True}), "MG305 spec.template.spec.hostNetwork: hostNetwork cannot stand beside hostnameOverride | drop one of them"),
    (deployment(f"{POD}.hostnameOverride", "H"), "MG301 spec.template.spec.hostnameOverride: takes a name of lower-case letters, digits, hyphens and dots, 253 characters at most, not the text 'H'"),
    (deployment(T, {SC: "x"}), "MG305 spec.template.metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: takes runtime/default, docker/default, unconfined or localhost/PATH, not the text 'x'"),
    (deployment(T, {SC: "localhost/../x"}), "MG305 spec.template.metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: takes a path below the kubelet's profiles, not '../x'"),
    (deployment(T, {AA + "nobody": "runtime/default"}), "MG305 spec.template.metadata.annotations.container.apparmor.security.beta.kubernetes.io/nobody: no container is named 'nobody'; there are: users | write securityContext.appArmorProfile instead"),
    (deployment(T, {AA + "users": "x"}), "MG305 spec.template.metadata.annotations.container.apparmor.security.beta.kubernetes.io/users: takes runtime/default, unconfined or localhost/PROFILE, not the text 'x'"),
    (deployment(T, {"controller.kubernetes.io/pod-deletion-cost": "3000000000"}), "MG305 spec.template.metadata.annotations.controller.kubernetes.io/pod-deletion-cost: takes a whole number of 32 bits, not 3000000000"),
    (deployment(T, {"kubernetes.io/config.mirror": "x"}), "MG305 spec.template.metadata.annotations.kubernetes.io/config.mirror: needs nodeName: only a node has mirror pods | drop the annotation"),
    (deployment(T, {"a": "b" * 262144}), "MG305 spec.template.metadata.annotations: takes 262144 bytes in all, keys and values, and has 262145"),
    (changed("ConfigMap", "metadata.annotations", {"a": "b" * 262144}), "MG305 metadata.annotations: takes 262144 bytes in all, keys and values, and has 262145"),
    (changed("Deployment", "metadata.ownerReferences", [{"apiVersion": "v1", "kind": "ConfigMap", "name": n, "uid": n, "controller": True} for n in "ab"]), "MG305 metadata.ownerReferences.1.controller: another owner controls the object already"),
    (win(runAsUserName="d:\\u"), "MG305 spec.template.spec.securityContext.windowsOptions.runAsUserName: takes a domain's name before the backslash, not 'd:'"),
    (win(runAsUserName="u" * 105), "MG305 spec.template.spec.securityContext.windowsOptions.runAsUserName: takes a user's name of 104 bytes at most, not of 105"),
    (win(hostProcess=True), "MG305 spec.template.spec: hostProcess needs hostNetwork: true beside it | write hostNetwork: true"),
    (changed("Deployment", POD, {"containers": [{"name": "a", "image": "a", "securityContext": {"windowsOptions": {"hostProcess": False}}}], "hostNetwork": True, "securityContext": {"windowsOptions": {"hostProcess": True}}}), "MG305 spec.template.spec.containers.0.securityContext.windowsOptions.hostProcess: is false, and that of the pod is true | drop one of them"),
    (volume(iscsi={"targetPortal": "p" * 63, "iqn": "iqn.2001-04.a:b", "initiatorName": "iqn.2001-04.a:b"}), "MG305 spec.template.spec.volumes.0.iscsi.targetPortal: takes 64 characters at most together with the volume's name, where initiatorName stands"),
    (volume(iscsi={"targetPortal": "p", "iqn": "x"}), "MG301 spec.template.spec.volumes.0.iscsi.iqn: takes a name such as iqn.2001-04.com.example:disk1, not the text 'x'"),
    (volume(fc={}), "MG301 spec.template.spec.volumes.0.fc: needs targetWWNs or wwids"),
    (volume(fc={"targetWWNs": ["a"]}), "MG301 spec.template.spec.volumes.0.fc: 'lun' is missing"),
    (volume(azureDisk={"diskName": "a", "diskURI": "/subscriptions/a"}), "MG301 spec.template.spec.volumes.0.azureDisk.diskURI: takes an address that begins with https://, as all kinds but Managed have, not the text '/subscriptions/a'"),
    (volume(csi={"driver": "a.b", "nodePublishSecretRef": {}}), "MG301 spec.template.spec.volumes.0.csi.nodePublishSecretRef: 'name' is missing"),
    (volume(quobyte={"registry": "a", "volume": "v"}), "MG301 spec.template.spec.volumes.0.quobyte.registry: takes host:port, or several of them with commas between, not the text 'a'"),
    (volume(flexVolume={"driver": "a/b", "options": {"k8s.io/a": "b"}}), "MG301 spec.template.spec.volumes.0.flexVolume.options.k8s.io/a: takes a key outside kubernetes.io and k8s.io, which are Kubernetes' own, not 'k8s.io/a'"),
    (volume(ephemeral={"volumeClaimTemplate": {"metadata": {"name": "a"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}), "MG301 spec.template.spec.volumes.0.ephemeral.volumeClaimTemplate.metadata.name: 'name' cannot stand here"),
    (claim(dataSource={"kind": "PersistentVolumeClaim", "name": "a"}, dataSourceRef={"kind": "PersistentVolumeClaim", "name": "b"}), "MG305 spec.volumeClaimTemplates.0.spec.dataSource: is not what dataSourceRef names | drop dataSource"),
    (pod_security(seLinuxChangePolicy="MountOption"), "MG301 spec.template.spec.securityContext.seLinuxChangePolicy: takes Recursive, not the text 'MountOption' | Kubernetes takes it from 1.37 on"),
    (variable(resourceFieldRef={"resource": "limits.memory", "divisor": "1024"}), "MG305 spec.template.spec.containers.0.env.0.valueFrom.resourceFieldRef.divisor: takes one unit such as 1Mi, not 1024"),
    (service(sessionAffinity="ClientIP", sessionAffinityConfig={"clientIP": {"timeoutSeconds": 86401}}), "MG301 spec.sessionAffinityConfig.clientIP.timeoutSeconds: takes 1 to 86400, not the number 86401"),
    (changed("Deployment", "metadata.finalizers", ["A.b/c"]), "MG301 metadata.finalizers.0: takes a key of letters, digits, '-', '_' and '.', 63 characters at most, with a DNS name and '/' before it or without, not the text 'A.b/c'"),
    (changed("Deployment", "metadata.ownerReferences", [{"apiVersion": "a/", "kind": "ConfigMap", "name": "n", "uid": "n"}]), "MG301 metadata.ownerReferences.0.apiVersion: takes GROUP/VERSION, or a version alone, not the text 'a/'"),
    (changed("Deployment", "metadata.ownerReferences", [{"apiVersion": "v1", "kind": "Event", "name": "n", "uid": "n"}]), "MG305 metadata.ownerReferences.0.kind: an Event owns nothing"),
    (deployment(POD, {"containers": ONE, "os": {"name": "linux"}, "securityContext": {"windowsOptions": {}}}), "MG301 spec.template.spec.securityContext.windowsOptions: 'windowsOptions' cannot stand here"),
    (deployment(POD, {"containers": ONE, "os": {"name": "windows"}, "securityContext": {"fsGroup": 1}}), "MG301 spec.template.spec.securityContext.fsGroup: 'fsGroup' cannot stand here"),
    (deployment(POD, {"containers": ONE, "os": {"name": "windows"}, "hostUsers": True}), "MG301 spec.template.spec.hostUsers: 'hostUsers' cannot stand here"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_is_refused_is_explained(data: Object, message: str) -> None:
    assert told(data) == [message]


@pytest.mark.parametrize(
    ("data", "last_taken", "first_refused"),
    [
        (whole(hostUsers=False, hostNetwork=True), "1.32", "1.33"),
        (whole(hostnameOverride="h", hostNetwork=True), "1.34", "1.35"),
        (deployment(f"{POD}.hostnameOverride", "H"), "1.34", "1.35"),
        (deployment(f"{POD}.resources", {"requests": {"cpu": "500m"}}), "1.33", "1.34"),
        (deployment(f"{POD}.resources", {"limits": {"ephemeral-storage": "1Gi"}}), "1.33", "1.34"),
        (pod_security(seLinuxChangePolicy="MountOption"), "1.32", "1.33"),
    ],
)
def test_a_version_refuses_what_its_features_check(data: Object, last_taken: str, first_refused: str) -> None:
    of_older = [each for each in told(data, last_taken) if "unknown key" not in each]

    assert [of_older, len(told(data, first_refused))] == [[], 1]


def test_a_selected_key_is_no_key_to_match_until_1_33() -> None:
    spread = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "matchLabelKeys": ["app"]}
    data = whole(topologySpreadConstraints=[spread | {"labelSelector": {"matchLabels": {"app": "users"}}}])

    assert [len(told(data, version)) for version in ("1.32", "1.33", "1.34")] == [1, 1, 0]


def test_selinux_labels_may_be_mounted_again_from_1_37_on() -> None:
    assert told(pod_security(seLinuxChangePolicy="MountOption"), "1.37") == []


def test_a_doubt_does_not_hide_a_refusal() -> None:
    data = deployment(f"{POD}.containers.0.readinessProbe", {"tcpSocket": {"port": "a--b"}})

    assert [each[:5] for each in told(data)] == ["MG301"]
