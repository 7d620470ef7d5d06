#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "reconciler/domain/ledger.h"

namespace swell {
namespace {

using Key = std::pair<std::string, std::string>;

class MemoryLedger final : public Ledger {
 public:
  Status Commit(std::vector<Mutation> mutations) override {
    const std::lock_guard lock(mutex_);
    for (Mutation& mutation : mutations) {
      std::visit([this](auto& m) { Do(std::move(m)); }, mutation);
    }
    return {};
  }

  Result<std::vector<Resource>> ListResources(std::string_view kind) const override {
    const std::lock_guard lock(mutex_);
    std::vector<Resource> out;
    for (const auto& [key, resource] : resources_) {
      if (key.first == kind) out.push_back(resource);
    }
    return out;
  }

  Result<std::optional<Resource>> GetResource(std::string_view kind,
                                              std::string_view name) const override {
    const std::lock_guard lock(mutex_);
    return Lookup(resources_, Key(kind, name));
  }

  Result<std::string> GetBlob(BlobKind kind, const Digest& key) const override {
    const std::lock_guard lock(mutex_);
    const auto it = blobs_.find({kind, key});
    if (it == blobs_.end()) return Fail(NotFound("no blob " + key.Short()));
    return it->second;
  }

  Result<bool> HasBlob(BlobKind kind, const Digest& key) const override {
    const std::lock_guard lock(mutex_);
    return blobs_.contains({kind, key});
  }

  Result<std::vector<RolloutState>> ListRollouts(std::string_view application, std::int64_t before,
                                                 int limit) const override {
    const std::lock_guard lock(mutex_);
    std::vector<RolloutState> out;
    for (auto it = rollouts_.rbegin(); it != rollouts_.rend(); ++it) {
      const bool mine = it->first.first == application;
      if (!mine || (before != 0 && it->first.second >= before)) continue;
      if (static_cast<int>(out.size()) >= limit) break;
      out.push_back(it->second);
    }
    return out;
  }

  Result<std::optional<RolloutState>> GetRollout(std::string_view application,
                                                 std::int64_t number) const override {
    const std::lock_guard lock(mutex_);
    return Lookup(rollouts_, std::pair(std::string(application), number));
  }

  Result<std::vector<RolloutState>> ActiveRollouts() const override {
    const std::lock_guard lock(mutex_);
    std::vector<RolloutState> out;
    for (const auto& [key, rollout] : rollouts_) {
      if (!IsTerminal(rollout.phase)) out.push_back(rollout);
    }
    return out;
  }

  Result<std::vector<ApplicationState>> ListApplicationStates() const override {
    const std::lock_guard lock(mutex_);
    std::vector<ApplicationState> out;
    for (const auto& [name, state] : states_) out.push_back(state);
    return out;
  }

  Result<std::vector<ClusterRecord>> ListClusterRecords(std::string_view app) const override {
    const std::lock_guard lock(mutex_);
    return OfApplication(records_, app);
  }

  Result<std::vector<Quarantine>> ListQuarantine(std::string_view app) const override {
    const std::lock_guard lock(mutex_);
    return OfApplication(quarantine_, app);
  }

  Result<StableRecord> GetStableRecord(std::string_view application,
                                       std::string_view cluster) const override {
    const std::lock_guard lock(mutex_);
    const Key key(application, cluster);
    return Lookup(stable_, key).value_or(StableRecord{key.first, key.second, {}});
  }

  Result<std::vector<LedgerRecord>> ListRecords(const RecordQuery& query) const override {
    const std::lock_guard lock(mutex_);
    std::vector<LedgerRecord> out;
    for (const auto& [key, record] : kept_) {
      if (static_cast<int>(out.size()) >= query.limit) break;
      const bool fits = record.kind == query.kind && record.key.starts_with(query.prefix) &&
                        (query.after.empty() || record.key > query.after);
      if (fits && (!query.application || record.application == *query.application)) {
        out.push_back(record);
      }
    }
    return out;
  }

  Result<std::vector<LedgerEvent>> ListEvents(std::string_view application, std::int64_t after,
                                              int limit) const override {
    const std::lock_guard lock(mutex_);
    std::vector<LedgerEvent> out;
    for (const LedgerEvent& event : events_) {
      if (static_cast<int>(out.size()) >= limit) break;
      if (event.sequence > after && (application.empty() || event.application == application)) {
        out.push_back(event);
      }
    }
    return out;
  }

  Result<VerifyReport> Verify(const VerifyRequest&) const override {
    return Fail(Unimplemented("a ledger in memory keeps no hash chain"));
  }
  Status CheckOwner() const override { return {}; }

 private:
  template <class Map, class K>
  static std::optional<typename Map::mapped_type> Lookup(const Map& map, const K& key) {
    const auto it = map.find(key);
    if (it == map.end()) return std::nullopt;
    return it->second;
  }

  template <class T>
  static std::vector<T> OfApplication(const std::map<Key, T>& map, std::string_view application) {
    std::vector<T> out;
    for (const auto& [key, item] : map) {
      if (key.first == application) out.push_back(item);
    }
    return out;
  }

  void Do(PutResource m) {
    const Key key(KindOf(m.resource), NameOf(m.resource));
    resources_.insert_or_assign(key, std::move(m.resource));
  }
  void Do(DeleteResource m) { resources_.erase({m.kind, m.name}); }
  void Do(PutBlob m) { blobs_.try_emplace({m.kind, m.key}, std::move(m.content)); }
  void Do(PutRollout m) {
    const std::pair key(m.state->application, m.state->number);
    rollouts_.insert_or_assign(key, *m.state);
  }
  void Do(PutApplicationState m) {
    const std::string key = m.state.application;
    states_.insert_or_assign(key, std::move(m.state));
  }
  void Do(PutClusterRecord m) {
    const Key key(m.record.application, m.record.cluster);
    records_.insert_or_assign(key, std::move(m.record));
  }
  void Do(DeleteClusterRecord m) { records_.erase({m.application, m.cluster}); }
  void Do(PutQuarantine m) {
    const Key key(m.quarantine.application, m.quarantine.commit);
    quarantine_.insert_or_assign(key, std::move(m.quarantine));
  }
  void Do(DeleteQuarantine m) { quarantine_.erase({m.application, m.commit}); }
  void Do(PutStableRecord m) {
    const Key key(m.record.application, m.record.cluster);
    stable_.insert_or_assign(key, std::move(m.record));
  }
  void Do(PutRecord m) {
    const RecordId id(m.record.kind, m.record.application, m.record.key);
    kept_.insert_or_assign(id, std::move(m.record));
  }
  void Do(const DeleteRecord& m) { kept_.erase({m.kind, m.application, m.key}); }
  void Do(AppendEvent m) {
    m.event.sequence = static_cast<std::int64_t>(events_.size()) + 1;
    events_.push_back(std::move(m.event));
  }

  mutable std::mutex mutex_;  // guards everything below
  std::map<Key, Resource> resources_;
  std::map<std::pair<BlobKind, Digest>, std::string> blobs_;
  std::map<std::pair<std::string, std::int64_t>, RolloutState> rollouts_;
  std::map<std::string, ApplicationState> states_;
  std::map<Key, ClusterRecord> records_;
  std::map<Key, Quarantine> quarantine_;
  std::map<Key, StableRecord> stable_;
  using RecordId = std::tuple<RecordKind, std::string, std::string>;
  std::map<RecordId, LedgerRecord> kept_;
  std::vector<LedgerEvent> events_;
};

}  // namespace

std::unique_ptr<Ledger> MakeMemoryLedger() { return std::make_unique<MemoryLedger>(); }

}  // namespace swell
