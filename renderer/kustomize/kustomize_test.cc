#include "renderer/kustomize/kustomize.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "renderer/source/trees.h"

namespace swell::kustomize {
namespace {

using Files = std::map<std::string, std::string>;

constexpr char kPod[] =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n";

Result<std::string> BuildText(Files files, const Options& options = {},
                              const std::string& folder = "app") {
  auto built = Build(MakeMemoryTree(std::move(files)), folder, options);
  if (!built) return Fail(std::move(built).error());
  return BuildStream(built->objects);
}

TEST(KustomizeTest, EmptyResourcesBuildToNothing) {
  const auto text = BuildText({{"app/kustomization.yaml", "resources: []\n"}});
  ASSERT_TRUE(text.has_value()) << text.error().ToString();
  EXPECT_EQ(*text, "");
}

TEST(KustomizeTest, OriginsNameTheFile) {
  const auto built = Build(MakeMemoryTree({{"app/kustomization.yaml", "resources: [../base]\n"},
                                           {"base/kustomization.yaml", "resources: [pod.yaml]\n"},
                                           {"base/pod.yaml", kPod}}),
                           "app");
  ASSERT_TRUE(built.has_value()) << built.error().ToString();
  EXPECT_EQ(built->objects[0].origin, "base/pod.yaml");
}

TEST(KustomizeTest, LoadRestrictorCanBeLifted) {
  const Files files = {{"app/kustomization.yaml", "resources: [../other/pod.yaml]\n"},
                       {"other/pod.yaml", kPod}};
  const auto refused = BuildText(files);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), ErrorCode::kPermissionDenied);
  Options options;
  options.load_restrictor = LoadRestrictor::kNone;
  EXPECT_TRUE(BuildText(files, options).has_value());
}

TEST(KustomizeTest, LoadRestrictorSeesThroughSymlinks) {
  Options options;
  options.real_path = [](const std::string& path) -> Result<std::string> {
    return path == "app/link.yaml" ? "other/pod.yaml" : path;
  };
  const auto built = BuildText({{"app/kustomization.yaml", "resources: [link.yaml]\n"},
                                {"app/link.yaml", kPod},
                                {"other/pod.yaml", kPod}},
                               options);
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().code(), ErrorCode::kPermissionDenied);
}

TEST(KustomizeTest, PathsNeverLeaveTheRepository) {
  Options options;
  options.load_restrictor = LoadRestrictor::kNone;
  for (const char* path : {"../../etc/passwd", "/etc/passwd", "../.."}) {
    const auto built = BuildText(
        {{"app/kustomization.yaml", "resources: [\"" + std::string(path) + "\"]\n"}}, options);
    EXPECT_FALSE(built.has_value()) << path;
  }
}

TEST(KustomizeTest, RefusesByNameWhatItDoesNotDo) {
  struct Case {
    const char* kustomization;
    const char* names;
  };
  const Case kCases[] = {
      {"generators: [\"{apiVersion: x/v1, kind: Mine, metadata: {name: a}}\"]\n", "Mine"},
      {"transformers: [\"{apiVersion: x/v1, kind: Its, metadata: {name: a}}\"]\n", "Its"},
      {"validators: [\"{apiVersion: x/v1, kind: Check, metadata: {name: a}}\"]\n", "Check"},
  };
  for (const Case& c : kCases) {
    const auto built = BuildText({{"app/kustomization.yaml", c.kustomization}});
    ASSERT_FALSE(built.has_value()) << c.kustomization;
    EXPECT_EQ(built.error().code(), ErrorCode::kUnimplemented) << built.error().ToString();
    EXPECT_TRUE(built.error().ToString().contains(c.names)) << built.error().ToString();
  }
}

TEST(KustomizeTest, ChartsNeedLeaveAndAPlace) {
  const Files files = {
      {"app/kustomization.yaml", "helmCharts: [{name: c, releaseName: r, version: 1.0.0}]\n"}};
  const auto not_enabled = BuildText(files);
  ASSERT_FALSE(not_enabled.has_value());
  EXPECT_TRUE(not_enabled.error().ToString().contains("must specify --enable-helm"));
  Options options;
  options.enable_helm = true;
  const auto not_there = BuildText(files, options);
  ASSERT_FALSE(not_there.has_value());
  EXPECT_EQ(not_there.error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(not_there.error().ToString().contains("charts/c")) << not_there.error().ToString();
}

TEST(KustomizeTest, BadInputsAreErrorsWithTheirPlace) {
  struct Case {
    const char* what;
    Files files;
    const char* names;
  };
  const std::vector<Case> kCases = {
      {"no kustomization", {{"app/pod.yaml", kPod}}, "unable to find one of"},
      {"malformed resource",
       {{"app/kustomization.yaml", "resources: [a.yaml]\n"}, {"app/a.yaml", "a: [\n"}},
       "a.yaml"},
      {"malformed kustomization", {{"app/kustomization.yaml", "a: {\n"}}, "invalid Kustomization"},
      {"not a map", {{"app/kustomization.yaml", "- a\n"}}, "invalid Kustomization"},
      {"bad regular expression",
       {{"app/kustomization.yaml",
         "resources: [a.yaml]\npatches: [{target: {name: \"(\"}, patch: "
         "\"[{\\\"op\\\": \\\"remove\\\", \\\"path\\\": \\\"/a\\\"}]\"}]\n"},
        {"app/a.yaml", kPod}},
       "error parsing regexp"},
      {"patch of neither kind",
       {{"app/kustomization.yaml", "patches: [{patch: just text}]\n"}},
       "unable to parse SM or JSON patch"},
      {"component as a base of itself",
       {{"app/kustomization.yaml", "resources: [.]\n"}},
       "cycle detected"},
  };
  for (const Case& c : kCases) {
    const auto built = BuildText(c.files);
    ASSERT_FALSE(built.has_value()) << c.what;
    EXPECT_TRUE(built.error().ToString().contains(c.names))
        << c.what << ": " << built.error().ToString();
  }
  EXPECT_FALSE(BuildText({}, {}, "../x").has_value());
}

}  // namespace
}  // namespace swell::kustomize
