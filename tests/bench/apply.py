#!/usr/bin/env python3
"""Server-side apply through Swell's client beside h2load, against one API server, in one run.

    tests/bench/apply.py [--kubeconfig FILE] [--requests 2000] [--concurrency 16] [--runs 5]

Both send the same PATCH of one object (a ConfigMap, a Deployment) over one HTTP/2 connection with
so many streams at a time; runs alternate, so that a busy machine slows both. Without --kubeconfig
the API server is a cluster of swell-sandbox. Needs h2load (Debian: nghttp2-client) and
swell-bench-apply (cmake --preset bench). Standard library only (PyYAML for a kubeconfig that is not
JSON).
"""
import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

CONFIG_MAP = {
    "group": "", "version": "v1", "resource": "configmaps", "namespace": "swell-bench",
    "object": {
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "swell-bench",
                     "labels": {"app": "bench", "part": "settings"}},
        "data": {"key-%02d" % i: "value %d of the benchmark" % i for i in range(12)},
    },
}
DEPLOYMENT = {
    "group": "apps", "version": "v1", "resource": "deployments", "namespace": "swell-bench",
    "object": {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "swell-bench", "labels": {"app": "bench"}},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": "bench"}},
            "template": {
                "metadata": {"labels": {"app": "bench"}},
                "spec": {"containers": [{
                    "name": "web", "image": "registry.example.com/web:1.2.3",
                    "args": ["--listen", ":8080", "--verbose"],
                    "env": [{"name": "SETTING_%d" % i, "value": str(i)} for i in range(8)],
                    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                    "resources": {"limits": {"cpu": "500m", "memory": "256Mi"},
                                  "requests": {"cpu": "50m", "memory": "64Mi"}},
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
                }]},
            },
        },
    },
}
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"


def path_of(payload):
    base = "/apis/%(group)s/%(version)s" if payload["group"] else "/api/%(version)s"
    query = urllib.parse.urlencode({"fieldManager": "swell-bench", "fieldValidation": "Strict",
                                    "force": "true"})
    return (base + "/namespaces/%(namespace)s/%(resource)s/") % payload + \
        payload["object"]["metadata"]["name"] + "?" + query


class Access:
    """What a kubeconfig says of its current context."""

    def __init__(self, path):
        self.path = path
        with open(path) as f:
            text = f.read()
        try:
            config = json.loads(text)
        except ValueError:
            import yaml
            config = yaml.safe_load(text)
        context = next(c["context"] for c in config["contexts"]
                       if c["name"] == config["current-context"])
        cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == context["cluster"])
        user = next((u["user"] for u in config.get("users", [])
                     if u["name"] == context.get("user")), {})
        self.server = cluster["server"].rstrip("/")
        self.token = user.get("token")
        if not self.token and user:
            raise SystemExit("apply.py: h2load needs a token in the kubeconfig's user")

    def headers(self):
        return ["authorization: Bearer " + self.token] if self.token else []


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def h2load(access, payload, args, folder, accept="application/json"):
    body = os.path.join(folder, "body.json")
    with open(body, "w") as f:
        json.dump(payload["object"], f, separators=(",", ":"))
    command = ["h2load", "-n", str(args.requests), "-c", "1", "-m", str(args.concurrency), "-t", "1",
               "-d", body]
    for header in [":method: PATCH", "content-type: application/apply-patch+yaml",
                   "accept: " + accept, "accept-encoding: gzip"] + access.headers():
        command += ["-H", header]
    before = children_cpu()
    ran = subprocess.run(command + [access.server + path_of(payload)], capture_output=True,
                         text=True)
    cpu = children_cpu() - before
    done = re.search(r"finished in ([\d.]+)(m?s), ([\d.]+) req/s", ran.stdout)
    codes = re.search(r"status codes: (\d+) 2xx", ran.stdout)
    if not done or not codes or int(codes.group(1)) != args.requests:
        raise SystemExit("apply.py: h2load did not get %d answers of 2xx:\n%s%s"
                         % (args.requests, ran.stdout, ran.stderr))
    return {"per_second": float(done.group(3)), "cpu_us_each": cpu * 1e6 / args.requests}


def swell(access, payload, args, folder, *flags):
    body = os.path.join(folder, "payload.json")
    with open(body, "w") as f:
        json.dump(payload, f)
    ran = subprocess.run([args.program, access.path, body, str(args.requests),
                          str(args.concurrency), *flags], capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit("apply.py: %s%s" % (ran.stdout, ran.stderr))
    return json.loads(ran.stdout)


def namespace(access, args, folder):
    payload = {"group": "", "version": "v1", "resource": "namespaces", "namespace": "",
               "object": {"apiVersion": "v1", "kind": "Namespace",
                          "metadata": {"name": "swell-bench"}}}
    swell(access, payload, argparse.Namespace(**{**vars(args), "requests": 1, "concurrency": 1}),
          folder)


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def measure(name, access, payload, args, folder):
    ours, theirs = [], []
    swell(access, payload, args, folder)  # creates it; from here on nothing changes
    for _ in range(args.runs):
        theirs.append(h2load(access, payload, args, folder))
        ours.append(swell(access, payload, args, folder))
    lean = [swell(access, payload, args, folder, "metadata") for _ in range(args.runs)]
    return {"object": name,
            "swell_per_second": median(ours, "per_second"),
            "h2load_per_second": median(theirs, "per_second"),
            "ratio": median(ours, "per_second") / median(theirs, "per_second"),
            "swell_cpu_us": median(ours, "cpu_us_each"),
            "h2load_cpu_us": median(theirs, "cpu_us_each"),
            "metadata_per_second": median(lean, "per_second")}


def show(rows, output):
    if output == "json":
        return print(json.dumps(rows, indent=2))
    print("%-12s %12s %12s %7s %12s %12s %16s" % (
        "object", "swell req/s", "h2load req/s", "ratio", "swell CPU us", "h2load CPU us",
        "metadata req/s"))
    for row in rows:
        print("%(object)-12s %(swell_per_second)12.0f %(h2load_per_second)12.0f %(ratio)7.2f "
              "%(swell_cpu_us)12.0f %(h2load_cpu_us)12.0f %(metadata_per_second)16.0f" % row)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kubeconfig", help="of the API server; needs a token [a sandbox]")
    parser.add_argument("--program", default=os.path.join(ROOT, "build/bench/bin/swell-bench-apply"))
    parser.add_argument("--bin", default=os.path.join(ROOT, "build/default/bin"),
                        help="folder of swell-sandbox [%(default)s]")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    args = parser.parse_args()
    for needed in (args.program, "h2load"):
        if not shutil.which(needed):
            parser.exit(2, "apply.py: no program %s\n" % needed)
    sandbox = None
    with tempfile.TemporaryDirectory(prefix="swell-bench-") as folder:
        try:
            kubeconfig = args.kubeconfig
            if not kubeconfig:
                os.environ["SWELL_BIN"] = os.path.abspath(args.bin)
                from programs import Sandbox
                sandbox = Sandbox(folder, 1, "all=1", "20ms")
                kubeconfig = os.path.join(folder, "fleet", "kubeconfig")
            access = Access(kubeconfig)
            namespace(access, args, folder)
            show([measure(name, access, payload, args, folder)
                  for name, payload in (("ConfigMap", CONFIG_MAP), ("Deployment", DEPLOYMENT))],
                 args.output)
        finally:
            if sandbox:
                sandbox.stop()


if __name__ == "__main__":
    main()
