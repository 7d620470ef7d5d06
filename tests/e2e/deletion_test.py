#!/usr/bin/env python3
"""What is deleted and what is not: hooks around syncs and deletions, pruning, objects of others,
and whole applications with their objects; killed in the middle, and held by finalizers."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, main  # noqa: E402
from programs import eventually  # noqa: E402

JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: %(name)s
  annotations: {argocd.argoproj.io/hook: %(hook)s%(more)s}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "registry.example.com/%(name)s:%(tag)s"}]
"""


def hook(name, phase, tag="1", more=""):
    return JOB % {"name": name, "hook": phase, "tag": tag, "more": more}


def job_path(namespace, name):
    return "/apis/batch/v1/namespaces/%s/jobs/%s" % (namespace, name)


def with_annotation(manifest, key, value):
    return manifest.replace("metadata: {name:", 'metadata: {annotations: {"%s": "%s"}, name:' %
                            (key, value))


class Deletion(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,early=0,rest=1"

    def setUp(self):
        self.addCleanup(lambda: [self.fleet[c].heal() for c in self.fleet.names])

    def declare(self, name, files, **options):
        """An application with a repository of its own, deployed."""
        repo = self.new_repo("repo-" + name, {"apps/%s/%s" % (name, f): t for f, t in files.items()})
        document = samples.application(name, repo.url, "apps/" + name, **options)
        self.swelld.apply(document)
        self.swelld.wait_settled(name, repo.head())
        return repo, document

    def change(self, repo, name, files=None, remove=()):
        return repo.commit("change", {"apps/%s/%s" % (name, f): t for f, t in (files or {}).items()},
                           ["apps/%s/%s" % (name, f) for f in remove])

    def assert_gone(self, path):
        self.assertEqual(set(self.on_every_cluster(path).values()), {None}, path)

    def assert_there(self, path):
        self.assertNotIn(None, self.on_every_cluster(path).values(), path)

    def wait_gone(self, application):
        eventually(lambda: self.swelld.run("status", application).code == 1,
                   lambda: self.swelld.describe(application))

    def hold(self, cluster, path, finalizer="example.com/hold"):
        self.fleet[cluster].merge(path, {"metadata": {"finalizers": [finalizer]}})

    def release(self, cluster, path):
        self.fleet[cluster].merge(path, {"metadata": {"finalizers": None}})

    # --- hooks ---

    def test_1_sync_fail_runs_when_a_sync_fails(self):
        repo, _ = self.declare("hooked", {"map.yaml": samples.config_map("one"),
                                          "tell.yaml": hook("tell", "SyncFail")})
        self.assert_gone(job_path("hooked", "tell"))
        commit = self.change(repo, "hooked", {"migrate.yaml": hook("migrate", "PreSync", "fail")})
        rollout = self.swelld.wait_rollout("hooked", commit, "RolledBack")
        self.assertIn("run hook batch/Job hooked/migrate: the hook failed", rollout["message"])
        canary = self.fleet.names[0]
        told = self.fleet[canary].get(job_path("hooked", "tell"))
        self.assertEqual(told["status"]["succeeded"], 1)
        # The cluster that was never reached has nothing to tell of.
        self.assertIsNone(self.fleet[self.fleet.names[1]].get(job_path("hooked", "tell")))

    # --- pruning ---

    def test_2_pruning_asks_and_keeps(self):
        kept = with_annotation(samples.config_map("kept"), "swell.dev/prune", "false")
        asks = with_annotation(samples.config_map("asks"),
                               "argocd.argoproj.io/sync-options", "Prune=confirm")
        repo, _ = self.declare("pruned", {"stays.yaml": samples.config_map("stays"),
                                          "goes.yaml": samples.config_map("goes"),
                                          "kept.yaml": kept, "asks.yaml": asks})
        commit = self.change(repo, "pruned", remove=["goes.yaml", "kept.yaml", "asks.yaml"])
        self.swelld.wait_rollout("pruned", commit)
        self.assert_gone(config_map_path("pruned", "goes"))
        self.assert_there(config_map_path("pruned", "kept"))
        self.assert_there(config_map_path("pruned", "asks"))
        status = self.swelld.wait_status("pruned", lambda s: "--confirm-prune" in s["hold"], "asked")
        self.assertEqual(status["sync"], "OutOfSync")
        said = self.swelld.ok("diff", "pruned").out
        self.assertIn("ConfigMap pruned/kept is no longer declared but kept: swell.dev/prune: false",
                      said)
        self.swelld.ok("sync", "pruned", "--confirm-prune", "--wait")
        self.assert_gone(config_map_path("pruned", "asks"))
        self.assert_there(config_map_path("pruned", "kept"))
        self.swelld.wait_settled("pruned", commit)

    def test_2_what_lingers_is_told(self):
        repo, _ = self.declare("lingers", {"stays.yaml": samples.config_map("stays"),
                                           "goes.yaml": samples.config_map("goes")})
        path, canary = config_map_path("lingers", "goes"), self.fleet.names[0]
        self.hold(canary, path)
        commit = self.change(repo, "lingers", remove=["goes.yaml"])
        self.swelld.wait_rollout("lingers", commit)  # nothing waits for it
        self.assertIn("finalizers hold it: example.com/hold", self.swelld.ok("diff", "lingers").out)
        self.release(canary, path)
        self.assert_gone(path)
        eventually(lambda: "example.com/hold" not in self.swelld.ok("diff", "lingers").out, "told on")

    # --- whose object it is ---

    def test_3_objects_of_others(self):
        repo, _ = self.declare("mine", {"map.yaml": samples.config_map("mine")})
        for cluster in self.fleet.names:
            for name, metadata in (
                    ("helms", {"annotations": {"meta.helm.sh/release-name": "web"}}),
                    ("forged", {"annotations": {"swell.dev/owner": "mine"}})):
                self.fleet[cluster].create("/api/v1/namespaces/mine/configmaps", {
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": dict(metadata, name=name)})
        # Another tool's: not touched before the application says that it may.
        self.change(repo, "mine", {"helms.yaml": samples.config_map("helms", "swells")})
        status = self.swelld.wait_status("mine", lambda s: "managed by Helm" in s["error"], "conflict")
        self.assertIn("spec.sync.adopt: [helm]", status["error"])
        self.assertNotIn("data", self.fleet["c01"].get(config_map_path("mine", "helms")))
        self.swelld.apply(samples.application("mine", repo.url, "apps/mine").replace(
            "sync: {", "sync: {adopt: [helm], "))
        self.swelld.wait_settled("mine", repo.head())
        self.assertEqual(self.fleet["c01"].get(config_map_path("mine", "helms"))["data"],
                         {"text": "swells"})
        # What says that it is this application's, and is not: never pruned, never deleted.
        self.assert_there(config_map_path("mine", "forged"))
        self.swelld.ok("app", "delete", "mine", "--cascade", "--yes", "--wait")
        self.assert_gone(config_map_path("mine", "helms"))
        self.assert_there(config_map_path("mine", "forged"))

    def test_4_two_applications_and_one_object(self):
        self.declare("first", {"map.yaml": samples.config_map("shared")}, namespace="shared")
        repo = self.new_repo("repo-second", {"apps/second/map.yaml": samples.config_map("shared")})
        self.swelld.apply(samples.application("second", repo.url, "apps/second", namespace="shared"))
        status = self.swelld.wait_status("second", lambda s: s["error"], "conflict")
        self.assertIn('ConfigMap shared/shared belongs to application "first"', status["error"])
        # Once its owner is gone, the object is there to be taken.
        self.swelld.ok("app", "delete", "first", "--orphan")
        self.swelld.wait_settled("second", repo.head())
        self.assertEqual(self.fleet["c01"].get(config_map_path("shared", "shared"))["metadata"]
                         ["annotations"]["swell.dev/owner"], "second")
        self.swelld.ok("app", "delete", "second", "--cascade", "--yes", "--wait")
        self.assert_gone(config_map_path("shared", "shared"))

    # --- whole applications ---

    def files_of(self, name):
        return {"space.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n" % name,
                "app.yaml": samples.deployment(name, "1"), "map.yaml": samples.config_map("map"),
                "keep.yaml": with_annotation(samples.config_map("keep"), "helm.sh/resource-policy",
                                             "keep"),
                "before.yaml": hook("before", "PreDelete"), "after.yaml": hook("after", "PostDelete")}

    def test_5_a_cascade_is_shown_asked_for_and_done(self):
        self.declare("whole", self.files_of("whole"))
        self.assert_gone(job_path("whole", "before"))  # no part of a sync
        shown = self.swelld.ok("app", "delete", "whole", "--cascade", "--dry-run").out
        self.assertIn("whole goes, with 4 objects in 2 clusters", shown)
        for line in ("run hook batch/Job whole/before", "delete   apps/Deployment whole/whole",
                     "run hook batch/Job whole/after",
                     "Namespace whole stays: ConfigMap whole/keep stays in it",
                     "ConfigMap whole/keep stays: helm.sh/resource-policy: keep"):
            self.assertIn(line, shown)
        ran = self.swelld.run("app", "delete", "whole", "--cascade")  # nobody to ask
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("--yes", ran.err)
        self.assert_tags("whole", "1")
        ran = self.swelld.ok("app", "delete", "whole", "--cascade", "--yes", "--wait")
        self.assertIn("application/whole deleted", ran.out)
        self.assert_there(config_map_path("whole", "keep"))
        for path in (deployment_path("whole"), config_map_path("whole", "map"),
                     job_path("whole", "before"), job_path("whole", "after")):
            self.assert_gone(path)
        types = [(e["type"], e["cluster"]) for e in self.swelld.events("whole")]
        for expected in (("ObjectsKept", "c01"), ("ClusterCleared", "c02"),
                         ("ApplicationDeleted", "")):
            self.assertIn(expected, types)
        # A name that comes back begins anew.
        self.assertEqual(self.swelld.run("status", "whole").code, 1)

    def test_6_a_failed_pre_delete_hook_blocks(self):
        repo, _ = self.declare("blocked", {"map.yaml": samples.config_map("map"),
                                           "before.yaml": hook("before", "PreDelete", "fail")})
        ran = self.swelld.run("app", "delete", "blocked", "--cascade", "--yes", "--wait")
        self.assertEqual(ran.code, 3, str(ran))
        self.assert_there(config_map_path("blocked", "map"))
        status = self.swelld.status("blocked")
        self.assertIn("run hook batch/Job blocked/before: the hook failed", status["hold"])
        self.assertIn("swell app delete blocked --cascade", status["hold"])
        # It is left alone: neither deleted nor put back by itself.
        number = len(self.swelld.history("blocked"))
        time.sleep(4)
        self.assertEqual(len(self.swelld.history("blocked")), number)
        # A sync by hand puts it back.
        self.change(repo, "blocked", {"before.yaml": hook("before", "PreDelete", "ok")})
        self.swelld.ok("sync", "blocked", "--wait")
        self.swelld.ok("app", "delete", "blocked", "--cascade", "--yes", "--wait")
        self.assert_gone(config_map_path("blocked", "map"))

    def test_7_a_finalizer_holds_and_the_deletion_goes_on(self):
        files = {"map.yaml": samples.config_map("map"), "other.yaml": samples.config_map("other"),
                 "before.yaml": hook("before", "PreDelete")}
        self.declare("held", files, deadline="5s")
        path, canary = config_map_path("held", "map"), self.fleet.names[0]
        self.hold(canary, path)
        ran = self.swelld.run("app", "delete", "held", "--cascade", "--yes", "--wait")
        self.assertEqual(ran.code, 3, str(ran))
        hold = self.swelld.status("held")["hold"]
        self.assertIn("finalizers hold it: example.com/hold", hold)
        self.assertIn("kubectl patch configmap map -n held", hold)
        self.assertIsNotNone(self.fleet[self.fleet.names[1]].get(path), "the next wave did not begin")
        before = [e for e in self.swelld.events("held") if e["type"] == "RolloutCreated"]
        self.release(canary, path)
        # The hook has run there: it needs what is gone now, and does not run again.
        jobs = self.fleet[canary].stats()["writes"]
        self.swelld.ok("app", "delete", "held", "--cascade", "--yes", "--wait")
        self.assert_gone(path)
        created = [e for e in self.swelld.events("held") if e["type"] == "RolloutCreated"]
        self.assertEqual(len(created), len(before) + 1)
        self.assertLess(self.fleet[canary].stats()["writes"] - jobs, 3)

    def test_7_a_namespace_that_is_held_says_by_what(self):
        self.declare("spaced", {"space.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: spaced}\n",
                                "map.yaml": samples.config_map("map")}, deadline="4s")
        canary = self.fleet.names[0]
        self.fleet[canary].create("/api/v1/namespaces/spaced/configmaps", {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "stranger", "finalizers": ["example.com/x"]}})
        ran = self.swelld.run("app", "delete", "spaced", "--cascade", "--yes", "--wait")
        self.assertEqual(ran.code, 3, str(ran))
        hold = self.swelld.status("spaced")["hold"]
        self.assertIn("Namespace spaced has been terminating", hold)
        self.assertIn("example.com/x in 1 resource instances", hold)
        self.assertIn("with finalizers: configmaps/stranger", hold)
        self.release(canary, config_map_path("spaced", "stranger"))
        self.swelld.ok("app", "delete", "spaced", "--cascade", "--yes", "--wait")
        self.assert_gone("/api/v1/namespaces/spaced")

    def test_8_killed_in_the_middle(self):
        self.declare("killed", {"app.yaml": samples.deployment("killed", "1"),
                                "map.yaml": samples.config_map("map"),
                                "before.yaml": hook("before", "PreDelete"),
                                "after.yaml": hook("after", "PostDelete")})
        canary = self.fleet.names[0]
        # The deployment goes, and the answer to the next deletion never comes.
        self.fleet[canary].fault(rules=[{"match": {"method": "DELETE", "path": "configmaps"},
                                         "delayMs": 60000}])
        self.swelld.ok("app", "delete", "killed", "--cascade", "--yes")
        eventually(lambda: self.fleet[canary].fault_hits() > 0, "a deletion on its way")
        self.assertIsNone(self.fleet[canary].get(deployment_path("killed")))
        self.swelld.kill()
        self.fleet[canary].heal()
        # The hook's needs are gone: if it ran again it would fail, as this one does.
        self.fleet[canary].fault(rules=[{"match": {"method": "PATCH", "path": "jobs/before"},
                                         "status": 500}])
        self.swelld.start()
        self.wait_gone("killed")
        self.assertIn("resuming a rollout", self.swelld.process.log())
        for path in (deployment_path("killed"), config_map_path("killed", "map"),
                     job_path("killed", "before"), job_path("killed", "after")):
            self.assert_gone(path)
        created = [e for e in self.swelld.events("killed") if e["type"] == "RolloutCreated"]
        self.assertEqual(len(created), 2)  # the deployment and one deletion

    def test_8_a_cluster_that_is_away_keeps_the_application(self):
        self.declare("away", {"map.yaml": samples.config_map("map")})
        lost = self.fleet.names[1]
        self.fleet[lost].fault(down=True)
        ran = self.swelld.run("app", "delete", "away", "--cascade", "--yes", "--wait")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("so nothing is deleted", ran.err)
        self.assertIn(lost, ran.err)
        self.assertIsNotNone(self.fleet[self.fleet.names[0]].get(config_map_path("away", "map")))
        self.swelld.ok("app", "delete", "away", "--orphan")
        self.fleet[lost].heal()
        self.assert_there(config_map_path("away", "map"))

    def test_9_what_the_application_says(self):
        repo, document = self.declare("policy", {"map.yaml": samples.config_map("map")})
        self.swelld.apply(document.replace("spec:\n", "spec:\n  deletion: refuse\n", 1))
        for flag in ("--cascade", "--orphan"):
            ran = self.swelld.run("app", "delete", "policy", flag, "--yes")
            self.assertEqual(ran.code, 1)
            self.assertIn("spec.deletion of policy is refuse", ran.err)
        self.swelld.apply(document.replace("spec:\n", "spec:\n  deletion: cascade\n", 1))
        self.swelld.wait_settled("policy", repo.head())
        self.swelld.ok("delete", "app", "policy", "--yes", "--wait")
        self.assert_gone(config_map_path("policy", "map"))

    def test_99_a_cluster_that_holds_objects(self):
        self.declare("last", {"map.yaml": samples.config_map("map")})
        ran = self.swelld.run("delete", "cluster", self.fleet.names[1])
        self.assertEqual(ran.code, 1)
        self.assertIn("objects of ", ran.err)
        self.swelld.ok("delete", "cluster", self.fleet.names[1], "--orphan")
        self.assertIsNotNone(self.fleet[self.fleet.names[1]].get(config_map_path("last", "map")))


if __name__ == "__main__":
    main()
