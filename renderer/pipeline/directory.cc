#include "renderer/pipeline/directory.h"

#include <string>

#include "base/core/strings.h"
#include "base/text/glob.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "renderer/source/path.h"

namespace swell {
namespace {

// Symlinks may make a folder contain itself: the walk is bounded, not the links judged.
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxFolders = 10'000;
constexpr std::size_t kMaxFiles = 100'000;

bool IsManifestName(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

class Walker {
 public:
  Walker(const FileTree& tree, std::string_view root, const DirectoryParameters& parameters)
      : tree_(tree), root_(root), parameters_(parameters) {}

  Result<std::vector<std::string>> Run() {
    TRY(Walk("", 0));
    return std::move(files_);
  }

 private:
  Status Walk(const std::string& below, int depth) {
    const std::string folder = JoinPath(root_, below);
    if (depth > kMaxDepth || ++folders_ > kMaxFolders) {
      return Fail(ResourceExhausted(folder + ": the folder holds more than " +
                                    std::to_string(kMaxFolders) + " folders or nests deeper than " +
                                    std::to_string(kMaxDepth) +
                                    " levels (does a symlink point back up?)"));
    }
    for (const FileEntry& entry : TRY(tree_.List(folder))) {
      const std::string path = JoinPath(below, entry.name);
      FileEntry::Kind kind = entry.kind;
      if (kind == FileEntry::Kind::kSymlink) {
        // A link that leads nowhere, or out: asking for it gives the reason.
        if (!parameters_.recurse && !IsManifestName(entry.name)) continue;
        kind = TRY(tree_.Stat(JoinPath(root_, path))).kind;
      }
      if (kind == FileEntry::Kind::kDirectory) {
        if (parameters_.recurse) TRY(Walk(path, depth + 1));
      } else if (IsManifestName(entry.name) && TRY(Wanted(path))) {
        files_.push_back(path);
      }
    }
    if (files_.size() > kMaxFiles) {
      return Fail(ResourceExhausted(folder + ": more than " + std::to_string(kMaxFiles) +
                                    " manifest files"));
    }
    return {};
  }

  Result<bool> Wanted(const std::string& path) const {
    const auto matches = [&](const std::string& glob, const char* field) -> Result<bool> {
      return TRY_WRAP(GlobMatch(glob, path), std::string("directory.") + field);
    };
    if (!parameters_.include.empty() && !TRY(matches(parameters_.include, "include"))) {
      return false;
    }
    return parameters_.exclude.empty() || !TRY(matches(parameters_.exclude, "exclude"));
  }

  const FileTree& tree_;
  const std::string_view root_;
  const DirectoryParameters& parameters_;
  std::size_t folders_ = 0;
  std::vector<std::string> files_;
};

Status ReadManifests(const std::string& file, const std::string& text, std::vector<Object>& out) {
  std::vector<yaml::Document> documents;
  if (file.ends_with(".json")) {
    documents.push_back({TRY(json::Parse(text, {.file = file})), 1});
  } else {
    documents = TRY(yaml::ParseAll(text, {.file = file}));
  }
  for (const yaml::Document& document : documents) {
    if (document.value.is_null()) continue;
    auto objects =
        TRY(ObjectsFromValue(document.value, file + ":" + std::to_string(document.line)));
    out.insert(out.end(), std::make_move_iterator(objects.begin()),
               std::make_move_iterator(objects.end()));
  }
  return {};
}

}  // namespace

Result<std::vector<Object>> RenderDirectory(const FileTree& tree, std::string_view path,
                                            const DirectoryParameters& parameters,
                                            const RenderLimits& limits) {
  std::vector<Object> objects;
  std::size_t bytes = 0;
  for (const std::string& below : TRY(Walker(tree, path, parameters).Run())) {
    const std::string file = JoinPath(path, below);
    const std::string text = TRY(tree.Read(file));
    bytes += text.size();
    if (bytes > limits.max_bytes) {
      return Fail(ResourceExhausted(file + ": the manifests are larger than " +
                                    std::to_string(limits.max_bytes) +
                                    " bytes in all (budget max_bytes)"));
    }
    TRY(ReadManifests(file, text, objects));
    if (objects.size() > limits.max_objects) {
      return Fail(ResourceExhausted(file + ": more than " + std::to_string(limits.max_objects) +
                                    " objects (budget max_objects)"));
    }
  }
  return objects;
}

}  // namespace swell
