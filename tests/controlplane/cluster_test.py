#!/usr/bin/env python3
"""Holds cluster.py and kubelet.py against a real control plane: what other tests lean on."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from kube_api import Api  # noqa: E402


def pod_template(image, restart_policy):
    return {"metadata": {"labels": {"app": "t"}}, "spec": {
        "restartPolicy": restart_policy, "containers": [{"name": "c", "image": image}]}}


def deployment(name, image):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
        "replicas": 2, "selector": {"matchLabels": {"app": "t"}},
        "template": pod_template(image, "Always")}}


def job(name, image):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {
        "backoffLimit": 0, "template": pod_template(image, "Never")}}


class ClusterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = os.path.join(cls.scratch.name, "fleet")
        cls.up = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "cluster.py"), "up", cls.folder, "--until-eof"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = cls.up.stdout.readline().decode()
        if not line.startswith("ready "):
            raise RuntimeError("cluster.py did not come up")
        with open(os.path.join(cls.folder, "state.json")) as f:
            state = json.load(f)["clusters"][0]
        cls.api = Api(state["server"], state["token"], state["ca_file"])

    @classmethod
    def tearDownClass(cls):
        cls.api.close()
        cls.up.stdin.close()  # --until-eof: the clusters end with their parent
        status = cls.up.wait(60)
        cls.up.stdout.close()
        cls.scratch.cleanup()
        if status != 0:
            raise RuntimeError("cluster.py ended with status %d" % status)

    def tell(self, verb):
        subprocess.run([sys.executable, os.path.join(HERE, "cluster.py"), verb, self.folder, "c1"],
                       check=True)
        self.api.close()  # its kept connection tells of the time before

    def create(self, path, body):
        status, answer = self.api.call("POST", path, body)
        self.assertEqual(status, 201, answer)

    def eventually(self, path, condition):
        deadline = time.monotonic() + 60
        while True:
            status, answer = self.api.call("GET", path)
            if status == 200 and condition(answer):
                return answer
            self.assertLess(time.monotonic(), deadline, "never true of %s: %s" % (path, answer))
            time.sleep(0.2)

    def test_deployment_becomes_available(self):
        path = "/apis/apps/v1/namespaces/default/deployments"
        self.create(path, deployment("good", "registry:5000/web:1.0"))
        self.eventually(path + "/good", lambda d: d["status"].get("availableReplicas") == 2)

    def test_broken_image_is_never_ready(self):
        namespace = "/api/v1/namespaces"
        self.create(namespace, {"apiVersion": "v1", "kind": "Namespace",
                                "metadata": {"name": "bad"}})
        self.eventually(namespace + "/bad/serviceaccounts/default", lambda s: True)
        self.create("/apis/apps/v1/namespaces/bad/deployments", deployment("bad", "web:2-broken"))
        pods = self.eventually(namespace + "/bad/pods", lambda l: len(l["items"]) == 2 and all(
            p["status"].get("containerStatuses") for p in l["items"]))
        for pod in pods["items"]:
            waiting = pod["status"]["containerStatuses"][0]["state"]["waiting"]
            self.assertEqual(waiting["reason"], "ImagePullBackOff")
            self.assertEqual(pod["status"]["phase"], "Pending")
        self.api.call("DELETE", namespace + "/bad")
        deadline = time.monotonic() + 60  # terminating pods go, so the namespace can
        while self.api.call("GET", namespace + "/bad")[0] != 404:
            self.assertLess(time.monotonic(), deadline, "the namespace never went")
            time.sleep(0.2)

    def test_jobs_complete_and_fail(self):
        path = "/apis/batch/v1/namespaces/default/jobs"
        self.create(path, job("done", "task:1"))
        self.create(path, job("failing", "task:crash"))
        self.eventually(path + "/done", lambda j: j["status"].get("succeeded") == 1)
        self.eventually(path + "/failing", lambda j: any(
            c["type"] == "Failed" for c in j["status"].get("conditions", [])))

    def test_pause_hangs_and_stop_refuses(self):
        self.tell("pause")
        with self.assertRaises(TimeoutError):
            self.api.call("GET", "/version", timeout=1)
        self.tell("resume")
        self.eventually("/version", lambda v: "gitVersion" in v)
        self.tell("stop")
        with self.assertRaises(ConnectionRefusedError):
            self.api.call("GET", "/version", timeout=1)
        self.tell("start")
        self.assertEqual(self.api.call("GET", "/version")[0], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
