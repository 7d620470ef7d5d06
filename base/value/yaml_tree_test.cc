#include "base/value/yaml_tree.h"

#include <gtest/gtest.h>

namespace swell::yaml {
namespace {

// The text with one value changed; what go-yaml v3 prints was seen with kustomize's replacements.
std::string Changed(std::string_view text, std::initializer_list<std::string> path, Value value) {
  auto tree = ReadTree(text);
  if (!tree) return tree.error().ToString();
  const Value before = Parse(text).value();
  UpdateTree(tree->root, before, before.WithAt(path, std::move(value)));
  return WriteTree(*tree);
}

TEST(YamlTree, KeepsWhatIsNotChanged) {
  struct Case {
    const char* text;
    const char* printed;
  };
  const Case kCases[] = {
      {"a: 1\nb:\n    c:\n        - d\n        - e: 1\n          f: 2\n",
       "a: new\nb:\n  c:\n  - d\n  - e: 1\n    f: 2\n"},
      {"# file\n\n# a\na: 1 # one\n", "# file\n\n# a\na: new # one\n"},
      {"a: 1\nb: # on b\n  c: 2\n  # below c\n\nd: 3\n",
       "a: new\nb: # on b\n  c: 2\n  # below c\nd: 3\n"},
      {"a: 1\nb:\n- 1\n# two\n- 2\n\n# three\n- x: 1 # c1\n  y: 2\n",
       "a: new\nb:\n- 1\n# two\n- 2\n# three\n- x: 1 # c1\n  y: 2\n"},
      {"a: 1\nb: 2\n# foot b\n\n# head c\nc: 3\n# end\n",
       "a: new\nb: 2\n# foot b\n\n# head c\nc: 3\n# end\n"},
      {"a: 1\nb: \"2\"\nc: '3'\nd: yes\ne: 1_000\nf: ~\ng:\nh: \"x\\ny\"\n",
       "a: new\nb: \"2\"\nc: '3'\nd: yes\ne: 1_000\nf: ~\ng:\nh: \"x\\ny\"\n"},
      {"a: 1\nb: {x: 1,  y: [1,\n  2]}\nc: []\n", "a: new\nb: {x: 1, y: [1, 2]}\nc: []\n"},
      {"a: 1\nb: |\n  x\n  # no comment\nc: |+\n  k\n\nd: |-\n    deep\n      er\n",
       "a: new\nb: |\n  x\n  # no comment\nc: |+\n  k\n\nd: |-\n  deep\n    er\n"},
      {"a: 1\nb:\n- - 1\n  - 2\n- - 3\n", "a: new\nb:\n- - 1\n  - 2\n- - 3\n"},
      {"a: 1\nb: one\n  two\n", "a: new\nb: one two\n"},
  };
  for (const Case& c : kCases) {
    std::string printed = Changed(c.text, {"a"}, Value("new"));
    // An int that became a text says that it was one.
    const std::size_t tag = printed.find("!!int ");
    ASSERT_NE(tag, printed.npos) << printed;
    printed.erase(tag, 6);
    EXPECT_EQ(printed, c.printed);
  }
}

TEST(YamlTree, ChangesKeepTheStyleThatCanHoldThem) {
  EXPECT_EQ(Changed("a: x\n", {"a"}, Value("8080")), "a: \"8080\"\n");
  EXPECT_EQ(Changed("a: 80\n", {"a"}, Value(8080)), "a: 8080\n");
  EXPECT_EQ(Changed("a: 'x'\n", {"a"}, Value("8080")), "a: '8080'\n");
  EXPECT_EQ(Changed("a: \"x\"\n", {"a"}, Value("y")), "a: \"y\"\n");
  EXPECT_EQ(Changed("a: x\n", {"a"}, Value("- y: #")), "a: '- y: #'\n");
  EXPECT_EQ(Changed("a: x\n", {"b"}, Value("new")), "a: x\nb: new\n");
  EXPECT_EQ(Changed("a: {}\n", {"a", "b"}, Value(true)), "a:\n  b: true\n");
  EXPECT_EQ(Changed("a: x\n", {"a"}, Value::Array({Value(1), Value("y")})), "a:\n- 1\n- y\n");
  EXPECT_EQ(Changed("- a\n- b\n", {}, Value::Array({Value("a")})), "- a\n");
}

TEST(YamlTree, RefusesWhatItCannotKeep) {
  for (const char* text : {"a: &x 1\nb: *x\n", "a: !t 1\n", "a: >\n  x\n", "? [a]\n: b\n",
                           "a: [1, # c\n  2]\n", "%YAML 1.1\n---\na: 1\n", "a: 1\n---\nb: 2\n"}) {
    const auto tree = ReadTree(text);
    ASSERT_FALSE(tree.has_value()) << text;
    EXPECT_EQ(tree.error().code(), ErrorCode::kUnimplemented) << tree.error().ToString();
  }
  EXPECT_FALSE(ReadTree("a: [").has_value());
  EXPECT_FALSE(ReadTree("").has_value());
  EXPECT_FALSE(ReadTree(std::string(10'000, '[') + std::string(10'000, ']')).has_value());
}

}  // namespace
}  // namespace swell::yaml
