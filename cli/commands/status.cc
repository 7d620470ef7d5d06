// swell status, swell diff: how things stand and what a sync would change.

#include "cli/commands/commands.h"
#include "cli/commands/diff_view.h"
#include "cli/commands/messages.h"
#include "cli/commands/status_view.h"
#include "cli/output/text.h"

namespace swell::cli {

Result<int> ShowStatus(const Session& session, const std::string& application) {
  if (application.empty()) {
    const auto list = TRY(session.client.ListApplications({}));
    if (session.format != Format::kTable) {
      TRY(PrintMessage(session, list));
      return kOk;
    }
    session.write(ApplicationTable(list, session.clock.Now(), session.terminal));
    return kOk;
  }
  v1::GetApplicationRequest request;
  request.set_name(application);
  const auto status = TRY(session.client.GetApplication(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, status));
    return kOk;
  }
  session.write(ApplicationPage(status, session.clock.Now(), session.terminal));
  return kOk;
}

Result<int> Diff(const Session& session, const DiffOptions& options) {
  v1::DiffRequest request;
  request.set_application(options.application);
  request.set_revision(options.revision);
  request.set_everything(options.view == DiffView::kCauses);
  const v1::DiffResponse diff = TRY(session.client.Diff(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, diff));
  } else {
    session.write(DiffPage(options.application, diff, options.view, session.terminal));
  }
  const DiffCounts counts = CountGroups(diff.groups());
  if (counts.unreadable_clusters > 0) {
    session.complain(Count(static_cast<std::size_t>(counts.unreadable_clusters), "cluster") +
                     " could not be read: the diff is incomplete");
    return kError;
  }
  const bool tell = options.with_changes == ChangesExit::kFoundChanges;
  return tell && counts.changed_clusters > 0 ? kFoundChanges : kOk;
}

}  // namespace swell::cli
