#!/usr/bin/env python3
"""How a rollout goes through its waves: asked before written, paused, promoted, waiting for what
it depends on and for clusters that are away, and back the newest first."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from git_repo import GitRepo  # noqa: E402
from programs import eventually  # noqa: E402

ONE_BY_ONE = """\
    waves:
      - {name: first, clusters: {names: [c01]}}
      - {name: second, clusters: {names: [c02]}}
      - {name: third}
"""
LONG_BAKE = ONE_BY_ONE.replace("[c01]}", "[c01]}, bake: 1h")


class Waves(EndToEnd):
    CLUSTERS = 6
    RINGS = "canary=1,early=2,rest=3"

    def setUp(self):
        for name in self.fleet.names:
            self.addCleanup(self.fleet[name].heal)

    def begin(self, name, clusters="{all: true}", more="", **options):
        self.name = name
        self.repository = GitRepo(os.path.join(self.scratch, name),
                                  {"app/config.yaml": samples.config_map("config", "first")})
        self.declare(clusters, more, **options)
        self.swelld.wait_settled(name, self.repository.head())

    def declare(self, clusters="{all: true}", more="", **options):
        self.swelld.apply(samples.application(self.name, self.repository.url, "app",
                                              clusters=clusters, **options) + more)

    def text(self, cluster):
        found = self.fleet[cluster].get(config_map_path(self.name, "config"))
        return found and found["data"]["text"]

    def texts(self):
        return [self.text(c) for c in self.fleet.names]

    def commit(self, text, **files):
        return self.repository.commit(text, {
            "app/config.yaml": samples.config_map("config", text), **files})

    def running(self, check, what):
        """The running rollout, when check(rollout) is true."""
        return self.swelld.wait_status(
            self.name, lambda s: not s["rollout"]["finished"] and check(s["rollout"]),
            what)["rollout"]

    def types(self, rollout):
        return [e["type"] for e in self.swelld.events(self.name) if e["rollout"] == rollout["id"]]

    # --- before anything is written ---

    def test_1_a_refusal_on_one_cluster_stops_the_wave_before_the_first_write(self):
        self.begin("refused", waves="    waves: [{name: all}]\n")
        self.fleet["c05"].fault(rules=[{
            "match": {"method": "PATCH", "path": "namespaces/refused/configmaps/"}, "status": 403,
            "message": "admission webhook \"policy.example.com\" denied the request: no"}])
        commit = self.commit("second")
        rollout = self.swelld.wait_rollout("refused", commit, "Failed")
        self.assertIn("c05: refused before anything was written", rollout["message"])
        self.assertIn("policy.example.com", rollout["message"])
        self.assertEqual(self.texts(), ["first"] * 6)
        self.assertNotIn("WaveStarted", self.types(rollout))

    # --- people ---

    def test_2_a_paused_rollout_begins_nothing_until_it_is_resumed(self):
        self.begin("paused", waves=ONE_BY_ONE)
        self.declare(waves=LONG_BAKE)
        commit = self.commit("second")
        self.running(lambda r: r["phase"] == "Baking" and r["revision"]["commit"] == commit, "bakes")
        self.assertEqual(self.texts(), ["second"] + ["first"] * 5)
        ran = self.swelld.run("promote", "paused")
        self.assertEqual(ran.code, 2, str(ran))
        self.swelld.ok("pause", "paused", "--reason", "lunch")
        self.swelld.ok("promote", "paused", "--reason", "seen enough")
        rollout = self.running(lambda r: r["phase"] == "Waiting", "waits")
        self.assertEqual(rollout["pause"], "paused by tester: lunch")
        self.assertIn("wave second: paused by tester: lunch", rollout["message"])
        self.assertIn("paused by tester: lunch", self.swelld.ok("status", "paused").out)
        self.assertEqual(self.text("c02"), "first")
        self.swelld.ok("resume", "paused")
        rollout = self.swelld.wait_rollout("paused", commit)
        self.assertEqual(self.texts(), ["second"] * 6)
        types = self.types(rollout)
        for expected in ("RolloutPaused", "WavePromoted", "RolloutResumed"):
            self.assertIn(expected, types)
        for action in ("pause", "resume"):
            ran = self.swelld.run(action, "paused")
            self.assertEqual(ran.code, 1, str(ran))
            self.assertIn("paused has no running rollout", ran.err)

    # --- clusters that are away ---

    def test_3_an_offline_cluster_is_left_out_and_caught_up(self):
        self.begin("skips", waves="    offline: skip\n" + ONE_BY_ONE)
        self.fleet["c04"].fault(down=True)
        commit = self.commit("second")
        rollout = self.swelld.wait_rollout("skips", commit)
        self.assertEqual(rollout["message"], "1 cluster did not answer and will be caught up")
        self.assertEqual([self.text(c) for c in ("c01", "c02", "c03", "c05", "c06")],
                         ["second"] * 5)
        status = self.swelld.wait_status("skips", lambda s: s["hold"], "says so")
        self.assertEqual(status["hold"], "1 cluster does not answer, to be caught up: c04")
        self.assertEqual(status["sync"], "OutOfSync")
        self.fleet["c04"].heal()
        eventually(lambda: self.text("c04") == "second", lambda: self.swelld.describe("skips"), 60)
        self.swelld.wait_settled("skips", commit)

    def test_4_a_wave_that_is_away_as_a_whole_is_not_passed(self):
        self.begin("away", waves="    offline: skip\n" + ONE_BY_ONE)
        self.fleet["c01"].fault(down=True)
        commit = self.commit("second")
        status = self.swelld.wait_status("away", lambda s: s["error"], "an error")
        self.assertIn("no cluster of wave first answers", status["error"])
        self.assertEqual([self.text(c) for c in self.fleet.names[1:]], ["first"] * 5)
        self.fleet["c01"].heal()
        self.swelld.wait_rollout("away", commit)

    def test_5_a_cluster_that_goes_away_before_its_wave_is_waited_for(self):
        self.begin("waits", waves="    offline: wait\n" +
                   ONE_BY_ONE.replace("[c01]}", "[c01]}, bake: 2s"))
        commit = self.commit("second")
        self.running(lambda r: r["phase"] == "Baking" and r["revision"]["commit"] == commit, "bakes")
        self.fleet["c02"].fault(down=True)
        rollout = self.running(lambda r: r["phase"] == "Waiting", "waits")
        self.assertIn("wave second: c02 does not answer", rollout["message"])
        self.assertEqual(self.text("c03"), "first")
        self.fleet["c02"].heal()
        self.swelld.wait_rollout("waits", commit)
        self.assertEqual(self.texts(), ["second"] * 6)

    def test_6_a_cluster_that_leaves_the_fleet_is_not_waited_for(self):
        self.begin("leaves", clusters="{names: [c01, c02, c03]}", waves=ONE_BY_ONE)
        self.declare(clusters="{names: [c01, c02, c03]}", waves=LONG_BAKE)
        commit = self.commit("second")
        self.running(lambda r: r["phase"] == "Baking" and r["revision"]["commit"] == commit, "bakes")
        self.declare(clusters="{names: [c01, c03]}", waves=LONG_BAKE)
        self.swelld.wait_status("leaves", lambda s: any(
            e["type"] == "ClusterRemoved" for e in self.swelld.events("leaves")), "removed")
        self.swelld.ok("cancel", "leaves")

    # --- what comes meanwhile, and what comes before ---

    def test_7_a_newer_commit_waits_for_the_running_rollout_where_that_is_asked(self):
        slow = ONE_BY_ONE.replace("[c01]}", "[c01]}, bake: 3s")
        self.begin("finishes", waves="    onNewCommit: finish\n" + slow)
        second = self.commit("second")
        self.running(lambda r: r["revision"]["commit"] == second, "runs")
        third = self.commit("third")
        self.swelld.wait_rollout("finishes", third)
        phases = {r["revision"]["commit"]: r["phase"] for r in self.swelld.history("finishes")}
        self.assertEqual((phases[second], phases[third]), ("Succeeded", "Succeeded"))

    def test_8_a_newer_commit_supersedes_a_stuck_rollout(self):
        self.begin("stuck", waves=ONE_BY_ONE)
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": "namespaces/stuck/configmaps/"},
                                        "delayMs": 600000}])
        second = self.commit("second")
        self.running(lambda r: r["revision"]["commit"] == second, "is stuck")
        self.fleet["c01"].heal()
        third = self.commit("third")
        self.swelld.wait_rollout("stuck", third)
        phases = {r["revision"]["commit"]: r["phase"] for r in self.swelld.history("stuck")}
        self.assertEqual(phases[second], "Cancelled")

    def test_9_what_depends_on_another_waits_for_it(self):
        waves = "    waves: [{name: all}]\n"
        self.begin("db", waves=waves)
        db = self.repository
        self.begin("web", waves=waves, more="  dependsOn: [db]\n")
        web = self.repository
        for name in self.fleet.names:
            self.fleet[name].fault(rules=[{"match": {"method": "PATCH", "path": "namespaces/db/configmaps/"},
                                           "delayMs": 3000}])
        db_commit = db.commit("second", {"app/config.yaml": samples.config_map("config", "second")})
        self.swelld.wait_status("db", lambda s: not s["rollout"]["finished"], "db rolls out")
        web_commit = self.commit("second")
        rollout = self.running(lambda r: r["phase"] == "Waiting", "waits for db")
        self.assertRegex(rollout["message"], r"^c\d\d waits for db, which is ")
        # The server that finds it waiting must know when it does not have to any more.
        self.swelld.stop()
        self.swelld.start()
        self.swelld.wait_rollout("db", db_commit)
        self.swelld.wait_rollout("web", web_commit)
        self.name, self.repository = "db", db
        ran = self.swelld.run("apply", "-f", "-", text=samples.application(
            "db", db.url, "app", waves=waves) + "  dependsOn: [web]\n")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("spec.dependsOn: goes in a circle: db -> web -> db", ran.err)

    # --- back ---

    def test_a_the_newest_goes_back_first(self):
        self.begin("back", waves=ONE_BY_ONE, deadline="5s")
        commit = self.repository.commit("broken", {
            "app/config.yaml": samples.config_map("config", "second"),
            "app/web.yaml": samples.deployment("web", "1.0", 1)})
        self.swelld.wait_rollout("back", commit)
        for cluster in ("c03", "c04", "c05", "c06"):
            self.fleet[cluster].fault(rules=[{
                "match": {"method": "PATCH", "path": "namespaces/back/configmaps/"}, "status": 500}])
        broken = self.commit("third")
        rollout = self.swelld.wait_rollout("back", broken, "RolledBack", 120)
        order = [e["cluster"] for e in self.swelld.events("back") if e["rollout"] == rollout["id"]
                 and e["type"] in ("ClusterRolledBack", "ClusterRollbackFailed")]
        self.assertEqual(sorted(order[:4]), ["c03", "c04", "c05", "c06"])
        self.assertEqual(order[4:], ["c02", "c01"])
        self.assertEqual((self.text("c01"), self.text("c02")), ("second", "second"))


if __name__ == "__main__":
    main()
