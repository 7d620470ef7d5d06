#!/usr/bin/env python3
"""Charts that make up passwords: made once a cluster, kept over everything that follows, and in
clear nowhere but in the clusters. And charts that look up what is there already."""
import base64
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402
from programs import eventually  # noqa: E402

CHART = "apiVersion: v2\nname: db\nversion: 1.0.0\n"
SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: db}
data:
  password: {{ randAlphaNum 24 | b64enc }}
"""
# A password where it does not belong: not a Secret, but a secret.
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: db}
data:
  started: {{ now | date "2006-01-02T15:04:05Z07:00" | quote }}
  token: {{ randAlphaNum 32 }}
"""
CERTIFICATE = """\
{{- $ca := genCA "db-ca" 365 }}
{{- $cert := genSignedCert "db" nil (list "db.example.com") 365 $ca }}
apiVersion: v1
kind: Secret
metadata: {name: tls}
data:
  ca.crt: {{ $ca.Cert | b64enc }}
  tls.crt: {{ $cert.Cert | b64enc }}
  tls.key: {{ $cert.Key | b64enc }}
"""
MOVED = """\
# The chart's next version: other lines, and another password before the old one.
{{- if true }}
apiVersion: v1
kind: Secret
metadata:
  name: db
type: Opaque
data:
  admin: {{ randAlphaNum 24 | b64enc | quote }}
  password: {{ randAlphaNum 24 | b64enc | quote }}
{{- end }}
"""
REUSE = """\
{{- $old := lookup "v1" "Secret" .Release.Namespace "legacy" }}
apiVersion: v1
kind: Secret
metadata: {name: reused}
data:
  {{- if $old }}
  password: {{ $old.data.password }}
  {{- else }}
  password: {{ randAlphaNum 24 | b64enc }}
  {{- end }}
"""


def secret_path(namespace, name="db"):
    return "/api/v1/namespaces/%s/secrets/%s" % (namespace, name)


class StableValues(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,rest=2"
    FILES = {"db/Chart.yaml": CHART, "db/templates/secret.yaml": SECRET,
             "db/templates/config.yaml": CONFIG, "db/templates/tls.yaml": CERTIFICATE,
             "db/templates/deployment.yaml": samples.deployment("db", "1", replicas=1)}

    def declare(self, name="db", path="db", helm="{}", **options):
        self.swelld.apply(samples.application(
            name, self.repo.url, path, "    helm: %s\n" % helm,
            waves="    waves: [{name: all}]\n", **options))

    def data(self, namespace="db", name="db"):
        """{cluster: the Secret's data}"""
        return {cluster: secret and secret["data"] for cluster, secret in
                self.on_every_cluster(secret_path(namespace, name)).items()}

    def passwords(self, namespace="db", name="db"):
        return {cluster: data["password"] for cluster, data in self.data(namespace, name).items()}

    def made_up(self):
        """Everything that the chart makes up, by cluster."""
        config = self.on_every_cluster("/api/v1/namespaces/db/configmaps/db")
        return {cluster: (password, config[cluster]["data"], tls) for (cluster, password), tls in
                zip(self.passwords().items(), self.data(name="tls").values())}

    def roll_out(self, message, files):
        commit = self.repo.commit(message, files)
        self.swelld.wait_rollout("db", commit)
        self.swelld.wait_settled("db", commit)
        return commit

    def test_1_every_cluster_has_its_own(self):
        self.declare()
        self.swelld.wait_settled("db", self.repo.head())
        made_up = self.made_up()
        for part in range(2):
            values = [str(parts[part]) for parts in made_up.values()]
            self.assertEqual(len(set(values)), len(values), "clusters share what was made up")
        for password in self.passwords().values():
            self.assertRegex(base64.b64decode(password).decode(), r"^[A-Za-z0-9]{24}$")
        type(self).first = made_up

    def test_2_looking_again_changes_nothing(self):
        writes = {c: self.fleet[c].stats()["writes"] for c in self.fleet.names}
        for _ in range(2):
            self.assertEqual(self.swelld.run("diff", "db", "--exit-code").code, 0)
        self.assertIn("already in sync", self.swelld.ok("sync", "db", "--wait").out)
        self.assertEqual(writes, {c: self.fleet[c].stats()["writes"] for c in self.fleet.names})
        self.assertEqual(len(self.swelld.history("db")), 1)
        self.assertEqual(self.made_up(), self.first)

    def test_3_a_redeploy_keeps_them(self):
        self.roll_out("Two replicas", {
            "db/templates/deployment.yaml": samples.deployment("db", "1", replicas=2)})
        self.assertEqual(self.made_up(), self.first)

    def test_4_an_upgrade_that_moves_lines_keeps_them(self):
        self.roll_out("Chart 1.1", {"db/Chart.yaml": CHART.replace("1.0.0", "1.1.0"),
                                    "db/templates/secret.yaml": MOVED})
        self.assertEqual(self.made_up(), self.first)
        admins = {c: data["admin"] for c, data in self.data().items()}
        self.assertEqual(len(set(admins.values())), len(admins))
        for cluster, password in self.passwords().items():
            self.assertNotEqual(password, admins[cluster])

    def test_5_a_crash_keeps_them(self):
        self.swelld.kill()
        self.swelld.start()
        self.roll_out("Three replicas", {
            "db/templates/deployment.yaml": samples.deployment("db", "1", replicas=3)})
        self.assertEqual(self.made_up(), self.first)

    def test_6_a_revision_without_them_that_fails_keeps_them(self):
        self.declare(deadline="3s")
        bad = self.repo.commit("Broken, and without a password", {
            "db/templates/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n",
            "db/templates/deployment.yaml": samples.deployment("db", "broken")})
        self.swelld.wait_rollout("db", bad, "RolledBack")
        self.assertEqual(self.made_up(), self.first)
        self.declare()
        self.roll_out("Repaired", {
            "db/templates/secret.yaml": MOVED,
            "db/templates/deployment.yaml": samples.deployment("db", "2", replicas=1)})
        self.assertEqual(self.made_up(), self.first)

    def test_7_a_rollback_and_what_follows_keep_them(self):
        done = self.swelld.run("rollback", "db", "--to", 1, "--wait")
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(self.made_up(), self.first)
        self.roll_out("Onwards", {
            "db/templates/deployment.yaml": samples.deployment("db", "3", replicas=1)})
        self.assertEqual(self.made_up(), self.first)

    def test_8_an_application_that_comes_back_finds_them(self):
        """Deleting leaves the objects where they are; so must their passwords be kept."""
        self.swelld.ok("delete", "application", "db")
        self.declare()
        self.swelld.wait_settled("db", self.repo.head())
        self.assertEqual(self.made_up(), self.first)

    def test_9_they_are_in_clear_nowhere(self):
        secrets = set()
        for password, config, tls in self.first.values():
            secrets |= {password, base64.b64decode(password).decode(), config["token"],
                        tls["tls.key"], base64.b64decode(tls["tls.key"]).decode().split("\n")[2]}
        # Write-ahead log and all; the key is beside the database.
        files = [os.path.join(folder, name) for folder, _, names in os.walk(self.swelld.data)
                 for name in names if name.startswith("swell.db")]
        self.assertTrue(files, "no database")
        shown = {}
        for path in files:
            with open(path, "rb") as f:
                shown[path] = f.read()
        shown["log"] = self.swelld.log().encode()
        for command in (["status", "db", "-o", "json"], ["history", "db", "-o", "json"],
                        ["events", "db"], ["get", "application", "db", "-o", "yaml"],
                        ["rollout", "db"]):
            shown[" ".join(command)] = self.swelld.ok(*command).out.encode()
        for where, text in shown.items():
            for secret in secrets:
                self.assertNotIn(secret.encode(), text, "a secret is in clear in " + where)

    def test_9_they_are_sealed_where_no_secret_is(self):
        """A compressed manifest hides a token from a search, not from a reader."""
        self.repo.commit("Token", {"token/Chart.yaml": CHART.replace("db", "token"),
                                   "token/templates/config.yaml": CONFIG})
        self.declare("token", "token")
        self.swelld.wait_settled("token", self.repo.head())
        manifest = self.swelld.rollout("token")["waves"][0]["clusters"][0]["manifest"]
        database = sqlite3.connect("file:%s?mode=ro" % os.path.join(self.swelld.data, "swell.db"),
                                   uri=True)
        self.addCleanup(database.close)
        sealed = database.execute("SELECT sealed FROM blobs WHERE key = ?",
                                  (bytes.fromhex(manifest),)).fetchall()
        self.assertEqual(sealed, [(1,)])

    def test_a_fresh_ones_are_asked_for(self):
        self.declare(helm="{randomValues: fresh}")
        before = self.passwords()
        eventually(lambda: all(self.passwords()[c] != before[c] for c in before),
                   lambda: self.swelld.describe("db"))
        self.swelld.wait_settled("db", self.repo.head())
        rotated = self.passwords()
        # Nothing is rendered, so nothing is made anew.
        self.assertEqual(self.swelld.run("diff", "db", "--exit-code").code, 0)
        self.roll_out("Another replica", {
            "db/templates/deployment.yaml": samples.deployment("db", "3", replicas=2)})
        for cluster, password in self.passwords().items():
            self.assertNotIn(password, (rotated[cluster], before[cluster]))
        # The kept ones were kept.
        self.declare()
        eventually(lambda: self.made_up() == self.first, lambda: self.swelld.describe("db"))

    # --- lookup ---

    def test_b_lookup_finds_nothing_unless_allowed(self):
        self.repo.commit("Reuse", {"reuse/Chart.yaml": CHART.replace("db", "reuse"),
                                   "reuse/templates/secret.yaml": REUSE})
        self.declare("reuse", "reuse")
        self.swelld.wait_settled("reuse", self.repo.head())
        for number, cluster in enumerate(self.fleet.names):
            self.fleet[cluster].create(secret_path("reuse", "")[:-1], {
                "apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": "legacy", "namespace": "reuse"},
                "data": {"password": base64.b64encode(b"legacy-%d" % number).decode()}})
        type(self).generated = self.passwords("reuse", "reused")
        shown = self.swelld.ok("diff", "reuse")
        self.assertIn("c01 and 2 more: reuse/templates/secret.yaml calls lookup",
                      shown.out + shown.err)
        self.assertIn("spec.source.helm.lookup: true", shown.out + shown.err)
        self.assertIn("already in sync", self.swelld.ok("sync", "reuse", "--wait").out)

    def test_c_lookup_reads_each_cluster(self):
        self.declare("reuse", "reuse", "{lookup: true}")
        expected = {c: base64.b64encode(b"legacy-%d" % i).decode()
                    for i, c in enumerate(self.fleet.names)}
        eventually(lambda: self.passwords("reuse", "reused") == expected,
                   lambda: self.swelld.describe("reuse"))
        self.swelld.wait_settled("reuse", self.repo.head())
        shown = self.swelld.ok("diff", "reuse")
        self.assertNotIn("calls lookup", shown.out + shown.err)
        # What is looked up is an input: the next look at the cluster sees the change.
        self.fleet["c02"].merge(secret_path("reuse", "legacy"), {"data": {"password": "bmV3"}})
        eventually(lambda: self.passwords("reuse", "reused")["c02"] == "bmV3",
                   lambda: self.swelld.describe("reuse"))
        self.assertEqual(self.passwords("reuse", "reused"), {**expected, "c02": "bmV3"})

    def test_d_what_is_gone_was_kept(self):
        for cluster in self.fleet.names:
            self.fleet[cluster].delete(secret_path("reuse", "legacy"))
        eventually(lambda: self.passwords("reuse", "reused") == self.generated,
                   lambda: self.swelld.describe("reuse"))

    def test_e_lookup_that_is_refused(self):
        self.swelld.wait_settled("reuse", self.repo.head())
        self.addCleanup(self.fleet["c03"].heal)
        self.fleet["c03"].fault(rules=[{"match": {"method": "GET", "path": "secrets/legacy"},
                                        "status": 403}])
        status = self.swelld.wait_status("reuse", lambda s: s["error"], "an error")
        for words in ("c03", "look up Secret reuse/legacy", "allow them to get Secret",
                      "namespace reuse", "spec.source.helm.lookup: false"):
            self.assertIn(words, status["error"])
        self.assertEqual(self.passwords("reuse", "reused"), self.generated)
        self.fleet["c03"].heal()
        self.swelld.wait_status("reuse", lambda s: not s["error"], "no error any more")

    def test_f_lookups_that_never_end(self):
        self.repo.commit("Endless", {
            "endless/Chart.yaml": CHART.replace("db", "endless"),
            # Each answer leads to another question.
            "endless/templates/a.yaml":
                "{{- range $i := until 20 }}\n"
                "{{- if lookup \"v1\" \"ConfigMap\" \"chain\" (printf \"m%d\" $i) }}\n{{- else }}"
                "{{- break }}{{- end }}\n{{- end }}\n"
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
        api = self.fleet["c01"]
        api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace",
                                          "metadata": {"name": "chain"}})
        for number in range(20):
            api.create("/api/v1/namespaces/chain/configmaps", {
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "m%d" % number, "namespace": "chain"}})
        self.declare("endless", "endless", "{lookup: true}", clusters="{names: [c01]}")
        status = self.swelld.wait_status("endless", lambda s: s["error"], "an error")
        self.assertIn("goes on looking up objects after 10 renders", status["error"])
        self.assertIn("ConfigMap chain/m10", status["error"])
        for number in range(5, 20):
            api.delete("/api/v1/namespaces/chain/configmaps/m%d" % number)
        self.swelld.wait_settled("endless", self.repo.head())


if __name__ == "__main__":
    main()
