#!/usr/bin/env python3
"""What many applications cost while nothing moves: no render, no plan and no write may happen."""
import sys
import time

import common

POLL_SECONDS = 1


def main():
    chosen = common.arguments(__doc__, applications=1000, clusters=3, ticks=20)
    count = chosen.applications
    with common.Bench(common.apps_of(count), chosen.clusters, poll="%ds" % POLL_SECONDS,
                      resync="1h") as bench:
        first, first_cpu = common.declare_apps(bench, count, chosen.timeout)
        time.sleep(2 * POLL_SECONDS)  # what the last rollout left to be done is no idling
        before, cpu, began = bench.counters(), common.cpu_exact(bench.swelld.pid), time.monotonic()
        ticks = wait_ticks(bench, before["git_resolutions"], chosen.ticks, chosen.timeout)
        cpu = common.cpu_exact(bench.swelld.pid) - cpu
        seconds = time.monotonic() - began
        seen = common.change(before, bench.counters())
        behind = len(common.not_synced(bench))
        memory = common.peak_mib(bench.swelld.pid)
    result = {"applications": count, "clusters": chosen.clusters, "firstSyncSeconds": first,
              "firstSyncCpuSeconds": first_cpu,
              "ticks": ticks, "windowSeconds": seconds,
              "cpuMillisecondsPerTick": 1000 * cpu / ticks,
              "renders": seen["renders"], "plans": seen["plans"], "rollouts": seen["rollouts"],
              "apiWrites": seen["api_writes"], "apiRequests": seen["api_requests"],
              "notSynced": behind, "swelldPeakMiB": memory}
    common.show(result, chosen.output, [[title, result[key]] for title, key in ROWS])
    wrong = [title for title, key in ROWS if key in MUST_BE_ZERO and result[key] != 0]
    if wrong:
        print("idle.py: nothing moved, but there were " + ", ".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


def wait_ticks(bench, start, ticks, timeout):
    """Until the repository was looked at so often; hardly asks while that is measured."""
    time.sleep(ticks * POLL_SECONDS)
    deadline = time.monotonic() + timeout
    while True:
        seen = int(bench.swelld.metrics()["swell_git_resolutions"]) - start
        if seen >= ticks:
            return seen
        if time.monotonic() > deadline:
            raise RuntimeError("the repository was polled %d times, not %d" % (seen, ticks))
        time.sleep(0.5)


MUST_BE_ZERO = ("renders", "plans", "rollouts", "apiWrites", "notSynced")

ROWS = (("applications", "applications"), ("clusters", "clusters"),
        ("first sync, seconds", "firstSyncSeconds"),
        ("first sync, swelld CPU s", "firstSyncCpuSeconds"), ("poll ticks", "ticks"),
        ("window, seconds", "windowSeconds"), ("CPU ms a tick", "cpuMillisecondsPerTick"),
        ("renders", "renders"), ("plans", "plans"), ("rollouts", "rollouts"),
        ("API writes", "apiWrites"), ("API requests", "apiRequests"),
        ("applications not synced", "notSynced"), ("swelld peak MiB", "swelldPeakMiB"))

if __name__ == "__main__":
    common.run(main)
