// swell tolerate, untolerate, tolerations: drift that is let be for a while.

#include <google/protobuf/util/time_util.h>

#include "cli/commands/healing.h"
#include "cli/commands/healing_view.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

std::string What(const v1::Toleration& toleration) {
  return ObjectText(toleration.object()) +
         (toleration.pointer().empty() ? "" : " " + toleration.pointer()) +
         (toleration.cluster().empty() ? " in every cluster" : " in " + toleration.cluster());
}

std::string Until(const v1::Toleration& toleration) {
  return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(TimeOf(toleration.until())));
}

}  // namespace

Result<int> Tolerate(const Session& session, const TolerationOptions& options) {
  v1::TolerateRequest request;
  request.set_application(options.application);
  request.set_object(options.object);
  request.set_namespace_(options.ns);
  request.set_pointer(options.pointer);
  request.set_cluster(options.cluster);
  *request.mutable_length() =
      google::protobuf::util::TimeUtil::MillisecondsToDuration(options.length.count());
  request.set_reason(options.reason);
  request.set_actor(session.actor);
  const v1::Toleration made = TRY(session.client.Tolerate(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, made));
    return kOk;
  }
  session.write(made.application() + ": drift of " + What(made) + " is tolerated until " +
                Until(made) + "\n");
  return kOk;
}

Result<int> Untolerate(const Session& session, const TolerationOptions& options) {
  v1::EndTolerationsRequest request;
  request.set_application(options.application);
  request.set_object(options.object);
  request.set_namespace_(options.ns);
  request.set_pointer(options.pointer);
  request.set_cluster(options.cluster);
  request.set_reason(options.reason);
  request.set_actor(session.actor);
  const v1::ListTolerationsResponse ended = TRY(session.client.EndTolerations(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, ended));
    return kOk;
  }
  for (const v1::Toleration& toleration : ended.tolerations()) {
    session.write(toleration.application() + ": drift of " + What(toleration) +
                  " is not tolerated any more\n");
  }
  return kOk;
}

Result<int> ListTolerations(const Session& session, const std::string& application) {
  v1::ListTolerationsRequest request;
  request.set_application(application);
  const v1::ListTolerationsResponse list = TRY(session.client.ListTolerations(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, list));
    return kOk;
  }
  Table table({"APPLICATION", "OBJECT", "FIELD", "CLUSTER", "LEFT", "BY", "REASON"});
  const Timestamp now = session.clock.Now();
  for (const v1::Toleration& toleration : list.tolerations()) {
    const Duration left = std::max<Duration>(Duration(0), TimeOf(toleration.until()) - now);
    table.AddRow({toleration.application(), ObjectText(toleration.object()),
                  toleration.pointer().empty() ? "everything" : toleration.pointer(),
                  toleration.cluster().empty() ? "all" : toleration.cluster(), Span(left),
                  toleration.actor(), toleration.reason()});
  }
  session.write(table.empty() ? "nothing is tolerated\n" : table.Render(session.terminal));
  return kOk;
}

}  // namespace swell::cli
