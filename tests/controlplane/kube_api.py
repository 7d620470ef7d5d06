"""The few calls to a Kubernetes API server that the test helpers need. Standard library only."""
import http.client
import json
import ssl
import threading
import time
import urllib.parse

MERGE_PATCH = "application/merge-patch+json"
TRANSIENT = (OSError, http.client.HTTPException)


class Api:
    """One API server. Thread-safe: every thread has its own kept-alive connection."""

    def __init__(self, server, token, ca_file):
        self._address = urllib.parse.urlsplit(server)
        self._token = token
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._local = threading.local()

    def call(self, method, path, body=None, content_type="application/json", timeout=10):
        """Returns (status, decoded body; text where it is no JSON, or None). Raises one of TRANSIENT when the server is away."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect(timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               self._headers(content_type if body is not None else None))
            response = connection.getresponse()
            raw = response.read()
        except TRANSIENT:
            self.close()
            raise
        try:
            return response.status, json.loads(raw)
        except ValueError:
            return response.status, raw.decode("utf-8", "replace") or None

    def watch(self, path):
        """Yields the events of one watch until the server ends it."""
        connection = self._connect(90)
        try:
            connection.request("GET", path, headers=self._headers(None))
            response = connection.getresponse()
            if response.status != 200:
                raise http.client.HTTPException("watch %s: status %d" % (path, response.status))
            for line in response:
                yield json.loads(line)
        finally:
            connection.close()

    def close(self):
        """Drops the calling thread's connection; the next call opens another."""
        connection, self._local.connection = getattr(self._local, "connection", None), None
        if connection:
            connection.close()

    def _connect(self, timeout):
        return http.client.HTTPSConnection(self._address.hostname, self._address.port,
                                           timeout=timeout, context=self._tls)

    def _headers(self, content_type):
        headers = {"Authorization": "Bearer " + self._token, "Accept": "application/json"}
        if content_type:
            headers["Content-Type"] = content_type
        return headers


def timestamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
