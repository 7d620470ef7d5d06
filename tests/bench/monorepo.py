#!/usr/bin/env python3
"""A commit that changes one application of many in one repository: the others must cost no render
and no plan."""
import sys
import time

import common

POLL_SECONDS = 1


def main():
    chosen = common.arguments(__doc__, applications=500, clusters=1)
    count, touched = chosen.applications, (chosen.applications + 1) // 2
    with common.Bench(common.apps_of(count), chosen.clusters, poll="%ds" % POLL_SECONDS,
                      resync="1h", health="200ms") as bench:
        first, first_cpu = common.declare_apps(bench, count, chosen.timeout)
        time.sleep(2 * POLL_SECONDS)
        before, swelld = bench.counters(), bench.swelld.pid
        cpu = common.cpu_exact(swelld)
        commit = bench.repo.commit("Change one", common.app_files(touched, "second"))
        began = time.monotonic()
        bench.wait_rollouts(count + 1, chosen.timeout)
        seconds, cpu_then = time.monotonic() - began, common.cpu_exact(swelld)
        settle(bench, chosen.timeout)
        cpu_all = common.cpu_exact(swelld) - cpu
        seen = common.change(before, bench.counters())
        behind = len(common.not_synced(bench))
        rollout = bench.swelld.rollout(common.app_name(touched))
    if rollout["phase"] != "Succeeded" or rollout["revision"]["commit"] != commit:
        raise RuntimeError("the changed application's last rollout is %s at %s" % (
            rollout["phase"], rollout["revision"]["commit"]))
    result = {"applications": count, "clusters": chosen.clusters, "firstSyncSeconds": first,
              "firstSyncCpuSeconds": first_cpu,
              "secondsUntilSucceeded": seconds, "pollSeconds": POLL_SECONDS,
              "renders": seen["renders"], "plans": seen["plans"], "rollouts": seen["rollouts"],
              "apiWrites": seen["api_writes"], "apiRequests": seen["api_requests"],
              "cpuMillisecondsUntilSucceeded": 1000 * (cpu_then - cpu),
              "cpuMillisecondsUntilQuiet": 1000 * cpu_all, "notSynced": behind}
    common.show(result, chosen.output, [[title, result[key]] for title, key in ROWS])
    # Plain YAML reads nothing of a cluster: all clusters share one render.
    limits = {"renders": 1, "plans": 1, "rollouts": 1, "notSynced": 0}
    wrong = ["%d %s, at most %d" % (result[key], title, limits[key])
             for title, key in ROWS if key in limits and result[key] > limits[key]]
    if wrong:
        print("monorepo.py: one application changed: " + "; ".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


def settle(bench, timeout):
    """Until three polls in a row caused no plan: what comes late counts, too."""
    deadline, last = time.monotonic() + timeout, None
    while True:
        metrics = bench.swelld.metrics()
        plans, polls = metrics["swell_plans"], metrics["swell_git_resolutions"]
        if last is None or plans != last[0]:
            last = (plans, polls)
        if polls >= last[1] + 3 and metrics["swell_rollouts_running"] == 0:
            return
        if time.monotonic() > deadline:
            raise RuntimeError("still planning after %ds: %d plans" % (timeout, plans))
        time.sleep(0.2)


ROWS = (("applications", "applications"), ("clusters", "clusters"),
        ("first sync, seconds", "firstSyncSeconds"),
        ("first sync, swelld CPU s", "firstSyncCpuSeconds"),
        ("seconds until it succeeded", "secondsUntilSucceeded"),
        ("poll interval, s", "pollSeconds"),
        ("renders", "renders"), ("plans", "plans"), ("rollouts", "rollouts"),
        ("API writes", "apiWrites"), ("API requests", "apiRequests"),
        ("CPU ms until it succeeded", "cpuMillisecondsUntilSucceeded"),
        ("CPU ms until quiet", "cpuMillisecondsUntilQuiet"),
        ("applications not synced", "notSynced"))

if __name__ == "__main__":
    common.run(main)
