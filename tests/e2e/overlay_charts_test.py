#!/usr/bin/env python3
"""Kustomizations with charts of a chart repository: refused until it is allowed, rolled out when a
newer version fits, and kept while the repository is down."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import charts  # noqa: E402
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from programs import binary, eventually  # noqa: E402

KUSTOMIZATION = """\
namePrefix: shop-
helmCharts:
- name: web
  repo: %s
  version: ^1.0.0
  releaseName: web
  valuesInline: {text: inline}
"""
REPOSITORY = """\
apiVersion: swell/v1alpha1
kind: Repository
metadata: {name: own}
spec:
  url: %s
  kustomize: {allowedRemotes: ['%s/*']}
"""


class OverlayCharts(EndToEnd):
    CLUSTERS = 1
    RINGS = "canary=1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charts = charts.ChartRepository(os.path.join(cls.scratch, "charts"))
        cls.addClassCleanup(lambda: cls.charts and cls.charts.stop())
        cls.charts.publish("web", "1.0.0", charts.archive("web", "1.0.0", "one"))
        cls.charts.publish("web", "2.0.0", charts.archive("web", "2.0.0", "two"))
        cls.files = {"web/kustomization.yaml": KUSTOMIZATION % cls.charts.url}
        cls.commit = cls.repo.commit("Overlay", cls.files)

    def data(self):
        found = self.on_every_cluster(config_map_path("web", "shop-web"))
        return [config and (config["data"]["text"], config["data"]["version"])
                for config in found.values()]

    def test_1_nothing_is_fetched_unless_it_is_allowed(self):
        self.swelld.apply(samples.application("web", self.repo.url, "web"))
        status = self.swelld.wait_status("web", lambda s: s["error"], "an error")
        for words in ("web/kustomization.yaml", "chart web of " + self.charts.url,
                      "no Repository resource allows it", '"%s/web"' % self.charts.url):
            self.assertIn(words, status["error"])
        self.assertEqual(self.charts.asked, [])

    def test_2_an_allowed_one_is_rendered(self):
        self.swelld.apply(REPOSITORY % (self.repo.url, self.charts.url))
        self.swelld.wait_rollout("web", self.commit)
        self.assertEqual(self.data(), [("inline", "1.0.0")])

    def test_3_a_newer_version_that_fits_is_rolled_out(self):
        self.charts.publish("web", "1.1.0", charts.archive("web", "1.1.0", "newer"))
        eventually(lambda: self.data() == [("inline", "1.1.0")],
                   lambda: "the newer version: %s" % self.swelld.describe("web"))
        self.assertIn("chart web of %s at ^1.0.0" % self.charts.url,
                      "\n".join(e["message"] for e in self.swelld.events("web")
                                if e["type"] == "RemoteResolved"))

    def test_4_locally_it_takes_a_flag(self):
        folder = os.path.join(self.scratch, "local")
        os.makedirs(folder)
        with open(os.path.join(folder, "kustomization.yaml"), "w") as f:
            f.write(self.files["web/kustomization.yaml"])
        environment = {**os.environ, "XDG_CACHE_HOME": os.path.join(self.scratch, "cache")}
        command = [binary("swell"), "kustomize", "build", "--enable-helm", folder]
        refused = subprocess.run(command, capture_output=True, text=True, env=environment)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--enable-remote", refused.stderr)
        built = subprocess.run(command + ["--enable-remote"], capture_output=True, text=True,
                               env=environment)
        self.assertEqual(built.returncode, 0, built.stderr)
        self.assertIn("name: shop-web", built.stdout)
        self.assertIn("version: 1.1.0", built.stdout)

    def test_5_a_repository_that_is_down_keeps_what_is_there(self):
        self.charts.stop()
        type(self).charts = None
        status = self.swelld.wait_status("web", lambda s: s["sourceError"], "an error")
        self.assertIn("remote chart web of", status["sourceError"])
        self.assertEqual(self.data(), [("inline", "1.1.0")])
        commit = self.repo.commit("Inline", {
            "web/kustomization.yaml":
                self.files["web/kustomization.yaml"].replace("text: inline", "text: later")})
        self.swelld.wait_rollout("web", commit)
        self.assertEqual(self.data(), [("later", "1.1.0")])


if __name__ == "__main__":
    main()
