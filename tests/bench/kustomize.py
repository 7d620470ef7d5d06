#!/usr/bin/env python3
"""`swell kustomize build` beside `kustomize build`: whole processes, the same overlays, one run.

    tests/bench/kustomize.py [--kustomize kustomize] [--runs 9] [--sizes 10,100,1000] [OVERLAY]...

Overlays of its own: one Deployment with one strategic merge patch, and N resources (Deployments,
Services, ConfigMaps, ServiceAccounts and Ingresses that name one another) under a name prefix, a
namespace, labels with selectors, annotations, an image, patches by selector and by name, and a
generator for every fifty. Overlays given by path are measured besides. kustomize's time grows with
the square of N, so beyond 1,000 it runs once. Standard library only.
"""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from side_by_side import measure, options, programs, show, write  # noqa: E402

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%(i)d
spec:
  replicas: 1
  selector:
    matchLabels: {app: app-%(i)d}
  template:
    metadata:
      labels: {app: app-%(i)d}
    spec:
      serviceAccountName: sa-%(i)d
      containers:
      - name: main
        image: registry.example.com/app:1.0
        envFrom:
        - configMapRef: {name: config-%(i)d}
        - configMapRef: {name: made-%(g)d}
        ports:
        - containerPort: 8080
      - name: proxy
        image: registry.example.com/proxy:1.0
"""
OTHERS = """---
apiVersion: v1
kind: Service
metadata:
  name: app-%(i)d
spec:
  selector: {app: app-%(i)d}
  ports:
  - port: 80
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: config-%(i)d
data:
  greeting: hello from %(i)d
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: sa-%(i)d
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-%(i)d
spec:
  rules:
  - host: app-%(i)d.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: app-%(i)d
            port: {number: 80}
"""
LIMITS = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: %s
spec:
  template:
    spec:
      containers:
      - name: main
        resources:
          limits: {memory: 256Mi}
"""


def small(folder):
    write(folder, {
        "base/kustomization.yaml": "resources: [deployment.yaml]\n",
        "base/deployment.yaml": DEPLOYMENT % {"i": 0, "g": 0},
        "overlay/kustomization.yaml": "resources: [../base]\npatches:\n- path: limits.yaml\n",
        "overlay/limits.yaml": LIMITS % "app-0",
    })
    return os.path.join(folder, "overlay")


def large(folder, resources):
    units = max(1, resources // 5)
    names = range(0, units, 10)
    overlay = ["resources: [../base]", "namePrefix: prod-", "namespace: prod",
               "labels:", "- pairs: {team: web}", "  includeSelectors: true",
               "commonAnnotations: {contact: web@example.com}",
               "images:", "- {name: registry.example.com/app, newTag: \"2.0\"}",
               "patches:", "- path: limits.yaml", "  target: {kind: Deployment}"]
    files = {"overlay/limits.yaml": LIMITS % "any"}
    for i in names:
        overlay += ["- path: patch-%d.yaml" % i,
                    "- target: {kind: Service, name: app-%d}" % i,
                    "  patch: '[{\"op\": \"replace\", \"path\": \"/spec/ports/0/port\", \"value\": 8080}]'"]
        files["overlay/patch-%d.yaml" % i] = LIMITS % ("app-%d" % i)
    overlay.append("configMapGenerator:")
    for i in names:
        overlay += ["- name: made-%d" % (i // 10), "  literals: [number=%d]" % i]
    files["overlay/kustomization.yaml"] = "\n".join(overlay) + "\n"
    files["base/kustomization.yaml"] = "resources: [all.yaml]\n"
    files["base/all.yaml"] = "---\n".join(
        (DEPLOYMENT + OTHERS) % {"i": i, "g": i // 10} for i in range(units))
    return os.path.join(write(folder, files), "overlay")


def main():
    parser = options(__doc__.split("\n")[0], "kustomize", 9)
    parser.add_argument("overlays", nargs="*", metavar="OVERLAY")
    parser.add_argument("--sizes", default="10,100,1000", help="[%(default)s]")
    args = parser.parse_args()
    swell, kustomize = programs(parser, args, "kustomize")

    def row(name, overlay, runs, peer_runs=None):
        return measure(name, [swell, "kustomize", "build", overlay],
                       [kustomize, "build", overlay], runs, peer_runs)

    rows = []
    with tempfile.TemporaryDirectory(prefix="swell-bench-") as folder:
        rows.append(row("one Deployment, one patch", small(os.path.join(folder, "small")),
                        args.runs))
        for size in (int(n) for n in args.sizes.split(",") if n):
            overlay = large(os.path.join(folder, str(size)), size)
            rows.append(row("%d resources" % size, overlay, args.runs,
                            1 if size > 1000 else min(3, args.runs)))
        for overlay in args.overlays:
            path = os.path.abspath(overlay)
            rows.append(row("/".join(path.split("/")[-2:]), path, args.runs))
    show(rows, "kustomize", args.output, "overlay")


if __name__ == "__main__":
    main()
