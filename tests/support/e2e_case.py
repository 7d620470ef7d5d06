"""What the end-to-end suites share: one fleet, one repository and one swelld a class."""
import os
import shutil
import sys
import tempfile
import unittest

from git_repo import GitRepo
from programs import Sandbox, Swelld


def image_of(deployment):
    return deployment["spec"]["template"]["spec"]["containers"][0]["image"]


def tag_of(deployment):
    return image_of(deployment).rpartition(":")[2]


def deployment_path(namespace, name=None):
    return "/apis/apps/v1/namespaces/%s/deployments/%s" % (namespace, name or namespace)


def config_map_path(namespace, name):
    return "/api/v1/namespaces/%s/configmaps/%s" % (namespace, name)


class EndToEnd(unittest.TestCase):
    """Steps run in the order of their names, on what the earlier ones left."""

    CLUSTERS = 12
    RINGS = "canary=1,early=3,rest=8"
    FILES = {}
    SWELLD = Swelld
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="swell-e2e-")
        cls.addClassCleanup(cls.clean)
        cls.repo = GitRepo(os.path.join(cls.scratch, "repo"), cls.FILES)
        cls.fleet = Sandbox(cls.scratch, cls.CLUSTERS, cls.RINGS)
        cls.addClassCleanup(cls.fleet.stop)
        cls.swelld = cls.SWELLD(cls.scratch)
        cls.addClassCleanup(cls.swelld.stop)
        cls.swelld.start()
        cls.swelld.ok("apply", "-f", cls.fleet.declarations)

    @classmethod
    def clean(cls):
        if os.environ.get("SWELL_KEEP"):
            print("kept: " + cls.scratch, file=sys.stderr)
        else:
            shutil.rmtree(cls.scratch, ignore_errors=True)

    def new_repo(self, name, files):
        return GitRepo(os.path.join(self.scratch, name), files)

    def on_every_cluster(self, path):
        """{cluster: object or None}"""
        return {name: self.fleet[name].get(path) for name in self.fleet.names}

    def tags(self, namespace, name=None):
        return {cluster: tag_of(d) if d else None for cluster, d in
                self.on_every_cluster(deployment_path(namespace, name)).items()}

    def assert_tags(self, namespace, expected):
        self.assertEqual(self.tags(namespace), dict.fromkeys(self.fleet.names, expected))

    def assert_waves_in_order(self, rollout, events):
        """No cluster was touched before all of the earlier waves had evidence for this plan."""
        mine = [e for e in events if e["rollout"] == rollout["id"]]
        self.assertTrue(mine, "no events of " + rollout["id"])
        proven, started = set(), []
        waves = rollout["waves"]
        where = {c["name"]: i for i, w in enumerate(waves) for c in w["clusters"]}
        for event in mine:
            if event["type"] == "ClusterHealthy":
                self.assertIn(rollout["plan"][:12], event["message"])
                proven.add(event["cluster"])
            elif event["type"] == "ClusterUnhealthy":
                proven.discard(event["cluster"])
            elif event["type"] == "WaveStarted":
                earlier = {c["name"] for w in waves[:len(started)] for c in w["clusters"]}
                self.assertLessEqual(earlier, proven, "a wave began before its turn")
                started.append(event["message"])
            elif event["type"] in ("ClusterApplied", "ClusterFailed"):
                self.assertLess(where[event["cluster"]], len(started),
                                event["cluster"] + " was touched before its wave")
        self.assertEqual(len(started), len(waves))
        for cluster in (c for w in waves for c in w["clusters"]):
            self.assertEqual(cluster["evidencePlan"], rollout["plan"], cluster["name"])


def main():
    unittest.main(verbosity=2)
