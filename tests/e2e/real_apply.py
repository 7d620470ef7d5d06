#!/usr/bin/env python3
"""Whose fields and objects an apply takes, and what it makes of refusals, on a real control plane:
what the simulated clusters of bad_apply_test.py only imitate. See real_clusters.py."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CONTROLPLANE = os.path.join(HERE, "..", "controlplane")
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, CONTROLPLANE)
import samples  # noqa: E402
from e2e_case import config_map_path, deployment_path  # noqa: E402
from git_repo import GitRepo  # noqa: E402
from kube_api import MERGE_PATCH, Api  # noqa: E402
from programs import Swelld  # noqa: E402

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate%(annotations)s}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - {name: main, image: "registry.example.com/migrate:%(tag)s", env: [{name: TOKEN, value: %(token)s}]}
"""


def job(tag, annotations="", token="hunter2"):
    return JOB % {"tag": tag, "token": token,
                  "annotations": annotations and ", annotations: {%s}" % annotations}


class RealApply(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="swell-real-apply-")
        cls.addClassCleanup(shutil.rmtree, cls.scratch, True)
        fleet = os.path.join(cls.scratch, "fleet")
        cls.up = subprocess.Popen(
            [sys.executable, os.path.join(CONTROLPLANE, "cluster.py"), "up", fleet, "-n", "1",
             "--until-eof", "--timeout", "600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.addClassCleanup(cls.end_clusters)
        line = cls.up.stdout.readline().decode()
        if not line.startswith("ready "):
            raise RuntimeError("cluster.py did not come up")
        with open(os.path.join(fleet, "state.json")) as f:
            cluster = json.load(f)["clusters"][0]
        cls.api = Api(cluster["server"], cluster["token"], cluster["ca_file"])
        cls.swelld = Swelld(cls.scratch)
        cls.addClassCleanup(cls.swelld.stop)
        cls.swelld.start()
        cls.swelld.ok("cluster", "add", "c1", "--kubeconfig", line.split()[1], "--context",
                      cluster["name"], "--label", "ring=canary")

    @classmethod
    def end_clusters(cls):
        cls.up.stdin.close()  # --until-eof
        cls.up.wait(60)
        cls.up.stdout.close()

    # --- as in bad_apply_test.py ---

    def declare(self, **options):
        self.swelld.apply(samples.application(
            self.name, self.repository.url, "app", waves="    waves: [{name: all}]\n",
            deadline="40s", **options))

    def begin(self, name, files=None, **options):
        self.name = name
        files = files or {"config.yaml": samples.config_map("config", "first")}
        self.repository = GitRepo(os.path.join(self.scratch, name),
                                  {"app/" + path: text for path, text in files.items()})
        self.declare(**options)
        self.swelld.wait_rollout(name, self.repository.head(), timeout=90)

    def commit(self, files):
        return self.repository.commit("Change",
                                      {"app/" + path: text for path, text in files.items()})

    def failed(self, commit):
        rollout = self.swelld.wait_status(
            self.name, lambda s: s["rollout"]["finished"] and
            s["rollout"]["revision"]["commit"] == commit, "the rollout's end", 90)["rollout"]
        self.assertIn(rollout["phase"], ("Failed", "RolledBack"))
        return rollout["message"]

    def call(self, method, path, body=None, content_type="application/json"):
        status, answer = self.api.call(method, path, body, content_type)
        self.assertIn(status, (200, 201), answer)
        return answer

    def get(self, path):
        return self.call("GET", path)

    # --- whose fields ---

    def kubectl_apply(self, namespace, name, data):
        """As kubectl apply creates an object."""
        applied = {"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"name": name, "namespace": namespace}, "data": data}
        applied["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(applied)}
        self.call("POST", "/api/v1/namespaces/%s/configmaps?fieldManager=kubectl-client-side-apply" %
                  namespace, applied)

    def test_1_what_kubectl_applied_goes_when_it_leaves_git(self):
        self.begin("adopted")
        self.kubectl_apply("adopted", "old", {"text": "kubectl", "gone": "yes"})
        self.swelld.wait_rollout("adopted", self.commit(
            {"old.yaml": samples.config_map("old", "swell")}), timeout=90)
        found = self.get(config_map_path("adopted", "old"))
        self.assertEqual(found["data"], {"text": "swell"})
        self.assertNotIn(LAST_APPLIED, found["metadata"]["annotations"])
        self.assertEqual([(e["manager"], e["operation"]) for e in found["metadata"]["managedFields"]],
                         [("swell", "Apply")])
        self.assertEqual(self.swelld.run("diff", "adopted", "--exit-code").code, 0)

    def test_1_helm_only_with_consent(self):
        self.begin("helmed")
        body = {"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "old", "namespace": "helmed"},
                "data": {"text": "swell", "gone": "yes"}}
        self.call("POST", "/api/v1/namespaces/helmed/configmaps?fieldManager=helm", body)
        self.swelld.wait_rollout("helmed", self.commit(
            {"old.yaml": samples.config_map("old", "swell")}), timeout=90)
        self.assertIn("gone", self.get(config_map_path("helmed", "old"))["data"])
        self.call("DELETE", config_map_path("helmed", "old"))
        self.call("POST", "/api/v1/namespaces/helmed/configmaps?fieldManager=helm", body)
        self.declare(sync="adopt: [helm]")
        self.swelld.wait_status(
            "helmed", lambda s: "gone" not in self.get(config_map_path("helmed", "old"))["data"],
            "taken over", 60)

    def test_2_kept_fields(self):
        self.begin("kept", {"web.yaml": samples.deployment("web", "1.0", 2)},
                   sync='conflictRules: [{group: apps, kind: Deployment, jsonPointers: '
                        '[/spec/replicas], policy: keep}]')
        self.call("PATCH", deployment_path("kept", "web") + "?fieldManager=autoscaler",
                  {"spec": {"replicas": 4}}, MERGE_PATCH)
        self.assertEqual(self.swelld.run("diff", "kept", "--exit-code").code, 0)
        self.swelld.wait_rollout("kept", self.commit(
            {"web.yaml": samples.deployment("web", "1.1", 3)}), timeout=90)
        self.assertEqual(self.get(deployment_path("kept", "web"))["spec"]["replicas"], 4)
        self.assertEqual(self.swelld.run("diff", "kept", "--exit-code").code, 0)

    def test_2_conflicts_that_fail(self):
        self.begin("strict", {"web.yaml": samples.deployment("web", "1.0", 2)}, heal=False,
                   sync="conflicts: fail")
        self.call("PATCH", deployment_path("strict", "web") + "?fieldManager=autoscaler",
                  {"spec": {"replicas": 4}}, MERGE_PATCH)
        message = self.failed(self.commit({"web.yaml": samples.deployment("web", "1.1", 3)}))
        self.assertIn('/spec/replicas (owned by "autoscaler")', message)

    # --- immutable fields ---

    def test_3_immutable(self):
        self.begin("immutable", {"job.yaml": job("1")})
        message = self.failed(self.commit({"job.yaml": job("2")}))
        for words in ("Kubernetes never changes this field", "spec.template", "field is immutable",
                      "swell.dev/recreate"):
            self.assertIn(words, message)
        self.assertNotIn("hunter2", message)

    def test_3_recreated(self):
        self.begin("recreated", {"job.yaml": job("1")})
        path = "/apis/batch/v1/namespaces/recreated/jobs/migrate"
        uid = self.get(path)["metadata"]["uid"]
        self.swelld.wait_rollout("recreated", self.commit(
            {"job.yaml": job("2", 'swell.dev/recreate: "true"')}), timeout=90)
        found = self.get(path)
        self.assertNotEqual(found["metadata"]["uid"], uid)
        self.assertTrue(found["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":2"))

    # --- refusals ---

    def test_4_refusals_come_together(self):
        self.begin("together")
        message = self.failed(self.commit({
            "a.yaml": samples.config_map("a", "fine"),
            "b.yaml": samples.deployment("b", "1.0").replace("replicas: 2", "replicas: -1"),
            "c.yaml": samples.deployment("c", "1.0").replace("replicas:", "replcas: 1\n  replicas:")}))
        for words in ("refused before anything was written", "apply apps/Deployment together/b", "spec.replicas",
                      "apply apps/Deployment together/c", "replcas: field not declared in schema"):
            self.assertIn(words, message)
        status, _ = self.api.call("GET", config_map_path("together", "a"))
        self.assertEqual(status, 404)

    def test_4_quota(self):
        self.begin("quota")
        self.call("POST", "/api/v1/namespaces/quota/resourcequotas", {
            "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"},
            "spec": {"hard": {"count/configmaps": "0"}}})
        self.swelld.wait_status("quota", lambda s: self.get(
            "/api/v1/namespaces/quota/resourcequotas/small").get("status", {}).get("used"), "counted")
        message = self.failed(self.commit({"more.yaml": samples.config_map("more", "text")}))
        self.assertIn("a ResourceQuota of the namespace is used up", message)
        self.assertIn("exceeded quota: small", message)

    def test_4_a_webhook_that_is_away(self):
        self.begin("away")
        self.call("PATCH", "/api/v1/namespaces/away", {"metadata": {"labels": {"webhook": "away"}}},
                  MERGE_PATCH)
        self.call("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "away"}, "webhooks": [{
                "name": "away.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "timeoutSeconds": 1, "failurePolicy": "Fail",
                "clientConfig": {"service": {"name": "none", "namespace": "away"}},
                "namespaceSelector": {"matchLabels": {"webhook": "away"}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"],
                           "operations": ["CREATE", "UPDATE"]}]}]})
        try:
            message = self.failed(self.commit({"config.yaml": samples.config_map("config", "second")}))
        finally:
            self.call("DELETE", "/apis/admissionregistration.k8s.io/v1/"
                                "validatingwebhookconfigurations/away")
        self.assertIn("a webhook that the cluster asks does not answer", message)
        self.assertIn("away.example.com", message)


if __name__ == "__main__":
    unittest.main(verbosity=2)
