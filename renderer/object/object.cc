#include "renderer/object/object.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/core/secret.h"
#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell {
namespace {

constexpr char kLastApplied[] = "kubectl.kubernetes.io/last-applied-configuration";
// Lists of lists: deeper than any client writes.
constexpr int kMaxListDepth = 8;

bool IsList(const Value& document) {
  const std::string_view kind = document["kind"].as_string();
  return kind.ends_with("List") && document["items"].is_array();
}

std::string Describe(const Value& document) {
  std::string out = document["kind"].str();
  const std::string name = document["metadata"]["name"].str();
  if (!name.empty()) out += (out.empty() ? "" : " ") + name;
  return out;
}

Error Lacking(const Value& document, const std::string& origin, const std::string& what) {
  const std::string name = Describe(document);
  return InvalidArgument(origin + ": " + (name.empty() ? "a document" : name) + " " + what);
}

Status CheckString(const Value& document, const char* field, const std::string& origin) {
  const Value& value = document[field];
  if (value.is_null()) {
    return Fail(Lacking(document, origin,
                        std::string("has no ") + field + "; every Kubernetes object needs one"));
  }
  if (!value.is_string() || value.as_string().empty()) {
    return Fail(Lacking(document, origin,
                        std::string("has a ") + field + " that is not a non-empty string"));
  }
  return {};
}

Status CheckMetadata(const Value& document, const std::string& origin) {
  const Value& metadata = document["metadata"];
  if (!metadata.is_null() && !metadata.is_object()) {
    return Fail(Lacking(document, origin, "has a metadata that is not a mapping"));
  }
  const Value* name = metadata.Find("name");
  if (!name || name->is_null()) name = metadata.Find("generateName");
  if (!name || name->is_null()) {
    return Fail(Lacking(document, origin, "has no metadata.name (nor metadata.generateName)"));
  }
  if (!name->is_string() || name->as_string().empty()) {
    return Fail(Lacking(document, origin,
                        "has a metadata.name that is not a non-empty string (quote it?)"));
  }
  const Value& ns = metadata["namespace"];
  if (!ns.is_null() && !ns.is_string()) {
    return Fail(
        Lacking(document, origin, "has a metadata.namespace that is not a string (quote it?)"));
  }
  return {};
}

Status Collect(const Value& document, const std::string& origin, int depth,
               std::vector<Object>& out) {
  if (!document.is_object()) {
    return Fail(InvalidArgument(origin + ": a document is not a mapping, so no Kubernetes object"));
  }
  if (IsList(document)) {
    if (depth == kMaxListDepth) {
      return Fail(ResourceExhausted(origin + ": lists nest deeper than " +
                                    std::to_string(kMaxListDepth) + " levels"));
    }
    for (const Value& item : document["items"].items()) {
      TRY(Collect(item, origin, depth + 1, out));
    }
    return {};
  }
  TRY(CheckString(document, "apiVersion", origin));
  TRY(CheckString(document, "kind", origin));
  TRY(CheckMetadata(document, origin));
  out.push_back({document, origin});
  return {};
}

Value RedactedMap(const Value& map) {
  if (!map.is_object()) return map.is_null() ? map : Value(kRedacted);
  std::vector<Member> members;
  for (const Member& m : map.members()) members.emplace_back(m.key, Value(kRedacted));
  return Value::Object(std::move(members));
}

Value RedactedSecret(const Value& object) {
  Value out = object;
  for (const char* field : {"data", "stringData"}) {
    if (out.Has(field)) out = out.With(field, RedactedMap(out[field]));
  }
  const Value& applied = object["metadata"]["annotations"][kLastApplied];
  if (!applied.is_string()) return out;
  // An annotation that cannot be read is hidden whole.
  const auto parsed = json::Parse(applied.as_string());
  const Value shown = parsed && parsed->is_object() ? Value(json::Write(RedactedSecret(*parsed)))
                                                    : Value(kRedacted);
  return out.WithAt({"metadata", "annotations", kLastApplied}, shown);
}

}  // namespace

GroupVersionKind ParseGroupVersionKind(std::string_view api_version, std::string_view kind) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return {"", std::string(api_version), std::string(kind)};
  return {std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1)),
          std::string(kind)};
}

std::string ObjectId::ToString() const {
  std::string out = group.empty() ? kind : group + "/" + kind;
  out += ' ';
  if (!ns.empty()) out += ns + "/";
  return out + name;
}

GroupVersionKind Object::gvk() const {
  return ParseGroupVersionKind(value["apiVersion"].as_string(), value["kind"].as_string());
}

ObjectId Object::id() const {
  GroupVersionKind kind = gvk();
  return {std::move(kind.group), std::move(kind.kind), std::string(ns()), std::string(name())};
}

std::string_view Object::annotation(std::string_view key) const {
  return value["metadata"]["annotations"][key].as_string();
}

std::string_view Object::label(std::string_view key) const {
  return value["metadata"]["labels"][key].as_string();
}

Result<std::vector<Object>> ObjectsFromValue(const Value& document, const std::string& origin) {
  std::vector<Object> out;
  TRY(Collect(document, origin, 0, out));
  return out;
}

Status CheckUnique(const std::vector<Object>& objects) {
  std::map<ObjectId, const Object*> seen;
  for (const Object& object : objects) {
    if (object.name().empty()) continue;  // generateName: the server names it
    const auto [it, inserted] = seen.emplace(object.id(), &object);
    if (!inserted) {
      return Fail(InvalidArgument(object.id().ToString() + " is defined twice: in " +
                                  it->second->origin + " and in " + object.origin));
    }
  }
  return {};
}

bool IsSecret(const Value& object) {
  return object["kind"].as_string() == "Secret" && object["apiVersion"].as_string() == "v1";
}

Value Redacted(const Value& object) {
  if (IsList(object)) {
    std::vector<Value> items;
    for (const Value& item : object["items"].items()) items.push_back(Redacted(item));
    return object.With("items", Value::ArrayFrom(items));
  }
  return IsSecret(object) ? RedactedSecret(object) : object;
}

void SortForApply(std::vector<Object>& objects) {
  std::vector<std::pair<std::pair<int, ObjectId>, std::size_t>> keys;
  keys.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    ObjectId id = objects[i].id();
    const int rank = ApplyRank({id.group, id.kind});
    keys.push_back({{rank, std::move(id)}, i});
  }
  std::ranges::sort(keys);
  std::vector<Object> sorted;
  sorted.reserve(objects.size());
  for (const auto& key : keys) sorted.push_back(std::move(objects[key.second]));
  objects = std::move(sorted);
}

}  // namespace swell
