"""Charts for tests: archives, a chart repository over HTTP, and Debian's docker-registry. Standard
library only."""
import base64
import gzip
import hashlib
import http.server
import io
import json
import os
import shutil
import socket
import tarfile
import threading
import urllib.error
import urllib.request
import warnings

from programs import Process, eventually

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt


def archive(name, version, text, more=None):
    """A chart's .tgz with one ConfigMap "NAME" whose data.text is `text`; the same bytes for the
    same arguments."""
    files = {
        "Chart.yaml": "apiVersion: v2\nname: %s\nversion: %s\n" % (name, version),
        "values.yaml": "text: %s\n" % text,
        "templates/config.yaml":
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
            "data: {text: {{ .Values.text | quote }}, version: {{ .Chart.Version | quote }}}\n"
            % name,
        **(more or {})}
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for path, content in sorted(files.items()):
                entry = tarfile.TarInfo(name + "/" + path)
                entry.size = len(content.encode())
                tar.addfile(entry, io.BytesIO(content.encode()))
    return out.getvalue()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def lock(dependencies, locked):
    """A Chart.lock for (name, version, repository) lists, with the digest that helm computes."""
    def as_json(items):
        return [{"name": n, "version": v, "repository": r} for n, v, r in items]
    text = json.dumps([as_json(dependencies), as_json(locked)], separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, "\\u%04x" % ord(char))
    lines = "".join("- {name: %s, version: %s, repository: '%s'}\n" % item for item in locked)
    return "dependencies:\n%sdigest: sha256:%s\n" % (lines, sha256(text.encode()))


class ChartRepository:
    """index.yaml and archives in a folder, served by Python's http.server."""

    def __init__(self, folder, port=0):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.charts = {}  # (name, version) -> digest in the index
        self.asked = []   # (path, status)
        repository = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=folder)

            def log_request(self, code="-", size="-"):
                repository.asked.append((self.path, int(code)))

            def log_message(self, *arguments):
                pass
        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, name, version, data, digest=None):
        """Puts an archive there; `digest` instead of its own into the index. Returns the digest."""
        with open(os.path.join(self.folder, "%s-%s.tgz" % (name, version)), "wb") as f:
            f.write(data)
        self.charts[name, version] = digest or sha256(data)
        entries = {}
        for (chart, at), sha in sorted(self.charts.items()):
            entries.setdefault(chart, []).append(
                {"name": chart, "version": at, "urls": ["%s-%s.tgz" % (chart, at)], "digest": sha})
        index = os.path.join(self.folder, "index.yaml")
        with open(index + ".new", "w") as f:
            json.dump({"apiVersion": "v1", "entries": entries}, f)
        # http.server compares whole seconds: each index is newer than the one before.
        before = os.stat(index).st_mtime if os.path.exists(index) else 0
        os.utime(index + ".new", (before + 2, before + 2) if before else None)
        os.rename(index + ".new", index)
        return sha256(data)

    def count(self, path, status):
        return self.asked.count((path, status))

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


REGISTRY = """\
version: 0.1
storage: {filesystem: {rootdirectory: %(root)s}}
http: {addr: "127.0.0.1:%(port)d"}
auth: {htpasswd: {realm: test, path: %(htpasswd)s}}
"""


class Registry:
    """Debian's docker-registry with Basic auth for one user."""

    PROGRAM = "docker-registry"
    USER, PASSWORD = "ada", "s3cret-of-the-registry"

    def __init__(self, folder):
        if shutil.which(self.PROGRAM) is None:
            raise RuntimeError("no %s: run deploy/install-packages.sh test" % self.PROGRAM)
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.port = free_port()
        self.authority = "127.0.0.1:%d" % self.port
        with open(os.path.join(folder, "htpasswd"), "w") as f:
            f.write("%s:%s\n" % (self.USER, crypt.crypt(
                self.PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))))
        with open(os.path.join(folder, "config.yml"), "w") as f:
            f.write(REGISTRY % {"root": folder + "/data", "port": self.port,
                                "htpasswd": folder + "/htpasswd"})
        self.process = None

    def start(self):
        self.process = Process([self.PROGRAM, "serve", os.path.join(self.folder, "config.yml")],
                               os.path.join(self.folder, "registry.log"))
        eventually(lambda: self.call("GET", "/v2/")[0] == 200, "the registry answers")
        return self

    def stop(self):
        if self.process:
            self.process.stop()

    def call(self, method, path, data=None, media="application/octet-stream"):
        """(status, headers); status 0 where nobody answers."""
        url = path if path.startswith("http") else "http://" + self.authority + path
        login = base64.b64encode(("%s:%s" % (self.USER, self.PASSWORD)).encode()).decode()
        request = urllib.request.Request(url, data=data, method=method, headers={
            "Authorization": "Basic " + login, "Content-Type": media})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers
        except urllib.error.HTTPError as error:
            return error.code, error.headers
        except OSError:
            return 0, {}

    def push(self, name, version, data):
        """As `helm push` does: blobs, then the manifest under the version's tag."""
        def blob(content):
            digest = "sha256:" + sha256(content)
            status, headers = self.call("POST", "/v2/%s/blobs/uploads/" % name, b"")
            assert status == 202, status
            upload = headers["Location"]
            upload += ("&" if "?" in upload else "?") + "digest=" + digest
            status, _ = self.call("PUT", upload, content)
            assert status == 201, status
            return {"digest": digest, "size": len(content)}
        config = json.dumps({"name": name.split("/")[-1], "version": version}).encode()
        manifest = json.dumps({
            "schemaVersion": 2,
            "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", **blob(config)},
            "layers": [{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                        **blob(data)}]}).encode()
        status, _ = self.call("PUT", "/v2/%s/manifests/%s" % (name, version.replace("+", "_")),
                              manifest, "application/vnd.oci.image.manifest.v1+json")
        assert status == 201, status
        return sha256(data)
