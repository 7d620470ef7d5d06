#!/usr/bin/env python3
"""Health checks of the user's own: refused where they do not compile, asked before Swell's own
rules, the application's before the server's; the message of an unhealthy rollout is theirs."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402
from programs import Swelld  # noqa: E402

SERVER = """\
healthChecks:
- kind: ConfigMap
  lua: |
    return {status = "Degraded", message = "the server's check"}
"""

CHECK = """\
  healthChecks:
    - kind: ConfigMap
      lua: |
        if obj.data.text == "well" then return {status = "Healthy"} end
        return {status = "Degraded", message = "text is " .. obj.data.text}
"""


class HealthChecks(EndToEnd):
    CLUSTERS = 1
    RINGS = "canary=1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commit = cls.repo.commit("Map", {"map/map.yaml": samples.CONFIG_MAP % {
            "name": "map", "text": "ill"}})

    def application(self, name, checks):
        return samples.application(name, self.repo.url, "map", waves="", deadline="3s").replace(
            "  rollout:\n", checks + "  rollout:\n")

    def failure(self, name):
        return self.swelld.wait_rollout(name, self.commit, phase="Failed")["message"]

    def test_1_a_script_that_does_not_compile_is_refused(self):
        broken = CHECK.replace(" end\n", "\n", 1)
        refused = self.swelld.run("apply", "-f", "-", text=self.application("map", broken))
        self.assertEqual(refused.code, 1, refused)
        self.assertIn("Application map: spec.healthChecks[0].lua: lua:", refused.err)
        self.assertIn("'end' expected", refused.err)

    def test_2_a_check_judges_and_says_why(self):
        self.swelld.apply(self.application("map", CHECK))
        self.assertIn("ConfigMap map/map: text is ill", self.failure("map"))

    def test_3_and_lets_what_is_well_pass(self):
        commit = self.repo.commit("Well", {"map/map.yaml": samples.CONFIG_MAP % {
            "name": "map", "text": "well"}})
        self.swelld.wait_rollout("map", commit)
        type(self).commit = commit

    def test_4_a_check_that_does_not_end_is_unknown(self):
        endless = "  healthChecks: [{kind: ConfigMap, lua: 'while true do end'}]\n"
        self.swelld.apply(self.application("endless", endless))
        self.assertIn("the script took more than 10000000 steps", self.failure("endless"))

    def test_5_the_servers_checks_are_for_every_application(self):
        file = os.path.join(self.scratch, "checks.yaml")
        with open(file, "w") as f:
            f.write(SERVER)
        self.swelld.stop()
        self.swelld.flags = ["--health-checks", file]
        self.swelld.start()
        self.swelld.apply(self.application("shared", ""))
        self.assertIn("ConfigMap shared/map: the server's check", self.failure("shared"))
        self.swelld.apply(self.application("own", CHECK))
        self.swelld.wait_rollout("own", self.commit)

    def test_6_a_server_does_not_start_with_broken_ones(self):
        file = os.path.join(self.scratch, "broken.yaml")
        with open(file, "w") as f:
            f.write("healthChecks:\n- {kind: Pod, lua: 'return {'}\n")
        other = Swelld(os.path.join(self.scratch), ["--health-checks", file])
        other.data = os.path.join(self.scratch, "other")
        with self.assertRaises(RuntimeError) as raised:
            other.start()
        self.assertIn("healthChecks[0].lua: lua:1:", str(raised.exception))


if __name__ == "__main__":
    main()
