#!/usr/bin/env python3
"""How fast swelld applies to a real API server, beside h2load with the same objects.

ConfigMaps and Deployments, each an application of one cluster without controllers. Times are the
API server's own, from its audit log: from the first request received to the last one answered.
h2load creates as many objects of the same payload (by generateName: it cannot give each its name)
over one connection. Both in turn, `--runs` times; medians."""
import datetime
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import common

CONTROLPLANE = os.path.join(common.ROOT, "tests", "controlplane")
sys.path.insert(0, CONTROLPLANE)
from kube_api import Api  # noqa: E402

HEALTHY = """\
  healthChecks:
    - {group: "*", kind: "*", lua: "return {status = 'Healthy', message = ''}"}
"""
PATHS = {"ConfigMap": "/api/v1/namespaces/%s/configmaps",
         "Deployment": "/apis/apps/v1/namespaces/%s/deployments"}


def payload(kind, metadata):
    if kind == "ConfigMap":
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata,
                "data": {"settings.yaml": "level: info\nworkers: 4\n" * 10}}
    labels = {"app": "web"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {
        "replicas": 2, "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": [{
                "name": "main", "image": "registry.example.com/web:1.0",
                "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                "env": [{"name": "LEVEL", "value": "info"}],
                "resources": {"limits": {"cpu": "1", "memory": "256Mi"}}}]}}}}


class Plane:
    """One API server with an audit log."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "plane")
        self.up = subprocess.Popen(
            [sys.executable, os.path.join(CONTROLPLANE, "cluster.py"), "up", self.folder,
             "--no-controllers", "--audit", "--until-eof", "--timeout", "600"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.up.stdout.readline().decode()
        if not line.startswith("ready "):
            raise RuntimeError("cluster.py did not come up")
        self.kubeconfig = line.split()[1]
        with open(os.path.join(self.folder, "state.json")) as f:
            self.state = json.load(f)["clusters"][0]
        self.api = Api(self.state["server"], self.state["token"], self.state["ca_file"])

    def stop(self):
        self.up.stdin.close()
        self.up.wait(60)

    def writes(self, agent, path):
        """(received, answered) of each write of `agent` below `path`."""
        found = []
        with open(os.path.join(self.folder, "c1-audit.log")) as f:
            for line in f:
                event = json.loads(line)
                if event["requestURI"].startswith(path) and agent in event.get("userAgent", ""):
                    if event["responseStatus"]["code"] not in (200, 201):
                        raise RuntimeError("%s %s: %s" % (event["verb"], event["requestURI"],
                                                          event["responseStatus"]))
                    found.append(tuple(datetime.datetime.strptime(
                        event[key], "%Y-%m-%dT%H:%M:%S.%fZ") for key in (
                            "requestReceivedTimestamp", "stageTimestamp")))
        return found

    def rate(self, agent, path, count):
        times = self.writes(agent, path)
        if len(times) != count:
            raise RuntimeError("%s: %d writes of %s, not %d" % (path, len(times), agent, count))
        return count / (max(t for _, t in times) - min(t for t, _ in times)).total_seconds()


def by_swelld(plane, swelld, repo, kind, name, count):
    swelld.apply(common.samples.application(
        name, repo.url, kind, clusters="{all: true}", auto=False, heal=False,
        waves="    onFailure: hold\n", deadline="600s") + HEALTHY)
    swelld.ok("sync", name, "--wait", timeout=600)
    return plane.rate("swell", PATHS[kind] % name, count)


def by_h2load(plane, folder, kind, name, count):
    plane.api.call("POST", "/api/v1/namespaces", {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    body = os.path.join(folder, kind + ".json")
    with open(body, "w") as f:
        json.dump(payload(kind, {"generateName": "item-"}), f)
    path = PATHS[kind] % name
    done = subprocess.run(
        ["h2load", "-n", str(count), "-c", "1", "-m", "32", "-d", body,
         "-H", "Authorization: Bearer " + plane.state["token"],
         "-H", "Content-Type: application/json", plane.state["server"] + path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    if not re.search(r"\b%d 2xx" % count, done.stdout.decode()):
        raise RuntimeError(done.stdout.decode())
    return plane.rate("h2load", path, count)


def main():
    chosen = common.arguments(__doc__, configmaps=1000, deployments=200, runs=3)
    if shutil.which("h2load") is None:
        raise RuntimeError("no h2load: install nghttp2-client")
    counts = {"ConfigMap": chosen.configmaps, "Deployment": chosen.deployments}
    folder = tempfile.mkdtemp(prefix="swell-bench-")
    plane = Plane(folder)
    try:
        repo = common.GitRepo(os.path.join(folder, "repo"), {
            "%s/item-%05d.json" % (kind, i): json.dumps(payload(kind, {"name": "item-%05d" % i}))
            for kind, count in counts.items() for i in range(count)})
        swelld = common.Server(folder, health="200ms", poll="1s", resync="1h").start()
        swelld.ok("cluster", "add", "c1", "--kubeconfig", plane.kubeconfig, "--context", "c1")
        rates = {kind: ([], []) for kind in counts}
        for run in range(chosen.runs):
            for kind, count in counts.items():
                name = "%s-%d" % (kind.lower(), run)
                rates[kind][0].append(by_swelld(plane, swelld, repo, kind, name, count))
                rates[kind][1].append(by_h2load(plane, folder, kind, name + "-h2load", count))
        swelld.stop()
    finally:
        plane.stop()
        shutil.rmtree(folder, ignore_errors=True)
    result, rows = {}, []
    for kind, (ours, theirs) in rates.items():
        a, b = statistics.median(ours), statistics.median(theirs)
        result[kind] = {"objects": counts[kind], "swelldPerSecond": a, "h2loadPerSecond": b}
        rows.append(["%d %ss" % (counts[kind], kind), a, b, a / b])
    common.show(result, chosen.output, rows, ["", "swelld/s", "h2load/s", "ratio"])


if __name__ == "__main__":
    common.run(main)
