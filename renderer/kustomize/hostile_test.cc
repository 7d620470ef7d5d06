// Kustomizations that are wrong: the error is kustomize's own (as version 5.8.1 words it), with the
// path of the file at fault. What kustomize takes is taken. Growth is hostile_growth_test.cc's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "renderer/kustomize/kustomize.h"
#include "renderer/source/trees.h"

namespace swell::kustomize {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using Files = std::map<std::string, std::string>;

constexpr char kPod[] =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n";
constexpr char kComponent[] = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

struct Case {
  const char* what;
  Files files;
  std::vector<const char*> says;  // of the error; nothing: it builds
};

// With the pod as a resource.
Files WithPod(const std::string& fields) {
  return {{"app/kustomization.yaml", "resources: [p.yaml]\n" + fields}, {"app/p.yaml", kPod}};
}

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const auto built = Build(MakeMemoryTree(c.files), "app");
    EXPECT_EQ(built.has_value(), c.says.empty())
        << c.what << ": " << (built ? "it builds" : built.error().ToString());
    if (built) continue;
    EXPECT_NE(built.error().code(), ErrorCode::kInternal) << c.what;
    for (const char* text : c.says)
      EXPECT_THAT(built.error().ToString(), HasSubstr(text)) << c.what;
  }
}

std::string Printed(const Files& files) {
  const auto built = Build(MakeMemoryTree(files), "app");
  return built ? BuildStream(built->objects).value_or("") : built.error().ToString();
}

TEST(HostileKustomization, TextThatIsNone) {
  const std::string nul("resources: [a\0.yaml]\n", 21);
  Check({
      {"an empty file",
       {{"app/kustomization.yaml", ""}},
       {"app/kustomization.yaml", "kustomization.yaml is empty"}},
      {"only comments",
       {{"app/kustomization.yaml", "# nothing\n# at all\n"}},
       {"app/kustomization.yaml", "kustomization.yaml is empty"}},
      {"only separators",
       {{"app/kustomization.yml", "---\n---\n"}},
       {"app/kustomization.yml", "kustomization.yaml is empty"}},
      {"NUL",
       {{"app/kustomization.yaml", nul}},
       {"invalid Kustomization", "app/kustomization.yaml", "control characters are not allowed"}},
      {"no UTF-8",
       {{"app/kustomization.yaml", "namePrefix: \"\xff\xfe\"\n"}},
       {"invalid Kustomization", "app/kustomization.yaml", "invalid leading UTF-8 octet"}},
      {"tabs",
       {{"app/kustomization.yaml", "resources:\n\t- p.yaml\n"}},
       {"app/kustomization.yaml:2", "found character that cannot start any token"}},
      {"a text for a list",
       {{"app/kustomization.yaml", "resources: p.yaml\n"}},
       {"app/kustomization.yaml",
        "cannot unmarshal string into Go struct field "
        "Kustomization.resources of type []string"}},
      {"an unknown field",
       {{"app/kustomization.yaml", "resource: []\n"}},
       {"app/kustomization.yaml", "unknown field \"resource\""}},
      {"nested beyond measure",
       {{"app/kustomization.yaml",
         "metadata: " + std::string(100'000, '[') + std::string(100'000, ']')}},
       {"app/kustomization.yaml"}},
      {"a byte order mark", {{"app/kustomization.yaml", "\xef\xbb\xbfresources: []\n"}}, {}},
      {"lines of Windows",
       {{"app/kustomization.yaml", "resources:\r\n- p.yaml\r\n"}, {"app/p.yaml", kPod}},
       {}},
      {"a key twice: the last wins",
       {{"app/kustomization.yaml", "namePrefix: a-\nresources: []\nnamePrefix: b-\n"}},
       {}},
  });
}

TEST(HostileKustomization, CyclesAndPlacesOutside) {
  const std::string component = kComponent;
  Check({
      {"bases in a ring",
       {{"app/kustomization.yaml", "resources: [../b]\n"},
        {"b/kustomization.yaml", "resources: [../c]\n"},
        {"c/kustomization.yaml", "resources: [../app]\n"}},
       {"recursed accumulation of path 'b'", "recursed accumulation of path 'c'",
        "cycle detected: candidate root 'app' contains visited root"}},
      {"components in a ring",
       {{"app/kustomization.yaml", "components: [../c]\n"},
        {"c/kustomization.yaml", component + "components: [../d]\n"},
        {"d/kustomization.yaml", component + "components: [../c]\n"}},
       {"accumulating components", "recursed accumulation of path 'd'",
        "cycle detected: candidate root 'c' contains visited root 'c'"}},
      {"a base above",
       {{"app/kustomization.yaml", "resources: [..]\n"}},
       {"cycle detected: candidate root '.' contains visited root 'app'"}},
      {"a transformer's folder in a ring",
       {{"app/kustomization.yaml", "transformers: [../t]\n"},
        {"t/kustomization.yaml", "resources: [../app]\n"}},
       {"app/kustomization.yaml", "cycle detected"}},
      {"a file outside",
       {{"app/kustomization.yaml", "resources: [../other/p.yaml]\n"}, {"other/p.yaml", kPod}},
       {"accumulating resources from '../other/p.yaml'",
        "security; file 'other/p.yaml' is not in or below 'app'"}},
      {"a patch outside",
       WithPod("patches: [{path: ../x.yaml}]\n"),
       {"app/kustomization.yaml", "file 'x.yaml' is not in or below 'app'"}},
      {"a generator's file outside",
       {{"app/kustomization.yaml", "configMapGenerator: [{name: c, files: [../secret]}]\n"}},
       {"app/kustomization.yaml", "file 'secret' is not in or below 'app'"}},
      {"a base outside the repository",
       {{"app/kustomization.yaml", "resources: [../../b]\n"}},
       {"../../b"}},
      {"an absolute file",
       {{"app/kustomization.yaml", "resources: [/etc/passwd]\n"}},
       {"/etc/passwd"}},
      {"a folder as a patch",
       {{"app/kustomization.yaml", "patches: [{path: d}]\n"}, {"app/d/x", ""}},
       {"app/kustomization.yaml", "'app/d' must resolve to a file"}},
      {"ids that collide",
       {{"app/kustomization.yaml", "resources: [../b, ../b]\n"},
        {"b/kustomization.yaml", "resources: [p.yaml]\n"},
        {"b/p.yaml", kPod}},
       {"recursed merging from path 'b'",
        "may not add resource with an already registered id: Pod.v1.[noGrp]/p.[noNs]"}},
  });
}

// Links of a disk; a Git tree follows them by itself.
TEST(HostileKustomization, LinksThatLeave) {
  namespace fs = std::filesystem;
  const fs::path base = fs::path(::testing::TempDir()) / "swell_hostile_links";
  fs::remove_all(base);
  fs::create_directories(base / "repo/app");
  fs::create_directories(base / "repo/other");
  const auto write = [&](const fs::path& path, const std::string& text) {
    std::ofstream(base / path) << text;
  };
  write("outside.yaml", kPod);
  write("repo/other/p.yaml", kPod);
  fs::create_symlink("../../outside.yaml", base / "repo/app/out.yaml");
  fs::create_symlink("../other/p.yaml", base / "repo/app/sibling.yaml");
  fs::create_symlink("loop.yaml", base / "repo/app/loop.yaml");
  fs::create_symlink("nowhere.yaml", base / "repo/app/dangling.yaml");
  const auto tree = OpenDiskTree((base / "repo").string());
  ASSERT_TRUE(tree.has_value());
  Options options;
  options.real_path = [&](const std::string& path) -> Result<std::string> {
    std::error_code error;
    const fs::path real = fs::canonical(base / "repo" / path, error);
    if (error) return Fail(NotFound(path));
    return fs::relative(real, base / "repo").string();
  };
  for (const auto& [file, says] : std::map<std::string, const char*>{
           {"out.yaml", "out"},
           {"sibling.yaml", "security; file 'other/p.yaml' is not in or below 'app'"},
           {"loop.yaml", "loop.yaml"},
           {"dangling.yaml", "dangling.yaml"}}) {
    write("repo/app/kustomization.yaml", "resources: [" + file + "]\n");
    const auto built = Build(*tree, "app", options);
    ASSERT_FALSE(built.has_value()) << file;
    EXPECT_THAT(built.error().ToString(), HasSubstr(says));
  }
  fs::remove_all(base);
}

TEST(HostileKustomization, ResourceFiles) {
  const auto resource = [](const std::string& text) {
    return Files{{"app/kustomization.yaml", "resources: [r.yaml]\n"}, {"app/r.yaml", text}};
  };
  Check({
      {"empty", resource(""), {}},
      {"only comments", resource("# only\n---\n# comments\n"), {}},
      {"not an object", resource("just text\n"), {"r.yaml", "missing Resource metadata"}},
      {"a list of things", resource("- a\n- b\n"), {"r.yaml", "missing Resource metadata"}},
      {"no kind", resource("metadata: {name: a}\n"), {"r.yaml", "missing kind in object"}},
      {"no name", resource("kind: A\n"), {"r.yaml", "missing metadata.name in object"}},
      {"broken", resource("a: [\n"), {"MalformedYAMLError", "app/r.yaml:"}},
      {"binary", resource("\x7f\x45\x4c\x46\x01"s), {"MalformedYAMLError", "app/r.yaml"}},
      {"items that are no list",
       resource("kind: AList\nitems: {a: 1}\n"),
       {"r.yaml", "expected array in AList/items"}},
      {"an alias to nothing", resource("kind: A\nmetadata: {name: *x}\n"), {"app/r.yaml:2"}},
      {"nested beyond measure", resource(std::string(100'000, '[')), {"app/r.yaml"}},
      {"a file that is missing",
       {{"app/kustomization.yaml", "resources: [none.yaml]\n"}},
       {"none.yaml"}},
  });
}

TEST(HostileKustomization, Patches) {
  const auto json = [](const std::string& operations, const std::string& target) {
    return WithPod("patches:\n- target: " + target + "\n  patch: |-\n    " + operations + "\n");
  };
  const auto merge = [](const std::string& text) {
    return WithPod("patches:\n- patch: |-\n    apiVersion: v1\n    kind: Pod\n    " + text + "\n");
  };
  Check({
      {"a merge that matches nothing",
       merge("metadata: {name: nobody}"),
       {"app/kustomization.yaml",
        "no resource matches strategic merge patch \"Pod.v1.[noGrp]/nobody.[noNs]\": no matches "
        "for Id"}},
      {"a target that matches nothing changes nothing",
       json(R"([{"op":"remove","path":"/spec"}])", "{name: nobody}"),
       {}},
      {"no regular expression",
       json(R"([{"op":"remove","path":"/spec"}])", "{name: \"a(\"}"),
       {"app/kustomization.yaml", "error parsing regexp", "missing"}},
      {"a repetition of repetitions",
       json(R"([{"op":"remove","path":"/spec"}])", "{name: \"((a{1000}){1000}){1000}\"}"),
       {"app/kustomization.yaml", "error parsing regexp"}},
      {"no label selector",
       json(R"([{"op":"remove","path":"/spec"}])", "{labelSelector: \"a in (\"}"),
       {"app/kustomization.yaml", "unable to parse requirement"}},
      {"a missing path",
       json(R"([{"op":"remove","path":"/spec/nope/x"}])", "{name: p}"),
       {"app/kustomization.yaml",
        "remove operation does not apply: doc is missing path: "
        "\"/spec/nope/x\": missing value"}},
      {"an index beyond the end",
       json(R"([{"op":"add","path":"/spec/containers/5","value":1}])", "{name: p}"),
       {"app/kustomization.yaml", "Unable to access invalid index"}},
      {"a list for the object",
       json(R"([{"op":"replace","path":"","value":[1]}])", "{name: p}"),
       {"app/kustomization.yaml", "cannot unmarshal array into Go value"}},
      {"an unknown operation",
       json(R"([{"op":"explode","path":"/spec"}])", "{name: p}"),
       {"app/kustomization.yaml", "Unexpected kind: explode"}},
      {"no target",
       WithPod("patches:\n- patch: '[{\"op\":\"remove\",\"path\":\"/spec\"}]'\n"),
       {"app/kustomization.yaml", "must specify a target for JSON patch"}},
      {"a map where a list is",
       merge("metadata: {name: p}\n    spec: {containers: {a: 1}}"),
       {"app/kustomization.yaml", "wrong node kind: expected SequenceNode but got MappingNode"}},
      {"a directive that is none",
       merge("metadata: {name: p}\n    spec: {$patch: explode}"),
       {"app/kustomization.yaml", "unknown patch strategy 'explode'"}},
      {"neither kind of patch",
       WithPod("patches: [{patch: just text}]\n"),
       {"app/kustomization.yaml", "unable to parse SM or JSON patch"}},
      {"an empty file does nothing",
       {{"app/kustomization.yaml", "resources: [p.yaml]\npatches: [{path: e.yaml}]\n"},
        {"app/p.yaml", kPod},
        {"app/e.yaml", "# nothing\n"}},
       {}},
      {"an empty file of the older field",
       {{"app/kustomization.yaml", "resources: [p.yaml]\npatchesStrategicMerge: [e.yaml]\n"},
        {"app/p.yaml", kPod},
        {"app/e.yaml", ""}},
       {"app/kustomization.yaml", "patch appears to be empty"}},
      {"a broken file names itself",
       {{"app/kustomization.yaml", "patches: [{path: e.yaml}]\n"}, {"app/e.yaml", "a: [\n"}},
       {"app/kustomization.yaml", "e.yaml"}},
  });
}

TEST(HostileKustomization, PatchesThatConflict) {
  const std::string patch =
      "- patch: |-\n    {apiVersion: v1, kind: Pod, metadata: {name: p}, "
      "spec: {nodeName: ";
  // The last wins, as with kustomize.
  EXPECT_THAT(Printed(WithPod("patches:\n" + patch + "a}}\n" + patch + "b}}\n")),
              HasSubstr("nodeName: b\n"));
}

TEST(HostileKustomization, Replacements) {
  const auto replace = [](const std::string& source, const std::string& target) {
    return WithPod("replacements:\n- source: {kind: Pod" + source +
                   "}\n  targets: [{select: {kind: Pod}, fieldPaths: [\"" + target + "\"]}]\n");
  };
  Check({
      {"an index out of range",
       replace("", "spec.containers.7.image"),
       {"app/kustomization.yaml",
        "unable to find field \"spec.containers.7.image\" in replacement target: index 7 specified "
        "but only 1 elements found"}},
      {"an index of the source out of range",
       replace(", options: {delimiter: \"-\", index: 9}", "spec.nodeName"),
       {"app/kustomization.yaml", "options.index 9 is out of bounds for value p"}},
      {"a field that is missing",
       replace("", "spec.nope"),
       {"app/kustomization.yaml", "unable to find field \"spec.nope\" in replacement target"}},
      {"a source that is missing",
       replace(", name: nobody", "spec.nope"),
       {"app/kustomization.yaml", "nothing selected by Pod.[noVer].[noGrp]/nobody.[noNs]"}},
      {"a source field that is missing",
       replace(", fieldPath: a.b", "spec"),
       {"app/kustomization.yaml", "fieldPath `a.b` is missing for replacement source"}},
      {"no regular expression",
       replace("", "spec.containers.[name=(].image"),
       {"app/kustomization.yaml", "error parsing regexp"}},
  });
}

TEST(HostileKustomization, Generators) {
  const auto generate = [](const std::string& entry) {
    return Files{{"app/kustomization.yaml", "configMapGenerator: [{name: c, " + entry +
                                                "}]\ngeneratorOptions: {disableNameSuffixHash: "
                                                "true}\n"},
                 {"app/e.env", "NO_EQUALS\nA=1\n"},
                 {"app/bad.env", "A=\xff\n"},
                 {"app/b.bin", "\0\xff\xfe\x01"s}};
  };
  Check({
      {"a literal without =",
       generate("literals: [abc]"),
       {"app/kustomization.yaml", "invalid literal source abc, expected key=value"}},
      {"a file that is missing", generate("files: [none]"), {"app/kustomization.yaml", "none"}},
      {"a key twice",
       generate("literals: [a=1, a=2]"),
       {"app/kustomization.yaml", "illegally repeats the key `a`"}},
      {"an env file that is no text",
       generate("envs: [bad.env]"),
       {"app/kustomization.yaml", "bad.env", "invalid utf8 bytes"}},
      {"too many =",
       generate("files: [a=b=c]"),
       {"app/kustomization.yaml", "key names or file paths cannot contain '='"}},
      {"merging into nothing",
       generate("behavior: merge, literals: [a=1]"),
       {"app/kustomization.yaml", "does not exist; cannot merge or replace"}},
  });
  // A line without = is a key without a value, since there is no environment to take it from.
  EXPECT_THAT(Printed(generate("envs: [e.env]")),
              HasSubstr("data:\n  A: \"1\"\n  NO_EQUALS: \"\""));
  EXPECT_THAT(Printed(generate("files: [b.bin]")), HasSubstr("binaryData:\n  b.bin: AP/+AQ==\n"));
}

TEST(HostileKustomization, OtherFieldsNameTheFile) {
  Check({
      {"an image that is no expression",
       WithPod("images: [{name: \"a(\", newTag: b}]\n"),
       {"app/kustomization.yaml", "is no regular expression"}},
      {"replicas of nobody",
       WithPod("replicas: [{name: nobody, count: 1}]\n"),
       {"app/kustomization.yaml", "resource with name nobody does not match a config"}},
      {"a var twice",
       WithPod("vars:\n- {name: A, objref: {kind: Pod, name: p}}\n"
               "- {name: A, objref: {kind: Pod, name: p}}\n"),
       {"app/kustomization.yaml", "var 'A' already encountered"}},
      {"an unknown order",
       WithPod("sortOptions: {order: random}\n"),
       {"app/kustomization.yaml", "must be one of [fifo, legacy]"}},
      {"a base's transformer",
       {{"app/kustomization.yaml", "resources: [../b]\n"},
        {"b/kustomization.yaml", "replicas: [{name: nobody, count: 1}]\n"}},
       {"recursed accumulation of path 'b': b/kustomization.yaml: resource with name nobody"}},
  });
}

}  // namespace
}  // namespace swell::kustomize
