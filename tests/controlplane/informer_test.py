#!/usr/bin/env python3
"""Swell's informer against a real API server: its state, its changes, and the server's bad days.

    informer_test.py PROBE      PROBE: the program informer-probe
"""
import http.client
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from kube_api import MERGE_PATCH, Api  # noqa: E402

NAMESPACE = "/api/v1/namespaces/watched"


class Probe:
    """A running informer-probe; its lines come in order."""

    def __init__(self, program, kubeconfig, *arguments):
        self.child = subprocess.Popen([program, kubeconfig, *arguments], stdout=subprocess.PIPE,
                                      text=True)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def next(self, timeout=90):
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            line = None
        if line is None:
            raise AssertionError("no further line, or the probe ended; the last were:\n" +
                                 "\n".join(self.seen[-20:]))
        self.seen.append(line[:300])
        return line

    def until(self, wanted):
        """The lines up to the first that is `wanted`, with it."""
        seen = [self.next()]
        while seen[-1] != wanted:
            seen.append(self.next())
        return seen

    def close(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()


class InformerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = os.path.join(cls.scratch.name, "fleet")
        cls.up = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "cluster.py"), "up", cls.folder,
             "--no-controllers", "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not cls.up.stdout.readline().startswith(b"ready "):
            raise RuntimeError("cluster.py did not come up")
        with open(os.path.join(cls.folder, "state.json")) as f:
            state = json.load(f)["clusters"][0]
        cls.kubeconfig = os.path.join(cls.folder, "kubeconfig")
        cls.api = Api(state["server"], state["token"], state["ca_file"])
        cls.api.call("POST", "/api/v1/namespaces", {"metadata": {"name": "watched"}})
        for i in range(120):  # more than two pages of the probe
            cls.create("c%03d" % i)

    @classmethod
    def tearDownClass(cls):
        cls.api.close()
        cls.up.stdin.close()  # --until-eof: the clusters end with their parent
        cls.up.wait(60)
        cls.up.stdout.close()
        cls.scratch.cleanup()

    @classmethod
    def create(cls, name):
        status, answer = cls.api.call("POST", NAMESPACE + "/configmaps",
                                      {"metadata": {"name": name}, "data": {"k": "v"}})
        if status != 201:
            raise AssertionError(answer)

    def tell(self, verb):
        subprocess.run([sys.executable, os.path.join(HERE, "cluster.py"), verb, self.folder, "c1"],
                       check=True)
        self.api.close()  # its kept connection tells of the time before

    def test_the_state_and_what_becomes_of_it(self):
        probe = Probe(PROBE, self.kubeconfig, "v1/configmaps", "watched")
        self.addCleanup(probe.close)
        first = probe.next().split(" ")
        self.assertEqual(first[0], "replace")
        self.assertEqual(first[2:], ["c%03d" % i for i in range(120)])
        self.assertEqual(probe.next(), "current")
        self.create("z-new")
        self.assertEqual(probe.next(), "added z-new")
        self.api.call("PATCH", NAMESPACE + "/configmaps/z-new", {"data": {"k": "w"}}, MERGE_PATCH)
        self.assertEqual(probe.next(), "modified z-new")
        self.api.call("DELETE", NAMESPACE + "/configmaps/z-new")
        self.assertEqual(probe.next(), "deleted z-new")

        # Frozen: it accepts and answers nothing. Noticed, said, and gone on from without a gap.
        self.tell("pause")
        stale = probe.next()
        self.assertRegex(stale, "^stale cluster probe: GET .*/configmaps: .*no reply to PING")
        self.tell("resume")
        self.create("z-later")
        seen = probe.until("added z-later")
        self.assertIn("current", seen)
        self.assertFalse([line for line in seen if line.startswith("replace")], seen)

        # Gone, and back with the same objects.
        self.tell("stop")
        self.assertRegex(probe.next(), "^stale ")
        self.tell("start")
        self.create("z-last")
        self.assertIn("current", probe.until("added z-last"))

    def lists(self):
        """How many lists of pod templates, which nothing else reads here, were answered."""
        text = self.api.call("GET", "/metrics")[1]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith("apiserver_request_total{") and
                   'resource="podtemplates"' in line and 'verb="LIST"' in line)

    def streams_lists(self):
        """Whether this server does WatchList: 1.34 and later do, on etcd 3.5.8 and later."""
        try:
            for event in self.api.watch(
                    NAMESPACE + "/podtemplates?watch=1&sendInitialEvents=true&resourceVersionMatch="
                    "NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=5"):
                notes = event["object"].get("metadata", {}).get("annotations", {})
                if notes.get("k8s.io/initial-events-end") == "true":
                    return True
        except http.client.HTTPException:
            pass  # 422: the feature is off
        return False

    def test_a_streaming_list_where_the_server_has_it(self):
        names = ["t%03d" % i for i in range(120)]
        for name in names:
            status, answer = self.api.call("POST", NAMESPACE + "/podtemplates", {
                "metadata": {"name": name}, "template": {"spec": {"containers": [
                    {"name": "c", "image": "i"}]}}})
            self.assertEqual(status, 201, answer)
        streams, before = self.streams_lists(), self.lists()
        print("WatchList: %s" % ("yes" if streams else "no"), file=sys.stderr)
        probe = Probe(PROBE, self.kubeconfig, "v1/podtemplates", "watched")
        self.addCleanup(probe.close)
        # The same either way, and as a list tells it.
        self.assertEqual(probe.next(), "replace 120 " + " ".join(names))
        self.assertEqual(probe.next(), "current")
        listed = self.lists() - before
        self.assertEqual(listed, 0 if streams else 3, "pages of 50")
        status, answer = self.api.call("GET", NAMESPACE + "/podtemplates")
        self.assertEqual([item["metadata"]["name"] for item in answer["items"]], names)

    def test_a_kind_that_is_not_served_and_a_user_who_may_not(self):
        probe = Probe(PROBE, self.kubeconfig, "example.com/v1/widgets")
        self.addCleanup(probe.close)
        self.assertRegex(probe.next(), "^end cluster probe: GET /apis/example.com/v1/widgets: "
                                       "HTTP 404 Not Found")
        with open(self.kubeconfig) as f:
            text = f.read()
        stranger = os.path.join(self.scratch.name, "stranger")
        with open(stranger, "w") as f:  # the administrator, taken for somebody without rights
            f.write(text.replace("    token: ", "    as: stranger\n    token: "))
        probe = Probe(PROBE, stranger, "v1/secrets")
        self.addCleanup(probe.close)
        self.assertRegex(probe.next(), '^end .*HTTP 403 Forbidden: secrets is forbidden: '
                                       'User "stranger" cannot watch resource "secrets"')


if __name__ == "__main__":
    PROBE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
