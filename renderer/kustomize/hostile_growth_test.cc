// Kustomizations that are made to grow: every one ends with a budget's error, which names the
// budget, its size and the file, soon and in little memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "renderer/kustomize/kustomize.h"
#include "renderer/kustomize/limits.h"
#include "renderer/source/trees.h"

namespace swell::kustomize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Files = std::map<std::string, std::string>;

constexpr char kComponent[] = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

// The error of a build, "CODE: text"; "" where there is none.
std::string ErrorOf(Files files, const Limits& limits = {}) {
  Options options;
  options.limits = limits;
  const auto built = Build(MakeMemoryTree(std::move(files)), "app", options);
  if (built) return "";
  return std::string(ErrorCodeName(built.error().code())) + ": " + built.error().ToString();
}

auto Exhausts(const std::string& budget, const std::string& file = "app/kustomization.yaml") {
  return AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("(budget " + budget + ")"),
               HasSubstr(file));
}

std::string ConfigMap(const std::string& name, const std::string& more = "") {
  return "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n" + more;
}

std::string ConfigMaps(int count, const std::string& more = "") {
  std::string text;
  for (int i = 0; i < count; ++i) text += ConfigMap("c" + std::to_string(i), more);
  return text;
}

// An application with resources in one file.
Files App(const std::string& resources, const std::string& fields) {
  return {{"app/kustomization.yaml", "resources: [r.yaml]\n" + fields}, {"app/r.yaml", resources}};
}

std::string Repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// Overlays inside each other, the last with one object.
Files Nested(int levels) {
  Files files;
  std::string folder = "app";
  for (int i = 1; i < levels; ++i) {
    const std::string next = "b" + std::to_string(i);
    files[folder + "/kustomization.yaml"] = "resources: [../" + next + "]\nnamePrefix: a\n";
    folder = next;
  }
  files[folder + "/kustomization.yaml"] = "resources: [r.yaml]\n";
  files[folder + "/r.yaml"] = ConfigMap("x");
  return files;
}

TEST(HostileGrowth, AThousandNestedOverlaysBuild) {
  const auto built = Build(MakeMemoryTree(Nested(1'000)), "app");
  ASSERT_TRUE(built.has_value()) << built.error().ToString();
  ASSERT_THAT(built->objects, SizeIs(1));
  EXPECT_EQ(built->objects[0].value["metadata"]["name"].as_string(), std::string(999, 'a') + "x");
  EXPECT_THAT(ErrorOf(Nested(1'002)),
              AllOf(Exhausts("max_depth", "b1001/kustomization.yaml"),
                    HasSubstr("kustomizations are nested deeper than 1000 levels")));
  EXPECT_THAT(ErrorOf(Nested(9'000)), Exhausts("max_depth", "b1001/kustomization.yaml"));
}

TEST(HostileGrowth, BasesAndComponentsThatFanOut) {
  Files bases;
  Files components;
  for (int i = 0; i < 30; ++i) {
    const std::string name = i == 0 ? "app" : "b" + std::to_string(i);
    const std::string next = "../b" + std::to_string(i + 1);
    bases[name + "/kustomization.yaml"] = "resources: [" + next + ", " + next + "]\n";
    components[name + "/kustomization.yaml"] =
        (i == 0 ? "" : kComponent) + ("components: [" + next + ", " + next + "]\n");
  }
  bases["b30/kustomization.yaml"] = "resources: []\n";
  components["b30/kustomization.yaml"] = kComponent + std::string("namePrefix: a\n");
  EXPECT_THAT(ErrorOf(bases), AllOf(Exhausts("max_kustomizations", "/kustomization.yaml"),
                                    HasSubstr("loads more than 10000 kustomizations")));
  EXPECT_THAT(ErrorOf(components), Exhausts("max_kustomizations", "/kustomization.yaml"));
}

TEST(HostileGrowth, FilesAreCountedAsOftenAsTheyAreRead) {
  const std::string big(10u << 20, 'x');
  std::string entries;
  for (int i = 0; i < 20; ++i) entries += "- {name: c" + std::to_string(i) + ", files: [big]}\n";
  Limits limits;
  limits.max_output_bytes = 1u << 30;
  EXPECT_THAT(
      ErrorOf({{"app/kustomization.yaml", "configMapGenerator:\n" + entries}, {"app/big", big}},
              limits),
      AllOf(Exhausts("max_read_bytes"), HasSubstr("app/big"),
            HasSubstr("reads more than 104857600 bytes"),
            HasSubstr("raise it with --render-max-chart")));
  // One file is refused before it is read.
  limits.max_read_bytes = 1u << 20;
  EXPECT_THAT(ErrorOf({{"app/kustomization.yaml", "secretGenerator: [{name: s, files: [big]}]\n"},
                       {"app/big", big}},
                      limits),
              Exhausts("max_read_bytes"));
}

TEST(HostileGrowth, GeneratedDataIsOutput) {
  std::string entries;
  for (int i = 0; i < 9; ++i) entries += "- {name: c" + std::to_string(i) + ", files: [big]}\n";
  EXPECT_THAT(ErrorOf({{"app/kustomization.yaml", "configMapGenerator:\n" + entries},
                       {"app/big", std::string(10u << 20, 'x')}}),
              AllOf(Exhausts("max_output_bytes"), HasSubstr("gives more than 67108864 bytes"),
                    HasSubstr("raise it with --render-max-output")));
  const std::string literal = "[a=" + std::string(70u << 20, 'x') + "]";
  EXPECT_THAT(ErrorOf({{"app/kustomization.yaml",
                        "configMapGenerator: [{name: c, literals: " + literal + "}]\n"}}),
              Exhausts("max_output_bytes"));
}

TEST(HostileGrowth, ObjectsAreCounted) {
  EXPECT_THAT(
      ErrorOf(App(ConfigMaps(20'001), "")),
      AllOf(Exhausts("max_objects", "app/r.yaml"), HasSubstr("holds more than 20000 objects")));
  // A list of lists of one object, by aliases.
  std::string lists = "x: &l0 {kind: A, metadata: {name: a}}\n";
  for (int i = 1; i < 6; ++i) {
    const std::string last = "*l" + std::to_string(i - 1);
    lists += "x" + std::to_string(i) + ": &l" + std::to_string(i) + " {kind: AList, items: [" +
             last + Repeated(", " + last, 9) + "]}\n";
  }
  EXPECT_THAT(ErrorOf(App("kind: AList\nitems: [*l5]\n" + lists, "")), HasSubstr("app/r.yaml"));
  EXPECT_THAT(ErrorOf(App(lists + "kind: AList\nitems: [*l5]\n", "")),
              Exhausts("max_objects", "app/r.yaml"));
  Limits limits;
  limits.max_objects = 10;
  EXPECT_THAT(ErrorOf({{"app/kustomization.yaml", "resources: [a.yaml, b.yaml]\n"},
                       {"app/a.yaml", ConfigMaps(6)},
                       {"app/b.yaml", ConfigMap("x") + ConfigMap("y") + ConfigMap("z") +
                                          ConfigMap("u") + ConfigMap("v")}},
                      limits),
              AllOf(HasSubstr("b.yaml"), HasSubstr("gives more than 10 objects (budget "
                                                   "max_objects)")));
}

TEST(HostileGrowth, AliasesThatMultiply) {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last +
              Repeated(", " + last, 9) + "]\n";
  }
  EXPECT_THAT(ErrorOf(App(ConfigMap("c") + laughs, "")), HasSubstr("app/r.yaml"));
  EXPECT_THAT(ErrorOf({{"app/kustomization.yaml", laughs}}), HasSubstr("app/kustomization.yaml"));
  EXPECT_THAT(
      ErrorOf({{"app/kustomization.yaml", "patches: [{path: p.yaml}]\n"}, {"app/p.yaml", laughs}}),
      AllOf(HasSubstr("app/kustomization.yaml"), HasSubstr("p.yaml")));
}

TEST(HostileGrowth, NamesAndLabels) {
  const std::string long_name(1u << 20, 'n');
  EXPECT_THAT(ErrorOf(App(ConfigMaps(1'000), "namePrefix: " + long_name + "\n")),
              Exhausts("max_output_bytes"));
  EXPECT_THAT(ErrorOf(App(ConfigMaps(1'000), "namespace: " + long_name + "\n")),
              Exhausts("max_output_bytes"));
  std::string labels = "commonLabels:\n";
  for (int i = 0; i < 100'000; ++i) labels += "  l" + std::to_string(i) + ": x\n";
  EXPECT_THAT(ErrorOf(App(ConfigMaps(1'000), labels)), Exhausts("max_output_bytes"));
  // The same labels at a hundred thousand places of one object.
  std::string fields = "labels:\n- pairs: {a: b}\n  fields:\n";
  for (int i = 0; i < 100'000; ++i) {
    fields += "  - {path: f" + std::to_string(i) + ", create: true}\n";
  }
  EXPECT_THAT(ErrorOf(App(ConfigMaps(1'000), fields)), HasSubstr("RESOURCE_EXHAUSTED"));
}

TEST(HostileGrowth, EveryLevelRemembersTheNames) {
  Files files = Nested(900);
  files["b899/r.yaml"] = ConfigMaps(2'000);
  EXPECT_THAT(ErrorOf(files), AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("(budget max_")));
}

TEST(HostileGrowth, CopiesThatDouble) {
  std::string operations =
      "[{\"op\":\"add\",\"path\":\"/data\",\"value\":{\"a\":\"xxxxxxxxxxxxxxxx\"}}";
  for (int i = 0; i < 60; ++i) {
    operations +=
        ",{\"op\":\"copy\",\"from\":\"/data\",\"path\":\"/data/b" + std::to_string(i) + "\"}";
  }
  const std::string patch =
      "patches:\n- target: {kind: ConfigMap}\n  patch: '" + operations + "]'\n";
  EXPECT_THAT(ErrorOf(App(ConfigMap("c"), patch)), Exhausts("max_output_bytes"));
  // The same by replacements: what an object holds goes into itself.
  std::string replacements = "replacements:\n";
  for (int i = 0; i < 60; ++i) {
    replacements +=
        "- source: {kind: ConfigMap, fieldPath: data}\n  targets: [{select: {kind: "
        "ConfigMap}, fieldPaths: [data.b" +
        std::to_string(i) + "], options: {create: true}}]\n";
  }
  EXPECT_THAT(ErrorOf(App(ConfigMap("c", "data: {a: xxxxxxxxxxxxxxxx}\n"), replacements)),
              Exhausts("max_output_bytes"));
}

TEST(HostileGrowth, NestingThatIsPiledUp) {
  // Each round puts the object's data one level deeper.
  std::string operations = "[{\"op\":\"add\",\"path\":\"/data\",\"value\":{}}";
  for (int i = 0; i < 2'000; ++i) {
    operations +=
        ",{\"op\":\"add\",\"path\":\"/x\",\"value\":{}},"
        "{\"op\":\"move\",\"from\":\"/data\",\"path\":\"/x/d\"},"
        "{\"op\":\"move\",\"from\":\"/x\",\"path\":\"/data\"}";
  }
  const std::string patch =
      "patches:\n- target: {kind: ConfigMap}\n  patch: '" + operations + "]'\n";
  EXPECT_THAT(ErrorOf(App(ConfigMap("c"), patch)),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("app/kustomization.yaml"),
                    HasSubstr("nested deeper than 1000 levels")));
  // Paths that make what they need.
  const std::string path = "a" + Repeated(".a", 100'000);
  EXPECT_THAT(ErrorOf(App(ConfigMap("c"),
                          "replacements:\n- source: {kind: ConfigMap}\n  targets: "
                          "[{select: {kind: ConfigMap}, fieldPaths: [" +
                              path + "], options: {create: true}}]\n")),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("has 100001 steps; at most 1000")));
  std::string slashes = path;
  for (char& c : slashes) c = c == '.' ? '/' : c;
  EXPECT_THAT(ErrorOf(App(ConfigMap("c"), "labels:\n- pairs: {a: b}\n  fields: [{path: " + slashes +
                                              ", create: true}]\n")),
              HasSubstr("has 100001 steps; at most 1000"));
}

TEST(HostileGrowth, Searches) {
  // Every patch looks at every object.
  std::string patches = "patches:\n";
  for (int i = 0; i < 5'000; ++i) {
    patches += "- {target: {name: \"x.*" + std::to_string(i) +
               "\"}, patch: '[{\"op\":\"remove\",\"path\":\"/a\"}]'}\n";
  }
  EXPECT_THAT(ErrorOf(App(ConfigMaps(15'000), patches)),
              AllOf(Exhausts("max_steps"), HasSubstr("raise it with --render-max-steps")));
  // Alternations: of a hundred kilobytes, and beyond what RE2 takes.
  const auto one_of = [](int count) {
    std::string names = "a";
    for (int i = 0; i < count; ++i) names += "|n" + std::to_string(i) + "x.*y";
    return "patches: [{target: {name: \"" + names +
           "\"}, patch: '[{\"op\":\"remove\",\"path\":\"/a\"}]'}]\n";
  };
  EXPECT_EQ(ErrorOf(App(ConfigMaps(10), one_of(8'000))), "");
  EXPECT_THAT(ErrorOf(App(ConfigMaps(10), one_of(200'000))),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED: app/kustomization.yaml"),
                    HasSubstr("at most 262144 are taken")));
  // Small expressions with large programs.
  std::string rejects;
  for (int i = 0; i < 1'000; ++i) rejects += "{name: '\\pL{50}" + std::to_string(i) + "'}, ";
  EXPECT_THAT(ErrorOf(App(ConfigMaps(2),
                          "replacements:\n- sourceValue: x\n  targets: [{select: "
                          "{kind: ConfigMap}, reject: [" +
                              rejects + "], fieldPaths: [data]}]\n")),
              Exhausts("max_steps"));
  std::string images = "images:\n";
  for (int i = 0; i < 2'000; ++i) {
    images += "- {name: '(a|b)*a(a|b){200}" + std::to_string(i) + "', newTag: x}\n";
  }
  const std::string container =
      "spec: {containers: [{name: c, image: " + Repeated("ab", 2'000) + "}]}\n";
  EXPECT_THAT(ErrorOf(App(ConfigMaps(50, container), images)), Exhausts("max_steps"));
}

TEST(HostileGrowth, ListsThatMergeByKeys) {
  std::string containers = "spec:\n  containers:\n";
  for (int i = 0; i < 50'000; ++i) containers += "  - {name: c" + std::to_string(i) + "}\n";
  const std::string pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n";
  EXPECT_THAT(
      ErrorOf({{"app/kustomization.yaml", "resources: [r.yaml]\npatches: [{path: p.yaml}]\n"},
               {"app/r.yaml", pod + containers},
               {"app/p.yaml", pod + "spec: {nodeName: x}\n"}}),
      AllOf(Exhausts("max_steps"), HasSubstr("p.yaml")));
}

TEST(HostileGrowth, ReplacementsOverNestedLists) {
  std::string list = "1";
  for (int i = 0; i < 4; ++i) list = "[" + list + Repeated("," + list, 19) + "]";
  std::string targets;
  for (int i = 0; i < 2'000; ++i) targets += "spec.*.*.*.*, ";
  EXPECT_THAT(
      ErrorOf(App(ConfigMap("c", "spec: " + list + "\n"),
                  "replacements:\n- sourceValue: x\n  targets: [{select: {kind: ConfigMap}, "
                  "fieldPaths: [" +
                      targets + "]}]\n")),
      Exhausts("max_steps"));
  // A text that is parsed for every path into it.
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\\n";
  for (int i = 1; i < 5; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last +
            Repeated(", " + last, 9) + "]\\n";
  }
  std::string paths;
  for (int i = 0; i < 2'000; ++i) paths += "data.k.a0.0, ";
  EXPECT_THAT(
      ErrorOf(App(ConfigMap("c", "data: {k: \"" + text + "\"}\n"),
                  "replacements:\n- sourceValue: x\n  targets: [{select: {kind: ConfigMap}, "
                  "fieldPaths: [" +
                      paths + "]}]\n")),
      HasSubstr("app/kustomization.yaml"));
}

TEST(HostileGrowth, VarsThatRepeat) {
  const std::string pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {a: " +
                          std::string(1u << 20, 'x') +
                          "}}\nspec:\n  containers:\n  - name: c\n    args: [\"" +
                          Repeated("$(A)", 10'000) + "\"]\n";
  EXPECT_THAT(ErrorOf(App(pod,
                          "vars: [{name: A, objref: {apiVersion: v1, kind: Pod, name: p}, "
                          "fieldref: {fieldpath: metadata.annotations.a}}]\n")),
              AllOf(Exhausts("max_output_bytes"), HasSubstr("raise it with --render-max-output")));
  // Brackets that never close.
  const std::string open =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    "
      "args: [\"" +
      Repeated("$(", 1'000'000) + "\"]\n";
  EXPECT_EQ(ErrorOf(App(open, "vars: [{name: A, objref: {apiVersion: v1, kind: Pod, name: p}}]\n")),
            "");
}

TEST(HostileGrowth, DeepTextsAreMeasuredAsPrinted) {
  // Every word has a line of its own, behind a thousand spaces.
  const std::string words = Repeated("a ", 200'000);
  const std::string deep = Repeated("{a: ", 450) + "\"" + words + "\"" + std::string(450, '}');
  EXPECT_THAT(ErrorOf(App(ConfigMap("c", "data: " + deep + "\n"), "")),
              Exhausts("max_output_bytes", "r.yaml"));
}

TEST(HostileGrowth, NullsAndNotesInTheirThousands) {
  std::string nulls = "data:\n";
  for (int i = 0; i < 100'000; ++i) nulls += "  k" + std::to_string(i) + ":\n";
  EXPECT_EQ(ErrorOf(App(ConfigMap("c", nulls),
                        "patches:\n- patch: |-\n    {apiVersion: v1, kind: "
                        "ConfigMap, metadata: {name: c}, x: 1}\n")),
            "");
  std::string notes = "metadata:\n  name: c\n  annotations:\n";
  for (int i = 0; i < 100'000; ++i) {
    notes += "    internal.config.kubernetes.io/n" + std::to_string(i) + ": x\n";
  }
  EXPECT_EQ(ErrorOf(App("apiVersion: v1\nkind: ConfigMap\n" + notes, "")), "");
}

TEST(HostileGrowth, ErrorsStayReadable) {
  const std::string error = ErrorOf(
      App(ConfigMap("c"), "replicas: [{name: " + std::string(1u << 20, 'n') + ", count: 1}]\n"));
  EXPECT_LT(error.size(), 10'000u);
  EXPECT_THAT(error, AllOf(HasSubstr("app/kustomization.yaml"), HasSubstr("bytes left out")));
}

TEST(HostileGrowth, FlagsSetTheBudgets) {
  Limits limits;
  helm::Limits charts;
  EXPECT_TRUE(SetLimit(limits, charts, helm::kMaxStepsFlag, "1000").has_value());
  EXPECT_TRUE(SetLimit(limits, charts, helm::kMaxOutputFlag, "1Mi").has_value());
  EXPECT_TRUE(SetLimit(limits, charts, helm::kMaxMemoryFlag, "2Mi").has_value());
  EXPECT_TRUE(SetLimit(limits, charts, helm::kMaxChartFlag, "3Mi").has_value());
  EXPECT_FALSE(SetLimit(limits, charts, helm::kMaxChartFlag, "x").has_value());
  EXPECT_EQ(limits.max_steps, 1'000u);
  EXPECT_EQ(limits.max_output_bytes, 1u << 20);
  EXPECT_EQ(limits.max_allocated_bytes, 2u << 20);
  EXPECT_EQ(limits.max_read_bytes, 3u << 20);
  EXPECT_EQ(charts.max_chart_bytes, 3u << 20);
  EXPECT_THAT(ErrorOf(App(ConfigMaps(2'000), "namePrefix: a\n"), limits),
              HasSubstr("(budget max_steps)"));
}

}  // namespace
}  // namespace swell::kustomize
