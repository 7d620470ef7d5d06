// Controller: objects that were deleted are brought back.

#include <algorithm>
#include <atomic>
#include <set>

#include "base/telemetry/log.h"
#include "reconciler/apply/apply.h"
#include "reconciler/live/tree.h"
#include "reconciler/plan/order.h"
#include "server/control/controller.h"
#include "server/control/healing.h"
#include "server/control/inventory.h"
#include "server/control/on_control.h"

namespace swell::control {
namespace {

constexpr std::size_t kParallel = 16;  // clusters at a time
constexpr Duration kLookLimit = std::chrono::seconds(60);
constexpr Duration kApplyDeadline = std::chrono::minutes(3);
constexpr Duration kRestoreLimit = std::chrono::minutes(4);
constexpr Duration kSweepEvery = std::chrono::hours(24);
constexpr int kMaxListed = 20'000;  // of every application

using Kept = std::pair<std::string, heal::KeptObject>;  // with its key

// What a cluster has of what is to come back.
struct Around {
  live::Objects live;
  std::set<ObjectId> declared;  // by the application's recorded manifest
};

Value WithOwner(Value object, const std::string& application) {
  return object.WithAt({"metadata", "annotations", kOwnerAnnotation}, Value(application));
}

bool Chosen(const heal::KeptObject& kept, const UndeleteRequest& request,
            const std::vector<live::ObjectPattern>& patterns, Timestamp now) {
  if (!request.cluster.empty() && kept.cluster != request.cluster) return false;
  if (request.number > 0 && kept.number != request.number) return false;
  if (request.since && kept.at < now - *request.since) return false;
  return patterns.empty() || std::ranges::any_of(patterns, [&](const live::ObjectPattern& p) {
           return p.Matches(kept.id);
         });
}

std::string Join(const std::vector<std::string>& notes) {
  std::string out;
  for (const std::string& note : notes) out += (out.empty() ? "" : "; ") + note;
  return out;
}

}  // namespace

struct Controller::Undeletion {
  struct One {
    Kept kept;
    Undeleted answer;
    std::string uid;  // once it is there again
  };
  Application application;
  bool declared = false;  // whether the application still is
  std::map<std::string, ClusterRecord> records;
  std::map<std::string, std::vector<One>> clusters;
};

Result<std::vector<KeptEntry>> Controller::Deleted(const std::string& application) {
  std::vector<KeptEntry> out;
  if (!application.empty()) {
    for (auto& [key, kept] : TRY(ListKept(ledger_, application))) {
      kept.object = Value();
      out.push_back({application, std::move(kept)});
    }
    if (out.empty()) TRY(OnControl([&]() -> Result<Entry*> { return Find(application); }));
  } else {
    const auto records = TRY(ledger_.ListRecords(
        {.kind = RecordKind::kDeleted, .application = {}, .limit = kMaxListed}));
    if (records.size() >= kMaxListed) {
      return Fail(ResourceExhausted("more than " + std::to_string(kMaxListed) +
                                    " deleted objects are kept: name an application"));
    }
    for (const LedgerRecord& record : records) {
      heal::KeptObject kept = TRY(heal::FromLedgerKept(record));
      kept.object = Value();
      out.push_back({record.application, std::move(kept)});
    }
  }
  std::ranges::stable_sort(
      out, [](const KeptEntry& a, const KeptEntry& b) { return a.kept.at > b.kept.at; });
  return out;
}

// The newest form of everything that the request names.
Result<Controller::Undeletion> Controller::ChooseKept(const UndeleteRequest& request) {
  std::vector<live::ObjectPattern> patterns;
  for (const std::string& object : request.objects) {
    patterns.push_back(TRY(live::ObjectPattern::Parse(object)));
  }
  std::vector<Kept> all = TRY(ListKept(ledger_, request.application));
  UndeleteRequest wanted = request;
  const bool last = request.objects.empty() && request.number == 0 && !request.since;
  if (last && !all.empty()) wanted.number = all.back().second.number;
  std::map<std::pair<std::string, ObjectId>, Kept> newest;
  for (Kept& kept : all) {
    if (!Chosen(kept.second, wanted, patterns, clock_.Now())) continue;
    newest.insert_or_assign({kept.second.cluster, kept.second.id}, std::move(kept));
  }
  if (newest.empty()) {
    return Fail(NotFound("nothing of that was deleted from " + request.application +
                         ", or it is not kept any more: `swell deleted " + request.application +
                         "` lists what can be brought back"));
  }
  Undeletion work = TRY(OnControl([&]() -> Result<Undeletion> {
    Undeletion out;
    out.application.name = request.application;
    const auto entry = entries_.find(request.application);
    if (entry == entries_.end()) return out;
    out.declared = true;
    out.application = Effective(*entry->second, heal::Book::Stops::kInForce);
    out.records = entry->second->records;
    return out;
  }));
  for (auto& [where, kept] : newest) {
    Undeletion::One one{.kept = std::move(kept), .answer = {}, .uid = {}};
    one.answer.cluster = where.first;
    one.answer.id = where.second;
    one.answer.rollout = one.kept.second.rollout;
    one.answer.message = Join(one.kept.second.notes);
    work.clusters[where.first].push_back(std::move(one));
  }
  return work;
}

// What is there already, what is on its way out, and what the application declares.
void Controller::LookAround(Undeletion& work) {
  std::vector<LiveTarget> targets;
  for (const auto& [cluster, objects] : work.clusters) {
    LiveTarget target{.cluster = cluster, .connection = clients_.Find(cluster), .objects = {}};
    for (const Undeletion::One& one : objects) {
      target.objects.push_back({one.answer.id, one.kept.second.version});
    }
    targets.push_back(std::move(target));
  }
  const auto answers = Gather<Around>(
      targets, kParallel, kLookLimit,
      [&](const LiveTarget& target, std::function<void(Result<Around>)> done) {
        const auto record = work.records.find(target.cluster);
        const Digest manifest = record == work.records.end() ? Digest() : record->second.manifest;
        // Anew: a definition may have gone with its objects, and what is not served cannot be read.
        (*target.connection)
            ->discovery->Refresh(
                [this, target, manifest, application = work.application, done](auto resources) {
                  if (!resources) return done(Fail(resources.error()));
                  auto around = std::make_shared<Around>();
                  if (!manifest.empty()) {
                    const auto recorded = shelf_.Get(manifest);
                    if (!recorded) return done(Fail(recorded.error()));
                    const auto prepared = shelf_.Prepare(**recorded, application, **resources);
                    if (!prepared) return done(Fail(prepared.error()));
                    for (const Object& object : (*prepared)->objects) {
                      around->declared.insert(object.id());
                    }
                  }
                  live::Read(*target.connection, target.objects,
                             [around, done](Result<live::Objects> objects) {
                               if (!objects) return done(Fail(objects.error()));
                               around->live = std::move(*objects);
                               done(std::move(*around));
                             });
                });
      });
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (Undeletion::One& one : work.clusters.at(targets[i].cluster)) {
      Undeleted& answer = one.answer;
      if (!answers[i]) {
        answer.outcome = Undeleted::Outcome::kFailed;
        answer.message = answers[i].error().ToString();
        continue;
      }
      answer.managed = answers[i]->declared.contains(answer.id);
      answer.outcome = Undeleted::Outcome::kWouldRestore;
      const auto live = answers[i]->live.find(answer.id);
      if (live == answers[i]->live.end() || !live->second) continue;
      const bool going = !(*live->second)["metadata"]["deletionTimestamp"].is_null();
      answer.outcome = going ? Undeleted::Outcome::kFailed : Undeleted::Outcome::kThere;
      answer.message = going ? "the old object is still going away: try again when it is gone"
                             : "there is such an object: it is left as it is";
    }
  }
}

// The gatekeeper's word, then the intent.
Status Controller::BeginUndelete(const UndeleteRequest& request, const Undeletion& work) {
  Plan plan;
  plan.application = request.application;
  std::vector<Mutation> mutations;
  std::size_t objects = 0;
  for (const auto& [cluster, all] : work.clusters) {
    auto set = std::make_shared<OperationSet>();
    for (const Undeletion::One& one : all) {
      if (one.answer.outcome != Undeleted::Outcome::kWouldRestore) continue;
      set->operations.push_back({.type = OperationType::kCreate,
                                 .id = one.answer.id,
                                 .version = one.kept.second.version});
    }
    objects += set->operations.size();
    set->digest = OperationSetDigest(set->operations);
    plan.clusters.push_back({.cluster = cluster, .manifest = {}, .operations = set, .error = {}});
  }
  plan.digest = PlanDigest(plan, Digest());
  return OnControl([&]() -> Status {
    const auto found = entries_.find(request.application);
    Entry* entry = found == entries_.end() ? nullptr : found->second.get();
    static const std::vector<Quarantine> kNone;
    gate::Request asked{.cause = gate::Cause::kUndelete,
                        .actor = request.actor,
                        .application = entry ? &entry->spec : &work.application,
                        .plan = &plan,
                        .quarantine = entry ? &entry->quarantine : &kNone,
                        .safeguards = &safeguards_,
                        .rollout_running = entry && entry->runner};
    for (const ClusterPlan& cluster : plan.clusters) {
      const Cluster* declared = fleet_.Find(cluster.cluster);
      if (declared && cluster.HasChanges()) asked.first.push_back(*declared);
    }
    const gate::Decision decision = gate::Decide(asked, clock_.Now());
    if (decision.verdict != gate::Decision::Verdict::kAllow) return Fail(gate::AsError(decision));
    if (!decision.overridden.empty()) {
      mutations.push_back(AppendEvent{{.at = clock_.Now(),
                                       .application = request.application,
                                       .type = "OverrideUsed",
                                       .message = decision.overridden,
                                       .actor = request.actor}});
    }
    mutations.push_back(AppendEvent{{.at = clock_.Now(),
                                     .application = request.application,
                                     .type = "UndeleteStarted",
                                     .message = std::to_string(objects) + " objects in " +
                                                std::to_string(work.clusters.size()) +
                                                " clusters: " + request.reason,
                                     .actor = request.actor}});
    std::map<std::string, ClusterRecord> joined;
    for (const ClusterPlan& cluster : plan.clusters) {
      if (!entry || !entry->records.contains(cluster.cluster)) continue;
      std::vector<Operation> ours;
      for (const Undeletion::One& one : work.clusters.at(cluster.cluster)) {
        if (one.answer.managed && one.answer.outcome == Undeleted::Outcome::kWouldRestore) {
          ours.push_back({.type = OperationType::kCreate,
                          .id = one.answer.id,
                          .version = one.kept.second.version});
        }
      }
      if (ours.empty()) continue;
      ClusterRecord record = entry->records.at(cluster.cluster);
      record.inventory = JoinInventory(record.inventory, ours);
      mutations.push_back(PutClusterRecord{record});
      joined.emplace(cluster.cluster, std::move(record));
    }
    TRY(Commit(std::move(mutations)));
    for (auto& [cluster, record] : joined) entry->records[cluster] = std::move(record);
    if (entry) ++entry->restoring;
    return {};
  });
}

void Controller::Restore(Undeletion& work) {
  std::vector<LiveTarget> targets;
  for (const auto& [cluster, objects] : work.clusters) {
    const bool any = std::ranges::any_of(objects, [](const Undeletion::One& one) {
      return one.answer.outcome == Undeleted::Outcome::kWouldRestore;
    });
    if (any) targets.push_back({cluster, clients_.Find(cluster), {}});
  }
  const auto may_write = std::make_shared<std::atomic<bool>>(true);
  const auto answers = Gather<apply::ClusterResult>(
      targets, kParallel, kRestoreLimit,
      [&](const LiveTarget& target, std::function<void(Result<apply::ClusterResult>)> done) {
        auto desired = std::make_shared<std::vector<Object>>();
        for (const Undeletion::One& one : work.clusters.at(target.cluster)) {
          if (one.answer.outcome != Undeleted::Outcome::kWouldRestore) continue;
          const Value& object = one.kept.second.object;
          desired->push_back(
              {one.answer.managed ? WithOwner(object, work.application.name) : object,
               "deleted by rollout " + one.answer.rollout});
        }
        std::vector<plan::Planning> plannings;
        for (const Object& object : *desired) {
          Operation operation = plan::OperationFor(object, {});
          operation.type = OperationType::kCreate;
          plannings.push_back({std::move(operation), &object});
        }
        plan::OrderOperations(plannings);
        auto set = std::make_shared<OperationSet>();
        for (plan::Planning& planning : plannings) {
          set->operations.push_back(std::move(planning.operation));
        }
        apply::Request request;
        request.connection = *target.connection;
        request.desired = std::move(desired);
        request.plan.cluster = target.cluster;
        request.plan.operations = std::move(set);
        request.application = work.application.name;
        request.preflight = apply::Preflight::kOff;
        request.deadline = kApplyDeadline;
        request.may_write = [may_write, fence = fence_] {
          return may_write->load() && fence->Holds();
        };
        request.checks = {.checks = options_.health_checks, .clock = &clock_, .workers = &workers_};
        apply::Apply(std::move(request),
                     [done](apply::ClusterResult result) { done(std::move(result)); });
      });
  *may_write = false;  // whoever has not answered by now
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (Undeletion::One& one : work.clusters.at(targets[i].cluster)) {
      Undeleted& answer = one.answer;
      if (answer.outcome != Undeleted::Outcome::kWouldRestore) continue;
      answer.outcome = Undeleted::Outcome::kFailed;
      if (!answers[i]) {
        answer.message = answers[i].error().ToString();
        continue;
      }
      const auto& results = answers[i]->objects;
      const auto mine = std::ranges::find(results, answer.id, &apply::ObjectResult::id);
      if (mine != results.end() && !mine->error) {
        answer.outcome = Undeleted::Outcome::kRestored;
        one.uid = mine->uid;
      } else if (mine != results.end()) {
        answer.message = mine->error->ToString();
      } else {
        answer.message = "not tried: " + (answers[i]->error ? answers[i]->error->ToString()
                                                            : std::string("unknown"));
      }
    }
  }
}

// What came of it. What is back needs no keeping any more.
Status Controller::FinishUndelete(const UndeleteRequest& request, const Undeletion& work) {
  return OnControl([&]() -> Status {
    const auto found = entries_.find(request.application);
    Entry* entry = found == entries_.end() ? nullptr : found->second.get();
    if (entry && entry->restoring > 0) --entry->restoring;
    std::vector<Mutation> mutations;
    for (const auto& [cluster, objects] : work.clusters) {
      ClusterRecord* record = nullptr;
      if (entry && entry->records.contains(cluster)) record = &entry->records.at(cluster);
      bool changed = false;
      for (const Undeletion::One& one : objects) {
        const Undeleted& answer = one.answer;
        const bool restored = answer.outcome == Undeleted::Outcome::kRestored;
        if (answer.outcome == Undeleted::Outcome::kThere) continue;
        const std::string how = !restored ? answer.message
                                : answer.managed
                                    ? "managed again"
                                    : "not managed: declare it again in Git to have it managed";
        mutations.push_back(AppendEvent{{.at = clock_.Now(),
                                         .application = request.application,
                                         .cluster = cluster,
                                         .type = restored ? "ObjectRestored" : "ObjectNotRestored",
                                         .message = answer.id.ToString() + ", deleted by rollout " +
                                                    answer.rollout + ": " + how,
                                         .actor = request.actor}});
        if (!restored) continue;
        mutations.push_back(
            DeleteRecord{RecordKind::kDeleted, request.application, one.kept.first});
        if (!answer.managed || record == nullptr) continue;
        record->inventory = WithUid(record->inventory, answer.id, one.uid);
        changed = true;
      }
      if (changed) mutations.push_back(PutClusterRecord{*record});
    }
    keeper_.Forget(request.application);
    const Status committed = Commit(std::move(mutations));
    if (entry) LookNow(*entry);
    return committed;
  });
}

Result<std::vector<Undeleted>> Controller::Undelete(const UndeleteRequest& request) {
  if (!request.dry_run && request.reason.empty()) {
    return Fail(InvalidArgument("say why with --reason"));
  }
  Undeletion work = TRY(ChooseKept(request));
  LookAround(work);
  const auto restores = [](const Undeletion::One& one) {
    return one.answer.outcome == Undeleted::Outcome::kWouldRestore;
  };
  const bool any = std::ranges::any_of(
      work.clusters, [&](const auto& c) { return std::ranges::any_of(c.second, restores); });
  if (any && !request.dry_run) {
    TRY(BeginUndelete(request, work));
    Restore(work);
    TRY(FinishUndelete(request, work));
  }
  std::vector<Undeleted> out;
  for (auto& [cluster, objects] : work.clusters) {
    for (Undeletion::One& one : objects) out.push_back(std::move(one.answer));
  }
  return out;
}

// What nobody deletes anything more of keeps nothing back either.
void Controller::SweepKeptSometimes(Timestamp now) {
  if (now < sweep_at_) return;
  sweep_at_ = now + kSweepEvery;
  (void)workers_.Post([this, now] {
    auto mutations = SweepKept(ledger_, now);
    if (!mutations) {
      return telemetry::LogWarning("cannot look for what is kept for too long",
                                   {{"error", mutations.error()}});
    }
    if (mutations->empty()) return;
    control_.Post([this, mutations = std::move(*mutations)]() mutable {
      if (stopped_) return;
      for (const Mutation& mutation : mutations) {
        if (const auto* gone = std::get_if<DeleteRecord>(&mutation)) {
          keeper_.Forget(gone->application);
        }
      }
      (void)Commit(std::move(mutations));  // tried again tomorrow
    });
  });
}

}  // namespace swell::control
