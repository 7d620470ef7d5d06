#!/usr/bin/env python3
"""Stands in for scheduler and kubelet, so that workloads progress on a bare control plane.

    kubelet.py DIR          DIR: a folder of cluster.py, which starts this program itself

For every cluster in DIR/state.json it registers the Node `test-node`, binds each pod to it, and
writes the status that a kubelet would. What a pod does is told by its images' tags:

    ...broken...   never pulled: Pending, ImagePullBackOff
    ...crash...    starts and dies: CrashLoopBackOff, or Failed where restartPolicy is Never
    ...unready...  runs, its readiness probe never passes
    ...slow...     as any other, after ten times the delay
    anything else  Running and Ready after the delay; Succeeded a delay later where restartPolicy
                   is not Always (jobs)

Terminating pods are removed. What containers write is told by kubelet_logs.py. Standard library
only; ends on SIGTERM.
"""
import heapq
import json
import os
import queue
import sys
import threading
import time
import urllib.parse

from kube_api import MERGE_PATCH, TRANSIENT, Api, timestamp
from kubelet_logs import LogServer

NODE = "test-node"
DELAY = float(os.environ.get("KUBELET_DELAY", "0.5"))  # seconds from binding to Ready
WORDS = ("broken", "crash", "unready", "slow")


def behaviour(pod):
    """The first word of WORDS that a tag of the pod's images contains, or ''."""
    for container in pod["spec"]["containers"]:
        name = container.get("image", "").rsplit("/", 1)[-1].split("@")[0]
        tag = name.partition(":")[2]
        for word in WORDS:
            if word in tag:
                return word
    return ""


def next_step(pod):
    """What the pod's present state calls for: (seconds to wait, method of Kubelet) or None."""
    metadata, spec, status = pod["metadata"], pod["spec"], pod.get("status", {})
    if metadata.get("deletionTimestamp"):
        return 0, "remove"
    if not spec.get("nodeName"):
        return None if spec.get("schedulingGates") else (0, "bind")
    if spec["nodeName"] != NODE or status.get("phase") in ("Succeeded", "Failed"):
        return None
    kind = behaviour(pod)
    if not status.get("containerStatuses"):
        return DELAY * (10 if kind == "slow" else 1), "start"
    if spec.get("restartPolicy") != "Always" and kind not in ("broken", "unready"):
        return DELAY, "finish"
    return None


def container_status(container, pod, state, ready, restarts=0):
    pulled = not ("waiting" in state and state["waiting"]["reason"] == "ImagePullBackOff")
    unique = "test://%s/%s/%d" % (pod["metadata"]["uid"], container["name"], restarts)
    return {"name": container["name"], "image": container["image"],
            "imageID": "test://" + container["image"] if pulled else "",
            "containerID": unique if pulled else "", "ready": ready, "started": "running" in state,
            "restartCount": restarts, "state": state}


class Kubelet:
    """One cluster's node: a thread follows the pods, another acts on them."""

    def __init__(self, cluster):
        self.name = cluster["name"]
        self.api = Api(cluster["server"], cluster["token"], cluster["ca_file"])
        self.events = queue.Queue()
        self.pods = {}        # uid -> the newest state seen
        self.scheduled = set()  # (uid, step) that wait in the heap of act()
        self.addresses = 0
        self.log_port = LogServer(lambda: list(self.pods.values()), cluster["cert_file"],
                                  cluster["key_file"]).start()

    def run(self):
        self.register()
        threading.Thread(target=self.follow, daemon=True).start()
        threading.Thread(target=self.act, daemon=True).start()

    # --- the node

    def register(self):
        while True:
            try:
                status, _ = self.api.call("POST", "/api/v1/nodes", {
                    "apiVersion": "v1", "kind": "Node",
                    "metadata": {"name": NODE, "labels": {
                        "kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux"}}})
                if status in (201, 409):
                    break
            except TRANSIENT:
                pass
            time.sleep(0.2)
        room = {"cpu": "1000", "memory": "4Ti", "pods": "10000"}
        now = timestamp()
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ready",
                 "lastHeartbeatTime": now, "lastTransitionTime": now}
        self.api.call("PATCH", "/api/v1/nodes/%s/status" % NODE, {"status": {
            "capacity": room, "allocatable": room, "conditions": [ready],
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self.log_port}}}}, MERGE_PATCH)
        # Admission taints a new node as not ready; the node lifecycle controller is off.
        self.api.call("PATCH", "/api/v1/nodes/" + NODE, {"spec": {"taints": None}}, MERGE_PATCH)

    # --- following the pods

    def follow(self):
        while True:
            try:
                status, pods = self.api.call("GET", "/api/v1/pods")
                if status == 200:
                    items = pods.get("items") or []
                    self.events.put(("LIST", items))
                    self.watch(pods["metadata"]["resourceVersion"])
            except TRANSIENT + (ValueError,):
                pass
            time.sleep(0.2)

    def watch(self, version):
        path = "/api/v1/pods?" + urllib.parse.urlencode(
            {"watch": 1, "resourceVersion": version, "timeoutSeconds": 60})
        for event in self.api.watch(path):
            if event["type"] == "ERROR":
                return
            self.events.put((event["type"], event["object"]))

    # --- acting on them

    def act(self):
        heap = []  # (when, number, uid, step)
        number = 0
        while True:
            try:
                wait = None if not heap else max(0, heap[0][0] - time.monotonic())
                kind, what = self.events.get(timeout=wait)
                for uid, pod in self.note(kind, what):
                    step = next_step(pod)
                    if step and (uid, step[1]) not in self.scheduled:
                        self.scheduled.add((uid, step[1]))
                        number += 1
                        heapq.heappush(heap, (time.monotonic() + step[0], number, uid, step[1]))
            except queue.Empty:
                _, _, uid, step = heapq.heappop(heap)
                self.scheduled.discard((uid, step))
                self.take(uid, step)

    def note(self, kind, what):
        if kind == "LIST":
            self.pods = {pod["metadata"]["uid"]: pod for pod in what}
            return list(self.pods.items())
        uid = what["metadata"]["uid"]
        if kind == "DELETED":
            self.pods.pop(uid, None)
            return []
        self.pods[uid] = what
        return [(uid, what)]

    def take(self, uid, step):
        pod = self.pods.get(uid)
        wanted = pod and next_step(pod)
        if not wanted or wanted[1] != step:
            return  # the pod has moved on since
        try:
            status = getattr(self, step)(pod)
        except TRANSIENT:
            status = 0
        if status == 0 or status == 429 or status >= 500:
            time.sleep(0.2)  # the server is away or busy: look at this pod again
            self.events.put(("MODIFIED", pod))

    def bind(self, pod):
        name = pod["metadata"]["name"]
        return self.api.call("POST", self.path(pod, "/binding"), {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": name},
            "target": {"apiVersion": "v1", "kind": "Node", "name": NODE}})[0]

    def remove(self, pod):
        return self.api.call("DELETE", self.path(pod), {
            "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
            "preconditions": {"uid": pod["metadata"]["uid"]}})[0]

    def start(self, pod):
        kind = behaviour(pod)
        now = timestamp()
        died = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": now,
                               "finishedAt": now}}
        phase, ready = "Running", kind in ("", "slow")
        statuses = []
        for container in pod["spec"]["containers"]:
            if kind == "broken":
                phase = "Pending"
                state = {"waiting": {"reason": "ImagePullBackOff", "message":
                                     'Back-off pulling image "%s"' % container["image"]}}
                statuses.append(container_status(container, pod, state, False))
            elif kind == "crash" and pod["spec"].get("restartPolicy") == "Always":
                state = {"waiting": {"reason": "CrashLoopBackOff", "message":
                                     "back-off restarting failed container"}}
                status = container_status(container, pod, state, False, restarts=3)
                statuses.append(dict(status, lastState=died))
            else:
                statuses.append(container_status(container, pod, {"running": {"startedAt": now}},
                                                 ready))
        return self.report(pod, phase, ready, statuses)

    def finish(self, pod):
        now = timestamp()
        code = 1 if behaviour(pod) == "crash" else 0
        ended = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed",
                                "startedAt": now, "finishedAt": now}}
        statuses = [container_status(container, pod, ended, False)
                    for container in pod["spec"]["containers"]]
        return self.report(pod, "Failed" if code else "Succeeded", False, statuses)

    def report(self, pod, phase, ready, statuses):
        now = timestamp()
        self.addresses += 1
        address = "10.9.%d.%d" % (self.addresses >> 8 & 255, self.addresses & 255)
        flag = "True" if ready else "False"
        conditions = [{"type": kind, "status": value, "lastTransitionTime": now}
                      for kind, value in (("Initialized", "True"), ("Ready", flag),
                                          ("ContainersReady", flag), ("PodScheduled", "True"))]
        status = {"phase": phase, "conditions": conditions, "hostIP": "127.0.0.1",
                  "startTime": now, "containerStatuses": statuses}
        if phase != "Pending":
            status.update(podIP=address, podIPs=[{"ip": address}])
        return self.api.call("PATCH", self.path(pod, "/status"), {"status": status},
                             MERGE_PATCH)[0]

    @staticmethod
    def path(pod, sub=""):
        metadata = pod["metadata"]
        return "/api/v1/namespaces/%s/pods/%s%s" % (metadata["namespace"], metadata["name"], sub)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    with open(os.path.join(sys.argv[1], "state.json")) as f:
        clusters = json.load(f)["clusters"]
    for cluster in clusters:
        threading.Thread(target=Kubelet(cluster).run, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
