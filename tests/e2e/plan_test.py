#!/usr/bin/env python3
"""A plan is a unit: shown with its reach, compared, approved, and rolled out exactly or not at all."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, main  # noqa: E402

OK, ERROR, USAGE, CHANGES = 0, 1, 2, 5
RANDOM = {
    "apps/random/Chart.yaml": "apiVersion: v2\nname: random\nversion: 1.0.0\n",
    "apps/random/templates/secret.yaml":
        "apiVersion: v1\nkind: Secret\nmetadata: {name: random}\n"
        "stringData: {password: {{ randAlphaNum 20 | quote }}}\n"}


class Plans(EndToEnd):
    CLUSTERS = 4
    RINGS = "canary=1,early=1,rest=2"
    FILES = {**samples.plain("1"), **RANDOM}

    def declare(self, **options):
        self.swelld.apply(samples.application("docs", self.repo.url, "apps/docs",
                                              **{"auto": False, "heal": False, **options}))

    def commit(self, tag, **more):
        commit = self.repo.commit(tag, {**samples.plain(tag), **more})
        self.swelld.wait_status(
            "docs", lambda s: s.get("revision", {}).get("commit") == commit, "the commit")
        return commit

    def plan(self, *arguments):
        """The plan of docs, as JSON."""
        return self.swelld.ok("plan", "docs", *arguments, "-o", "json").json

    def digest(self, *arguments):
        return self.plan(*arguments)["plan"]["digest"]

    def refused(self, *arguments):
        ran = self.swelld.run(*arguments)
        self.assertEqual((ran.code, ran.out), (ERROR, ""), str(ran))
        return ran.err

    def writes(self):
        return {n: self.fleet[n].stats()["writes"] for n in self.fleet.names}

    def test_01_what_a_first_deployment_reaches(self):
        self.declare()
        self.swelld.wait_status("docs", lambda s: "swell sync docs" in s["hold"], "held")
        writes = self.writes()
        detail = self.plan()
        plan, radius = detail["plan"], detail["plan"]["blastRadius"]
        self.assertEqual((plan["kind"], plan["application"], plan["actor"]),
                         ("sync", "docs", "tester"))
        self.assertEqual(plan["revision"]["commit"], self.repo.head())
        self.assertEqual((radius["clusters"], radius["touched"], radius["unreadable"]), (4, 4, 0))
        self.assertEqual((radius["created"], radius["updated"], radius["deleted"]), (20, 0, 0))
        self.assertEqual((radius["replicasBefore"], radius["replicasAfter"]), ("0", "8"))
        self.assertEqual([(k["kind"], k["created"]) for k in radius["protectedKinds"]],
                         [("Namespace", 4)])
        self.assertEqual([(w["name"], w["clusters"]) for w in radius["waves"]],
                         [("canary", ["c01"]), ("early", ["c02"]), ("rest", ["c03", "c04"])])
        self.assertEqual([g["clusters"] for g in detail["groups"]], [self.fleet.names])
        page = self.swelld.ok("plan", "docs").out
        self.assertIn("4 clusters: the same change", page)
        self.assertIn("swell sync docs --plan " + plan["digest"][:12], page)
        self.assertEqual(self.swelld.run("plan", "docs", "--exit-code").code, CHANGES)
        self.assertEqual(self.writes(), writes, "a plan writes nothing anywhere")
        self.assert_tags("docs", None)

    def test_02_the_same_state_is_the_same_plan(self):
        first = self.digest()
        self.assertEqual(self.digest(), first)
        self.swelld.stop()
        self.swelld.start()
        self.assertEqual(self.digest(), first)
        listed = self.swelld.ok("plan", "list", "docs", "-o", "json").json["plans"]
        self.assertEqual([p["digest"] for p in listed], [first])
        self.assertIn(first[:12], self.swelld.ok("plan", "list", "docs").out)

    def test_03_shown_by_its_first_digits(self):
        first = self.digest()
        shown = self.swelld.ok("plan", "show", first[:6], "-o", "json").json
        self.assertEqual(shown["plan"]["digest"], first)
        self.assertEqual(shown["plan"]["blastRadius"], self.plan()["plan"]["blastRadius"])
        self.assertIn("create Deployment.apps docs/docs",
                      self.swelld.ok("plan", "show", first).out)
        self.assertIn("at least its first 6", self.refused("plan", "show", first[:5]))
        self.assertIn("hex digits", self.refused("plan", "show", "no digest"))
        self.assertIn("there is no plan", self.refused("plan", "show", "0" * 64))
        self.assertIn("no application", self.refused("plan", "web"))
        self.assertEqual(self.swelld.run("plan").code, USAGE)

    def test_04_approved_and_rolled_out(self):
        first = self.digest()
        self.assertIn("no running rollout", self.refused("approve", "docs"))
        self.assertIn("approved by tester",
                      self.swelld.ok("approve", first[:8], "--comment", "go on").out)
        self.swelld.ok("approve", "docs", "--plan", first)
        self.swelld.ok("approve", first, "--comment", "well seen")
        approvals = self.swelld.ok("plan", "show", first, "-o", "json").json["plan"]["approvals"]
        self.assertEqual([(a["actor"], a["comment"], a["plan"]) for a in approvals],
                         [("tester", "well seen", first)])
        self.assertIn("PlanApproved", [e["type"] for e in self.swelld.events("docs")])
        ran = self.swelld.ok("sync", "docs", "--plan", first[:12], "--wait", "-o", "json")
        self.assertEqual((ran.json["rollout"]["plan"], ran.json["rollout"]["phase"]),
                         (first, "Succeeded"))
        self.assert_tags("docs", "1")
        # What it was for is done.
        self.assertIn("live state moved", self.refused("sync", "docs", "--plan", first))

    def test_05_drift_makes_another_plan(self):
        self.commit("2")
        shown = self.digest()
        self.fleet["c02"].merge(deployment_path("docs"), {"spec": {"replicas": 9}})
        drifted = self.swelld.run("plan", "docs", "-o", "json").json["plan"]["digest"]
        self.assertNotEqual(drifted, shown)
        writes = self.writes()
        said = self.refused("sync", "docs", "--plan", shown)
        self.assertIn("live state moved", said)
        self.assertIn("swell plan docs", said)
        self.assertRegex(said, r"c02: apps/Deployment docs/docs: update /spec/replicas: no change, "
                               r"now 9 -> 2")
        self.assertNotIn("c01:", said)
        self.assertEqual(self.writes(), writes)
        self.assert_tags("docs", "1")
        differs = self.swelld.ok("plan", "diff", shown[:10], drifted[:10], "-o", "json").json
        self.assertEqual([(c["clusters"], [f["path"] for o in c["operations"] for f in o["fields"]])
                          for c in differs["clusters"]], [(["c02"], ["/spec/replicas"])])
        page = self.swelld.ok("plan", "diff", shown, drifted).out
        self.assertIn("/spec/replicas", page)
        groups = self.swelld.ok("plan", "show", drifted, "-o", "json").json["groups"]
        self.assertEqual(sorted(g["clusters"] for g in groups), [["c01", "c03", "c04"], ["c02"]])
        self.assertIn("3 clusters: the same change; 1 differs",
                      self.swelld.ok("plan", "show", drifted).out)
        # Undone, it is the plan that was shown again.
        self.fleet["c02"].merge(deployment_path("docs"), {"spec": {"replicas": 2}})
        self.assertEqual(self.digest(), shown)

    def test_06_so_does_a_change_that_is_not_shown_in_full(self):
        text = "x" * 300
        self.commit("2", **{"apps/docs/pages.yaml": samples.config_map("pages", "new " + text)})
        path = config_map_path("docs", "pages")
        seen = set()
        for live in (text + "a", text + "b"):
            self.fleet["c03"].merge(path, {"data": {"text": live}})
            seen.add(self.digest())
        self.assertEqual(len(seen), 2)
        self.fleet["c03"].merge(path, {"data": {"text": "first"}})

    def test_07_and_a_change_of_the_spec_the_strategy_or_the_fleet(self):
        shown = self.digest()
        self.declare(bake="2s")
        strategy = self.digest()
        self.declare(prune=False)
        self.assertEqual(len({shown, strategy, self.digest()}), 3)
        self.assertIn("generation of the application", self.refused("sync", "docs", "--plan", shown))
        self.declare()
        again = self.digest()
        cluster = self.swelld.ok("get", "clusters", "c04", "-o", "yaml").out
        self.swelld.apply(cluster.replace("ring: rest", "ring: canary"))
        moved = self.digest()
        self.assertNotEqual(moved, again)
        self.assertIn("the split into waves", self.swelld.ok("plan", "diff", again, moved).out)
        self.swelld.apply(cluster)
        self.assertEqual(self.digest(), again)

    def test_08_the_revision_of_the_plan_is_rolled_out(self):
        shown = self.digest()
        commit = self.repo.head()
        self.commit("3")
        self.assertNotEqual(self.digest(), shown)
        ran = self.swelld.ok("sync", "docs", "--plan", shown, "--wait", "-o", "json")
        self.assertEqual(ran.json["rollout"]["revision"]["commit"], commit)
        self.assert_tags("docs", "2")

    def test_09_a_rollback_of_some_clusters_shown_first(self):
        first = self.swelld.history("docs")[-1]["number"]
        self.assertIn("no-such", self.refused("rollback", "docs", "--to", first, "--cluster",
                                              "no-such"))
        writes = self.writes()
        detail = self.swelld.ok("rollback", "docs", "--to", first, "--cluster", "c03", "--cluster",
                                "c01", "--dry-run", "-o", "json").json
        plan = detail["plan"]
        self.assertEqual((plan["kind"], plan["rollbackTo"], plan["clusters"]),
                         ("rollback", str(first), ["c01", "c03"]))
        self.assertEqual((plan["blastRadius"]["touched"], plan["blastRadius"]["clusters"]), (2, 2))
        self.assertEqual(self.writes(), writes)
        self.assertIn("of kind rollback", self.refused("sync", "docs", "--plan", plan["digest"]))
        ran = self.swelld.ok("rollback", "docs", "--plan", plan["digest"][:9], "--wait", "-o",
                             "json")
        self.assertEqual((ran.json["rollout"]["plan"], ran.json["rollout"]["kind"]),
                         (plan["digest"], "rollback"))
        self.assertEqual(self.tags("docs"), {"c01": "1", "c02": "2", "c03": "1", "c04": "2"})
        self.assertEqual(self.swelld.run("rollback", "docs", "--to", 1, "--plan",
                                         plan["digest"]).code, USAGE)

    def test_10_quarantine(self):
        listed = self.swelld.ok("quarantine", "list", "-o", "json").json["quarantine"]
        self.assertTrue(listed)
        for entry in listed:
            self.assertIn(entry["commit"][:12], self.swelld.ok("quarantine", "list", "docs").out)
            self.swelld.ok("quarantine", "release", "docs", entry["commit"][:7])
        self.assertEqual(self.swelld.ok("quarantine", "list", "docs").out,
                         "nothing is quarantined\n")

    def test_11_what_a_chart_makes_up_is_kept_with_the_plan(self):
        self.swelld.apply(samples.application("random", self.repo.url, "apps/random", auto=False))
        self.swelld.wait_status("random", lambda s: "swell sync" in s["hold"], "held")
        shown = self.swelld.ok("plan", "random", "-o", "json").json["plan"]["digest"]
        again = self.swelld.ok("plan", "random", "-o", "json").json["plan"]["digest"]
        self.assertEqual(again, shown)
        self.swelld.ok("sync", "random", "--plan", shown, "--wait")

    def test_12_a_cluster_that_cannot_be_read_is_said(self):
        self.fleet["c04"].fault(down=True)
        ran = self.swelld.run("plan", "docs")
        self.fleet["c04"].heal()
        self.assertEqual(ran.code, ERROR, str(ran))
        self.assertIn("1 could not be read", ran.out)
        self.assertIn("the plan is incomplete", ran.err)

    def test_13_a_running_rollout_is_approved(self):
        self.declare(waves="    waves:\n"
                           "      - {name: canary, clusters: {matchLabels: {ring: canary}}}\n"
                           "      - {name: rest, approvals: {count: 1}}\n")
        commit = self.commit("4")
        plan = self.plan()["plan"]
        self.assertEqual([w["approvals"] for w in plan["blastRadius"]["waves"]], [False, True])
        self.swelld.ok("sync", "docs", "--plan", plan["digest"])
        self.swelld.wait_status("docs", lambda s: s["rollout"]["phase"] == "Waiting" and
                                "swell approve docs" in s["rollout"]["message"],
                                "it waits for people")
        self.assertEqual(self.tags("docs")["c01"], "4")
        self.assertNotEqual(self.tags("docs")["c02"], "4")
        self.assertIn("is running", self.refused("sync", "docs", "--plan", self.digest()))
        self.assertIn(plan["digest"][:12], self.swelld.ok("approve", "docs").out)
        self.swelld.wait_rollout("docs", commit)
        self.assert_tags("docs", "4")


if __name__ == "__main__":
    main()
