// Controller: the health of what was rolled out, while nothing is.

#include <utility>

#include "reconciler/apply/apply.h"
#include "server/control/controller.h"
#include "server/control/health_by_watch.h"

namespace swell::control {
namespace {

// Between the news and the look: one change is seldom alone.
constexpr Duration kSettle = std::chrono::seconds(2);

// Whether it is worth a line of history: pods come and go without anybody being ill.
bool IsWell(HealthStatus status) { return status <= HealthStatus::kProgressing; }

}  // namespace

void Controller::ReadHealthSoon(Entry& entry, const std::string& cluster) {
  const bool waits = !entry.health_due.empty();
  entry.health_due.insert(cluster);
  if (!waits) ReadHealthSoon(entry);
}

void Controller::ReadHealthSoon(Entry& entry) {
  if (entry.health_due.empty()) return;
  control_.PostAfter(kSettle, [this, name = entry.spec.name] { ReadHealthNow(name); });
}

void Controller::ReadHealthNow(const std::string& application) {
  const auto it = entries_.find(application);
  if (it == entries_.end() || stopped_) return;
  Entry& entry = *it->second;
  if (entry.runner) return;  // it looks itself; what is due is read when it has ended
  const std::set<std::string> due = std::exchange(entry.health_due, {});
  for (const std::string& cluster : due) {
    const auto record = entry.records.find(cluster);
    if (record != entry.records.end() && !record->second.manifest.empty()) {
      ReadHealthOf(entry, record->second);
    }
  }
}

void Controller::ReadHealthOf(const Entry& entry, const ClusterRecord& record) {
  auto connection = clients_.Find(record.cluster);
  if (!connection) return;
  auto done = [this, control = control_.ref(), application = entry.spec.name,
               cluster = record.cluster,
               manifest = record.manifest](Result<apply::HealthReport> report) {
    // What cannot be read says nothing of the application: the cluster's own state tells that.
    if (!report) return;
    control.Post([this, application, cluster, manifest, health = std::move(report->health)] {
      OnHealthRead(application, cluster, manifest, health);
    });
  };
  (*connection)
      ->discovery->Get([this, connection = *connection, application = entry.spec,
                        checks = ChecksOf(ServicesFor(entry.spec.name), entry.spec),
                        manifest = record.manifest, done](auto resources) {
        if (!resources) return;
        const auto prepared = [&]() -> Result<PreparedPtr> {
          return shelf_.Prepare(*TRY(shelf_.Get(manifest)), application, **resources);
        }();
        if (!prepared) return;
        apply::HealthRequest request;
        request.connection = connection;
        request.desired = ObjectsOf(*prepared);
        request.checks = checks;
        if (checks.checks.empty()) {
          request.desired = HealthByWatch().ToRead(*watching_.For(connection), request.desired, {});
        }
        apply::ReadHealth(std::move(request), done);
      });
}

void Controller::OnHealthRead(const std::string& application, const std::string& cluster,
                              const Digest& manifest, Health health) {
  const auto it = entries_.find(application);
  if (it == entries_.end() || stopped_ || it->second->runner) return;
  Entry& entry = *it->second;
  const auto found = entry.records.find(cluster);
  // Of what was there when it was read.
  if (found == entry.records.end() || found->second.manifest != manifest) return;
  ClusterRecord record = found->second;
  if (record.health == health) return;
  std::vector<Mutation> mutations;
  if (IsWell(record.health.status) != IsWell(health.status)) {
    LedgerEvent event = Event(entry, "HealthChanged",
                              std::string(HealthStatusName(health.status)) +
                                  (health.message.empty() ? "" : ": " + health.message));
    event.cluster = cluster;
    mutations.push_back(AppendEvent{std::move(event)});
  }
  record.health = std::move(health);
  mutations.push_back(PutClusterRecord{record});
  if (Commit(std::move(mutations))) found->second = std::move(record);
}

}  // namespace swell::control
