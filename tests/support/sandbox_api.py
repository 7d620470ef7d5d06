"""The Kubernetes API of one simulated cluster, and its switches. Standard library only."""
import http.client
import json
import urllib.parse

MERGE_PATCH = "application/merge-patch+json"


class SandboxApi:
    """One simulated cluster; a connection a call, so that cut connections do not matter."""

    def __init__(self, server):
        self.server = server
        self._address = urllib.parse.urlsplit(server)

    def call(self, method, path, body=None, content_type="application/json", timeout=20):
        """Returns (status, decoded body or None)."""
        connection = http.client.HTTPConnection(self._address.hostname, self._address.port,
                                                timeout=timeout)
        try:
            headers = {"Accept": "application/json"}
            if body is not None:
                headers["Content-Type"] = content_type
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        try:
            return response.status, json.loads(raw)
        except ValueError:
            return response.status, None

    def get(self, path):
        """The object, or None where there is none."""
        status, body = self.call("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise AssertionError("GET %s: %d %s" % (path, status, body))
        return body

    def create(self, path, body):
        status, answer = self.call("POST", path, body)
        if status != 201:
            raise AssertionError("POST %s: %d %s" % (path, status, answer))

    def merge(self, path, body):
        status, answer = self.call("PATCH", path, body, MERGE_PATCH)
        if status != 200:
            raise AssertionError("PATCH %s: %d %s" % (path, status, answer))

    def delete(self, path):
        status, answer = self.call("DELETE", path)
        if status not in (200, 202):
            raise AssertionError("DELETE %s: %d %s" % (path, status, answer))

    # What only a simulation can do.

    def stats(self):
        return self.get("/sandbox/stats")

    def reset_stats(self):
        self.call("DELETE", "/sandbox/stats")

    def fault(self, **document):
        """Rules or the switches down and hang, as server/sandbox/faults.h tells."""
        status, answer = self.call("POST", "/sandbox/faults", document)
        if status != 200:
            raise AssertionError("faults: %d %s" % (status, answer))

    def fault_hits(self):
        return sum(rule["hits"] for rule in self.get("/sandbox/faults")["rules"])

    def heal(self):
        self.call("DELETE", "/sandbox/faults")
