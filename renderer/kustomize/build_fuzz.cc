// A whole build of any files: it gives objects, or is refused with a message, within the budgets.
//
// The input is a list of files: "=== NAME" on a line begins one. The folder is "app";
// app/kustomization.yaml is added where there is none, with every other file of app as a resource.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/core/check.h"
#include "base/value/json.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace {

using namespace swell;

using Files = std::map<std::string, std::string>;
constexpr std::string_view kMark = "=== ";
constexpr std::string_view kFolder = "app";

Files ReadFiles(std::string_view text) {
  Files files;
  std::string* current = nullptr;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (line.starts_with(kMark)) {
      const std::string name(line.substr(kMark.size(), line.find('\n') - kMark.size()));
      current = !name.empty() && IsCleanPath(name) ? &files[name] : nullptr;
    } else if (current != nullptr) {
      current->append(line);
    }
  }
  return files;
}

void AddKustomization(Files& files) {
  std::string resources = "resources:\n";
  for (const auto& [name, text] : files) {
    if (DirName(name) == kFolder) resources += "- " + json::Write(Value(BaseName(name))) + "\n";
  }
  files.try_emplace("app/kustomization.yaml", resources);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Files files = ReadFiles({reinterpret_cast<const char*>(data), size});
  AddKustomization(files);
  kustomize::Options options;
  options.enable_helm = true;
  options.helm.limits.SetSteps(20'000);
  options.helm.limits.max_chart_bytes = 1u << 20;
  options.limits.max_steps = 200'000;
  options.limits.max_output_bytes = 1u << 20;
  options.limits.max_allocated_bytes = 16u << 20;
  options.limits.max_read_bytes = 1u << 20;
  options.limits.max_objects = 1'000;
  options.limits.max_kustomizations = 100;
  options.limits.max_depth = 20;
  const auto built = kustomize::Build(MakeMemoryTree(std::move(files)), kFolder, options);
  if (!built) {
    SWELL_CHECK(built.error().code() != ErrorCode::kInternal);
    SWELL_CHECK(!built.error().ToString().empty());
    return 0;
  }
  SWELL_CHECK(built->objects.size() <= options.limits.max_objects);
  // What the budget takes for the size is about the size.
  const auto stream = kustomize::BuildStream(built->objects);
  SWELL_CHECK(!stream || stream->size() <= 8 * options.limits.max_output_bytes);
  return 0;
}
