#include "renderer/kustomize/transforms/strategic_merge.h"

#include <gtest/gtest.h>

#include <string>

#include "base/value/json.h"
#include "base/value/yaml.h"

namespace swell::kustomize {
namespace {

Value Yaml(const std::string& text) {
  yaml::ParseOptions options;
  options.schema = yaml::Schema::kYaml12;
  auto value = yaml::Parse(text, options);
  EXPECT_TRUE(value.has_value()) << text;
  return value ? *value : Value();
}

Result<Value> Merge(const std::string& object, const std::string& patch) {
  Budget budget{Limits()};
  return StrategicMerge(Yaml(object), Yaml(patch), *BuiltinMergeSchema(), budget);
}

struct Case {
  const char* what;
  const char* object;
  const char* patch;
  const char* merged;  // the `x` of the result, as JSON
};

// The result's field x, where x lies in an object of an unknown kind.
TEST(StrategicMergeTest, PlainFields) {
  const Case kCases[] = {
      {"scalars are replaced", "x: 1", "x: 2", "2"},
      {"maps are merged", "x: {a: 1}", "x: {b: 2}", R"({"a":1,"b":2})"},
      {"null removes", "x: {a: 1, b: 2}", "x: {a: null}", R"({"b":2})"},
      {"null of nothing makes the parent", "y: 1", "x: {a: null}", "{}"},
      {"an explicit null of the object stays", "x: {a: null}", "y: 1", R"({"a":null})"},
      {"unknown lists are replaced", "x: [1, 2]", "x: [3]", "[3]"},
      {"replace", "x: {a: 1}", "x: {$patch: replace, b: 2}", R"({"b":2})"},
      {"delete", "x: {a: 1}", "x: {$patch: delete}", "null"},
      {"merge is the default", "x: {a: 1}", "x: {$patch: merge, b: 2}", R"({"a":1,"b":2})"},
      {"directives in a new map count", "y: 1", "x: {a: {$patch: delete}, b: {c: 1}}",
       R"({"b":{"c":1}})"},
  };
  for (const Case& c : kCases) {
    const auto merged = Merge(c.object, c.patch);
    ASSERT_TRUE(merged.has_value()) << c.what;
    EXPECT_EQ(json::Write((*merged)["x"]), c.merged) << c.what;
  }
}

// The result's spec.ports, where the objects are Services.
TEST(StrategicMergeTest, ListsWithTwoKeys) {
  const Case kCases[] = {
      {"same port and protocol", "[{port: 80, protocol: TCP, name: a}]",
       "[{port: 80, protocol: TCP, name: b}]", R"([{"name":"b","port":80,"protocol":"TCP"}])"},
      {"other protocol is another item, first", "[{port: 53, protocol: TCP}]",
       "[{port: 53, protocol: UDP}]",
       R"([{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}])"},
      {"no protocol at all", "[{port: 80, name: a}]", "[{port: 80, name: b}]",
       R"([{"name":"b","port":80}])"},
  };
  for (const Case& c : kCases) {
    const std::string head = "apiVersion: v1\nkind: Service\nspec: {ports: ";
    const auto merged = Merge(head + c.object + "}", head + c.patch + "}");
    ASSERT_TRUE(merged.has_value()) << c.what;
    EXPECT_EQ(json::Write((*merged)["spec"]["ports"]), c.merged) << c.what;
  }
}

// The result's spec.containers, where the objects are Pods.
TEST(StrategicMergeTest, ListsWithOneKey) {
  const Case kCases[] = {
      {"the patch's items come first", "[{name: a}, {name: b, image: x}]",
       "[{name: c}, {name: b, image: y}]",
       R"([{"name":"c"},{"image":"y","name":"b"},{"name":"a"}])"},
      {"delete an item", "[{name: a}, {name: b}]", "[{name: a, $patch: delete}]",
       R"([{"name":"b"}])"},
      {"replace the list", "[{name: a}]", "[{$patch: replace}, {name: b}]", R"([{"name":"b"}])"},
      {"delete the list", "[{name: a}]", "[{$patch: delete}]", "null"},
      {"no key in the patch destroys the list", "[{name: a}]", "[{image: x}]", "[]"},
      {"a field's null in an item", "[{name: a, image: x}]", "[{name: a, image: null}]",
       R"([{"name":"a"}])"},
  };
  for (const Case& c : kCases) {
    const std::string head = "apiVersion: v1\nkind: Pod\nspec: {containers: ";
    const auto merged = Merge(head + c.object + "}", head + c.patch + "}");
    ASSERT_TRUE(merged.has_value()) << c.what;
    EXPECT_EQ(json::Write((*merged)["spec"]["containers"]), c.merged) << c.what;
  }
}

// A new map is taken with what its lists say about themselves.
TEST(StrategicMergeTest, DirectivesOfListsInNewMaps) {
  const Case kCases[] = {
      {"merge", "", "[{$patch: merge}, {name: a}]", R"([{"name":"a"}])"},
      {"replace", "", "[{$patch: replace}, {name: a}]", R"([{"name":"a"}])"},
      {"delete", "", "[{$patch: delete}, {name: a}]", "null"},
  };
  for (const Case& c : kCases) {
    const std::string head = "apiVersion: apps/v1\nkind: Deployment\nspec: ";
    const auto merged =
        Merge(head + "{}", head + "{template: {spec: {containers: " + c.patch + "}}}");
    ASSERT_TRUE(merged.has_value()) << c.what;
    EXPECT_EQ(json::Write(merged->At({"spec", "template", "spec", "containers"})), c.merged)
        << c.what;
  }
}

TEST(StrategicMergeTest, SetsOfScalars) {
  const std::string head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {finalizers: ";
  const auto merged = Merge(head + "[a, b]}", head + "[c, b]}");
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(json::Write((*merged)["metadata"]["finalizers"]), R"(["c","b","a"])");
}

TEST(StrategicMergeTest, TheWholeObjectCanGo) {
  const auto merged = Merge("kind: A\nx: 1", "kind: A\n$patch: delete");
  ASSERT_TRUE(merged.has_value());
  EXPECT_TRUE(merged->is_null());
}

TEST(StrategicMergeTest, Errors) {
  const struct {
    const char* object;
    const char* patch;
    const char* names;
  } kCases[] = {
      {"x: {a: 1}", "x: 5", "expected MappingNode but got ScalarNode"},
      {"x: [1]", "x: {a: 1}", "expected SequenceNode but got MappingNode"},
      {"x: 1", "x: [1]", "expected ScalarNode but got SequenceNode"},
      {"x: {a: 1}", "x: {$patch: nonsense}", "unknown patch strategy 'nonsense'"},
  };
  for (const auto& c : kCases) {
    const auto merged = Merge(c.object, c.patch);
    ASSERT_FALSE(merged.has_value()) << c.patch;
    EXPECT_TRUE(merged.error().ToString().contains(c.names)) << merged.error().ToString();
  }
}

}  // namespace
}  // namespace swell::kustomize
