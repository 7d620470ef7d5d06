#include "renderer/schema/custom_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::schema {
namespace {

using testing::HasSubstr;

Value Crd(const std::string& spec) {
  auto value = json::Parse(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":
         {"name":"things.e.com"},"spec":{"group":"e.com","names":{"kind":"Thing"},)" +
      spec + "}}");
  EXPECT_TRUE(value) << spec;
  return value.value_or(Value());
}

std::string Version(const std::string& name, const std::string& properties) {
  return R"({"name":")" + name + R"(","schema":{"openAPIV3Schema":{"type":"object","properties":)" +
         properties + "}}}";
}

const FieldInfo* At(const CustomTypes& types, std::vector<std::string> path,
                    const char* version = "v1") {
  const TypeSchema* type = types.Find({"e.com", version, "Thing"});
  return type == nullptr ? nullptr : Lookup(*type, path);
}

TEST(CustomTypesTest, ReadsWhatChangesAMerge) {
  auto crd = CrdTypes::Read(Crd("\"versions\":[" + Version("v1", R"({"spec":{"type":"object",
    "properties":{
      "sets":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
      "map":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["z","a"],
        "items":{"type":"object","properties":{"a":{"type":"string","default":"x"}}}},
      "plain":{"type":"array","items":{"type":"array","items":{"type":"string","format":"byte"}}},
      "whole":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"a":{}}},
      "free":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string",
        "format":"duration"}}},
      "port":{"x-kubernetes-int-or-string":true},
      "text":{"type":"string"}}}})") +
                                "]"));
  ASSERT_TRUE(crd) << crd.error().ToString();
  CustomTypes types;
  types.Add(*crd);
  EXPECT_EQ(At(types, {"spec", "sets"})->list_type, ListType::kSet);
  EXPECT_EQ(At(types, {"spec", "map"})->list_type, ListType::kMap);
  EXPECT_EQ(At(types, {"spec", "map"})->list_keys, (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(At(types, {"spec", "map", "0", "a"})->default_value, Value("x"));
  EXPECT_EQ(At(types, {"spec", "plain"})->shape, Shape::kList);
  EXPECT_EQ(At(types, {"spec", "plain"})->list_type, ListType::kAtomic);
  EXPECT_EQ(At(types, {"spec", "plain", "0", "0"})->scalar, Scalar::kBytes);
  EXPECT_TRUE(At(types, {"spec", "whole"})->atomic_map);
  EXPECT_FALSE(At(types, {"spec"})->atomic_map);
  EXPECT_EQ(At(types, {"spec", "free", "key", "0"})->scalar, Scalar::kDuration);
  EXPECT_EQ(At(types, {"spec", "port"})->scalar, Scalar::kIntOrString);
  EXPECT_EQ(At(types, {"spec", "text"}), nullptr);
  EXPECT_EQ(At(types, {"spec", "nothing"}), nullptr);
  EXPECT_EQ(types.Find({"e.com", "v2", "Thing"}), nullptr);
}

// As the API server does it: a default is filled in further, from the inside.
TEST(CustomTypesTest, CompletesDefaults) {
  auto crd = CrdTypes::Read(Crd("\"versions\":[" + Version("v1", R"({"spec":{"type":"object",
    "properties":{"a":{"type":"object","default":{"list":[{}]},"properties":{
      "n":{"type":"integer","default":1},"given":{"type":"string"},
      "list":{"type":"array","items":{"type":"object","properties":{
        "m":{"type":"integer","default":2}}}}}}}}})") +
                                "]"));
  ASSERT_TRUE(crd);
  CustomTypes types;
  types.Add(*crd);
  EXPECT_EQ(json::Write(At(types, {"spec", "a"})->default_value), R"({"list":[{"m":2}],"n":1})");
}

TEST(CustomTypesTest, KnowsTheFormsOfV1Beta1) {
  auto crd =
      CrdTypes::Read(Crd(R"("version":"v1alpha1","validation":{"openAPIV3Schema":{
    "type":"object","properties":{"spec":{"type":"object","properties":{"l":{"type":"array",
    "x-kubernetes-list-type":"set","items":{"type":"string"}}}}}}},"versions":[{"name":"v1"},)" +
                         Version("v2", R"({"spec":{"type":"object","properties":{}}})") + "]"));
  ASSERT_TRUE(crd);
  CustomTypes types;
  types.Add(*crd);
  EXPECT_EQ(At(types, {"spec", "l"}, "v1alpha1")->list_type, ListType::kSet);
  EXPECT_EQ(At(types, {"spec", "l"}, "v1")->list_type, ListType::kSet);
  EXPECT_EQ(At(types, {"spec", "l"}, "v2"), nullptr);
}

TEST(CustomTypesTest, BadInput) {
  EXPECT_FALSE(CrdTypes::Read(Value()));
  const auto nameless = CrdTypes::Read(*json::Parse(R"({"spec":{"group":"e.com"}})"));
  ASSERT_FALSE(nameless);
  EXPECT_THAT(nameless.error().ToString(), HasSubstr("spec.names.kind"));
  for (const char* versions : {"\"versions\":3", "\"versions\":[3,{}]",
                               R"("versions":[{"name":"v1","schema":{"openAPIV3Schema":[]}}])",
                               R"("versions":[{"name":"v1","schema":{"openAPIV3Schema":{
                                 "properties":{"a":3,"b":{"type":"array","items":[]}}}}}])"}) {
    EXPECT_TRUE(CrdTypes::Read(Crd(versions))) << versions;
  }
  std::string deep = R"({"type":"object"})";
  for (int i = 0; i < 120; ++i) deep = R"({"type":"object","properties":{"a":)" + deep + "}}";
  EXPECT_TRUE(CrdTypes::Read(Crd("\"versions\":[" + Version("v1", "{\"a\":" + deep + "}") + "]")));
}

TEST(CustomTypesTest, TheFirstOfTwoCounts) {
  CustomTypes types;
  const auto with = [](const char* list) {
    return *CrdTypes::Read(Crd("\"versions\":[" +
                               Version("v1", R"({"l":{"type":"array","items":{"type":"string"},
              "x-kubernetes-list-type":")" + std::string(list) +
                                                 "\"}}") +
                               "]"));
  };
  types.Add(with("set"));
  types.Add(with("atomic"));
  EXPECT_EQ(At(types, {"l"})->list_type, ListType::kSet);
}

}  // namespace
}  // namespace swell::schema
