// swell approve: somebody's yes to exactly one plan.

#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/commands/plan_view.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr std::size_t kMinDigits = 6;

bool MayBeDigest(const std::string& text) {
  return text.size() >= kMinDigits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

// An application may be called what a digest begins with.
Result<bool> IsApplication(const Session& session, const std::string& name) {
  v1::GetApplicationRequest request;
  request.set_name(name);
  const auto status = session.client.GetApplication(request);
  if (status) return true;
  if (status.error().code() == ErrorCode::kNotFound) return false;
  return Fail(status.error());
}

}  // namespace

Result<int> Approve(const Session& session, const ApproveOptions& options) {
  v1::ApprovePlanRequest request;
  request.set_actor(session.actor);
  request.set_comment(options.comment);
  request.set_plan(options.plan);
  const bool digest = options.plan.empty() && MayBeDigest(options.subject) &&
                      !TRY(IsApplication(session, options.subject));
  if (digest) {
    request.set_plan(options.subject);
  } else {
    request.set_application(options.subject);
  }
  const v1::PlanApproval approval = TRY(session.client.ApprovePlan(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, approval));
    return kOk;
  }
  session.write("plan " + ShortDigest(approval.plan()) + " approved by " +
                OneLine(approval.actor()) + "\n");
  return kOk;
}

}  // namespace swell::cli
