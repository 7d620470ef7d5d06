#!/usr/bin/env python3
"""Live state is watched: drift is seen and repaired at once although objects are compared only
once an hour, and where nothing changed nobody asks a cluster anything."""
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


if __name__ == "__main__":
    main()
