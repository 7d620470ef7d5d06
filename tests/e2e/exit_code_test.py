#!/usr/bin/env python3
"""What pipelines build on: the exit codes and the output of swell."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402

OK, ERROR, USAGE, ROLLOUT_FAILED, TIMED_OUT, CHANGES = range(6)


class ExitCodes(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,early=1,rest=1"
    FILES = samples.plain("1")

    def declare(self, **options):
        self.swelld.apply(samples.application("docs", self.repo.url, "apps/docs",
                                              **{"auto": False, "heal": False, **options}))

    def commit(self, tag):
        """Returns the commit once the server knows of it."""
        commit = self.repo.commit(tag, samples.plain(tag))
        self.swelld.wait_status(
            "docs", lambda s: s.get("revision", {}).get("commit") == commit, "the commit")
        return commit

    def assert_code(self, code, *arguments):
        ran = self.swelld.run(*arguments)
        self.assertEqual(ran.code, code, str(ran))
        if code in (OK, CHANGES):
            self.assertEqual(ran.err, "")
        else:
            self.assertTrue(ran.err.startswith("swell: "), ran.err)
        return ran

    def test_01_wrong_usage(self):
        self.assert_code(USAGE)
        self.assert_code(USAGE, "synch")
        self.assert_code(USAGE, "sync")
        self.assert_code(USAGE, "wait", "docs", "--for", "godot")
        self.assert_code(USAGE, "rollback", "docs", "--to", "first")
        self.assert_code(USAGE, "wait", "docs", "--timeout", "soon")
        self.assertIn("swell sync --help", self.assert_code(USAGE, "sync").err)

    def test_02_unknown_application(self):
        for command in ("sync", "rollback", "wait", "diff", "status", "history", "cancel", "watch"):
            self.assertIn("docs", self.assert_code(ERROR, command, "docs").err, command)

    def test_03_nothing_deployed_yet(self):
        self.declare()
        # By hand: it waits to be told.
        self.swelld.wait_status("docs", lambda s: "swell sync docs" in s["hold"], "held")
        self.assertEqual(self.assert_code(OK, "history", "docs").out, "docs has no rollout yet\n")
        self.assert_code(CHANGES, "diff", "docs", "--exit-code")
        self.assertIn("create", self.assert_code(OK, "diff", "docs").out)
        self.assert_code(TIMED_OUT, "wait", "docs", "--timeout", "500ms")
        self.assert_code(ERROR, "rollback", "docs")
        self.assert_tags("docs", None)

    def test_04_sync_and_wait(self):
        ran = self.assert_code(OK, "sync", "docs", "--wait", "--reason", "the first", "-o", "json")
        self.assertEqual((ran.json["rollout"]["phase"], ran.json["rollout"]["actor"],
                          ran.json["rollout"]["reason"]), ("Succeeded", "tester", "the first"))
        self.assert_tags("docs", "1")
        self.assertIn("already in sync", self.assert_code(OK, "sync", "docs", "--wait").out)
        self.assert_code(OK, "wait", "docs")
        self.assert_code(OK, "wait", "docs", "--for", "healthy")
        self.assert_code(OK, "wait", "docs", "--for", "finished")
        self.assert_code(OK, "wait", "docs", "--revision", self.repo.head()[:7])
        self.assert_code(OK, "diff", "docs", "--exit-code")

    def test_05_diff_finds_changes(self):
        self.commit("2")
        ran = self.assert_code(CHANGES, "diff", "docs", "--exit-code")
        self.assertRegex(ran.out, r"(?m)^ *- +- image: registry\.example\.com/docs:1$")
        self.assertRegex(ran.out, r"(?m)^ *\+ +- image: registry\.example\.com/docs:2$")
        self.assertIn("3 clusters change alike", ran.out)
        groups = self.assert_code(OK, "diff", "docs", "-o", "json").json["groups"]
        self.assertEqual([len(g["clusters"]) for g in groups], [3])
        changes = groups[0]["objects"][0]["changes"]
        self.assertEqual([(json.loads(c["before"]), json.loads(c["after"])) for c in changes],
                         [("registry.example.com/docs:1", "registry.example.com/docs:2")])
        self.assert_tags("docs", "1")  # a diff changes nothing
        self.assert_code(OK, "diff", "docs", "--exit-code", "--revision",
                         self.repo.git("rev-parse", "HEAD~1"))

    def test_06_timeout(self):
        self.declare(bake="8s")
        self.commit("3")
        ran = self.assert_code(TIMED_OUT, "sync", "docs", "--wait", "--timeout", "1s")
        self.assertIn("it goes on without this command", ran.err)
        self.assert_code(TIMED_OUT, "wait", "docs", "--for", "finished", "--timeout", "300ms")
        self.assert_code(TIMED_OUT, "watch", "docs", "--timeout", "300ms")
        # It does go on.
        watch = self.swelld.begin("watch", "docs", "--until-finished", "-o", "json")
        out, err = watch.communicate(timeout=60)
        self.assertEqual((watch.returncode, err), (OK, b""))
        steps = [json.loads(line) for line in out.decode().splitlines()]
        last = [s["rollout"] for s in steps if s.get("rollout")][-1]
        self.assertEqual((last["phase"], last["finished"]), ("Succeeded", True))
        self.assert_tags("docs", "3")

    def test_07_a_rollout_that_fails(self):
        self.declare(deadline="3s")
        bad = self.commit("4-broken")
        waiting = self.swelld.begin("sync", "docs", "--wait")
        out, err = waiting.communicate(timeout=90)
        self.assertEqual(waiting.returncode, ROLLOUT_FAILED, err)
        self.assertIn(b"ended RolledBack", err)
        self.assertIn(b"c01", err)
        self.assertIn(b"canary", out)
        self.assert_tags("docs", "3")
        self.assertIn("RolledBack", self.assert_code(ROLLOUT_FAILED, "wait", "docs").err)
        # Not of this commit: that is another question.
        self.assert_code(TIMED_OUT, "wait", "docs", "--revision", "0" * 40, "--timeout", "300ms")
        listed = self.assert_code(OK, "quarantine", "list", "docs", "-o", "json").json
        self.assertEqual([q["commit"] for q in listed["quarantine"]], [bad])
        self.declare()

    def test_08_cancel(self):
        self.declare(bake="60s")
        commit = self.commit("5")
        waiting = self.swelld.begin("sync", "docs", "--wait")
        self.swelld.wait_status("docs", lambda s: s["rollout"]["phase"] == "Baking", "baking")
        self.assert_code(OK, "cancel", "docs", "--reason", "not today")
        _, err = waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, ROLLOUT_FAILED, err)
        self.assertIn(b"Cancelled", err)
        self.assertIn(b"not today", err)
        self.assertEqual(self.tags("docs"), {"c01": "5", "c02": "3", "c03": "3"})
        self.assert_code(ERROR, "cancel", "docs")
        status = self.swelld.status("docs")
        self.assertIn(commit, [q["commit"] for q in status["quarantine"]])
        self.assertEqual(status["sync"], "OutOfSync")
        self.assertIn("not today", status["hold"])

    def test_09_release_from_quarantine(self):
        self.declare(auto=True)
        self.assert_code(ERROR, "quarantine", "release", "docs", "1234567")
        self.assert_code(OK, "quarantine", "release", "docs", self.repo.head()[:7])
        self.assert_code(OK, "wait", "docs", "--timeout", "60s")
        self.assert_tags("docs", "5")

    def test_10_rollback(self):
        self.assertIn("99", self.assert_code(ERROR, "rollback", "docs", "--to", 99).err)
        failed = [r for r in self.swelld.history("docs") if r["phase"] == "RolledBack"][0]
        self.assertIn("RolledBack", self.assert_code(ERROR, "rollback", "docs", "--to",
                                                     failed["number"]).err)
        self.assert_code(OK, "rollback", "docs", "--wait")
        self.assert_tags("docs", "3")
        ran = self.assert_code(OK, "history", "docs", "--limit", 1, "-o", "json")
        self.assertEqual([r["kind"] for r in ran.json["rollouts"]], ["rollback"])

    def test_11_automatic_sync_refuses_another_revision(self):
        ran = self.assert_code(ERROR, "sync", "docs", "--revision",
                               self.repo.git("rev-parse", "HEAD~1"))
        self.assertIn("automatic sync is on", ran.err)

    def test_12_delete_leaves_the_objects(self):
        self.assert_code(OK, "delete", "app", "docs")
        self.assert_code(ERROR, "status", "docs")
        self.assert_code(ERROR, "delete", "app", "docs")
        self.assert_tags("docs", "3")

    def test_13_no_server(self):
        self.swelld.stop()
        self.assertIn("cannot reach swelld", self.assert_code(ERROR, "status").err)
        self.swelld.start()
        self.assert_code(OK, "status")


if __name__ == "__main__":
    main()
