// swell deleted, undelete: what was deleted, and how it comes back.

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "cli/commands/healing.h"
#include "cli/commands/healing_view.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

Cell OutcomeCell(const v1::RestoredObject& object) {
  const std::string& outcome = object.outcome();
  if (outcome == "failed") return Cell(outcome, Tone::kBad);
  return Cell(outcome, outcome == "restored" ? Tone::kGood : Tone::kPlain);
}

std::string How(const v1::RestoredObject& object) {
  std::string how;
  if (object.outcome() == "restored" || object.outcome() == "would-restore") {
    how = object.managed() ? "managed again"
                           : "not managed: declare it again in Git to have it managed";
  }
  if (object.message().empty()) return how;
  return how + (how.empty() ? "" : "; ") + object.message();
}

}  // namespace

Result<int> ListDeleted(const Session& session, const std::string& application) {
  v1::ListDeletedRequest request;
  request.set_application(application);
  const v1::ListDeletedResponse list = TRY(session.client.ListDeleted(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, list));
    return kOk;
  }
  Table table({"APPLICATION", "CLUSTER", "OBJECT", "ROLLOUT", "AGE", "BY", "WHY"});
  const Timestamp now = session.clock.Now();
  for (const v1::DeletedObject& object : list.objects()) {
    table.AddRow({object.application(), object.cluster(), ObjectText(object.object()),
                  "#" + std::to_string(object.number()), Age(now, TimeOf(object.at())),
                  object.actor(), object.why()});
  }
  session.write(table.empty() ? "nothing that was deleted is kept\n"
                              : table.Render(session.terminal));
  return kOk;
}

Result<int> Undelete(const Session& session, const UndeleteOptions& options) {
  v1::UndeleteRequest request;
  request.set_application(options.application);
  for (const std::string& object : options.objects) request.add_objects(object);
  request.set_cluster(options.cluster);
  request.set_rollout(options.rollout);
  if (options.since) {
    *request.mutable_since() =
        google::protobuf::util::TimeUtil::MillisecondsToDuration(options.since->count());
  }
  request.set_dry_run(options.dry_run == DryRun::kYes);
  request.set_reason(options.reason);
  request.set_actor(session.actor);
  const v1::UndeleteResponse done = TRY(session.client.Undelete(request));
  const auto failed = std::ranges::count(done.objects(), "failed", &v1::RestoredObject::outcome);
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, done));
    return failed > 0 ? kError : kOk;
  }
  Table table({"CLUSTER", "OBJECT", "DELETED BY", "OUTCOME", "NOTE"});
  for (const v1::RestoredObject& object : done.objects()) {
    table.AddRow({object.cluster(), ObjectText(object.object()), object.rollout(),
                  OutcomeCell(object), How(object)});
  }
  session.write(table.Render(session.terminal));
  if (failed == 0) return kOk;
  session.complain(Count(static_cast<std::size_t>(failed), "object") + " could not be restored");
  return kError;
}

}  // namespace swell::cli
