#include "server/control/in_sync.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace swell::control {
namespace {

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
  return live::Combine(std::array{declared, live::FingerprintOf(Value::Array(std::move(rules)))});
}

InSync::InSync(std::shared_ptr<live::Watched> watched, const live::Fingerprint& spec,
               live::WantedSetPtr wanted, PreparedPtr desired, PreparedPtr last_applied)
    : watched_(std::move(watched)),
      spec_(spec),
      wanted_(std::move(wanted)),
      desired_(std::move(desired)),
      last_applied_(std::move(last_applied)),
      skip_(wanted_->objects.size()) {}

void InSync::Watch(const std::string& application, const kube::ApiResources& resources) {
  watched_->Want(application, *wanted_, resources);
}

std::optional<live::Fingerprint> InSync::Comparison(const live::Fingerprint& id,
                                                    const live::Fingerprint& live) const {
  if (!desired_) return {};
  const auto desired = desired_->fingerprints.find(id);
  if (desired == desired_->fingerprints.end()) return {};
  live::Fingerprint last;
  if (last_applied_) {
    const auto found = last_applied_->fingerprints.find(id);
    if (found != last_applied_->fingerprints.end()) last = found->second;
  }
  return live::Combine(std::array{spec_, desired->second, live, last});
}

std::vector<live::Wanted> InSync::ToRead(bool skip) {
  std::vector<live::Wanted> out;
  if (!skip) return wanted_->objects;
  const auto known = watched_->Find(wanted_->ids);
  for (std::size_t i = 0; i < known.size(); ++i) {
    skip_[i] = known[i] && Comparison(wanted_->ids[i], known[i]->live) == known[i]->in_sync;
    if (!skip_[i]) out.push_back(wanted_->objects[i]);
  }
  return out;
}

void InSync::Look(const live::Objects& objects) {
  for (const auto& [id, object] : objects) {
    auto& print = read_[id];
    if (object) print = live::PrintsOfLive(*object);
  }
}

live::Fingerprint InSync::Key() const {
  std::string skipped;
  for (const bool skip : skip_) skipped += skip ? '1' : '0';
  std::vector<live::Fingerprint> parts = {wanted_->all, live::Shorten(Digest::Of(skipped))};
  // In the order of the ids: what is read is what is wanted and not skipped.
  for (const auto& [id, print] : read_) {
    parts.push_back(print ? print->content : live::Fingerprint());
  }
  return live::Combine(parts);
}

std::set<ObjectId> InSync::skipped() const {
  std::set<ObjectId> out;
  for (std::size_t i = 0; i < skip_.size(); ++i) {
    if (skip_[i]) out.insert(wanted_->objects[i].id);
  }
  return out;
}

void InSync::Learn(const plan::Planned& planned) {
  // Of another's object nothing is done, which is not to say that it is as it should be.
  if (!planned.plan.operations || !planned.conflicts.empty()) return;
  for (const auto& [id, print] : read_) {
    if (print) watched_->Note(id, print->whole);
  }
  for (const Operation& operation : planned.plan.operations->operations) {
    if (operation.type != OperationType::kNone || operation.hook) continue;
    const auto found = read_.find(operation.id);
    if (found == read_.end() || !found->second) continue;
    if (IsWarnedOf(planned.warnings, operation.id)) continue;
    const live::Fingerprint id = live::FingerprintOf(operation.id);
    const auto comparison = Comparison(id, found->second->whole);
    if (comparison) watched_->NoteInSync(id, *comparison);
  }
}

}  // namespace swell::control
