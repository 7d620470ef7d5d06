#!/usr/bin/env python3
"""One application over a fleet, end to end: the first sync, a while in which nothing happens, a
commit that changes three objects on every cluster, a restart of swelld, and last such changes beside
their requests once more, sent by a program that decides nothing (swell-bench-fleet): on shared cores,
and with half of the cores for the clusters, as API servers have machines of their own."""
import datetime
import json
import os
import statistics
import time

import bare_fleet
import common
import samples

SERVICE_ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: %s}
"""


def service(name, port):
    return samples.service(name).replace("port: 80,", "port: %d," % port)


def files(objects, change=1):
    """All objects but the Namespace, which createNamespace adds: a ServiceAccount, then
    Deployment, Service, ConfigMap, Deployment, …. A change touches the first of each."""
    out = {"app/account.yaml": SERVICE_ACCOUNT % "runner"}
    for i in range(objects - 2):
        name, text = "part-%03d" % (i // 3), change if i < 3 else 1
        out["app/%s-%s.yaml" % (name, i % 3)] = (
            samples.deployment(name, "1.%d" % text), service(name, 80 + text),
            samples.config_map(name, "text %d" % text))[i % 3]
    return out


def wave_sizes(waves, clusters):
    """One cluster first, a quarter of the fleet in the waves between, the rest last."""
    middle = waves - 2
    first = [1] * (waves > 1) + [max(1, clusters // 4 // middle) for _ in range(middle)]
    return first + [clusters - sum(first)]


def waves_of(waves, clusters):
    sizes = wave_sizes(waves, clusters)
    return "    waves:\n" + "".join(
        "      - {name: wave-%d, count: %d}\n" % (i + 1, size) for i, size in
        enumerate(sizes[:-1])) + "      - {name: wave-%d}\n" % waves


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


def last_rollout(bench):
    """None where there is no application yet."""
    return next(iter(bench.swelld.history("fleet")), None) if bench.swelld.statuses() else None


def rollout_after(bench, before):
    """The newest, which must be another one and have succeeded."""
    rollout = last_rollout(bench)
    if before and rollout["number"] == before["number"] or rollout["phase"] != "Succeeded":
        raise RuntimeError("rollout %s: %s: %s" % (rollout["number"], rollout["phase"],
                                                   rollout["message"]))
    return rollout


def measure(bench, changes, act, timeout):
    """Runs act() and waits for the rollout that it causes."""
    before = last_rollout(bench)
    pid, metrics = bench.swelld.pid, bench.swelld.metrics()
    phase = Phase(bench)
    act()
    bench.wait_metric("swell_plans", metrics["swell_plans"] + 1, timeout)
    begins, cpu = time.time(), common.cpu_exact(pid)
    rollouts = metrics["swell_rollouts"] + 1
    bench.wait_metric("swell_rollouts", rollouts, timeout)
    planned, planning = time.time(), common.cpu_exact(pid) - cpu
    threads = bench.wait_rollouts(rollouts, timeout)
    result = phase.ended()
    # Its own word: to ask more often when it ends would be work of its own.
    finished = rollout_after(bench, before)["finishedAt"]
    ended = datetime.datetime.fromisoformat(finished.replace("Z", "+00:00"))
    result["rolloutSeconds"] = ended.timestamp() - begins
    result.update(objectsApplied=changes, objectsPerSecond=changes / result["rolloutSeconds"],
                  requestsPerSecond=result["apiRequests"] / result["rolloutSeconds"],
                  planSeconds=planned - begins, planCpuSeconds=planning, swelldThreads=threads)
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


# --- beside the bare client ---

CORES = {"shared": "cores shared", "apart": "half the cores each"}


class Beside:
    """swelld's change beside swell-bench-fleet sending the same requests, in turn."""

    def __init__(self, bench, chosen, number):
        self.bench, self.chosen, self.number = bench, chosen, number
        names, self.waves = list(bench.fleet.names), []
        for size in wave_sizes(chosen.waves, chosen.clusters):
            self.waves.append(names[:size])
            del names[:size]

    def send(self, phases, cores):
        result = bare_fleet.generate(self.bench, phases, self.chosen, cores)
        time.sleep(2)  # pods may still be coming
        return result

    def change(self):
        bench, chosen = self.bench, self.chosen
        self.number += 1
        result = measure(bench, 3 * chosen.clusters, lambda: bench.repo.commit(
            "Change %d" % self.number, files(chosen.objects, self.number)), chosen.timeout)
        settle(bench, chosen.timeout)
        return result

    def once(self, cores):
        """Requests a second: of swelld, of the bare client at once and in waves."""
        bench, clusters = self.bench, self.chosen.clusters
        half = common.halves() if cores == "apart" else (None, None)
        common.pin(bench.fleet.process.child.pid, half[1])
        bench.swelld.start(before_exec=lambda: half[0] and os.sched_setaffinity(0, half[0]))
        settle(bench, self.chosen.timeout)
        self.change()  # a server that has just started has more to do
        ours = self.change()
        bench.swelld.stop()
        requests = [bare_fleet.Requests(ours["requests"], clusters, "%d-%s" % (self.number, way))
                    for way in ("at-once", "in-waves")]
        return [ours, self.send(requests[0].at_once(bench.fleet.names), half[0]),
                self.send(requests[1].in_waves(self.waves), half[0])]

    def runs(self):
        """By CORES: medians of the three, and the ratios of swelld to the other two."""
        out = {}
        for cores in CORES:
            measured = [self.once(cores) for _ in range(self.chosen.runs)]
            rates = [[of["requestsPerSecond"] for of in run] for run in measured]
            cpu = [[run[0]["swelldUserSeconds"] + run[0]["swelldSystemSeconds"],
                    run[1]["cpuSeconds"], run[2]["cpuSeconds"]] for run in measured]
            ratios = [[run[0] / other for other in run[1:]] for run in rates]
            out[cores] = {key: [statistics.median(column) for column in zip(*values)]
                          for key, values in (("requestsPerSecond", rates), ("cpuSeconds", cpu),
                                              ("ratios", ratios))}
        return out


def measure_all(bench, document, chosen):
    clusters, objects = chosen.clusters, chosen.objects
    out = {"clusters": clusters, "objects": objects, "waves": chosen.waves}
    out["firstSync"] = measure(bench, objects * clusters, lambda: bench.swelld.apply(document),
                               chosen.timeout)
    out["afterFirstSync"] = settle(bench, chosen.timeout)
    out["idle"] = idle(bench, chosen.idle)
    out["changeSync"] = measure(bench, 3 * clusters, lambda: bench.repo.commit(
        "Change 2", files(objects, 2)), chosen.timeout)
    settle(bench, chosen.timeout)
    check_size(bench, 1, "%d of %d clusters: %d create, 0 update, 0 delete" % (
        clusters, clusters, objects * clusters))
    check_size(bench, 2, "%d of %d clusters: 0 create, %d update, 0 delete" % (
        clusters, clusters, 3 * clusters))
    out["restart"] = restart(bench, chosen.timeout)
    bench.swelld.stop()
    out["besideBareClient"] = Beside(bench, chosen, 2).runs()
    return out


def print_all(result):
    print("%d clusters, %d objects each, %d waves\n" % (
        result["clusters"], result["objects"], result["waves"]))
    first, change, still = result["firstSync"], result["changeSync"], result["idle"]
    common.show(result, "table", [[title, first[key], change[key]] for title, key in ROWS],
                ["", "first sync", "change sync"])
    print("\nnothing moves, for %d s: %.2f %% of one core, %d API requests, %.0f MiB" % (
        still["wallSeconds"], still["percentOfCore"], still["apiRequests"], still["swelldMiB"]))
    again = result["restart"]
    print("restart: ready after %.2f s (%.2f CPU s), at rest after %.1f s (%.2f CPU s, %d API "
          "requests), peak %.0f MiB\n" % (
              again["readySeconds"], again["readyCpuSeconds"],
              again["readySeconds"] + again["wallSeconds"], again["cpuSeconds"],
              again["apiRequests"], again["swelldPeakMiB"]))
    rows = []
    for cores, title in CORES.items():
        of = result["besideBareClient"][cores]
        rows += [[title + ": requests a second"] + of["requestsPerSecond"],
                 ["  its CPU s"] + of["cpuSeconds"],
                 ["  ratio", ""] + of["ratios"]]
    common.show(result, "table", rows, ["the change's requests", "swelld", "bare, at once",
                                        "bare, in waves"])


def main():
    chosen = common.arguments(__doc__, clusters=200, objects=20, waves=3, idle=20, parallel=128,
                              runs=3)
    if chosen.objects < 5:
        raise RuntimeError("--objects: at least 5, of which a commit changes three")
    if chosen.clusters < 2 * chosen.waves:
        raise RuntimeError("--waves: no more than half the clusters")
    common.binary("swell-bench-fleet")
    application = samples.application("fleet", None, "app", namespace=bare_fleet.NAMESPACE,
                                      waves=waves_of(chosen.waves, chosen.clusters),
                                      deadline="15m", heal=False)
    with common.Bench(files(chosen.objects), chosen.clusters, poll="2s", resync="1h") as bench:
        document = application.replace("repository: None", "repository: " + bench.repo.url)
        result = measure_all(bench, document, chosen)
    if chosen.output == "json":
        print(json.dumps(result, indent=2))
    else:
        print_all(result)
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
