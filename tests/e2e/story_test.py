#!/usr/bin/env python3
"""The story: three applications on twelve simulated clusters, from the first deployment through
good and broken commits to a rollback and what follows it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, main, tag_of  # noqa: E402
from programs import eventually  # noqa: E402

NAMES = ("web", "shop", "docs")
RING_OF = {"c01": "canary", **dict.fromkeys(("c02", "c03", "c04"), "early")}
REPLICAS = {"canary": 1, "early": 2, "rest": 3}


def ring(cluster):
    return RING_OF.get(cluster, "rest")


def declared(object_):
    """What of an object somebody declared: all but what the server writes."""
    metadata = {k: v for k, v in object_["metadata"].items()
                if k in ("name", "namespace", "labels", "annotations")}
    metadata["annotations"] = {k: v for k, v in metadata.get("annotations", {}).items()
                               if not k.startswith("deployment.kubernetes.io/")}
    rest = {k: v for k, v in object_.items() if k not in ("metadata", "status")}
    return {**rest, "metadata": metadata}


class Story(EndToEnd):
    FILES = samples.repository_files("1.0")

    def applications(self, **options):
        self.swelld.apply(samples.three_applications(self.repo.url, **options))

    def snapshot(self):
        """Everything that the three applications have on every cluster."""
        out = {}
        for cluster in self.fleet.names:
            for namespace in NAMES:
                for kind in ("/apis/apps/v1/namespaces/%s/deployments",
                             "/api/v1/namespaces/%s/services", "/api/v1/namespaces/%s/configmaps"):
                    for item in self.fleet[cluster].get(kind % namespace)["items"]:
                        name = item["metadata"]["name"]
                        key = (cluster, namespace, kind.rpartition("/")[2], name)
                        out[key] = declared(item)
        return out

    def test_1_first_deployment(self):
        self.applications(bake="1500ms")
        head = self.repo.head()
        for name in NAMES:
            rollout = self.swelld.wait_rollout(name, head)
            self.assertEqual((rollout["kind"], rollout["number"]), ("sync", "1"))
            self.assert_waves_in_order(self.swelld.rollout(name, 1), self.swelld.events(name))
            self.swelld.wait_settled(name, head)
            self.assert_tags(name, "1.0")
        for cluster in self.fleet.names:
            api = self.fleet[cluster]
            chart_says = api.get(config_map_path("web", "web"))["data"]
            self.assertEqual(chart_says, {"ring": ring(cluster), "cluster": cluster})
            for name in ("web", "shop"):
                deployment = api.get(deployment_path(name))
                self.assertEqual(deployment["spec"]["replicas"], REPLICAS[ring(cluster)])
                self.assertEqual(deployment["status"]["readyReplicas"], REPLICAS[ring(cluster)])
            self.assertEqual(api.get(deployment_path("shop"))["metadata"]["labels"]["ring"],
                             ring(cluster))
            self.assertEqual(api.get(config_map_path("docs", "extra"))["data"],
                             {"text": "to be removed"})
        type(self).first = self.snapshot()

    def test_2_nothing_to_do_writes_nothing(self):
        before = {c: self.fleet[c].stats()["writes"] for c in self.fleet.names}
        done = self.swelld.ok("sync", "web", "--wait")
        self.assertIn("already in sync", done.out)
        self.assertEqual(before, {c: self.fleet[c].stats()["writes"] for c in self.fleet.names})
        self.assertEqual(self.swelld.run("diff", "web", "--exit-code").code, 0)

    def test_3_good_commit_goes_in_waves(self):
        head = self.repo.commit("Web 1.1", samples.chart("1.1"))
        # While the canary bakes, nobody else has heard of it.
        eventually(lambda: self.swelld.status("web")["rollout"]["phase"] == "Baking",
                   lambda: self.swelld.describe("web"))
        tags = self.tags("web")
        status = self.swelld.status("web")
        self.assertEqual((status["rollout"]["phase"], status["sync"]), ("Baking", "OutOfSync"))
        self.assertEqual(tags, {c: "1.1" if c == "c01" else "1.0" for c in self.fleet.names})
        rollout = self.swelld.wait_rollout("web", head)
        self.assertEqual([(w["name"], w["phase"]) for w in
                          self.swelld.rollout("web", rollout["number"])["waves"]],
                         [(r, "Done") for r in samples.RINGS])
        self.assert_waves_in_order(self.swelld.rollout("web", 2), self.swelld.events("web"))
        self.assert_tags("web", "1.1")
        # The others follow the same branch, and had nothing to change.
        for name in ("shop", "docs"):
            self.swelld.wait_settled(name, head)
            self.assertEqual(len(self.swelld.history(name)), 1)
            self.assert_tags(name, "1.0")

    def test_4_broken_commit_stops_at_the_canary(self):
        self.applications(bake="300ms", deadline="5s")
        for cluster in self.fleet.names:
            self.fleet[cluster].reset_stats()
        bad = self.repo.commit("Web 1.2, which does not start", samples.chart("1.2-broken"))
        rollout = self.swelld.wait_rollout("web", bad, "RolledBack")
        self.assertIn("c01", rollout["message"])
        phases = {c["name"]: c["phase"] for w in self.swelld.rollout("web")["waves"]
                  for c in w["clusters"]}
        self.assertEqual(phases, {c: "RolledBack" if c == "c01" else "Skipped"
                                  for c in self.fleet.names})
        self.assert_tags("web", "1.1")
        for cluster in self.fleet.names[1:]:
            self.assertEqual(self.fleet[cluster].stats()["writes"], 0, cluster)
        self.assertGreater(self.fleet["c01"].stats()["writes"], 0)
        status = self.swelld.wait_status("web", lambda s: s.get("quarantine"), "quarantine")
        self.assertEqual([q["commit"] for q in status["quarantine"]], [bad])
        self.assertIn("quarantined", status["hold"])
        self.assertEqual(status["sync"], "OutOfSync")
        type(self).bad = bad

    def test_4_what_was_condemned_stays_so_in_other_commits(self):
        """In a repository of many applications the next commit is seldom about the one that failed."""
        rollouts = len(self.swelld.history("web"))
        for restart, text in ((False, "one"), (True, "two")):
            if restart:  # what the last plan had read is forgotten then
                self.swelld.stop()
                self.swelld.start()
            other = self.repo.commit("Docs alone", {"apps/docs/pages.yaml":
                                                    samples.config_map("pages", text)})
            self.swelld.wait_rollout("docs", other)
            status = self.swelld.wait_status(
                "web", lambda s, c=other: c in [q["commit"] for q in s.get("quarantine", [])],
                "the same content is condemned")
            self.assertIn("the same content as " + self.bad[:7],
                          [q["reason"] for q in status["quarantine"] if q["commit"] == other][0])
            self.assertEqual(len(self.swelld.history("web")), rollouts)
            self.assert_tags("web", "1.1")
        # Whoever lets one out lets all of them out, and it is tried again.
        self.swelld.ok("quarantine", "release", "web", other)
        again = self.swelld.wait_rollout("web", other, "RolledBack")
        self.assertEqual(int(again["number"]), rollouts + 1)
        self.swelld.wait_status("web", lambda s: [q["commit"] for q in s.get("quarantine", [])] ==
                                [other], "condemned anew")

    def test_5_next_good_commit_deploys_by_itself(self):
        self.applications(bake="300ms")
        head = self.repo.commit("Web 1.3", {**samples.chart("1.3"), "apps/docs/pages.yaml":
                                            samples.config_map("pages", "second")},
                                remove=["apps/docs/extra.yaml"])
        self.swelld.wait_rollout("web", head)
        self.assert_tags("web", "1.3")
        self.swelld.wait_rollout("docs", head)
        # The broken one was not tried again meanwhile.
        self.assertEqual([r["revision"]["commit"] for r in self.swelld.history("web")].count(
            self.bad), 1)

    def test_6_prune_removes_what_git_lost_and_nothing_else(self):
        path = "/api/v1/namespaces/docs/configmaps"
        foreign = {"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"name": "foreign", "namespace": "docs",
                                # Claims to be ours; only the inventory counts.
                                "annotations": {"swell.dev/owner": "docs"}}}
        self.fleet["c05"].create(path, foreign)
        for cluster in self.fleet.names:
            self.assertIsNone(self.fleet[cluster].get(config_map_path("docs", "extra")), cluster)
        head = self.repo.commit("Pages, third", {
            "apps/docs/pages.yaml": samples.config_map("pages", "third")})
        self.swelld.wait_rollout("docs", head)
        self.assertIsNotNone(self.fleet["c05"].get(config_map_path("docs", "foreign")))
        self.fleet["c05"].delete(config_map_path("docs", "foreign"))

    def test_7_rollback_restores_exactly(self):
        left = self.repo.head()
        for name in NAMES:
            if len(self.swelld.history(name)) > 1:
                done = self.swelld.run("rollback", name, "--to", 1, "--wait", "--reason", "a test")
                self.assertEqual(done.code, 0, str(done))
                rollout = self.swelld.rollout(name)
                self.assertEqual((rollout["kind"], rollout["rollbackTo"], rollout["phase"]),
                                 ("rollback", "1", "Succeeded"))
                self.assertEqual((rollout["actor"], rollout["reason"]), ("tester", "a test"))
                self.assert_waves_in_order(rollout, self.swelld.events(name))
                self.assertIn(left, [q["commit"] for q in self.swelld.status(name)["quarantine"]])
        now = self.snapshot()
        self.assertEqual(sorted(now), sorted(self.first))  # the pruned one is back
        for key, before in self.first.items():
            self.assertEqual(now[key], before, key)
        for cluster in self.fleet.names:
            for name in ("web", "docs"):
                self.assertEqual(self.swelld.ok("manifest", name, cluster).out,
                                 self.swelld.ok("manifest", name, cluster, "--rollout", 1).out)

    def test_8_automatic_sync_stays_on(self):
        self.assertTrue(self.swelld.status("web")["autoSync"])
        head = self.repo.commit("Web 1.4", samples.chart("1.4"))
        self.swelld.wait_rollout("web", head)
        self.assert_tags("web", "1.4")
        # What was rolled back does not come again with somebody else's commit.
        self.swelld.wait_status(
            "docs", lambda s: head in [q["commit"] for q in s.get("quarantine", [])], "condemned")
        self.assertIsNotNone(self.fleet["c12"].get(config_map_path("docs", "extra")))
        head = self.repo.commit("Docs again", {"apps/docs/pages.yaml":
                                               samples.config_map("pages", "fourth")})
        self.swelld.wait_rollout("docs", head)
        self.assertIsNone(self.fleet["c12"].get(config_map_path("docs", "extra")))
        for name in NAMES:
            self.swelld.wait_settled(name, head)

    def test_9_self_heal_repairs_drift(self):
        number = int(self.swelld.history("web")[0]["number"])
        path = deployment_path("web")
        self.fleet["c07"].merge(path, {"spec": {"replicas": 9}})
        eventually(lambda: self.fleet["c07"].get(path)["spec"]["replicas"] == 3,
                   lambda: self.swelld.describe("web"))
        heal = eventually(lambda: [r for r in self.swelld.history("web") if r["kind"] == "heal" and
                                   r["finished"]], lambda: self.swelld.describe("web"))[0]
        self.assertEqual((heal["phase"], int(heal["number"])), ("Succeeded", number + 1))
        touched = [c["name"] for w in self.swelld.rollout("web", heal["number"])["waves"]
                   for c in w["clusters"]]
        self.assertEqual(touched, ["c07"])
        # An object that somebody deleted comes back, too.
        self.fleet["c02"].delete(config_map_path("web", "web"))
        eventually(lambda: self.fleet["c02"].get(config_map_path("web", "web")),
                   lambda: self.swelld.describe("web"))
        self.assertEqual(tag_of(self.fleet["c02"].get(path)), "1.4")


if __name__ == "__main__":
    main()
