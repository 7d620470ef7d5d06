#include "reconciler/fleet/overrides.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::fleet {
namespace {

Value Json(const char* text) { return json::Parse(text).value(); }

SourceOverride Override(const char* env, const char* kustomize) {
  SourceOverride out;
  out.clusters.match_labels = {{"env", env}};
  out.kustomize = Json(kustomize);
  return out;
}

TEST(SourceFor, TheFirstThatMatchesCounts) {
  SourceSpec source{.repository = "file:///r", .path = "base"};
  source.overrides = {Override("prod", R"({"namePrefix":"a-"})"),
                      Override("prod", R"({"namePrefix":"b-"})")};
  source.overrides[0].path = "overlays/prod";
  const SourceSpec prod = SourceFor(source, {.name = "c1", .labels = {{"env", "prod"}}});
  EXPECT_EQ(prod.path, "overlays/prod");
  EXPECT_EQ(prod.type, SourceType::kKustomize);
  EXPECT_EQ(prod.kustomize, Json(R"({"namePrefix":"a-"})"));
  EXPECT_TRUE(prod.overrides.empty());
  const SourceSpec other = SourceFor(source, {.name = "c2", .labels = {{"env", "dev"}}});
  EXPECT_EQ(other.path, "base");
  EXPECT_EQ(other.type, SourceType::kDetect);
  EXPECT_TRUE(other.kustomize.is_null());
}

TEST(SourceFor, KustomizeParametersAreMergedByField) {
  SourceSpec source{.type = SourceType::kKustomize};
  source.kustomize = Json(R"({"namePrefix":"a-","images":["i:1"],"patches":[{"patch":"p"}],
                              "commonLabels":{"a":"1","b":"1"}})");
  source.overrides = {Override("prod", R"({"namePrefix":"b-","images":[{"name":"i","newTag":"2"}],
                               "patches":null,"commonLabels":{"b":"2","c":"2"}})")};
  EXPECT_EQ(SourceFor(source, {.labels = {{"env", "prod"}}}).kustomize,
            Json(R"({"namePrefix":"b-","images":["i:1",{"name":"i","newTag":"2"}],
                     "patches":null,"commonLabels":{"a":"1","b":"2","c":"2"}})"));
}

TEST(SourceFor, HelmValuesAreMergedAndFilesAppended) {
  SourceSpec source;
  source.helm.value_files = {"values.yaml"};
  source.helm.values = Json(R"({"a":{"b":1,"c":[1]},"d":1})");
  SourceOverride entry;
  entry.clusters.all = true;
  entry.helm_value_files = {"prod.yaml"};
  entry.helm_values = Json(R"({"a":{"c":[2]},"d":null})");
  source.overrides = {entry};
  const SourceSpec out = SourceFor(source, {.name = "c1"});
  EXPECT_EQ(out.type, SourceType::kHelm);
  EXPECT_EQ(out.helm.value_files, (std::vector<std::string>{"values.yaml", "prod.yaml"}));
  EXPECT_EQ(out.helm.values, Json(R"({"a":{"b":1,"c":[2]},"d":null})"));
}

}  // namespace
}  // namespace swell::fleet
