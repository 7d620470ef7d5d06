#!/usr/bin/env python3
"""Kustomizations whose bases and resources are in another repository or on a web server: refused
until they are allowed, rolled out when they move, and what is down or harms keeps what is there."""
import base64
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import samples  # noqa: E402
from e2e_case import EndToEnd, config_map_path, main  # noqa: E402
from git_repo import GitRepo  # noqa: E402
from programs import binary, eventually  # noqa: E402
from web import Web  # noqa: E402

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {text: %s}\n"
REPOSITORY = """\
apiVersion: swell/v1alpha1
kind: Repository
metadata: {name: own}
spec:
  url: %s
  kustomize: {allowedRemotes: [%s]}
"""
HUGE = 40 << 20


def kustomization(*resources, more=""):
    return "resources:\n" + "".join("- '%s'\n" % r for r in resources) + more


class RemoteBases(EndToEnd):
    CLUSTERS = 2
    RINGS = "canary=1,rest=1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = Web(os.path.join(cls.scratch, "web"))
        cls.addClassCleanup(lambda: cls.web.stop())
        cls.bases = GitRepo(os.path.join(cls.web.folder, "bases"), {
            "web/kustomization.yaml": kustomization("web.yaml", "../common"),
            "web/web.yaml": CONFIG % ("web", "one"),
            "common/kustomization.yaml": kustomization("common.yaml"),
            "common/common.yaml": CONFIG % ("common", "one"),
            "readme.txt": "nothing that is used\n"})
        cls.bases.git("tag", "-a", "v1", "-m", "v1")
        cls.web.files["/files/extra.yaml"] = CONFIG % ("extra", "one")
        cls.first = cls.repo.commit("Applications", {
            "web/kustomization.yaml": kustomization(
                cls.web.url + "/bases//web?ref=main", cls.web.url + "/files/extra.yaml"),
            "pinned/kustomization.yaml": kustomization(cls.web.url + "/bases//common?ref=v1")})

    def allow(self, *globs):
        quoted = ", ".join("'%s'" % g for g in globs)
        self.swelld.apply(REPOSITORY % (self.repo.url, quoted))

    def texts(self, namespace, name):
        return {cluster: found["data"]["text"] if found else None for cluster, found in
                self.on_every_cluster(config_map_path(namespace, name)).items()}

    def wait_text(self, namespace, name, expected):
        eventually(lambda: self.texts(namespace, name) == dict.fromkeys(self.fleet.names, expected),
                   lambda: "%s/%s is %s: %s" % (namespace, name, self.texts(namespace, name),
                                                self.swelld.describe(namespace)))

    def settled(self, name, commit):
        self.swelld.wait_rollout(name, commit)
        return self.swelld.wait_settled(name, commit)

    def wait_error(self, name, *words):
        return self.swelld.wait_status(
            name, lambda s: all(w in s.get("error", "") for w in words), "an error with %r" % (words,))

    # --- policy ---

    def test_1_nothing_is_fetched_unless_it_is_allowed(self):
        self.swelld.apply(samples.application("web", self.repo.url, "web"))
        self.wait_error("web", "web/kustomization.yaml", self.web.url + "/bases//web?ref=main",
                        "no Repository resource allows it", self.repo.url,
                        '"%s/bases" in spec.kustomize.allowedRemotes' % self.web.url)
        self.allow("https://git.example.com/*")
        self.wait_error("web", "Repository own does not allow it",
                        'add "%s/bases"' % self.web.url)
        self.assertEqual(self.web.asked, [])
        self.assertEqual(self.swelld.history("web"), [])

    def test_2_each_is_allowed_by_itself(self):
        self.allow(self.web.url + "/*")
        self.wait_error("web", "web/kustomization.yaml", self.web.url + "/files/extra.yaml",
                        "Repository own does not allow it")
        self.assertEqual(self.web.asked_for("/files"), [])
        self.allow(self.web.url + "/*", self.web.url + "/files/*")
        self.settled("web", self.first)
        for name in ("web", "common", "extra"):
            self.wait_text("web", name, "one")
        self.swelld.apply(samples.application("pinned", self.repo.url, "pinned"))
        self.settled("pinned", self.first)
        resolved = [e["message"] for e in self.swelld.events("web")
                    if e["type"] == "RemoteResolved"]
        self.assertIn("remote %s/bases at main is at %s" % (self.web.url, self.bases.head()[:7]),
                      resolved)

    # --- what moves ---

    def test_3_a_branch_that_moves_is_rolled_out(self):
        before = len(self.swelld.history("web"))
        self.bases.commit("Two", {"web/web.yaml": CONFIG % ("web", "two"),
                                  "common/common.yaml": CONFIG % ("common", "two")})
        self.wait_text("web", "web", "two")
        self.wait_text("web", "common", "two")
        self.swelld.wait_settled("web", self.first)
        self.assertEqual(len(self.swelld.history("web")), before + 1)
        self.wait_text("pinned", "common", "one")  # a tag does not move
        self.assertEqual(len(self.swelld.history("pinned")), 1)

    def test_4_a_commit_beside_what_is_used_changes_nothing(self):
        before = len(self.swelld.history("web"))
        commit = self.bases.commit("Beside", {"readme.txt": "more\n"})
        eventually(lambda: any(commit[:7] in e["message"] for e in self.swelld.events("web")),
                   "the commit is seen")
        self.swelld.wait_settled("web", self.first)
        self.assertEqual(len(self.swelld.history("web")), before)
        unchanged = self.web.unchanged
        eventually(lambda: self.web.unchanged > unchanged + 1, "polls get empty answers")

    def test_5_a_file_that_changes_is_rolled_out(self):
        self.web.files["/files/extra.yaml"] = CONFIG % ("extra", "two")
        self.wait_text("web", "extra", "two")
        self.swelld.wait_settled("web", self.first)

    # --- what is down ---

    def test_6_a_server_that_is_down_keeps_what_is_there(self):
        self.web.stop()
        status = self.swelld.wait_status("web", lambda s: s["sourceError"], "an error")
        self.assertIn("remote " + self.web.url, status["sourceError"])
        self.wait_text("web", "web", "two")
        # Drift is repaired and commits are rolled out with what is known, after a restart, too.
        self.swelld.kill()
        self.swelld.start()
        victim = self.fleet[self.fleet.names[0]]
        victim.delete(config_map_path("web", "common"))
        self.wait_text("web", "common", "two")
        second = self.repo.commit("Prefix", {"web/kustomization.yaml": kustomization(
            self.web.url + "/bases//web?ref=main", self.web.url + "/files/extra.yaml",
            more="commonAnnotations: {by: second}\n")})
        self.settled("web", second)
        for name in ("web", "common", "extra"):
            self.wait_text("web", name, "two")
        # What was never fetched cannot be planned: nothing is deleted for it.
        third = self.repo.commit("New remote", {"web/kustomization.yaml": kustomization(
            self.web.url + "/other//web")})
        self.wait_error("web", self.web.url + "/other//web", "connect")
        for name in ("web", "common", "extra"):
            self.wait_text("web", name, "two")
        fourth = self.repo.commit("Back", {"web/kustomization.yaml": kustomization(
            self.web.url + "/bases//web?ref=main", self.web.url + "/files/extra.yaml")})
        self.assertNotEqual(third, fourth)
        type(self).web = self.web.start_again()
        self.swelld.wait_status("web", lambda s: not s["sourceError"] and not s.get("error"),
                                "it is well again")
        self.swelld.wait_settled("web", fourth)

    # --- what harms ---

    def test_7_what_harms_is_refused(self):
        url = self.web.url
        self.bases.link("away/web.yaml", "../../../../../etc/passwd")
        self.bases.commit("Harm", {
            "away/kustomization.yaml": kustomization("web.yaml"),
            "up/kustomization.yaml": kustomization("../../../web"),
            "outside/kustomization.yaml": kustomization("../common/common.yaml"),
            "cycle/kustomization.yaml": kustomization(url + "/others//cycle?ref=main")})
        GitRepo(os.path.join(self.web.folder, "others"), {
            "cycle/kustomization.yaml": kustomization(url + "/bases//cycle?ref=main")})
        elsewhere = Web(os.path.join(self.scratch, "web"))
        self.addCleanup(elsewhere.stop)
        self.web.files["/moved/"] = self.web.redirect("http://localhost:%d" % elsewhere.port)
        self.web.files["/files/huge.yaml"] = self.huge
        self.web.files["/files/page.yaml"] = "<html>for people</html>"
        self.allow(url + "/*", url + "/files/*", "http://localhost/*")
        cases = {
            "cycle": (url + "/bases//cycle?ref=main", "cycle detected"),
            "noref": (url + "/bases//web?ref=v9", "has no branch or tag v9"),
            "ext": ("ext::sh -c touch% /tmp/swell-was-here", "no such file"),
            "local": ("file://%s//web" % self.bases.folder, "file:// is never fetched"),
            "option": ("--upload-pack=touch", "no such file"),
            "link": (url + "/bases//away?ref=main", "leaves the repository"),
            "up": (url + "/bases//up?ref=main", "must be within the repo"),
            "outside": (url + "/bases//outside?ref=main", "is not in or below"),
            "moved": (url + "/moved//web", "cannot redirect"),
            "huge": (url + "/files/huge.yaml", "max_file_bytes"),
            "page": (url + "/files/page.yaml", "/files/page.yaml"),
            "dots": (url + "/files/../bases/x.yaml", "holds . or .."),
            "userinfo": (url.replace("//", "//127.0.0.1@") + "/bases//web", "credentials"),
            "gone": (url + "/files/gone.yaml", "answers 404"),
            "nowhere": (url + "/bases//nowhere?ref=main", "does not exist"),
        }
        self.repo.commit("Harm", {"%s/kustomization.yaml" % name: kustomization(resource)
                                  for name, (resource, _) in cases.items()})
        for name in cases:
            self.swelld.apply(samples.application(name, self.repo.url, name))
        for name, (_, words) in cases.items():
            with self.subTest(name):
                self.wait_error(name, words)
                self.assertEqual(self.swelld.history(name), [])
        self.assertEqual(elsewhere.asked, [])
        self.assertEqual(self.swelld.status("web")["sync"], "Synced")
        for name in cases:
            self.swelld.ok("delete", "application", name)

    @staticmethod
    def huge(request):
        request.send_response(200)
        request.send_header("Connection", "close")
        request.end_headers()
        request.close_connection = True
        try:
            for _ in range(HUGE >> 16):
                request.wfile.write(b"# more of it\n" * 5041)
        except OSError:
            pass  # the other side has had enough

    # --- without a server ---

    def run_local(self, *arguments):
        done = subprocess.run([binary("swell"), *arguments], capture_output=True, text=True,
                              env={**os.environ, "XDG_CACHE_HOME": self.scratch + "/cache"})
        return done.returncode, done.stdout, done.stderr

    def test_7a_local_commands(self):
        # A server of their own: swelld polls the other one meanwhile.
        web = Web(self.web.folder)
        self.addCleanup(web.stop)
        web.files = self.web.files
        folder = os.path.join(self.scratch, "local")
        overlay = GitRepo(folder, {"web/kustomization.yaml": kustomization(
            web.url + "/bases//web?ref=v1", web.url + "/files/extra.yaml")}).folder
        before = len(web.asked)
        for arguments, flag in ((["kustomize", "build", overlay + "/web"], "--enable-remote"),
                                (["render", overlay + "/web"], "--fetch-dependencies")):
            code, out, err = self.run_local(*arguments)
            self.assertEqual((code, out), (1, ""))
            for words in (web.url + "/bases//web?ref=v1", flag, "web/kustomization.yaml"):
                self.assertIn(words, err)
            self.assertEqual(len(web.asked), before)
            code, out, err = self.run_local(*arguments, flag)
            self.assertEqual((code, err), (0, ""))
            for name in ("web", "common", "extra"):
                self.assertIn("name: %s\n" % name, out)
            before = len(web.asked)
        code, out, _ = self.run_local("kustomize", "build", "file://%s//common?ref=v1" %
                                      self.bases.folder)
        self.assertEqual((code, out), (0, "apiVersion: v1\ndata:\n  text: one\nkind: ConfigMap\n"
                                          "metadata:\n  name: common\n"))
        code, out, err = self.run_local("kustomize", "build", self.web.url + "/bases//common",
                                        "--enable-remote")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("text: two", out)

    # --- credentials ---

    def test_8_credentials_are_of_their_own_url_alone(self):
        login = "Basic " + base64.b64encode(b"ada:s3cret-of-the-bases").decode()
        self.web.private["/secret"] = login
        GitRepo(os.path.join(self.web.folder, "secret"), {
            "web/kustomization.yaml": kustomization("web.yaml"),
            "web/web.yaml": CONFIG % ("private", "one")})
        commit = self.repo.commit("Private", {"private/kustomization.yaml": kustomization(
            self.web.url + "/secret//web", self.web.url + "/files/extra.yaml")})
        self.swelld.apply(samples.application("private", self.repo.url, "private"))
        self.wait_error("private", self.web.url + "/secret//web", "credentials")
        self.swelld.apply("apiVersion: swell/v1alpha1\nkind: Repository\nmetadata: {name: secret}\n"
                          "spec: {url: '%s/secret', username: ada, password: s3cret-of-the-bases}\n"
                          % self.web.url)
        self.settled("private", commit)
        self.wait_text("private", "private", "one")
        self.assertIn(login, [a for _, a in self.web.asked_for("/secret")])
        for prefix in ("/files", "/bases"):
            self.assertEqual({a for _, a in self.web.asked_for(prefix)}, {None})
        with open(self.swelld.log_path) as log:
            self.assertNotIn("s3cret", log.read())

    # --- what is allowed no more ---

    def test_9_what_is_not_allowed_any_more_is_not_used(self):
        self.allow("https://git.example.com/*")
        self.wait_error("web", "Repository own does not allow it")
        before = len(self.swelld.history("web"))
        unseen = self.bases.commit("Unseen", {"web/web.yaml": CONFIG % ("web", "three")})
        self.repo.commit("Beside", {"note.txt": "a commit that is seen after it\n"})
        self.swelld.wait_status("web", lambda s: s["revision"]["commit"] == self.repo.head(),
                                "the commit is seen")
        self.assertNotIn(unseen[:7], str(self.swelld.events("web")))
        self.wait_text("web", "web", "two")
        self.allow(self.web.url + "/*", self.web.url + "/files/*")
        self.wait_text("web", "web", "three")
        self.assertGreater(len(self.swelld.history("web")), before)


if __name__ == "__main__":
    main()
