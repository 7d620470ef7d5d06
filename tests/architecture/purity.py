#!/usr/bin/env python3
"""Holds the renderer to being pure: what it is linked from asks for no network, no process, no
environment variable.

    purity.py LIBRARY...     exit 0, or 1 with one line a symbol: LIBRARY: SYMBOL
"""
import subprocess
import sys

FORBIDDEN = {
    # network
    "socket", "connect", "bind", "listen", "accept", "accept4", "getaddrinfo", "gethostbyname",
    "gethostbyname_r", "res_query", "curl_easy_init",
    # processes
    "system", "popen", "fork", "vfork", "execl", "execv", "execve", "execvp", "posix_spawn",
    "posix_spawnp", "dlopen",
    # the environment
    "getenv", "secure_getenv", "environ",
}


def undefined_symbols(library):
    out = subprocess.run(["nm", "--undefined-only", library], check=True, capture_output=True,
                         text=True).stdout
    # "                 U socket@GLIBC_2.2.5"
    return {line.split()[-1].split("@")[0] for line in out.splitlines() if " U " in line}


def main(libraries):
    if not libraries:
        print("purity: no libraries were given", file=sys.stderr)
        return 1
    found = 0
    for library in libraries:
        for symbol in sorted(undefined_symbols(library) & FORBIDDEN):
            print(f"{library}: {symbol}", file=sys.stderr)
            found = 1
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
