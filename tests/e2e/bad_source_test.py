#!/usr/bin/env python3
"""What is wrong in a repository: a clear error, the last good state kept, nothing deleted, and
recovery by itself once the cause is gone."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402


def manifests(text):
    return {"app/config.yaml": samples.config_map("config", text),
            "app/other.yaml": samples.config_map("other", "kept")}


WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n"
WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {"group": "example.com", "scope": "Namespaced",
             "names": {"plural": "widgets", "singular": "widget", "kind": "Widget",
                       "listKind": "WidgetList"},
             "versions": [{"name": "v1", "served": True, "storage": True, "schema": {
                 "openAPIV3Schema": {"type": "object",
                                     "x-kubernetes-preserve-unknown-fields": True}}}]}}


class BadSource(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,rest=1"

    def begin(self, name, **options):
        """An application that is deployed and well."""
        self.name, self.repository = name, self.new_repo(name, manifests("first"))
        self.swelld.apply(samples.application(name, self.repository.url, "app", **options))
        self.swelld.wait_settled(name, self.repository.head())
        self.assert_text("first")

    def assert_text(self, expected):
        for cluster in self.fleet.names:
            api = self.fleet[cluster]
            self.assertEqual(api.get(config_map_path(self.name, "config"))["data"]["text"],
                             expected)
            self.assertIsNotNone(api.get(config_map_path(self.name, "other")))

    def error(self, field, *words):
        """Waits until the status says why, with all of the words; the last good state is kept."""
        status = self.swelld.wait_status(self.name, lambda s: s[field], field)
        for word in words:
            self.assertIn(word, status[field])
        for cluster in status["clusters"]:
            self.assertEqual(cluster["health"]["status"], "Healthy")
        self.assertIn(status[field].split("\n")[0][:40], self.swelld.describe(self.name))
        self.assert_text("first")
        # A sync by hand fails with the same words.
        ran = self.swelld.run("sync", self.name, "--wait")
        self.assertEqual(ran.code, 1, str(ran))
        for word in words:
            self.assertIn(word, ran.err)
        return status

    def bad_commit(self, files, *words, remove=()):
        """A commit that cannot be planned."""
        before = len(self.swelld.history(self.name))
        commit = self.repository.commit("Bad", files, remove)
        status = self.error("error", *words)
        self.assertEqual(status["revision"]["commit"], commit)
        self.assertEqual(status["sourceError"], "")
        self.assertEqual(len(self.swelld.history(self.name)), before)

    def good_commit(self, files=None, remove=()):
        commit = self.repository.commit("Good", files or manifests("second"), remove)
        self.swelld.wait_rollout(self.name, commit)
        status = self.swelld.wait_settled(self.name, commit)
        self.assertEqual((status["error"], status["sourceError"]), ("", ""))
        self.assert_text("second")

    # --- the repository and its refs ---

    def test_repository_is_gone(self):
        self.begin("gone")
        good = self.repository.head()
        os.rename(self.repository.folder, self.repository.folder + ".away")
        status = self.error("sourceError", self.repository.folder)
        self.assertEqual(status["revision"]["commit"], good)
        os.rename(self.repository.folder + ".away", self.repository.folder)
        self.good_commit()

    def test_ref_is_deleted(self):
        self.repository = None
        repo = self.new_repo("deleted", manifests("first"))
        repo.git("branch", "release")
        self.name, self.repository = "deleted", repo
        self.swelld.apply(samples.application("deleted", repo.url, "app", revision="release"))
        self.swelld.wait_settled("deleted", repo.head())
        repo.git("branch", "-D", "release")
        # Another branch moves on: it must not stand in for the one that is gone.
        repo.commit("Elsewhere", manifests("elsewhere"))
        status = self.error("sourceError", "release")
        self.assertNotEqual(status["revision"]["commit"], repo.head())
        repo.git("checkout", "--quiet", "-b", "release")
        self.good_commit()

    def test_ref_never_existed(self):
        repo = self.new_repo("never", manifests("first"))
        self.swelld.apply(samples.application("never", repo.url, "app", revision="no-such-branch"))
        status = self.swelld.wait_status("never", lambda s: s["sourceError"], "an error")
        self.assertIn("no-such-branch", status["sourceError"])
        self.assertEqual((status["sync"], status["health"]["status"]), ("Unknown", "Missing"))
        self.assertEqual(self.swelld.history("never"), [])

    def test_force_push_is_followed(self):
        self.begin("forced")
        commit = self.repository.commit("Second", manifests("second"))
        self.swelld.wait_rollout("forced", commit)
        self.repository.git("reset", "--quiet", "--hard", "HEAD~1")
        commit = self.repository.commit("Another second", manifests("rewritten"))
        self.swelld.wait_rollout("forced", commit)
        self.assert_text("rewritten")

    # --- what the files say ---

    def test_yaml_does_not_parse(self):
        self.begin("broken-yaml")
        self.bad_commit({"app/config.yaml": "apiVersion: v1\nkind: ConfigMap\n"
                                            "metadata: {name: config\ndata: {}\n"},
                        "app/config.yaml:4:")
        self.good_commit()

    def test_template_does_not_parse(self):
        name = "broken-chart"
        files = {"app/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
                 "app/templates/other.yaml": samples.config_map("other", "kept"),
                 "app/templates/config.yaml": samples.config_map("config", "first")}
        self.name, self.repository = name, self.new_repo(name, files)
        self.swelld.apply(samples.application(name, self.repository.url, "app"))
        self.swelld.wait_settled(name, self.repository.head())
        self.bad_commit({"app/templates/config.yaml": "a: b\n{{ .Values.missing.deep }}\n"},
                        "config.yaml:2:")
        self.good_commit({"app/templates/config.yaml": samples.config_map("config", "second")})

    def test_an_object_is_given_twice(self):
        self.begin("twice")
        self.bad_commit({"app/copy.yaml": samples.config_map("config", "copy")},
                        "ConfigMap", "config", "app/config.yaml", "app/copy.yaml")
        self.good_commit(manifests("second"), remove=["app/copy.yaml"])

    def test_manifest_without_kind(self):
        self.begin("kindless")
        self.bad_commit({"app/config.yaml": "# a comment\napiVersion: v1\n"
                                            "metadata: {name: config}\n"},
                        "app/config.yaml", "kind")
        self.good_commit()

    def test_kind_that_no_cluster_knows(self):
        self.begin("unknown-kind")
        self.bad_commit({"app/widget.yaml": WIDGET}, "Widget", "example.com/v1", "c01")
        # Somebody installs the definition: then it goes by itself.
        for cluster in self.fleet.names:
            self.fleet[cluster].create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                                       WIDGETS)
        self.swelld.wait_rollout("unknown-kind", self.repository.head())
        for cluster in self.fleet.names:
            widget = self.fleet[cluster].get(
                "/apis/example.com/v1/namespaces/unknown-kind/widgets/w")
            self.assertEqual(widget["spec"], {"size": 3})

    def test_object_is_too_large(self):
        self.begin("large")
        self.bad_commit({"app/config.yaml": samples.config_map("config", "x" * 1_600_000)},
                        "config", "1572864")
        self.good_commit()

    def test_nothing_is_left(self):
        self.begin("empty")
        self.bad_commit({"app/README.md": "All gone.\n"}, "app", "no objects",
                        remove=["app/config.yaml", "app/other.yaml"])
        self.good_commit()

    def test_the_folder_is_gone(self):
        self.begin("folder-gone")
        self.bad_commit({"README.md": "All gone.\n"}, "app", remove=["app"])
        self.good_commit()

    # --- what leaves the repository ---

    def test_symbolic_link_out_of_the_repository(self):
        self.begin("link")
        os.remove(os.path.join(self.repository.folder, "app/config.yaml"))
        secret = os.path.join(self.scratch, "outside.yaml")
        with open(secret, "w") as f:
            f.write(samples.config_map("outside", "read from outside"))
        self.repository.link("app/config.yaml", secret)
        self.bad_commit({}, "app/config.yaml", "outside")
        for cluster in self.fleet.names:
            self.assertIsNone(self.fleet[cluster].get(config_map_path("link", "outside")))
        os.remove(os.path.join(self.repository.folder, "app/config.yaml"))
        self.good_commit()

    def test_kustomization_that_climbs_out(self):
        name = "climb"
        files = {"app/kustomization.yaml": "resources: [config.yaml, other.yaml]\n",
                 **manifests("first")}
        self.name, self.repository = name, self.new_repo(name, files)
        self.swelld.apply(samples.application(name, self.repository.url, "app"))
        self.swelld.wait_settled(name, self.repository.head())
        with open(os.path.join(self.scratch, "outside.yaml"), "w") as f:
            f.write(samples.config_map("outside", "read from outside"))
        self.bad_commit({"app/kustomization.yaml":
                         "resources: [config.yaml, other.yaml, ../../outside.yaml]\n"},
                        "../../outside.yaml")
        self.good_commit({**manifests("second"), "app/kustomization.yaml":
                          files["app/kustomization.yaml"]})

    def test_path_that_climbs_out(self):
        repo = self.new_repo("path", manifests("first"))
        self.swelld.apply(samples.application("path", repo.url, "../outside"))
        status = self.swelld.wait_status("path", lambda s: s["error"], "an error")
        self.assertIn("../outside", status["error"])
        self.assertEqual(self.swelld.history("path"), [])
        self.swelld.apply(samples.application("path", repo.url, "app"))
        self.swelld.wait_settled("path", repo.head())

    # --- what is declared ---

    def test_documents_are_all_or_none(self):
        good = samples.application("declared", "file:///nowhere", "app")
        for bad, words in (
                (good.replace("prune:", "pruen:"), ("pruen", "standard input:")),
                (good.replace("path: 'app'", "path: 'app"), ("standard input:",)),
                (good.replace("kind: Application", "kind: Aplication"), ("Aplication",)),
                (good.replace("v1alpha1", "v9"), ("swell/v9", "swell/v1alpha1"))):
            other = good.replace("name: declared", "name: other")
            ran = self.swelld.run("apply", "-f", "-", text=other + "---\n" + bad)
            self.assertEqual(ran.code, 1, str(ran))
            for word in words:
                self.assertIn(word, ran.err)
        self.assertEqual(self.swelld.run("status", "other").code, 1)
        ran = self.swelld.run("status", "no-such-application")
        self.assertEqual((ran.code, ran.out), (1, ""))
        self.assertIn("no-such-application", ran.err)

    def test_what_is_not_supported_is_refused(self):
        ran = self.swelld.run("apply", "-f", "-", text="""\
apiVersion: swell/v1alpha1
kind: Notification
metadata: {name: later}
spec: {}
""")
        self.assertEqual(ran.code, 1)
        self.assertIn("kind Notification is not supported yet", ran.err)


if __name__ == "__main__":
    main()
