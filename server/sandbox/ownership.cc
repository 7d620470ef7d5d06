#include "server/sandbox/ownership.h"

#include <algorithm>

#include "base/core/strings.h"
#include "server/sandbox/errors.h"
#include "server/sandbox/field_set.h"
#include "server/sandbox/typed.h"

namespace swell::sandbox {
namespace {

// Fields that nobody owns: identity, and what the server alone writes. A write through the main
// door does not own the status, and the other way round.
Value Ownable(const Resource& resource, const Value& set, std::string_view subresource) {
  static const Value system = [] {
    const Value leaf = Value::EmptyObject();
    std::vector<Member> metadata{{".", leaf}};
    for (const char* key : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid",
                            "f:generation", "f:managedFields", "f:resourceVersion",
                            "f:deletionTimestamp", "f:deletionGracePeriodSeconds"}) {
      metadata.emplace_back(key, leaf);
    }
    return Value::Object(
        {{"f:apiVersion", leaf}, {"f:kind", leaf}, {"f:metadata", Value::Object(metadata)}});
  }();
  Value owned = fields::Difference(set, system);
  if (subresource == "status") {
    const Value* status = owned.Find("f:status");
    return status == nullptr ? Value::EmptyObject() : Value::Object({{"f:status", *status}});
  }
  return resource.has_status ? owned.Without("f:status") : owned;
}

std::string Describe(const ManagedEntry& entry) {
  std::string text = Quote(entry.manager);
  if (!entry.subresource.empty()) text += " with subresource " + Quote(entry.subresource);
  if (!entry.apply) text += " using " + entry.api_version;
  return text;
}

struct Conflict {
  const ManagedEntry* with;
  std::vector<std::string> paths;
};

ApiError ConflictError(const std::vector<Conflict>& conflicts) {
  ApiError error;
  error.code = 409;
  error.reason = "Conflict";
  std::size_t count = 0;
  std::string list;
  for (const Conflict& conflict : conflicts) {
    count += conflict.paths.size();
    if (!list.empty()) list += "\n";
    if (conflict.paths.size() == 1) {
      list += "conflict with " + Describe(*conflict.with) + ": " + conflict.paths.front();
    } else {
      list += "conflicts with " + Describe(*conflict.with) + ":";
      for (const std::string& path : conflict.paths) list += "\n- " + path;
    }
    for (const std::string& path : conflict.paths) {
      error.causes.push_back(
          {"FieldManagerConflict", "conflict with " + Describe(*conflict.with), path});
    }
  }
  error.message = "Apply failed with " + std::to_string(count) +
                  (count == 1 ? " conflict: " : " conflicts: ") + list;
  return error;
}

const Value& NoObject() {
  static const Value none = Value::EmptyObject();
  return none;
}

// What a new object of a built-in kind is compared with: structures that Go never leaves out
// are there before anybody writes, so that nobody comes to own them.
const Value& EmptyBuiltin() {
  static const Value empty = [] {
    const Value none = Value::EmptyObject();
    const Value pods = Value::Object({{"metadata", none}, {"spec", none}});
    return Value::Object(
        {{"metadata", none},
         {"spec",
          Value::Object({{"strategy", none}, {"updateStrategy", none}, {"template", pods}})}});
  }();
  return empty;
}

std::string TypedPrefix(const Resource& resource, const Value& config) {
  const Value& metadata = config["metadata"];
  std::string name = metadata["namespace"].str();
  name += (name.empty() ? "" : "/") + metadata["name"].str();
  return "failed to create typed patch object (" + name + "; " + resource.group + "/" +
         resource.version + ", Kind=" + resource.kind + "): ";
}

}  // namespace

ApiResult<Applied> ApplyFields(const Resource& resource, const Stored* live, const Value& config,
                               const Writer& writer) {
  const schema::FieldInfo* info = resource.info();
  const auto raw = typed::SetOf(config, info);
  if (!raw) {
    return std::unexpected(errors::Typed(TypedPrefix(resource, config) + raw.error().message()));
  }
  ManagedEntry mine{writer.manager,     config["apiVersion"].str(),
                    writer.subresource, true,
                    writer.now,         Ownable(resource, *raw, writer.subresource)};
  if (live == nullptr) return Applied{config, {std::move(mine)}};

  Value last = Value::EmptyObject();
  Value owners = mine.fields;
  for (const ManagedEntry& entry : live->managed) {
    if (entry.SameOwner(mine)) {
      last = entry.fields;
      if (entry.fields == mine.fields && entry.api_version == mine.api_version) {
        mine.time = entry.time;
      }
    } else {
      owners = fields::Union(owners, entry.fields);
    }
  }
  Value merged = typed::Merge(live->value, config, info);
  if (!fields::IsEmpty(last)) merged = typed::Prune(merged, last, owners, info);

  const typed::Comparison changes = typed::Compare(live->value, merged, info);
  const Value written = fields::Union(changes.added, changes.modified);
  std::vector<Conflict> conflicts;
  std::vector<ManagedEntry> managed;
  bool placed = false;
  for (const ManagedEntry& entry : live->managed) {
    if (entry.SameOwner(mine)) {
      if (!fields::IsEmpty(mine.fields)) managed.push_back(mine);
      placed = true;
      continue;
    }
    const Value contested = fields::Intersection(entry.fields, written);
    if (!fields::IsEmpty(contested)) conflicts.push_back({&entry, fields::Paths(contested)});
    ManagedEntry rest = entry;
    rest.fields = fields::Difference(fields::Difference(entry.fields, contested), changes.removed);
    if (!fields::IsEmpty(rest.fields)) managed.push_back(std::move(rest));
  }
  if (!placed && !fields::IsEmpty(mine.fields)) managed.push_back(mine);
  if (!conflicts.empty() && !writer.force) return std::unexpected(ConflictError(conflicts));
  return Applied{std::move(merged), std::move(managed)};
}

std::vector<ManagedEntry> UpdateOwners(const Resource& resource, const Value* before,
                                       const Value& after, std::vector<ManagedEntry> managed,
                                       const Writer& writer) {
  if (writer.manager.empty()) return managed;
  const Value& nothing = resource.custom ? NoObject() : EmptyBuiltin();
  const typed::Comparison changes =
      typed::Compare(before == nullptr ? nothing : *before, after, resource.info());
  const Value written =
      Ownable(resource, fields::Union(changes.added, changes.modified), writer.subresource);
  ManagedEntry mine{writer.manager, resource.api_version(), writer.subresource, false,
                    writer.now,     Value::EmptyObject()};
  std::vector<ManagedEntry> result;
  std::ptrdiff_t place = -1;
  for (ManagedEntry& entry : managed) {
    const bool same = entry.SameOwner(mine);
    Value gone = same ? changes.removed : fields::Union(changes.removed, written);
    entry.fields = fields::Difference(entry.fields, gone);
    if (same) {
      mine = entry;
      place = static_cast<std::ptrdiff_t>(result.size());
    } else if (!fields::IsEmpty(entry.fields)) {
      result.push_back(std::move(entry));
    }
  }
  if (!fields::IsEmpty(written)) {
    mine.fields = fields::Union(mine.fields, written);
    mine.time = writer.now;
  }
  if (fields::IsEmpty(mine.fields)) return result;
  result.insert(place < 0 ? result.end() : result.begin() + place, std::move(mine));
  return result;
}

}  // namespace swell::sandbox
