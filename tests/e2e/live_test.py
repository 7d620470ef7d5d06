#!/usr/bin/env python3
"""What runs in the clusters: trees, the clusters' events, and logs that are followed."""
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402
from programs import eventually  # noqa: E402

LONG = 10_000_000
ESCAPES = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J end"


def annotated(name, **annotations):
    """A Deployment of one pod whose containers write as told."""
    pairs = ", ".join("sandbox.swell.dev/%s: %s" % (key.replace("_", "-"), json.dumps(value))
                      for key, value in annotations.items())
    return samples.deployment(name, "1", replicas=1).replace(
        "metadata: {labels: {app: %s}}" % name,
        "metadata: {labels: {app: %s}, annotations: {%s}}" % (name, pairs))


class Following:
    """`swell logs -f`, with what it has printed so far."""

    def __init__(self, swelld, *arguments):
        self.child = swelld.begin("logs", *arguments)
        self.out, self.err = [], []
        self._threads = [threading.Thread(target=self._read, args=pair, daemon=True) for pair in
                         ((self.child.stdout, self.out), (self.child.stderr, self.err))]
        for thread in self._threads:
            thread.start()

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.append(line.decode().rstrip("\n"))

    def wait(self, check, what):
        return eventually(lambda: check(list(self.out), list(self.err)), lambda: "%s:\n%s\n%s" % (
            what, "\n".join(self.out[-50:]), "\n".join(self.err)))

    def interrupt(self):
        self.child.send_signal(signal.SIGINT)
        status = self.child.wait(30)
        for thread in self._threads:
            thread.join(30)
        self.child.stdout.close()
        self.child.stderr.close()
        return status


def nanos(time):
    """Of RFC 3339 in UTC, comparable: the fraction is as long as it needs to be."""
    whole, _, fraction = time.rstrip("Z").partition(".")
    return whole, int(fraction.ljust(9, "0"))


def flat(nodes):
    for node in nodes:
        yield node
        yield from flat(node.get("children", []))


class Live(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,rest=1"
    FILES = {**samples.plain("1"),
             "apps/crash/deployment.yaml": samples.deployment("crash", "1-crash", 1),
             "apps/broken/deployment.yaml": samples.deployment("broken", "1-broken", 1),
             "apps/chatty/deployment.yaml": annotated("chatty", log_interval="50ms"),
             "apps/long/deployment.yaml": annotated("long", log_bytes=str(LONG)),
             "apps/escapes/deployment.yaml": annotated("escapes", log_text=ESCAPES)}
    WAVES = "    waves: [{name: all}]\n"

    def deploy(self, name, settled=True):
        self.swelld.apply(samples.application(name, self.repo.url, "apps/" + name,
                                              waves=self.WAVES, deadline="30m"))
        if settled:
            self.swelld.wait_settled(name, self.repo.head())

    def metric(self, name):
        url = "http://127.0.0.1:%d/metrics" % self.swelld.http_port
        with urllib.request.urlopen(url, timeout=20) as answer:
            text = answer.read().decode()
        return float(re.search(r"(?m)^%s (\S+)$" % name, text).group(1))

    def streams(self):
        return self.metric("swell_log_streams")

    def assert_no_streams(self):
        eventually(lambda: self.streams() == 0 and self.metric("swell_log_sessions") == 0,
                   lambda: "swelld reads on: %s streams" % self.streams())
        eventually(lambda: all(self.fleet[c].stats()["logStreams"] == 0 for c in self.fleet.names),
                   "a cluster still sends")

    def tree(self, *arguments):
        clusters = self.swelld.ok("tree", *arguments, "-o", "json").json["clusters"]
        return {c["cluster"]: c["objects"] for c in clusters}

    # --- trees ---

    def test_1_tree_of_a_healthy_application(self):
        self.deploy("docs")
        trees = self.tree("docs")
        self.assertEqual(sorted(trees), ["c01", "c02"])
        for objects in trees.values():
            kinds = sorted(o["kind"] for o in objects)
            self.assertEqual(kinds, ["ConfigMap", "ConfigMap", "Deployment", "Namespace", "Service"])
            web = next(o for o in objects if o["kind"] == "Deployment")
            self.assertEqual((web["ready"], web["total"], web["health"]["status"]),
                             (2, 2, "Healthy"))
            replica_set, = web["children"]
            self.assertEqual((replica_set["kind"], replica_set["ready"], replica_set["total"]),
                             ("ReplicaSet", 2, 2))
            pods = replica_set["children"]
            self.assertEqual([(p["kind"], p["ready"], p["total"], p["health"]["status"])
                              for p in pods], [("Pod", 1, 1, "Healthy")] * 2)
            self.assertTrue(all(p["createdAt"] and p["uid"] for p in pods))
        text = self.swelld.ok("tree", "docs", "--cluster", "c01").out
        self.assertRegex(text, r"(?m)^[|`├└][-─]+ Deployment/docs +Healthy +2/2 ")
        self.assertRegex(text, r"(?m)^[|│]?  +[`└][-─]+ ReplicaSet/docs-\S+ +Healthy +2/2 ")
        self.assertNotIn("c02", text)
        self.assertEqual(self.tree("docs", "--unhealthy")["c01"], [])
        shallow = self.tree("docs", "--depth", "1")["c01"]
        self.assertTrue(all(not o["children"] for o in shallow))

    def test_2_tree_folds_old_revisions(self):
        commit = self.repo.commit("2", samples.plain("2"))
        self.swelld.wait_rollout("docs", commit)

        def folded():
            web = next(o for o in self.tree("docs")["c01"] if o["kind"] == "Deployment")
            return web["folded"] == {"ReplicaSet": 1} and len(web["children"]) == 1
        eventually(folded, lambda: str(self.tree("docs")))
        self.assertIn("1 older ReplicaSet", self.swelld.ok("tree", "docs").out)

    def test_2_tree_of_a_crashing_application(self):
        self.deploy("crash", settled=False)

        def crashing():
            ran = self.swelld.run("tree", "crash", "--unhealthy", "-o", "json")
            nodes = list(flat(ran.json["clusters"][0]["objects"])) if ran.code == 0 else []
            return nodes if any(n["kind"] == "Pod" and n["health"]["status"] == "Degraded"
                                for n in nodes) else None
        nodes = eventually(crashing, lambda: str(self.swelld.run("tree", "crash")))
        pod = next(n for n in nodes if n["kind"] == "Pod")
        self.assertIn("back-off 10s restarting failed container", pod["health"]["message"])
        self.assertEqual((pod["health"]["status"], pod["restarts"], pod["ready"]),
                         ("Degraded", 2, 0))
        owner = next(n for n in nodes if n["kind"] == "Deployment")
        self.assertEqual(owner["restarts"], 2)
        self.assertNotIn("Namespace", [n["kind"] for n in nodes])
        # What it wrote before it ended, and that it is not running now.
        self.assertIn("fatal: cannot go on", self.swelld.ok("logs", "crash", "--cluster", "c01").out)
        ran = self.swelld.ok("logs", "crash", "--previous", "--cluster", "c01", "--no-prefix")
        self.assertRegex(ran.out, "^starting main")

    def test_2_what_is_not_there_is_missing(self):
        self.swelld.apply(samples.application("still", self.repo.url, "apps/docs", heal=False,
                                              waves=self.WAVES))
        self.swelld.wait_settled("still", self.repo.head())
        self.fleet["c01"].delete("/api/v1/namespaces/still/services/docs")
        service = next(o for o in self.tree("still")["c01"] if o["kind"] == "Service")
        self.assertEqual(service["health"]["status"], "Missing")

    # --- events ---

    def test_3_events_of_objects_and_what_they_own(self):
        found = self.swelld.ok("events", "docs", "--live", "--limit", "500", "-o", "json").json
        events = found["events"]
        for cluster in self.fleet.names:
            reasons = {e["reason"] for e in events if e["cluster"] == cluster}
            self.assertLessEqual({"ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulled",
                                  "Created", "Started"}, reasons)
        self.assertEqual([e["lastAt"] for e in events], sorted(e["lastAt"] for e in events))
        self.assertEqual({e["namespace"] for e in events}, {"docs"})
        only = self.swelld.ok("events", "docs", "--live", "--object", "deploy/docs", "-o",
                              "json").json["events"]
        self.assertEqual({e["kind"] for e in only}, {"Deployment", "ReplicaSet", "Pod"})
        text = self.swelld.ok("events", "docs", "--live", "--cluster", "c02").out
        self.assertRegex(text, r"(?m)^\d+\w +\S+ +c02 +Normal +Started +Pod/docs-\S+ +Container")
        self.assertNotIn("c01", text)

    def test_3_warnings(self):
        self.deploy("broken", settled=False)

        def pulled():
            ran = self.swelld.run("events", "broken", "--live", "--warnings", "-o", "json")
            return ran.json["events"] if ran.code == 0 and ran.json["events"] else None
        events = eventually(pulled, "warnings")
        self.assertEqual({e["type"] for e in events}, {"Warning"})
        self.assertIn("Error: ImagePullBackOff", [e["message"] for e in events])
        ran = self.swelld.ok("logs", "broken", "--cluster", "c01")
        self.assertEqual(ran.out, "")
        self.assertRegex(ran.err, r"c01/broken-\S+ main: waits: ImagePullBackOff")

    # --- logs ---

    def test_4_logs_of_two_clusters(self):
        ran = self.swelld.ok("logs", "docs", "--tail", "2")
        lines = ran.out.splitlines()
        sources = {line.split(" | ")[0] for line in lines}
        self.assertEqual(len(sources), 4)
        for source in sources:
            self.assertRegex(source, r"^c0[12]/docs-\S+ main$")
            self.assertLessEqual(sum(line.startswith(source) for line in lines), 2)
        pod = sources.pop().split("/")[1].split()[0]
        ran = self.swelld.ok("logs", "docs", "--pod", pod, "--timestamps", "--no-prefix")
        self.assertRegex(ran.out, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z starting main, image ")
        document = json.loads(self.swelld.ok("logs", "docs", "-o", "json").out.splitlines()[0])
        self.assertEqual(document["namespace"], "docs")
        self.assertIn("starting main", document["text"])
        # Of all of them the older lines come first.
        times = [nanos(json.loads(line)["time"]) for line in
                 self.swelld.ok("logs", "docs", "-o", "json").out.splitlines()]
        self.assertEqual(times, sorted(times))
        self.assert_no_streams()

    def test_4_wrong_questions(self):
        for arguments, words in ((["nothing"], "nothing"),
                                 (["docs", "--cluster", "c09"], "no cluster c09"),
                                 (["docs", "--pod", "x"], "no container matches"),
                                 (["docs", "-c", "x"], "no container matches"),
                                 (["docs", "--object", "a/b/c"], "KIND/NAME")):
            ran = self.swelld.run("logs", *arguments)
            self.assertEqual(ran.code, 1, str(ran))
            self.assertIn(words, ran.err)
        self.assertEqual(self.swelld.run("logs", "docs", "-f", "--previous").code, 2)
        self.assertEqual(self.swelld.run("events", "docs", "--warnings").code, 2)
        self.assertEqual(self.swelld.run("tree", "nothing").code, 1)

    def test_5_follow_until_interrupted(self):
        follow = Following(self.swelld, "docs", "-f")
        try:
            follow.wait(lambda out, _: len({line.split(" | ")[0] for line in out}) == 4, "4 pods")
            self.assertEqual(self.streams(), 4)
            self.assertEqual(self.fleet["c01"].stats()["logStreams"], 2)
            # A pod goes: its part ends with a note, its successor's begins.
            gone = next(line for line in follow.out if line.startswith("c01/")).split(" | ")[0]
            self.fleet["c01"].call("DELETE", "/api/v1/namespaces/docs/pods/" +
                                   gone.split("/")[1].split()[0], {"gracePeriodSeconds": 0})
            follow.wait(lambda _, err: any(gone in e and "the pod is gone" in e for e in err),
                        "a note")
            follow.wait(lambda out, _: len({line.split(" | ")[0] for line in out}) == 5,
                        "its successor")
        finally:
            status = follow.interrupt()
        self.assertEqual(status, -signal.SIGINT)
        self.assert_no_streams()

    def test_6_an_api_server_that_dies(self):
        """No line is lost, none comes twice."""
        self.deploy("chatty")
        follow = Following(self.swelld, "chatty", "-f", "--tail", "1")

        def count(out, cluster):
            return sum(line.startswith(cluster) for line in out)
        try:
            follow.wait(lambda out, _: count(out, "c01") > 3 and count(out, "c02") > 3, "both")
            self.fleet["c01"].fault(down=True)
            follow.wait(lambda _, err: any("c01" in e and "trying again" in e for e in err), "lost")
            before, other = count(follow.out, "c01"), count(follow.out, "c02")
            follow.wait(lambda out, _: count(out, "c02") > other + 5, "the other one goes on")
            self.fleet["c01"].heal()
            follow.wait(lambda out, _: count(out, "c01") > before + 40, "it goes on")
        finally:
            self.fleet["c01"].heal()
            follow.interrupt()
        for cluster in self.fleet.names:
            numbers = [int(m.group(1)) for m in (re.match(cluster + r".* request (\d+):", line)
                                                 for line in follow.out) if m]
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assert_no_streams()

    def test_6_swelld_that_restarts(self):
        """The command goes on by itself, without losing or repeating a line."""
        follow = Following(self.swelld, "chatty", "-f", "--tail", "1")
        try:
            follow.wait(lambda out, _: len({line[:3] for line in out}) == 2, "both")
            self.swelld.kill()
            follow.wait(lambda _, err: any("the server is away, trying again (1 of 30): " in e
                                           for e in err), "lost")
            before = len(follow.out)
            self.swelld.start(port=self.swelld.grpc_port)
            follow.wait(lambda out, _: len(out) > before + 80, "it goes on")
        finally:
            status = follow.interrupt()
        self.assertEqual(status, -signal.SIGINT)
        for cluster in self.fleet.names:
            numbers = [int(m.group(1)) for m in (re.match(cluster + r".* request (\d+):", line)
                                                 for line in follow.out) if m]
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assert_no_streams()

    def test_7_a_line_of_ten_megabytes(self):
        self.deploy("long")
        ran = self.swelld.ok("logs", "long", "--cluster", "c01")
        long = max(ran.out.splitlines(), key=len)
        kept = len(re.search("x+", long).group(0))
        self.assertEqual(kept, 65536)
        self.assertIn("%d bytes of this line left out" % (LONG - kept), long)
        self.assertIn("ready, listening", ran.out)  # and what comes after it

    def test_7_escapes_do_not_reach_a_terminal(self):
        self.deploy("escapes")
        self.assertIn(ESCAPES, self.swelld.ok("logs", "escapes", "--cluster", "c01").out)
        argv, environment = self.swelld.command(["logs", "escapes", "--cluster", "c01"])
        environment["TERM"] = "xterm"
        ours, theirs = pty.openpty()
        child = subprocess.Popen(argv, env=environment, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        shown = b""
        try:
            while True:
                shown += os.read(ours, 65536)
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        self.assertEqual(child.wait(30), 0)
        self.assertIn(b"| red ?]0;title? ?[2J end", shown)
        self.assertNotIn(b"\x1b", shown)

    # --- clusters that do not answer ---

    def test_8_an_unreachable_cluster_is_told(self):
        self.fleet["c02"].fault(down=True)
        try:
            ran = self.swelld.run("tree", "docs")
            self.assertEqual(ran.code, 1, str(ran))
            self.assertIn("Deployment/docs", ran.out)
            self.assertRegex(ran.out, r"(?m)^c02 +Unreachable ")
            self.assertIn("1 cluster could not be read", ran.err)
            ran = self.swelld.run("events", "docs", "--live", "-o", "json")
            self.assertEqual(ran.code, 1)
            self.assertEqual([u["cluster"] for u in ran.json["unread"]], ["c02"])
            self.assertTrue(ran.json["events"])
            ran = self.swelld.ok("logs", "docs")
            self.assertIn("c01/docs", ran.out)
            self.assertIn("c02: cannot be read", ran.err)
        finally:
            self.fleet["c02"].heal()

    def test_9_swelld_ends_while_logs_are_followed(self):
        follow = Following(self.swelld, "docs", "-f")
        try:
            follow.wait(lambda out, _: len(out) > 3, "lines")
            self.assertEqual(self.swelld.stop(), 0)
            # It tries again for a minute, since most servers that go down come back.
            self.assertEqual(follow.child.wait(120), 1)
            follow.wait(lambda _, err: any("going down" in e for e in err), "why")
        finally:
            follow.interrupt()
        eventually(lambda: all(self.fleet[c].stats()["logStreams"] == 0 for c in self.fleet.names),
                   "a cluster still sends")
        self.swelld.start()


if __name__ == "__main__":
    main()
