// base, dir, clean, ext, isAbs and their os… twins: Go's path package.

#include <vector>

#include "base/core/strings.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

std::string Clean(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string> kept;
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.emplace_back(part);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!rooted) {
      kept.emplace_back(part);
    }
  }
  std::string out = (rooted ? "/" : "") + Join(kept, "/");
  return out.empty() ? "." : out;
}

std::string Base(std::string_view path) {
  if (path.empty()) return ".";
  while (path.ends_with('/')) path.remove_suffix(1);
  path = path.substr(path.rfind('/') + 1);
  return path.empty() ? "/" : std::string(path);
}

std::string Dir(std::string_view path) { return Clean(path.substr(0, path.rfind('/') + 1)); }

std::string Ext(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? "" : std::string(path.substr(dot));
}

gotemplate::Callable OnPath(std::string (*function)(std::string_view)) {
  return [function](Context&, Args args) -> Result<Any> {
    return Any::String(function(args[0].as_string()));
  };
}

}  // namespace

void RegisterPaths(FunctionMap& functions) {
  functions.Add("base", {types::kString}, OnPath(&Base));
  functions.Add("dir", {types::kString}, OnPath(&Dir));
  functions.Add("clean", {types::kString}, OnPath(&Clean));
  functions.Add("ext", {types::kString}, OnPath(&Ext));
  functions.Add("isAbs", {types::kString}, [](Context&, Args args) -> Result<Any> {
    return Any::Bool(args[0].as_string().starts_with('/'));
  });
  functions.Alias("osBase", "base");
  functions.Alias("osDir", "dir");
  functions.Alias("osClean", "clean");
  functions.Alias("osExt", "ext");
  functions.Alias("osIsAbs", "isAbs");
}

}  // namespace swell::funcs
