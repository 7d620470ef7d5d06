#!/usr/bin/env python3
"""What keeps changes back: windows, freezes, budgets, permissions; and what lets them pass."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from programs import Ran, eventually  # noqa: E402

WINDOW = """\
apiVersion: swell/v1alpha1
kind: ChangeWindow
metadata: {name: %s}
spec:
  window: deny
  schedule: "* * * * *"
  duration: 1h
  applications: {names: ["%s*"]}
%s"""

TEAM = """\
apiVersion: swell/v1alpha1
kind: Team
metadata: {name: platform-team}
spec: {members: [ada, bob]}
"""


def config_maps(count):
    return {"app/m%02d.yaml" % i: samples.config_map("m%02d" % i, "x") for i in range(count)}


class Gatekeeper(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,early=1,rest=1"
    FILES = samples.plain("1")

    def run_as(self, actor, *arguments):
        argv, environment = self.swelld.command(arguments)
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              env=dict(environment, SWELL_ACTOR=actor))
        return Ran(argv[1:], done.returncode, done.stdout.decode(), done.stderr.decode())

    def refused(self, why, *arguments, actor="tester"):
        ran = self.run_as(actor, *arguments)
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn(why, ran.err)

    def declare(self, name, files, **options):
        repo = self.new_repo(name, files)
        self.swelld.apply(samples.application(name, repo.url, "app", waves="", **options))
        self.swelld.wait_settled(name, repo.head())
        return repo

    def values(self, name, config_map):
        found = self.on_every_cluster(config_map_path(name, config_map))
        return {c: o and o["data"]["text"] for c, o in found.items()}

    def everywhere(self, value):
        return dict.fromkeys(self.fleet.names, value)

    def types(self, application):
        return [e["type"] for e in self.swelld.events(application)]

    def change(self, repo, name, text):
        return repo.commit(text, {"app/m00.yaml": samples.config_map(name, text)})

    # --- windows ---

    def test_1_windows_are_checked_and_shown(self):
        self.assertIn("no change windows declared", self.swelld.ok("get", "windows").out)
        bad = WINDOW % ("bad", "x", "  timeZone: Mars/Olympus\n")
        ran = self.swelld.run("apply", "-f", "-", text=bad)
        self.assertEqual(ran.code, 1)
        self.assertIn('spec.timeZone: there is no time zone "Mars/Olympus"', ran.err)
        ran = self.swelld.run("apply", "-f", "-", text=bad.replace('"* * * * *"', "0 25 * * *"))
        self.assertIn('spec.schedule: hour "25": is not between 0 and 23', ran.err)
        self.swelld.apply(WINDOW % ("nobody", "nobody", ""))
        shown = self.swelld.ok("get", "windows").out
        self.assertRegex(shown, r"nobody +deny +\* \* \* \* \* +1h +UTC +nobody\* +all +wave +waits")
        self.assertIn("kind: ChangeWindow", self.swelld.ok("get", "window", "nobody", "-o",
                                                           "yaml").out)
        self.swelld.ok("delete", "window", "nobody")
        self.assertIn("no change windows declared", self.swelld.ok("get", "windows").out)
        self.swelld.apply(TEAM)
        self.assertRegex(self.swelld.ok("get", "teams").out, r"platform-team +ada,bob")

    def test_2_a_deny_window_holds_a_commit(self):
        repo = self.declare("shop", config_maps(3))
        self.swelld.apply(WINDOW % ("black-friday", "shop", ""))
        self.change(repo, "m00", "two")
        reason = "closed by deny window black-friday"
        held = self.swelld.wait_status("shop", lambda s: reason in s["hold"], "held")
        self.assertEqual(held["sync"], "OutOfSync")
        self.assertEqual(self.values("shop", "m00"), self.everywhere("x"))
        self.assertRegex(self.swelld.describe("shop"), "Hold +" + reason)
        # By hand neither, and the answer says what would help.
        self.refused("`swell override shop --for 1h --reason …`", "sync", "shop")
        self.swelld.ok("override", "shop", "--for", "1h", "--reason", "hotfix")
        self.swelld.ok("sync", "shop", "--wait")
        self.assertEqual(self.values("shop", "m00"), self.everywhere("two"))
        types = self.types("shop")
        for expected in ("Held", "GlassBroken", "OverrideUsed"):
            self.assertIn(expected, types)
        self.assertIn("override of shop by tester until", self.swelld.describe("shop"))
        # What happens by itself waits, override or not.
        commit = self.change(repo, "m00", "three")
        self.swelld.wait_status("shop", lambda s: reason in s["hold"], "held again")
        self.swelld.ok("override", "shop", "--end")
        self.refused(reason, "sync", "shop")
        # When the window goes, the commit comes.
        self.swelld.ok("delete", "window", "black-friday")
        self.swelld.wait_settled("shop", commit)
        self.assertEqual(self.values("shop", "m00"), self.everywhere("three"))

    def test_2_windows_may_let_pass_by_hand_and_are_of_clusters(self):
        repo = self.declare("hand", config_maps(2))
        self.swelld.apply(WINDOW % ("slow", "hand", "  manual: true\n  clusters: {names: [c02]}\n"))
        self.change(repo, "m00", "two")
        self.swelld.wait_status(
            "hand", lambda s: s["hold"] == "c02: closed by deny window slow without an end", "held")
        self.swelld.ok("sync", "hand", "--wait")
        self.assertEqual(self.values("hand", "m00"), self.everywhere("two"))
        self.swelld.ok("delete", "window", "slow")

    # --- freezes ---

    def test_3_a_freeze_of_the_fleet(self):
        repo = self.declare("frozen", config_maps(2))
        self.swelld.wait_settled("frozen", self.change(repo, "m00", "one"))
        self.refused("needs a reason", "freeze", "--fleet")
        self.refused("say --fleet", "freeze", "--reason", "x")
        self.swelld.ok("freeze", "--fleet", "--reason", "incident 42")
        self.addCleanup(self.swelld.run, "unfreeze", "--fleet")  # whatever comes of this test
        commit = self.change(repo, "m00", "two")
        reason = "the fleet is frozen by tester: incident 42"
        self.swelld.wait_status("frozen", lambda s: s["hold"] == reason, "held")
        self.refused(reason, "sync", "frozen")
        self.refused(reason, "rollback", "frozen", "--to", 1)
        # It outlives the server.
        self.swelld.stop()
        self.swelld.start()
        self.assertRegex(self.swelld.ok("freezes").out,
                         r"freeze +the fleet +tester +\S+ +ended by hand +incident 42")
        self.swelld.wait_status("frozen", lambda s: s["hold"] == reason, "held")
        self.assertEqual(self.values("frozen", "m00"), self.everywhere("one"))
        self.swelld.ok("unfreeze", "--fleet")
        self.swelld.wait_settled("frozen", commit)
        self.assertIn("nothing is frozen", self.swelld.ok("freezes").out)
        self.refused("the fleet is not frozen", "unfreeze", "--fleet")

    def test_3_a_freeze_ends_by_itself_and_the_commit_comes(self):
        repo = self.declare("timed", config_maps(2), heal=False)
        self.swelld.ok("freeze", "timed", "--for", "4s", "--reason", "a short one")
        commit = self.change(repo, "m00", "two")
        held = self.swelld.wait_status("timed", lambda s: "timed is frozen" in s["hold"], "held")
        self.assertTrue(held["heldUntil"])
        # What is there already needs no write, and what is held stays held.
        self.assertIn("already in sync", self.swelld.ok("rollback", "timed", "--to", 1).out)
        self.swelld.wait_settled("timed", commit)
        types = self.types("timed")
        self.assertLess(types.index("Frozen"), types.index("Unfrozen"))

    def test_3_drift_waits_for_a_freeze_too(self):
        self.declare("drifts", config_maps(2))
        self.swelld.ok("freeze", "drifts", "--reason", "look at it first")
        self.fleet["c01"].merge(config_map_path("drifts", "m00"), {"data": {"text": "by hand"}})
        self.swelld.wait_status("drifts", lambda s: "frozen" in s["hold"], "held")
        self.assertEqual(self.values("drifts", "m00")["c01"], "by hand")
        self.swelld.ok("unfreeze", "drifts")
        eventually(lambda: self.values("drifts", "m00") == self.everywhere("x"), "healed")

    # --- deletions ---

    def test_4_the_budget_holds_a_large_prune(self):
        repo = self.declare("large", config_maps(40))
        commit = repo.commit("Remove most", {}, remove=["app/m%02d.yaml" % i
                                                        for i in range(10, 40)])
        held = self.swelld.wait_status("large", lambda s: "it would delete" in s["hold"], "held")
        self.assertIn("it would delete 90 of the 123 objects of large, in 3 clusters, more than "
                      "spec.sync.deletionBudget.objects (20): ConfigMap large/m10", held["hold"])
        self.assertIn("`swell sync large --confirm-prune`", held["hold"])
        self.refused("it would delete 90 of", "sync", "large")
        self.assertEqual(self.values("large", "m39"), self.everywhere("x"))
        self.swelld.ok("sync", "large", "--confirm-prune", "--wait")
        self.swelld.wait_settled("large", commit)
        self.assertEqual(self.values("large", "m39"), self.everywhere(None))

    def test_4_a_namespace_is_always_asked_about(self):
        files = dict(config_maps(30), **{"app/ns.yaml": "apiVersion: v1\nkind: Namespace\n"
                                                        "metadata: {name: extra}\n"})
        repo = self.declare("spaces", files,
                            sync="deletionBudget: {percent: 100, objects: 1000}")
        commit = repo.commit("Remove it", {}, remove=["app/ns.yaml"])
        held = self.swelld.wait_status("spaces", lambda s: "it would delete" in s["hold"], "held")
        self.assertIn("with all that is in it: Namespace extra", held["hold"])
        self.swelld.ok("sync", "spaces", "--confirm-prune", "--wait")
        self.swelld.wait_settled("spaces", commit)

    def test_4_a_rollback_is_counted(self):
        repo = self.declare("back", config_maps(2))
        commit = repo.commit("Many", config_maps(12))
        self.swelld.wait_settled("back", commit)
        self.refused("`swell rollback back --to 1 --confirm-prune`", "rollback", "back", "--to", 1)
        self.swelld.ok("rollback", "back", "--to", 1, "--confirm-prune", "--wait")
        self.assertEqual(self.values("back", "m11"), self.everywhere(None))

    # --- permissions ---

    def test_5_permissions(self):
        repo = self.new_repo("guarded", config_maps(2))
        document = samples.application("guarded", repo.url, "app", waves="", auto=False, heal=False)
        self.swelld.apply(TEAM)
        self.swelld.apply(document + "  permissions: {sync: [platform-team], rollback: [zed], "
                                     "override: [zed], delete: [zed]}\n")
        self.swelld.wait_status("guarded", lambda s: s["hold"], "held")
        self.refused("mallory may not sync, pause, resume, cancel or freeze guarded: its "
                     "spec.permissions.sync names platform-team", "sync", "guarded",
                     actor="mallory")
        self.assertEqual(self.run_as("bob", "sync", "guarded", "--wait").code, 0)
        self.refused("bob may not roll back guarded", "rollback", "guarded", actor="bob")
        self.refused("mallory may not", "freeze", "guarded", "--reason", "x", actor="mallory")
        self.refused("bob may not break the glass", "override", "guarded", "--for", "1h",
                     "--reason", "x", actor="bob")
        self.refused("bob may not delete", "delete", "app", "guarded", "--orphan", actor="bob")
        self.assertEqual(self.run_as("zed", "delete", "app", "guarded", "--orphan").code, 0)


if __name__ == "__main__":
    main()
