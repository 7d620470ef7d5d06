#!/usr/bin/env python3
"""Real Kubernetes control planes for tests: start a fleet, break it, end it.

    cluster.py up DIR [-n N] [options]   run N clusters c1..cN in the foreground until SIGTERM
    cluster.py pause DIR NAME            freeze the cluster's API server: it accepts, never answers
    cluster.py resume DIR NAME           let it go on
    cluster.py stop DIR NAME             end its API server and controllers: connection refused
    cluster.py start DIR NAME            start them again, with the same port, keys and objects

`up` prints one line `ready DIR/kubeconfig` on standard output once every cluster answers and has a
node, or ends with status 1 and the reason. DIR/kubeconfig has the contexts NAME (token) and
NAME-cert (client certificate); both are administrators. Logs are DIR/*.log, kept after the end.

Options of up:
    --assets DIR       etcd, kube-apiserver and, beside them, kube-controller-manager
                       (default: what build.sh prints)
    --emulate VERSION  kube-apiserver --emulated-version, of 1.31 and later: the API of an earlier
                       version (default: $CONTROLPLANE_EMULATE)
    --no-controllers   API servers alone: no controller manager, no node
    --audit            log every write that an API server answers: DIR/NAME-audit.log, JSON lines
    --until-eof        end also when standard input closes, as it does when a parent dies
    --timeout SECONDS  for the whole start (default 180)

One etcd serves all clusters, a key prefix each. The node lifecycle controller is off, so that a
frozen cluster does not lose its node; kubelet.py tells what pods do. Everything listens on
127.0.0.1. Python standard library and openssl only; works with Kubernetes 1.20 and later.
"""
import argparse
import base64
import ctypes
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

import certificates
from kube_api import TRANSIENT, Api

HERE = os.path.dirname(os.path.abspath(__file__))
# Of no use without a cloud or real machines; both spellings, before and since 1.27.
CONTROLLERS_OFF = ("nodelifecycle", "node-lifecycle-controller", "nodeipam",
                   "node-ipam-controller", "route", "node-route-controller",
                   "service", "service-lb-controller",
                   "cloud-node-lifecycle", "cloud-node-lifecycle-controller",
                   "attachdetach", "persistentvolume-attach-detach-controller")


# Writes alone, without bodies: what tests count.
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
"""


class Failure(Exception):
    """Something that the person who runs this must read."""


def free_ports(count):
    """Ports below the range that outgoing connections take, free at the moment."""
    held = []
    while len(held) < count:
        s = socket.socket()
        try:
            s.bind(("127.0.0.1", random.randrange(20000, 32000)))
            held.append(s)
        except OSError:
            s.close()
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def help_text(program):
    return subprocess.run([program, "--help"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout.decode("utf-8", "replace")


def die_with_parent():
    """Runs in a child before exec: the kernel ends it if this program is killed outright."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Process:
    """A program with a log file of its own."""

    def __init__(self, folder, name, argv):
        self.name, self.log = name, os.path.join(folder, name + ".log")
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          start_new_session=True, preexec_fn=die_with_parent)

    def check(self):
        if self.popen.poll() is not None:
            with open(self.log, "rb") as log:
                end = log.read()[-1500:].decode("utf-8", "replace")
            raise Failure("%s ended with status %d (%s):\n%s" % (
                self.name, self.popen.returncode, self.log, end))

    def signal(self, number):
        if self.popen.poll() is None:
            self.popen.send_signal(number)

    def end(self, grace=8):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.popen.wait(grace)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


class Cluster:
    """One API server with its controllers, keys and port."""

    def __init__(self, fleet, name, port):
        self.fleet, self.name, self.port = fleet, name, port
        self.folder = os.path.join(fleet.folder, name)
        os.makedirs(self.folder)
        certificates.make(self.folder)
        self.server = "https://127.0.0.1:%d" % port
        self.token = "token-of-" + name
        with open(self.file("tokens.csv"), "w") as f:
            f.write('%s,token-admin,1,"system:masters"\n' % self.token)
        self.api = Api(self.server, self.token, self.file("ca.crt"))
        self.apiserver = self.controllers = None

    def file(self, name):
        return os.path.join(self.folder, name)

    def start_apiserver(self):
        argv = [self.fleet.program("kube-apiserver"), "--etcd-servers=" + self.fleet.etcd_url,
                "--etcd-prefix=/" + self.name, "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1", "--secure-port=%d" % self.port,
                "--tls-cert-file=" + self.file("server.crt"),
                "--tls-private-key-file=" + self.file("server.key"),
                "--client-ca-file=" + self.file("ca.crt"),
                "--token-auth-file=" + self.file("tokens.csv"),
                "--service-account-key-file=" + self.file("service-account.key"),
                "--service-account-signing-key-file=" + self.file("service-account.key"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-cluster-ip-range=10.0.0.0/24", "--authorization-mode=RBAC",
                "--endpoint-reconciler-type=none", "--allow-privileged=true"]
        if not self.fleet.with_controllers:
            argv.append("--disable-admission-plugins=ServiceAccount")
        if self.fleet.emulate:
            argv.append("--emulated-version=" + self.fleet.emulate)
        if self.fleet.audit_policy:
            argv += ["--audit-policy-file=" + self.fleet.audit_policy, "--audit-log-path=" +
                     os.path.join(self.fleet.folder, self.name + "-audit.log")]
        self.apiserver = Process(self.fleet.folder, self.name + "-apiserver", argv)

    def start_controllers(self):
        self.controllers = Process(self.fleet.folder, self.name + "-controllers", [
            self.fleet.program("kube-controller-manager"), "--kubeconfig=" + self.own_kubeconfig(),
            "--service-account-private-key-file=" + self.file("service-account.key"),
            "--root-ca-file=" + self.file("ca.crt"), "--leader-elect=false", "--secure-port=0",
            "--kube-api-qps=200", "--kube-api-burst=400"] + self.fleet.controller_flags)

    def own_kubeconfig(self):
        path = self.file("kubeconfig")
        write_kubeconfig(path, [self])
        return path

    def serving(self):
        self.apiserver.check()
        return (self.answers("/readyz") and self.answers("/api/v1/namespaces/default"))

    def controlling(self):
        self.controllers.check()
        return self.answers("/api/v1/namespaces/default/serviceaccounts/default")

    def has_node(self):
        try:
            status, nodes = self.api.call("GET", "/api/v1/nodes", timeout=3)
        except TRANSIENT:
            return False
        return status == 200 and any(
            not node["spec"].get("taints") and
            any(c["type"] == "Ready" and c["status"] == "True"
                for c in node["status"].get("conditions", [])) for node in nodes["items"])

    def answers(self, path):
        try:
            return self.api.call("GET", path, timeout=3)[0] == 200
        except TRANSIENT:
            return False

    def end(self):
        for process in (self.controllers, self.apiserver):
            if process:
                process.end()


def write_kubeconfig(path, clusters):
    def encoded(cluster, name):
        with open(cluster.file(name), "rb") as f:
            return base64.b64encode(f.read()).decode()

    lines = ["apiVersion: v1", "kind: Config", "current-context: " + clusters[0].name]
    lines.append("clusters:")
    for c in clusters:
        lines += ["- name: " + c.name, "  cluster:", "    server: " + c.server,
                  "    certificate-authority-data: " + encoded(c, "ca.crt")]
    lines.append("users:")
    for c in clusters:
        lines += ["- name: " + c.name, "  user:", "    token: " + c.token,
                  "- name: %s-cert" % c.name, "  user:",
                  "    client-certificate-data: " + encoded(c, "client.crt"),
                  "    client-key-data: " + encoded(c, "client.key")]
    lines.append("contexts:")
    for c in clusters:
        for user in (c.name, c.name + "-cert"):
            lines += ["- name: " + user, "  context:", "    cluster: " + c.name,
                      "    user: " + user]
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")


class Fleet:
    """Everything that `up` runs."""

    def __init__(self, folder, assets, options):
        self.folder, self.assets = folder, assets
        self.with_controllers = not options.no_controllers
        self.emulate = options.emulate
        self.deadline = time.monotonic() + options.timeout
        self.clusters, self.etcd, self.kubelet = {}, None, None
        self.audit_policy = self.write_audit_policy() if options.audit else None
        ports = free_ports(2 + options.n)
        self.etcd_url = "http://127.0.0.1:%d" % ports[0]
        self.peer_url = "http://127.0.0.1:%d" % ports[1]
        if self.with_controllers:
            self.controller_flags = self.choose_controller_flags()
        for i in range(options.n):
            name = "c%d" % (i + 1)
            self.clusters[name] = Cluster(self, name, ports[2 + i])

    def program(self, name):
        path = os.path.join(self.assets, name)
        if not os.access(path, os.X_OK):
            raise Failure("no program %s in %s%s" % (name, self.assets, " (or use --no-controllers)"
                          if name == "kube-controller-manager" else ""))
        return path

    def write_audit_policy(self):
        path = os.path.join(self.folder, "audit-policy.yaml")
        with open(path, "w") as f:
            f.write(AUDIT_POLICY)
        return path

    def choose_controller_flags(self):
        text = help_text(self.program("kube-controller-manager"))
        known = text.partition("All controllers: ")[2].partition("\n")[0].replace(",", " ").split()
        flags = ["--controllers=*," + ",".join("-" + c for c in CONTROLLERS_OFF if c in known)]
        if "--port int" in text:
            flags.append("--port=0")  # 1.20 would open its unencrypted port as well
        return flags

    def wait(self, what, ready):
        pause = 0.05
        while not ready():
            if time.monotonic() > self.deadline:
                raise Failure("%s: not ready in time; see the logs in %s" % (what, self.folder))
            time.sleep(pause)
            pause = min(0.4, pause * 1.3)

    def up(self):
        argv = [self.program("etcd"), "--data-dir", os.path.join(self.folder, "etcd"),
                "--listen-client-urls", self.etcd_url, "--advertise-client-urls", self.etcd_url,
                "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
                "--initial-cluster", "default=" + self.peer_url]
        if "--unsafe-no-fsync" in help_text(argv[0]):
            argv.append("--unsafe-no-fsync")  # the data need not outlive the machine
        self.etcd = Process(self.folder, "etcd", argv)
        clusters = list(self.clusters.values())
        for c in clusters:
            c.start_apiserver()
        for c in clusters:
            self.wait("API server of " + c.name, c.serving)
            if self.with_controllers:
                c.start_controllers()
        write_kubeconfig(os.path.join(self.folder, "kubeconfig"), clusters)
        self.write_state()
        if self.with_controllers:
            self.kubelet = Process(self.folder, "kubelet", [
                sys.executable, os.path.join(HERE, "kubelet.py"), self.folder])
            for c in clusters:
                self.wait("controllers of " + c.name, c.controlling)
                self.wait("node of " + c.name, c.has_node)

    def write_state(self):
        state = {"clusters": [{"name": c.name, "server": c.server, "token": c.token,
                               "ca_file": c.file("ca.crt"), "cert_file": c.file("server.crt"),
                               "key_file": c.file("server.key")} for c in self.clusters.values()]}
        with open(os.path.join(self.folder, "state.json"), "w") as f:
            json.dump(state, f, indent=1)

    def command(self, line):
        verb, _, name = line.partition(" ")
        cluster = self.clusters.get(name)
        if cluster is None:
            raise Failure("no cluster %s (there are %s)" % (name, " ".join(self.clusters)))
        if verb == "pause":
            cluster.apiserver.signal(signal.SIGSTOP)
        elif verb == "resume":
            cluster.apiserver.signal(signal.SIGCONT)
        elif verb == "stop":
            cluster.end()
        elif verb == "start":
            self.deadline = time.monotonic() + 120
            cluster.start_apiserver()
            self.wait("API server of " + name, cluster.serving)
            if self.with_controllers:
                cluster.start_controllers()
                self.wait("controllers of " + name, cluster.controlling)
        else:
            raise Failure("unknown command " + verb)

    def end(self):
        if self.kubelet:
            self.kubelet.end()
        for c in self.clusters.values():  # all at once, then one after the other
            for process in (c.controllers, c.apiserver):
                if process:
                    process.signal(signal.SIGCONT)
                    process.signal(signal.SIGTERM)
        for c in self.clusters.values():
            c.end()
        if self.etcd:
            self.etcd.end()
        shutil.rmtree(os.path.join(self.folder, "etcd"), ignore_errors=True)


def serve(fleet, control, until_eof):
    """Answers pause, resume, stop and start until this program is told to end."""
    sources = [control] + ([sys.stdin] if until_eof else [])
    while True:
        readable, _, _ = select.select(sources, [], [])
        if sys.stdin in readable and not os.read(sys.stdin.fileno(), 4096):
            return
        if control in readable:
            connection, _ = control.accept()
            with connection:
                try:
                    fleet.command(connection.makefile().readline().strip())
                    connection.sendall(b"ok\n")
                except (Failure, RuntimeError) as e:
                    connection.sendall(("error: %s\n" % e).encode())


def find_assets():
    done = subprocess.run([os.path.join(HERE, "build.sh")], stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise Failure("build.sh gave no control plane")
    return done.stdout.decode().strip().splitlines()[-1]


def up(options):
    folder = os.path.abspath(options.dir)
    if os.path.exists(folder) and os.listdir(folder):
        raise Failure(folder + " is not empty")
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)  # the control socket by a short name: such paths hold 107 bytes at most
    control = socket.socket(socket.AF_UNIX)
    control.bind("control")
    control.listen(8)

    def stop(number, frame):
        raise SystemExit(0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    fleet = Fleet(folder, options.assets or find_assets(), options)
    try:
        fleet.up()
        print("ready " + os.path.join(folder, "kubeconfig"), flush=True)
        serve(fleet, control, options.until_eof)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # ending takes seconds; do it whole
        fleet.end()


def tell(options):
    os.chdir(options.dir)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect("control")
    except OSError as e:
        raise Failure("no clusters run in %s: %s" % (options.dir, e)) from e
    connection.sendall(("%s %s\n" % (options.verb, options.name)).encode())
    answer = connection.makefile().read().strip()
    if answer != "ok":
        raise Failure(answer.partition("error: ")[2] or "the clusters ended meanwhile")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    start = verbs.add_parser("up")
    start.add_argument("dir")
    start.add_argument("-n", type=int, default=1)
    start.add_argument("--assets")
    start.add_argument("--emulate", default=os.environ.get("CONTROLPLANE_EMULATE"))
    start.add_argument("--no-controllers", action="store_true")
    start.add_argument("--audit", action="store_true")
    start.add_argument("--until-eof", action="store_true")
    start.add_argument("--timeout", type=float, default=180)
    for verb in ("pause", "resume", "stop", "start"):
        sub = verbs.add_parser(verb)
        sub.add_argument("dir")
        sub.add_argument("name")
    options = parser.parse_args()
    try:
        up(options) if options.verb == "up" else tell(options)
    except (Failure, RuntimeError) as e:
        sys.exit("cluster: %s" % e)


if __name__ == "__main__":
    main()
