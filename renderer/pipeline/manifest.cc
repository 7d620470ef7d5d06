#include "renderer/pipeline/manifest.h"

#include <cmath>
#include <utility>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "renderer/pipeline/detect.h"

namespace swell {
namespace {

constexpr std::string_view kFormat = "swell.manifest/v1";

// Whole floats become integers: that is how JSON prints them, so that a manifest equals what
// is read back from the ledger or from a cluster.
Value WholeNumbersAsIntegers(const Value& value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  switch (value.type()) {
    case Value::Type::kFloat: {
      const double number = value.as_float();
      const bool fits = number == std::trunc(number) && number >= -kLimit && number < kLimit;
      return fits ? Value(static_cast<std::int64_t>(number)) : value;
    }
    case Value::Type::kArray: {
      std::vector<Value> items;
      items.reserve(value.size());
      bool changed = false;
      for (const Value& item : value.items()) {
        items.push_back(WholeNumbersAsIntegers(item));
        changed = changed || !(items.back() == item);
      }
      return changed ? Value::ArrayFrom(items) : value;
    }
    case Value::Type::kObject: {
      std::vector<Member> members;
      members.reserve(value.size());
      bool changed = false;
      for (const Member& m : value.members()) {
        members.emplace_back(m.key, WholeNumbersAsIntegers(m.value));
        changed = changed || !(members.back().value == m.value);
      }
      return changed ? Value::ObjectFrom(members) : value;
    }
    default:
      return value;
  }
}

void SetDefaultNamespace(Object& object, const std::string& ns) {
  if (ns.empty() || !object.ns().empty()) return;
  if (!IsNamespacedBuiltin(object.gvk().group_kind())) return;
  object.value = object.value.WithAt({"metadata", "namespace"}, Value(ns));
}

std::string Name(const Object& object) { return object.origin + ": " + object.id().ToString(); }

// Digests the objects in order and holds their sizes against the budgets.
Result<Digest> DigestObjects(const std::vector<Object>& objects, const RenderLimits& limits) {
  Hasher hasher;
  std::size_t total = 0;
  for (const Object& object : objects) {
    const std::string text = json::Write(object.value);
    if (text.size() > limits.max_object_bytes) {
      return Fail(ResourceExhausted(Name(object) + " has " + std::to_string(text.size()) +
                                    " bytes as JSON; a cluster stores at most " +
                                    std::to_string(limits.max_object_bytes) +
                                    " (budget max_object_bytes)"));
    }
    total += text.size();
    if (total > limits.max_bytes) {
      return Fail(ResourceExhausted(Name(object) + ": the objects have more than " +
                                    std::to_string(limits.max_bytes) +
                                    " bytes in all (budget max_bytes)"));
    }
    hasher.Add(text);
  }
  return hasher.Finish();
}

Value StringArray(const auto& texts) {
  std::vector<Value> items;
  for (const std::string& text : texts) items.emplace_back(text);
  return Value::ArrayFrom(items);
}

Error Damaged(const std::string& why) {
  return Error(ErrorCode::kDataLoss, "a stored manifest cannot be read: " + why);
}

Result<Manifest> ParseHeader(const Value& header) {
  if (header["format"].as_string() != kFormat) {
    return Fail(Damaged("its format is " + Quote(header["format"].as_string()) + ", not " +
                        Quote(kFormat)));
  }
  Manifest manifest;
  bool known = false;
  for (const SourceType type :
       {SourceType::kDirectory, SourceType::kHelm, SourceType::kKustomize}) {
    if (header["type"].as_string() != SourceTypeName(type)) continue;
    manifest.type = type;
    known = true;
  }
  if (!known) return Fail(Damaged("unknown source type " + Quote(header["type"].as_string())));
  auto digest = Digest::Parse(header["digest"].as_string());
  if (!digest) return Fail(Damaged(digest.error().message()));
  manifest.digest = *digest;
  for (const Value& v : header["files"].items()) manifest.reads.files.insert(v.str());
  for (const Value& v : header["directories"].items()) manifest.reads.directories.insert(v.str());
  for (const Value& v : header["warnings"].items()) manifest.warnings.push_back(v.str());
  manifest.used_capabilities = header["usedCapabilities"].as_bool();
  manifest.remotes = TRY(RemotePinsFromValue(header["remotes"]));
  return manifest;
}

}  // namespace

Result<Manifest> AssembleManifest(std::vector<Object> objects, const std::string& ns,
                                  const RenderLimits& limits) {
  if (objects.empty()) {
    return Fail(FailedPrecondition(
        "the source renders to no objects at all; nothing is planned, so that nothing is deleted "
        "by mistake (delete the application to remove its objects)"));
  }
  if (objects.size() > limits.max_objects) {
    return Fail(ResourceExhausted("the source renders to " + std::to_string(objects.size()) +
                                  " objects; at most " + std::to_string(limits.max_objects) +
                                  " are taken (budget max_objects)"));
  }
  for (Object& object : objects) {
    object.value = WholeNumbersAsIntegers(object.value);
    SetDefaultNamespace(object, ns);
  }
  TRY(CheckUnique(objects));
  SortForApply(objects);
  Manifest manifest;
  manifest.digest = TRY(DigestObjects(objects, limits));
  manifest.objects = std::move(objects);
  return manifest;
}

std::size_t ManifestBytes(const Manifest& manifest) {
  std::size_t bytes = sizeof(Manifest);
  for (const Object& object : manifest.objects) {
    bytes += sizeof(Object) + object.origin.size() + 2 * json::Write(object.value).size();
  }
  for (const std::string& path : manifest.reads.files) bytes += path.size() + 80;
  for (const std::string& path : manifest.reads.directories) bytes += path.size() + 80;
  for (const std::string& warning : manifest.warnings) bytes += warning.size() + 32;
  for (const auto& [site, kept] : manifest.stable_values) {
    bytes += sizeof(StableValues::value_type) + kept.json.Reveal().size() + 64;
  }
  bytes += manifest.lookups.size() * 512;
  for (const auto& [name, id] : manifest.remotes) {
    bytes += name.url.size() + name.ref.size() + id.size() + 128;
  }
  return bytes;
}

std::string ManifestToYaml(const Manifest& manifest) {
  std::string out;
  for (const Object& object : manifest.objects) {
    if (!out.empty()) out += "---\n";
    out += yaml::Write(object.value);
  }
  return out;
}

std::string SerializeManifest(const Manifest& manifest) {
  const Value header = Value::Object({
      {"format", Value(kFormat)},
      {"type", Value(SourceTypeName(manifest.type))},
      {"digest", Value(manifest.digest.ToString())},
      {"files", StringArray(manifest.reads.files)},
      {"directories", StringArray(manifest.reads.directories)},
      {"warnings", StringArray(manifest.warnings)},
      {"usedCapabilities", Value(manifest.used_capabilities)},
      {"remotes", ToValue(manifest.remotes)},
  });
  std::string out = json::Write(header) + "\n";
  for (const Object& object : manifest.objects) {
    out += json::Write(Value::Object({{"object", object.value}, {"origin", Value(object.origin)}}));
    out += '\n';
  }
  return out;
}

Result<Manifest> ParseManifest(std::string_view text) {
  Manifest manifest;
  Hasher hasher;
  bool first = true;
  int line = 0;
  for (const std::string_view row : Split(text, '\n')) {
    ++line;
    if (row.empty()) continue;
    auto value = json::Parse(row);
    if (!value) {
      return Fail(Damaged("line " + std::to_string(line) + ": " + value.error().message()));
    }
    if (std::exchange(first, false)) {
      manifest = TRY(ParseHeader(*value));
      continue;
    }
    const Value& object = (*value)["object"];
    hasher.Add(json::Write(object));
    manifest.objects.push_back({object, (*value)["origin"].str()});
  }
  if (first) return Fail(Damaged("it is empty"));
  const Digest actual = hasher.Finish();
  if (actual != manifest.digest) {
    return Fail(
        Damaged("its objects digest to " + actual.Short() + ", not to " + manifest.digest.Short()));
  }
  return manifest;
}

}  // namespace swell
