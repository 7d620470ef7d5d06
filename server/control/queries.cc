// Controller: everything that only looks.

#include <algorithm>
#include <future>

#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {

ApplicationStatus Controller::StatusOf(const Entry& entry) const {
  ApplicationStatus out;
  out.spec = entry.spec;
  out.state = entry.state;
  out.quarantine = entry.quarantine;
  AddSafeguards(entry, out);
  if (entry.runner) {
    out.rollout = entry.runner->state();
  } else {
    out.rollout = entry.last;
  }
  for (const auto& [name, record] : entry.records) {
    ClusterRecord shown = record;
    shown.inventory = {};
    out.clusters.push_back(std::move(shown));
    if (record.health.status > out.health.status) {
      out.health = {record.health.status, name + ": " + record.health.message};
    }
  }
  const auto bad =
      std::ranges::find(entry.quarantine, entry.state.revision.commit, &Quarantine::commit);
  if (out.state.hold.empty() && !entry.runner && bad != entry.quarantine.end()) {
    // Of a rollout that was cancelled, or whose end came just before a restart.
    out.state.hold = "revision " + bad->commit.substr(0, 7) + " is quarantined since rollout " +
                     std::to_string(bad->rollout) + ": " + bad->reason + "; " +
                     HowToGoOn(entry.spec);
  }
  const std::string drift = entry.runner ? "" : entry.book.Trouble();
  if (out.state.hold.empty()) out.state.hold = drift;
  if (entry.runner) out.health = {HealthStatus::kProgressing, "rollout " + out.rollout->id};
  if (entry.records.empty() && !entry.runner) out.health = {HealthStatus::kMissing, "not deployed"};
  const bool known = !entry.state.revision.commit.empty() && entry.state.error.empty();
  const bool differs = entry.state.out_of_sync || entry.runner || !drift.empty();
  out.sync = differs ? "OutOfSync" : !known || entry.records.empty() ? "Unknown" : "Synced";
  return out;
}

Result<std::vector<Resource>> Controller::ListResources(const std::string& kind) {
  return ledger_.ListResources(kind);
}

Result<std::vector<ApplicationStatus>> Controller::ListApplications() {
  return OnControl([&]() -> Result<std::vector<ApplicationStatus>> {
    std::vector<ApplicationStatus> out;
    for (const auto& [name, entry] : entries_) out.push_back(StatusOf(*entry));
    return out;
  });
}

Result<ApplicationStatus> Controller::GetApplication(const std::string& name) {
  return OnControl([&]() -> Result<ApplicationStatus> { return StatusOf(*TRY(Find(name))); });
}

Result<std::vector<ClusterStatus>> Controller::ListClusters() {
  return OnControl([&]() -> Result<std::vector<ClusterStatus>> {
    std::vector<ClusterStatus> out = fleet_.Statuses();
    for (ClusterStatus& status : out) {
      status.applications = static_cast<int>(std::ranges::count_if(
          entries_, [&](const auto& e) { return e.second->records.contains(status.spec.name); }));
    }
    return out;
  });
}

Result<DiffResult> Controller::Diff(const std::string& application, const std::string& revision,
                                    DiffScope scope) {
  auto promise = std::make_shared<std::promise<Result<DiffResult>>>();
  auto future = promise->get_future();
  control_.Post([this, application, revision, scope, promise] {
    const auto found = Find(application);
    if (!found) return promise->set_value(Fail(found.error()));
    const SourceSpec source = (*found)->spec.source;
    poller_.Resolve(
        KeyOf(source), revision.empty() ? source.revision : revision,
        [this, application, source, scope, promise](Result<Revision> resolved) {
          if (!resolved) return promise->set_value(Fail(resolved.error()));
          const auto found = Find(application);
          if (!found) return promise->set_value(Fail(found.error()));
          RemotePlanRequest request{
              .policy = PolicyOf(**found), .pins = (*found)->state.remotes, .make = {}};
          request.make = [this, application, scope, revision = *resolved]() -> Result<PlanRequest> {
            PlanRequest made =
                TRY(MakeRequest(*TRY(Find(application)), PlanKind::kSync, revision, {}));
            // Objects that are in sync differ where nothing needs to be done about it.
            if (scope == DiffScope::kEverything) {
              made.live_state = LiveState::kReadAll;
              made.keep_live = true;
            }
            return made;
          };
          PlanWithRemotes(Services(), Charts(), poller_, control_, std::move(request),
                          [promise, scope, spec = Effective(**found, heal::Book::Stops::kInForce)](
                              Result<Planned> planned, const RemotePins&) {
                            if (!planned) return promise->set_value(Fail(planned.error()));
                            promise->set_value(ShowDiff(std::move(*planned), spec, scope));
                          });
        });
  });
  if (future.wait_for(std::chrono::minutes(5)) != std::future_status::ready) {
    return Fail(Error(ErrorCode::kDeadlineExceeded, "no plan within 5m"));
  }
  return future.get();
}

Result<std::vector<RolloutState>> Controller::History(const std::string& application,
                                                      std::int64_t before, int limit) {
  TRY(OnControl([&]() -> Result<int> {
    TRY(Find(application));
    return 0;
  }));
  return ledger_.ListRollouts(application, before, limit);
}

Result<RolloutState> Controller::GetRollout(const std::string& application, std::int64_t number) {
  const auto status = TRY(GetApplication(application));
  if (status.rollout && (number == 0 || status.rollout->number == number)) return *status.rollout;
  auto found = TRY(ledger_.GetRollout(application, number));
  if (!found) {
    return Fail(NotFound(number == 0 ? application + " has no rollout yet"
                                     : application + " has no rollout " + std::to_string(number)));
  }
  return std::move(*found);
}

Result<Plan> Controller::GetPlan(const Digest& plan) {
  return ParsePlan(TRY(ledger_.GetBlob(BlobKind::kPlan, plan)));
}

Result<std::string> Controller::GetManifest(const std::string& application, std::int64_t number,
                                            const std::string& cluster) {
  const RolloutState rollout = TRY(GetRollout(application, number));
  const auto it = rollout.clusters.find(cluster);
  if (it == rollout.clusters.end()) {
    return Fail(NotFound("rollout " + rollout.id + " has no cluster " + cluster));
  }
  Manifest manifest = *TRY(shelf_.Get(it->second.manifest));
  for (Object& object : manifest.objects) object.value = Redacted(object.value);
  return ManifestToYaml(manifest);
}

Result<std::vector<LedgerEvent>> Controller::Events(const std::string& application,
                                                    std::int64_t after, int limit) {
  return ledger_.ListEvents(application, after, limit);
}

Result<VerifyReport> Controller::VerifyHistory(const VerifyRequest& request) {
  return ledger_.Verify(request);
}

std::uint64_t Controller::Subscribe(const std::string& application, Listener listener) {
  std::uint64_t id = 0;
  control_.Run([&] {
    id = next_subscription_++;
    subscriptions_.emplace(id, Subscription{application, std::move(listener)});
  });
  return id;
}

void Controller::Unsubscribe(std::uint64_t subscription) {
  control_.Run([&] { subscriptions_.erase(subscription); });
}

Controller::Stats Controller::stats() {
  Stats out;
  control_.Run([&] {
    out.poller = poller_.stats();
    out.renders = renders_.Stats();
    out.plans = plans_;
    out.rollouts = rollouts_;
    out.running = std::ranges::count_if(entries_, [](const auto& e) { return !!e.second->runner; });
    out.applications = static_cast<std::int64_t>(entries_.size());
    out.clusters = static_cast<std::int64_t>(fleet_.size());
    out.watched = watching_.stats();
  });
  out.log_sessions = *log_sessions_;
  out.log_streams = *log_streams_;
  return out;
}

}  // namespace swell::control
