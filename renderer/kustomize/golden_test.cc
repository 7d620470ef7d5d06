// Runs the cases of tests/golden/kustomize: what the real tool prints, byte for byte.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/source/trees.h"

namespace swell::kustomize {
namespace {

namespace fs = std::filesystem;

const fs::path& Goldens() {
  static const fs::path folder = fs::path(SWELL_SOURCE_DIR) / "tests/golden/kustomize";
  return folder;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const auto& entry : fs::directory_iterator(Goldens())) {
    if (entry.is_directory()) cases.push_back(entry.path().filename().string());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

class GoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, BuildsAsTheRealToolDoes) {
  const fs::path folder = Goldens() / GetParam();
  auto tree = OpenDiskTree(folder.string());
  ASSERT_TRUE(tree.has_value()) << tree.error().ToString();
  Options options;
  options.enable_helm = true;
  if (fs::exists(folder / "parameters.yaml")) {
    const auto parameters = yaml::Parse(ReadFile(folder / "parameters.yaml"));
    ASSERT_TRUE(parameters.has_value()) << parameters.error().ToString();
    options.parameters = *parameters;
  }
  const auto built = Build(*tree, "build", options);
  const fs::path error = folder / "expected_error";
  if (fs::exists(error)) {
    const Result<std::string> stream = built ? BuildStream(built->objects) : Fail(built.error());
    ASSERT_FALSE(stream.has_value()) << *stream;
    EXPECT_TRUE(stream.error().ToString().contains(Trim(ReadFile(error))))
        << stream.error().ToString();
    return;
  }
  ASSERT_TRUE(built.has_value()) << built.error().ToString();
  ASSERT_TRUE(fs::exists(folder / "expected.yaml"));
  EXPECT_EQ(BuildStream(built->objects).value_or(""), ReadFile(folder / "expected.yaml"));
}

INSTANTIATE_TEST_SUITE_P(Kustomize, GoldenTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace swell::kustomize
