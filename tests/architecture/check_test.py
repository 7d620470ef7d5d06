#!/usr/bin/env python3
"""Shows that check.py finds what it claims to find, on small trees made for it."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check  # noqa: E402

ROOMS = """
# a comment with (parentheses)
swell_room(base/core LIBS OpenSSL::Crypto)
swell_room(base/value DEPS base/core LIBS yaml-cpp)
swell_room(renderer/object DEPS base/value
           LIBS z)
swell_room(server/api DEPS base/core proto)
swell_room(server DEPS server/api)
"""


class CheckTest(unittest.TestCase):
    def faults(self, files, rooms=ROOMS):
        with tempfile.TemporaryDirectory() as root:
            everything = {"cmake/rooms.cmake": rooms, "base/core/core.h": "",
                          "base/value/value.h": '#include "base/core/core.h"\n', **files}
            for path, text in everything.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w") as f:
                    f.write(text)
            return check.faults(root)

    def expect_one(self, found, *parts):
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])

    def test_a_good_tree_has_no_faults(self):
        self.assertEqual(self.faults({
            "renderer/object/a.cc": '#include "base/value/value.h"\n#include <string>\n',
            "server/api/a.cc": '#include "swell/v1/a.grpc.pb.h"\n#include <grpcpp/grpcpp.h>\n',
            "base/value/y.cc": "#include <yaml-cpp/yaml.h>\n"}), [])

    def test_a_dependency_of_a_dependency_is_not_enough(self):
        self.expect_one(self.faults({"renderer/object/a.cc": '\n#include "base/core/core.h"\n'}),
                        "renderer/object/a.cc:2:", "base/core is not in the DEPS")

    def test_no_room_includes_upward(self):
        self.expect_one(self.faults({"base/core/a.cc": '#include "base/value/value.h"\n'}),
                        "base/value is not in the DEPS of base/core")

    def test_cycles_and_unknown_rooms(self):
        self.expect_one(self.faults({}, ROOMS + "swell_room(base/core DEPS renderer/object)\n"),
                        "cycle", "base/core -> renderer/object -> base/value -> base/core")
        self.expect_one(self.faults({}, ROOMS + "swell_room(cli/x DEPS nowhere)\n"),
                        "nowhere, which is no room")

    def test_files_outside_rooms_and_relative_includes(self):
        self.expect_one(self.faults({"base/lost/a.cc": ""}), "lies in no room")
        self.expect_one(self.faults({"base/core/a.cc": '#include "core.h"\n'}),
                        "no path from the root")

    def test_generated_types_stop_at_the_doors(self):
        rooms = ROOMS + "swell_room(server/control DEPS proto)\n"
        self.expect_one(
            self.faults({"server/control/a.cc": '#include "swell/v1/a.pb.h"\n'}, rooms),
            "generated types stop")

    def test_libraries_stay_in_their_rooms(self):
        self.expect_one(self.faults({"base/core/a.cc": "#include <spdlog/spdlog.h>\n"}),
                        "base/telemetry alone")
        self.expect_one(self.faults({  # not even through a header of the right room
            "base/value/private.h": "#include <yaml-cpp/yaml.h>\n",
            "renderer/object/a.cc": '#include "base/value/private.h"\n'}),
            "base/value/private.h -> yaml-cpp/yaml.h")

    def test_a_program_includes_what_it_is_linked_with(self):
        programs = {"cmake/programs.cmake": "swell_program(x cli/main.cc base_core)\n"}
        self.assertEqual(self.faults({
            **programs, "cli/main.cc": '#include "base/core/core.h"\n'}), [])
        self.expect_one(self.faults({
            **programs, "cli/main.cc": '#include "base/value/value.h"\n'}), "base/value")

    def test_long_files(self):
        self.assertEqual(self.faults({"base/core/a.cc": "\n" * 600}), [])
        self.expect_one(self.faults({"base/core/a.cc": "\n" * 601}), "601 lines")

    def test_pages_name_files_that_exist(self):
        self.assertEqual(self.faults({"base/core/a.cc": "", "docs/x.md": "see base/core/a.cc\n"}), [])
        self.expect_one(self.faults({"docs/x.md": "see `base/core/gone.cc`\n"}),
                        "docs/x.md:1: names base/core/gone.cc")

    def test_one_version(self):
        self.expect_one(self.faults({
            "CMakeLists.txt": "project(swell VERSION 1.2.3 LANGUAGES CXX)\n",
            "base/core/version.h": 'inline constexpr char kVersion[] = "1.2.4";\n'}), "1.2.3")

    def test_a_tree_without_rooms_is_a_fault(self):
        self.expect_one(self.faults({}, ""), "no rooms")


if __name__ == "__main__":
    unittest.main(verbosity=2)
