#include "reconciler/domain/stable_record.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace swell {

std::shared_ptr<const StableValues> KnownValues(const StableRecord& record) {
  auto out = std::make_shared<StableValues>();
  for (const auto& [site, entry] : record.entries) out->emplace(site, entry.value);
  return out;
}

StableRecord Remember(StableRecord record, const StableValues& used, std::int64_t rollout,
                      const StableRetention& retention) {
  for (const auto& [site, value] : used)
    record.entries.insert_or_assign(site, StableRecord::Entry{value, rollout});
  std::erase_if(record.entries, [&](const auto& entry) {
    return entry.second.rollout <= rollout - retention.rollouts;
  });
  if (record.entries.size() <= retention.entries) return record;
  std::vector<std::pair<std::int64_t, Digest>> by_age;
  for (const auto& [site, entry] : record.entries) by_age.emplace_back(entry.rollout, site);
  std::ranges::sort(by_age);
  by_age.resize(by_age.size() - retention.entries);
  for (const auto& [age, site] : by_age) record.entries.erase(site);
  return record;
}

}  // namespace swell
