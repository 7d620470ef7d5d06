#include "renderer/helm/lock.h"

#include "base/core/digest.h"
#include "base/core/strings.h"
#include "base/value/json.h"
#include "renderer/helm/go_decode.h"
#include "renderer/source/path.h"

namespace swell::helm {
namespace {

// encoding/json escapes what HTML would take for its own; all of it occurs in strings alone.
std::string Json(const Value& value) {
  std::string out = json::Write(value);
  out = ReplaceAll(out, "<", "\\u003c");
  out = ReplaceAll(out, ">", "\\u003e");
  out = ReplaceAll(out, "&", "\\u0026");
  out = ReplaceAll(out, "\xE2\x80\xA8", "\\u2028");
  return ReplaceAll(out, "\xE2\x80\xA9", "\\u2029");
}

Value Strings(const std::vector<std::string>& texts) {
  std::vector<Value> items;
  for (const std::string& text : texts) items.emplace_back(text);
  return Value::Array(std::move(items));
}

// A Dependency as Go marshals it: its fields in their order, most of them left out when empty.
std::string Json(const Dependency& d) {
  std::string out = "{\"name\":" + Json(Value(d.name));
  const auto add = [&](std::string_view name, const Value& value) {
    out.append(",\"").append(name).append("\":").append(Json(value));
  };
  if (!d.version.empty()) add("version", Value(d.version));
  add("repository", Value(d.repository));
  if (!d.condition.empty()) add("condition", Value(d.condition));
  if (!d.tags.empty()) add("tags", Strings(d.tags));
  if (d.enabled) add("enabled", Value(true));
  if (!d.import_values.empty()) add("import-values", Value::Array(d.import_values));
  if (!d.alias.empty()) add("alias", Value(d.alias));
  return out + "}";
}

std::string Json(const std::vector<Dependency>& dependencies) {
  std::vector<std::string> items;
  for (const Dependency& d : dependencies) items.push_back(Json(d));
  return "[" + Join(items, ",") + "]";
}

// Null where the file is not there.
Result<std::optional<std::string>> ReadOptional(const FileTree& tree, const std::string& path) {
  auto text = tree.Read(path);
  if (text) return *std::move(text);
  if (text.error().code() == ErrorCode::kNotFound) return std::nullopt;
  return Fail(std::move(text.error()));
}

Result<Lock> ParseLock(std::string_view text, const std::string& file) {
  Lock out;
  out.file = file;
  const std::string doing = "cannot load " + file;
  const GoStruct fields = TRY_WRAP(GoStruct::Parse(text, "Lock", "v2.Lock"), doing);
  TRY_WRAP(fields.Read("digest", out.digest), doing);
  Metadata locked;
  TRY_WRAP(DecodeMetadata(text, locked), doing);
  out.dependencies = std::move(locked.dependencies);
  return out;
}

}  // namespace

Result<Declared> ReadDeclared(const FileTree& tree, std::string_view folder) {
  Declared out;
  const std::string chart = TRY(tree.Read(JoinPath(folder, "Chart.yaml")));
  TRY_WRAP(DecodeMetadata(chart, out.metadata), "cannot load Chart.yaml");
  if (out.metadata.api_version.empty()) out.metadata.api_version = "v1";
  if (const auto text = TRY(ReadOptional(tree, JoinPath(folder, "requirements.yaml")))) {
    TRY_WRAP(DecodeMetadata(*text, out.metadata), "cannot load requirements.yaml");
  }
  TRY(ValidateMetadata(out.metadata));
  // Of two lock files helm takes the one that it reads last.
  for (const char* file : {"requirements.lock", "Chart.lock"}) {
    const auto text = TRY(ReadOptional(tree, JoinPath(folder, file)));
    if (!text) continue;
    out.lock = TRY(ParseLock(*text, file));
    break;
  }
  return out;
}

bool LockMatches(const Metadata& metadata, const Lock& lock) {
  const std::string declared = Json(metadata.dependencies);
  const Digest both = Digest::Of("[" + declared + "," + Json(lock.dependencies) + "]");
  if (lock.digest == both.ToString()) return true;
  return metadata.api_version == "v1" &&
         lock.digest == Digest::Of("{\"dependencies\":" + declared + "}").ToString();
}

}  // namespace swell::helm
