"""The requests of fleet.py's change once more, sent by swell-bench-fleet: Swell's client alone, which
decides nothing. swelld must be down meanwhile, and must not repair what this changes."""
import json
import os
import subprocess

import common

NAMESPACE = "bench"


def thirds(text):
    """The three objects that a change touches, as swelld applies them; `text` makes the change."""
    meta = {"name": "part-000", "namespace": NAMESPACE, "annotations": {"swell.dev/owner": "fleet"}}
    labels = {"app": "part-000"}
    return [
        ("apps", "v1", "deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": dict(meta, labels=labels),
            "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{
                    "name": "main", "image": "registry.example.com/part-000:" + text,
                    "ports": [{"containerPort": 8080, "protocol": "TCP"}]}]}}}}),
        ("", "v1", "services", {
            "apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {
                "selector": dict(labels, version=text),
                "ports": [{"port": 82, "targetPort": 8080, "protocol": "TCP"}]}}),
        ("", "v1", "configmaps", {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"text": text}})]


def request(verb, of, name="part-000"):
    group, version, resource, body = of
    return {"verb": verb, "group": group, "version": version, "resource": resource,
            "namespace": NAMESPACE, "name": name, "object": body if verb in ("apply", "try") else {}}


class Requests:
    """What each cluster was asked during the change: the reads of the plan, the tries, the writes,
    and the reads that followed, three at a time."""

    def __init__(self, counted, clusters, text):
        each = {verb: round(counted.get(verb, 0) / clusters) for verb in common.VERBS}
        objects = thirds(text)
        gets = [request("get", objects[i % 3]) for i in range(each["get"])]
        lists = [request("list", objects[i % 3], "") for i in range(each["list"])]
        self.reads, rest = gets[:3], gets[3:] + lists
        self.tries, self.applies = ([request(verb, objects[i % 3]) for i in range(each[verb])]
                                    for verb in ("try", "apply"))
        self.rest = [rest[i:i + 3] for i in range(0, len(rest), 3)]
        self.settled = [request("settled", objects[0])]

    def at_once(self, clusters):
        """Every cluster by itself: nothing waits for another cluster nor for a pod."""
        stages = [self.reads, self.tries, self.applies] + self.rest
        return [{"clusters": clusters, "stages": [s for s in stages if s]}]

    def in_waves(self, waves):
        """In the order that a rollout keeps: all is read before the first wave; a wave is tried as a
        whole before it is written; it ends when its pods run and have been looked at."""
        phases = [([c for wave in waves for c in wave], [self.reads])]
        for wave in waves:
            phases.append((wave, [self.tries]))
            phases.append((wave, [self.applies, self.settled] + self.rest))
        return [{"clusters": clusters, "stages": [s for s in stages if s]}
                for clusters, stages in phases]


def generate(bench, phases, chosen, cores=None):
    """`cores`: where it may run."""
    watch = [request("watch", (group, "v1", resource, {}), "")
             for group, resource in (("apps", "deployments"), ("", "services"), ("", "configmaps"),
                                     ("", "serviceaccounts"), ("", "namespaces"))]
    watch[-1]["namespace"] = ""
    path = os.path.join(bench.folder, "load.json")
    with open(path, "w") as f:
        json.dump({"kubeconfig": os.path.join(bench.fleet.folder, "kubeconfig"),
                   "parallel": chosen.parallel, "watch": watch, "phases": phases}, f)
    done = subprocess.run([common.binary("swell-bench-fleet"), path], stdout=subprocess.PIPE,
                          timeout=chosen.timeout, check=False,
                          preexec_fn=lambda: cores and os.sched_setaffinity(0, cores))
    if done.returncode != 0:
        raise RuntimeError("swell-bench-fleet: exit %d" % done.returncode)
    result = json.loads(done.stdout)
    result["requestsPerSecond"] = result["requests"] / result["seconds"]
    return result
