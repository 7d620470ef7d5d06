"""Two commands that do the same, whole processes in turn: time, memory, and whether they print the
same. Standard library only."""
import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def write(folder, files):
    """{relative path: text} below the folder; returns it."""
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    return folder


def run(command):
    """(wall ms, CPU ms, peak KiB, (bytes, digest) of the output)"""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = (time.perf_counter() - began) * 1000
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit("%s failed:\n%s" % (" ".join(command), errors.decode(errors="replace")))
    # Not the output itself: a child's peak counts what this process holds when it forks.
    digest = (len(output), hashlib.sha256(output).hexdigest())
    return wall, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss, digest


def measure(name, swell, peer, runs, peer_runs=None):
    """Medians of both commands' runs, which alternate, so that a busy machine slows both. A peer
    that is slow may run less often."""
    samples = {"swell": [], "peer": []}
    run(swell)  # reads the files into the page cache
    for i in range(runs):
        samples["swell"].append(run(swell))
        if i < (peer_runs or runs):
            samples["peer"].append(run(peer))
    row = {"case": name, "bytes": samples["swell"][0][3][0]}
    for label, of_it in samples.items():
        row[label] = {key: statistics.median(s[i] for s in of_it)
                      for i, key in enumerate(("wall_ms", "cpu_ms", "peak_kib"))}
    row["times"] = row["peer"]["wall_ms"] / row["swell"]["wall_ms"]
    row["times_cpu"] = row["peer"]["cpu_ms"] / row["swell"]["cpu_ms"]
    row["same"] = len({s[3] for of_it in samples.values() for s in of_it}) == 1
    return row


def options(description, peer, runs):
    """The parser of a comparison; --PEER names the other program."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--" + peer, dest="peer", default=os.environ.get(peer.upper(), peer))
    parser.add_argument("--bin", default=os.environ.get(
        "SWELL_BIN", os.path.join(ROOT, "build/default/bin")), metavar="DIR")
    parser.add_argument("--runs", type=int, default=runs)
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    return parser


def programs(parser, args, peer):
    """(swell, the peer's program); ends the process where there is no peer."""
    found = shutil.which(args.peer)
    if found is None:
        parser.exit(2, "no %s at %r: --%s PATH or %s names one\n" % (
            peer, args.peer, peer, peer.upper()))
    return os.path.join(os.path.abspath(args.bin), "swell"), found


def show(rows, peer, output, what):
    if output == "json":
        print(json.dumps(rows, indent=2))
        return
    print("%-34s %9s %12s %6s %8s %8s %6s %8s %8s" % (
        what, "swell ms", peer + " ms", "times", "CPU ms", "CPU ms", "times", "MiB", "MiB"))
    for r in rows:
        print("%-34s %9.1f %12.1f %6.1f %8.1f %8.1f %6.1f %8.1f %8.1f%s" % (
            r["case"], r["swell"]["wall_ms"], r["peer"]["wall_ms"], r["times"],
            r["swell"]["cpu_ms"], r["peer"]["cpu_ms"], r["times_cpu"],
            r["swell"]["peak_kib"] / 1024, r["peer"]["peak_kib"] / 1024,
            "" if r["same"] else "  (output varies)"))
