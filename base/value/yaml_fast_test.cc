// The fast reader is only ever as good as libyaml: these tests compare the two.

#include "base/value/yaml_fast.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/value/yaml_fast_check.h"

namespace swell::yaml {
namespace {

std::map<std::string, std::string> FilesBelow(const std::string& folder) {
  std::map<std::string, std::string> files;
  const std::filesystem::path root = std::filesystem::path(SWELL_SOURCE_DIR) / folder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    files[entry.path().string()] = text.str();
  }
  return files;
}

TEST(YamlFast, ReadsWhatManifestsAreWrittenIn) {
  const char* kTexts[] = {
      "",
      "\n\n# comment",
      "a: 1",
      "a: 1\n---\nb: 2\n---\n# nothing\n",
      "a:\n  b:\n  - c: 1\n    d:\n    - e\n  f: g\n",
      "a:\n  - b\n  -\n    c: 1\n  - - d\n    - e\n",
      "  a: 1\n  b: 2\n",
      "a:   # c\n  # c\n  b: 1 # c\n# c\nc: 'x' # c\n",
      "a: one\n  two\n\n  three\nb: 1\n",
      "a:\n  text on\n  its own\n",
      "a: |\n  x\n   y\n\n  z\nb: |-\n  x\nc: |+\n  x\n\nd: |2\n   x\n",
      "a: >\n  x\n  y\n\n  z\n   w\nb: >-\n  x\n",
      "a: |\nb: >-\n\nc: |+\n\n",
      "a: 'it''s\n  long'\n'b': ''\n",
      "a: \"\\u00e9\\x41\\n\\\\ one\n  two\\\n  three\"\n\"b\" : 1\n",
      "a: [1, 'b', [c d], {e: f, g: }, ]\nb: {}\nc: []\n",
      "a: [\n  1, # one\n  {b: c,\n   d: e}\n]\n",
      "{\"a\":{\"b\":[1,null]},\"c\":\"d\"}",
      "1: a\n1.5: b\nyes: c\n2020-1-2: d\n'<<': e\n",
      "just text\n",
      "- x\ty\n- \"x\ty\" # \t\n- é 日本 😀\n",
      "url: http://x/?a=b#c\nb: -x\nc: :x\nd: ?x\n-e: 1\n",
  };
  for (const char* text : kTexts) {
    EXPECT_TRUE(ReadFast(text, {})) << text;
    EXPECT_EQ(AnyDifference(text), "") << text;
  }
}

TEST(YamlFast, LeavesTheRestToLibyaml) {
  const char* kTexts[] = {
      // legal, but rare
      "a: &x 1\n", "a: !!str 1\n", "<<: {a: 1}\n", "? a\n", "%YAML 1.1\n---\na: 1\n", "a: 1\n...\n",
      "a: 1\r\n", "a:\t1\n", "\ufeffa: 1\n", "a: x\u0085\n", "a: x\u2028\n", "--- a\n", "[a: b]\n",
      "{a}\n", "[1]: 2\n",
      // wrong, or budgets
      "a: b: c\n", "a: - b\n", "a:\n    b: 1\n  c: 2\n", "a:\n  - b\n c: 1\n", "a: 1\nb\n",
      "a: b\n  # c\n  d\n", "a: 'x\n", "a: \"\\q\"\n", "a: \"\\ud800\"\n", "a: 'x\n--- y'\n",
      "a: [1\n", "a: [1] x\n", "a: @x\n", "a: .nan\n", "~: 1\n", "a: 1\na: 2\n", "a: x\x01\n",
      "a: \xff\n", "a: |x\n  b\n", "'a'b: 1\n", "a: 1\n\tb: 2\n", "- a\nb: 1\n", "a: 1\n- b\n"};
  for (const char* text : kTexts) {
    EXPECT_FALSE(ReadFast(text, {})) << text;
  }
  const std::string long_key(1100, 'k');
  EXPECT_FALSE(ReadFast(long_key + ": 1\n", {}));
  for (const std::size_t length : {1000, 1020, 1022, 1023, 1024, 1030, 1100}) {
    const std::string key(length, 'k');
    for (const std::string& text : {key + ": 1\n", "\"" + key + "\": 1\n", "\"" + key + "\": \n",
                                    "a:\n  '" + key + "':\n", "- \"" + key + "\" : b\n"}) {
      EXPECT_EQ(AnyDifference(text), "") << length;
    }
  }
  EXPECT_FALSE(ReadFast("a: {b: {c: {}}}\n", {.max_depth = 3}));
  EXPECT_TRUE(ReadFast("a: {b: {c: {}}}\n", {.max_depth = 4}));
  EXPECT_FALSE(ReadFast("a: [1, 2, 3]\n", {.max_nodes = 5}));
  EXPECT_TRUE(ReadFast("a: [1, 2, 3]\n", {.max_nodes = 6}));
  EXPECT_TRUE(ReadFast("a: 1\na: 2\n", {.reject_duplicate_keys = false}));
  EXPECT_TRUE(ReadFast("a: 1\n---\n]\n", {.first_document_only = true}));
}

TEST(YamlFast, ReadsTheGoldenFilesAlike) {
  std::size_t all = 0, fast = 0;
  for (const auto& [name, text] : FilesBelow("tests/golden")) {
    if (!name.ends_with(".yaml") && !name.ends_with(".yml")) continue;
    EXPECT_EQ(AnyDifference(text), "") << name;
    if (!ReadEvents(text, {.reject_duplicate_keys = false})) continue;
    ++all;
    if (ReadFast(text, {.reject_duplicate_keys = false})) ++fast;
  }
  EXPECT_GT(all, 100U);
  EXPECT_GT(fast * 10, all * 9) << fast << " of " << all;
}

// Every byte of the fuzzer's seeds replaced, preceded and left out: the places where one more
// blank or quote makes another text.
TEST(YamlFast, DiffersNowhereAroundTheSeeds) {
  static constexpr std::string_view kBytes = " \n\t:-#'\"[{,]}|>\\?&a0";
  for (const auto& [name, text] : FilesBelow("tests/fuzz/base_value_yaml_fast")) {
    EXPECT_EQ(AnyDifference(text), "") << name;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto check = [&](const std::string& changed) {
        const ParseOptions options{.reject_duplicate_keys = i % 2 == 0};
        EXPECT_EQ(Difference(changed, options), "") << name << "\n" << changed;
      };
      check(text.substr(0, i) + text.substr(i + 1));
      check(text.substr(0, i));
      for (const char byte : kBytes) {
        check(text.substr(0, i) + byte + text.substr(i));
        check(text.substr(0, i) + byte + text.substr(i + 1));
      }
    }
  }
}

}  // namespace
}  // namespace swell::yaml
