#!/usr/bin/env python3
"""What `swell tree`, `swell events --live` and `swell logs` tell of a real control plane: what real
controllers own and say, and logs as a real API server passes them on from a kubelet."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
import samples  # noqa: E402
from git_repo import GitRepo  # noqa: E402
from programs import Swelld, eventually  # noqa: E402

POD = """\
    metadata: {labels: {app: %(name)s}}
    spec:
      %(more)scontainers: [{name: main, image: "registry.example.com/%(name)s:%(tag)s"}]
"""
OWNERS = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
%s---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
%s---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
%s""" % (POD % {"name": "db", "tag": "1", "more": ""},
         POD % {"name": "agent", "tag": "1", "more": ""},
         POD % {"name": "once", "tag": "1", "more": "restartPolicy: Never\n      "})
WAVES = "    waves: [{name: all}]\n"


def nodes_of(tree):
    for node in tree:
        yield node
        yield from nodes_of(node.get("children", []))


class Live(unittest.TestCase):
    """Steps run in the order of their names, on what the earlier ones left."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="swell-live-")
        cls.addClassCleanup(shutil.rmtree, cls.scratch, True)
        cls.fleet = os.path.join(cls.scratch, "fleet")
        cls.up = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "cluster.py"), "up", cls.fleet, "--until-eof",
             "--timeout", "600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.addClassCleanup(cls.end_cluster)
        line = cls.up.stdout.readline().decode()
        if not line.startswith("ready "):
            raise RuntimeError("cluster.py did not come up")
        cls.repo = GitRepo(os.path.join(cls.scratch, "repo"), {
            "web/web.yaml": samples.deployment("web", "1") + "---\n" + samples.service("web"),
            "owners/owners.yaml": OWNERS,
            "crash/web.yaml": samples.deployment("crash", "1-crash", 1),
            "broken/web.yaml": samples.deployment("broken", "1-broken", 1)})
        cls.swelld = Swelld(cls.scratch)
        cls.addClassCleanup(cls.swelld.stop)
        cls.swelld.start()
        cls.swelld.ok("cluster", "add", "c1", "--kubeconfig", line.split()[1], "--context", "c1")
        cls.swelld.apply("---\n".join(
            samples.application(name, cls.repo.url, name, waves=WAVES, deadline="30m")
            for name in ("web", "owners", "crash", "broken")))
        for name in ("web", "owners"):
            cls.swelld.wait_settled(name, cls.repo.head(), timeout=180)

    @classmethod
    def end_cluster(cls):
        cls.up.stdin.close()  # --until-eof
        cls.up.wait(60)
        cls.up.stdout.close()

    def tell(self, verb):
        subprocess.run([sys.executable, os.path.join(HERE, "cluster.py"), verb, self.fleet, "c1"],
                       check=True)

    def tree(self, *arguments):
        cluster, = self.swelld.ok("tree", *arguments, "-o", "json").json["clusters"]
        self.assertFalse(cluster.get("error") or cluster.get("warnings"), cluster)
        return cluster["objects"]

    def one(self, tree, kind):
        found = [node for node in nodes_of(tree) if node["kind"] == kind]
        self.assertEqual(len(found), 1, [(n["kind"], n["name"]) for n in nodes_of(tree)])
        return found[0]

    # --- trees ---

    def test_1_deployment_down_to_its_pods(self):
        tree = self.tree("web")
        web = self.one(tree, "Deployment")
        self.assertEqual((web["ready"], web["total"], web["health"]["status"]), (2, 2, "Healthy"))
        replica_set, = web["children"]
        self.assertEqual((replica_set["kind"], replica_set["ready"]), ("ReplicaSet", 2))
        self.assertEqual([(p["kind"], p["ready"], p["total"], p["health"]["status"])
                          for p in replica_set["children"]], [("Pod", 1, 1, "Healthy")] * 2)
        slices = self.one(tree, "Service")["children"]
        self.assertEqual([s["kind"] for s in slices], ["EndpointSlice"])
        text = self.swelld.ok("tree", "web").out
        self.assertRegex(text, r"(?m)Deployment/web +Healthy +2/2 ")
        self.assertRegex(text, r"(?m)[`└][-─]+ Pod/web-\S+ +Healthy +1/1 ")

    def test_1_sets_and_jobs_down_to_their_pods(self):
        tree = self.tree("owners")
        for kind, folded in (("StatefulSet", {"ControllerRevision": 1}),
                             ("DaemonSet", {"ControllerRevision": 1}), ("Job", {})):
            owner = self.one(tree, kind)
            self.assertEqual([c["kind"] for c in owner["children"]], ["Pod"], kind)
            self.assertEqual(owner.get("folded", {}), folded, kind)
            self.assertEqual(owner["health"]["status"], "Healthy", kind)
            self.assertEqual((owner["ready"], owner["total"]), (1, 1), kind)

    def test_2_older_replica_sets_are_folded(self):
        commit = self.repo.commit("2", {
            "web/web.yaml": samples.deployment("web", "2") + "---\n" + samples.service("web")})
        self.swelld.wait_settled("web", commit, timeout=120)

        def folded():
            web = self.one(self.tree("web"), "Deployment")
            return web.get("folded") == {"ReplicaSet": 1} and len(web["children"]) == 1
        eventually(folded, lambda: str(self.tree("web")))

    def test_2_what_is_ill_says_why(self):
        for name, words in (("crash", "back-off restarting failed container"),
                            ("broken", 'Back-off pulling image "registry.example.com/broken')):
            def ill():
                pods = [n for n in nodes_of(self.tree(name, "--unhealthy")) if n["kind"] == "Pod"]
                return pods[0] if pods and pods[0]["health"]["status"] == "Degraded" else None
            pod = eventually(ill, lambda: str(self.swelld.run("tree", name)))
            self.assertIn(words, pod["health"]["message"])

    # --- events ---

    def test_3_events_of_real_controllers(self):
        events = self.swelld.ok("events", "web", "--live", "--limit", 500, "-o", "json").json["events"]
        told = {(e["kind"], e["reason"]) for e in events}
        self.assertLessEqual({("Deployment", "ScalingReplicaSet"), ("ReplicaSet", "SuccessfulCreate"),
                              ("ReplicaSet", "SuccessfulDelete")}, told)
        self.assertEqual({e["cluster"] for e in events}, {"c1"})
        times = [e["lastAt"] for e in events]
        self.assertEqual(times, sorted(times))
        events = self.swelld.ok("events", "owners", "--live", "--object", "job/once", "-o",
                                "json").json["events"]
        self.assertEqual({(e["kind"], e["reason"]) for e in events if e["kind"] == "Job"},
                         {("Job", "SuccessfulCreate"), ("Job", "Completed")})
        text = self.swelld.ok("events", "web", "--live").out
        self.assertRegex(text, r"(?m)^\d+\w+ +\S+ +c1 +Normal +ScalingReplicaSet +Deployment/web +"
                               r"Scaled up replica set web-\S+ ")

    # --- logs ---

    def test_4_logs(self):
        lines = self.swelld.ok("logs", "web", "--tail", -1).out.splitlines()
        sources = {line.split(" | ")[0] for line in lines}
        self.assertEqual(len(sources), 2, sources)
        for source in sources:
            self.assertRegex(source, r"^c1/web-\S+ main$")
            own = [line.split(" | ")[1] for line in lines if line.startswith(source)]
            self.assertEqual(own[0], "starting main, image registry.example.com/web:2")
            self.assertEqual(own[1:], ["line %d" % n for n in range(1, len(own))])
        pod = min(sources).split("/")[1].split()[0]
        eventually(lambda: len(self.swelld.ok("logs", "web", "--pod", pod, "--tail", -1)
                               .out.splitlines()) > 3, "three lines after the first")
        ran = self.swelld.ok("logs", "web", "--pod", pod, "--tail", 3, "--timestamps", "--no-prefix")
        self.assertRegex(ran.out, r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line \d+\n){3}$")
        recent = self.swelld.ok("logs", "web", "--pod", pod, "--since", "2s").out.splitlines()
        self.assertGreater(len(recent), 0)
        self.assertLessEqual(len(recent), 16)  # five lines a second

    def test_4_logs_of_a_container_that_died(self):
        ran = self.swelld.ok("logs", "crash", "--no-prefix")
        self.assertRegex(ran.out, r"starting main, image \S+\nfatal: main ends\n")
        ran = self.swelld.ok("logs", "crash", "--previous", "--no-prefix")
        self.assertIn("fatal: main ends", ran.out)
        ran = self.swelld.ok("logs", "broken")
        self.assertEqual(ran.out, "")
        self.assertRegex(ran.err, r"c1/broken-\S+ main: waits: ImagePullBackOff")

    def test_5_follow_over_a_restart_of_the_api_server(self):
        """No line is lost, none comes twice."""
        child = self.swelld.begin("logs", "web", "-f", "--tail", 1)
        lines, notes = [], []

        def read(stream, into):
            for line in stream:
                into.append(line.decode().rstrip("\n"))
        readers = [threading.Thread(target=read, args=pair, daemon=True)
                   for pair in ((child.stdout, lines), (child.stderr, notes))]
        for reader in readers:
            reader.start()

        def stands():
            return "\n".join(lines[-20:] + notes)
        try:
            eventually(lambda: len({line.split(" | ")[0] for line in list(lines)}) == 2, stands)
            self.tell("stop")
            eventually(lambda: any("trying again" in note for note in list(notes)), stands)
            before = len(lines)
            self.tell("start")
            eventually(lambda: len(lines) > before + 40, stands, timeout=120)
        finally:
            child.terminate()
            child.wait(30)
            for reader in readers:
                reader.join(30)
            child.stdout.close()
            child.stderr.close()
        for source in {line.split(" | ")[0] for line in lines}:
            numbers = [int(m.group(1)) for m in (
                re.match(re.escape(source) + r" \| line (\d+)$", line) for line in lines) if m]
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))), source)


if __name__ == "__main__":
    unittest.main(verbosity=2)
