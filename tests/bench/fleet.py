#!/usr/bin/env python3
"""One application over a fleet, end to end: the first sync, a while in which nothing happens, a
commit that changes three objects on every cluster, a restart of swelld, and last the requests of
that change once more, sent by a program that decides nothing (swell-bench-fleet)."""
import json
import os
import subprocess
import time

import common
import samples

NAMESPACE = "bench"

SERVICE_ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: %s}
"""


def service(name, port):
    return samples.service(name).replace("port: 80,", "port: %d," % port)


def files(objects, changed=False):
    """All objects but the Namespace, which createNamespace adds: a ServiceAccount, then
    Deployment, Service, ConfigMap, Deployment, …. A change touches the first of each."""
    out = {"app/account.yaml": SERVICE_ACCOUNT % "runner"}
    for i in range(objects - 2):
        name, touched = "part-%03d" % (i // 3), changed and i < 3
        out["app/%s-%s.yaml" % (name, i % 3)] = (
            samples.deployment(name, "1.1" if touched else "1.0"),
            service(name, 81 if touched else 80),
            samples.config_map(name, "second" if touched else "first"))[i % 3]
    return out


def waves_of(waves, clusters):
    """One cluster first, a quarter of the fleet in the waves between, the rest last."""
    text, middle = "    waves:\n", waves - 2
    if waves > 1:
        text += "      - {name: wave-1, count: 1}\n"
    for i in range(middle):
        text += "      - {name: wave-%d, count: %d}\n" % (i + 2, max(1, clusters // 4 // middle))
    return text + "      - {name: wave-%d}\n" % waves


class Phase:
    """What is used from its beginning until ended()."""

    def __init__(self, bench):
        self.bench = bench
        self.pids = {"swelld": bench.swelld.pid, "sandbox": bench.fleet.process.child.pid}
        self.before = bench.counters()
        self.cpu = self.now()
        self.began = time.monotonic()

    def now(self):
        return {name: common.cpu_seconds(pid) for name, pid in self.pids.items()}

    def ended(self):
        seconds, after = time.monotonic() - self.began, self.now()
        used = {name: [b - a for a, b in zip(self.cpu[name], after[name])] for name in after}
        count = common.change(self.before, self.bench.counters())
        return {"wallSeconds": seconds, "swelldUserSeconds": used["swelld"][0],
                "swelldSystemSeconds": used["swelld"][1], "sandboxCpuSeconds": sum(used["sandbox"]),
                "swelldMiB": common.rss_mib(self.pids["swelld"]),
                "swelldPeakMiB": common.peak_mib(self.pids["swelld"]),
                "apiRequests": count["api_requests"], "apiWrites": count["api_writes"],
                "renders": count["renders"], "plans": count["plans"],
                "requests": {verb: count["api_" + verb] for verb in common.VERBS}}


def measure(bench, number, changes, act, timeout):
    """Runs act() and waits for the rollout that it causes."""
    pid, metrics = bench.swelld.pid, bench.swelld.metrics()
    phase = Phase(bench)
    act()
    bench.wait_metric("swell_plans", metrics["swell_plans"] + 1, timeout)
    begins, cpu = time.monotonic(), common.cpu_exact(pid)
    bench.wait_metric("swell_rollouts", number, timeout)
    planned, planning = time.monotonic(), common.cpu_exact(pid) - cpu
    threads = bench.wait_rollouts(number, timeout)
    result = phase.ended()
    result["rolloutSeconds"] = time.monotonic() - begins
    result.update(objectsApplied=changes, objectsPerSecond=changes / result["rolloutSeconds"],
                  requestsPerSecond=result["apiRequests"] / result["rolloutSeconds"],
                  planSeconds=planned - begins, planCpuSeconds=planning, swelldThreads=threads)
    rollout = bench.swelld.rollout("fleet", number)
    if rollout["phase"] != "Succeeded":
        raise RuntimeError("rollout %d: %s: %s" % (number, rollout["phase"], rollout["message"]))
    return result


def check_size(bench, number, expected):
    """That the rollout was the one that is reported: so many creates and updates."""
    rollout = "fleet-%d" % number
    created = [e["message"] for e in bench.swelld.events("fleet")
               if e["type"] == "RolloutCreated" and e["rollout"] == rollout]
    if not created or expected not in created[0]:
        raise RuntimeError("%s should be \"%s\", is %s" % (rollout, expected, created))


def settle(bench, timeout):
    """Until swelld has done nothing worth mentioning for three seconds."""
    phase, quiet, deadline = Phase(bench), 0, time.monotonic() + timeout
    while quiet < 3:
        cpu = common.cpu_exact(bench.swelld.pid)
        time.sleep(1)
        quiet = quiet + 1 if common.cpu_exact(bench.swelld.pid) - cpu < 0.05 else 0
        if time.monotonic() > deadline:
            raise RuntimeError("swelld does not come to rest within %d s" % timeout)
    return phase.ended()


def idle(bench, seconds):
    phase, cpu, began = Phase(bench), common.cpu_exact(bench.swelld.pid), time.monotonic()
    time.sleep(seconds)
    share = (common.cpu_exact(bench.swelld.pid) - cpu) / (time.monotonic() - began)
    result = phase.ended()
    result["percentOfCore"] = 100 * share
    return result


def restart(bench, timeout):
    bench.swelld.stop()
    began = time.monotonic()
    bench.swelld.start()
    ready, cpu = time.monotonic() - began, common.cpu_exact(bench.swelld.pid)
    rest = settle(bench, timeout)
    rest.update(readySeconds=ready, readyCpuSeconds=cpu,
                cpuSeconds=common.cpu_exact(bench.swelld.pid))
    return rest


# --- the bare generator ---

def thirds():
    """The three objects that a change touches, as swelld applies them, changed once more."""
    meta = {"name": "part-000", "namespace": NAMESPACE, "annotations": {"swell.dev/owner": "fleet"}}
    labels = {"app": "part-000"}
    return [
        ("apps", "v1", "deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": dict(meta, labels=labels),
            "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{
                    "name": "main", "image": "registry.example.com/part-000:1.2",
                    "ports": [{"containerPort": 8080, "protocol": "TCP"}]}]}}}}),
        ("", "v1", "services", {
            "apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {
                "selector": labels,
                "ports": [{"port": 82, "targetPort": 8080, "protocol": "TCP"}]}}),
        ("", "v1", "configmaps", {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"text": "third"}})]


def request(verb, of, name="part-000"):
    group, version, resource, body = of
    return {"verb": verb, "group": group, "version": version, "resource": resource,
            "namespace": NAMESPACE, "name": name, "object": body if verb in ("apply", "try") else {}}


def stages_of(requests, clusters):
    """What each cluster was asked during the change: the reads of the plan, the tries, the writes,
    and what followed."""
    each = {verb: round(count / clusters) for verb, count in requests.items()}
    objects = thirds()
    gets = [request("get", objects[i % 3]) for i in range(each["get"])]
    lists = [request("list", objects[i % 3], "") for i in range(each["list"])]
    writes = [[request(verb, objects[i % 3]) for i in range(each[verb])] for verb in ("try", "apply")]
    rest = gets[3:] + lists
    return [s for s in [gets[:3]] + writes + [rest[i:i + 3] for i in range(0, len(rest), 3)] if s]


def generate(bench, requests, parallel):
    """The same requests from swell-bench-fleet; swelld must be down."""
    watch = [request("watch", (group, "v1", resource, {}), "")
             for group, resource in (("apps", "deployments"), ("", "services"), ("", "configmaps"),
                                     ("", "serviceaccounts"), ("", "namespaces"))]
    watch[-1]["namespace"] = ""
    spec = {"kubeconfig": os.path.join(bench.fleet.folder, "kubeconfig"),
            "clusters": bench.fleet.names, "parallel": parallel, "watch": watch,
            "stages": stages_of(requests, len(bench.fleet.names))}
    path = os.path.join(bench.folder, "load.json")
    with open(path, "w") as f:
        json.dump(spec, f)
    cpu = sum(common.cpu_seconds(bench.fleet.process.child.pid))
    before = bench.api_counters()
    done = subprocess.run([common.binary("swell-bench-fleet"), path], stdout=subprocess.PIPE,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError("swell-bench-fleet: exit %d" % done.returncode)
    result = json.loads(done.stdout)
    sandbox = sum(common.cpu_seconds(bench.fleet.process.child.pid)) - cpu
    result.update(requestsPerSecond=result["requests"] / result["seconds"],
                  sandboxCpuSeconds=sandbox, byVerb=common.change(before, bench.api_counters()))
    return result


def main():
    chosen = common.arguments(__doc__, clusters=200, objects=20, waves=3, idle=20, parallel=250)
    clusters, objects = chosen.clusters, chosen.objects
    if objects < 5:
        raise RuntimeError("--objects: at least 5, of which a commit changes three")
    if clusters < chosen.waves:
        raise RuntimeError("--waves: no more than clusters")
    common.binary("swell-bench-fleet")
    application = samples.application("fleet", None, "app", namespace=NAMESPACE,
                                      waves=waves_of(chosen.waves, clusters), deadline="15m")
    with common.Bench(files(objects), clusters, poll="2s", resync="1h") as bench:
        document = application.replace("repository: None", "repository: " + bench.repo.url)
        first = measure(bench, 1, objects * clusters, lambda: bench.swelld.apply(document),
                        chosen.timeout)
        rest = settle(bench, chosen.timeout)
        still = idle(bench, chosen.idle)
        change = measure(bench, 2, 3 * clusters,
                         lambda: bench.repo.commit("Change three", files(objects, changed=True)),
                         chosen.timeout)
        settle(bench, chosen.timeout)
        check_size(bench, 1, "%d of %d clusters: %d create, 0 update, 0 delete" % (
            clusters, clusters, objects * clusters))
        check_size(bench, 2, "%d of %d clusters: 0 create, %d update, 0 delete" % (
            clusters, clusters, 3 * clusters))
        again = restart(bench, chosen.timeout)
        bench.swelld.stop()
        bare = generate(bench, change["requests"], chosen.parallel)
    ratio = change["requestsPerSecond"] / bare["requestsPerSecond"]
    result = {"clusters": clusters, "objects": objects, "waves": chosen.waves, "firstSync": first,
              "afterFirstSync": rest, "idle": still, "changeSync": change, "restart": again,
              "generator": bare, "ratio": ratio}
    if chosen.output == "json":
        print(json.dumps(result, indent=2))
        return 0
    print("%d clusters, %d objects each, %d waves\n" % (clusters, objects, chosen.waves))
    common.show(result, "table", [[title, first[key], change[key]] for title, key in ROWS],
                ["", "first sync", "change sync"])
    print("\nnothing moves, for %d s: %.2f %% of one core, %d API requests, %.0f MiB" % (
        chosen.idle, still["percentOfCore"], still["apiRequests"], still["swelldMiB"]))
    print("restart: ready after %.2f s (%.2f CPU s), at rest after %.1f s (%.2f CPU s, %d API "
          "requests), peak %.0f MiB\n" % (
              again["readySeconds"], again["readyCpuSeconds"],
              again["readySeconds"] + again["wallSeconds"], again["cpuSeconds"],
              again["apiRequests"], again["swelldPeakMiB"]))
    ours = change["swelldUserSeconds"] + change["swelldSystemSeconds"]
    common.show(result, "table", [
        ["requests", change["apiRequests"], bare["requests"]],
        ["seconds", change["rolloutSeconds"], bare["seconds"]],
        ["requests a second", change["requestsPerSecond"], bare["requestsPerSecond"]],
        ["its CPU s", ours, bare["cpuSeconds"]],
        ["sandbox CPU s", change["sandboxCpuSeconds"], bare["sandboxCpuSeconds"]]],
        ["the change's requests", "swelld", "generator"])
    print("ratio: %.2f" % ratio)
    return 0


ROWS = (("seconds, with the poll", "wallSeconds"), ("  of these planning", "planSeconds"),
        ("  and rolling out as well", "rolloutSeconds"), ("objects applied", "objectsApplied"),
        ("objects a second", "objectsPerSecond"), ("swelld CPU s, user", "swelldUserSeconds"),
        ("swelld CPU s, system", "swelldSystemSeconds"), ("  of these planning", "planCpuSeconds"),
        ("sandbox CPU s", "sandboxCpuSeconds"), ("swelld MiB at the end", "swelldMiB"),
        ("swelld peak MiB", "swelldPeakMiB"),
        ("swelld threads", "swelldThreads"), ("API requests", "apiRequests"),
        ("API writes", "apiWrites"), ("renders", "renders"), ("plans", "plans"))

if __name__ == "__main__":
    common.run(main)
