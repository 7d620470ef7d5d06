#!/usr/bin/env python3
"""One application over a fleet, end to end: the first sync, then a commit that changes three
objects on every cluster."""
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


def measure(bench, number, changes, act, timeout):
    """Runs act() and waits for the rollout that it causes."""
    swelld, fleet = bench.swelld.pid, bench.fleet.process.child.pid
    before, began = bench.counters(), time.monotonic()
    cpu = {pid: common.cpu_seconds(pid) for pid in (swelld, fleet)}
    act()
    threads = bench.wait_rollouts(number, timeout)
    seconds = time.monotonic() - began
    used = {pid: [b - a for a, b in zip(cpu[pid], common.cpu_seconds(pid))] for pid in cpu}
    count = common.change(before, bench.counters())
    rollout = bench.swelld.rollout("fleet", number)
    if rollout["phase"] != "Succeeded":
        raise RuntimeError("rollout %d: %s: %s" % (number, rollout["phase"], rollout["message"]))
    return {"wallSeconds": seconds, "objectsApplied": changes,
            "objectsPerSecond": changes / seconds,
            "swelldUserSeconds": used[swelld][0], "swelldSystemSeconds": used[swelld][1],
            "sandboxCpuSeconds": sum(used[fleet]), "swelldPeakMiB": common.peak_mib(swelld),
            "swelldThreads": threads, "apiRequests": count["api_requests"],
            "apiWrites": count["api_writes"], "renders": count["renders"], "plans": count["plans"]}


def check_size(bench, number, expected):
    """That the rollout was the one that is reported: so many creates and updates."""
    rollout = "fleet-%d" % number
    created = [e["message"] for e in bench.swelld.events("fleet")
               if e["type"] == "RolloutCreated" and e["rollout"] == rollout]
    if not created or not created[0].endswith(expected):
        raise RuntimeError("%s should be \"%s\", is %s" % (rollout, expected, created))


def main():
    chosen = common.arguments(__doc__, clusters=200, objects=20, waves=3)
    clusters, objects = chosen.clusters, chosen.objects
    if objects < 5:
        raise RuntimeError("--objects: at least 5, of which a commit changes three")
    if clusters < chosen.waves:
        raise RuntimeError("--waves: no more than clusters")
    application = samples.application("fleet", None, "app", namespace=NAMESPACE,
                                      waves=waves_of(chosen.waves, clusters), deadline="15m")
    with common.Bench(files(objects), clusters, poll="500ms", resync="1h", health="200ms") as bench:
        document = application.replace("repository: None", "repository: " + bench.repo.url)
        first = measure(bench, 1, objects * clusters, lambda: bench.swelld.apply(document),
                        chosen.timeout)
        second = measure(bench, 2, 3 * clusters,
                         lambda: bench.repo.commit("Change three", files(objects, changed=True)),
                         chosen.timeout)
        check_size(bench, 1, "%d clusters: %d create, 0 update, 0 delete" % (
            clusters, objects * clusters))
        check_size(bench, 2, "%d clusters: 0 create, %d update, 0 delete" % (
            clusters, 3 * clusters))
    if chosen.output == "table":
        print("%d clusters, %d objects each, %d waves\n" % (clusters, objects, chosen.waves))
    common.show({"clusters": clusters, "objects": objects, "waves": chosen.waves,
                 "firstSync": first, "changeSync": second}, chosen.output,
                [[title, first[key], second[key]] for title, key in ROWS],
                ["", "first sync", "change sync"])
    return 0


ROWS = (("wall seconds", "wallSeconds"), ("objects applied", "objectsApplied"),
        ("objects a second", "objectsPerSecond"), ("swelld CPU s, user", "swelldUserSeconds"),
        ("swelld CPU s, system", "swelldSystemSeconds"),
        ("sandbox CPU s", "sandboxCpuSeconds"), ("swelld peak MiB", "swelldPeakMiB"),
        ("swelld threads", "swelldThreads"), ("API requests", "apiRequests"),
        ("API writes", "apiWrites"), ("renders", "renders"), ("plans", "plans"))

if __name__ == "__main__":
    common.run(main)
