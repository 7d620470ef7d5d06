#!/usr/bin/env python3
"""`swell helm template` beside `helm template`: whole processes, the same charts, one run.

    tests/bench/helm.py [--helm helm] [--runs 15] [--copies 10,20,40,80] [CHART]...

Charts of its own: one ConfigMap, and an umbrella of N aliased copies of a chart that renders itself
through tpl. Charts given by path are measured besides. Both programs must print the same bytes;
a chart that does not (random passwords) is marked. Runs alternate, so that a busy machine slows
both. Standard library only.
"""
import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

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


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    return folder


def umbrella(folder, copies):
    aliases = "".join("  - {name: app, version: 0.1.0, alias: app%d}\n" % i for i in range(copies))
    return write(folder, {
        "Chart.yaml": "apiVersion: v2\nname: umbrella\nversion: 0.1.0\ndependencies:\n" + aliases,
        "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
        "charts/app/values.yaml": WORKLOAD_VALUES,
        "charts/app/templates/_helpers.tpl": WORKLOAD_HELPERS,
        "charts/app/templates/workload.yaml": WORKLOAD,
    })


def run(program, chart):
    """(wall ms, CPU ms, peak KiB, (bytes, digest) of the output)"""
    command = [program, "template", "bench", chart, "-n", "bench"]
    if os.path.basename(program) == "swell":
        command.insert(1, "helm")
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = (time.perf_counter() - began) * 1000
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit("%s failed:\n%s" % (" ".join(command), errors.decode(errors="replace")))
    # Not the output itself: a child's peak counts what this process holds when it forks.
    digest = (len(output), hashlib.sha256(output).hexdigest())
    return wall, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss, digest


def measure(name, chart, programs, runs):
    samples = {program: [] for program in programs}
    for program in programs:
        run(program, chart)  # reads the files into the page cache
    for _ in range(runs):
        for program in programs:
            samples[program].append(run(program, chart))
    row = {"chart": name, "bytes": samples[programs[0]][0][3][0]}
    for label, program in zip(("swell", "helm"), programs):
        row[label] = {key: statistics.median(s[i] for s in samples[program])
                      for i, key in enumerate(("wall_ms", "cpu_ms", "peak_kib"))}
    row["times"] = row["helm"]["wall_ms"] / row["swell"]["wall_ms"]
    row["times_cpu"] = row["helm"]["cpu_ms"] / row["swell"]["cpu_ms"]
    row["same"] = len({s[3] for p in programs for s in samples[p]}) == 1
    return row


def print_table(rows):
    print("%-34s %9s %9s %6s %8s %8s %6s %8s %8s" % (
        "chart", "swell ms", "helm ms", "times", "CPU ms", "CPU ms", "times", "MiB", "MiB"))
    for r in rows:
        print("%-34s %9.1f %9.1f %6.1f %8.1f %8.1f %6.1f %8.1f %8.1f%s" % (
            r["chart"], r["swell"]["wall_ms"], r["helm"]["wall_ms"], r["times"],
            r["swell"]["cpu_ms"], r["helm"]["cpu_ms"], r["times_cpu"],
            r["swell"]["peak_kib"] / 1024, r["helm"]["peak_kib"] / 1024,
            "" if r["same"] else "  (output varies)"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("charts", nargs="*", metavar="CHART")
    parser.add_argument("--helm", default=os.environ.get("HELM", "helm"))
    parser.add_argument("--bin", default=os.environ.get(
        "SWELL_BIN", os.path.join(ROOT, "build/default/bin")), metavar="DIR")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--copies", default="10,20,40,80", help="of the umbrella [%(default)s]")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    args = parser.parse_args()
    helm = shutil.which(args.helm)
    if helm is None:
        parser.exit(2, "helm.py: no helm at %r: --helm PATH or HELM names one\n" % args.helm)
    programs = [os.path.join(os.path.abspath(args.bin), "swell"), helm]
    rows = []
    with tempfile.TemporaryDirectory(prefix="swell-bench-") as folder:
        rows.append(measure("one ConfigMap", write(os.path.join(folder, "trivial"), TRIVIAL),
                            programs, args.runs))
        for copies in (int(n) for n in args.copies.split(",") if n):
            chart = umbrella(os.path.join(folder, "umbrella%d" % copies), copies)
            rows.append(measure("umbrella of %d" % copies, chart, programs,
                                max(3, args.runs // 3)))
        for chart in args.charts:
            name = os.path.basename(os.path.normpath(chart))
            rows.append(measure(name, os.path.abspath(chart), programs, args.runs))
    if args.output == "json":
        print(json.dumps(rows, indent=2))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
