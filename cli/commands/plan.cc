// swell plan, plan list, plan show, plan diff, rollback --dry-run: what would be done.

#include "base/core/strings.h"
#include "cli/commands/commands.h"
#include "cli/commands/diff_view.h"
#include "cli/commands/messages.h"
#include "cli/commands/plan_view.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

Result<int> ShowDetail(const Session& session, const v1::PlanDetail& detail) {
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, detail));
  } else {
    session.write(PlanPage(detail, session.clock.Now(), session.terminal));
  }
  return kOk;
}

// A plan that was just made, with how to go on.
Result<int> ShowMade(const Session& session, const v1::PlanDetail& detail,
                     const std::string& command) {
  TRY(ShowDetail(session, detail));
  const int unreadable = detail.plan().blast_radius().unreadable();
  if (unreadable > 0) {
    session.complain(Count(static_cast<std::size_t>(unreadable), "cluster") +
                     " could not be read: the plan is incomplete");
    return kError;
  }
  if (session.format == Format::kTable && detail.plan().blast_radius().touched() > 0) {
    session.write("\nRoll out exactly this: swell " + command + " --plan " +
                  ShortDigest(detail.plan().digest()) + "\n");
  }
  return kOk;
}

}  // namespace

Result<int> MakePlan(const Session& session, const PlanOptions& options) {
  v1::MakePlanRequest request;
  request.set_application(options.application);
  request.set_revision(options.revision);
  request.set_confirm_prune(options.confirm_prune);
  request.set_actor(session.actor);
  request.set_reason(options.reason);
  const v1::PlanDetail detail = TRY(session.client.MakePlan(request));
  const int code = TRY(ShowMade(session, detail, "sync " + options.application));
  const bool tell = options.with_changes == ChangesExit::kFoundChanges;
  const bool changes = detail.plan().blast_radius().touched() > 0;
  return code == kOk && tell && changes ? int{kFoundChanges} : code;
}

Result<int> PlanRollback(const Session& session, const StartOptions& options) {
  v1::MakePlanRequest request;
  request.set_application(options.application);
  request.set_rollback(true);
  request.set_rollback_to(options.to);
  request.set_confirm_prune(options.confirm_prune);
  for (const std::string& name : options.clusters) request.add_clusters(name);
  request.set_actor(session.actor);
  request.set_reason(options.reason);
  return ShowMade(session, TRY(session.client.MakePlan(request)),
                  "rollback " + options.application);
}

Result<int> ListPlans(const Session& session, const std::string& application) {
  v1::ListPlansRequest request;
  request.set_application(application);
  const v1::ListPlansResponse plans = TRY(session.client.ListPlans(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, plans));
    return kOk;
  }
  session.write(plans.plans().empty() ? application + " has no recorded plan\n"
                                      : PlanTable(plans, session.clock.Now(), session.terminal));
  return kOk;
}

Result<int> ShowPlan(const Session& session, const std::string& digest) {
  v1::GetPlanRequest request;
  request.set_digest(digest);
  return ShowDetail(session, TRY(session.client.GetPlan(request)));
}

Result<int> ComparePlans(const Session& session, const std::string& first,
                         const std::string& second) {
  v1::ComparePlansRequest request;
  request.set_first(first);
  request.set_second(second);
  const v1::PlanComparison comparison = TRY(session.client.ComparePlans(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, comparison));
  } else {
    session.write(ComparisonPage(comparison, session.terminal));
  }
  return kOk;
}

}  // namespace swell::cli
