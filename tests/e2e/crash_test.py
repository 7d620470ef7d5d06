#!/usr/bin/env python3
"""kill -9 of swelld in every state of a rollout: the next one takes it up where it stood, and in
the end everything is as if nothing had happened."""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402
from programs import eventually  # noqa: E402


def phases(status):
    """(of the rollout, of each wave, {cluster: phase})"""
    rollout = status.get("rollout") or {}
    waves = rollout.get("waves", [])
    return (rollout.get("phase"), [w["phase"] for w in waves],
            {c["name"]: c["phase"] for w in waves for c in w["clusters"]})

# The query of an apply that is no dry run.
WRITES = "fieldValidation=Strict&force"


class Crash(EndToEnd):
    CLUSTERS = 4
    RINGS = "canary=1,early=1,rest=2"
    FILES = samples.plain("0")

    def setUp(self):
        # A rollout that can be caught in each of its states.
        self.slow = lambda **rule: self.fleet["c01"].fault(rules=[rule])
        self.addCleanup(lambda: [self.fleet[c].heal() for c in self.fleet.names])

    def declare(self, deadline="60s", bake="300ms"):
        self.swelld.apply(samples.application("docs", self.repo.url, "apps/docs", deadline=deadline,
                                              bake=bake))

    def kill_when(self, seen, what):
        """Kills swelld when `seen(status)` is true, and starts the next one."""
        self.swelld.wait_status("docs", seen, what)
        self.swelld.kill()
        before = [self.fleet[c].stats()["writes"] for c in self.fleet.names]
        for cluster in self.fleet.names:
            self.fleet[cluster].heal()
        self.swelld.start()
        return before

    def assert_went_on(self, commit, number, phase="Succeeded"):
        self.swelld.wait_rollout("docs", commit, phase)
        history = self.swelld.history("docs")
        self.assertEqual([int(r["number"]) for r in history], list(range(number, 0, -1)),
                         "a rollout was lost or made twice")
        self.assertIn("resuming a rollout", self.swelld.process.log())
        rollout = self.swelld.rollout("docs", number)
        events = [e for e in self.swelld.events("docs") if e["rollout"] == rollout["id"]]
        types = [e["type"] for e in events]
        for once in ("RolloutCreated", "RolloutStarted", "Rollout" + phase):
            self.assertEqual(types.count(once), 1, types)
        if phase == "Succeeded":
            self.assert_waves_in_order(rollout, events)
        return rollout

    def test_1_in_the_first_deployment(self):
        self.slow(match={"path": "deployments"}, delayMs=1500)
        self.declare()
        self.kill_when(lambda s: phases(s)[2].get("c01") == "Applying", "applying to the canary")
        self.assert_went_on(self.repo.head(), 1)
        self.assert_tags("docs", "0")

    def test_2_applying_the_canary(self):
        # One object is written and the next one's answer never comes.
        self.slow(match={"method": "PATCH", "path": "deployments", "query": WRITES}, delayMs=60000)
        commit = self.repo.commit("1", samples.plain("1"))
        self.kill_when(lambda s: phases(s)[2].get("c01") == "Applying" and
                       self.fleet["c01"].fault_hits() > 0, "an apply on its way")
        self.assert_went_on(commit, 2)
        self.assert_tags("docs", "1")

    def test_3_verifying(self):
        self.fleet["c01"].fault(rules=[{"match": {"method": "GET", "path": "deployments"},
                                        "delayMs": 2000}])
        commit = self.repo.commit("2", samples.plain("2"))
        self.kill_when(lambda s: phases(s)[2].get("c01") == "Verifying", "verifying")
        rollout = self.assert_went_on(commit, 3)
        applied = [e for e in self.swelld.events("docs") if e["rollout"] == rollout["id"] and
                   e["type"] == "ClusterApplied" and e["cluster"] == "c01"]
        self.assertEqual(len(applied), 1)  # what was recorded is not done again
        self.assert_tags("docs", "2")

    def test_4_baking(self):
        self.declare(bake="3s")
        commit = self.repo.commit("3", samples.plain("3"))
        self.kill_when(lambda s: phases(s)[0] == "Baking", "baking")
        rollout = self.assert_went_on(commit, 4)
        # The whole bake, neither begun anew nor cut short.
        events = {(e["type"], e["message"][:11]): e for e in self.swelld.events("docs")
                  if e["rollout"] == rollout["id"] and e["type"].startswith("Wave")}
        self.assertIn(("WaveBaking", "wave canary"), events)
        self.assertIn(("WaveDone", "wave canary"), events)
        self.assert_tags("docs", "3")
        self.declare()

    def test_5_between_waves(self):
        self.fleet["c02"].fault(rules=[{"match": {"method": "GET", "path": "deployments"},
                                        "delayMs": 1500}])
        commit = self.repo.commit("4", samples.plain("4"))
        self.kill_when(lambda s: phases(s)[1][:1] == ["Done"] and phases(s)[1][2:] == ["Pending"],
                       "between waves")
        rollout = self.assert_went_on(commit, 5)
        started = [e["message"] for e in self.swelld.events("docs")
                   if e["rollout"] == rollout["id"] and e["type"] == "WaveStarted"]
        self.assertEqual(len(started), 3)
        self.assert_tags("docs", "4")

    def test_6_rolling_back(self):
        self.declare(deadline="5s")
        self.fleet["c01"].heal()
        commit = self.repo.commit("5, broken", samples.plain("5-broken"))
        self.swelld.wait_status("docs", lambda s: phases(s)[2].get("c01") == "Verifying" and
                                s["rollout"]["revision"]["commit"] == commit, "verifying")
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH"}, "delayMs": 60000}])
        self.kill_when(lambda s: phases(s)[0] == "RollingBack", "rolling back")
        self.assert_went_on(commit, 6, "RolledBack")
        self.assert_tags("docs", "4")
        status = self.swelld.wait_status("docs", lambda s: s.get("quarantine"), "quarantine")
        self.assertEqual([q["commit"] for q in status["quarantine"]], [commit])
        self.declare()

    def test_7_after_it_ended(self):
        # Nothing is under way: the next one starts quietly and works.
        self.swelld.kill()
        self.swelld.start()
        self.assertNotIn("resuming a rollout", self.swelld.process.log())
        self.assertEqual(len(self.swelld.history("docs")), 6)
        commit = self.repo.commit("6", samples.plain("6"))
        self.swelld.wait_rollout("docs", commit)
        self.assertEqual(len(self.swelld.history("docs")), 7)
        self.assert_tags("docs", "6")

    def test_8_a_manual_rollback(self):
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH"}, "delayMs": 60000}])
        done = self.swelld.ok("rollback", "docs", "--to", 5)
        self.assertIn("rollback", done.out)
        self.kill_when(lambda s: phases(s)[2].get("c01") == "Applying", "rollback applies")
        restored = self.swelld.rollout("docs", 5)["revision"]["commit"]
        eventually(lambda: self.swelld.rollout("docs", 8)["phase"] == "Succeeded",
                   lambda: self.swelld.describe("docs"))
        rollout = self.swelld.rollout("docs", 8)
        self.assertEqual((rollout["kind"], rollout["revision"]["commit"]), ("rollback", restored))
        self.assertEqual(len(self.swelld.history("docs")), 8)
        self.assert_tags("docs", "4")
        # The revision that was left stays quarantined across the crash.
        self.assertIn(self.repo.head(),
                      [q["commit"] for q in self.swelld.status("docs")["quarantine"]])

    def test_9_at_the_very_end(self):
        """Killed as soon as the failed end is recorded: the next swelld does not try the same
        revision again, and says why."""
        self.declare(deadline="3s")
        commit = self.repo.commit("7, broken", samples.plain("7-broken"))
        database = sqlite3.connect("file:%s/swell.db?mode=ro" % self.swelld.data, uri=True)
        self.addCleanup(database.close)

        def ended():
            return database.execute(
                "SELECT r.phase, q.commit_id FROM rollouts r LEFT JOIN quarantine q "
                "ON q.application = r.application AND q.commit_id = r.commit_id "
                "WHERE r.commit_id = ? AND r.active = 0", (commit,)).fetchone()
        self.assertEqual(eventually(ended, "the end", pause=0), ("RolledBack", commit))
        self.swelld.kill()
        self.swelld.start()
        number = len(self.swelld.history("docs"))
        status = self.swelld.wait_status("docs", lambda s: s["hold"], "held")
        self.assertIn("swell sync docs", status["hold"])
        self.assertEqual(status["revision"]["commit"], commit)
        good = self.repo.commit("8", samples.plain("8"))
        self.declare()
        self.swelld.wait_rollout("docs", good)
        self.assertEqual(len(self.swelld.history("docs")), number + 1)
        self.assert_tags("docs", "8")


if __name__ == "__main__":
    main()
