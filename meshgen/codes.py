"""What each code means: its title, and what to know about it. A code keeps its meaning for ever."""

from __future__ import annotations

CODES: dict[str, tuple[str, str]] = {
    "MG001": (
        "not YAML",
        (
            "The text cannot be read as YAML. The place is where reading stopped; where something was opened and "
            "never closed, it is where it was opened. The rest of the document is set aside, other documents are "
            "read."
        ),
    ),
    "MG002": (
        "key written twice",
        ("YAML readers keep one of the two values and drop the other without a word, and not all keep the same one."),
    ),
    "MG003": (
        "value that readers read differently",
        (
            "Plain words such as `yes`, `on`, `0755` or `1e3` are text to one YAML reader and a boolean or "
            "another number to the next. Quotes make it text; `true`, `false` and plain decimal numbers mean the "
            "same to all."
        ),
    ),
    "MG004": (
        "YAML feature that specs do not use",
        ("Anchors, aliases, merge keys, tags and directives are not read: a spec says each value where it stands."),
    ),
    "MG005": (
        "not readable text",
        "Files are UTF-8 without byte order mark and without control characters other than tab and line feed.",
    ),
    "MG006": (
        "nothing in it",
        (
            "A file without documents or a folder without .yaml and .yml files is more often a mistyped path than "
            "meant, and an empty result would remove what was rendered before."
        ),
    ),
    "MG007": (
        "cannot be read",
        ("The file or folder is missing, may not be read, or is a folder that contains itself by way of a link."),
    ),
    "MG008": (
        "too deep or too large",
        "No spec needs it, and a reader of the result might give up or run out of memory.",
    ),
    "MG009": (
        "document is not a mapping",
        "A spec is a mapping with apiVersion, kind, metadata and spec.",
    ),
    "MG101": (
        "value of the wrong shape",
        "A key that does not exist, a value of another type, one out of range, or two that exclude each other.",
    ),
    "MG102": (
        "document of another apiVersion",
        "What is rendered is written in meshgen.dev/v1; other manifests belong elsewhere.",
    ),
    "MG103": ("no such kind of spec", "A spec is a Service or a Gateway."),
    "MG104": ("no namespace", "A spec names its namespace, or the run names one for all specs that do not."),
    "MG110": (
        "name that nothing has",
        "A version, route, port, service or gateway is referred to that no spec of the run defines.",
    ),
    "MG112": (
        "two specs of one name",
        "A kind, namespace and name can be specified once; the second one would hide the first.",
    ),
    "MG113": (
        "two items of one name",
        "Ports, versions, routes, ways in and servers are known by their names, so each has its own.",
    ),
    "MG114": ("two specs make one object", "The cluster would have whichever of the two is applied last."),
    "MG115": (
        "name too long",
        "A Service's name has 63 characters at most; a StatefulSet's 52, because its pods carry it in a label with a hash.",
    ),
    "MG116": (
        "things that exclude each other",
        "Two statements contradict, or one has no effect where it stands, or one is missing.",
    ),
    "MG117": (
        "protocol not stated",
        "On a well-known port of a protocol that is not HTTP, guessing would make Istio wait for bytes that never come.",
    ),
    "MG118": ("which port is meant", "Several ports fit and none is the obvious one."),
    "MG119": ("not an HTTP port", "Routes, timeouts, retries and shares of traffic exist for HTTP requests only."),
    "MG121": (
        "route that is never reached",
        (
            "The first route that matches takes the request, and each match of this one is covered by a match of an "
            "earlier one: whatever meets all that the later match asks for meets all that the earlier one does. That is "
            "told where it is certain: an equal condition, or none; an exact text or a longer prefix behind a prefix, in "
            "uri, method, scheme, authority, headers and queryParams; any value behind `{}`; and more sourceLabels. "
            "Regular expressions (cookies too) and withoutHeaders are compared letter by letter only. Not found: matches "
            "that are covered by several others together, and single matches of a route that is reached by another."
        ),
    ),
    "MG122": (
        "requests without a route",
        "Once a port has routes, whatever none of them takes gets 404; Istio does not fall back to the service.",
    ),
    "MG123": (
        "cookie in two hands",
        "A cookie that keeps clients in their version can be set and matched by one route of a host only, whatever gateways it is reached by; other routes and ways in cannot match or set it.",
    ),
    "MG124": (
        "host that the gateway does not have",
        "The gateway drops requests for hosts that none of its servers names, and routes none at servers that speak no HTTP or only redirect.",
    ),
    "MG125": ("one path twice", "Two services cannot both answer one path of one public host."),
    "MG126": (
        "service that callers cannot see",
        "exportTo hides the service from the namespace in which the gateway's pods run, or hides what one of its routes leads to from callers who have that route: their share would be answered with 503, and a mirror dropped.",
    ),
    "MG127": (
        "label that is meshgen's",
        "Selectors and subsets depend on the labels app and version; they are the same on all pods of a version.",
    ),
    "MG128": (
        "policy that Istio cannot express",
        "Istio replaces whole blocks of a policy at a subset or port, and some blocks exist at one level only.",
    ),
    "MG129": (
        "route that cannot be exposed",
        "What a route asks for, nobody outside the mesh can have, or its expression becomes too long, or the way in has no route that anybody outside can reach.",
    ),
    "MG130": (
        "container without image",
        "The main container of each workload needs an image, from the service's workload or the version's.",
    ),
    "MG131": (
        "versions that overlap",
        "Pods that belong to two versions or two services, or to none, get requests that were meant for others, or none at all.",
    ),
    "MG132": (
        "host of two gateways",
        "Of two gateways of the same pods that secure one host at one port, Istio uses the older one, and drops the other's server with its certificate and routes. Pods are taken for the same where the namespace is, and one selector asks for all that the other does.",
    ),
    "MG200": (
        "one object twice",
        "Two documents have one kind, namespace and name: whichever is applied last replaces the other, and with it whatever the other routed.",
    ),
    "MG301": (
        "refused by the schema",
        (
            "The object that comes out breaks the strict schema of its kind: the API server would refuse it, or drop what it does not know. The "
            "place is the line of the spec that wrote the value."
        ),
    ),
    "MG302": (
        "no schema for this kind",
        "The kind is neither built into the chosen Kubernetes version nor a CRD of the chosen Istio version.",
    ),
    "MG303": (
        "refused by kubeconform alone",
        (
            "kubeconform reads the same schemas with another YAML parser and another validator. That it disagrees "
            "is a bug in meshgen or in kubeconform; nothing is written."
        ),
    ),
    "MG304": (
        "kubeconform counted other objects",
        ("kubeconform read more or fewer documents than meshgen wrote: the output does not mean the same to both."),
    ),
    "MG305": (
        "refused by kube-apiserver",
        (
            "The object has the right shape, and the API server would refuse it all the same: two parts of it do not go together, or a text is "
            "none of those that it knows. Until 1.33 it takes a StatefulSet's pods and claims unread, and refuses them one by one later. "
            "What only a cluster can tell, such as its address ranges, its admission plugins and alpha features, is not looked at."
        ),
    ),
    "MG306": (
        "accepted, but it cannot work",
        "The API server takes the object, and drops what is written here, or pods never get ready: a probe asks a port by a name that no port of its container has, or a value has no effect beside another.",
    ),
    "MG501": (
        "foreign file in the way",
        "What meshgen did not make stands where a rendered file or its folder belongs; or meshgen made it from specs that are not among those given, or from more than those, so that replacing it would lose their part. Nothing is written.",
    ),
    "MG502": (
        "symbolic link in the way",
        "Links in the output folder are neither followed, for they may lead out of it, nor replaced. The folder given with --output may itself be a link, as long as it leads somewhere.",
    ),
    "MG503": (
        "cannot be written",
        "The folder is read-only, the disk is full, a name is too long, or the like. All is staged before the first file is replaced, so nothing was changed; in the rare case that the system fails later, the message says how many changes were made, every file is whole, and the next run completes.",
    ),
    "MG505": (
        "kubeconform did not run",
        "The binary was asked for and is missing, or ended with an error of its own.",
    ),
    "MG506": (
        "names that differ by case alone",
        "Two output files, or one of them and a file already there, differ only in upper and lower case or in the way an accent is written. Many file systems take them for one file, and the second would overwrite the first.",
    ),
    "MG600": (
        "cluster cannot be asked",
        "No usable answer came from the API server, nothing says where it is, or the extra `cluster` is not installed. Nothing is known then, which is not the same as a Service without endpoints.",
    ),
    "MG601": (
        "no such Service",
        "The cluster has no Service of that name in that namespace. One that is there and has no endpoints is no error.",
    ),
    "MG602": (
        "not allowed",
        "The cluster knows who asks and refuses. The hint is the RBAC rule that is missing; docs/rbac.yaml has all that are needed.",
    ),
    "MG603": (
        "not known to the cluster",
        "The credentials are missing, or have expired or been revoked.",
    ),
    "MG604": (
        "port is not clear",
        "A URL was asked for, and the Service has no port that speaks HTTP, or several of which none is named `http`.",
    ),
    "MG611": (
        "not in the cluster",
        "A Service that the specs make, or say is there already, is not in the cluster.",
    ),
    "MG612": (
        "port differs",
        "A port of the Service in the cluster is missing, superfluous, or not what the specs say: number, target port or protocol.",
    ),
    "MG613": (
        "selector differs",
        "The Service in the cluster leads to other pods than the specs say.",
    ),
    "MG614": (
        "no ready pods",
        "A version, or a Service without versions, has pods of which none is ready, or no pods at all: requests to it get 503.",
    ),
    "MG615": (
        "subset selects nothing",
        "No pod behind the Service has the labels of the subset: every request to it gets 503.",
    ),
}
