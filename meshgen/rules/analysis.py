"""The codes of `istioctl analyze` 1.31 (pkg/config/analysis/msg/messages.yaml), and why lint answers some otherwise or not at all."""

from __future__ import annotations

_CLUSTER = "It tells of a running cluster, and manifests do not show it"
_SAME = ""

ANALYSIS: dict[str, tuple[str, str, str]] = {
    "IST0001": ("error", "InternalError", "It is a failure of istioctl itself; lint has tracebacks for its own."),
    "IST0002": (
        "warning",
        "Deprecated",
        "Lightstep and the kinds of the old RBAC are unknown to the schemas: MG301 and MG302 tell of them.",
    ),
    "IST0101": (
        "error",
        "ReferencedResourceNotFound",
        (
            "What is missing may be applied from elsewhere: lint says so only where its namespace is among the files, and of a "
            "gateway's Secret or pods, which are installed apart, as a reminder (info). A half-empty namespace list of an "
            "AuthorizationPolicy is not judged: namespaces are seldom among the files."
        ),
    ),
    "IST0102": (
        "info",
        "NamespaceNotInjected",
        "Told only where the namespace holds workloads that do not ask for a sidecar themselves.",
    ),
    "IST0103": ("warning", "PodMissingProxy", f"{_CLUSTER}: the proxy is added when the pod is made."),
    "IST0106": (
        "error",
        "SchemaValidationError",
        "Lint reads the CRDs' own schemas with all that kube-apiserver checks (MG301 to MG399), then what the webhook refuses beyond.",
    ),
    "IST0107": ("warning", "MisplacedAnnotation", _SAME),
    "IST0108": ("warning", "UnknownAnnotation", _SAME),
    "IST0109": (
        "error",
        "ConflictingMeshGatewayVirtualServiceHosts",
        (
            "The analyzer tells of both; lint of the later one, which names the other. Where the matches of the two ask for "
            "different ports both work, and lint tells of it as info."
        ),
    ),
    "IST0110": (
        "error",
        "ConflictingSidecarWorkloadSelectors",
        "Pods are those that the workloads among the files make.",
    ),
    "IST0111": ("error", "MultipleSidecarsWithoutWorkloadSelectors", _SAME),
    "IST0112": (
        "error",
        "VirtualServiceDestinationPortSelectorRequired",
        "A warning in the mesh: the caller's port decides there, and requests arrive. At a gateway it is an error.",
    ),
    "IST0116": (
        "warning",
        "DeploymentAssociatedToMultipleServices",
        (
            "Info where callers only miss routes; a warning where the two Services say different protocols. The analyzer knows "
            "Deployments alone, lint all workloads."
        ),
    ),
    "IST0118": (
        "info",
        "PortNameIsNotUnderNamingConvention",
        "A warning at ports where the server speaks first: connections hang there.",
    ),
    "IST0123": ("warning", "NamespaceMultipleInjectionLabels", _SAME),
    "IST0125": ("warning", "InvalidAnnotation", _SAME),
    "IST0126": (
        "error",
        "UnknownMeshNetworksServiceRegistry",
        "The networks of a mesh are part of Istio's installation, and name Secrets of other clusters.",
    ),
    "IST0127": ("warning", "NoMatchingWorkloadsFound", "Pods are those that the workloads among the files make."),
    "IST0128": (
        "warning",
        "NoServerCertificateVerificationDestinationLevel",
        "With credentialName it is info: gateways read the authority there. Lint looks at subsets too.",
    ),
    "IST0129": (
        "warning",
        "NoServerCertificateVerificationPortLevel",
        "With credentialName it is info: gateways read the authority there.",
    ),
    "IST0130": (
        "warning",
        "VirtualServiceUnreachableRule",
        "Lint compares all conditions, not prefixes alone, and takes an absent method for any, as Envoy does.",
    ),
    "IST0131": (
        "info",
        "VirtualServiceIneffectiveMatch",
        "A warning: the match was written to take requests, and takes none.",
    ),
    "IST0132": (
        "warning",
        "VirtualServiceHostNotFoundInGateway",
        "The analyzer is content with one host of many; lint tells of each host that is at none of the gateways.",
    ),
    "IST0133": (
        "warning",
        "SchemaWarning",
        "The webhook's warnings have rules of their own: old fields (MG279), settings without effect, names of gateways.",
    ),
    "IST0134": ("warning", "ServiceEntryAddressesRequired", _SAME),
    "IST0135": ("info", "DeprecatedAnnotation", _SAME),
    "IST0136": (
        "info",
        "AlphaAnnotation",
        "`istioctl analyze` does not tell of it either: most annotations are alpha, and many are written by Istio itself.",
    ),
    "IST0137": (
        "warning",
        "DeploymentConflictingPorts",
        "Info: both numbers work, and only routes of one Service may be missed by callers of the other.",
    ),
    "IST0138": ("warning", "GatewayDuplicateCertificate", _SAME),
    "IST0139": ("error", "InvalidWebhook", "The webhook is part of Istio's installation."),
    "IST0140": ("warning", "IngressRouteRulesNotAffected", _SAME),
    "IST0141": ("error", "InsufficientPermissions", f"{_CLUSTER}: it is about who may install Istio."),
    "IST0142": ("error", "UnsupportedKubernetesVersion", f"{_CLUSTER}."),
    "IST0143": (
        "error",
        "LocalhostListener",
        "Nothing emits it in Istio 1.31: where a program listens shows when it runs.",
    ),
    "IST0144": ("warning", "InvalidApplicationUID", "The analyzer knows Pods and Deployments, lint all workloads."),
    "IST0145": ("error", "ConflictingGateways", _SAME),
    "IST0146": (
        "warning",
        "ImageAutoWithoutInjectionWarning",
        "The injection webhook is not among the files: lint judges by the labels of the Namespace and of the template.",
    ),
    "IST0147": (
        "error",
        "ImageAutoWithoutInjectionError",
        "A warning: the pod is a manifest here, and may get its proxy when it is made; the analyzer sees the pod as it runs.",
    ),
    "IST0148": (
        "info",
        "NamespaceInjectionEnabledByDefault",
        "Whether injection is on by default stands in a ConfigMap of Istio's installation.",
    ),
    "IST0149": (
        "error",
        "JwtClaimBasedRoutingWithoutRequestAuthN",
        "Told where the gateway's pods are among the files.",
    ),
    "IST0150": (
        "warning",
        "ExternalNameServiceTypeInvalidPortName",
        "Istio 1.31 makes an ExternalName another name of the host that it leads to, without ports of its own (model.Alias): the names of its ports decide nothing.",
    ),
    "IST0151": (
        "warning",
        "EnvoyFilterUsesRelativeOperation",
        "MG278 tells of it as a warning, of the others of its kind as errors.",
    ),
    "IST0152": ("error", "EnvoyFilterUsesReplaceOperationIncorrectly", _SAME),
    "IST0153": ("error", "EnvoyFilterUsesAddOperationIncorrectly", _SAME),
    "IST0154": ("error", "EnvoyFilterUsesRemoveOperationIncorrectly", _SAME),
    "IST0155": (
        "warning",
        "EnvoyFilterUsesRelativeOperationWithProxyVersion",
        "MG278 tells of it as a warning, of the others of its kind as errors.",
    ),
    "IST0156": ("error", "UnsupportedGatewayAPIVersion", f"{_CLUSTER}: which version of the Gateway API it has."),
    "IST0157": (
        "warning",
        "InvalidTelemetryProvider",
        "Info: a default provider of the mesh, which stands in Istio's installation, makes it right.",
    ),
    "IST0158": ("warning", "PodsIstioProxyImageMismatchInNamespace", f"{_CLUSTER}: pods before and after an upgrade."),
    "IST0159": (
        "error",
        "ConflictingTelemetryWorkloadSelectors",
        "Pods are those that the workloads among the files make.",
    ),
    "IST0160": ("error", "MultipleTelemetriesWithoutWorkloadSelectors", _SAME),
    "IST0161": (
        "error",
        "InvalidGatewayCredential",
        (
            "Lint looks for the keys and for PEM. Whether a certificate has ended depends on the day, so the same files would not "
            "always be answered alike."
        ),
    ),
    "IST0162": (
        "warning",
        "GatewayPortNotDefinedOnService",
        "Told where the gateway's pods and their Service are among the files.",
    ),
    "IST0163": ("warning", "InvalidExternalControlPlaneConfig", "The webhook is part of Istio's installation."),
    "IST0164": ("info", "ExternalControlPlaneAddressIsNotAHostname", "The webhook is part of Istio's installation."),
    "IST0165": ("warning", "ReferencedInternalGateway", "MG250 tells of it as a warning."),
    "IST0166": (
        "warning",
        "IneffectiveSelector",
        "Pods of the Gateway API are made by Istio in the cluster, and their labels stand in no manifest.",
    ),
    "IST0167": (
        "warning",
        "IneffectivePolicy",
        "Lint reads the label of the Namespace; that a running pod is redirected it cannot see.",
    ),
    "IST0168": ("warning", "UnknownUpgradeCompatibility", f"{_CLUSTER}: it is about an upgrade of Istio."),
    "IST0169": ("warning", "UpdateIncompatibility", f"{_CLUSTER}: it is about an upgrade of Istio."),
    "IST0170": ("warning", "MultiClusterInconsistentService", "It compares one Service in several running clusters."),
    "IST0171": ("warning", "NegativeConditionStatus", f"{_CLUSTER}: a status is written by controllers."),
    "IST0172": (
        "warning",
        "FutureUnsupportedGatewayAPIVersion",
        f"{_CLUSTER}: which version of the Gateway API it has.",
    ),
    "IST0173": (
        "error",
        "DestinationRuleSubsetNotSelectPods",
        "The analyzer compares a subset with the pods of all namespaces; lint with those that the Service selects.",
    ),
    "IST0174": ("warning", "UnknownDestinationRuleHost", "Lint says so where the host's namespace is among the files."),
    "IST0175": (
        "warning",
        "JwksUriFetchUnrestricted",
        "It is about a setting of istiod's own Deployment, and is as true of every mesh that leaves it at its default.",
    ),
    "IST0176": ("warning", "GatewayAPICRDVersionBelowMinimum", f"{_CLUSTER}: which version of the Gateway API it has."),
    "IST0177": ("warning", "ConflictingServiceEntryProtocol", _SAME),
}
"""By code: the level that Istio gives, its name there, and what is to be said of the difference; empty where there is none."""
