#include "server/control/runner.h"

#include <algorithm>

#include "base/telemetry/log.h"
#include "server/control/inventory.h"
#include "server/control/runner_work.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::control {
namespace {

constexpr auto kMaxPause = std::chrono::milliseconds(100);

// Clusters of which the machine waits for an answer.
std::size_t UnderWay(const RolloutState& state) {
  return static_cast<std::size_t>(std::ranges::count_if(state.clusters, [](const auto& entry) {
    const ClusterProgress& c = entry.second;
    const bool asked = c.phase == ClusterPhase::kPending && c.preflight == PreflightPhase::kAsking;
    return asked || c.phase == ClusterPhase::kApplying || c.phase == ClusterPhase::kVerifying ||
           c.phase == ClusterPhase::kRollingBack;
  }));
}

bool IsAnswer(const rollout::Event& event) {
  using namespace rollout;
  if (const auto* seen = std::get_if<ClusterHealthSeen>(&event)) {
    return seen->health.status == HealthStatus::kHealthy;
  }
  return std::holds_alternative<ClusterPreflighted>(event) ||
         std::holds_alternative<ClusterApplied>(event) ||
         std::holds_alternative<ClusterApplyFailed>(event) ||
         std::holds_alternative<ClusterRolledBack>(event) ||
         std::holds_alternative<ClusterRollbackFailed>(event);
}

}  // namespace

apply::UserChecks ChecksOf(const RunnerServices& services, const Application& application) {
  auto own = health::Checks::Compile(application.health_checks, health::kHealthChecksField);
  if (!own) own = health::Checks::Broken(own.error());
  return {.checks = own->Before(services.health_checks),
          .clock = &services.clock,
          .workers = &services.planning.workers};
}

Runner::Runner(RunnerServices services, Application application, std::vector<Cluster> clusters,
               RolloutState state, Plan plan, std::map<std::string, ClusterRecord>& records)
    : services_(std::move(services)),
      application_(std::move(application)),
      clusters_([&] {
        std::map<std::string, Cluster> out;
        for (Cluster& c : clusters) out.emplace(c.name, std::move(c));
        return out;
      }()),
      checks_(ChecksOf(services_, application_)),
      state_(std::make_shared<RolloutState>(std::move(state))),
      plan_(std::move(plan)),
      plan_for_([&] {
        std::unordered_map<std::string, const ClusterPlan*> out;
        for (const ClusterPlan& mine : plan_.clusters) out.emplace(mine.cluster, &mine);
        return out;
      }()),
      records_(records) {
  // As a server before this one told: what keeps a cluster no longer is news then.
  for (const auto& [name, c] : state_->clusters) {
    if (!c.blocked.empty()) blocked_.emplace(name, c.blocked);
  }
}

Runner::~Runner() = default;

void Runner::Start() {
  // Before the first step: what keeps a cluster must be known when it is its turn.
  WatchConditions();
  Handle(rollout::Started{});
}

void Runner::Cancel(const std::string& reason) { Handle(rollout::CancelRequested{reason}); }

void Runner::Abandon() {
  finished_ = true;
  wake_.Cancel();
  look_.Cancel();
  ForbidWrites();
}

void Runner::ForbidWrites() {
  for (auto& [name, work] : work_) {
    if (work->may_write) *work->may_write = false;
    if (work->may_clean_up) *work->may_clean_up = false;
  }
}

// A write that is on its way may still land: the next rollout must not begin before it has.
void Runner::Close() {
  ForbidWrites();
  const bool busy = std::ranges::any_of(work_, [](const auto& w) { return w.second->sending; });
  if (busy || !results_.empty()) {
    if (!busy) Handle(rollout::Ticked{});  // commits what came in last; changes nothing else
    services_.control.PostAfter(std::chrono::milliseconds(20), [weak = weak_from_this()] {
      if (auto self = weak.lock(); self && !self->finished_) self->Close();
    });
    return;
  }
  finished_ = true;
  services_.on_finished(*state_);
}

// --- events, steps, the ledger ---

void Runner::Handle(rollout::Event event) {
  if (finished_) return;
  if (IsAnswer(event)) ++answers_;
  inbox_.push_back(std::move(event));
  // A step costs in proportion to the fleet: the longer it takes, the more events share the next.
  // Where every cluster that is under way has answered, there is nothing to wait for.
  const bool all_there = under_way_ > 0 && answers_ >= under_way_;
  const auto pause = std::chrono::ceil<Duration>(drain_again_at_ - SteadyClock::now());
  DrainAfter(all_there ? Duration{0} : std::max(pause, Duration{0}));
}

void Runner::DrainAfter(Duration pause) {
  const bool sooner = drain_ == Drains::kLater && pause == Duration{0};
  if (drain_ != Drains::kNot && !sooner) return;
  drain_timer_.Cancel();
  auto drain = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Drain();
  };
  if (pause == Duration{0}) {
    drain_ = Drains::kNow;
    services_.control.Post(std::move(drain));
  } else {
    drain_ = Drains::kLater;
    drain_timer_ = services_.control.PostAfter(pause, std::move(drain));
  }
}

// Times how long the step takes; see Handle.
void Runner::Drain() {
  const auto began = SteadyClock::now();
  TakeStep();
  const auto took = SteadyClock::now() - began;
  drain_again_at_ = began + took + std::min<SteadyClock::duration>(3 * took, kMaxPause);
}

void Runner::TakeStep() {
  drain_ = Drains::kNot;
  if (finished_ || inbox_.empty()) return;
  const Timestamp now = services_.clock.Now();
  auto [stepped, actions] = rollout::Step(*state_, inbox_, now);
  const auto next = std::make_shared<const RolloutState>(std::move(stepped));
  std::vector<Mutation> mutations;
  mutations.reserve(results_.size() + 2 * actions.size() + 1);
  mutations = results_;
  std::vector<LedgerEvent> notes;
  for (const rollout::Action& action : actions) {
    if (const auto* note = std::get_if<rollout::Note>(&action)) {
      notes.push_back({.at = now,
                       .application = next->application,
                       .rollout = next->id,
                       .cluster = note->cluster,
                       .type = note->type,
                       .message = note->message,
                       .actor = next->actor});
      mutations.push_back(AppendEvent{notes.back()});
    }
  }
  Intend(actions, mutations);
  if (IsTerminal(next->phase)) Conclude(*next, mutations);
  mutations.push_back(PutRollout{next});
  if (const Status committed = services_.ledger.Commit(std::move(mutations)); !committed) {
    // Nothing was recorded, so nothing is done: the same events are tried again.
    telemetry::LogError("cannot record a rollout's step; trying again",
                        {{"rollout", state_->id}, {"error", committed.error()}});
    drain_ = Drains::kNow;
    services_.control.PostAfter(std::chrono::seconds(1), [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Drain();
    });
    return;
  }
  inbox_.clear();
  answers_ = 0;
  results_.clear();
  state_ = next;
  under_way_ = UnderWay(*state_);
  services_.on_step(state_, notes);
  for (const rollout::Action& action : actions) Carry(action);
}

void Runner::Intend(const std::vector<rollout::Action>& actions, std::vector<Mutation>& mutations) {
  for (const rollout::Action& action : actions) {
    const auto* apply = std::get_if<rollout::ApplyCluster>(&action);
    if (!apply) continue;
    const ClusterPlan* plan = PlanFor(apply->cluster);
    if (plan == nullptr || !plan->operations) continue;
    // Taken up again, a deletion knows from the inventory which hooks have run.
    const bool again = state_->clusters.at(apply->cluster).phase != ClusterPhase::kPending;
    if (Deletes() && again) continue;
    ClusterRecord& record = Record(apply->cluster);
    record.inventory = JoinInventory(record.inventory, plan->operations->operations);
    mutations.push_back(PutClusterRecord{record});
  }
}

void Runner::Conclude(const RolloutState& after, std::vector<Mutation>& mutations) {
  if (Deletes()) return;  // ClearRecord has done it, cluster by cluster
  const Timestamp now = services_.clock.Now();
  for (const auto& [name, c] : after.clusters) {
    ClusterRecord& record = Record(name);
    const bool left_out = c.phase == ClusterPhase::kPending || c.phase == ClusterPhase::kSkipped ||
                          c.phase == ClusterPhase::kOffline;
    if (left_out) continue;
    record.health = c.phase == ClusterPhase::kHealthy || c.phase == ClusterPhase::kRolledBack
                        ? Health{}
                        : c.health;
    record.updated_at = now;
    if (after.phase == RolloutPhase::kSucceeded && c.phase == ClusterPhase::kHealthy) {
      record.good_manifest = c.manifest;
      record.good_commit = after.revision.commit;
      record.good_rollout = after.number;
    }
    mutations.push_back(PutClusterRecord{record});
  }
  // Together with the end: a crash between the two would let the same revision begin again.
  const bool failed =
      after.phase == RolloutPhase::kFailed || after.phase == RolloutPhase::kRolledBack;
  if (failed && after.kind == PlanKind::kSync) {
    mutations.push_back(PutQuarantine{
        {after.application, after.revision.commit, after.number, after.message, now}});
  }
}

void Runner::Carry(const rollout::Action& action) {
  if (const auto* ask = std::get_if<rollout::PreflightCluster>(&action)) {
    Preflight(ask->cluster);
  } else if (const auto* apply = std::get_if<rollout::ApplyCluster>(&action)) {
    ApplyTo(apply->cluster);
  } else if (const auto* gate = std::get_if<rollout::AskGate>(&action)) {
    AskGate(*gate);
  } else if (const auto* watch = std::get_if<rollout::WatchHealth>(&action)) {
    WatchHealth(watch->cluster);
  } else if (const auto* back = std::get_if<rollout::RollBackCluster>(&action)) {
    RollBack(back->cluster, back->manifest);
  } else if (const auto* wake = std::get_if<rollout::WakeAt>(&action)) {
    WakeAt(wake->at);
  } else if (std::get_if<rollout::Finished>(&action)) {
    wake_.Cancel();
    look_.Cancel();
    Close();
  }
}

void Runner::WakeAt(Timestamp at) {
  wake_.Cancel();
  const Duration wait = std::max(Duration{1}, Duration(at - services_.clock.Now()));
  wake_ = services_.control.PostAfter(wait, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Handle(rollout::Ticked{});
  });
}

ClusterRecord& Runner::Record(const std::string& cluster) {
  ClusterRecord& record = records_[cluster];
  record.application = application_.name;
  record.cluster = cluster;
  return record;
}

const ClusterPlan* Runner::PlanFor(const std::string& cluster) const {
  const auto found = plan_for_.find(cluster);
  return found == plan_for_.end() ? nullptr : found->second;
}

Runner::Work& Runner::WorkOn(const std::string& cluster) {
  auto& work = work_[cluster];
  if (!work) {
    work = std::make_unique<Work>();
    work->cluster = cluster;
  }
  return *work;
}

}  // namespace swell::control
