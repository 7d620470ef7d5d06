#!/usr/bin/env python3
"""What was applied once needs nothing the second time: on a real API server, for the kinds and
spellings of the folder twice/, an empty diff and not one write; and a real change is seen.

A folder of twice/ is an application. A file takes part where the server has all of its kinds, so
that one set of files serves every version ("# since 1.22" on its first line says the rest). No
controllers run: what changes, Swell changed."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
import samples  # noqa: E402
from git_repo import GitRepo  # noqa: E402
from kube_api import MERGE_PATCH, Api  # noqa: E402
from programs import Swelld  # noqa: E402
from twice_changes import CHANGES, DRIFT  # noqa: E402

FILES = os.path.join(HERE, "twice")
OWN_GROUP = "twice.example.com"  # its definitions are among the files
# Nothing becomes ready without controllers.
HEALTHY = """\
  healthChecks:
    - {group: "*", kind: "*", lua: "return {status = 'Healthy', message = ''}"}
"""


def documents(text):
    """(apiVersion, kind, name) of each document, as the files of twice/ are written."""
    for document in re.split(r"(?m)^---$", text):
        yield tuple(re.search(pattern, document).group(1) for pattern in (
            r"(?m)^apiVersion: (\S+)$", r"(?m)^kind: (\S+)$",
            r"(?m)^metadata:(?: \{|\n  )name: ([^\s,}]+)"))


class Kinds:
    """What the API server serves: apiVersion and kind to path."""

    def __init__(self, api):
        self.paths = {}
        self.minor = int(re.match(r"\d+", api.call("GET", "/version")[1]["minor"]).group())
        versions = ["v1"] + [v["groupVersion"] for g in api.call("GET", "/apis")[1]["groups"]
                             for v in g["versions"]]
        for version in versions:
            root = ("/api/" if "/" not in version else "/apis/") + version
            status, found = api.call("GET", root)
            for resource in found["resources"] if status == 200 else []:
                if "/" not in resource["name"]:
                    self.paths[version, resource["kind"]] = (
                        root, resource["namespaced"], resource["name"])

    def serve(self, version, kind):
        return (version, kind) in self.paths or version.startswith(OWN_GROUP + "/")

    def fit(self, text, found):
        since = re.match(r"# since 1\.(\d+)", text)
        return (since is None or int(since.group(1)) <= self.minor) and all(
            self.serve(version, kind) for version, kind, _ in found)

    def path(self, version, kind, namespace, name):
        root, namespaced, plural = self.paths[version, kind]
        return "%s%s/%s/%s" % (root, "/namespaces/" + namespace if namespaced else "", plural, name)


class Twice(unittest.TestCase):
    """Steps run in the order of their names, on what the earlier ones left."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="swell-twice-")
        cls.addClassCleanup(shutil.rmtree, cls.scratch, True)
        fleet = os.path.join(cls.scratch, "fleet")
        cls.up = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "cluster.py"), "up", fleet, "--no-controllers",
             "--audit", "--until-eof", "--timeout", "300"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.addClassCleanup(cls.end_cluster)
        line = cls.up.stdout.readline().decode()
        if not line.startswith("ready "):
            raise RuntimeError("cluster.py did not come up")
        with open(os.path.join(fleet, "state.json")) as f:
            state = json.load(f)["clusters"][0]
        cls.api = Api(state["server"], state["token"], state["ca_file"])
        cls.audit = os.path.join(fleet, "c1-audit.log")
        cls.choose_files(Kinds(cls.api))
        cls.repo = GitRepo(os.path.join(cls.scratch, "repo"), cls.files)
        cls.swelld = Swelld(cls.scratch)
        cls.addClassCleanup(cls.swelld.stop)
        cls.swelld.start()
        cls.swelld.ok("cluster", "add", "c1", "--kubeconfig", line.split()[1], "--context", "c1")

    @classmethod
    def end_cluster(cls):
        cls.up.stdin.close()  # --until-eof
        cls.up.wait(60)
        cls.up.stdout.close()

    @classmethod
    def choose_files(cls, kinds):
        """files: {path in the repository: text}; objects: {(area, kind, name): apiVersion}."""
        cls.files, cls.objects = {}, {}
        for area in sorted(os.listdir(FILES)):
            for name in sorted(os.listdir(os.path.join(FILES, area))):
                with open(os.path.join(FILES, area, name)) as f:
                    text = f.read()
                found = list(documents(text))
                if kinds.fit(text, found):
                    cls.files["%s/%s" % (area, name)] = text
                    cls.objects.update({(area, kind, n): v for v, kind, n in found})
        cls.areas = sorted({area for area, _, _ in cls.objects})

    def live(self):
        """{(area, kind, name): the object} of everything declared."""
        kinds, found = Kinds(self.api), {}
        for (area, kind, name), version in self.objects.items():
            path = kinds.path(version, kind, "twice-" + area, name)
            status, body = self.api.call("GET", path)
            self.assertEqual(status, 200, "%s: %s" % (path, body))
            found[area, kind, name] = body
        return found

    def versions(self):
        return {key: body["metadata"]["resourceVersion"] for key, body in self.live().items()}

    def writes(self):
        """How often swelld has written so far, by object: dry runs are none."""
        count = {}
        with open(self.audit) as f:
            for line in f:
                event = json.loads(line)
                if "swell" in event.get("userAgent", "") and "dryRun" not in event["requestURI"]:
                    key = event["verb"] + " " + event["requestURI"].partition("?")[0]
                    count[key] = count.get(key, 0) + 1
        return count

    def sync_all(self):
        for area in self.areas:
            self.swelld.ok("sync", "twice-" + area, "--wait", timeout=120)

    def differences(self):
        """{(area, kind, name): {path: cause}} of all applications."""
        found = {}
        for area in self.areas:
            answer = self.swelld.ok("diff", "twice-" + area, "-o", "json").json
            for group in answer.get("groups", []):
                self.assertFalse(group.get("error"), group)
                for item in group.get("objects", []):
                    paths = {c["path"]: c["cause"] for c in item.get("changes", [])}
                    found[area, item["kind"], item["name"]] = paths or item["operation"]
        return found

    def test_1_first_sync(self):
        self.swelld.apply("---\n".join(
            samples.application("twice-" + area, self.repo.url, area, auto=False, heal=False,
                                waves="    onFailure: hold\n") + HEALTHY for area in self.areas))
        self.sync_all()
        count = len({kind for _, kind, _ in self.live()})
        self.assertGreaterEqual(count, 40)
        print("%d objects of %d kinds" % (len(self.objects), count), file=sys.stderr)

    def test_2_nothing_differs(self):
        self.assertEqual(self.differences(), {})

    def test_3_second_sync_writes_nothing(self):
        before, writes = self.versions(), self.writes()
        self.assertTrue(writes, "the audit log names no write of the first sync")
        self.sync_all()
        self.assertEqual(self.writes(), writes)
        self.assertEqual(self.versions(), before)

    def test_4_changes_are_seen(self):
        """Each change of CHANGES is found, nothing else is, and the server takes it."""
        expected, files = {}, dict(self.files)
        for change in CHANGES:
            if change.file not in files:
                continue
            self.assertEqual(files[change.file].count(change.old), 1, change)
            files[change.file] = files[change.file].replace(change.old, change.new)
            key = (change.file.split("/")[0], change.kind, change.name)
            expected.setdefault(key, {}).update(dict.fromkeys(change.paths, "changed"))
        commit = self.repo.commit("Change", files)
        for area in self.areas:
            self.swelld.wait_status("twice-" + area, lambda s: s.get("revision", {}).get(
                "commit") == commit or s["sync"] == "OutOfSync", "the commit is seen")
        self.assertEqual(self.differences(), expected)
        before, writes = self.versions(), sum(self.writes().values())
        self.sync_all()
        after = self.versions()
        self.assertEqual({key for key in after if after[key] != before[key]}, set(expected))
        self.assertEqual(sum(self.writes().values()) - writes, len(expected))
        self.assertEqual(self.differences(), {})

    def test_5_drift_is_seen(self):
        """A declared field that somebody else sets is found, and goes back; others are theirs."""
        kinds, expected = Kinds(self.api), {}
        for drift in DRIFT:
            key = (drift.area, drift.kind, drift.name)
            path = kinds.path(self.objects[key], drift.kind, "twice-" + drift.area, drift.name)
            status, body = self.api.call("PATCH", path, drift.patch, MERGE_PATCH)
            self.assertEqual(status, 200, body)
            if drift.paths:
                expected[key] = dict.fromkeys(drift.paths, "drifted")
        self.assertEqual(self.differences(), expected)
        self.sync_all()
        self.assertEqual(self.differences(), {})


if __name__ == "__main__":
    unittest.main(verbosity=2)
