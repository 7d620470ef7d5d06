// Controller: resources are deleted. An application goes with or without its objects.

#include <algorithm>
#include <future>

#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {
namespace {

constexpr auto kPatience = std::chrono::minutes(5);

plan::Confirmed ConfirmedOf(Confirm confirm) {
  return confirm == Confirm::kYes ? plan::Confirmed::kYes : plan::Confirmed::kNo;
}

Status AsStatus(const gate::Decision& decision) {
  if (decision.verdict == gate::Decision::Verdict::kAllow) return {};
  return Fail(gate::AsError(decision));
}

}  // namespace

Result<StartedDeletion> Controller::Delete(const DeletionRequest& request) {
  if (request.policy == DeletionPolicy::kRefuse) {
    return Fail(InvalidArgument("delete with policy orphan or cascade"));
  }
  if (!TRY(ledger_.GetResource(request.kind, request.name))) {
    return Fail(NotFound("there is no " + request.kind + " " + request.name));
  }
  if (request.kind == "Application") {
    DeletionPolicy policy = DeletionPolicy::kOrphan;
    TRY(OnControl([&]() -> Status {
      const Entry& entry = *TRY(Find(request.name));
      policy = request.policy.value_or(entry.spec.deletion);
      return CheckDeletion(entry, request.actor);
    }));
    if (policy == DeletionPolicy::kOrphan) return Orphan(request);
    return request.dry_run == DryRun::kYes ? ShowCascade(request) : Cascade(request);
  }
  if (request.policy == DeletionPolicy::kCascade) {
    return Fail(
        InvalidArgument("only an Application is deleted with its objects, not a " + request.kind));
  }
  TRY(OnControl([&]() -> Status {
    if (request.dry_run == DryRun::kYes) return {};
    return request.kind == "Cluster" ? DeleteCluster(request) : DeletePlain(request);
  }));
  return StartedDeletion{};
}

Status Controller::DeletePlain(const DeletionRequest& request) {
  TRY(Commit({swell::DeleteResource{request.kind, request.name},
              AppendEvent{{.at = clock_.Now(),
                           .type = request.kind + "Deleted",
                           .message = request.name,
                           .actor = request.actor}}}));
  if (request.kind == "ChangeWindow") {
    std::erase_if(safeguards_.windows,
                  [&](const gate::Window& w) { return w.declared().name == request.name; });
    ReconsiderHeld();
    return {};
  }
  if (request.kind == "Team") {
    std::erase_if(safeguards_.teams, [&](const Team& t) { return t.name == request.name; });
    return {};
  }
  std::erase_if(repositories_, [&](const Repository& r) { return r.name == request.name; });
  UseRepositories();
  RefreshSources();
  for (auto& [application, entry] : entries_) Evaluate(*entry);
  return {};
}

Status Controller::DeleteCluster(const DeletionRequest& request) {
  const std::string& name = request.name;
  std::vector<Mutation> mutations = {swell::DeleteResource{"Cluster", name}};
  std::vector<std::string> holders;
  for (auto& [application, entry] : entries_) {
    if (entry->runner && entry->runner->state().clusters.contains(name)) {
      return Fail(FailedPrecondition("rollout " + entry->runner->state().id +
                                     " uses the cluster: wait for it or cancel it first"));
    }
    const auto record = entry->records.find(name);
    if (record == entry->records.end()) continue;
    if (!record->second.inventory.empty()) holders.push_back(application);
    mutations.push_back(DeleteClusterRecord{application, name});
    LedgerEvent event = Event(*entry, "ClusterForgotten", "its objects stay there", request.actor);
    event.cluster = name;
    mutations.push_back(AppendEvent{event});
  }
  if (!holders.empty() && request.policy != DeletionPolicy::kOrphan) {
    return Fail(FailedPrecondition(
        "objects of " + holders.front() +
        (holders.size() > 1 ? " and " + std::to_string(holders.size() - 1) + " more applications"
                            : "") +
        " are in the cluster, and without it nobody could delete them any more: delete those "
        "applications first, or leave the objects where they are with --orphan"));
  }
  mutations.push_back(AppendEvent{
      {.at = clock_.Now(), .cluster = name, .type = "ClusterDeleted", .actor = request.actor}});
  TRY(Commit(std::move(mutations)));
  for (auto& [application, entry] : entries_) entry->records.erase(name);
  fleet_.Remove(name);
  watching_.DropCluster(name);
  ++fleet_version_;
  for (auto& [application, entry] : entries_) Evaluate(*entry);
  return {};
}

Status Controller::CheckDeletion(const Entry& entry, const std::string& actor) const {
  TRY(AsStatus(gate::DecideDeletion(entry.spec)));
  TRY(CheckActor(entry, gate::Deed::kRemove, actor));
  if (!entry.runner) return {};
  const RolloutState& running = entry.runner->state();
  return Fail(FailedPrecondition(
      "rollout " + running.id + " is running: " +
      (running.kind == PlanKind::kDelete ? "it is being deleted" : "cancel it first")));
}

Result<StartedDeletion> Controller::Orphan(const DeletionRequest& request) {
  return OnControl([&]() -> Result<StartedDeletion> {
    Entry& entry = *TRY(Find(request.name));
    TRY(CheckDeletion(entry, request.actor));
    const std::string how =
        "its objects stay in " + std::to_string(entry.records.size()) + " clusters";
    if (request.dry_run == DryRun::kNo) TRY(Forget(entry, how, request.actor));
    return StartedDeletion{.rollout = {}, .plan = {}, .message = how};
  });
}

Status Controller::Forget(Entry& entry, const std::string& how, const std::string& actor) {
  const std::string name = entry.spec.name;
  std::vector<Mutation> mutations = {swell::DeleteResource{"Application", name}};
  for (const auto& [cluster, record] : entry.records) {
    mutations.push_back(DeleteClusterRecord{name, cluster});
  }
  for (const Quarantine& q : entry.quarantine) {
    mutations.push_back(DeleteQuarantine{name, q.commit});
  }
  // Another application of that name is not frozen by what was meant for this one.
  for (const RecordKind kind : {RecordKind::kFreeze, RecordKind::kOverride}) {
    mutations.push_back(DeleteRecord{kind, name, gate::kOnlyKey});
  }
  std::ranges::move(entry.book.Removal(), std::back_inserter(mutations));
  mutations.push_back(AppendEvent{Event(entry, "ApplicationDeleted", how, actor)});
  TRY(Commit(std::move(mutations)));
  std::erase_if(safeguards_.freezes, [&](const auto& f) { return f.application == name; });
  std::erase_if(safeguards_.overrides, [&](const auto& o) { return o.application == name; });
  for (Intent& intent : entry.intents) {
    if (intent.answer) intent.answer(Fail(NotFound("the application was deleted")));
  }
  entries_.erase(name);
  watching_.DropApplication(name);
  RefreshSources();
  return {};
}

// Every cluster that holds something of it, whether it is selected still or not.
Result<PlanRequest> Controller::MakeDeletion(const Entry& entry) const {
  PlanRequest request;
  request.kind = PlanKind::kDelete;
  request.application = entry.spec;
  request.revision = entry.state.revision;
  request.now = clock_.Now();
  for (const auto& [name, record] : entry.records) {
    if (record.inventory.empty()) continue;
    const Cluster* cluster = fleet_.Find(name);
    if (cluster == nullptr) {
      return Fail(FailedPrecondition("it has objects in cluster " + name +
                                     ", which is not declared any more: declare it again, or leave "
                                     "them where they are with --orphan"));
    }
    PlanTarget target{*cluster, record, std::nullopt};
    const bool again = entry.last && entry.last->kind == PlanKind::kDelete;
    if (again && entry.last->clusters.contains(name)) {
      const ClusterPhase phase = entry.last->clusters.at(name).phase;
      const bool begun = phase != ClusterPhase::kPending && phase != ClusterPhase::kSkipped;
      if (begun) target.deletion = plan::Deletion::kGoesOn;
    }
    request.targets.push_back(std::move(target));
  }
  return request;
}

Result<StartedDeletion> Controller::ShowCascade(const DeletionRequest& request) {
  auto promise = std::make_shared<std::promise<Result<DiffResult>>>();
  auto future = promise->get_future();
  control_.Post([this, request, promise] {
    const auto found = Find(request.name);
    if (!found) return promise->set_value(Fail(found.error()));
    auto plan = MakeDeletion(**found);
    if (!plan) return promise->set_value(Fail(plan.error()));
    plan->confirmed = ConfirmedOf(request.confirm);
    MakePlan(Services(), std::move(*plan),
             [promise, spec = (*found)->spec](Result<Planned> planned) {
               if (!planned) return promise->set_value(Fail(planned.error()));
               promise->set_value(ShowDiff(std::move(*planned), spec, DiffScope::kChanges));
             });
  });
  if (future.wait_for(kPatience) != std::future_status::ready) {
    return Fail(Error(ErrorCode::kDeadlineExceeded, "no plan within " + FormatDuration(kPatience)));
  }
  return StartedDeletion{.rollout = {}, .plan = TRY(future.get()), .message = ""};
}

Result<StartedDeletion> Controller::Cascade(const DeletionRequest& request) {
  StartedRollout started = TRY(Await([this, request](Answer answer) {
    const auto found = Find(request.name);
    if (!found) return answer(Fail(found.error()));
    if (const Status may = CheckDeletion(**found, request.actor); !may) {
      return answer(Fail(may.error()));
    }
    Intent intent;
    intent.cause = gate::Cause::kDeletion;
    intent.revision = (*found)->state.revision;
    intent.actor = request.actor;
    intent.reason = request.reason;
    intent.confirmed = ConfirmedOf(request.confirm);
    intent.expected_plan = request.plan;
    intent.answer = std::move(answer);
    (*found)->intents.push_back(std::move(intent));
    Evaluate(**found);
  }));
  return StartedDeletion{
      .rollout = std::move(started.rollout), .plan = {}, .message = std::move(started.message)};
}

bool Controller::IsDeleting(const Entry& entry) {
  const bool failed = !entry.runner && entry.last && entry.last->kind == PlanKind::kDelete &&
                      entry.last->phase == RolloutPhase::kFailed;
  // An application of that name that was declared anew has nothing left of the old one.
  return failed && std::ranges::any_of(entry.records, [](const auto& record) {
           return !record.second.inventory.empty();
         });
}

void Controller::FinishDeletion(Entry& entry, const RolloutState& state) {
  if (state.phase == RolloutPhase::kSucceeded) {
    const std::string how = "its objects were deleted in " + std::to_string(state.clusters.size()) +
                            " clusters by rollout " + state.id;
    (void)Forget(entry, how, state.actor);  // where it fails the next start does it
    return;
  }
  ApplicationState next = entry.state;
  next.out_of_sync = true;
  if (state.phase == RolloutPhase::kFailed) {
    next.hold = "its deletion (rollout " + std::to_string(state.number) +
                ") has failed: " + state.message + "; go on with `swell app delete " +
                entry.spec.name +
                " --cascade`, leave what is left with --orphan, or put it back "
                "with `swell sync " +
                entry.spec.name + "`";
  } else {
    next.hold = "its deletion (rollout " + std::to_string(state.number) + ") was cancelled";
  }
  if (next != entry.state && Commit({PutApplicationState{next}})) entry.state = std::move(next);
  entry.planned_for = {};
  Evaluate(entry);
}

}  // namespace swell::control
