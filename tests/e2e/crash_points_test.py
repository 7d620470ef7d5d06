#!/usr/bin/env python3
"""kill -9 of swelld right before and right after each of its commits to the ledger, in a rollout of
two waves that succeeds and in one that fails in its second wave and is rolled back. The next swelld
ends it as if nothing had happened: the same end, the same objects, history that verifies, and no
cluster of the second wave written before the first wave's evidence.

What is on disk changes at commits alone, so these are all the points there are.
"""
import datetime
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, main  # noqa: E402
from programs import Swelld, eventually  # noqa: E402

WAVES = """\
    waves:
      - {name: first, clusters: {matchLabels: {ring: first}}}
      - {name: second}
"""

# Comes after the Deployment is healthy; the fault refuses it on one cluster of the second wave.
POISON = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: poison
  annotations: {argocd.argoproj.io/sync-wave: "1"}
data: {text: x}
"""


class QuickSwelld(Swelld):
    INTERVALS = ["--poll-interval", "200ms", "--health-interval", "100ms",
                 "--retry-interval", "500ms", "--resync-interval", "60s"]


def seconds(text):
    """Of an RFC 3339 time; the whole second, as objects have it."""
    return datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")


def applied_at(found):
    return max(seconds(entry["time"]) for entry in found["metadata"]["managedFields"]
               if entry["manager"] == "swell")


class CrashPoints(EndToEnd):
    CLUSTERS = 4
    RINGS = "first=2,second=2"
    FILES = samples.plain("1")
    SWELLD = QuickSwelld

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.declare()
        cls.swelld.wait_settled("docs", cls.repo.head())
        cls.good = cls.repo.head()
        cls.swelld.stop()

    @classmethod
    def declare(cls):
        return cls.swelld.run("apply", "-f", "-", text=samples.application(
            "docs", cls.repo.url, "apps/docs", waves=WAVES, deadline="30s", heal=False))

    # --- one point ---

    def start_with(self, *flags):
        """False where it was killed before it was ready."""
        self.swelld.flags = list(flags)
        try:
            self.swelld.start()
        except RuntimeError:
            return False
        return True

    def was_killed(self):
        try:
            return self.swelld.process.child.wait(5) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False

    def holds(self):
        """check(), or False where the server was killed before or meanwhile."""
        try:
            self.check()
        except Exception:
            if self.was_killed():
                return False
            raise
        return True

    def try_point(self, commit, after):
        """Whether there was such a commit."""
        self.reset()
        flags = ["--test-kill-at-commit", str(commit)] + (["--test-kill-after"] if after else [])
        try:
            if self.start_with(*flags):
                self.declare()
                if self.holds():
                    return False
            else:
                self.assertTrue(self.was_killed(), self.swelld.process.log())
            self.assertTrue(self.start_with(), "it does not start again")
            self.declare()
            self.check()
            return True
        finally:
            self.swelld.kill()

    def run_matrix(self):
        commit, points = 1, 0
        while True:
            for after in (False, True):
                try:
                    killed = self.try_point(commit, after)
                except Exception as error:
                    raise AssertionError("killed %s commit %d" % (
                        "after" if after else "before", commit)) from error
                if not killed:
                    # A rollout of two waves has so many at least: else the points were not hit.
                    self.assertGreater(points, 12)
                    return
                points += 1
            self.assertLess(commit, 200)
            commit += 1

    # --- what must hold, wherever it was killed ---

    def check_rollout(self, phase):
        def look():
            found = [r for r in self.swelld.history("docs") if int(r["number"]) == self.number]
            return found[0] if found and found[0]["finished"] else None
        eventually(look, lambda: self.swelld.describe("docs"), 60, 0.1)
        history = self.swelld.history("docs")
        self.assertEqual([int(r["number"]) for r in history], list(range(self.number, 0, -1)))
        rollout = self.swelld.rollout("docs", self.number)
        self.assertEqual(rollout["phase"], phase, rollout["message"])
        return rollout

    def check_waves(self, rollout):
        events = [e for e in self.swelld.events("docs") if e["rollout"] == rollout["id"]]
        first = {c["name"] for c in rollout["waves"][0]["clusters"]}
        proven, began = set(), False
        for event in events:
            if event["type"] == "ClusterHealthy":
                proven.add(event["cluster"])
            elif event["type"] == "WaveStarted" and "second" in event["message"]:
                self.assertEqual(proven, first, "the second wave began before the first's evidence")
                began = True
            elif event["cluster"] and event["cluster"] not in first:
                self.assertTrue(began, "%s before its wave" % event)
        self.assertTrue(began)
        for once in ("RolloutCreated", "RolloutStarted", "Rollout" + rollout["phase"]):
            self.assertEqual([e["type"] for e in events].count(once), 1, events)
        return max(seconds(e["at"]) for e in events
                   if e["type"] == "ClusterHealthy" and e["cluster"] in first)

    def check_history(self):
        said = self.swelld.ok("history", "verify").out
        self.assertIn("are as they were written", said)

    # --- the two rollouts ---

    def test_1_success(self):
        """The first deployment."""
        self.number = 1

        def reset():
            shutil.rmtree(self.swelld.data)
            for name in self.fleet.names:
                self.fleet[name].delete("/api/v1/namespaces/docs")
            eventually(lambda: not any(self.on_every_cluster("/api/v1/namespaces/docs").values()),
                       "the namespaces are gone")
            # Without the application, and with the clusters that it will select.
            shutil.copytree(self.empty, self.swelld.data)

        def check():
            rollout = self.check_rollout("Succeeded")
            proven = self.check_waves(rollout)
            self.swelld.wait_settled("docs", self.good)
            self.assert_tags("docs", "1")
            for cluster in rollout["waves"][1]["clusters"]:
                self.assertEqual(cluster["evidencePlan"], rollout["plan"])
                found = self.fleet[cluster["name"]].get(deployment_path("docs"))
                self.assertGreaterEqual(applied_at(found), proven, "written before the evidence")
            self.check_history()

        kept = os.path.join(self.scratch, "kept")
        shutil.copytree(self.swelld.data, kept)
        shutil.rmtree(self.swelld.data)
        self.start_with()
        self.swelld.ok("apply", "-f", self.fleet.declarations)
        self.swelld.stop()
        self.empty = os.path.join(self.scratch, "empty")
        shutil.copytree(self.swelld.data, self.empty)
        self.reset, self.check = reset, check
        self.run_matrix()
        shutil.rmtree(self.swelld.data)
        shutil.copytree(kept, self.swelld.data)

    def test_2_rolled_back(self):
        """Of a fleet that holds another revision."""
        self.number = 2
        self.start_with()
        self.swelld.wait_settled("docs", self.good)
        self.swelld.stop()
        before = os.path.join(self.scratch, "before")
        shutil.copytree(self.swelld.data, before)
        bad = self.repo.commit("2", {**samples.plain("2"), "apps/docs/poison.yaml": POISON})
        refusing = self.fleet.names[-1]
        self.fleet[refusing].fault(rules=[{
            # Not of dry runs: the wave must have begun when it is refused.
            "match": {"method": "PATCH", "path": "configmaps/poison",
                      "query": "fieldValidation=Strict&force"}, "status": 422,
            "reason": "Invalid", "message": "data: Invalid value: not like this"}])

        def reset():
            shutil.rmtree(self.swelld.data)
            shutil.copytree(before, self.swelld.data)

        def check():
            rollout = self.check_rollout("RolledBack")
            self.check_waves(rollout)
            status = self.swelld.wait_status("docs", lambda s: s["hold"], "held")
            self.assertEqual([q["commit"] for q in status["quarantine"]], [bad])
            self.assert_tags("docs", "1")
            self.assertEqual(set(self.on_every_cluster(config_map_path("docs", "poison")).values()),
                             {None})
            self.check_history()

        self.reset, self.check = reset, check
        self.run_matrix()


if __name__ == "__main__":
    main()
