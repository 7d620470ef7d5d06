#!/usr/bin/env python3
"""Two servers on one database, where the lock beside it did not keep the second one away: the first
one writes no more, neither to the ledger nor to a cluster, and ends."""
import os
import signal
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402
from programs import eventually  # noqa: E402

TAKEN_OVER = 3


class Fence(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,rest=1"
    FILES = samples.plain("1")

    def setUp(self):
        self.addCleanup(lambda: [self.fleet[c].heal() for c in self.fleet.names])

    def take_over(self):
        """A second server on the same data; returns the first one."""
        first = self.swelld.process
        os.remove(os.path.join(self.swelld.data, "swell.db.lock"))
        self.swelld.start()
        return first

    def assert_ended(self, first):
        self.assertEqual(first.child.wait(30), TAKEN_OVER, first.log())
        said = first.log()
        self.assertIn("has taken over this database", said)
        self.assertIn("process %d on " % self.swelld.process.child.pid, said)

    def verify(self):
        self.assertIn("as they were written", self.swelld.ok("history", "verify").out)

    def writes(self):
        return {name: self.fleet[name].stats()["writes"] for name in self.fleet.names}

    def test_1_an_idle_server_ends(self):
        self.swelld.apply(samples.application("docs", self.repo.url, "apps/docs"))
        self.swelld.wait_settled("docs", self.repo.head())
        self.assert_ended(self.take_over())
        self.verify()

    def test_2_a_stopped_server_that_comes_back_writes_nothing(self):
        # It has sent one object; the answer to it comes when it has been replaced.
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": "configmaps"},
                                        "delayMs": 2000}])
        commit = self.repo.commit("2", {
            **samples.plain("2"), "apps/docs/pages.yaml": samples.config_map("pages", "second")})
        eventually(lambda: self.fleet["c01"].fault_hits() > 0, "an apply on its way")
        first = self.swelld.process
        os.kill(first.child.pid, signal.SIGSTOP)
        self.fleet["c01"].heal()
        self.take_over()
        self.swelld.wait_settled("docs", commit)
        # It is the second one's: nothing of the first may come between.
        self.assert_tags("docs", "2")
        before = self.writes()
        os.kill(first.child.pid, signal.SIGCONT)
        self.assert_ended(first)
        self.assertEqual(self.writes(), before)
        self.verify()

    def test_3_the_other_way_round(self):
        """A rollout of its own begins in the stopped server after it was replaced."""
        first = self.swelld.process
        os.kill(first.child.pid, signal.SIGSTOP)
        self.take_over()
        commit = self.repo.commit("3", samples.plain("3"))
        self.swelld.wait_settled("docs", commit)
        before = self.writes()
        os.kill(first.child.pid, signal.SIGCONT)
        self.assert_ended(first)
        self.assertEqual(self.writes(), before)
        self.verify()

    def test_4_a_changed_ledger_is_told(self):
        head = self.swelld.ok("history", "verify", "-o", "json").json["head"]
        self.assertEqual(self.swelld.run("history", "verify", "--expect", head).code, 0)
        database = sqlite3.connect(os.path.join(self.swelld.data, "swell.db"), timeout=10)
        with database:
            database.execute("UPDATE events SET message='nothing happened' WHERE sequence=3")
        database.close()
        ran = self.swelld.run("history", "verify")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertRegex(ran.err, r"event 3 \(\w+ .*\): its message was changed after it was written")
        self.assertEqual(self.swelld.run("history", "verify", "--from", 4).code, 0)
        self.assertEqual(self.swelld.run("history", "verify", "--expect", "0" * 64).code, 1)
        # Without a server, too.
        self.swelld.stop()
        self.swelld.flags = ["--verify-ledger"]
        with self.assertRaisesRegex(RuntimeError, r"(?s)status 1.*event 3 \(.*its message was changed"):
            self.swelld.start()


if __name__ == "__main__":
    main()
