// swell delete, swell app delete: a resource goes, an application with or without its objects.

#include "base/core/strings.h"
#include "cli/commands/commands.h"
#include "cli/commands/delete_view.h"
#include "cli/commands/follow.h"
#include "cli/commands/messages.h"
#include "cli/commands/progress.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;

// Between the end of a rollout of kind delete and the end of its application.
constexpr Duration kForgetting = 10s;

v1::DeleteRequest ToRequest(const Session& session, const DeleteOptions& options) {
  v1::DeleteRequest request;
  request.set_kind(options.resource.kind);
  request.set_name(options.resource.name);
  request.set_actor(session.actor);
  request.set_reason(options.reason);
  request.set_policy(options.policy);
  request.set_confirm(options.confirm);
  return request;
}

Result<int> ShowDeleted(const Session& session, const DeleteOptions& options,
                        const v1::DeleteResponse& response) {
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, response));
    return kOk;
  }
  const bool dry = options.dry_run == DryRun::kYes;
  session.write(ToLower(options.resource.kind) + "/" + options.resource.name +
                (dry ? " would be deleted" : " deleted") +
                (response.message().empty() ? "" : "; " + OneLine(response.message())) + "\n");
  return kOk;
}

// What would go is shown, and who may be asked is asked.
Result<bool> Agreed(const Session& session, const DeleteOptions& options,
                    const v1::DiffResponse& plan) {
  const std::string page = DeletionPage(options.resource.name, plan, session.terminal);
  if (session.format == Format::kTable) session.write(page);
  if (options.answer == Answer::kYes) return true;
  const auto answer = session.ask ? session.ask("Delete? [y/N] ") : std::nullopt;
  if (!answer) {
    return Fail(
        FailedPrecondition("nobody can be asked here: give --yes to delete this, or "
                           "--dry-run to look alone"));
  }
  if (!*answer) session.write("nothing was deleted\n");
  return *answer;
}

Result<int> AwaitGone(const Session& session, const DeleteOptions& options,
                      const v1::Rollout& rollout) {
  const std::string& name = options.resource.name;
  const Shown shown = session.format == Format::kTable ? Shown::kProgress : Shown::kNothing;
  const auto followed = Follow(session, {.application = name,
                                         .number = rollout.number(),
                                         .timeout = options.timeout,
                                         .shown = shown});
  // It may be gone before anybody could look at its rollout.
  const bool gone = !followed && followed.error().code() == ErrorCode::kNotFound;
  if (!gone) {
    if (!followed) return Fail(followed.error());
    const int code = ExitOf(session, name, *followed, options.timeout);
    if (code != kOk) return code;
  }
  v1::GetApplicationRequest request;
  request.set_name(name);
  for (Duration waited{0}; waited < kForgetting; waited += 100ms) {
    const auto status = session.client.GetApplication(request);
    if (!status && status.error().code() == ErrorCode::kNotFound) {
      if (session.format == Format::kTable) session.write("application/" + name + " deleted\n");
      return kOk;
    }
    session.sleep(100ms);
  }
  return Fail(Unavailable("its objects are gone, but the application is still there"));
}

Result<int> Cascade(const Session& session, const DeleteOptions& options) {
  v1::DeleteRequest request = ToRequest(session, options);
  request.set_dry_run(true);
  const v1::DeleteResponse shown = TRY(session.client.Delete(request));
  if (!shown.has_plan()) {  // the application's own policy is to orphan
    if (options.dry_run == DryRun::kYes) return ShowDeleted(session, options, shown);
    request.set_dry_run(false);
    return ShowDeleted(session, options, TRY(session.client.Delete(request)));
  }
  if (options.dry_run == DryRun::kYes) {
    if (session.format != Format::kTable) {
      TRY(PrintMessage(session, shown));
    } else {
      session.write(DeletionPage(options.resource.name, shown.plan(), session.terminal));
    }
    return kOk;
  }
  if (!TRY(Agreed(session, options, shown.plan()))) return kError;
  request.set_dry_run(false);
  request.set_plan(shown.plan().plan());
  const v1::DeleteResponse response = TRY(session.client.Delete(request));
  if (!response.has_rollout()) return ShowDeleted(session, options, response);
  if (options.wait) return AwaitGone(session, options, response.rollout());
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, response));
  } else {
    session.write(options.resource.name + ": began " + RolloutTitle(response.rollout()) +
                  "; follow it with: swell watch " + options.resource.name + "\n");
  }
  return kOk;
}

}  // namespace

Result<int> Delete(const Session& session, const DeleteOptions& options) {
  const bool may_cascade = options.resource.kind == "Application" && options.policy != "orphan";
  if (may_cascade) return Cascade(session, options);
  v1::DeleteRequest request = ToRequest(session, options);
  request.set_dry_run(options.dry_run == DryRun::kYes);
  return ShowDeleted(session, options, TRY(session.client.Delete(request)));
}

}  // namespace swell::cli
