"""The logs of kubelet.py's containers, as a kubelet serves them to its API server: /containerLogs
over TLS. What a container has written follows from when it started, so that nothing is kept:

    starting NAME, image IMAGE       at its start
    line 1, line 2, ...              every INTERVAL seconds while it runs
    fatal: NAME ends                 where it has died
"""
import calendar
import http.server
import os
import ssl
import threading
import time
import urllib.parse

INTERVAL = float(os.environ.get("KUBELET_LOG_INTERVAL", "0.2"))


def seconds_of(stamp):
    """Of RFC 3339 in UTC, with or without a fraction."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + (fraction or "0"))


def stamp_of(seconds):
    whole, millis = divmod(round(seconds * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + ".%03d000000Z" % millis


def written(container, state, until):
    """[(seconds, text)] of what a container in that state has written."""
    started = state.get("running") or state["terminated"]
    begin = seconds_of(started["startedAt"])
    lines = [(begin, "starting %s, image %s" % (container["name"], container["image"]))]
    if "terminated" in state:
        lines.append((begin, "fatal: %s ends" % container["name"]))
    else:
        lines += [(begin + n * INTERVAL, "line %d" % n)
                  for n in range(1, int((until - begin) / INTERVAL) + 1)]
    return lines


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip("/").split("/")
        state = container = None
        if len(parts) == 4 and parts[0] == "containerLogs":
            container, state = self.find(*parts[1:], query.get("previous") == "true")
        if state is None:
            self.send_error(404, "no such log")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self.send_log(parts, query, container, state)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True  # nobody reads any more

    def find(self, namespace, pod, container, previous):
        """(status of the container, the state whose log is asked for), or None of either."""
        for found in self.server.pods():
            metadata = found["metadata"]
            if (metadata["namespace"], metadata["name"]) != (namespace, pod):
                continue
            for status in found.get("status", {}).get("containerStatuses", []):
                if status["name"] != container:
                    continue
                state, last = status["state"], status.get("lastState", {})
                if previous or "waiting" in state:
                    state = last
                return status, state if "running" in state or "terminated" in state else None
        return None, None

    def send_log(self, parts, query, container, state):
        now = time.time()
        since = 0.0
        if "sinceSeconds" in query:
            since = now - int(query["sinceSeconds"])
        if "sinceTime" in query:
            since = seconds_of(query["sinceTime"])
        lines = [line for line in written(container, state, now) if line[0] >= since]
        if "tailLines" in query:
            tail = int(query["tailLines"])
            shown = lines[-tail:] if tail else []
        else:
            shown = lines
        self.send_lines(shown, query)
        last = lines[-1][0] if lines else now
        while query.get("follow") == "true" and "running" in state:
            time.sleep(INTERVAL / 4)
            _, state = self.find(*parts[1:], False)
            if state is None or "running" not in state:
                return
            fresh = [line for line in written(container, state, time.time()) if line[0] > last]
            self.send_lines(fresh, query)
            last = fresh[-1][0] if fresh else last

    def send_lines(self, lines, query):
        stamps = query.get("timestamps") == "true"
        text = "".join((stamp_of(when) + " " if stamps else "") + line + "\n"
                       for when, line in lines).encode()
        if text:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
            self.wfile.flush()

    def log_message(self, *_):
        pass


class LogServer(http.server.ThreadingHTTPServer):
    """Listens on 127.0.0.1, on a port of its own; `pods`: a function that lists them."""
    daemon_threads = True

    def __init__(self, pods, cert_file, key_file):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pods = pods
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cert_file, key_file)
        # Greeted in the connection's own thread: one that says nothing holds up nobody.
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def start(self):
        """Returns the port."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self.server_address[1]
