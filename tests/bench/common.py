"""What the benchmarks share. Standard library only; the programs are started by tests/support."""
import argparse
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
from git_repo import GitRepo  # noqa: E402
from programs import Process, Sandbox, Swelld, binary  # noqa: E402
import samples  # noqa: E402

VERBS = ("get", "list", "watch", "apply", "try")
TICK = os.sysconf("SC_CLK_TCK")


def arguments(description, **counts):
    """The common options and one --NAME for each whole number; sets SWELL_BIN."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--bin", metavar="DIR", help="folder of swelld, swell and swell-sandbox "
                        "[SWELL_BIN, else build/default/bin]")
    for name, default in counts.items():
        parser.add_argument("--" + name, type=positive, default=default, metavar="N",
                            help="[%d]" % default)
    parser.add_argument("--timeout", type=positive, default=900, metavar="SECONDS",
                        help="of each phase [900]")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    chosen = parser.parse_args()
    os.environ["SWELL_BIN"] = os.path.abspath(
        chosen.bin or os.environ.get("SWELL_BIN") or os.path.join(ROOT, "build/default/bin"))
    return chosen


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


class Server(Swelld):
    """swelld as it would run: log level info, and the intervals that a benchmark names."""

    def __init__(self, folder, **intervals):
        super().__init__(folder)
        self.intervals = [x for name, value in intervals.items()
                          for x in ("--%s-interval" % name, value)]

    def start(self, before_exec=None):
        self.process = Process(
            [binary("swelld"), "--data", self.data, "--listen", "127.0.0.1:0", "--http-listen",
             "127.0.0.1:0", *self.intervals], self.log_path, before_exec)
        ready = self.process.wait_for_line(r"swelld is ready.*?grpc_port=(\d+).*?http_port=(\d+)")
        self.grpc_port, self.http_port = int(ready.group(1)), int(ready.group(2))
        return self

    @property
    def pid(self):
        return self.process.child.pid

    def statuses(self):
        return self.ok("status", "-o", "json", timeout=300).json.get("applications", [])


class Bench:
    """A folder, a repository, a fleet and a server; all are gone after the with block."""

    def __init__(self, files, clusters, step_delay="20ms", **intervals):
        self.folder = tempfile.mkdtemp(prefix="swell-bench-")
        self.fleet = self.swelld = None
        self._start = (files, clusters, step_delay, intervals)

    def __enter__(self):
        try:
            files, clusters, step_delay, intervals = self._start
            self.repo = GitRepo(os.path.join(self.folder, "repo"), files)
            self.fleet = Sandbox(self.folder, clusters, "all=%d" % clusters, step_delay)
            self.swelld = Server(self.folder, **intervals).start()
            self.swelld.ok("apply", "-f", self.fleet.declarations)
            return self
        except BaseException:
            self.close()
            raise

    def __exit__(self, kind, error, trace):
        if kind and self.swelld:
            print("the end of swelld's log:\n" + self.swelld.log()[-2000:], file=sys.stderr)
        self.close()

    def close(self):
        for program in (self.swelld, self.fleet):
            try:
                if program:
                    program.stop()
            except Exception as e:  # the other one has to be stopped as well
                print("not stopped: %s" % e, file=sys.stderr)
                program.process.kill()
        if os.environ.get("SWELL_KEEP"):
            print("kept: " + self.folder, file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def counters(self):
        """What swelld and the clusters have counted so far. Of the clusters by verb as well, as
        api_get and such; dry runs are api_try, other applies api_apply."""
        metrics = self.swelld.metrics()
        out = {name: int(metrics["swell_" + name])
               for name in ("renders", "render_cache_hits", "plans", "rollouts", "git_resolutions")}
        return dict(out, **self.api_counters())

    def api_counters(self):
        out = dict.fromkeys(["api_" + verb for verb in VERBS + ("other",)], 0)
        stats = [self.fleet[name].stats() for name in self.fleet.names]
        for s in stats:
            for verb, count in s["requests"].items():
                out["api_" + (verb if verb in VERBS else "other")] += count
            out["api_try"] += s["dryRuns"]
            out["api_apply"] -= s["dryRuns"]
        out["api_requests"] = sum(sum(s["requests"].values()) for s in stats)
        out["api_writes"] = sum(s["writes"] for s in stats)
        return out

    def wait_metric(self, name, value, timeout):
        deadline = time.monotonic() + timeout
        while self.swelld.metrics()[name] < value:
            if time.monotonic() > deadline:
                raise RuntimeError("%s is not %d after %d s\n%s" % (name, value, timeout,
                                                                    self.errors()))
            time.sleep(0.02)

    def wait_rollouts(self, ended, timeout):
        """Until so many rollouts have begun since the start and none runs. Asks /metrics, which
        costs swelld little; returns the highest number of threads seen."""
        threads, deadline, look = 0, time.monotonic() + timeout, time.monotonic() + 5
        while True:
            metrics = self.swelld.metrics()
            threads = max(threads, thread_count(self.swelld.pid))
            if metrics["swell_rollouts"] >= ended and metrics["swell_rollouts_running"] == 0:
                return threads
            now = time.monotonic()
            if now > deadline:
                raise RuntimeError("%d of %d rollouts begun, %d running after %ds\n%s" % (
                    metrics["swell_rollouts"], ended, metrics["swell_rollouts_running"], timeout,
                    self.errors()))
            if now > look and metrics["swell_rollouts_running"] == 0:
                look = now + 5
                if self.errors():
                    raise RuntimeError(self.errors())
            time.sleep(0.1)

    def errors(self):
        lines = []
        for s in self.swelld.statuses():
            wrong = s.get("sourceError") or s.get("error") or s.get("hold")
            if wrong:
                lines.append("%s: %s" % (s["name"], wrong))
        return "\n".join(lines[:5])


def apps_of(count):
    """apps/0001 …: two small objects each, for one namespace that every cluster has."""
    files = {}
    for i in range(1, count + 1):
        files.update(app_files(i, "first"))
    return files


def app_name(number):
    return "app-%04d" % number


def app_files(number, text):
    folder, name = "apps/%04d/" % number, app_name(number)
    return {folder + "config.yaml": samples.config_map(name, text),
            folder + "service.yaml": samples.service(name)}


def declare_apps(bench, count, timeout):
    """Declares the applications of apps_of; returns the seconds until all of them are synced, and
    the CPU seconds of swelld for it."""
    documents = "---\n".join(
        samples.application(app_name(i), bench.repo.url, "apps/%04d" % i, namespace="default",
                            waves="").replace("    createNamespace: true\n", "")
        for i in range(1, count + 1))
    began, cpu = time.monotonic(), cpu_exact(bench.swelld.pid)
    bench.swelld.ok("apply", "-f", "-", text=documents, timeout=timeout)
    bench.wait_rollouts(count, timeout)
    seconds, cpu = time.monotonic() - began, cpu_exact(bench.swelld.pid) - cpu
    behind = not_synced(bench)
    if behind:
        raise RuntimeError("not synced after the first rollouts: " + ", ".join(behind[:5]))
    return seconds, cpu


def not_synced(bench):
    return [s["name"] for s in bench.swelld.statuses() if s["sync"] != "Synced"]


def cpu_seconds(pid):
    """(user, system) from /proc, in steps of a clock tick (10 ms)."""
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[11]) / TICK, int(fields[12]) / TICK


def cpu_exact(pid):
    """User and system seconds together, in nanoseconds: the process's CPU clock (what
    clock_getcpuclockid(3) names), for windows in which a clock tick is much."""
    return time.clock_gettime((~pid << 3) | 2)


def halves():
    """The cores that there are, in two."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise RuntimeError("half the cores each: there is one core")
    return cores[:len(cores) // 2], cores[len(cores) // 2:]


def pin(pid, cores):
    """All threads of a process to these cores; None: to all that there are."""
    for thread in os.listdir("/proc/%d/task" % pid):
        with contextlib.suppress(ProcessLookupError):  # it has ended
            os.sched_setaffinity(int(thread), cores or os.sched_getaffinity(0))


def proc_status(pid, field):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"(?m)^%s:\s+(\d+)" % field, f.read()).group(1))


def peak_mib(pid):
    return proc_status(pid, "VmHWM") / 1024


def rss_mib(pid):
    return proc_status(pid, "VmRSS") / 1024


def thread_count(pid):
    return proc_status(pid, "Threads")


def change(before, after):
    return {name: after[name] - before[name] for name in after}


def show(document, output, rows, header=None):
    """JSON, or rows of cells: the first column to the left, the others to the right."""
    if output == "json":
        print(json.dumps(document, indent=2))
        return
    cells = [[cell if isinstance(cell, str) else "%.2f" % cell if isinstance(cell, float)
              else str(cell) for cell in row] for row in ([header] if header else []) + rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    for row in cells:
        print("  ".join([row[0].ljust(widths[0])] +
                        [c.rjust(w) for c, w in zip(row[1:], widths[1:])]).rstrip())


def run(main):
    """Exit status 0, 1 for a fact that is not as promised, 2 where nothing could be measured."""
    try:
        sys.exit(main())
    except (RuntimeError, AssertionError, OSError) as e:
        print("%s: %s" % (os.path.basename(sys.argv[0]), e), file=sys.stderr)
        sys.exit(2)
