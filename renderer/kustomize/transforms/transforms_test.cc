// The smaller transforms: paths, selectors, images, generators, hashes, JSON patches.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/value/json.h"
#include "renderer/kustomize/transforms/generators.h"
#include "renderer/kustomize/transforms/metadata.h"
#include "renderer/kustomize/transforms/patches.h"
#include "renderer/kustomize/transforms/path_matcher.h"
#include "renderer/kustomize/transforms/selector.h"

namespace swell::kustomize {
namespace {

Value Json(const std::string& text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value ? *value : Value();
}

TEST(PathTest, FieldPathsAndReplacementPaths) {
  EXPECT_EQ(SplitFieldPath("a/b\\/c/d"), (std::vector<std::string>{"a", "b/c", "d"}));
  EXPECT_EQ(SplitFieldPath("/a/b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(SplitReplacementPath("a.[name=x.y].b.[c.d/e].f\\.g.0"),
            (std::vector<std::string>{"a", "[name=x.y]", "b", "c.d/e", "f.g", "0"}));
}

TEST(FieldSpecTest, CreatesOnlyWhereTold) {
  const FieldSetter set = [](const Value&) -> Result<Value> { return Value("new"); };
  const Value object = Json(R"({"apiVersion":"v1","kind":"A","list":[{"x":1},{"y":2}]})");
  const GroupVersionKind gvk = {"", "v1", "A"};
  Budget budget{Limits()};
  const struct {
    FieldSpec spec;
    CreateKind create;
    const char* result;
  } kCases[] = {
      {{{}, "list/x", false}, CreateKind::kNever, R"([{"x":"new"},{"y":2}])"},
      {{{}, "list/x", true}, CreateKind::kScalar, R"([{"x":"new"},{"x":"new","y":2}])"},
      {{{"", "", "B"}, "list/x", true}, CreateKind::kScalar, R"([{"x":1},{"y":2}])"},
  };
  for (const auto& c : kCases) {
    const auto changed = ApplyFieldSpec(object, gvk, c.spec, c.create, set, budget);
    ASSERT_TRUE(changed.has_value());
    EXPECT_EQ(json::Write((*changed)["list"]), c.result);
  }
  EXPECT_FALSE(
      ApplyFieldSpec(object, gvk, {{}, "kind/deeper", false}, CreateKind::kNever, set, budget)
          .has_value());
}

TEST(SelectorTest, LabelSelectors) {
  const Value labels = Json(R"({"a":"1","b":"x"})");
  const struct {
    const char* text;
    bool matches;
  } kCases[] = {
      {"a=1", true},         {"a==1", true},    {"a!=1", false},       {"a", true},
      {"!a", false},         {"!c", true},      {"a in (1, 2)", true}, {"a notin (1)", false},
      {"c notin (1)", true}, {"a=1,b=x", true}, {"a=1,b=y", false},    {"c!=1", true},
      {"a>0", true},         {"a<1", false},
  };
  for (const auto& c : kCases) {
    const auto selector = LabelSelector::Parse(c.text);
    ASSERT_TRUE(selector.has_value()) << c.text;
    EXPECT_EQ(selector->Matches(labels), c.matches) << c.text;
  }
  for (const char* bad : {"a in 1", "a b", "a=1,", "in (a"}) {
    EXPECT_FALSE(LabelSelector::Parse(bad).has_value()) << bad;
  }
}

TEST(SelectorTest, PatternsAreAnchored) {
  const auto pattern = Pattern::Compile("a|b.*", Pattern::Anchor::kWhole);
  ASSERT_TRUE(pattern.has_value());
  EXPECT_TRUE(pattern->Matches("a"));
  EXPECT_TRUE(pattern->Matches("bcd"));
  EXPECT_FALSE(pattern->Matches("ab"));
  EXPECT_FALSE(Pattern::Compile("(", Pattern::Anchor::kWhole).has_value());
}

TEST(ImageTest, NamesTagsAndDigests) {
  const struct {
    const char* image;
    Image change;
    const char* result;
  } kCases[] = {
      {"nginx", {.name = "nginx", .new_tag = "2"}, "nginx:2"},
      {"nginx:1@sha256:ab", {.name = "nginx", .new_tag = "2"}, "nginx:2"},
      {"nginx:1", {.name = "nginx", .digest = "sha256:cd"}, "nginx@sha256:cd"},
      {"nginx:1@sha256:ab", {.name = "nginx", .new_name = "x"}, "x:1@sha256:ab"},
      {"h:5000/nginx:1", {.name = "h:5000/nginx", .new_tag = "2"}, "h:5000/nginx:2"},
      {"other:1", {.name = "nginx", .new_tag = "2"}, "other:1"},
      {"nginx-extra:1", {.name = "nginx", .new_tag = "2"}, "nginx-extra:1"},
  };
  for (const auto& c : kCases) {
    Budget budget{Limits()};
    ResourceMap map(budget);
    const std::string pod = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},)"
                            R"("spec":{"containers":[{"image":")" +
                            std::string(c.image) + R"("}]}})";
    ASSERT_TRUE(map.Append(Resource(Json(pod), "")).has_value());
    ASSERT_TRUE(SetImage(map, c.change, {}).has_value());
    EXPECT_EQ(map.at(0).value()["spec"]["containers"][0]["image"].as_string(), c.result);
  }
}

TEST(GeneratorTest, SourcesAreParsed) {
  EXPECT_EQ(ParseLiteral("a=b=c")->second, "b=c");
  EXPECT_EQ(ParseLiteral("a=\"b\"")->second, "b");
  EXPECT_EQ(ParseLiteral("a='b\"")->second, "'b\"");
  EXPECT_FALSE(ParseLiteral("abc").has_value());
  EXPECT_FALSE(ParseLiteral("=b").has_value());
  EXPECT_EQ(ParseFileSource("dir/x.txt")->first, "x.txt");
  EXPECT_EQ(ParseFileSource("k=dir/x.txt")->first, "k");
  for (const char* bad : {"a=b=c", "=x", "k="}) EXPECT_FALSE(ParseFileSource(bad).has_value());
  const auto pairs = ParseEnvFile("# c\n  A=1\r\n\nB\n");
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(*pairs, (KeyValuePairs{{"A", "1"}, {"B", ""}}));
  EXPECT_FALSE(ParseEnvFile("A=\xff\n").has_value());
}

TEST(JsonPatchTest, KustomizeHabits) {
  const Value object = Json(R"({"a":[1,2],"n":12345678901234567})");
  const struct {
    const char* operations;
    const char* result;  // "" for an error
  } kCases[] = {
      {R"([{"op":"replace","path":"/new","value":1}])",
       R"({"a":[1,2],"n":12345678901234568,"new":1})"},
      {R"([{"op":"remove","path":"/a/-1"}])", R"({"a":[1],"n":12345678901234568})"},
      {R"([{"op":"add","path":"/a/-","value":3}])", R"({"a":[1,2,3],"n":12345678901234568})"},
      {R"([{"op":"replace","path":"/a/5","value":1}])", ""},
      {R"([{"op":"remove","path":"/none"}])", ""},
      {R"([{"op":"test","path":"/a/0","value":2}])", ""},
      {R"([{"op":"add","path":"/no/where","value":2}])", ""},
  };
  for (const auto& c : kCases) {
    Budget budget{Limits()};
    const auto patched = ApplyKustomizeJsonPatch(object, Json(c.operations), budget);
    ASSERT_EQ(patched.has_value(), *c.result != '\0') << c.operations;
    if (!patched) continue;
    EXPECT_EQ(json::Write(*patched), c.result) << c.operations;
  }
}

TEST(ResourceMapTest, KnowsPresentAndPreviousIds) {
  Budget budget{Limits()};
  ResourceMap map(budget);
  const char* pod = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}})";
  ASSERT_TRUE(map.Append(Resource(Json(pod), "")).has_value());
  const ResourceId old = map.at(0).id();
  EXPECT_FALSE(map.Append(Resource(Json(pod), "")).has_value());
  ASSERT_TRUE(
      AddNamePrefix(map, "a-", std::vector<FieldSpec>{{{}, "metadata/name", false}}).has_value());
  EXPECT_EQ(map.at(0).id().name, "a-p");
  EXPECT_EQ(map.CountByCurrentId(old), 0u);
  EXPECT_EQ(map.FindByAnyId(old), (std::vector<std::size_t>{0}));
  // The name is free again.
  EXPECT_TRUE(map.Append(Resource(Json(pod), "")).has_value());
  EXPECT_EQ(map.FindByAnyId(old).size(), 2u);
  ASSERT_TRUE(map.SetValue(0, Value()).has_value());
  map.DropDeleted();
  EXPECT_EQ(map.size(), 1u);
  EXPECT_EQ(map.FindByAnyId(old), (std::vector<std::size_t>{0}));
}

}  // namespace
}  // namespace swell::kustomize
