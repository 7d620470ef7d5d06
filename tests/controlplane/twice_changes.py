"""The changes that twice_test.py makes: in the files, and behind Swell's back in the cluster."""
from typing import NamedTuple


class Change(NamedTuple):
    """One text of a file becomes another; the paths of `kind` `name` that must be found."""
    file: str
    kind: str
    name: str
    old: str
    new: str
    paths: list


CONTAINER = "/spec/template/spec/containers/[name=main]"

CHANGES = [
    # Text, data, an empty value that goes, metadata.
    Change("config/config-maps.yaml", "ConfigMap", "spellings",
           'number: "1"\n  truth', 'number: "01"\n  truth', ["/data/number"]),
    Change("config/config-maps.yaml", "ConfigMap", "spellings", '  empty: ""\n', "",
           ["/data/empty"]),
    Change("config/config-maps.yaml", "ConfigMap", "spellings",
           "labels: {}", "labels: {new: label}", ["/metadata/labels"]),
    Change("config/config-maps.yaml", "ConfigMap", "spellings",
           "bytes: AAEC/w==", "bytes: AAEC/g==", ["/binaryData/bytes"]),
    Change("config/config-maps.yaml", "ConfigMap", "no-data",
           "metadata: {name: no-data}", "metadata: {name: no-data}\ndata: {first: \"\"}",
           ["/data"]),
    Change("config/secrets.yaml", "Secret", "both", "covered: new", "covered: newer",
           ["/data/covered"]),
    Change("config/secrets.yaml", "Secret", "both", "kept: a2VwdA==, ", "", ["/data/kept"]),
    # Quantities: another amount.
    Change("config/limits.yaml", "ResourceQuota", "quota", 'requests.cpu: "2.5"',
           "requests.cpu: 2501m", ["/spec/hard/requests.cpu"]),
    Change("config/limits.yaml", "ResourceQuota", "quota", "requests.memory: 1.5Gi",
           "requests.memory: 1.5G", ["/spec/hard/requests.memory"]),
    Change("config/limits.yaml", "LimitRange", "limits", "default: {cpu: 0.5,",
           "default: {cpu: 0.6,", ["/spec/limits/0/default/cpu"]),
    # Workloads: a default left and come back to, an item of each kind of list.
    Change("workloads/deployments.yaml", "Deployment", "bare",
           "  selector: {matchLabels: {app: bare}}",
           "  replicas: 4\n  selector: {matchLabels: {app: bare}}", ["/spec/replicas"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "  replicas: 3\n", "",
           ["/spec/replicas"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "maxSurge: 1,", 'maxSurge: "1%",',
           ["/spec/strategy/rollingUpdate/maxSurge"]),
    Change("workloads/deployments.yaml", "Deployment", "full", 'checksum/config: "0123"',
           'checksum/config: "0124"', ["/spec/template/metadata/annotations/checksum~1config"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "full:1@sha256", "full:2@sha256",
           [CONTAINER + "/image"]),
    Change("workloads/deployments.yaml", "Deployment", "full", '["", "--level=info"]',
           '["--level=info"]', [CONTAINER + "/args"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "name: dns-tcp, containerPort: 53",
           "name: dns-stream, containerPort: 53",
           [CONTAINER + "/ports/[containerPort=53,protocol=TCP]/name"]),
    Change("workloads/deployments.yaml", "Deployment", "full",
           "            - {name: NO_VALUE}\n", "", [CONTAINER + "/env/[name=NO_VALUE]"]),
    Change("workloads/deployments.yaml", "Deployment", "full", 'name: A_SECOND, value: ""',
           'name: A_SECOND, value: "2"', [CONTAINER + "/env/[name=A_SECOND]/value"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "limits: {cpu: 2,",
           "limits: {cpu: 2500m,", [CONTAINER + "/resources/limits/cpu"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "port: http}, failureThreshold",
           "port: 8080}, failureThreshold", [CONTAINER + "/livenessProbe/httpGet/port"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "add: [NET_BIND_SERVICE, CHOWN]",
           "add: [CHOWN, NET_BIND_SERVICE]", [CONTAINER + "/securityContext/capabilities/add"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "mode: 256", "mode: 288",
           ["/spec/template/spec/volumes/[name=config]/configMap/items/0/mode"]),
    Change("workloads/deployments.yaml", "Deployment", "full", "runAsUser: 0,", "runAsUser: 1,",
           ["/spec/template/spec/securityContext/runAsUser"]),
    Change("workloads/deployments.yaml", "Deployment", "recreated", "sizeLimit: 0.5Gi",
           "sizeLimit: 512M", ["/spec/template/spec/volumes/[name=memory]/emptyDir/sizeLimit"]),
    Change("workloads/sets.yaml", "StatefulSet", "database", "partition: 0", "partition: 2",
           ["/spec/updateStrategy/rollingUpdate/partition"]),
    Change("workloads/sets.yaml", "DaemonSet", "agent", "maxUnavailable: 10%", "maxUnavailable: 2",
           ["/spec/updateStrategy/rollingUpdate/maxUnavailable"]),
    Change("workloads/pods.yaml", "Pod", "single", "single:1\n", "single:9\n",
           ["/spec/containers/[name=main]/image"]),
    Change("batch/jobs.yaml", "Job", "many", "parallelism: 2", "parallelism: 0",
           ["/spec/parallelism"]),
    Change("batch/autoscalers-v2.yaml", "HorizontalPodAutoscaler", "web-v2",
           "averageUtilization: 80", "averageUtilization: 70",
           ["/spec/metrics/1/resource/target/averageUtilization"]),
    Change("batch/autoscalers-v2beta2.yaml", "HorizontalPodAutoscaler", "web-v2beta2",
           "averageUtilization: 80", "averageUtilization: 70",
           ["/spec/metrics/1/resource/target/averageUtilization"]),
    # Network.
    Change("network/services.yaml", "Service", "web", "targetPort: http}", "targetPort: 8080}",
           ["/spec/ports/[port=80,protocol=TCP]/targetPort"]),
    Change("network/services.yaml", "Service", "dns", "{name: dns-tcp, port: 53}",
           "{name: dns-tcp, port: 53, targetPort: 5353}",
           ["/spec/ports/[port=53,protocol=TCP]/targetPort"]),
    Change("network/services.yaml", "Service", "balanced", "10.0.0.0/8, 192.168.0.0/16",
           "10.0.0.0/8", ["/spec/loadBalancerSourceRanges"]),
    Change("network/ingresses.yaml", "Ingress", "web", "port: {number: 80}}}}\n    - http",
           "port: {number: 81}}}}\n    - http",
           ["/spec/rules/0/http/paths/1/backend/service/port/number"]),
    Change("network/policies.yaml", "NetworkPolicy", "web", "ports: [{port: 80},",
           "ports: [{port: 81},", ["/spec/ingress/0/ports/0/port"]),
    Change("network/policies.yaml", "NetworkPolicy", "deny-all", "spec: {podSelector: {}}",
           "spec: {podSelector: {matchLabels: {app: web}}}", ["/spec/podSelector/matchLabels"]),
    # Access.
    Change("access/roles.yaml", "ClusterRole", "twice-part", "verbs: [watch, list, get]",
           "verbs: [list, get]", ["/rules/0/verbs"]),
    Change("access/roles.yaml", "RoleBinding", "nobody", "subjects: []",
           "subjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}]",
           ["/subjects"]),
    Change("access/roles.yaml", "ServiceAccount", "runner",
           "automountServiceAccountToken: false\n", "", ["/automountServiceAccountToken"]),
    # Policy, storage, admission.
    Change("policy/budgets-v1.yaml", "PodDisruptionBudget", "percent-v1", "maxUnavailable: 30%",
           "maxUnavailable: 30", ["/spec/maxUnavailable"]),
    Change("policy/scheduling.yaml", "PriorityClass", "twice-high", 'description: ""',
           "description: high", ["/description"]),
    Change("policy/scheduling.yaml", "Lease", "leader", "holderIdentity: a", "holderIdentity: b",
           ["/spec/holderIdentity"]),
    Change("storage/classes.yaml", "StorageClass", "twice-fast", "allowVolumeExpansion: true\n",
           "", ["/allowVolumeExpansion"]),
    Change("storage/volumes.yaml", "PersistentVolume", "twice-share",
           "persistentVolumeReclaimPolicy: Retain", "persistentVolumeReclaimPolicy: Recycle",
           ["/spec/persistentVolumeReclaimPolicy"]),
    Change("admission/webhooks.yaml", "ValidatingWebhookConfiguration", "twice-validate",
           "timeoutSeconds: 10", "timeoutSeconds: 9",
           ["/webhooks/[name=full.example.com]/timeoutSeconds"]),
    Change("admission/webhooks.yaml", "ValidatingWebhookConfiguration", "twice-validate",
           "    matchPolicy: Exact\n", "",
           ["/webhooks/[name=full.example.com]/matchPolicy"]),
    Change("nodes/nodes.yaml", "Node", "twice-node", "unschedulable: false", "unschedulable: true",
           ["/spec/unschedulable"]),
    # Custom resources: a default left and come back to, every type of list, a null.
    Change("custom/gadgets.yaml", "Gadget", "bare", "spec: {}", "spec: {size: 2}", ["/spec/size"]),
    Change("custom/gadgets.yaml", "Gadget", "full", "  size: 0\n", "", ["/spec/size"]),
    Change("custom/gadgets.yaml", "Gadget", "full", "memory: 1Gi", "memory: 1024Mi",
           ["/spec/memory"]),
    Change("custom/gadgets.yaml", "Gadget", "full",
           "protocol: UDP, weight: 0}, {name: a}", "protocol: UDP, weight: 5}",
           ["/spec/parts/[name=a,protocol=UDP]/weight", "/spec/parts/[name=a,protocol=TCP]"]),
    Change("custom/gadgets.yaml", "Gadget", "full", "tags: [z, a]", "tags: [z, b]",
           ["/spec/tags"]),
    Change("custom/gadgets.yaml", "Gadget", "full", "{run: two, retries: 0}", "{run: two}",
           ["/spec/steps/1/retries"]),
    Change("custom/gadgets.yaml", "Gadget", "full", "whole: {a: x}", "whole: {b: x}",
           ["/spec/whole/a", "/spec/whole/b"]),
    Change("custom/gadgets.yaml", "Blob", "anything", "f: 1.5e3", "f: 1500.5", ["/spec/f"]),
    Change("custom/gadgets.yaml", "Blob", "anything", "list: [[1, [2]], []]", "list: [[1, [2]]]",
           ["/list"]),
    Change("custom/gadgets.yaml", "Pipe", "old", "stages: [b, a, b]", "stages: [b, b, a]",
           ["/spec/stages"]),
    Change("custom/definitions.yaml", "CustomResourceDefinition", "pipes.twice.example.com",
           "depth: {type: integer}", "depth: {type: integer, maximum: 9}", [
               "/spec/versions/%d/schema/openAPIV3Schema/properties/spec/properties/depth/maximum"
               % version for version in (0, 1)]),
]


class Drift(NamedTuple):
    """A merge patch of the live object; the paths that must be found, none where it is not ours."""
    area: str
    kind: str
    name: str
    patch: dict
    paths: list


DRIFT = [
    Drift("config", "ConfigMap", "frozen", {"metadata": {"labels": {"other": "1"}}}, []),
    Drift("config", "ConfigMap", "no-data", {"data": {"theirs": "x"}}, []),
    Drift("config", "ConfigMap", "owned", {"data": {"a": "2", "b": "theirs"}}, ["/data/a"]),
    Drift("config", "Secret", "typed", {"data": {"empty": "eA=="}}, ["/data/empty"]),
    Drift("workloads", "Deployment", "bare", {"spec": {"replicas": 9}}, ["/spec/replicas"]),
    Drift("workloads", "Deployment", "bare", {"spec": {"paused": True}}, []),
    Drift("workloads", "StatefulSet", "bare", {"spec": {"replicas": 7}}, []),
    Drift("access", "ServiceAccount", "bare", {"secrets": [{"name": "token-1"}]}, []),
    Drift("access", "ClusterRole", "twice-aggregate", {
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}, []),
    Drift("network", "Service", "web", {"spec": {"sessionAffinity": "ClientIP"}}, []),
    Drift("network", "Service", "headless", {"spec": {"sessionAffinity": "ClientIP"}},
          ["/spec/sessionAffinity"]),
    Drift("custom", "Gadget", "full", {"spec": {"active": True, "free": {"extra": 1}}},
          ["/spec/active"]),
    Drift("custom", "Blob", "anything", {"spec": {"a": [1, 2, 3]}}, ["/spec/a"]),
]
