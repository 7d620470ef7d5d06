"""Starts and stops Swell's programs for tests. Standard library only.

SWELL_BIN names the folder of swelld, swell and swell-sandbox.
"""
import ctypes
import json
import os
import re
import signal
import subprocess
import time
import urllib.request

from sandbox_api import SandboxApi


def binary(name):
    folder = os.environ.get("SWELL_BIN")
    if not folder:
        raise RuntimeError("SWELL_BIN must name the folder of swelld, swell and swell-sandbox")
    path = os.path.join(folder, name)
    if not os.access(path, os.X_OK):
        raise RuntimeError("no program " + path)
    return path


def eventually(check, what, timeout=60, pause=0.05):
    """Calls check() until it returns something true, and returns that.

    `what`: text, or a function that tells how things stand, for the failure's message.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            stands = what() if callable(what) else what
            raise AssertionError("not within %ss: %s" % (timeout, stands))
        time.sleep(pause)


def end_with_parent():
    """Runs in a child before exec: the kernel ends it if the test is killed outright."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Process:
    """A child whose output goes to a file."""

    def __init__(self, argv, log, before_exec=None):
        self.log_path = log
        self._from = os.path.getsize(log) if os.path.exists(log) else 0

        def prepare():
            end_with_parent()
            if before_exec:
                before_exec()
        with open(log, "ab") as out:
            self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=subprocess.STDOUT, preexec_fn=prepare)

    def log(self):
        """What this run has written."""
        with open(self.log_path, "rb") as f:
            f.seek(self._from)
            return f.read().decode("utf-8", "replace")

    def wait_for_line(self, pattern, timeout=60):
        def look():
            ended = self.child.poll()
            found = re.search(pattern, self.log())
            if found is None and ended is not None:
                raise RuntimeError("ended with status %s:\n%s" % (ended, self.log()))
            return found
        return eventually(look, lambda: "no line %r in:\n%s" % (pattern, self.log()), timeout, 0.02)

    def stop(self, timeout=30):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout)

    def kill(self):
        self.child.kill()
        self.child.wait(30)


class Sandbox:
    """A simulated fleet: clusters c01, c02, … with the label ring."""

    def __init__(self, folder, clusters=12, rings="canary=1,early=3,rest=8", step_delay="50ms"):
        self.folder = os.path.join(folder, "fleet")
        self.process = Process(
            [binary("swell-sandbox"), "--clusters", str(clusters), "--ring", rings,
             "--kubeconfig-out", self.folder, "--base-port", "0", "--step-delay", step_delay],
            os.path.join(folder, "sandbox.log"))
        self.process.wait_for_line(r"(?m)^ready$")
        self.declarations = os.path.join(self.folder, "clusters.yaml")
        self.clusters = {}
        with open(os.path.join(self.folder, "kubeconfig")) as f:
            text = f.read()
        # Both ways round: JSON-like order of keys is the writer's affair.
        for entry in re.split(r"(?m)^- ", text.partition("contexts:")[0]):
            name = re.search(r"\bname: (\S+)", entry)
            server = re.search(r"\bserver: (\S+)", entry)
            if name and server:
                self.clusters[name.group(1)] = SandboxApi(server.group(1))
        if len(self.clusters) != clusters:
            raise RuntimeError("the sandbox's kubeconfig names %d clusters" % len(self.clusters))

    @property
    def names(self):
        return sorted(self.clusters)

    def __getitem__(self, name):
        return self.clusters[name]

    def stop(self):
        self.process.stop()


class Ran:
    """A command that has ended."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return "%s: exit %d\n%s%s" % (" ".join(self.argv), self.code, self.out, self.err)


class Swelld:
    """A server on a data folder of its own, with short intervals."""

    INTERVALS = ["--poll-interval", "500ms", "--health-interval", "200ms",
                 "--retry-interval", "1s", "--resync-interval", "2s"]

    def __init__(self, folder, flags=()):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.flags = list(flags)
        self.process = None
        self.grpc_port = self.http_port = None

    @property
    def log_path(self):
        return os.path.join(self.folder, "swelld.log")

    def start(self, before_exec=None, port=0):
        """`port`: of gRPC, for those that talk to an earlier run; 0 is any."""
        argv = [binary("swelld"), "--data", self.data, "--listen", "127.0.0.1:%d" % port,
                "--http-listen", "127.0.0.1:0", "--log-level", "debug",
                *self.INTERVALS, *self.flags]
        self.process = Process(argv, self.log_path, before_exec)
        found = self.process.wait_for_line(
            r"swelld is ready.*?grpc_port=(\d+).*?http_port=(\d+)")
        self.grpc_port, self.http_port = int(found.group(1)), int(found.group(2))
        return self

    def kill(self):
        """As a power cut would: no chance to put anything in order."""
        self.process.kill()

    def stop(self):
        if self.process:
            return self.process.stop()
        return None

    def log(self):
        """Of all runs."""
        with open(self.log_path, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def metrics(self):
        """{name: value}, of those without labels."""
        url = "http://127.0.0.1:%d/metrics" % self.http_port
        with urllib.request.urlopen(url, timeout=60) as response:
            text = response.read().decode()
        return {name: float(value) for name, value in re.findall(r"(?m)^(swell_\w+) (\S+)$", text)}

    def command(self, arguments):
        """How swell is called against this server: (argv, environment)."""
        argv = [binary("swell"), "--server", "127.0.0.1:%d" % self.grpc_port, *map(str, arguments)]
        return argv, dict(os.environ, SWELL_ACTOR="tester", NO_COLOR="1", TZ="UTC")

    def begin(self, *arguments):
        """Starts swell without waiting for its end."""
        argv, environment = self.command(arguments)
        return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=end_with_parent)

    def run(self, *arguments, timeout=120, text=None):
        """Runs swell against this server; never raises for its exit code."""
        argv, environment = self.command(arguments)
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                              env=environment, input=None if text is None else text.encode())
        return Ran(argv[1:], done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *arguments, **options):
        ran = self.run(*arguments, **options)
        if ran.code != 0:
            raise AssertionError(str(ran) + self.death())
        return ran

    def death(self):
        """How swelld ended, where it has."""
        status = self.process.child.poll()
        if status is None:
            return ""
        return "swelld ended with status %d:\n%s" % (status, self.process.log()[-4000:])

    def apply(self, documents):
        return self.ok("apply", "-f", "-", text=documents)

    def status(self, application):
        return self.ok("status", application, "-o", "json").json

    def rollout(self, application, number=None):
        more = [] if number is None else [number]
        return self.ok("rollout", application, *more, "-o", "json").json

    def history(self, application):
        """Newest first."""
        return self.ok("history", application, "-o", "json").json.get("rollouts", [])

    def events(self, application):
        """Oldest first."""
        return self.ok("events", application, "--limit", 10000, "-o", "json").json.get("events", [])

    def wait_rollout(self, application, commit, phase="Succeeded", timeout=90):
        """Until a rollout of `commit` has ended so; returns it."""
        def look():
            for rollout in self.history(application):
                if rollout["revision"]["commit"] == commit and rollout["finished"]:
                    if rollout["phase"] != phase:
                        raise AssertionError("rollout %s of %s ended %s: %s" % (
                            rollout["number"], commit[:7], rollout["phase"], rollout["message"]))
                    return rollout
            return None
        return eventually(look, lambda: "%s at %s: %s" % (application, commit[:7], self.describe(
            application)), timeout, 0.1)

    def wait_status(self, application, check, what, timeout=60):
        """Until check(status) is true; returns the status."""
        last = {}

        def look():
            last.clear()
            last.update(self.status(application))
            return dict(last) if check(last) else None
        return eventually(look, lambda: "%s: %s" % (what, json.dumps(last, indent=1)), timeout, 0.1)

    def wait_settled(self, application, commit, timeout=90):
        """Until it is Synced and Healthy at the commit."""
        return self.wait_status(
            application, lambda s: s.get("revision", {}).get("commit") == commit and
            s["sync"] == "Synced" and s["health"]["status"] == "Healthy",
            "synced at " + commit[:7], timeout)

    def describe(self, application):
        return str(self.run("status", application))
