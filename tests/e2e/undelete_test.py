#!/usr/bin/env python3
"""What a rollout deletes can be brought back: pruned objects, whole applications, kinds with their
objects; never over an object that is there."""
import base64
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, main  # noqa: E402
from programs import eventually  # noqa: E402

SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: "%s"}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  volumeName: pv-1
  resources: {requests: {storage: 1Gi}}
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
WIDGET = """\
apiVersion: example.com/v1
kind: Widget
metadata: {name: one}
spec: {size: 3}
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n"


class Undelete(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,early=0,rest=1"

    def setUp(self):
        self.addCleanup(lambda: [self.fleet[c].heal() for c in self.fleet.names])

    def declare(self, name, files, **options):
        repo = self.new_repo("repo-" + name, {"apps/%s/%s" % (name, f): t for f, t in files.items()})
        # What is pruned here is most of what there is.
        options.setdefault("sync", "deletionBudget: {percent: 100, objects: 1000}")
        self.swelld.apply(samples.application(name, repo.url, "apps/" + name, **options))
        self.swelld.wait_settled(name, repo.head())
        return repo

    def remove(self, repo, name, files):
        commit = repo.commit("remove", {}, ["apps/%s/%s" % (name, f) for f in files])
        self.swelld.wait_rollout(name, commit)
        self.swelld.wait_settled(name, commit)
        return commit

    def there(self, path):
        return {c for c, o in self.on_every_cluster(path).items() if o}

    def deleted(self, name):
        return self.swelld.ok("deleted", name, "-o", "json").json.get("objects", [])

    def undelete(self, *arguments, code=0):
        ran = self.swelld.run("undelete", *arguments, "--reason", "needed after all", "-o", "json")
        self.assertEqual(ran.code, code, str(ran))
        return {(o["cluster"], o["object"]["kind"], o["object"]["name"]): o
                for o in ran.json["objects"]}

    def test_1_what_was_pruned_comes_back_and_stays(self):
        repo = self.declare("pruned", {"stays.yaml": samples.config_map("stays"),
                                       "app.yaml": samples.deployment("pruned", "1"),
                                       "goes.yaml": samples.config_map("goes", "worth a lot")})
        # As it was last, not as it was declared.
        self.fleet["c02"].merge(config_map_path("pruned", "goes"), {"data": {"more": "by hand"}})
        commit = self.remove(repo, "pruned", ["goes.yaml", "app.yaml"])
        self.assertEqual(self.there(config_map_path("pruned", "goes")), set())
        listed = self.deleted("pruned")
        self.assertEqual(sorted((o["cluster"], o["object"]["kind"]) for o in listed),
                         [("c01", "ConfigMap"), ("c01", "Deployment"),
                          ("c02", "ConfigMap"), ("c02", "Deployment")])
        self.assertEqual({o["why"] for o in listed}, {"no longer declared"})
        self.assertIn("ConfigMap pruned/goes", self.swelld.ok("deleted").out)
        ran = self.swelld.run("undelete", "pruned", "ConfigMap/goes")
        self.assertIn("--reason", ran.err)
        shown = self.swelld.ok("undelete", "pruned", "configmap/goes", "--dry-run").out
        self.assertIn("would-restore", shown)
        self.assertIn("declare it again in Git", shown)
        self.assertEqual(self.there(config_map_path("pruned", "goes")), set())
        done = self.undelete("pruned", "ConfigMap/goes")
        self.assertEqual({o["outcome"] for o in done.values()}, {"restored"})
        self.assertEqual(set(done), {("c01", "ConfigMap", "goes"), ("c02", "ConfigMap", "goes")})
        back = self.fleet["c02"].get(config_map_path("pruned", "goes"))
        self.assertEqual(back["data"], {"text": "worth a lot", "more": "by hand"})
        self.assertNotIn("swell.dev/owner", back["metadata"].get("annotations", {}))
        events = [(e["cluster"], e["message"]) for e in self.swelld.events("pruned")
                  if e["type"] == "ObjectRestored"]
        self.assertEqual([c for c, _ in events], ["c01", "c02"])
        self.assertIn("not managed: declare it again in Git", events[0][1])
        # The next syncs let it be.
        commit = repo.commit("more", {"apps/pruned/other.yaml": samples.config_map("other")})
        self.swelld.wait_rollout("pruned", commit)
        self.swelld.ok("sync", "pruned", "--wait")
        self.assertEqual(self.there(config_map_path("pruned", "goes")), {"c01", "c02"})
        # Declared again, it is the application's.
        commit = repo.commit("again", {"apps/pruned/goes.yaml": samples.config_map("goes", "new")})
        self.swelld.wait_rollout("pruned", commit)
        self.assertEqual(self.fleet["c01"].get(config_map_path("pruned", "goes"))["metadata"]
                         ["annotations"]["swell.dev/owner"], "pruned")
        self.remove(repo, "pruned", ["goes.yaml"])
        self.assertEqual(self.there(config_map_path("pruned", "goes")), set())

    def test_2_what_is_there_is_left_as_it_is(self):
        repo = self.declare("taken", {"stays.yaml": samples.config_map("stays"),
                                      "goes.yaml": samples.config_map("goes", "old")})
        self.remove(repo, "taken", ["goes.yaml"])
        self.fleet["c01"].create("/api/v1/namespaces/taken/configmaps", {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "goes"},
            "data": {"text": "another"}})
        done = self.undelete("taken", "--since", "1h")
        self.assertEqual(done[("c01", "ConfigMap", "goes")]["outcome"], "there")
        self.assertEqual(done[("c02", "ConfigMap", "goes")]["outcome"], "restored")
        self.assertEqual(self.fleet["c01"].get(config_map_path("taken", "goes"))["data"],
                         {"text": "another"})
        self.assertEqual(len(self.deleted("taken")), 1)  # what is back is not kept any more

    def test_3_one_cluster_one_rollout(self):
        repo = self.declare("chosen", {"stays.yaml": samples.config_map("stays"),
                                       "a.yaml": samples.config_map("a"),
                                       "b.yaml": samples.config_map("b")})
        self.remove(repo, "chosen", ["a.yaml"])
        first = self.deleted("chosen")[0]["number"]
        self.remove(repo, "chosen", ["b.yaml"])
        # Without more words: what the last one deleted.
        done = self.undelete("chosen", "--dry-run")
        self.assertEqual({name for _, _, name in done}, {"b"})
        done = self.undelete("chosen", "--rollout", first, "--cluster", "c02")
        self.assertEqual(set(done), {("c02", "ConfigMap", "a")})
        self.assertEqual(self.there(config_map_path("chosen", "a")), {"c02"})
        ran = self.swelld.run("undelete", "chosen", "Secret/none", "--reason", "x")
        self.assertEqual(ran.code, 1)
        self.assertIn("swell deleted chosen", ran.err)

    def test_4_an_application_that_is_gone(self):
        files = {"space.yaml": NAMESPACE % "gone", "app.yaml": samples.deployment("gone", "1"),
                 "map.yaml": samples.config_map("map"), "service.yaml": samples.service("gone"),
                 "secret.yaml": SECRET % "hunter2", "claim.yaml": CLAIM,
                 "crd.yaml": DEFINITION, "widget.yaml": WIDGET}
        repo = self.declare("gone", files)
        self.swelld.ok("app", "delete", "gone", "--cascade", "--confirm", "--yes", "--wait")
        self.assertEqual(self.there("/api/v1/namespaces/gone"), set())
        widget = "/apis/example.com/v1/namespaces/gone/widgets/one"
        self.assertEqual(self.there(widget), set())
        self.assertEqual({o["why"] for o in self.deleted("gone")}, {"its application was deleted"})
        done = self.undelete("gone")
        self.assertEqual({o["outcome"] for o in done.values()}, {"restored"}, done)
        self.assertEqual(len(done), 2 * len(files))
        for path in (deployment_path("gone"), config_map_path("gone", "map"), widget,
                     "/api/v1/namespaces/gone/services/gone"):
            self.assertEqual(self.there(path), {"c01", "c02"}, path)
        secret = self.fleet["c01"].get("/api/v1/namespaces/gone/secrets/login")
        self.assertEqual(base64.b64decode(secret["data"]["password"]), b"hunter2")
        claim = self.fleet["c01"].get("/api/v1/namespaces/gone/persistentvolumeclaims/data")
        self.assertNotEqual(claim["spec"].get("volumeName"), "pv-1")  # bound anew, if at all
        self.assertIn("PersistentVolume pv-1",
                      done[("c01", "PersistentVolumeClaim", "data")]["message"])
        # Declared anew, the application takes its objects over. Not the claim: it asks for a volume,
        # has another one by now, and that never changes.
        repo.commit("Without the claim", {}, ["apps/gone/claim.yaml"])
        self.swelld.apply(samples.application("gone", repo.url, "apps/gone"))
        self.swelld.wait_settled("gone", repo.head())
        self.assertEqual(self.fleet["c01"].get(config_map_path("gone", "map"))["metadata"]
                         ["annotations"]["swell.dev/owner"], "gone")

    def test_5_what_is_declared_is_managed_again(self):
        """Deleted by a rollback's way back, or lost while self-heal is off."""
        repo = self.declare("managed", {"stays.yaml": samples.config_map("stays"),
                                        "goes.yaml": samples.config_map("goes")}, heal=False)
        self.remove(repo, "managed", ["goes.yaml"])
        commit = repo.commit("again", {"apps/managed/goes.yaml": samples.config_map("goes")})
        self.swelld.wait_rollout("managed", commit)
        self.swelld.wait_settled("managed", commit)
        for cluster in self.fleet.names:
            self.fleet[cluster].delete(config_map_path("managed", "goes"))
        done = self.undelete("managed", "ConfigMap/goes")
        self.assertEqual({(o["outcome"], o["managed"]) for o in done.values()}, {("restored", True)})
        self.assertEqual(self.fleet["c01"].get(config_map_path("managed", "goes"))["metadata"]
                         ["annotations"]["swell.dev/owner"], "managed")
        self.swelld.wait_settled("managed", commit)
        self.remove(repo, "managed", ["goes.yaml"])
        self.assertEqual(self.there(config_map_path("managed", "goes")), set())

    def test_6_what_fails_is_told(self):
        repo = self.declare("refused", {"stays.yaml": samples.config_map("stays"),
                                        "goes.yaml": samples.config_map("goes")})
        self.remove(repo, "refused", ["goes.yaml"])
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": "configmaps/goes"},
                                        "status": 422, "message": "not today"}])
        done = self.undelete("refused", code=1)
        self.assertEqual(done[("c01", "ConfigMap", "goes")]["outcome"], "failed")
        self.assertIn("not today", done[("c01", "ConfigMap", "goes")]["message"])
        self.assertEqual(done[("c02", "ConfigMap", "goes")]["outcome"], "restored")
        self.fleet["c01"].heal()
        done = self.undelete("refused")  # it is still kept
        self.assertEqual(set(done), {("c01", "ConfigMap", "goes")})
        self.assertEqual(self.there(config_map_path("refused", "goes")), {"c01", "c02"})

    def test_7_what_a_failed_rollout_brought_is_kept(self):
        repo = self.declare("brought", {"app.yaml": samples.deployment("brought", "1")},
                            deadline="3s")
        commit = repo.commit("worse", {
            "apps/brought/app.yaml": samples.deployment("brought", "2-broken"),
            "apps/brought/data.yaml": samples.config_map("data", "made since")})
        self.swelld.wait_rollout("brought", commit, phase="RolledBack")
        self.assertEqual(self.there(config_map_path("brought", "data")), set())
        self.assertEqual([(o["cluster"], o["object"]["name"], o["why"])
                          for o in self.deleted("brought")],
                         [("c01", "data", "brought by a rollout that failed")])
        self.undelete("brought")
        self.assertEqual(self.there(config_map_path("brought", "data")), {"c01"})

    def test_7_secrets_are_kept_encrypted(self):
        value = "hunter2-%d" % os.getpid()
        repo = self.declare("sealed", {"stays.yaml": samples.config_map("stays"),
                                       "secret.yaml": SECRET % value})
        self.remove(repo, "sealed", ["secret.yaml"])
        self.swelld.stop()
        for path in glob.glob(os.path.join(self.swelld.data, "swell.db*")):
            with open(path, "rb") as f:
                content = f.read()
            for text in (value.encode(), base64.b64encode(value.encode())):
                self.assertNotIn(text, content, path)
        self.swelld.start()
        self.assertNotIn(value, self.swelld.ok("deleted", "sealed", "-o", "json").out)
        self.undelete("sealed")
        eventually(lambda: self.fleet["c02"].get("/api/v1/namespaces/sealed/secrets/login"), "back")


if __name__ == "__main__":
    main()
