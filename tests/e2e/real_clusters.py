#!/usr/bin/env python3
"""The story on three real control planes: kube-apiserver, etcd and kube-controller-manager, with
tests/controlplane/kubelet.py in the kubelet's place. KUBEBUILDER_ASSETS names the binaries; without
it tests/controlplane/build.sh builds them."""
import json
import os
import subprocess
import sys
import tempfile
import shutil
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CONTROLPLANE = os.path.join(HERE, "..", "controlplane")
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, CONTROLPLANE)
import samples  # noqa: E402
from e2e_case import config_map_path, deployment_path, tag_of  # noqa: E402
from git_repo import GitRepo  # noqa: E402
from kube_api import MERGE_PATCH, Api  # noqa: E402
from programs import Swelld, eventually  # noqa: E402

# c1 by token, c2 by client certificate, c3 by token.
CLUSTERS = {"c1": ("c1", "canary"), "c2": ("c2-cert", "early"), "c3": ("c3", "rest")}

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
"""
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: %d}\n"


class RealClusters(unittest.TestCase):
    """Steps run in the order of their names, on what the earlier ones left."""

    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="swell-real-")
        cls.addClassCleanup(shutil.rmtree, cls.scratch, True)
        fleet = os.path.join(cls.scratch, "fleet")
        cls.up = subprocess.Popen(
            [sys.executable, os.path.join(CONTROLPLANE, "cluster.py"), "up", fleet, "-n", "3",
             "--until-eof", "--timeout", "600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.addClassCleanup(cls.end_clusters)
        line = cls.up.stdout.readline().decode()
        if not line.startswith("ready "):
            raise RuntimeError("cluster.py did not come up")
        kubeconfig = line.split()[1]
        with open(os.path.join(fleet, "state.json")) as f:
            cls.apis = {c["name"]: Api(c["server"], c["token"], c["ca_file"])
                        for c in json.load(f)["clusters"]}
        cls.repo = GitRepo(os.path.join(cls.scratch, "repo"), {
            **samples.repository_files("1.0"),
            "apps/widgets/crd.yaml": CRD, "apps/widgets/one.yaml": WIDGET % 1})
        cls.swelld = Swelld(cls.scratch)
        cls.addClassCleanup(cls.swelld.stop)
        cls.swelld.start()
        for name, (context, ring) in CLUSTERS.items():
            cls.swelld.ok("cluster", "add", name, "--kubeconfig", kubeconfig, "--context", context,
                          "--label", "ring=" + ring)

    @classmethod
    def end_clusters(cls):
        cls.up.stdin.close()  # --until-eof
        cls.up.wait(60)
        cls.up.stdout.close()

    def get(self, cluster, path):
        status, body = self.apis[cluster].call("GET", path)
        self.assertIn(status, (200, 404), body)
        return body if status == 200 else None

    def tags(self, namespace):
        found = {name: self.get(name, deployment_path(namespace)) for name in CLUSTERS}
        return {name: tag_of(d) if d else None for name, d in found.items()}

    def assert_tags(self, namespace, tag):
        self.assertEqual(self.tags(namespace), dict.fromkeys(CLUSTERS, tag))

    def apply(self):
        self.swelld.apply(samples.three_applications(self.repo.url, deadline="40s") + "---\n" +
                          samples.application("widgets", self.repo.url, "apps/widgets",
                                              deadline="40s"))

    def test_1_first_deployment(self):
        self.apply()
        head = self.repo.head()
        for name in ("web", "shop", "docs", "widgets"):
            rollout = self.swelld.wait_rollout(name, head, timeout=180)
            detail = self.swelld.rollout(name, rollout["number"])
            for cluster in (c for w in detail["waves"] for c in w["clusters"]):
                self.assertEqual(cluster["evidencePlan"], detail["plan"], cluster["name"])
            self.swelld.wait_settled(name, head)
        for name in ("web", "shop", "docs"):
            self.assert_tags(name, "1.0")
        for name, (_, ring) in CLUSTERS.items():
            data = self.get(name, config_map_path("web", "web"))["data"]
            self.assertEqual(data, {"ring": ring, "cluster": name})
            widget = self.get(name, "/apis/example.com/v1/namespaces/widgets/widgets/one")
            self.assertEqual(widget["spec"], {"size": 1})

    def test_2_nothing_to_do_is_nothing_done(self):
        """The server's defaults are no difference: no object is written."""
        def versions():
            return {(c, n): self.get(c, deployment_path(n))["metadata"]["resourceVersion"]
                    for c in CLUSTERS for n in ("web", "shop", "docs")}
        before = versions()
        for name in ("web", "shop", "docs", "widgets"):
            ran = self.swelld.run("diff", name, "--exit-code")
            self.assertEqual(ran.code, 0, str(ran))
            ran = self.swelld.ok("sync", name, "--wait")
            self.assertEqual(len(self.swelld.history(name)), 1, str(ran))
        self.assertEqual(versions(), before)

    def test_3_good_commit(self):
        commit = self.repo.commit("Good", {
            **samples.repository_files("2.0"), "apps/widgets/one.yaml": WIDGET % 2},
            remove=["apps/docs/extra.yaml"])
        for name in ("web", "shop", "docs", "widgets"):
            self.swelld.wait_rollout(name, commit, timeout=120)
        for name in ("web", "shop", "docs"):
            self.assert_tags(name, "2.0")
        for name in CLUSTERS:
            self.assertIsNone(self.get(name, config_map_path("docs", "extra")), "not pruned")
            widget = self.get(name, "/apis/example.com/v1/namespaces/widgets/widgets/one")
            self.assertEqual(widget["spec"], {"size": 2})

    def test_4_drift_is_healed(self):
        status, body = self.apis["c2"].call("PATCH", deployment_path("docs"),
                                            {"spec": {"replicas": 5}}, MERGE_PATCH)
        self.assertEqual(status, 200, body)
        eventually(lambda: self.get("c2", deployment_path("docs"))["spec"]["replicas"] == 2,
                   lambda: self.swelld.describe("docs"), 60, 0.3)
        heal = self.swelld.history("docs")[0]
        self.assertEqual(heal["kind"], "heal")

    def test_5_broken_commit_goes_back(self):
        commit = self.repo.commit("Broken", samples.chart("3.0-broken"))
        rollout = self.swelld.wait_rollout("web", commit, "RolledBack", timeout=150)
        self.assertIn("ImagePullBackOff", rollout["message"])
        self.assert_tags("web", "2.0")
        detail = self.swelld.rollout("web", rollout["number"])
        phases = {c["name"]: c["phase"] for w in detail["waves"] for c in w["clusters"]}
        self.assertEqual(phases, {"c1": "RolledBack", "c2": "Skipped", "c3": "Skipped"})

    def test_6_rollback_and_on(self):
        self.swelld.ok("rollback", "docs", "--to", "1", "--wait", timeout=180)
        self.assert_tags("docs", "1.0")
        for name in CLUSTERS:
            self.assertIsNotNone(self.get(name, config_map_path("docs", "extra")), "not back")
        commit = self.repo.commit("Next", samples.repository_files("4.0"))
        for name in ("web", "shop", "docs"):
            self.swelld.wait_rollout(name, commit, timeout=150)
            self.assert_tags(name, "4.0")


if __name__ == "__main__":
    unittest.main(verbosity=2)
