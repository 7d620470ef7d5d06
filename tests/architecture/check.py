#!/usr/bin/env python3
"""Holds the code against the map of rooms in cmake/rooms.cmake and prints the largest files.

    check.py [ROOT]      exit 0, or 1 with one line a fault: FILE:LINE: what and why

The rules:
  rooms      every C++ file lies in a room; it includes only its own room and the rooms of its
             DEPS (direct ones: what a dependency depends on must be listed itself), by paths
             from the root; the DEPS exist and form no cycle
  wire       generated protobuf headers stop at the doors of server/api and cli
  libraries  a library's headers are included in its own rooms alone, and a header that includes
             one is private: no other room reaches it, not even through other headers
  size       no file above 600 lines
  docs       every file of ours that a page names exists, and the version is one
"""
import os
import re
import sys

TOPS = ("base", "renderer", "reconciler", "server", "cli")
SIZED_TOPS = TOPS + ("proto", "tests", "deploy", "cmake")
SIZED = (".cc", ".h", ".py", ".sh", ".proto", ".js", ".css", ".html")
MAX_LINES = 600

# Header prefix -> the rooms that may include it. Heavy or invasive libraries only: what costs
# seconds a file to compile, or what would spread a foreign type or an exception through the code.
LIBRARIES = {
    "CLI/": ["cli/commands", "server/config"],
    "absl/": ["base/text"],
    "boost/": ["base/net"],
    "curl/": ["base/fetch"],
    "git2": ["reconciler/git"],
    "google/protobuf/": ["server/api", "cli/commands"],
    "grpc": ["server/api", "cli/commands"],
    "lua": ["reconciler/health/lua"],
    "nghttp2/": ["base/net"],
    "spdlog/": ["base/telemetry"],
    "sqlite3": ["server/store"],
    "yaml-cpp/": ["base/value"],
    "yaml.h": ["base/value"],
    "zstd": ["server/store"],
}
WIRE_ROOMS = ("server/api", "cli/commands")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


class Tree:
    """The rooms of one source tree and the includes of its files."""

    def __init__(self, root):
        self.root = root
        self.rooms = self.read_rooms()
        self.programs = self.read_programs()
        self.includes = {}  # file -> [(line, quoted?, path)]
        for path in self.files(TOPS, (".cc", ".h")):
            self.includes[path] = self.read_includes(path)

    def read_calls(self, name, function):
        path = os.path.join(self.root, "cmake", name)
        if not os.path.exists(path):
            return []
        with open(path) as f:
            text = re.sub(r"#.*", "", f.read())
        calls = re.findall(r"^%s\(([^)]*)\)" % function, text, re.MULTILINE)
        return [call.split() for call in calls]

    def read_rooms(self):
        """room -> set of rooms it may include."""
        rooms = {"proto": set()}
        for words in self.read_calls("rooms.cmake", "swell_room"):
            end = words.index("LIBS") if "LIBS" in words else len(words)
            begin = words.index("DEPS") + 1 if "DEPS" in words else end
            rooms[words[0]] = set(words[begin:end])
        return rooms

    def read_programs(self):
        """main file -> rooms it is linked with."""
        by_target = {room.replace("/", "_"): room for room in self.rooms}
        return {words[1]: {by_target.get(w, w) for w in words[2:]}
                for words in self.read_calls("programs.cmake", "swell_program")}

    def files(self, tops, suffixes):
        for top in tops:
            for folder, _, names in os.walk(os.path.join(self.root, top)):
                for name in sorted(names):
                    if name.endswith(suffixes):
                        yield os.path.relpath(os.path.join(folder, name), self.root)

    def read_includes(self, path):
        found = []
        with open(os.path.join(self.root, path), encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                match = INCLUDE.match(line)
                if match:
                    found.append((number, match.group(1) == '"', match.group(2)))
        return found

    def room_of(self, include):
        """The room that an include path leads to, or None where it is not ours."""
        if include.endswith(".pb.h"):
            return "proto"
        folder = os.path.dirname(include)
        return folder if folder in self.rooms else None


def check_map(tree):
    for room, deps in sorted(tree.rooms.items()):
        for dep in sorted(deps - set(tree.rooms)):
            yield "cmake/rooms.cmake:1: %s depends on %s, which is no room" % (room, dep)
    state = {}

    def visit(room, way):
        if state.get(room) == "done" or room not in tree.rooms:
            return
        if state.get(room) == "open":
            yield "cmake/rooms.cmake:1: cycle: %s" % " -> ".join(way[way.index(room):] + [room])
            return
        state[room] = "open"
        for dep in sorted(tree.rooms[room]):
            yield from visit(dep, way + [room])
        state[room] = "done"
    for room in sorted(tree.rooms):
        yield from visit(room, [])


def check_includes(tree):
    for path, includes in sorted(tree.includes.items()):
        own = os.path.dirname(path)
        is_program = path in tree.programs
        if own not in tree.rooms and not is_program:
            yield "%s:1: lies in no room of cmake/rooms.cmake" % path
            continue
        allowed = {own} | tree.rooms.get(own, set()) | tree.programs.get(path, set())
        for line, quoted, include in includes:
            target = tree.room_of(include)
            if target is None:
                if quoted and not os.path.exists(os.path.join(tree.root, include)):
                    yield "%s:%d: includes \"%s\", which is no path from the root" % (
                        path, line, include)
                elif quoted:
                    yield "%s:%d: includes \"%s\", which lies in no room" % (path, line, include)
            elif target not in allowed:
                yield "%s:%d: includes %s, but %s is not in the DEPS of %s" % (
                    path, line, include, target, own)


def check_wire(tree):
    for path, includes in sorted(tree.includes.items()):
        if os.path.dirname(path) in WIRE_ROOMS:
            continue
        for line, _, include in includes:
            if include.endswith(".pb.h"):
                yield "%s:%d: includes %s: generated types stop at %s" % (
                    path, line, include, " and ".join(WIRE_ROOMS))


def library_of(include):
    for prefix in LIBRARIES:
        if include.startswith(prefix):
            return prefix
    return None


def check_libraries(tree):
    reach = {}  # header -> {library: the way to it}

    def libraries(path):
        """The libraries whose headers `path` pulls in, itself or through our own headers."""
        if path not in reach:
            reach[path] = {}
            for _, quoted, include in tree.includes.get(path, []):
                if include in tree.includes:
                    for library, way in libraries(include).items():
                        reach[path].setdefault(library, [include] + way)
                elif library_of(include) and not include.endswith(".pb.h"):
                    reach[path].setdefault(library_of(include), [include])
        return reach[path]

    for path in sorted(tree.includes):
        for library, way in sorted(libraries(path).items()):
            if os.path.dirname(path) not in LIBRARIES[library]:
                yield "%s:1: includes %s, allowed in %s alone" % (
                    path, " -> ".join(way), ", ".join(LIBRARIES[library]))


def count_lines(tree):
    sizes = []
    for path in tree.files(SIZED_TOPS, SIZED):
        with open(os.path.join(tree.root, path), "rb") as f:
            sizes.append((f.read().count(b"\n"), path))
    return sorted(sizes, reverse=True)


def check_sizes(sizes):
    for lines, path in sizes:
        if lines > MAX_LINES:
            yield "%s:%d: the file has %d lines, %d are the limit: split it by subject" % (
                path, MAX_LINES + 1, lines, MAX_LINES)


NAMED = re.compile(r"(?<![\w./-])((?:base|renderer|reconciler|server|cli|proto|cmake|tests|deploy|docs)/"
                   r"[\w./-]+\.(?:cc|h|proto|py|sh|cmake|md|txt))\b")


def check_docs(root):
    pages = [name for name in sorted(os.listdir(root)) if name.endswith(".md")]
    for folder, _, names in os.walk(os.path.join(root, "docs")):
        pages += [os.path.relpath(os.path.join(folder, name), root)
                  for name in sorted(names) if name.endswith(".md")]
    for page in pages:
        with open(os.path.join(root, page)) as f:
            for number, line in enumerate(f, 1):
                for path in NAMED.findall(line):
                    if not os.path.exists(os.path.join(root, path)):
                        yield "%s:%d: names %s, which does not exist" % (page, number, path)


def check_version(root):
    def find(path, pattern):
        full = os.path.join(root, path)
        if not os.path.exists(full):
            return None
        with open(full) as f:
            found = re.search(pattern, f.read())
        return found and found.group(1)
    build = find("CMakeLists.txt", r"project\(swell VERSION (\S+)")
    code = find("base/core/version.h", r'kVersion\[\] = "([^"]+)"')
    if build and code and build != code:
        yield "base/core/version.h:1: says version %s, CMakeLists.txt says %s" % (code, build)


def faults(root):
    tree = Tree(root)
    if len(tree.rooms) < 2:
        return ["cmake/rooms.cmake:1: no rooms found"]
    return [fault for check in (check_map, check_includes, check_wire, check_libraries)
            for fault in check(tree)] + list(check_sizes(count_lines(tree))) + list(
                check_docs(root)) + list(check_version(root))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..")
    sizes = count_lines(Tree(root))
    print("%d files, %d lines; the largest:" % (len(sizes), sum(n for n, _ in sizes)))
    for lines, path in sizes[:10]:
        print("%7d %s" % (lines, path))
    found = faults(root)
    for fault in found:
        print(fault)
    if found:
        sys.exit("architecture: %d faults" % len(found))


if __name__ == "__main__":
    main()
