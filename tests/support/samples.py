"""Three small applications in one repository: a Helm chart with values by ring, a Kustomize base
with an overlay a ring, and a plain folder."""

RINGS = ("canary", "early", "rest")

WAVES = """\
    waves:
      - {name: canary, clusters: {matchLabels: {ring: canary}}, bake: %s}
      - {name: early, clusters: {matchLabels: {ring: early}}}
      - {name: rest}
"""

APPLICATION = """\
apiVersion: swell/v1alpha1
kind: Application
metadata: {name: %(name)s}
spec:
  source:
    repository: %(repository)s
    revision: %(revision)s
    path: '%(path)s'
%(source)s\
  destination:
    clusters: %(clusters)s
    namespace: %(namespace)s
    createNamespace: true
  sync: {auto: %(auto)s, prune: %(prune)s, selfHeal: %(heal)s%(sync)s}
  rollout:
%(waves)s\
    deadline: %(deadline)s
"""


def application(name, repository, path, source="", revision="main", namespace=None,
                clusters="{all: true}", auto=True, prune=True, heal=True, waves=None, bake="300ms",
                deadline="60s", sync=""):
    """`sync`: further fields of spec.sync, "conflicts: keep, recreate: true"."""
    return APPLICATION % {
        "name": name, "repository": repository, "path": path, "source": source,
        "revision": revision, "namespace": namespace or name, "clusters": clusters,
        "auto": str(auto).lower(), "prune": str(prune).lower(), "heal": str(heal).lower(),
        "waves": WAVES % bake if waves is None else waves, "deadline": deadline,
        "sync": sync and ", " + sync}


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: %(name)s
  labels: {app: %(name)s}
spec:
  replicas: %(replicas)s
  selector: {matchLabels: {app: %(name)s}}
  template:
    metadata: {labels: {app: %(name)s}}
    spec:
      containers:
        - name: main
          image: registry.example.com/%(name)s:%(tag)s
          ports: [{containerPort: 8080}]
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: %(name)s}
spec:
  selector: {app: %(name)s}
  ports: [{port: 80, targetPort: 8080}]
"""

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: %(name)s}
data: {text: "%(text)s"}
"""


def deployment(name, tag, replicas=2):
    return DEPLOYMENT % {"name": name, "tag": tag, "replicas": replicas}


def service(name):
    return SERVICE % {"name": name}


def config_map(name, text="hello"):
    return CONFIG_MAP % {"name": name, "text": text}


def chart(tag):
    """apps/web: what a ring gets is said by its values file; the inline values name the cluster."""
    files = {
        "apps/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "apps/web/values.yaml": "image: {name: registry.example.com/web, tag: \"%s\"}\n"
                                "replicas: 1\nring: none\ncluster: none\n" % tag,
        "apps/web/templates/_helpers.tpl":
            "{{- define \"web.labels\" -}}\napp: {{ .Chart.Name }}\n"
            "release: {{ .Release.Name }}\n{{- end -}}\n",
        "apps/web/templates/deployment.yaml":
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels:\n"
            "    {{- include \"web.labels\" . | nindent 4 }}\nspec:\n"
            "  replicas: {{ .Values.replicas }}\n"
            "  selector: {matchLabels: {app: {{ .Chart.Name }}}}\n"
            "  template:\n    metadata:\n      labels:\n"
            "        {{- include \"web.labels\" . | nindent 8 }}\n"
            "    spec:\n      containers:\n        - name: main\n"
            "          image: \"{{ .Values.image.name }}:{{ .Values.image.tag }}\"\n",
        "apps/web/templates/config.yaml":
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n"
            "  ring: {{ .Values.ring | quote }}\n  cluster: {{ .Values.cluster | quote }}\n",
        "apps/web/templates/service.yaml": service("web"),
    }
    for i, ring in enumerate(RINGS):
        files["apps/web/rings/%s.yaml" % ring] = "replicas: %d\nring: %s\n" % (i + 1, ring)
    return files


CHART_SOURCE = """\
    helm:
      valueFiles: ["rings/{{ .cluster.labels.ring }}.yaml"]
      values: {cluster: "{{ .cluster.name }}"}
"""


def overlays(tag):
    """apps/shop: base and one overlay a ring."""
    files = {
        "apps/shop/base/kustomization.yaml":
            "resources: [deployment.yaml, service.yaml]\n"
            "images:\n  - {name: registry.example.com/shop, newTag: \"%s\"}\n" % tag,
        "apps/shop/base/deployment.yaml": deployment("shop", "base"),
        "apps/shop/base/service.yaml": service("shop"),
    }
    for i, ring in enumerate(RINGS):
        files["apps/shop/%s/kustomization.yaml" % ring] = (
            "resources: [../base]\nlabels:\n  - pairs: {ring: %s}\n"
            "replicas:\n  - {name: shop, count: %d}\n"
            "configMapGenerator:\n  - {name: ring, literals: [ring=%s]}\n" % (ring, i + 1, ring))
    return files


OVERLAY_PATH = "apps/shop/{{ .cluster.labels.ring }}"


def plain(tag):
    """apps/docs: manifests as they are."""
    return {
        "apps/docs/deployment.yaml": deployment("docs", tag),
        "apps/docs/service.yaml": service("docs"),
        "apps/docs/pages.yaml": config_map("pages", "first"),
        "apps/docs/extra.yaml": config_map("extra", "to be removed"),
    }


def repository_files(tag="1.0"):
    return {**chart(tag), **overlays(tag), **plain(tag)}


def three_applications(repository, **options):
    return "---\n".join([
        application("web", repository, "apps/web", CHART_SOURCE, **options),
        application("shop", repository, OVERLAY_PATH, **options),
        application("docs", repository, "apps/docs", **options)])
