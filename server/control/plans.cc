// Controller: plans that are shown, recorded, compared and approved; nothing is rolled out here.

#include "server/control/plans.h"

#include <algorithm>
#include <future>
#include <memory>

#include "server/control/controller.h"
#include "server/control/on_control.h"
#include "server/control/plan_records.h"

namespace swell::control {
namespace {

constexpr auto kPatience = std::chrono::minutes(5);
constexpr std::size_t kDifferencesShown = 8;  // beside a refusal

}  // namespace

Result<PlanDetail> Controller::ProposePlan(const ProposalRequest& request) {
  auto promise = std::make_shared<std::promise<Result<PlanDetail>>>();
  auto future = promise->get_future();
  const Proposed answer = [promise](Result<PlanDetail> detail) {
    promise->set_value(std::move(detail));
  };
  control_.Post([this, request, answer] {
    if (request.kind == PlanKind::kRollback) return ProposeRollback(request, answer);
    if (request.kind == PlanKind::kSync) return ProposeSync(request, answer);
    answer(Fail(InvalidArgument("a plan of kind " + std::string(PlanKindName(request.kind)) +
                                " cannot be asked for")));
  });
  if (future.wait_for(kPatience) != std::future_status::ready) {
    return Fail(Error(ErrorCode::kDeadlineExceeded, "no plan within " + FormatDuration(kPatience)));
  }
  return future.get();
}

void Controller::ProposeSync(const ProposalRequest& request, const Proposed& answer) {
  const auto found = Find(request.application);
  if (!found) return answer(Fail(found.error()));
  const SourceSpec& source = (*found)->spec.source;
  poller_.Resolve(KeyOf(source), request.revision.empty() ? source.revision : request.revision,
                  [this, request, answer](Result<Revision> resolved) {
                    if (!resolved) return answer(Fail(resolved.error()));
                    Intent what;
                    what.revision = std::move(*resolved);
                    Propose(request, PlanKind::kSync, std::move(what), answer);
                  });
}

void Controller::ProposeRollback(const ProposalRequest& request, const Proposed& answer) {
  const auto found = Find(request.application);
  if (!found) return answer(Fail(found.error()));
  auto what = RollbackIntent(**found, request.rollback_to, request.clusters);
  if (!what) return answer(Fail(what.error()));
  Propose(request, PlanKind::kRollback, std::move(*what), answer);
}

void Controller::Propose(const ProposalRequest& request, PlanKind kind, Intent what,
                         const Proposed& answer) {
  const auto found = Find(request.application);
  if (!found) return answer(Fail(found.error()));
  const auto deed = kind == PlanKind::kRollback ? gate::Deed::kRollback : gate::Deed::kSync;
  if (const Status may = CheckActor(**found, deed, request.actor); !may) {
    return answer(Fail(may.error()));
  }
  what.actor = request.actor;
  what.reason = request.reason;
  if (request.confirmed) what.confirmed = plan::Confirmed::kYes;
  RemotePlanRequest planning{
      .policy = PolicyOf(**found), .pins = (*found)->state.remotes, .make = {}};
  planning.make = [this, name = request.application, kind, what]() -> Result<PlanRequest> {
    PlanRequest made = TRY(MakeRequest(*TRY(Find(name)), kind, what.revision, what.recorded));
    made.confirmed = what.confirmed;
    return made;
  };
  PlanWithRemotes(
      Services(), Charts(), poller_, control_, std::move(planning),
      [this, name = request.application, what, answer](Result<Planned> planned, const RemotePins&) {
        if (!planned) return answer(Fail(planned.error()));
        const auto found = Find(name);
        if (!found) return answer(Fail(found.error()));
        auto record = RecordProposal(**found, what, *planned);
        if (!record) return answer(Fail(record.error()));
        auto shared = std::make_shared<Planned>(std::move(*planned));
        auto show = [this, shared, answer, record = std::move(*record), spec = (*found)->spec] {
          auto approvals = ApprovalsOf(ledger_, record.application, record.plan);
          if (!approvals) return answer(Fail(approvals.error()));
          answer(PlanDetail{{record, std::move(*approvals)},
                            ShowDiff(std::move(*shared), spec, DiffScope::kChanges)});
        };
        const Status posted = workers_.Post(std::move(show));
        if (!posted) answer(Fail(posted.error()));
      });
}

Result<plan::PlanRecord> Controller::RecordProposal(Entry& entry, const Intent& what,
                                                    const Planned& planned) {
  const auto waves = WavesOf(entry.spec.rollout, Selected(entry.spec), planned.plan);
  plan::PlanRecord record = RecordOf(planned, waves);
  NoteRequest(what, clock_.Now(), record);
  if (const auto known = FindPlan(ledger_, entry.spec.name, record.plan.Hex())) return *known;
  std::vector<Mutation> mutations = PutManifests(planned, waves);
  for (const auto& [name, cluster] : planned.clusters) {
    if (!cluster.manifest || cluster.manifest->stable_values.empty()) continue;
    // What the chart made up is kept, so that the plan comes out the same when it is made anew;
    // unless a rollout kept something meanwhile.
    const auto now = TRY(ledger_.GetStableRecord(entry.spec.name, name));
    if (now != cluster.stable) continue;
    mutations.push_back(PutStableRecord{
        Remember(cluster.stable, cluster.manifest->stable_values, entry.state.last_rollout)});
  }
  std::ranges::move(TRY(PutPlan(ledger_, planned.plan, record)), std::back_inserter(mutations));
  mutations.push_back(AppendEvent{
      Event(entry, "PlanProposed",
            "plan " + record.plan.Short() + ", " + std::string(PlanKindName(record.kind)) +
                (record.rollback_to > 0 ? " to " + std::to_string(record.rollback_to) : "") +
                " of " + record.revision.commit.substr(0, 7) + ": " + plan::Describe(record.radius),
            record.actor)});
  TRY(Commit(std::move(mutations)));
  return record;
}

Result<std::vector<RecordedPlan>> Controller::ListPlans(const std::string& application) {
  TRY(OnControl([&]() -> Result<int> {
    TRY(Find(application));
    return 0;
  }));
  std::vector<RecordedPlan> out;
  for (const LedgerRecord& record :
       TRY(ledger_.ListRecords({.kind = RecordKind::kPlan,
                                .application = application,
                                .prefix = "",
                                .after = "",
                                .limit = 10 * static_cast<int>(kMaxRecordedPlans)}))) {
    RecordedPlan plan{TRY(plan::PlanRecordFromLedger(record)), {}};
    plan.approvals = TRY(ApprovalsOf(ledger_, application, plan.record.plan));
    out.push_back(std::move(plan));
  }
  std::ranges::stable_sort(out, std::greater{}, [](const RecordedPlan& p) { return p.record.at; });
  return out;
}

Result<PlanDetail> Controller::ShowRecordedPlan(const std::string& application,
                                                const std::string& digest) {
  plan::PlanRecord record = TRY(FindPlan(ledger_, application, digest));
  Plan plan = TRY(GetPlan(record.plan));
  PlanDetail out;
  out.recorded.approvals = TRY(ApprovalsOf(ledger_, record.application, record.plan));
  out.diff = ShowPlan(std::move(plan), record.warnings);
  out.recorded.record = std::move(record);
  return out;
}

Result<plan::PlanComparison> Controller::ComparePlans(const std::string& application,
                                                      const std::string& first,
                                                      const std::string& second) {
  const plan::PlanRecord a = TRY(FindPlan(ledger_, application, first));
  const plan::PlanRecord b = TRY(FindPlan(ledger_, application, second));
  return plan::ComparePlans(TRY(GetPlan(a.plan)), TRY(GetPlan(b.plan)));
}

Result<gate::Approval> Controller::Approve(const ApprovalRequest& request) {
  return OnControl([&]() -> Result<gate::Approval> {
    gate::Approval approval{request.application, {}, request.actor, clock_.Now(), request.comment};
    std::string& application = approval.application;
    if (request.plan.empty()) {
      if (application.empty()) return Fail(InvalidArgument("name a plan or an application"));
      const Entry& entry = *TRY(Find(application));
      if (!entry.runner) {
        return Fail(FailedPrecondition(application +
                                       " has no running rollout: name the plan that you approve"));
      }
      approval.plan = entry.runner->state().plan;
    } else {
      const plan::PlanRecord record = TRY(FindPlan(ledger_, application, request.plan));
      approval.plan = record.plan;
      application = record.application;
    }
    Entry& entry = *TRY(Find(application));
    TRY(CheckActor(entry, gate::Deed::kApprove, request.actor));
    LedgerEvent event = Event(
        entry, "PlanApproved",
        "plan " + approval.plan.Short() + (approval.comment.empty() ? "" : ": " + approval.comment),
        approval.actor);
    if (entry.runner && entry.runner->state().plan == approval.plan) {
      event.rollout = entry.runner->state().id;
    }
    TRY(Commit({PutRecord{gate::ToRecord(approval)}, AppendEvent{event}}));
    return approval;
  });
}

// Whether it is the plan that was asked for; else the intent has been answered.
bool Controller::IsAsExpected(Entry& entry, const Intent& intent, const Planned& planned) {
  const std::string& expected = intent.expected_plan;
  if (expected.empty() || planned.plan.digest.Hex().starts_with(expected)) return true;
  std::string why;
  if (planned.plan.kind == PlanKind::kDelete) {
    why = "what would be deleted has changed since it was shown (plan " +
          planned.plan.digest.Short() + " now): look at it again";
  } else {
    why = "live state moved: plan " + expected.substr(0, 12) + " is " +
          planned.plan.digest.Short() + " now: re-plan with `swell plan " + entry.spec.name +
          "` and look at it again";
    const auto digest = Digest::Parse(expected);
    const auto shown = digest ? GetPlan(*digest) : Result<Plan>(Fail(digest.error()));
    if (shown) {
      const auto comparison = plan::ComparePlans(*shown, planned.plan);
      for (const std::string& line : plan::Summarize(comparison, kDifferencesShown)) {
        why += "\n  " + line;
      }
    } else {
      why += " (what differs cannot be said: " + shown.error().ToString() + ")";
    }
  }
  if (intent.answer) intent.answer(Fail(FailedPrecondition(why)));
  // Whatever else there is to do is looked at as if nobody had asked.
  entry.planned_for = {};
  Evaluate(entry);
  return false;
}

}  // namespace swell::control
