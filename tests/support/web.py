"""Repositories and files over HTTP, for what kustomizations name on the network: Git's own
http-backend behind Python's http.server. Standard library only."""
import hashlib
import http.server
import os
import subprocess
import threading

BACKEND = ["git", "http-backend"]


class Web:
    """http://127.0.0.1:PORT/NAME is the repository in FOLDER/NAME; other paths are in `files`
    (text, or a function that answers the request itself)."""

    def __init__(self, folder, port=0):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.files = {}
        self.private = {}  # path prefix -> the Authorization that it wants
        self.asked = []    # (path without query, Authorization or None)
        self.unchanged = 0  # answers 304
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                web.answer(self)

            do_POST = do_GET

            def log_message(self, *arguments):
                pass
        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def start_again(self):
        again = Web(self.folder, self.port)
        again.files, again.private = self.files, self.private
        return again

    def asked_for(self, prefix):
        return [a for a in self.asked if a[0].startswith(prefix)]

    @staticmethod
    def send(request, status, body=b"", headers=()):
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    @staticmethod
    def body_of(request):
        if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return request.rfile.read(int(request.headers.get("Content-Length") or 0))
        body = b""
        while True:
            size = int(request.rfile.readline().strip() or b"0", 16)
            chunk = request.rfile.read(size)
            request.rfile.readline()
            if not size:
                return body
            body += chunk

    def answer(self, request):
        path, _, query = request.path.partition("?")
        authorization = request.headers.get("Authorization")
        self.asked.append((path, authorization))
        body = self.body_of(request)
        for prefix, wanted in self.private.items():
            if path.startswith(prefix) and authorization != wanted:
                return self.send(request, 401, headers=[("WWW-Authenticate", "Basic realm=test")])
        for prefix, file in self.files.items():
            if path != prefix and not (callable(file) and path.startswith(prefix)):
                continue
            if callable(file):
                return file(request)
            tag = '"%s"' % hashlib.sha256(file.encode()).hexdigest()
            known = request.headers.get("If-None-Match") == tag
            self.unchanged += known
            return self.send(request, 304 if known else 200, b"" if known else file.encode(),
                             [("ETag", tag)])
        name = path.strip("/").split("/")[0]
        if not os.path.isdir(os.path.join(self.folder, name)) or not name:
            return self.send(request, 404)
        self.run_backend(request, path, query, body)

    def run_backend(self, request, path, query, body):
        done = subprocess.run(BACKEND, input=body, stdout=subprocess.PIPE, env={
            **os.environ, "GIT_PROJECT_ROOT": self.folder, "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
            "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": request.command,
            "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", "")})
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if line]
        status = next((int(v.split()[0]) for n, v in headers if n == "Status"), 200)
        self.send(request, status, content, [h for h in headers if h[0] != "Status"])

    def redirect(self, to):
        """A file, or all below a prefix, that is elsewhere: to + path."""
        return lambda request: self.send(request, 302, headers=[("Location", to + request.path)])
