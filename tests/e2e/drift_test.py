#!/usr/bin/env python3
"""Live state is watched: drift is seen and repaired at once although objects are compared only
once an hour, and where nothing changed nobody asks a cluster anything. What drifts is recorded,
what flips is let go, and what is tolerated is left alone until its time is over."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, main  # noqa: E402
from programs import Swelld, eventually  # noqa: E402

MAPS = 20


class Patient(Swelld):
    INTERVALS = ["--poll-interval", "500ms", "--health-interval", "200ms",
                 "--retry-interval", "1h", "--resync-interval", "1h"]


class Drift(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,early=1,rest=1"
    SWELLD = Patient
    FILES = {"web/deployment.yaml": samples.deployment("web", "1"),
             "web/service.yaml": samples.service("web"),
             "sick/deployment.yaml": samples.deployment("sick", "1"),
             **{"web/map-%d.yaml" % i: samples.config_map("map-%d" % i) for i in range(MAPS)}}

    def requests(self):
        """{verb: count} over the fleet, watches apart."""
        total = {}
        for name in self.fleet.names:
            for verb, count in self.fleet[name].stats()["requests"].items():
                total[verb] = total.get(verb, 0) + count
        return total

    def settle(self):
        """Until every watch is up to date and the last look has been taken."""
        def settled():
            metrics = self.swelld.metrics()
            return (metrics["swell_watches"] > 0 and
                    metrics["swell_watches"] == metrics["swell_watches_current"] and
                    self.plans() == self.plans_after(1.5))
        eventually(settled, lambda: self.swelld.describe("web"))

    def plans(self):
        return self.swelld.metrics()["swell_plans"]

    def plans_after(self, seconds):
        time.sleep(seconds)
        return self.plans()

    def test_1_deploy(self):
        self.swelld.apply(samples.application("web", self.repo.url, "web"))
        self.swelld.wait_rollout("web", self.repo.head())
        self.settle()

    def test_2_nothing_changed_nothing_is_asked(self):
        before = self.requests()
        for _ in range(3):
            said = self.swelld.ok("diff", "web")
            self.assertIn("3 clusters need no change", said.out)
        self.assertEqual(self.requests(), before)

    def test_3_drift_is_repaired_at_once(self):
        path = deployment_path("web")
        self.fleet["c02"].merge(path, {"spec": {"replicas": 9}})
        eventually(lambda: self.fleet["c02"].get(path)["spec"]["replicas"] == 2,
                   lambda: self.swelld.describe("web"), timeout=20)
        self.fleet["c03"].delete(config_map_path("web", "map-7"))
        eventually(lambda: self.fleet["c03"].get(config_map_path("web", "map-7")),
                   lambda: self.swelld.describe("web"), timeout=20)

    def test_4_what_is_nobodys_changes_nothing(self):
        self.settle()
        plans = self.plans()
        self.fleet["c01"].create("/api/v1/namespaces/web/configmaps",
                                 {"apiVersion": "v1", "kind": "ConfigMap",
                                  "metadata": {"name": "foreign", "namespace": "web"}})
        self.fleet["c01"].merge(config_map_path("web", "foreign"), {"data": {"a": "b"}})
        self.assertEqual(self.plans_after(3), plans)

    def test_5_only_what_changed_is_read(self):
        self.settle()
        before = self.requests()
        # Of no concern: a label that nobody declares.
        self.fleet["c01"].merge(config_map_path("web", "map-3"),
                                {"metadata": {"labels": {"seen-by": "scanner"}}})
        plans = self.plans()
        eventually(lambda: self.plans() > plans, lambda: self.swelld.describe("web"), timeout=20)
        self.settle()
        after = self.requests()
        reads = {verb: after.get(verb, 0) - before.get(verb, 0) for verb in ("get", "list")}
        self.assertEqual(reads, {"get": 1, "list": 0})

    def test_6_a_cluster_that_was_away_is_compared_again(self):
        self.settle()
        path = config_map_path("web", "map-5")
        self.fleet["c02"].fault(down=True)
        time.sleep(1)
        self.fleet["c02"].heal()
        self.fleet["c02"].merge(path, {"data": {"text": "drifted"}})
        eventually(lambda: self.fleet["c02"].get(path)["data"]["text"] == "hello",
                   lambda: self.swelld.describe("web"), timeout=60)

    def test_7_after_a_restart_nothing_is_written(self):
        self.settle()
        writes = {n: self.fleet[n].stats()["writes"] for n in self.fleet.names}
        self.swelld.kill()
        self.fleet["c01"].merge(config_map_path("web", "map-1"), {"data": {"text": "drifted"}})
        self.swelld.start()
        eventually(lambda: self.fleet["c01"].get(
            config_map_path("web", "map-1"))["data"]["text"] == "hello",
            lambda: self.swelld.describe("web"), timeout=60)
        self.settle()
        for name in ("c02", "c03"):
            self.assertEqual(self.fleet[name].stats()["writes"], writes[name], name)

    def test_8_health_is_followed_after_the_rollout(self):
        self.swelld.apply(samples.application("sick", self.repo.url, "sick", heal=False))
        self.swelld.wait_rollout("sick", self.repo.head())
        self.swelld.wait_status("sick", lambda s: s["health"]["status"] == "Healthy", "Healthy")
        broken = {"spec": {"template": {"spec": {"containers": [
            {"name": "main", "image": "registry.example.com/sick:crash"}]}}}}
        self.fleet["c02"].merge(deployment_path("sick"), broken)
        sick = self.swelld.wait_status(
            "sick", lambda s: "CrashLoopBackOff" in s["health"]["message"], "what is wrong")
        self.assertIn("c02: apps/Deployment sick/sick", sick["health"]["message"])
        self.swelld.wait_status("sick", lambda s: s["sync"] == "OutOfSync", "OutOfSync")
        self.swelld.ok("sync", "sick")
        self.swelld.wait_status("sick", lambda s: s["health"]["status"] == "Healthy" and
                                s["sync"] == "Synced", "Healthy again")


class Quick(Patient):
    INTERVALS = Patient.INTERVALS + ["--heal-pause", "200ms"]


class Healing(EndToEnd):
    """What is recorded of drift, and when it is repaired."""
    CLUSTERS = 2
    RINGS = "canary=1,early=0,rest=1"
    SWELLD = Quick
    FILES = {"left/deployment.yaml": samples.deployment("left", "1"),
             "loop/deployment.yaml": samples.deployment("loop", "1"),
             "loop/map.yaml": samples.config_map("loop"),
             "let/deployment.yaml": samples.deployment("let", "1"),
             "let/map.yaml": samples.config_map("let")}

    def deploy(self, name, **options):
        self.swelld.apply(samples.application(name, self.repo.url, name, **options))
        self.swelld.wait_settled(name, self.repo.head())

    def scale(self, name, cluster, replicas):
        self.fleet[cluster].merge(deployment_path(name), {"spec": {"replicas": replicas}})

    def replicas(self, name, cluster):
        return self.fleet[cluster].get(deployment_path(name))["spec"]["replicas"]

    def drift(self, name):
        return self.swelld.ok("drift", name, "-o", "json").json.get("drift", [])

    def wait_drift(self, name, check, what, timeout=30):
        def look():
            found = [d for d in self.drift(name) if check(d)]
            return found[0] if found else None
        return eventually(look, lambda: "%s: %s" % (what, self.swelld.ok("drift", name).out),
                          timeout)

    def wait_replicas(self, name, cluster, replicas):
        eventually(lambda: self.replicas(name, cluster) == replicas,
                   lambda: self.swelld.describe(name), timeout=30)

    # --- records ---

    def test_1_what_is_left_is_recorded(self):
        self.deploy("left", heal=False)
        self.scale("left", "c02", 9)
        found = self.wait_drift("left", lambda d: d["state"] == "left", "left")
        self.assertEqual((found["cluster"], found["object"]["name"], found["open"]),
                         ("c02", "left", True))
        field = found["fields"][0]
        self.assertEqual((field["path"], field["before"], field["after"]),
                         ("/spec/replicas", "9", "2"))
        self.assertRegex(field["time"], r"^20\d\d-")
        self.assertIn("self-heal is off", found["why"])
        self.assertIn("/spec/replicas: 9 -> 2", self.swelld.ok("drift").out)
        # It survives a restart, and goes away with its cause.
        self.swelld.kill()
        self.swelld.start()
        self.wait_drift("left", lambda d: d["open"] and d["firstSeen"] == found["firstSeen"], "kept")
        self.scale("left", "c02", 2)
        self.wait_drift("left", lambda d: d["state"] == "gone", "gone")

    def test_2_a_repair_is_recorded(self):
        self.deploy("loop")
        self.scale("loop", "c01", 7)
        self.wait_replicas("loop", "c01", 2)
        found = self.wait_drift("loop", lambda d: d["state"] == "repaired", "repaired")
        self.assertEqual(len(found["repairs"]), 1)
        self.assertFalse(found["open"])
        self.assertTrue(found["rollout"].startswith("loop-"))
        self.fleet["c01"].delete(config_map_path("loop", "loop"))
        absent = self.wait_drift("loop", lambda d: d["object"]["kind"] == "ConfigMap" and
                                 d["state"] == "repaired", "repaired")
        self.assertEqual(absent["fields"][0]["path"], "")

    # --- loops ---

    def flip_until(self, name, cluster, check):
        """Another writer, who never gives up."""
        def step():
            if self.replicas(name, cluster) == 2:
                self.scale(name, cluster, 9)
            return check()
        eventually(step, lambda: self.swelld.ok("drift", name).out, timeout=90, pause=0.2)

    def test_3_two_writers_are_told_apart(self):
        def looped():
            return any(d["stops"] for d in self.drift("loop"))
        self.flip_until("loop", "c01", looped)
        status = self.swelld.wait_status("loop", lambda s: "repairing stopped" in s["hold"], "said")
        self.assertIn("c01: apps/Deployment loop/loop: /spec/replicas flips between swell and",
                      status["hold"])
        self.assertIn("swell tolerate loop Deployment/loop", status["hold"])
        self.assertEqual(status["sync"], "OutOfSync")
        events = [e for e in self.swelld.events("loop") if e["type"] == "DriftLoop"]
        self.assertEqual([(e["cluster"]) for e in events], ["c01"])
        # Nothing more is done about this field; about everything else it is.
        rollouts = len(self.swelld.history("loop"))
        if self.replicas("loop", "c01") == 2:
            self.scale("loop", "c01", 9)
        time.sleep(3)
        self.assertEqual(self.replicas("loop", "c01"), 9)
        self.assertEqual(len(self.swelld.history("loop")), rollouts)
        path = config_map_path("loop", "loop")
        self.fleet["c01"].merge(path, {"data": {"text": "drifted"}})
        eventually(lambda: self.fleet["c01"].get(path)["data"]["text"] == "hello",
                   lambda: self.swelld.describe("loop"), timeout=30)
        self.assertEqual(self.replicas("loop", "c01"), 9)
        # Not after a restart either.
        self.swelld.kill()
        self.swelld.start()
        time.sleep(2)
        self.assertEqual(self.replicas("loop", "c01"), 9)
        self.assertIn("repairing stopped", self.swelld.status("loop")["hold"])

    def test_4_by_hand_it_begins_anew(self):
        self.swelld.ok("sync", "loop", "--wait")
        self.wait_replicas("loop", "c01", 2)
        self.swelld.wait_status("loop", lambda s: s["sync"] == "Synced" and not s["hold"], "synced")
        self.scale("loop", "c01", 9)
        self.wait_replicas("loop", "c01", 2)

    def test_5_a_commit_that_changes_the_object_does_too(self):
        self.flip_until("loop", "c01", lambda: any(d["stops"] for d in self.drift("loop")))
        if self.replicas("loop", "c01") == 2:
            self.scale("loop", "c01", 9)
        commit = self.repo.commit("2", {"loop/deployment.yaml": samples.deployment("loop", "2")})
        self.swelld.wait_rollout("loop", commit)
        self.wait_replicas("loop", "c01", 2)
        self.assertFalse(any(d["stops"] for d in self.drift("loop")))

    # --- tolerations ---

    def test_6_what_is_tolerated_is_left_alone(self):
        self.deploy("let")
        ran = self.swelld.run("tolerate", "let", "Deployment/let", "/spec/replicas", "--for", "1h")
        self.assertEqual(ran.code, 1)
        self.assertIn("--reason", ran.err)
        ran = self.swelld.run("tolerate", "let", "Deployment/other", "--for", "1h", "--reason", "x")
        self.assertIn("let holds no object Deployment/other", ran.err)
        said = self.swelld.ok("tolerate", "let", "deployment/let", "/spec/replicas", "--for", "1h",
                              "--cluster", "c01", "--reason", "load test").out
        self.assertIn("drift of Deployment.apps let/let /spec/replicas in c01 is tolerated until", said)
        self.scale("let", "c01", 9)
        self.scale("let", "c02", 9)
        self.wait_replicas("let", "c02", 2)
        self.wait_drift("let", lambda d: d["cluster"] == "c01" and d["state"] == "tolerated", "so")
        self.assertEqual(self.replicas("let", "c01"), 9)
        self.swelld.wait_status("let", lambda s: s["sync"] == "Synced", "synced, the repair done")
        causes = self.swelld.ok("diff", "let", "--causes").out
        self.assertRegex(causes, r"/spec/replicas +tolerated .*tolerated until .* by tester: load test")
        self.assertIn("load test", self.swelld.ok("tolerations", "let").out)
        # Other fields of the object are not.
        self.fleet["c01"].merge(deployment_path("let"), {"metadata": {"labels": {"app": "other"}}})
        eventually(lambda: self.fleet["c01"].get(deployment_path("let"))["metadata"]["labels"]
                   ["app"] == "let", lambda: self.swelld.describe("let"), timeout=30)
        self.assertEqual(self.replicas("let", "c01"), 9)

    def test_7_a_commit_that_leaves_the_field_alone_keeps_it(self):
        commit = self.repo.commit("3", {"let/deployment.yaml": samples.deployment("let", "3")})
        self.swelld.wait_rollout("let", commit)
        self.assertEqual(set(self.tags("let").values()), {"3"})
        self.assertEqual(self.replicas("let", "c01"), 9)
        self.swelld.kill()
        self.swelld.start()
        self.swelld.wait_settled("let", commit)
        self.assertEqual(self.replicas("let", "c01"), 9)
        # One that changes it ends the toleration.
        commit = self.repo.commit("4", {"let/deployment.yaml": samples.deployment("let", "3", 4)})
        self.swelld.wait_rollout("let", commit)
        self.assertEqual(self.replicas("let", "c01"), 4)
        self.assertIn("nothing is tolerated", self.swelld.ok("tolerations", "let").out)
        ended = [e["message"] for e in self.swelld.events("let") if e["type"] == "TolerationEnded"]
        self.assertIn(commit[:7] + " changes it", ended[-1])

    def test_8_its_time_is_over(self):
        self.swelld.ok("tolerate", "let", "ConfigMap/let", "--for", "6s", "--reason", "maintenance")
        path = config_map_path("let", "let")
        self.fleet["c01"].delete(path)
        self.fleet["c02"].merge(path, {"data": {"text": "drifted"}})
        self.wait_drift("let", lambda d: d["cluster"] == "c01" and d["state"] == "tolerated" and
                        d["object"]["kind"] == "ConfigMap", "tolerated")
        self.assertIsNone(self.fleet["c01"].get(path))
        # Without waiting for the next resync, which is an hour away.
        eventually(lambda: self.fleet["c01"].get(path) and
                   self.fleet["c02"].get(path)["data"]["text"] == "hello",
                   lambda: self.swelld.describe("let"), timeout=40)
        self.swelld.ok("tolerate", "let", "Deployment/let", "--for", "1h", "--reason", "again")
        self.scale("let", "c01", 9)
        self.wait_drift("let", lambda d: d["object"]["kind"] == "Deployment" and
                        d["cluster"] == "c01" and d["state"] == "tolerated", "tolerated")
        self.swelld.ok("untolerate", "let", "Deployment/let", "--reason", "done")
        self.wait_replicas("let", "c01", 4)
        self.assertEqual(self.swelld.run("untolerate", "let", "Deployment/let").code, 1)


if __name__ == "__main__":
    main()
