#!/usr/bin/env python3
"""Absence is not evidence: what cannot be read, what answers with nothing, and what renders to
nothing never deletes anything."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from programs import Swelld, eventually  # noqa: E402

MAPS = 12  # so many are read by one list


class Suspicious(Swelld):
    """Reads everything at every resync, whatever the watches say."""
    INTERVALS = Swelld.INTERVALS + ["--audit-interval", "1s"]


class Absence(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,early=0,rest=1"
    SWELLD = Suspicious

    def setUp(self):
        self.addCleanup(lambda: [self.fleet[c].heal() for c in self.fleet.names])

    def declare(self, name, files=None):
        files = files or {"map-%d.yaml" % i: samples.config_map("map-%d" % i) for i in range(MAPS)}
        repo = self.new_repo("repo-" + name, {"apps/%s/%s" % (name, f): t for f, t in files.items()})
        self.swelld.apply(samples.application(name, repo.url, "apps/" + name))
        self.swelld.wait_settled(name, repo.head())
        return repo

    def maps(self, name):
        return {c: len([m for m in self.fleet[c].get("/api/v1/namespaces/%s/configmaps" % name)
                        ["items"] if m["metadata"]["name"].startswith("map-")])
                for c in self.fleet.names}

    def deletions(self):
        return {c: self.fleet[c].stats()["requests"].get("delete", 0) for c in self.fleet.names}

    def everywhere(self, **rule):
        for cluster in self.fleet.names:
            self.fleet[cluster].fault(rules=[rule])

    def heal(self):
        for cluster in self.fleet.names:
            self.fleet[cluster].heal()

    def assert_nothing_goes(self, name, seconds=5):
        """Over several resyncs."""
        before, deletions = self.maps(name), self.deletions()
        self.assertEqual(set(before.values()), {MAPS})
        time.sleep(seconds)
        self.assertEqual(self.maps(name), before)
        self.assertEqual(self.deletions(), deletions)

    def test_1_a_list_that_fails(self):
        repo = self.declare("failing")
        self.everywhere(match={"method": "GET", "path": "failing/configmaps$", "query": "limit="},
                        status=500)
        commit = repo.commit("one less", {}, ["apps/failing/map-3.yaml"])
        status = self.swelld.wait_status("failing", lambda s: "cannot be read" in s["error"], "said")
        self.assertIn("configmaps", status["error"])
        deletions = self.deletions()
        time.sleep(4)
        self.assertEqual(self.deletions(), deletions)
        self.heal()
        self.swelld.wait_settled("failing", commit)
        self.assertEqual(set(self.maps("failing").values()), {MAPS - 1})

    def test_2_a_list_that_is_empty(self):
        """The API server says so, and is wrong: objects are written again, none is deleted."""
        self.declare("hollow")
        rule = {"match": {"method": "GET", "path": "hollow/configmaps$", "query": "limit="},
                "answer": {"kind": "ConfigMapList", "apiVersion": "v1",
                           "metadata": {"resourceVersion": "1"}, "items": []}}
        uids = {c: self.fleet[c].get(config_map_path("hollow", "map-1"))["metadata"]["uid"]
                for c in self.fleet.names}
        deletions = self.deletions()
        for cluster in self.fleet.names:
            self.fleet[cluster].fault(rules=[rule])
        time.sleep(5)
        self.assertGreater(self.fleet["c01"].fault_hits(), 0)
        self.heal()
        self.assertEqual(self.deletions(), deletions)
        self.assertEqual(set(self.maps("hollow").values()), {MAPS})
        self.assertEqual({c: self.fleet[c].get(config_map_path("hollow", "map-1"))["metadata"]["uid"]
                          for c in self.fleet.names}, uids)

    def test_3_a_discovery_that_fails(self):
        repo = self.declare("blind")
        self.swelld.stop()  # what a server serves is remembered for a while
        self.everywhere(match={"method": "GET", "path": "^/apis?(/v1)?$"}, status=500)
        commit = repo.commit("one less", {}, ["apps/blind/map-3.yaml"])
        self.swelld.start()
        self.swelld.wait_status("blind", lambda s: "cannot be read" in s["error"], "said")
        self.assert_nothing_goes("blind")
        self.heal()
        self.swelld.wait_settled("blind", commit)
        self.assertEqual(set(self.maps("blind").values()), {MAPS - 1})

    def test_4_a_render_that_is_empty(self):
        files = {"map-%d.yaml" % i: samples.config_map("map-%d" % i) for i in range(MAPS)}
        full = "resources: [%s]\n" % ", ".join(sorted(files))
        repo = self.declare("drained", {**files, "kustomization.yaml": full})
        repo.commit("nothing", {"apps/drained/kustomization.yaml": "resources: []\n"})
        self.swelld.wait_status("drained", lambda s: s["error"], "an error")
        self.assert_nothing_goes("drained")
        commit = repo.commit("all", {"apps/drained/kustomization.yaml": full})
        self.swelld.wait_settled("drained", commit)
        self.assertEqual(set(self.maps("drained").values()), {MAPS})

    def test_5_a_path_that_is_gone(self):
        repo = self.declare("moved")
        repo.commit("moved away", {"elsewhere/map.yaml": samples.config_map("map-0")},
                    ["apps/moved/map-%d.yaml" % i for i in range(MAPS)])
        status = self.swelld.wait_status("moved", lambda s: s["error"], "an error")
        self.assertIn("apps/moved", status["error"])
        self.assert_nothing_goes("moved")

    def test_6_a_cluster_that_comes_back_without_its_objects(self):
        """A watch says that everything was deleted: they are looked for, and created."""
        self.declare("lost")
        for i in range(MAPS):
            self.fleet["c02"].delete(config_map_path("lost", "map-%d" % i))
        eventually(lambda: set(self.maps("lost").values()) == {MAPS},
                   lambda: self.swelld.describe("lost"))


if __name__ == "__main__":
    main()
