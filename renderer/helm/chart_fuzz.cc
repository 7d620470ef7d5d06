// A whole chart of any files: it renders, or is refused with a message, within the budgets.
//
// The input is a list of files: "=== NAME" on a line begins one. Chart.yaml is added where
// there is none; "=== set" and "=== values" are the release's own values.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/core/check.h"
#include "base/core/strings.h"
#include "renderer/helm/helm.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace {

using namespace swell;

constexpr std::string_view kMark = "=== ";

std::map<std::string, std::string> ReadFiles(std::string_view text) {
  std::map<std::string, std::string> files;
  std::string* current = nullptr;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    if (line.starts_with(kMark)) {
      const std::string name(line.substr(kMark.size()));
      const bool usable = !name.empty() && IsCleanPath(name);
      current = usable ? &files[name] : nullptr;
    } else if (current != nullptr) {
      current->append(text.substr(0, newline == std::string_view::npos ? newline : newline + 1));
    }
    if (newline == std::string_view::npos) break;
    text.remove_prefix(newline + 1);
  }
  return files;
}

std::string Take(std::map<std::string, std::string>& files, const std::string& name) {
  const auto node = files.extract(name);
  return node.empty() ? "" : node.mapped();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto files = ReadFiles({reinterpret_cast<const char*>(data), size});
  helm::ValueSources values;
  if (const std::string set = Take(files, "set"); !set.empty()) {
    for (const std::string_view line : Split(set, '\n')) values.set.emplace_back(line);
  }
  if (std::string text = Take(files, "values"); !text.empty()) {
    values.files.emplace_back("values", std::move(text));
  }
  files.try_emplace("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
  helm::Options options;
  options.include_crds = true;
  options.limits.templates.max_steps = 20'000;
  options.limits.templates.max_output_bytes = 1u << 20;
  options.limits.templates.max_value_bytes = 1u << 20;
  options.limits.templates.max_allocated_bytes = 16u << 20;
  options.limits.templates.max_template_depth = 100;
  options.limits.max_chart_bytes = 1u << 20;
  options.limits.max_charts = 100;
  const auto out = helm::Render(MakeMemoryTree(std::move(files)), "", values, options);
  if (!out) {
    SWELL_CHECK(out.error().code() != ErrorCode::kInternal);
    SWELL_CHECK(!out.error().ToString().empty());
    return 0;
  }
  (void)helm::ShowOnly(helm::TemplateStream(*out), {"templates/*.yaml"});
  return 0;
}
