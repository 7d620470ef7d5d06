// Every chart in tests/golden/helm against what helm 4.1.4 printed for it.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "renderer/helm/helm.h"
#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Case {
  ValueSources values;
  Options options;
  std::vector<std::string> show_only;
  bool skip_tests = false;
};

// The flags of a CASE.args; paths in them are relative to `folder`.
Case ParseArgs(const fs::path& folder, const fs::path& args) {
  Case out;
  out.options.release_name = "rel";
  out.options.ns = "space";
  out.values.read_file = [folder](const std::string& path) -> Result<std::string> {
    return ReadFile(folder / path);
  };
  std::ifstream file(args);
  for (std::string line; std::getline(file, line);) {
    const std::string flag = line.substr(0, line.find(' '));
    const std::string value = flag.size() == line.size() ? "" : line.substr(flag.size() + 1);
    if (flag == "-f") {
      out.values.files.emplace_back(value, ReadFile(folder / value));
    } else if (flag == "--set") {
      out.values.set.push_back(value);
    } else if (flag == "--set-string") {
      out.values.set_string.push_back(value);
    } else if (flag == "--set-json") {
      out.values.set_json.push_back(value);
    } else if (flag == "--set-literal") {
      out.values.set_literal.push_back(value);
    } else if (flag == "--set-file") {
      out.values.set_file_paths.push_back(value);
    } else if (flag == "--kube-version") {
      out.options.kube_version = value;
    } else if (flag == "--api-versions") {
      out.options.api_versions.push_back(value);
    } else if (flag == "--include-crds") {
      out.options.include_crds = true;
    } else if (flag == "--is-upgrade") {
      out.options.is_upgrade = true;
    } else if (flag == "--no-hooks") {
      out.options.skip_hooks = true;
    } else if (flag == "--skip-schema-validation") {
      out.options.skip_schema_validation = true;
    } else if (flag == "--skip-tests") {
      out.skip_tests = true;
    } else if (flag == "-s") {
      out.show_only.push_back(value);
    } else {
      ADD_FAILURE() << args << ": unknown flag " << flag;
    }
  }
  return out;
}

Result<std::string> RenderCase(const fs::path& chart, const Case& c) {
  const FileTreePtr tree = TRY(OpenDiskTree(chart.string()));
  Output output = TRY(Render(tree, "", c.values, c.options));
  if (c.skip_tests) std::erase_if(output.documents, [](const auto& d) { return d.is_test; });
  const std::string stream = TemplateStream(output);
  return c.show_only.empty() ? stream : ShowOnly(stream, c.show_only);
}

std::vector<fs::path> AllCases() {
  std::vector<fs::path> out;
  const fs::path root = fs::path(SWELL_SOURCE_DIR) / "tests/golden/helm";
  for (const auto& chart : fs::directory_iterator(root)) {
    if (!fs::is_directory(chart.path() / "cases")) continue;
    for (const auto& entry : fs::directory_iterator(chart.path() / "cases")) {
      if (entry.path().extension() == ".args") out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

TEST(HelmGolden, PrintsWhatHelmPrints) {
  const auto cases = AllCases();
  ASSERT_GE(cases.size(), 19u);
  for (const fs::path& args : cases) {
    SCOPED_TRACE(args.string());
    const fs::path folder = args.parent_path().parent_path();
    const auto text = RenderCase(folder / "chart", ParseArgs(folder, args));
    const fs::path expected = fs::path(args).replace_extension(".yaml");
    if (fs::exists(expected)) {
      ASSERT_TRUE(text) << text.error().ToString();
      EXPECT_EQ(*text, ReadFile(expected));
      continue;
    }
    ASSERT_FALSE(text) << "helm refuses this";
    const std::string message = text.error().ToString();
    std::string wanted = ReadFile(fs::path(args).replace_extension(".err"));
    while (wanted.ends_with('\n')) wanted.pop_back();
    EXPECT_EQ(message.substr(0, message.find('\n')), wanted);
  }
}

}  // namespace
}  // namespace swell::helm
