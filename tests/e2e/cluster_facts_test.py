#!/usr/bin/env python3
"""One application, three clusters, three results: overlays, parameters and overrides that take the
clusters' names and labels."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, deployment_path, image_of, main  # noqa: E402

# The cluster's facts in the overlay's path, in a patch (a number, and text), in an image, in a
# replacement and in a label.
SOURCE = """\
    kustomize:
      namePrefix: "{{ .cluster.labels.env }}-"
      images: ["registry.example.com/shop=mirror-{{ .cluster.name }}.example.com/shop:1.1"]
      commonLabels: {env: "{{ .cluster.labels.env }}"}
      labelWithoutSelector: true
      patches:
        - target: {kind: Deployment}
          patch: |-
            - {op: replace, path: /spec/replicas, value: {{ .cluster.labels.size }}}
        - patch: |-
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: shop}
            data:
              name: "{{ .cluster.name }}"
              size: "{{ .cluster.labels.size }}"
              later: "{{ .Values.untouched }}"
      replacements:
        - sourceValue: "{{ index .cluster.labels \\"example.com/zone\\" }}"
          targets:
            - select: {kind: ConfigMap, name: shop}
              fieldPaths: [data.zone]
              options: {create: true}
    overrides:
      - clusters: {matchLabels: {env: edge}}
        path: overlays/small
        kustomize:
          nameSuffix: -x
          patches:
            - target: {kind: ConfigMap}
              patch: '[{"op": "remove", "path": "/data/size"}]'
"""

OVERLAY = """\
resources: [../../base]
configMapGenerator:
  - {name: shop, literals: [overlay=%s], options: {disableNameSuffixHash: true}}
"""

FACTS = {"c01": {"env": "prod", "size": "3", "example.com/zone": "eu-1"},
         "c02": {"env": "test", "size": "2", "example.com/zone": "eu-2"},
         "c03": {"env": "edge", "size": "1", "example.com/zone": "us-1"}}


class ClusterFacts(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,rest=2"
    FILES = {"base/kustomization.yaml": "resources: [deployment.yaml]\n",
             "base/deployment.yaml": samples.deployment("shop", "1.0"),
             "overlays/prod/kustomization.yaml": OVERLAY % "prod",
             "overlays/test/kustomization.yaml": OVERLAY % "test",
             "overlays/small/kustomization.yaml": OVERLAY % "small"}

    @classmethod
    def label(cls, name, labels):
        arguments = [a for pair in labels.items() for a in ("--label", "%s=%s" % pair)]
        cls.swelld.ok("cluster", "add", name, "--context", name, "--kubeconfig",
                      os.path.join(cls.fleet.folder, "kubeconfig"), *arguments)

    def declaration(self, source=SOURCE):
        return samples.application("shop", self.repo.url, "overlays/{{ .cluster.labels.env }}",
                                   source, waves="    waves: [{name: all}]\n",
                                   sync="deletionBudget: {percent: 100, objects: 1000}")

    def text(self, cluster, prefix, suffix=""):
        found = self.fleet[cluster].get(config_map_path("shop", prefix + "-shop" + suffix))
        return found and found["data"]

    def test_1_every_cluster_gets_its_own(self):
        for name, labels in FACTS.items():
            self.label(name, labels)
        self.swelld.apply(self.declaration())
        self.swelld.wait_settled("shop", self.repo.head())
        self.assertEqual(self.text("c01", "prod"),
                         {"overlay": "prod", "name": "c01", "size": "3", "zone": "eu-1",
                          "later": "{{ .Values.untouched }}"})
        self.assertEqual(self.text("c02", "test"),
                         {"overlay": "test", "name": "c02", "size": "2", "zone": "eu-2",
                          "later": "{{ .Values.untouched }}"})
        self.assertEqual(self.text("c03", "edge", "-x"),
                         {"overlay": "small", "name": "c03", "zone": "us-1",
                          "later": "{{ .Values.untouched }}"})
        for cluster, name, replicas in (("c01", "prod-shop", 3), ("c02", "test-shop", 2),
                                        ("c03", "edge-shop-x", 1)):
            deployment = self.fleet[cluster].get(deployment_path("shop", name))
            self.assertEqual(deployment["spec"]["replicas"], replicas)
            self.assertEqual(deployment["metadata"]["labels"]["env"], FACTS[cluster]["env"])
            self.assertNotIn("env", deployment["spec"]["selector"]["matchLabels"])
            self.assertEqual(image_of(deployment), "mirror-%s.example.com/shop:1.1" % cluster)

    def test_2_the_same_offline(self):
        """`swell render` of the declaration prints what the server rolled out."""
        file = os.path.join(self.scratch, "app.yaml")
        with open(file, "w") as out:
            out.write(self.declaration() + "---\n" + "---\n".join(
                "apiVersion: swell/v1alpha1\nkind: Cluster\nmetadata: {name: %s, labels: %s}\n"
                "spec: {kubeconfig: {path: /unused}}\n" % pair for pair in FACTS.items()))
        for cluster in self.fleet.names:
            printed = self.swelld.ok("render", self.repo.folder, "--application", file,
                                     "--cluster-name", cluster).out
            self.assertEqual(printed, self.swelld.ok("manifest", "shop", cluster).out)
        ran = self.swelld.run("render", self.repo.folder, "--application", file)
        self.assertEqual(ran.code, 1, str(ran))
        self.assertIn("no cluster is given for this render", ran.err)

    def test_3_a_label_that_a_cluster_lacks(self):
        self.label("c02", {"env": "test", "size": "2"})
        self.assert_error('cluster "c02" has no label "example.com/zone"',
                          "replacements: [0]: sourceValue")
        self.label("c02", FACTS["c02"])
        self.swelld.wait_status("shop", lambda s: not s["error"], "no error any more")

    def test_4_a_label_that_would_change_a_patch(self):
        self.label("c02", {**FACTS["c02"], "size": "9}\n- {op: remove, path: /spec/template"})
        self.assert_error("{{ .cluster.labels.size }} is ", 'for cluster "c02"', "patches: [0]")
        self.label("c02", FACTS["c02"])
        self.swelld.wait_status("shop", lambda s: not s["error"], "no error any more")

    def test_5_a_label_moves_a_cluster(self):
        """Another label is another overlay; the others keep what they have."""
        history = len(self.swelld.history("shop"))
        self.label("c02", {**FACTS["c02"], "env": "prod", "size": "5"})
        self.swelld.wait_status("shop", lambda s: s["sync"] == "Synced" and
                                self.text("c02", "prod") and not self.text("c02", "test"),
                                "another overlay, and the former one pruned")
        self.assertEqual(self.text("c02", "prod")["overlay"], "prod")
        self.assertEqual(self.text("c02", "prod")["size"], "5")
        self.assertEqual(self.text("c01", "prod")["size"], "3")
        self.assertGreater(len(self.swelld.history("shop")), history)

    def test_6_declarations_that_are_wrong(self):
        for source, says in (
                (SOURCE.replace("sourceValue", "sourceVal"),
                 "spec.source.kustomize.replacements[0].sourceVal: unknown field"),
                (SOURCE.replace("{matchLabels: {env: edge}}", "{}"),
                 "spec.source.overrides[0].clusters: selects nothing"),
                (SOURCE.replace("namePrefix", "targetNamespace"),
                 "spec.source.kustomize.targetNamespace: is not known here: write namespace")):
            ran = self.swelld.run("apply", "-f", "-", text=self.declaration(source))
            self.assertEqual(ran.code, 1, str(ran))
            self.assertIn(says, ran.err)

    def assert_error(self, *words):
        status = self.swelld.wait_status("shop", lambda s: s["error"], "an error")
        for word in words:
            self.assertIn(word, status["error"])
        self.assertIn(words[0], self.swelld.describe("shop").replace("\n", " "))
        self.assertEqual(self.text("c02", "test")["overlay"], "test")


if __name__ == "__main__":
    main()
