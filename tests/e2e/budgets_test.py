#!/usr/bin/env python3
"""Charts that would never end or fill all memory end with an error that names place and budget,
with the budgets that swell has by default and in an address space that is limited."""
import os
import resource
import subprocess
import tempfile
import unittest

BIN = os.environ["SWELL_BIN"]
ADDRESS_SPACE = 4 << 30
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"

# What the template holds, and the budget that ends it.
TEMPLATES = {
    "until": ("{{ until 1000000000 }}", "max_steps"),
    "loop": ("{{ range 9000000000000000000 }}{{ end }}", "max_steps"),
    "repeat": ("{{ repeat 1000000000 `x` }}", "max_value_bytes"),
    "doubling": ("{{ $s := `x` }}{{ range 64 }}{{ $s = print $s $s }}{{ end }}", "max_value_bytes"),
    "kept": ("{{ $d := dict }}{{ range 100000 }}{{ $_ := set $d (toString .) "
             "(repeat 10000000 `x`) }}{{ end }}", "max_allocated_bytes"),
    "lists": ("{{ $l := until 1000000 }}{{ $d := dict }}{{ range 100000 }}"
              "{{ $_ := set $d (toString .) (append $l 1) }}{{ end }}", "budget max_"),
    "template": ("{{ define `x` }}{{ template `x` . }}{{ end }}{{ template `x` . }}",
                 "max_template_depth"),
    "tpl": ("{{ tpl .Values.t . }}", "max_template_depth"),
    "output": ("{{ range 100000000 }}0123456789012345678901234567890123456789{{ end }}",
               "max_output_bytes"),
    "toYaml": ("{{ $s := repeat 60000000 `x` }}{{ $l := list }}{{ range 100000 }}"
               "{{ $l = append $l $s }}{{ end }}{{ toYaml $l }}", "budget max_"),
    "regex": ("{{ $s := repeat 10000000 `x` }}{{ regexReplaceAll `` $s $s }}", "max_value_bytes"),
    "keys": ("{{ range 1000000 }}{{ genPrivateKey `ed25519` }}{{ end }}", "max_steps"),
}


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def swell(*arguments, program="swell"):
    return subprocess.run([os.path.join(BIN, program), *arguments], capture_output=True, text=True,
                          timeout=240, stdin=subprocess.DEVNULL, preexec_fn=limit_memory)


class Budgets(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.chart = os.path.join(self.folder.name, "web")
        os.makedirs(os.path.join(self.chart, "templates"))
        self.write("Chart.yaml", CHART)
        self.write("values.yaml", "t: '{{ tpl .Values.t . }}'\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.chart, name), "w", encoding="utf-8") as file:
            file.write(text)

    def refused(self, run, *texts):
        self.assertEqual(run.returncode, 1, run.stderr[:1000])
        self.assertEqual(run.stdout, "")
        for text in texts:
            self.assertIn(text, run.stderr[:4000])

    def test_templates_end(self):
        for name, (text, budget) in TEMPLATES.items():
            with self.subTest(name):
                self.write("templates/a.yaml", "\n" + text)
                self.refused(swell("helm", "template", self.chart), "web/templates/a.yaml:2",
                             budget)

    def test_flags_set_the_budgets(self):
        self.write("templates/a.yaml", "kind: A\nn: '{{ range 10000 }}{{ end }}'\n")
        self.assertEqual(swell("helm", "template", self.chart).returncode, 0)
        for flag in (["--render-max-steps", "1000"], ["--render-max-steps=1000"]):
            self.refused(swell("helm", "template", self.chart, *flag), "1000 steps",
                         "raise it with --render-max-steps")
        self.refused(swell("helm", "template", self.chart, "--render-max-steps", "many"),
                     "--render-max-steps", "is no number of steps")
        self.refused(swell("helm", "template", self.chart, "--render-max-chart", "1Ti"),
                     "--render-max-chart", "give bytes, or a number with Ki, Mi or Gi")

    def test_files_without_an_end_are_not_read_to_it(self):
        self.write("templates/a.yaml", "kind: A\n")
        self.refused(swell("helm", "template", self.chart, "-f", "/dev/zero"), "/dev/zero",
                     "larger than 256 MiB")

    def test_the_server_knows_the_flags(self):
        data = os.path.join(self.folder.name, "data")
        run = swell("--data", data, "--render-max-memory", "lots", program="swelld")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("--render-max-memory", run.stderr)
        self.assertIn("--render-max-chart", swell("--help", program="swelld").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
