#include "renderer/ambient/lookup.h"

namespace swell {

std::string LookupKey::ToString() const {
  const std::string where = ns.empty() ? "" : " in namespace " + ns;
  if (name.empty()) return "every " + kind + where;
  return kind + " " + (ns.empty() ? "" : ns + "/") + name;
}

std::vector<LookupKey> Unanswered(const LookupsAsked& asked, const LookupSnapshot& snapshot) {
  std::vector<LookupKey> out;
  for (const auto& [key, asked_by] : asked) {
    if (!snapshot.contains(key)) out.push_back(key);
  }
  return out;
}

Result<Value> LookupSource::Find(const LookupKey& key, std::string_view asked_by) {
  asked_.try_emplace(key, asked_by);
  if (asked_.size() > kMaxKeys) {
    return Fail(ResourceExhausted("the chart looks up more than " + std::to_string(kMaxKeys) +
                                  " objects (budget lookups)"));
  }
  if (snapshot_ == nullptr) return Value();
  const auto it = snapshot_->find(key);
  return it == snapshot_->end() ? Value() : it->second;
}

}  // namespace swell
