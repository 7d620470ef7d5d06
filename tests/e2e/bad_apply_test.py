#!/usr/bin/env python3
"""What an API server may say to an apply: refusals that tell what to do and leave nothing half done,
failures that pass, and whose fields and objects an apply takes."""
import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, main  # noqa: E402
from git_repo import GitRepo  # noqa: E402

SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: "%s"}
"""

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.%(name)s.example.com}
spec:
  group: %(name)s.example.com
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object,
       x-kubernetes-preserve-unknown-fields: true}}}
"""

WIDGET = """\
apiVersion: %(name)s.example.com/v1
kind: Widget
metadata: {name: w}
spec: {size: 1}
"""

WEBHOOK_AWAY = ('Internal error occurred: failed calling webhook "check.example.com": failed to call '
                'webhook: Post "https://check.ops.svc:443/validate?timeout=10s": dial tcp '
                '10.96.0.7:443: connect: connection refused')


class BadApply(EndToEnd):
    CLUSTERS = 1
    RINGS = "canary=1"

    def setUp(self):
        self.api = self.fleet["c01"]
        self.addCleanup(self.api.heal)

    def declare(self, **options):
        self.swelld.apply(samples.application(
            self.name, self.repository.url, "app", waves="    waves: [{name: all}]\n", **options))

    def begin(self, name, files=None, **options):
        """An application of one ConfigMap (or `files`) that is rolled out."""
        self.name = name
        files = files or {"config.yaml": samples.config_map("config", "first")}
        self.repository = GitRepo(os.path.join(self.scratch, name),
                                  {"app/" + path: text for path, text in files.items()})
        self.declare(**options)
        self.swelld.wait_settled(name, self.repository.head())

    def commit(self, files=None):
        files = files or {"config.yaml": samples.config_map("config", "second")}
        return self.repository.commit("Change",
                                      {"app/" + path: text for path, text in files.items()})

    def fault(self, method="PATCH", what="configmaps/", query="", **rule):
        match = {"method": method, "path": "namespaces/%s/%s" % (self.name, what)}
        if query:
            match["query"] = query
        self.api.fault(rules=[{"match": match, **rule}])

    def ended(self, commit):
        return self.swelld.wait_status(
            self.name, lambda s: s["rollout"]["finished"] and
            s["rollout"]["revision"]["commit"] == commit, "the rollout's end")["rollout"]

    def assert_failed(self, commit, *words):
        rollout = self.ended(commit)
        self.assertIn(rollout["phase"], ("Failed", "RolledBack"))
        for word in words:
            self.assertIn(word, rollout["message"])
        return rollout["message"]

    def text(self):
        return self.api.get(config_map_path(self.name, "config"))["data"]["text"]

    # --- refusals: told with what to do, and nothing has changed ---

    def assert_refused(self, name, rule, *words):
        self.begin(name, deadline="4s")
        self.fault(**rule)
        message = self.assert_failed(self.commit(), "ConfigMap %s/config" % name, *words)
        self.assertEqual(self.text(), "first")
        return message

    def test_1_policy(self):
        self.assert_refused("policy", {
            "status": 422, "reason": "Invalid",
            "message": "configmaps \"config\" is forbidden: ValidatingAdmissionPolicy 'labels' with "
                       "binding 'labels' denied request: every object needs a team label"},
            "every object needs a team label")

    def test_1_webhook_denies(self):
        self.assert_refused("denied", {
            "status": 400, "reason": "BadRequest",
            "message": 'admission webhook "check.example.com" denied the request: no latest tags'},
            "an admission webhook or policy of the cluster denies it", "no latest tags")

    def test_1_quota(self):
        self.assert_refused("quota", {
            "status": 403, "reason": "Forbidden",
            "message": 'configmaps "config" is forbidden: exceeded quota: small, requested: '
                       'count/configmaps=1, used: count/configmaps=5, limited: count/configmaps=5'},
            "a ResourceQuota of the namespace is used up", "exceeded quota: small")

    def test_1_webhook_away(self):
        self.assert_refused("away", {"status": 500, "reason": "InternalError",
                                     "message": WEBHOOK_AWAY},
                            "a webhook that the cluster asks does not answer", "check.example.com")

    def test_1_conversion(self):
        self.assert_refused("conversion", {
            "status": 500, "reason": "InternalError",
            "message": "conversion webhook for example.com/v1, Kind=Widget failed: Post "
                       "\"https://c.ops.svc:443/convert?timeout=30s\": service \"c\" not found"},
            "a webhook that the cluster asks does not answer", "conversion webhook for")

    def test_1_not_served(self):
        self.assert_refused("unserved", {"status": 404, "text": "404 page not found\n"},
                            "the cluster does not serve ConfigMap in version v1")

    def test_1_namespace_terminating(self):
        self.assert_refused("terminating", {
            "status": 403, "reason": "Forbidden",
            "message": 'configmaps "config" is forbidden: unable to create new content in namespace '
                       'terminating because it is being terminated',
            "causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace",
                        "message": "namespace terminating is being terminated"}]},
            'namespace "terminating" is being deleted and does not go away')

    def test_1_unknown_field(self):
        # The simulated server keeps fields that it does not know; a real one answers this.
        self.assert_refused("unknown", {
            "status": 500, "message": "failed to create typed patch object (unknown/config; /v1, "
                                      "Kind=ConfigMap): .dta: field not declared in schema"},
            ".dta: field not declared in schema",
            "the object states a field that ConfigMap v1 of this cluster does not have")

    def test_1_name_too_long(self):
        self.begin("long-name")
        self.assert_failed(self.commit({"long.yaml": samples.config_map("x" * 260, "text")}),
                           "metadata.name", "ConfigMap")

    def test_1_too_large(self):
        self.begin("large", deadline="20s")
        self.assert_failed(
            self.commit({"large.yaml": samples.config_map("large", "x" * 1200000)}),
            "ConfigMap large/large: the object has data of 1.14 MiB: Kubernetes takes no more than "
            "1.00 MiB; nothing was sent")
        self.assertIsNone(self.api.get(config_map_path("large", "large")))

    def test_1_a_secret_stays_one(self):
        value = "hunter2-%d" % os.getpid()
        encoded = base64.b64encode(value.encode()).decode()
        self.begin("secret", {"secret.yaml": SECRET % "first"}, deadline="4s")
        for number, rule in enumerate((
                {"status": 400, "reason": "BadRequest", "message":
                 'admission webhook "check.example.com" denied the request: %s is weak' % value},
                {"status": 500, "reason": "InternalError", "message": WEBHOOK_AWAY + encoded},
                {"status": 422, "reason": "Invalid", "message":
                 'Secret "login" is invalid: data[password]: Invalid value: "%s": too short' % encoded,
                 "causes": [{"reason": "FieldValueInvalid", "field": "data[password]",
                             "message": 'Invalid value: "%s": too short' % encoded}]},
                {"status": 500, "message": "failed to create typed patch object (secret/login; v1, "
                                           "Kind=Secret): .%s: field not declared in schema" % value})):
            with self.subTest(rule=number):
                self.fault(what="secrets/", **rule)
                commit = self.commit({"secret.yaml": SECRET % (value + "-" * (number + 1))})
                message = self.assert_failed(commit, "Secret secret/login")
                everything = message + "".join(
                    str(self.swelld.run(*command)) for command in (
                        ("status", "secret"), ("events", "secret"), ("rollout", "secret")))
                self.assertNotIn(value, everything)
                self.assertNotIn(encoded, everything)
                self.api.heal()

    # --- all at once, and before the first write ---

    def test_2_refusals_come_together(self):
        files = {"%s.yaml" % n: samples.config_map(n, "first") for n in ("a", "b", "c", "d")}
        self.begin("together", files)
        self.api.reset_stats()
        self.fault(what="configmaps/(b|d)$", query="dryRun=All", status=422, reason="Invalid",
                   message="data: Invalid value: not like this")
        # A rollback after a refusal finds nothing to undo.
        message = self.assert_failed(
            self.commit({"%s.yaml" % n: samples.config_map(n, "second") for n in ("a", "b", "c", "d")}),
            "refused before anything was written: 2 objects are refused",
            "apply ConfigMap together/b", "apply ConfigMap together/d")
        self.assertNotIn("together/a", message)
        self.assertEqual(self.api.stats()["changes"], 0)
        # The two others were asked about; faults answer before anything is counted.
        self.assertEqual(self.api.stats()["dryRuns"], 2)

    # --- failures that pass ---

    def assert_waited_out(self, name, rule, times=2):
        self.begin(name)
        self.fault(times=times, **rule)
        self.swelld.wait_rollout(name, self.commit())
        self.assertEqual(self.api.fault_hits(), times)
        self.assertEqual(self.text(), "second")
        self.assertEqual(len(self.swelld.history(name)), 2)

    def test_3_cut_before_the_server_acted(self):
        self.assert_waited_out("cut", {"body": "cut"})

    def test_3_cut_after_the_server_acted(self):
        self.assert_waited_out("lost", {"body": "lost"})
        self.assertEqual(self.api.stats()["changes"] > 0, True)

    def test_3_slow_answer(self):
        self.assert_waited_out("slow", {"body": "slow", "delayMs": 700}, 1)

    def test_3_webhook_comes_up(self):
        # More often than the client itself tries.
        self.assert_waited_out("up", {"status": 500, "reason": "InternalError",
                                      "message": WEBHOOK_AWAY}, 6)

    def test_3_changed_meanwhile(self):
        self.assert_waited_out("meanwhile", {
            "status": 409, "reason": "Conflict", "message":
            'Operation cannot be fulfilled on configmaps "config": the object has been modified; '
            'please apply your changes to the latest version and try again'})

    # --- CRDs ---

    def test_4_a_crd_that_is_never_established(self):
        self.begin("crd", deadline="4s")
        self.api.fault(rules=[{
            "match": {"method": "GET", "path": "customresourcedefinitions/widgets.crd"},
            "answer": {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                       "metadata": {"name": "widgets.crd.example.com", "uid": "u"},
                       "status": {"conditions": [{"type": "Established", "status": "False",
                                                  "reason": "Installing"}]}}}])
        name = {"name": "crd"}
        message = self.ended(self.commit({"crd.yaml": CRD % name, "widget.yaml": WIDGET % name}))[
            "message"]
        self.assertIn("it is not Established", message)
        self.assertIn("CustomResourceDefinition widgets.crd.example.com", message)
        self.assertIsNone(self.api.get("/apis/crd.example.com/v1/namespaces/crd/widgets/w"))

    def test_4_a_crd_comes_with_its_object(self):
        self.begin("both", {"crd.yaml": CRD % {"name": "both"}, "widget.yaml": WIDGET % {"name": "both"}})
        self.assertEqual(
            self.api.get("/apis/both.example.com/v1/namespaces/both/widgets/w")["spec"]["size"], 1)

    # --- whose fields ---

    def test_5_what_kubectl_applied_goes_when_it_leaves_git(self):
        self.begin("adopted")
        applied = {"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"name": "old", "namespace": "adopted"},
                   "data": {"text": "kubectl", "gone": "yes"}}
        applied["metadata"]["annotations"] = {
            "kubectl.kubernetes.io/last-applied-configuration": json.dumps(applied)}
        self.api.create("/api/v1/namespaces/adopted/configmaps?fieldManager=kubectl-client-side-apply",
                        applied)
        self.swelld.wait_rollout("adopted", self.commit(
            {"old.yaml": samples.config_map("old", "swell")}))
        found = self.api.get(config_map_path("adopted", "old"))
        self.assertEqual(found["data"], {"text": "swell"})
        self.assertNotIn("kubectl.kubernetes.io/last-applied-configuration",
                         found["metadata"]["annotations"])
        self.assertEqual([(e["manager"], e["operation"]) for e in found["metadata"]["managedFields"]],
                         [("swell", "Apply")])
        self.swelld.wait_status("adopted", lambda s: not s["hold"] and not s["error"], "in sync")

    def scale(self, replicas):
        status, answer = self.api.call(
            "PATCH", deployment_path(self.name, "web") + "?fieldManager=autoscaler",
            {"spec": {"replicas": replicas}}, "application/merge-patch+json")
        self.assertEqual(status, 200, answer)

    def replicas(self):
        return self.api.get(deployment_path(self.name, "web"))["spec"]["replicas"]

    def test_5_kept_fields(self):
        self.begin("kept", {"web.yaml": samples.deployment("web", "1.0", 2)}, heal=True,
                   sync='conflictRules: [{group: apps, kind: Deployment, jsonPointers: '
                        '[/spec/replicas], policy: keep}]')
        self.scale(5)
        self.assertEqual(self.swelld.run("diff", "kept", "--exit-code").code, 0)
        commit = self.commit({"web.yaml": samples.deployment("web", "1.1", 3)})
        self.swelld.wait_rollout("kept", commit)
        self.assertEqual(self.replicas(), 5)
        self.assertEqual(self.swelld.run("diff", "kept", "--exit-code").code, 0)
        # Who scaled it down to nothing of its own wish is asked no more.
        self.declare(sync="conflicts: take")
        self.swelld.wait_status("kept", lambda s: self.replicas() == 3, "taken")

    def test_5_conflicts_that_fail(self):
        self.begin("strict", {"web.yaml": samples.deployment("web", "1.0", 2)}, heal=False,
                   sync="conflicts: fail")
        self.scale(5)
        commit = self.commit({"web.yaml": samples.deployment("web", "1.1", 3)})
        self.assert_failed(commit, "other field managers own what the application states otherwise",
                           '/spec/replicas (owned by "autoscaler")')
        self.assertEqual(self.replicas(), 5)

    # --- immutable fields ---

    def relabelled(self):
        return samples.deployment("web", "1.0").replace("matchLabels: {app: web}",
                                                         "matchLabels: {app: web, tier: a}").replace(
            "metadata: {labels: {app: web}}", "metadata: {labels: {app: web, tier: a}}")

    def test_6_immutable(self):
        self.begin("immutable", {"web.yaml": samples.deployment("web", "1.0")})
        uid = self.api.get(deployment_path("immutable", "web"))["metadata"]["uid"]
        self.assert_failed(self.commit({"web.yaml": self.relabelled()}),
                           "Kubernetes never changes this field", "sync.recreate",
                           "spec.selector")
        self.assertEqual(self.api.get(deployment_path("immutable", "web"))["metadata"]["uid"], uid)

    def test_6_recreated(self):
        self.begin("recreated", {"web.yaml": samples.deployment("web", "1.0")}, sync="recreate: true")
        uid = self.api.get(deployment_path("recreated", "web"))["metadata"]["uid"]
        self.swelld.wait_rollout("recreated", self.commit({"web.yaml": self.relabelled()}))
        found = self.api.get(deployment_path("recreated", "web"))
        self.assertNotEqual(found["metadata"]["uid"], uid)
        self.assertEqual(found["spec"]["selector"]["matchLabels"], {"app": "web", "tier": "a"})


if __name__ == "__main__":
    main()
