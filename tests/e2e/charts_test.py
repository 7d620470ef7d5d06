#!/usr/bin/env python3
"""Charts of a chart repository and of a real registry as sources, and as dependencies of charts in
Git: a new version rolls out, a wrong digest never does, and what is down keeps what is there."""
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import charts  # noqa: E402
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from programs import binary, eventually  # noqa: E402

REPOSITORY = """\
apiVersion: swell/v1alpha1
kind: Repository
metadata: {name: registry}
spec: {url: 'oci://%s', plainHTTP: true, username: %s, password: '%s'}
"""


def application(name, repository, chart, revision):
    source = "    chart: %s\n" % chart if chart else ""
    return samples.application(name, repository, "", source, revision="'%s'" % revision)


class Charts(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,rest=1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charts = charts.ChartRepository(os.path.join(cls.scratch, "charts"))
        cls.addClassCleanup(lambda: cls.charts.stop())
        cls.registry = charts.Registry(os.path.join(cls.scratch, "registry")).start()
        cls.addClassCleanup(lambda: cls.registry.stop())
        cls.swelld.apply(REPOSITORY % (cls.registry.authority, cls.registry.USER,
                                       cls.registry.PASSWORD))

    def texts(self, namespace, name):
        return {cluster: found["data"]["text"] if found else None for cluster, found in
                self.on_every_cluster(config_map_path(namespace, name)).items()}

    def assert_text(self, namespace, name, expected):
        self.assertEqual(self.texts(namespace, name), dict.fromkeys(self.fleet.names, expected))

    def settled(self, name, digest):
        self.swelld.wait_rollout(name, digest)
        return self.swelld.wait_settled(name, digest)

    # --- a chart of a chart repository ---

    def test_1_a_version_and_the_next_one(self):
        first = self.charts.publish("web", "1.0.0", charts.archive("web", "1.0.0", "one"))
        self.swelld.apply(application("web", self.charts.url, "web", "^1"))
        status = self.settled("web", first)
        self.assertEqual(status["revision"]["ref"], "1.0.0")
        self.assertEqual(status["revision"]["message"], "chart web 1.0.0")
        self.assert_text("web", "web", "one")
        self.assertIn("1.0.0 " + first[:7], self.swelld.describe("web"))
        second = self.charts.publish("web", "1.1.0", charts.archive("web", "1.1.0", "two"))
        self.charts.publish("web", "2.0.0", charts.archive("web", "2.0.0", "too new"))
        self.settled("web", second)
        self.assert_text("web", "web", "two")
        self.assert_waves_in_order(self.swelld.rollout("web"), self.swelld.events("web"))

    def test_2_polling_costs_an_empty_answer(self):
        before = len(self.charts.asked)
        eventually(lambda: self.charts.asked[before:].count(("/index.yaml", 304)) >= 2,
                   "the index is asked for")
        self.assertEqual({entry for entry in self.charts.asked[before:]}, {("/index.yaml", 304)})

    def test_3_rollback_and_quarantine(self):
        first, second = (charts.sha256(charts.archive("web", v, t))
                         for v, t in (("1.0.0", "one"), ("1.1.0", "two")))
        self.swelld.ok("rollback", "web", "--wait")
        self.assert_text("web", "web", "one")
        quarantined = [q["commit"] for q in self.swelld.status("web")["quarantine"]]
        self.assertEqual(quarantined, [second])
        self.assertEqual(self.swelld.history("web")[0]["revision"]["commit"], first)
        third = self.charts.publish("web", "1.2.0", charts.archive("web", "1.2.0", "three"))
        self.settled("web", third)
        self.assert_text("web", "web", "three")

    def test_4_a_wrong_digest_is_refused(self):
        good = self.swelld.status("web")["revision"]["commit"]
        rollouts = len(self.swelld.history("web"))
        self.charts.publish("web", "1.3.0", charts.archive("web", "1.3.0", "swapped"),
                            digest=charts.sha256(b"something else"))
        status = self.swelld.wait_status("web", lambda s: s["sourceError"], "an error")
        for word in ("chart web 1.3.0", "should be sha256:" + charts.sha256(b"something else"),
                     "it is not used"):
            self.assertIn(word, status["sourceError"])
        self.assertIn("should be sha256:", self.swelld.describe("web"))
        self.assertEqual(status["revision"]["commit"], good)
        self.assertEqual(len(self.swelld.history("web")), rollouts)
        self.assert_text("web", "web", "three")
        fixed = self.charts.publish("web", "1.3.0", charts.archive("web", "1.3.0", "four"))
        self.settled("web", fixed)

    def test_5_archives_that_harm_are_refused(self):
        climbs = charts.archive("evil", "1.0.0", "x", {"../../outside.yaml": "a: 1"})
        self.charts.publish("evil", "1.0.0", climbs)
        self.swelld.apply(application("evil", self.charts.url, "evil", ""))
        self.swelld.wait_status("evil", lambda s: "leaves the repository" in s["sourceError"],
                                "an error")
        self.assertEqual(self.swelld.history("evil"), [])
        self.swelld.ok("delete", "application", "evil")

    def test_6_a_repository_that_is_down(self):
        good = self.swelld.status("web")["revision"]["commit"]
        self.charts.stop()
        status = self.swelld.wait_status("web", lambda s: s["sourceError"], "an error")
        self.assertIn(self.charts.url + "/index.yaml", status["sourceError"])
        self.assertEqual(status["revision"]["commit"], good)
        self.assert_text("web", "web", "four")
        # Drift is still repaired: the archive is at hand, after a restart, too.
        self.swelld.kill()
        self.swelld.start()
        victim = self.fleet[self.fleet.names[0]]
        victim.delete(config_map_path("web", "web"))
        eventually(lambda: victim.get(config_map_path("web", "web")), "the object is back")
        folder, port = self.charts.folder, self.charts.port
        known = self.charts.charts
        type(self).charts = charts.ChartRepository(folder, port)
        self.charts.charts.update(known)
        self.swelld.wait_status("web", lambda s: not s["sourceError"], "it is well again")

    # --- a chart of a registry ---

    def test_7_a_registry_with_credentials(self):
        first = self.registry.push("team/shop", "1.0.0", charts.archive("shop", "1.0.0", "one"))
        url = "oci://%s/team" % self.registry.authority
        self.swelld.apply(application("shop", url, "shop", "^1"))
        self.swelld.apply(application("pinned", url + "/shop", "", "1.0.0"))
        self.settled("shop", first)
        self.settled("pinned", first)
        self.assert_text("shop", "shop", "one")
        second = self.registry.push("team/shop", "1.1.0+build.1",
                                    charts.archive("shop", "1.1.0+build.1", "two"))
        status = self.settled("shop", second)
        self.assertEqual(status["revision"]["ref"], "1.1.0+build.1")
        self.assert_text("shop", "shop", "two")
        self.assert_text("pinned", "shop", "one")

    def test_8_a_registry_that_is_down_or_refuses(self):
        good = self.swelld.status("shop")["revision"]["commit"]
        self.swelld.apply(REPOSITORY % (self.registry.authority, "ada", "wrong"))
        status = self.swelld.wait_status("shop", lambda s: s["sourceError"], "an error")
        self.assertIn("the credentials of Repository registry are not accepted",
                      status["sourceError"])
        self.registry.stop()
        status = self.swelld.wait_status(
            "shop", lambda s: "Failed to connect" in s["sourceError"], "an error")
        self.assertEqual(status["revision"]["commit"], good)
        self.assert_text("shop", "shop", "two")
        self.assertNotIn(self.registry.PASSWORD, self.swelld.log())
        self.registry.start()
        self.swelld.apply(REPOSITORY % (self.registry.authority, self.registry.USER,
                                        self.registry.PASSWORD))
        self.swelld.wait_status("shop", lambda s: not s["sourceError"], "it is well again")

    # --- dependencies of a chart in Git ---

    def umbrella(self, locked):
        url = "oci://%s/team" % self.registry.authority
        declared = [("one", ">=1.0.0 <2", self.charts.url), ("two", "^2", url)]
        return {
            "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies: " +
                              json.dumps([{"name": n, "version": v, "repository": r}
                                          for n, v, r in declared]) + "\n",
            "app/Chart.lock": charts.lock(declared, [("one", locked, self.charts.url),
                                                     ("two", "2.0.0", url)]),
            "app/templates/own.yaml": samples.config_map("own", "first")}

    def test_9_locked_dependencies(self):
        self.charts.publish("one", "1.0.0", charts.archive("one", "1.0.0", "locked"))
        self.charts.publish("one", "1.5.0", charts.archive("one", "1.5.0", "newer"))
        self.registry.push("team/two", "2.0.0", charts.archive("two", "2.0.0", "registry"))
        repo = self.new_repo("umbrella", self.umbrella("1.0.0"))
        self.swelld.apply(samples.application("umbrella", repo.url, "app"))
        self.settled("umbrella", repo.head())
        for name, text in (("own", "first"), ("one", "locked"), ("two", "registry")):
            self.assert_text("umbrella", name, text)
        fetched = self.charts.count("/one-1.0.0.tgz", 200)
        # A commit beside the chart neither plans nor fetches.
        rollouts = len(self.swelld.history("umbrella"))
        beside = repo.commit("Beside", {"README.md": "Hello.\n"})
        self.swelld.wait_settled("umbrella", beside)
        self.assertEqual(len(self.swelld.history("umbrella")), rollouts)
        # Another lock, another version.
        moved = repo.commit("Update", self.umbrella("1.5.0"))
        self.settled("umbrella", moved)
        self.assert_text("umbrella", "one", "newer")
        self.assertEqual(self.charts.count("/one-1.0.0.tgz", 200), fetched)
        # A lock that does not belong to Chart.yaml.
        stale = self.umbrella("1.5.0")
        stale["app/Chart.yaml"] = stale["app/Chart.yaml"].replace("<2", "<3")
        repo.commit("Forget the lock", stale)
        status = self.swelld.wait_status("umbrella", lambda s: s["error"], "an error")
        self.assertIn("app/Chart.lock is out of sync with Chart.yaml", status["error"])
        self.assert_text("umbrella", "one", "newer")
        # The registry is down: what is fetched already is enough.
        self.registry.stop()
        back = self.umbrella("1.0.0")
        back["app/templates/own.yaml"] = samples.config_map("own", "second")
        again = repo.commit("Go back", back)
        self.settled("umbrella", again)
        self.assert_text("umbrella", "one", "locked")
        self.assert_text("umbrella", "own", "second")
        self.registry.start()

    def test_9b_what_cannot_be_fetched(self):
        repo = self.new_repo("lost", {
            "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n"
                              "- {name: none, version: 1.0.0, repository: '%s'}\n"
                              % self.charts.url,
            "app/templates/own.yaml": samples.config_map("own", "first")})
        self.swelld.apply(samples.application("lost", repo.url, "app"))
        status = self.swelld.wait_status("lost", lambda s: s["error"], "an error")
        for word in ("dependency none", self.charts.url, "there is no chart \"none\""):
            self.assertIn(word, status["error"])
        self.assertEqual(self.swelld.history("lost"), [])
        self.charts.publish("none", "1.0.0", charts.archive("none", "1.0.0", "found"))
        self.settled("lost", repo.head())
        self.assert_text("lost", "none", "found")
        diff = self.swelld.ok("diff", "lost").out
        self.assertIn("has no Chart.lock", diff)

    def test_9c_a_host_that_hangs_holds_up_nobody_else(self):
        with socket.create_server(("127.0.0.1", 0)) as hangs:  # accepts, and says nothing
            url = "http://127.0.0.1:%d" % hangs.getsockname()[1]
            names = ["hangs%d" % i for i in range(8)]
            for name in names:
                self.swelld.apply(application(name, url, name, ""))
            repo = self.new_repo("lively", {"app/a.yaml": samples.config_map("a", "first")})
            self.swelld.apply(samples.application("lively", repo.url, "app"))
            self.swelld.wait_settled("lively", repo.head(), timeout=20)
            self.settled("web", self.charts.publish("web", "1.4.0",
                                                    charts.archive("web", "1.4.0", "five")))
            for name in names:
                self.swelld.ok("delete", "application", name)
            # It does not keep the server from going down either.
            self.swelld.stop()
            self.swelld.start()

    # --- without a server ---

    def test_9d_render_fetches_when_told_to(self):
        os.environ["XDG_CACHE_HOME"] = os.path.join(self.scratch, "cache")
        repo = self.new_repo("offline", self.umbrella("1.0.0"))
        app = os.path.join(repo.folder, "app")
        ran = self.swelld.run("render", app)
        self.assertEqual((ran.code, ran.out), (1, ""))
        for word in ("one 1.0.0 from " + self.charts.url, "two 2.0.0 from oci://",
                     "--fetch-dependencies"):
            self.assertIn(word, ran.err)
        ran = self.swelld.run("render", app, "--fetch-dependencies")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("plainHTTP", ran.err)
        declared = os.path.join(self.scratch, "repository.yaml")
        with open(declared, "w") as f:
            f.write(REPOSITORY % (self.registry.authority, self.registry.USER,
                                  self.registry.PASSWORD))
        out = self.swelld.ok("render", app, "--fetch-dependencies", "--repository", declared).out
        for text in ("text: locked", "text: registry", "text: first"):
            self.assertIn(text, out)
        # What was fetched is at hand from now on.
        self.assertEqual(self.swelld.ok("render", app).out, out)

    def test_9e_helm_template_takes_what_helm_takes(self):
        os.environ["XDG_CACHE_HOME"] = os.path.join(self.scratch, "cache")

        def template(*words):
            ran = subprocess.run([binary("swell"), "helm", "template", "x", *words],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
            return ran.returncode, ran.stdout.decode()

        code, text = template("web", "--repo", self.charts.url)
        self.assertEqual(code, 0, text)
        self.assertIn('version: "2.0.0"', text)
        code, text = template("web", "--repo", self.charts.url, "--version", "1.0.0")
        self.assertIn('version: "1.0.0"', text)
        code, text = template("oci://%s/team/shop:1.0.0" % self.registry.authority, "--plain-http")
        self.assertEqual(code, 1)
        self.assertIn("answers 401", text)
        code, text = template("oci://h/shop:1.0.0", "--version", "1.1.0")
        self.assertEqual(code, 1)
        self.assertIn("1.1.0 is not 1.0.0", text)


if __name__ == "__main__":
    main()
