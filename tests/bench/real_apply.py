#!/usr/bin/env python3
"""How fast swelld applies to a real API server, beside h2load with the same objects.

ConfigMaps and Deployments, each an application of one cluster without controllers. Times are the
API server's own, from its audit log: from the first request received to the last one answered.
`bare` is Swell's client alone (swell-bench-fleet), which sends the same server-side applies and
decides nothing: what the API server can take of them. h2load sends one body, and a server-side
apply must state the name in it, so h2load does two things: it applies one such object as often (the
API server finds each time that nothing changes, and writes nothing), and it creates as many objects by
generateName (the API server neither merges nor records who owns which field). All over one
connection, in turn, `--runs` times; medians."""
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

    def writes(self, agent, path, collide):
        """(received, answered, whether it was a dry run) of each write of `agent` below `path`.
        `collide`: a generated name may be taken already, which is an error of the API server's."""
        found = []
        with open(os.path.join(self.folder, "c1-audit.log")) as f:
            for line in f:
                event = json.loads(line)
                write = event["verb"] in ("patch", "create", "update")
                mine = agent in event.get("userAgent", "")
                if write and mine and event["requestURI"].startswith(path):
                    code = event["responseStatus"]["code"]
                    if code not in (200, 201) and not (collide and code in (409, 500)):
                        raise RuntimeError("%s %s: %s" % (event["verb"], event["requestURI"],
                                                          event["responseStatus"]))
                    times = [datetime.datetime.strptime(event[key], "%Y-%m-%dT%H:%M:%S.%fZ")
                             for key in ("requestReceivedTimestamp", "stageTimestamp")]
                    found.append((*times, "dryRun" in event["requestURI"]))
        return found

    def rate(self, agent, path, count, collide=False):
        """Writes a second, dry runs too."""
        writes = self.writes(agent, path, collide)
        real = sum(not dry for _, _, dry in writes)
        if real != count:
            raise RuntimeError("%s: %d writes of %s, not %d" % (path, real, agent, count))
        seconds = (max(t for _, t, _ in writes) - min(t for t, _, _ in writes)).total_seconds()
        return len(writes) / seconds


def by_swelld(plane, swelld, repo, kind, name, count):
    swelld.apply(common.samples.application(
        name, repo.url, kind, clusters="{all: true}", auto=False, heal=False,
        waves="    onFailure: hold\n", deadline="600s") + HEALTHY)
    swelld.ok("sync", name, "--wait", timeout=600)
    return plane.rate("swell", PATHS[kind] % name, count)


def by_bare_client(plane, folder, kind, name, count):
    plane.api.call("POST", "/api/v1/namespaces", {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    group = "apps" if kind == "Deployment" else ""
    names = ["item-%05d" % i for i in range(count)]
    applies = [{"verb": "apply", "group": group, "version": "v1", "resource": kind.lower() + "s",
                "namespace": name, "name": n, "object": payload(kind, {
                    "name": n, "namespace": name, "annotations": {"swell.dev/owner": name}})}
               for n in names]
    spec = os.path.join(folder, "load.json")
    with open(spec, "w") as f:
        json.dump({"kubeconfig": plane.kubeconfig, "parallel": 1, "watch": [],
                   "phases": [{"clusters": ["c1"], "stages": [applies]}]}, f)
    subprocess.run([common.binary("swell-bench-fleet"), spec], stdout=subprocess.DEVNULL,
                   check=True, timeout=600)
    return plane.rate("swell", PATHS[kind] % name, count)


def by_h2load(plane, folder, kind, name, count, applies):
    plane.api.call("POST", "/api/v1/namespaces", {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    path, target, extra = PATHS[kind] % name, PATHS[kind] % name, []
    metadata, content_type = {"generateName": "item-"}, "application/json"
    if applies:
        metadata = {"name": "item", "namespace": name, "annotations": {"swell.dev/owner": name}}
        plane.api.call("POST", path, payload(kind, metadata))
        content_type, extra = "application/apply-patch+yaml", ["-H", ":method: PATCH"]
        target += "/item?fieldManager=swell&force=true"
    body = os.path.join(folder, kind + ".json")
    with open(body, "w") as f:
        json.dump(payload(kind, metadata), f)
    done = subprocess.run(
        ["h2load", "-n", str(count), "-c", "1", "-m", "32", "-d", body, *extra,
         "-H", "Authorization: Bearer " + plane.state["token"],
         "-H", "Content-Type: " + content_type, plane.state["server"] + target],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    answered = re.search(r"\b(\d+) 2xx", done.stdout.decode())
    if not answered or int(answered.group(1)) < 0.99 * count:
        raise RuntimeError(done.stdout.decode())
    return plane.rate("h2load", path, count, collide=not applies)


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
        swelld = common.Server(folder, poll="1s", resync="1h").start()
        swelld.ok("cluster", "add", "c1", "--kubeconfig", plane.kubeconfig, "--context", "c1")
        rates = {kind: ([], [], [], []) for kind in counts}
        for run in range(chosen.runs):
            for kind, count in counts.items():
                name = "%s-%d" % (kind.lower(), run)
                rates[kind][0].append(by_swelld(plane, swelld, repo, kind, name, count))
                rates[kind][1].append(by_bare_client(plane, folder, kind, name + "-bare", count))
                for i, applies in ((2, True), (3, False)):
                    rates[kind][i].append(by_h2load(plane, folder, kind,
                                                    "%s-h2load-%d" % (name, i), count, applies))
        swelld.stop()
    finally:
        plane.stop()
        shutil.rmtree(folder, ignore_errors=True)
    result, rows = {}, []
    for kind, measured in rates.items():
        ours, bare, applied, created = (statistics.median(of) for of in measured)
        result[kind] = {"objects": counts[kind], "swelldPerSecond": ours, "barePerSecond": bare,
                        "h2loadAppliesPerSecond": applied, "h2loadCreatesPerSecond": created}
        rows.append(["%d %ss" % (counts[kind], kind), ours, bare, ours / bare, applied,
                     ours / applied, created])
    common.show(result, chosen.output, rows,
                ["", "swelld/s", "bare/s", "ratio", "h2load applies/s", "ratio",
                 "h2load creates/s"])


if __name__ == "__main__":
    common.run(main)
