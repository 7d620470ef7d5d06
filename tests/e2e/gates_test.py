#!/usr/bin/env python3
"""What a wave waits for beside health: metrics, HTTP checks, Jobs."""
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from git_repo import GitRepo  # noqa: E402
from programs import eventually  # noqa: E402

WAVES = """\
    waves:
      - name: canary
        clusters: {matchLabels: {ring: canary}}
        gates:
          - %s
      - {name: rest}
"""


class Asked:
    """Answers every request with `answer`: (status, document), and remembers what was asked."""

    def __init__(self):
        self.answer = (503, {})
        self.asked = []
        asked = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                asked.asked.append((self.path, self.rfile.read(length).decode()))
                status, document = asked.answer
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *arguments):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def vector(value, **labels):
    return (200, {"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": labels, "value": [1700000000, str(value)]}]}})


class Gates(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,rest=2"

    def begin(self, name, gate):
        self.name = name
        self.server = Asked()
        self.addCleanup(self.server.stop)
        self.repository = GitRepo(os.path.join(self.scratch, name),
                                  {"app/config.yaml": samples.config_map("config", "first")})
        declare = lambda waves: self.swelld.apply(samples.application(  # noqa: E731
            name, self.repository.url, "app", waves=waves))
        declare("    waves: [{name: all}]\n")
        self.swelld.wait_settled(name, self.repository.head())
        declare(WAVES % (gate % self.server.url))
        self.commit = self.repository.commit("second", {
            "app/config.yaml": samples.config_map("config", "second")})

    def texts(self):
        return [self.fleet[c].get(config_map_path(self.name, "config"))["data"]["text"]
                for c in self.fleet.names]

    def wait_gate(self, phase, *words):
        def check(status):
            gates = status["rollout"]["waves"][0]["gates"]
            return gates and gates[0]["phase"] == phase and all(
                w in gates[0]["message"] for w in words)
        return self.swelld.wait_status(self.name, check, "the gate is %s: %s" % (phase, words))

    def test_1_http(self):
        self.begin("http", "{name: smoke, interval: 1s, http: {url: %s/status, "
                           "jsonPointer: /state, equals: ok}}")
        self.wait_gate("Holding", "smoke", "503")
        status = self.swelld.status("http")
        self.assertEqual(status["rollout"]["phase"], "Waiting")
        self.assertIn("wave canary: gate smoke", status["rollout"]["message"])
        self.assertEqual(self.texts(), ["second", "first", "first"])
        shown = self.swelld.ok("rollout", "http").out
        self.assertRegex(shown, r"(?m)^canary +smoke +Holding")
        self.server.answer = (200, {"state": "ok"})
        rollout = self.swelld.wait_rollout("http", self.commit)
        self.assertEqual(self.texts(), ["second"] * 3)
        types = [e["type"] for e in self.swelld.events("http") if e["rollout"] == rollout["id"]]
        self.assertIn("GateHolds", types)
        self.assertIn("GatePassed", types)

    def test_2_a_gate_that_fails_takes_the_wave_back(self):
        self.begin("fails", "{name: smoke, interval: 1s, http: {url: %s/status, "
                            "jsonPointer: /state, equals: ok}}")
        self.server.answer = (200, {"state": "on fire"})
        rollout = self.swelld.wait_rollout("fails", self.commit, "RolledBack")
        self.assertIn("gate smoke", rollout["message"])
        self.assertIn("on fire", rollout["message"])
        self.assertEqual(self.texts(), ["first"] * 3)

    def test_3_prometheus_is_asked_about_the_waves_clusters(self):
        self.begin("metrics", "{name: errors, interval: 1s, prometheus: {address: %s, "
                              "query: \"sum by (cluster) (rate(errors[5m]))\", "
                              "threshold: < 0.01, clusterLabel: cluster}}")
        self.server.answer = (200, {"status": "success",
                                    "data": {"resultType": "vector", "result": []}})
        self.wait_gate("Holding", "no data")
        self.server.answer = vector("NaN", cluster="c01")
        self.wait_gate("Holding", "NaN")
        self.server.answer = vector("0.001", cluster="c01")
        self.swelld.wait_rollout("metrics", self.commit)
        path, body = self.server.asked[-1]
        self.assertIn("/api/v1/query", path)
        self.assertIn('errors{cluster="c01"}[5m]',
                      urllib.parse.unquote_plus(body or path))

    def test_4_a_job_runs_on_the_waves_clusters(self):
        self.begin("job", "{name: smoke, interval: 1s, job: {spec: {backoffLimit: 0, template: "
                          "{spec: {restartPolicy: Never, containers: [{name: main, "
                          "image: \"registry.example.com/smoke:1\"}]}}}}} # %s")
        self.swelld.wait_rollout("job", self.commit)
        self.assertEqual(self.texts(), ["second"] * 3)
        gate = self.swelld.rollout("job")["waves"][0]["gates"][0]
        self.assertEqual(gate["phase"], "Passed")
        eventually(lambda: not self.fleet["c01"].get("/apis/batch/v1/namespaces/job/jobs")["items"],
                   "the Job is deleted")
        self.assertEqual(self.fleet["c02"].get("/apis/batch/v1/namespaces/job/jobs")["items"], [])

    def test_4a_a_job_that_fails_takes_the_wave_back(self):
        self.begin("badjob", "{name: smoke, interval: 1s, deadline: 3s, job: {spec: {backoffLimit: "
                             "0, template: {spec: {restartPolicy: Never, containers: [{name: main, "
                             "image: \"registry.example.com/smoke:broken\"}]}}}}} # %s")
        rollout = self.swelld.wait_rollout("badjob", self.commit, "RolledBack")
        self.assertIn("gate smoke: did not pass within 3s; last: ", rollout["message"])
        self.assertEqual(self.texts(), ["first"] * 3)
        eventually(lambda: not self.fleet["c01"].get(
            "/apis/batch/v1/namespaces/badjob/jobs")["items"], "the Job is deleted")

    def test_5_a_restarted_server_asks_again(self):
        self.begin("restart", "{name: smoke, interval: 1h, http: {url: %s/status}}")
        self.wait_gate("Holding", "503")
        self.swelld.kill()
        self.server.answer = (204, {})
        self.swelld.start()
        self.swelld.wait_rollout("restart", self.commit)

    def test_6_promoted(self):
        self.begin("promoted", "{name: smoke, interval: 1s, http: {url: %s/status}}")
        self.wait_gate("Holding", "503")
        self.swelld.ok("promote", "promoted", "--reason", "the check is broken")
        self.swelld.wait_rollout("promoted", self.commit)
        gate = self.swelld.rollout("promoted")["waves"][0]["gates"][0]
        self.assertIn("promoted by tester: the check is broken", gate["message"])

    def test_7_approvals_of_exactly_this_plan(self):
        self.name = "approved"
        self.repository = GitRepo(os.path.join(self.scratch, "approved"),
                                  {"app/config.yaml": samples.config_map("config", "first")})
        self.swelld.apply("apiVersion: swell/v1alpha1\nkind: Team\nmetadata: {name: platform}\n"
                          "spec: {members: [ada, bob, dev]}\n")
        self.swelld.apply(samples.application("approved", self.repository.url, "app", waves="""\
    waves:
      - {name: canary, clusters: {matchLabels: {ring: canary}}}
      - {name: rest, approvals: {count: 2, from: platform, notAuthor: true}}
"""))
        self.approve_as("ada")
        self.approve_as("bob")
        self.swelld.wait_settled("approved", self.repository.head())
        commit = self.repository.commit("second", {
            "app/config.yaml": samples.config_map("config", "second")})

        def waits(words):
            return self.swelld.wait_status(
                "approved", lambda s: s["rollout"]["revision"]["commit"] == commit and
                s["rollout"]["phase"] == "Waiting" and words in s["rollout"]["message"], words)
        # What was approved before was another plan; who wrote the commit does not count.
        waits("wave rest: 0 of 2 approvals by platform")
        self.approve_as("dev")
        self.approve_as("ada")
        self.approve_as("eve")
        waits("1 of 2 approvals by platform; ada approved")
        status = waits("dev wrote the commit")
        self.assertIn("eve is not in platform", status["rollout"]["message"])
        self.assertEqual(self.texts(), ["second", "first", "first"])
        self.approve_as("bob")
        self.swelld.wait_rollout("approved", commit)
        self.assertEqual(self.texts(), ["second"] * 3)

    def approve_as(self, actor):
        """Of the running rollout, once there is one."""
        def once():
            argv, environment = self.swelld.command(["approve", "approved"])
            done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env=dict(environment, SWELL_ACTOR=actor))
            return done.returncode == 0
        eventually(once, actor + " approves")


if __name__ == "__main__":
    main()
