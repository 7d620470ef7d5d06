#include "renderer/pipeline/detect.h"

#include <string>

#include "base/core/strings.h"
#include "renderer/source/path.h"

namespace swell {
namespace {

Result<bool> IsFile(const FileTree& tree, std::string_view path) {
  const auto entry = tree.Stat(path);
  if (entry) return entry->kind == FileEntry::Kind::kFile;
  if (entry.error().code() == ErrorCode::kNotFound) return false;
  return std::unexpected(entry.error());
}

}  // namespace

Result<SourceType> DetectSourceType(const FileTree& tree, std::string_view path) {
  const FileEntry folder = TRY(tree.Stat(path));
  if (folder.kind != FileEntry::Kind::kDirectory) {
    return Fail(InvalidArgument(tree.Describe() + ": the path " + Quote(path) +
                                " is a file; an application's path is a folder"));
  }
  if (TRY(IsFile(tree, JoinPath(path, "Chart.yaml")))) return SourceType::kHelm;
  for (const char* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
    if (TRY(IsFile(tree, JoinPath(path, name)))) return SourceType::kKustomize;
  }
  return SourceType::kDirectory;
}

std::string_view SourceTypeName(SourceType type) {
  switch (type) {
    case SourceType::kDetect:
      return "detect";
    case SourceType::kDirectory:
      return "directory";
    case SourceType::kHelm:
      return "helm";
    case SourceType::kKustomize:
      return "kustomize";
  }
  return "";
}

}  // namespace swell
