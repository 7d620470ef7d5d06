#!/usr/bin/env python3
"""What the owners of a fleet report: numbers out of the ledger, and the evidence behind them."""
import csv
import io
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402

OK, ERROR, USAGE = 0, 1, 2
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {key: hunter2-%s}\n"


class Reports(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,early=1,rest=1"
    FILES = {**samples.plain("1"), "apps/docs/secret.yaml": SECRET % 1}

    def files(self, folder):
        """{path: content}"""
        out = {}
        for at, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(at, name)
                with open(path) as f:
                    out[os.path.relpath(path, folder)] = f.read()
        return out

    def report(self, *arguments):
        return self.swelld.ok("report", *arguments, "--since", "1d", "-o", "json").json

    def test_1_a_good_rollout_a_bad_one_and_a_rollback(self):
        def declare(**options):
            self.swelld.apply(samples.application("docs", self.repo.url, "apps/docs",
                                                  heal=False, **options))
        declare(deadline="3s")
        self.swelld.wait_rollout("docs", self.repo.head())
        bad = self.repo.commit("broken", {**samples.plain("2-broken"),
                                          "apps/docs/secret.yaml": SECRET % 2})
        self.swelld.wait_rollout("docs", bad, "RolledBack")
        good = self.repo.commit("3", samples.plain("3"))
        self.swelld.wait_rollout("docs", good)
        self.swelld.ok("rollback", "docs", "--wait", "--reason", "too <slow>")

    def test_2_in_numbers(self):
        report = self.report()
        self.assertEqual([a["application"] for a in report["applications"]], ["docs"])
        d = report["applications"][0]["delivery"]
        self.assertEqual(d, report["total"])
        self.assertEqual((d["rollouts"], d["succeeded"], d["failed"], d["rolledBackByHand"]),
                         (3, 2, 1, 1))
        self.assertAlmostEqual(d["changeFailureRate"], 2 / 3)
        self.assertAlmostEqual(d["successRate"], 2 / 3)
        self.assertAlmostEqual(d["deploymentsPerDay"], 2, places=3)
        self.assertEqual((d["leadTime"]["count"], d["restore"]["count"], d["unrestored"]),
                         (2, 2, 0))
        self.assertEqual([w["wave"] for w in d["leadTimes"]], ["canary", "early", "rest"])
        canary, rest = (float(d["leadTimes"][i]["leadTime"]["p90"][:-1]) for i in (0, 2))
        self.assertLess(0, canary)
        self.assertLess(canary, rest)

    def test_3_in_every_form(self):
        table = self.swelld.ok("report", "docs").out
        self.assertRegex(table, r"(?m)^docs +3 ")
        self.assertRegex(table, r"(?m)^total +3 ")
        rows = list(csv.DictReader(io.StringIO(self.swelld.ok("report", "-o", "csv").out)))
        self.assertEqual([(r["application"], r["wave"]) for r in rows],
                         [(a, w) for a in ("docs", "total")
                          for w in ("", "canary", "early", "rest")])
        self.assertEqual((rows[0]["rollouts"], rows[0]["change_failure_rate"]), ("3", "0.6667"))
        self.assertLess(float(rows[1]["lead_time_p50_s"]), float(rows[3]["lead_time_p50_s"]))
        page = self.swelld.ok("report", "-o", "html").out
        self.assertTrue(page.startswith("<!doctype html>"))
        self.assertIn("<td>66.7%</td>", page)

    def test_4_of_a_time(self):
        nothing = self.swelld.ok("report", "--since", "2001-01-01", "--until", "2001-02-01", "-o",
                                 "json").json
        self.assertEqual(nothing["total"]["rollouts"], 0)
        self.assertEqual((nothing["since"], nothing["until"]),
                         ("2001-01-01T00:00:00Z", "2001-02-01T00:00:00Z"))
        self.assertNotIn("successRate", nothing["total"])
        for wrong in (["--since", "soon"], ["--since", "0d"], ["web"],
                      ["--since", "2001-02-01", "--until", "2001-01-01"]):
            self.assertEqual(self.swelld.run("report", *wrong).code, ERROR, wrong)
        self.assertEqual(self.swelld.run("report", "-o", "pdf").code, USAGE)

    def test_5_evidence(self):
        folder = os.path.join(self.scratch, "evidence")
        arguments = ("report", "evidence", "docs", "--since", "2026-01-01T00:00:00Z", "--until",
                     "2100-01-01T00:00:00Z")
        said = self.swelld.ok(*arguments, "--output", folder).out
        self.assertIn("4 rollouts", said)
        files = self.files(folder)
        self.assertEqual(sorted(files), ["docs/application.json", "docs/rollout-1.json",
                                         "docs/rollout-2.json", "docs/rollout-3.json",
                                         "docs/rollout-4.json", "index.html", "ledger.json"])
        self.assertNotIn("hunter2", "".join(files.values()))
        ledger = json.loads(files["ledger.json"])
        self.assertTrue(ledger["intact"], ledger)
        self.swelld.ok("history", "verify", "--expect", ledger["head"])
        application = json.loads(files["docs/application.json"])
        self.assertEqual(len(application["quarantine"]), 2)
        self.assertIn("RevisionResolved", [e["type"] for e in application["events"]])
        failed = json.loads(files["docs/rollout-2.json"])
        self.assertEqual((failed["phase"], failed["waves"][0]["phase"]), ("RolledBack", "Failed"))
        self.assertEqual(failed["plan"]["blastRadius"]["touched"], 3)
        objects = [o["object"]["kind"] for g in failed["plan"]["changes"] for o in g["operations"]]
        self.assertIn("Secret", objects)
        self.assertEqual({e["rollout"] for e in failed["events"]}, {"docs-2"})
        self.assertEqual(failed["events"][-1]["type"], "RolloutRolledBack")
        undone = json.loads(files["docs/rollout-4.json"])
        self.assertEqual((undone["askedBy"], undone["reason"], undone["kind"]),
                         ("tester", "too <slow>", "rollback"))
        self.assertEqual([c["evidencePlan"] for c in undone["clusters"]],
                         [undone["plan"]["digest"]] * 3)
        # The same ledger, the same bytes; and never into what is there.
        again = os.path.join(self.scratch, "again")
        self.swelld.ok(*arguments, "--output", again)
        self.assertEqual(self.files(again), files)
        self.assertIn("is there already", self.swelld.run(*arguments, "--output", again).err)


if __name__ == "__main__":
    main()
