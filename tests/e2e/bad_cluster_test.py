#!/usr/bin/env python3
"""What is wrong with a cluster: a clear error that names it, nothing lost, and recovery."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from git_repo import GitRepo  # noqa: E402


class BadCluster(EndToEnd):
    """c01 is the bad one, c02 is well; c03 hangs from the beginning to the end."""
    CLUSTERS = 3
    RINGS = "canary=1,rest=2"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hanging = cls.make_repo("hanging")
        cls.declare_on("hanging", cls.hanging, "[c03]")
        cls.swelld.wait_settled("hanging", cls.hanging.head())
        cls.fleet["c03"].fault(hang=True)
        cls.hanging.commit("Second", {"app/config.yaml": samples.config_map("config", "second")})

    @classmethod
    def make_repo(cls, name):
        return GitRepo(os.path.join(cls.scratch, name),
                       {"app/config.yaml": samples.config_map("config", "first")})

    @classmethod
    def declare_on(cls, name, repo, clusters="[c01, c02]", waves=None, **options):
        cls.swelld.apply(samples.application(
            name, repo.url, "app", clusters="{names: %s}" % clusters,
            waves=waves or "    waves: [{name: all}]\n", **options))

    def setUp(self):
        self.addCleanup(self.fleet["c01"].heal)

    def begin(self, name, **options):
        self.name, self.repository = name, self.make_repo(name)
        self.declare_on(name, self.repository, **options)
        self.swelld.wait_settled(name, self.repository.head())

    def text(self, cluster):
        found = self.fleet[cluster].get(config_map_path(self.name, "config"))
        return found and found["data"]["text"]

    def commit(self, text):
        return self.repository.commit(text, {"app/config.yaml": samples.config_map("config", text)})

    def mine(self):
        """A path that only this test's objects have."""
        return "namespaces/%s/configmaps/" % self.name

    # --- away ---

    def test_1_a_cluster_is_down(self):
        self.begin("down")
        self.fleet["c01"].fault(down=True)
        commit = self.commit("second")
        status = self.swelld.wait_status("down", lambda s: s["error"], "an error")
        self.assertIn("c01", status["error"])
        self.assertIn("1 of 2 clusters cannot be read", status["error"])
        # All or nothing: the one that is well does not move on alone.
        self.assertEqual(self.text("c02"), "first")
        ran = self.swelld.run("sync", "down", "--wait")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("c01", ran.err)
        clusters = {c["name"]: c for c in
                    self.swelld.ok("get", "clusters", "-o", "json").json["clusters"]}
        self.assertFalse(clusters["c01"]["reachable"])
        self.assertTrue(clusters["c01"]["error"])
        self.assertTrue(clusters["c02"]["reachable"])
        self.assertEqual(self.swelld.run("diff", "down").code, 1)  # it would be incomplete
        self.assertEqual(len(self.swelld.history("down")), 1)
        self.fleet["c01"].heal()
        self.swelld.wait_rollout("down", commit)
        self.assertEqual((self.text("c01"), self.text("c02")), ("second", "second"))
        self.swelld.wait_status("down", lambda s: not s["error"], "no error any more")

    def test_2_goes_down_in_the_middle(self):
        self.begin("middle", deadline="30s")
        # The first write is answered by a cut connection, and everything after it as well.
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": self.mine()},
                                        "delayMs": 400}])
        commit = self.commit("second")
        self.swelld.wait_status("middle", lambda s: s["rollout"]["phase"] == "Progressing" and
                                s["rollout"]["revision"]["commit"] == commit, "under way")
        self.fleet["c01"].fault(down=True)
        time.sleep(1)
        self.fleet["c01"].heal()
        self.swelld.wait_rollout("middle", commit)
        self.assertEqual((self.text("c01"), self.text("c02")), ("second", "second"))

    # --- answers that are no success, once or twice: waited out ---

    def assert_waited_out(self, name, rule):
        self.begin(name)
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": self.mine()},
                                        "times": 2, **rule}])
        commit = self.commit("second")
        self.swelld.wait_rollout(name, commit)
        self.assertEqual(self.fleet["c01"].fault_hits(), 2)
        self.assertEqual(self.text("c01"), "second")
        self.assertEqual(len(self.swelld.history(name)), 2)
        self.assertEqual(self.swelld.status(name).get("quarantine", []), [])

    def test_3_busy(self):
        began = time.monotonic()
        self.assert_waited_out("busy", {"status": 429, "retryAfter": 1})
        self.assertGreaterEqual(time.monotonic() - began, 2, "Retry-After was not honoured")

    def test_3_unavailable(self):
        self.assert_waited_out("unavailable", {"status": 503, "retryAfter": 1})

    def test_3_half_an_answer(self):
        self.assert_waited_out("half", {"body": "half"})

    # --- answers that stay: the rollout ends with the reason, and a sync tries again ---

    def assert_refused(self, name, rule, *words):
        self.begin(name, deadline="4s")
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": self.mine()}, **rule}])
        commit = self.commit("second")
        rollout = self.ended(name, commit)
        self.assertIn(rollout["phase"], ("Failed", "RolledBack"))
        self.assertIn("c01", rollout["message"])
        for word in words:
            self.assertIn(word, rollout["message"])
        self.assertEqual(self.text("c01"), "first")
        self.assertEqual(self.text("c02"), "first")  # rolled back with it
        status = self.swelld.wait_status(name, lambda s: s.get("quarantine"), "quarantine")
        self.assertEqual([q["commit"] for q in status["quarantine"]], [commit])
        self.assertIn("swell sync " + name, status["hold"])
        self.fleet["c01"].heal()
        self.declare_on(name, self.repository)
        done = self.swelld.ok("sync", name, "--wait")
        self.assertEqual((self.text("c01"), self.text("c02")), ("second", "second"), str(done))
        self.assertEqual(self.swelld.status(name).get("quarantine", []), [])

    def ended(self, name, commit):
        status = self.swelld.wait_status(
            name, lambda s: s["rollout"]["finished"] and
            s["rollout"]["revision"]["commit"] == commit, "the rollout's end")
        return status["rollout"]

    def test_4_forbidden(self):
        self.assert_refused("forbidden", {"status": 403}, "forbidden", "config")

    def test_4_unauthorized(self):
        self.assert_refused("unauthorized", {"status": 401}, "Unauthorized")

    def test_4_conflict(self):
        self.assert_refused("conflict", {"status": 409}, "has been modified")

    def test_4_gone(self):
        self.assert_refused("gone", {"status": 410}, "410")

    def test_4_internal_error(self):
        self.assert_refused("internal", {"status": 500}, "Internal error")

    def test_4_html(self):
        self.assert_refused("html", {"status": 502, "body": "html"}, "502")

    def test_4_garbage(self):
        self.assert_refused("garbage", {"status": 200, "body": "garbage"}, "JSON")

    # --- answers to reads: nothing is planned on them ---

    def test_5_reads_that_fail(self):
        self.begin("reads")
        history = len(self.swelld.history("reads"))
        for number, rule in enumerate((
                {"status": 401}, {"status": 403}, {"status": 500}, {"status": 503},
                {"status": 502, "body": "html"}, {"body": "half"}, {"body": "garbage"})):
            with self.subTest(rule=rule):
                self.fleet["c01"].fault(rules=[{"match": {"method": "GET", "path": "configmaps"},
                                                **rule}])
                commit = self.commit("text %d" % number)
                before = self.text("c02")
                status = self.swelld.wait_status(
                    "reads", lambda s: s["error"] and s["revision"]["commit"] == commit, "an error")
                self.assertIn("c01", status["error"])
                self.assertEqual(self.text("c02"), before)
                self.fleet["c01"].heal()
                self.swelld.wait_rollout("reads", commit)
                self.swelld.wait_status("reads", lambda s: not s["error"], "no error any more")
                history += 1
                self.assertEqual(len(self.swelld.history("reads")), history)

    def test_6_tolerated(self):
        """maxFailures: the rest goes on without the cluster, and it catches up later."""
        self.begin("tolerated", waves="    maxFailures: 1\n    waves: [{name: all}]\n")
        self.fleet["c01"].fault(down=True)
        commit = self.commit("second")
        self.swelld.wait_rollout("tolerated", commit)
        self.assertEqual(self.text("c02"), "second")
        self.fleet["c01"].heal()
        self.assertEqual(self.text("c01"), "first")
        self.swelld.wait_status("tolerated", lambda s: self.text("c01") == "second", "caught up")

    # --- registered wrongly ---

    def test_7_cluster_that_cannot_be_used(self):
        ran = self.swelld.run("cluster", "add", "nowhere", "--kubeconfig",
                              os.path.join(self.fleet.folder, "kubeconfig"), "--context", "c99")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("c99", ran.err)
        ran = self.swelld.run("cluster", "add", "nowhere", "--kubeconfig", "/no/such/file")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("/no/such/file", ran.err)
        self.assertNotIn("nowhere", self.swelld.ok("get", "clusters").out)

    # --- the one that hangs ---

    def test_9_a_cluster_hangs(self):
        self.name = "hanging"
        status = self.swelld.wait_status("hanging", lambda s: s["error"], "an error", 150)
        self.assertIn("c03", status["error"])
        self.assertEqual(len(self.swelld.history("hanging")), 1)
        self.fleet["c03"].heal()
        self.assertEqual(self.text("c03"), "first")
        self.swelld.wait_rollout("hanging", self.hanging.head())
        self.assertEqual(self.text("c03"), "second")


if __name__ == "__main__":
    main()
