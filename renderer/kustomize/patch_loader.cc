#include "renderer/kustomize/patch_loader.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/resource_reader.h"

namespace swell::kustomize {
namespace {

bool IsOperation(const Value& value) { return value.is_object() && value["op"].is_string(); }

Result<Value> FirstDocument(std::string_view text, const std::string& file) {
  yaml::ParseOptions options;
  options.file = file;
  options.first_document_only = true;
  const std::vector<yaml::Document> documents = TRY(yaml::ParseAll(text, options));
  return documents.empty() ? Value() : documents.front().value;
}

// An array of RFC 6902 operations. A text that starts with a bracket has to be JSON.
Result<Value> ParseOperations(std::string_view text, const std::string& file, Budget& budget) {
  const Value value =
      TRY(text.starts_with('[') ? json::Parse(text, {.file = file}) : FirstDocument(text, file));
  TRY_WRAP(budget.Parsed(value), file);
  if (!value.is_array()) return Fail(InvalidArgument("a JSON patch is a list of operations"));
  for (const Value& item : value.items()) {
    if (!item.is_object()) return Fail(InvalidArgument("a JSON patch is a list of operations"));
  }
  return value;
}

Error NotAPatch(const std::string& source, const Error& merge, const Error& json) {
  return InvalidArgument("unable to parse SM or JSON patch from " + source +
                         " (as a strategic merge patch: " + merge.ToString() +
                         "; as a JSON patch: " + json.ToString() + ")");
}

}  // namespace

Result<Patch> LoadPatch(const Loader& loader, const PatchEntry& entry) {
  std::string text(Trim(entry.patch));
  Patch patch;
  patch.target = entry.target;
  patch.allow_name_change = entry.allow_name_change;
  patch.allow_kind_change = entry.allow_kind_change;
  if (text.empty() && entry.path.empty()) {
    const std::string where = entry.config.empty() ? " an entry of `patches`" : "\n" + entry.config;
    return Fail(InvalidArgument("must specify one of patch and path in" + where));
  }
  if (!text.empty() && !entry.path.empty()) {
    return Fail(
        InvalidArgument("patch and path can't be set at the same time (path " + entry.path + ")"));
  }
  if (text.empty()) {
    text = TRY_WRAP(loader.Load(entry.path),
                    "failed to get the patch file from path(" + entry.path + ")");
    patch.source = "[path: " + Quote(entry.path) + "]";
  } else {
    patch.source = "[patch: " + Quote(text) + "]";
  }
  const std::string file = entry.path.empty() ? "patch" : entry.path;
  auto merges = ReadObjects(text, file, loader.budget());
  auto operations = ParseOperations(text, file, loader.budget());
  if (!merges && !operations) {
    return Fail(NotAPatch(patch.source, merges.error(), operations.error()));
  }
  if (merges && operations && !merges->empty() && !operations->empty()) {
    return Fail(
        InvalidArgument("illegally qualifies as both an SM and JSON patch: " + patch.source));
  }
  if (merges) {
    patch.merges = std::move(*merges);
    // An empty patch file does nothing.
    if (patch.merges.empty()) patch.target.reset();
  } else {
    patch.operations = std::move(*operations);
  }
  return patch;
}

Result<std::vector<Value>> LoadStrategicMerges(const Loader& loader,
                                               const std::vector<std::string>& entries) {
  std::vector<Value> all;
  for (const std::string& entry : entries) {
    auto merges = ReadObjects(entry, "patchesStrategicMerge", loader.budget());
    if (!merges) {
      const std::string text = TRY(loader.Load(entry));
      merges = ReadObjects(text, entry, loader.budget());
      if (!merges) return Fail(std::move(merges).error().Wrap("patch " + entry));
    }
    for (Value& merge : *merges) all.push_back(std::move(merge));
  }
  if (all.empty() && !entries.empty()) {
    return Fail(
        InvalidArgument("patch appears to be empty; files=[" + Join(entries, " ") + "], Patch="));
  }
  return all;
}

Result<Value> LoadJsonPatch(const Loader& loader, const PatchEntry& entry) {
  if (!entry.target || entry.target->name.empty()) {
    return Fail(InvalidArgument("must specify the target name"));
  }
  if (entry.path.empty() && entry.patch.empty()) {
    return Fail(InvalidArgument("empty file path and empty jsonOp"));
  }
  if (!entry.path.empty() && !entry.patch.empty()) {
    return Fail(InvalidArgument("must specify a file path or jsonOp, not both"));
  }
  const std::string text = entry.path.empty() ? entry.patch : TRY(loader.Load(entry.path));
  const Value operations =
      TRY_WRAP(ParseOperations(text, entry.path.empty() ? "patch" : entry.path, loader.budget()),
               "decoding patch");
  if (operations.empty()) {
    return Fail(InvalidArgument("patch appears to be empty; file=" + entry.path));
  }
  const bool known = std::ranges::all_of(operations.items(), IsOperation);
  if (!known) return Fail(InvalidArgument("a JSON patch operation has no op"));
  return operations;
}

}  // namespace swell::kustomize
