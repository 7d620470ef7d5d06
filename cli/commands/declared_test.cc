#include "cli/commands/declared.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace swell::cli {
namespace {

std::string Application(const std::string& name, const std::string& source) {
  return "---\napiVersion: swell/v1alpha1\nkind: Application\nmetadata: {name: " + name +
         "}\nspec:\n  source: " + source +
         "\n  destination: {clusters: {all: true}, namespace: shop}\n";
}

constexpr char kCluster[] =
    "---\napiVersion: swell/v1alpha1\nkind: Cluster\n"
    "metadata: {name: c1, labels: {env: prod, zone: a}}\nspec: {kubeconfig: {path: /k}}\n";

Result<RenderRequest> Read(const std::string& text, Cluster cluster = {}) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "declared.yaml";
  std::ofstream(file) << text;
  return DeclaredRequest(file.string(), std::move(cluster));
}

TEST(DeclaredRequest, IsThatOfTheServer) {
  const std::string text =
      Application("web",
                  "{repository: 'file:///r', path: base, kustomize: {namePrefix: a-}, overrides: "
                  "[{clusters: {matchLabels: {env: prod}}, path: prod}]}") +
      kCluster;
  Cluster cluster;
  cluster.name = "c1";
  cluster.labels = {{"zone", "b"}};
  const auto request = Read(text, cluster);
  ASSERT_TRUE(request) << request.error().ToString();
  EXPECT_EQ(request->application, "web");
  EXPECT_EQ(request->ns, "shop");
  EXPECT_EQ(request->path, "prod");
  EXPECT_EQ(request->type, SourceType::kKustomize);
  EXPECT_EQ(request->kustomize["namePrefix"].as_string(), "a-");
  const std::map<std::string, std::string> labels = {{"env", "prod"}, {"zone", "b"}};
  EXPECT_EQ(request->cluster.labels, labels);
  EXPECT_EQ(Read(text)->path, "base");
}

TEST(DeclaredRequest, RefusesWhatItCannotRender) {
  const std::string git = "{repository: 'file:///r'}";
  const auto two = Read(Application("a", git) + Application("b", git));
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().ToString().find("holds 2 Applications"), std::string::npos);
  EXPECT_FALSE(Read(kCluster));
  const auto chart = Read(Application("a", "{repository: 'oci://h/web'}"));
  ASSERT_FALSE(chart);
  EXPECT_EQ(chart.error().code(), ErrorCode::kUnimplemented);
  EXPECT_EQ(DeclaredRequest("/no/such/file", {}).error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace swell::cli
