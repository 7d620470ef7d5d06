// swell tree, swell events --live: what runs in the clusters.

#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/commands/tree_view.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

// 1 where a cluster is missing in what was shown: a pipeline must not take it for all.
Result<int> ExitFor(const Session& session, std::size_t unread, const char* what) {
  if (unread == 0) return kOk;
  session.complain(Count(unread, "cluster") + " could not be read: " + what + " is incomplete");
  return kError;
}

std::string Times(const v1::LiveEvent& event) {
  return event.count() > 1 ? std::to_string(event.count()) : "";
}

std::string EventTable(const v1::ListLiveEventsResponse& found, Timestamp now,
                       const Terminal& terminal) {
  Table table({"AGE", "TIMES", "CLUSTER", "TYPE", "REASON", "OBJECT", "MESSAGE"});
  for (const v1::LiveEvent& event : found.events()) {
    const bool normal = event.type() == "Normal";
    table.AddRow({Age(now, TimeOf(event.last_at())), Times(event), event.cluster(),
                  Cell(event.type(), normal ? Tone::kPlain : Tone::kWarn), event.reason(),
                  event.kind() + "/" + event.name(), event.message()});
  }
  return table.empty() ? "no events\n" : table.Render(terminal);
}

}  // namespace

Result<int> ShowTree(const Session& session, const TreeOptions& options) {
  v1::GetTreeRequest request;
  request.set_application(options.application);
  request.set_cluster(options.cluster);
  request.set_depth(options.depth);
  request.set_unhealthy(options.unhealthy);
  const v1::GetTreeResponse tree = TRY(session.client.GetTree(request));
  std::size_t unread = 0;
  for (const v1::ClusterTree& cluster : tree.clusters()) {
    if (!cluster.error().empty()) ++unread;
    for (const std::string& warning : cluster.warnings()) {
      session.complain("warning: " + cluster.cluster() + ": " + warning);
    }
  }
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, tree));
  } else {
    session.write(TreePage(tree, session.clock.Now(), session.terminal));
  }
  return ExitFor(session, unread, "the tree");
}

Result<int> ShowLiveEvents(const Session& session, const LiveEventOptions& options) {
  v1::ListLiveEventsRequest request;
  request.set_application(options.application);
  request.set_cluster(options.cluster);
  request.set_object(options.object);
  request.set_warnings(options.warnings);
  request.set_limit(options.limit);
  const v1::ListLiveEventsResponse found = TRY(session.client.ListLiveEvents(request));
  for (const std::string& warning : found.warnings()) session.complain("warning: " + warning);
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, found));
  } else {
    session.write(EventTable(found, session.clock.Now(), session.terminal));
  }
  for (const v1::ClusterError& cluster : found.unread()) {
    session.complain(cluster.cluster() + ": " + cluster.error());
  }
  return ExitFor(session, static_cast<std::size_t>(found.unread_size()), "the list");
}

}  // namespace swell::cli
