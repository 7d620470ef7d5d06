#include "server/control/in_sync.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace swell::control {
namespace {

std::int64_t Signed(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

void Add(Hasher& hasher, const live::Fingerprint& fingerprint) {
  hasher.Add(Signed(fingerprint.high)).Add(Signed(fingerprint.low));
}

// A warning says something each time that it is so: what is warned of is looked at again.
bool IsWarnedOf(const std::vector<std::string>& warnings, const ObjectId& id) {
  const std::string name = id.ToString();
  return std::ranges::any_of(warnings,
                             [&](const std::string& warning) { return warning.starts_with(name); });
}

}  // namespace

live::Fingerprint SpecFingerprint(const Application& application) {
  const auto declared = live::FingerprintOf(ToValue(application, SecretFields::kRedact));
  // What holds for a while is not declared, but compared by all the same.
  std::vector<Value> rules;
  for (const IgnoreDifference& rule : application.ignore_differences) {
    if (!rule.toleration) continue;
    std::vector<Value> parts = {Value(rule.toleration->id), Value(rule.toleration->cluster),
                                Value(static_cast<int>(rule.toleration->gives_way))};
    for (const std::string& pointer : rule.json_pointers) parts.emplace_back(pointer);
    rules.push_back(Value::Array(std::move(parts)));
  }
  if (rules.empty()) return declared;
  Hasher hasher;
  Add(hasher, declared);
  Add(hasher, live::FingerprintOf(Value::Array(std::move(rules))));
  return live::Shorten(hasher.Finish());
}

InSync::InSync(live::SyncedSet& synced, std::shared_ptr<live::Watched> watched,
               const live::Fingerprint& spec, PreparedPtr desired, PreparedPtr last_applied)
    : synced_(synced),
      watched_(std::move(watched)),
      spec_(spec),
      desired_(std::move(desired)),
      last_applied_(std::move(last_applied)) {}

void InSync::Watch(const std::string& application, const std::vector<live::Wanted>& objects,
                   const kube::ApiResources& resources) {
  watched_->Want(application, objects, resources);
}

std::optional<live::Fingerprint> InSync::Comparison(const ObjectId& id,
                                                    const live::Fingerprint& live) const {
  if (!desired_) return {};
  const live::Fingerprint key = live::FingerprintOf(id);
  const auto desired = desired_->fingerprints.find(key);
  if (desired == desired_->fingerprints.end()) return {};
  Hasher hasher;
  Add(hasher, spec_);
  Add(hasher, desired->second);
  Add(hasher, live);
  if (last_applied_) {
    const auto last = last_applied_->fingerprints.find(key);
    if (last != last_applied_->fingerprints.end()) Add(hasher, last->second);
  }
  return live::Shorten(hasher.Finish());
}

void InSync::Skip(std::vector<live::Wanted>& objects) {
  std::erase_if(objects, [&](const live::Wanted& wanted) {
    const auto live = watched_->Find(wanted.id);
    if (!live) return false;
    const auto comparison = Comparison(wanted.id, *live);
    if (!comparison || !synced_.Has(*comparison)) return false;
    skipped_.insert(wanted.id);
    return true;
  });
}

void InSync::Learn(const plan::Planned& planned, const live::Objects& objects) {
  // Of another's object nothing is done, which is not to say that it is as it should be.
  if (!planned.plan.operations || !planned.conflicts.empty()) return;
  std::map<ObjectId, live::Fingerprint> read;
  for (const auto& [id, object] : objects) {
    if (!object) continue;
    const live::Fingerprint live = live::FingerprintOfLive(*object);
    watched_->Note(id, live);
    read.emplace(id, live);
  }
  for (const Operation& operation : planned.plan.operations->operations) {
    if (operation.type != OperationType::kNone || operation.hook) continue;
    const auto found = read.find(operation.id);
    if (found == read.end() || IsWarnedOf(planned.warnings, operation.id)) continue;
    const auto comparison = Comparison(operation.id, found->second);
    if (comparison) synced_.Add(*comparison);
  }
}

}  // namespace swell::control
