#!/usr/bin/env python3
"""`swell helm template` beside `helm template`: whole processes, the same charts, one run.

    tests/bench/helm.py [--helm helm] [--runs 15] [--copies 10,20,40,80] [CHART]...

Charts of its own: one ConfigMap, and an umbrella of N aliased copies of a chart that renders itself
through tpl. Charts given by path are measured besides. Both programs must print the same bytes;
a chart that does not (random passwords) is marked. Runs alternate, so that a busy machine slows
both. Standard library only.
"""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from side_by_side import measure, options, programs, show, write  # noqa: E402

TRIVIAL = {
    "Chart.yaml": "apiVersion: v2\nname: trivial\nversion: 0.1.0\n",
    "values.yaml": "greeting: hello\n",
    "templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
                             "  name: {{ .Release.Name }}\ndata:\n"
                             "  greeting: {{ .Values.greeting | quote }}\n",
}

# A workload whose every field goes through a helper and tpl, as large shared chart libraries do.
WORKLOAD_HELPERS = """
{{- define "app.value" -}}
{{- if typeIs "string" .value }}{{ tpl .value .context }}{{ else }}{{ tpl (toYaml .value) .context }}{{ end }}
{{- end -}}
{{- define "app.labels" -}}
app.kubernetes.io/name: {{ include "app.value" (dict "value" .Values.name "context" $) }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
"""
WORKLOAD = """
{{- range $i := until 12 }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.value" (dict "value" $.Values.name "context" $) }}-{{ $i }}
  labels: {{- include "app.labels" $ | nindent 4 }}
  annotations: {{- include "app.value" (dict "value" $.Values.annotations "context" $) | nindent 4 }}
spec:
  replicas: {{ $.Values.replicas }}
  selector:
    matchLabels: {{- include "app.labels" $ | nindent 6 }}
  template:
    metadata:
      labels: {{- include "app.labels" $ | nindent 8 }}
    spec:
      containers:
        - name: app
          image: {{ include "app.value" (dict "value" $.Values.image "context" $) | quote }}
          env: {{- include "app.value" (dict "value" $.Values.env "context" $) | nindent 12 }}
          resources: {{- toYaml $.Values.resources | nindent 12 }}
{{- end }}
"""
WORKLOAD_VALUES = """
name: "{{ .Release.Name }}-{{ .Chart.Name }}"
image: "registry.example.com/{{ .Chart.Name }}:{{ .Chart.Version }}"
replicas: 2
annotations:
  checksum: "{{ .Values.env | toYaml | sha256sum }}"
  owner: "{{ .Release.Namespace }}"
env:
  - {name: RELEASE, value: "{{ .Release.Name }}"}
  - {name: CHART, value: "{{ .Chart.Name }}-{{ .Chart.Version }}"}
resources:
  limits: {cpu: 500m, memory: 256Mi}
  requests: {cpu: 50m, memory: 64Mi}
"""


def umbrella(folder, copies):
    aliases = "".join("  - {name: app, version: 0.1.0, alias: app%d}\n" % i for i in range(copies))
    return write(folder, {
        "Chart.yaml": "apiVersion: v2\nname: umbrella\nversion: 0.1.0\ndependencies:\n" + aliases,
        "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
        "charts/app/values.yaml": WORKLOAD_VALUES,
        "charts/app/templates/_helpers.tpl": WORKLOAD_HELPERS,
        "charts/app/templates/workload.yaml": WORKLOAD,
    })


def main():
    parser = options(__doc__.split("\n")[0], "helm", 15)
    parser.add_argument("charts", nargs="*", metavar="CHART")
    parser.add_argument("--copies", default="10,20,40,80", help="of the umbrella [%(default)s]")
    args = parser.parse_args()
    swell, helm = programs(parser, args, "helm")

    def row(name, chart, runs):
        template = ["template", "bench", chart, "-n", "bench"]
        return measure(name, [swell, "helm", *template], [helm, *template], runs)

    rows = []
    with tempfile.TemporaryDirectory(prefix="swell-bench-") as folder:
        rows.append(row("one ConfigMap", write(os.path.join(folder, "trivial"), TRIVIAL),
                        args.runs))
        for copies in (int(n) for n in args.copies.split(",") if n):
            chart = umbrella(os.path.join(folder, "umbrella%d" % copies), copies)
            rows.append(row("umbrella of %d" % copies, chart, max(3, args.runs // 3)))
        for chart in args.charts:
            name = os.path.basename(os.path.normpath(chart))
            rows.append(row(name, os.path.abspath(chart), args.runs))
    show(rows, "helm", args.output, "chart")


if __name__ == "__main__":
    main()
