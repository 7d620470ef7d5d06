#include "renderer/kustomize/transforms/generators.h"

#include <algorithm>
#include <string_view>

#include "base/core/digest.h"
#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "renderer/kustomize/transforms/go_json.h"

namespace swell::kustomize {
namespace {

constexpr std::size_t kBase64Line = 70;
constexpr std::size_t kHashLength = 10;

bool IsGoSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string Unquoted(const std::string& text) {
  if (text.size() < 2 || text.front() != text.back()) return text;
  if (text.front() != '"' && text.front() != '\'') return text;
  return text.substr(1, text.size() - 2);
}

// Lines of 70 characters, the last one ended too where there are several.
std::string EncodeLines(const std::string& bytes) {
  const std::string encoded = Base64Encode(bytes);
  if (encoded.size() <= kBase64Line) return encoded;
  std::string lines;
  for (std::size_t i = 0; i < encoded.size(); i += kBase64Line) {
    lines += encoded.substr(i, kBase64Line);
    lines += '\n';
  }
  return lines;
}

Value StringMap(const std::map<std::string, std::string>& entries) {
  std::vector<Member> members;
  for (const auto& [key, value] : entries) members.emplace_back(key, Value(value));
  return Value::Object(std::move(members));
}

Result<Value> Skeleton(const GeneratorArgs& args, const char* kind) {
  if (args.name.empty()) {
    return Fail(InvalidArgument(std::string("a ") + kind + " generator must have a name"));
  }
  std::vector<Member> metadata = {{"name", Value(args.name)}};
  if (!args.ns.empty()) metadata.emplace_back("namespace", Value(args.ns));
  if (!args.options.labels.empty()) metadata.emplace_back("labels", StringMap(args.options.labels));
  if (!args.options.annotations.empty()) {
    metadata.emplace_back("annotations", StringMap(args.options.annotations));
  }
  std::vector<Member> members = {{"apiVersion", Value("v1")},
                                 {"kind", Value(kind)},
                                 {"metadata", Value::Object(std::move(metadata))}};
  if (args.options.immutable) members.emplace_back("immutable", Value(true));
  return Value::Object(std::move(members));
}

Status CheckPairs(const GeneratorArgs& args, const KeyValuePairs& pairs) {
  std::map<std::string, bool> seen;
  for (const auto& [key, value] : pairs) {
    // It says configmap for Secrets too.
    if (!seen.emplace(key, true).second) {
      return Fail(
          InvalidArgument("configmap " + args.name + " illegally repeats the key `" + key + "`"));
    }
  }
  return {};
}

Resource Generated(Value value, const GeneratorArgs& args) {
  Resource resource(std::move(value), "");
  resource.generated = true;
  resource.needs_hash = !args.options.disable_name_suffix_hash;
  if (args.behavior == "merge") resource.behavior = Behavior::kMerge;
  if (args.behavior == "replace") resource.behavior = Behavior::kReplace;
  const bool known =
      args.behavior == "merge" || args.behavior == "replace" || args.behavior == "create";
  resource.behavior_text = known ? args.behavior : "unspecified";
  return resource;
}

}  // namespace

Result<std::pair<std::string, std::string>> ParseLiteral(const std::string& literal) {
  const std::size_t equals = literal.find('=');
  if (equals == literal.npos || equals == 0) {
    return Fail(InvalidArgument("invalid literal source " + literal + ", expected key=value"));
  }
  return std::pair(literal.substr(0, equals), Unquoted(literal.substr(equals + 1)));
}

Result<KeyValuePairs> ParseEnvFile(const std::string& content) {
  KeyValuePairs pairs;
  bool first = true;
  for (std::string_view line : Split(content, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!IsValidUtf8(line)) {
      return Fail(InvalidArgument("an env file has a line with invalid utf8 bytes"));
    }
    if (first && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    first = false;
    while (!line.empty() && IsGoSpace(line.front())) line.remove_prefix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    const std::string_view value = equals == line.npos ? "" : line.substr(equals + 1);
    pairs.emplace_back(line.substr(0, equals), value);
  }
  return pairs;
}

Result<std::pair<std::string, std::string>> ParseFileSource(const std::string& source) {
  const std::ptrdiff_t equals = std::ranges::count(source, '=');
  if (equals == 0) {
    return std::pair(source.substr(source.rfind('/') + 1), source);
  }
  const std::size_t at = source.find('=');
  if (equals > 1) {
    return Fail(InvalidArgument("key names or file paths cannot contain '=': " + source));
  }
  if (at == 0) {
    return Fail(InvalidArgument("missing key name for file path " + source.substr(1) +
                                " in source " + source));
  }
  if (at + 1 == source.size()) {
    return Fail(InvalidArgument("missing file path for key name " + source.substr(0, at) +
                                " in source " + source));
  }
  return std::pair(source.substr(0, at), source.substr(at + 1));
}

Result<Resource> MakeConfigMap(const GeneratorArgs& args, const KeyValuePairs& pairs) {
  Value value = TRY(Skeleton(args, "ConfigMap"));
  TRY(CheckPairs(args, pairs));
  std::vector<Member> data;
  std::vector<Member> binary;
  for (const auto& [key, text] : pairs) {
    if (IsValidUtf8(text)) {
      data.emplace_back(key, Value(text));
    } else {
      binary.emplace_back(key, Value(EncodeLines(text)));
    }
  }
  if (!data.empty()) value = value.With("data", Value::Object(std::move(data)));
  if (!binary.empty()) value = value.With("binaryData", Value::Object(std::move(binary)));
  return Generated(std::move(value), args);
}

Result<Resource> MakeSecret(const GeneratorArgs& args, const KeyValuePairs& pairs) {
  Value value = TRY(Skeleton(args, "Secret"));
  TRY(CheckPairs(args, pairs));
  value = value.With("type", Value(args.type.empty() ? "Opaque" : args.type));
  std::vector<Member> data;
  for (const auto& [key, text] : pairs) data.emplace_back(key, Value(EncodeLines(text)));
  value = value.With("data", Value::Object(std::move(data)));
  return Generated(std::move(value), args);
}

std::string ContentHash(const Value& object) {
  const std::string_view kind = object["kind"].as_string();
  const std::string_view api_version = object["apiVersion"].as_string();
  Value content = object;
  if (api_version == "v1" && (kind == "ConfigMap" || kind == "Secret")) {
    // The name is always "" and missing data is "": mistakes of kustomize that its users'
    // names depend on.
    std::vector<Member> members = {{"kind", Value(kind)}, {"name", Value("")}};
    members.emplace_back("data", object.Has("data") ? object["data"] : Value(""));
    if (kind == "ConfigMap") {
      if (object.Has("binaryData")) members.emplace_back("binaryData", object["binaryData"]);
    } else {
      members.emplace_back("type", object.Has("type") ? object["type"] : Value(""));
      if (object.Has("stringData")) members.emplace_back("stringData", object["stringData"]);
    }
    content = Value::Object(std::move(members));
  }
  std::string hash = Digest::Of(GoJson(content)).Hex().substr(0, kHashLength);
  for (char& c : hash) {
    switch (c) {
      case '0':
        c = 'g';
        break;
      case '1':
        c = 'h';
        break;
      case '3':
        c = 'k';
        break;
      case 'a':
        c = 'm';
        break;
      case 'e':
        c = 't';
        break;
      default:
        break;
    }
  }
  return hash;
}

Status AddHashes(ResourceMap& map) {
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (!map.at(i).needs_hash) continue;
    // The hash reads the whole object.
    TRY(map.budget().Allow(map.at(i).printed_bytes));
    const Value& object = map.at(i).value();
    const std::string name = map.at(i).id().name + "-" + ContentHash(object);
    Value renamed = object.With("metadata", object["metadata"].With("name", Value(name)));
    TRY(map.StorePreviousId(i));
    TRY(map.SetValue(i, std::move(renamed)));
  }
  return {};
}

}  // namespace swell::kustomize
