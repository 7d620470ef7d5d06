#!/usr/bin/env python3
"""What must never happen: two servers on one folder, an open port, a Secret that shows, a rollout
that goes on although nothing can be recorded."""
import base64
import glob
import os
import resource
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, main  # noqa: E402
from programs import Swelld, binary, eventually  # noqa: E402

SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: "%s"}
data: {token: %s}
"""


def encoded(text):
    return base64.b64encode(text.encode()).decode()


class Safety(EndToEnd):
    CLUSTERS = 3
    RINGS = "canary=1,early=1,rest=1"
    FILES = samples.plain("1")

    def start_refused(self, *flags):
        done = subprocess.run([binary("swelld"), *flags], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        return done.stdout.decode()

    # --- doors ---

    def test_1_a_second_server_is_refused(self):
        said = self.start_refused("--data", self.swelld.data, "--listen", "127.0.0.1:0")
        self.assertIn("another swelld", said)
        self.assertIn("process %d" % self.swelld.process.child.pid, said)
        self.assertEqual(self.swelld.ok("version").code, 0)  # the first one goes on
        self.swelld.kill()
        self.swelld.start()  # what a killed one leaves behind keeps nobody out

    def test_1_only_loopback(self):
        data = os.path.join(self.scratch, "unused")
        for flag in ("--listen", "--http-listen"):
            for address in ("0.0.0.0:7420", "[::]:7420", "192.0.2.1:7420", ":7420"):
                said = self.start_refused("--data", data, flag, address)
                self.assertIn(flag, said)
        self.assertIn("not a loopback address",
                      self.start_refused("--data", data, "--listen", "0.0.0.0:7420"))
        self.assertFalse(os.path.exists(data))

    # --- secrets ---

    def assert_hidden(self, where, text):
        for value in self.values:
            for shape in (value, encoded(value)):
                self.assertNotIn(shape, text, "a secret shows in " + where)

    def everything_said(self, name):
        run, out = self.swelld.run, {}
        for arguments in (("status", name), ("status", name, "-o", "json"), ("events", name),
                          ("events", name, "-o", "json"), ("history", name, "-o", "json"),
                          ("rollout", name, "-o", "json"), ("rollout", name),
                          ("manifest", name, "c01"), ("manifest", name, "c01", "-o", "json"),
                          ("diff", name), ("diff", name, "-o", "json"),
                          ("diff", name, "-o", "yaml"),
                          ("get", "app", name, "-o", "yaml"), ("get", "clusters", "-o", "yaml"),
                          ("get", "repos", "-o", "yaml")):
            ran = run(*arguments)
            self.assertEqual(ran.code, 0, str(ran))
            out[" ".join(arguments)] = ran.out + ran.err
        return out

    def test_2_secrets_never_show(self):
        self.values = ["hunter2-%d-%d" % (i, os.getpid()) for i in range(4)]
        first, second, token, password = self.values
        repo = self.new_repo("secrets", {"app/secret.yaml": SECRET % (first, encoded(token)),
                                         "app/config.yaml": samples.config_map("config", "open")})
        self.swelld.apply("""\
apiVersion: swell/v1alpha1
kind: Repository
metadata: {name: private}
spec: {url: "https://git.example.com/private", username: bot, password: "%s"}
---
""" % password + samples.application("secrets", repo.url, "app", auto=False, heal=False))
        self.swelld.wait_status("secrets", lambda s: s["hold"], "held")
        for where, text in self.everything_said_before():
            self.assert_hidden(where, text)
        self.swelld.ok("sync", "secrets", "--wait")
        stored = self.fleet["c01"].get("/api/v1/namespaces/secrets/secrets/login")["data"]
        self.assertEqual(stored, {"password": encoded(first), "token": encoded(token)})
        # A change of nothing but the Secret is seen, told and applied without being shown.
        commit = repo.commit("Rotate", {"app/secret.yaml": SECRET % (second, encoded(token))})
        self.swelld.wait_status("secrets", lambda s: s["revision"]["commit"] == commit, "commit")
        ran = self.swelld.run("diff", "secrets", "--exit-code")
        self.assertEqual(ran.code, 5, str(ran))
        self.assertIn("Secret", ran.out)
        self.assertIn("password", ran.out)
        said = self.everything_said("secrets")
        watch = self.swelld.begin("watch", "secrets", "--until-finished", "-o", "json")
        done = self.swelld.ok("sync", "secrets", "--wait")
        said["sync"] = done.out + done.err
        watch.terminate()
        said["watch"] = b"".join(watch.communicate(timeout=30)).decode()
        stored = self.fleet["c01"].get("/api/v1/namespaces/secrets/secrets/login")["data"]
        self.assertEqual(stored["password"], encoded(second))
        said.update({"then: " + k: v for k, v in self.everything_said("secrets").items()})
        # Drift of a Secret.
        self.fleet["c02"].merge("/api/v1/namespaces/secrets/secrets/login",
                                {"data": {"password": encoded(first)}})
        drift = self.swelld.run("diff", "secrets", "--exit-code")
        self.assertEqual(drift.code, 5, str(drift))
        said["diff of drift"] = drift.out
        # What the cluster does not take is explained without it.
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": "secrets/login"},
                                        "status": 422}])
        refused = self.swelld.run("sync", "secrets", "--wait")
        self.fleet["c01"].heal()
        self.swelld.ok("sync", "secrets", "--wait")
        said["refused"] = str(refused)
        # Rolled back from what is recorded: it was encrypted, not lost.
        self.swelld.ok("rollback", "secrets", "--to", 1, "--wait")
        stored = self.fleet["c03"].get("/api/v1/namespaces/secrets/secrets/login")["data"]
        self.assertEqual(stored, {"password": encoded(first), "token": encoded(token)})
        # A file that cannot be read as YAML, in the middle of a secret.
        repo.commit("Bad", {"app/secret.yaml": (SECRET % (second, "x")).replace('"}', '}')})
        self.swelld.wait_status("secrets", lambda s: s["error"], "an error")
        said.update({"broken: " + k: self.swelld.run(*k.split()).out for k in (
            "status secrets", "events secrets", "status secrets -o json")})
        for where, text in said.items():
            self.assert_hidden("swell " + where, text)
        self.assert_hidden("the log", self.swelld.log())
        self.assertIn("secrets-1", self.swelld.log())  # it is the log
        self.assert_database_hides()
        self.swelld.stop()
        self.assert_database_hides()
        self.swelld.start()

    def everything_said_before(self):
        ran = self.swelld.run("diff", "secrets")
        self.assertIn("Secret", ran.out)
        return [("swell diff", ran.out), ("swell status", self.swelld.describe("secrets"))]

    def assert_database_hides(self):
        files = glob.glob(os.path.join(self.swelld.data, "swell.db*"))
        self.assertTrue([f for f in files if f.endswith("swell.db")])
        for path in files:
            with open(path, "rb") as f:
                content = f.read().decode("latin-1")
            self.assert_hidden(path, content)
        mode = os.stat(os.path.join(self.swelld.data, "swell.db.key")).st_mode
        self.assertEqual(mode & 0o077, 0, "others may read the key")

    # --- a full disk ---

    def test_3_nothing_can_be_recorded(self):
        """The kernel refuses every further byte of the database, and later allows them again."""
        self.swelld.stop()
        self.swelld.start(before_exec=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        self.swelld.apply(samples.application("docs", self.repo.url, "apps/docs"))
        self.swelld.wait_settled("docs", self.repo.head())
        pid = self.swelld.process.child.pid
        rollouts = len(self.swelld.history("docs"))

        def allow(size):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        def forbid():
            # The log goes on; the database's journal, which is longer, cannot grow.
            size = os.path.getsize(self.swelld.log_path) + (64 << 10)
            self.assertGreater(os.path.getsize(self.swelld.data + "/swell.db-wal"), size)
            allow(size)
        # In the middle of a rollout: the canary's result cannot be recorded, so nobody follows.
        self.fleet["c01"].fault(rules=[{"match": {"method": "PATCH", "path": "deployments"},
                                        "delayMs": 1500}])
        commit = self.repo.commit("2", samples.plain("2"))
        self.swelld.wait_status("docs", lambda s: s["rollout"]["revision"]["commit"] == commit and
                                s["rollout"]["waves"][0]["clusters"][0]["phase"] == "Applying",
                                "under way")
        forbid()
        eventually(lambda: "cannot record a rollout's step" in self.swelld.process.log(),
                   lambda: self.swelld.process.log())
        time.sleep(1.5)
        self.assertEqual(self.tags("docs"), {"c01": "2", "c02": "1", "c03": "1"})
        # What a person asks for is refused with the reason.
        ran = self.swelld.run("apply", "-f", "-", text=samples.application(
            "more", self.repo.url, "apps/docs"))
        self.assertEqual(ran.code, 1, str(ran))
        self.assertRegex(ran.err, "(?i)disk|database|write")
        self.assertIsNone(self.swelld.process.child.poll(), "swelld ended")
        allow(resource.RLIM_INFINITY)
        self.fleet["c01"].heal()
        self.swelld.wait_rollout("docs", commit)
        self.assert_tags("docs", "2")
        self.assertEqual(len(self.swelld.history("docs")), rollouts + 1)
        # And before one: nothing is begun that could not be told of afterwards.
        forbid()
        commit = self.repo.commit("3", samples.plain("3"))
        eventually(lambda: "cannot write the ledger" in self.swelld.process.log(),
                   lambda: self.swelld.process.log())
        time.sleep(1.5)
        self.assert_tags("docs", "2")
        allow(resource.RLIM_INFINITY)
        self.swelld.wait_rollout("docs", commit)
        self.assert_tags("docs", "3")

    def test_4_a_disk_without_room(self):
        """A file system of its own that is full; where there is no right to mount, not tried."""
        folder = os.path.join(self.scratch, "small")
        os.makedirs(folder)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "swell-e2e", folder],
                                 stderr=subprocess.DEVNULL)
        if mounted.returncode != 0:
            self.skipTest("cannot mount a tmpfs here")
        self.addCleanup(subprocess.run, ["umount", "--lazy", folder])
        small = Swelld(folder)
        small.start()
        self.addCleanup(small.stop)
        small.ok("apply", "-f", self.fleet.declarations)
        repo = self.new_repo("small-repo", samples.plain("1"))
        small.apply(samples.application("little", repo.url, "apps/docs"))
        small.wait_settled("little", repo.head())
        filler = os.path.join(folder, "filler")
        with open(filler, "wb", buffering=0) as f:
            try:
                while f.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        commit = repo.commit("2", samples.plain("2"))
        ran = small.run("sync", "little", "--wait")
        self.assertEqual(ran.code, 1, str(ran))
        self.assertRegex(ran.err, "(?i)disk|space|full")
        self.assert_tags_of("little", "1")
        self.assertIsNone(small.process.child.poll(), "swelld ended")
        os.remove(filler)
        small.wait_rollout("little", commit)
        self.assert_tags_of("little", "2")

    def assert_tags_of(self, namespace, tag):
        self.assertEqual(self.tags(namespace, "docs"), dict.fromkeys(self.fleet.names, tag))


if __name__ == "__main__":
    main()
