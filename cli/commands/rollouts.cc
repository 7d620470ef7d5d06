// swell sync, rollback, cancel, wait, watch: rollouts begun, ended and waited for.

#include <algorithm>
#include <map>

#include "base/core/strings.h"
#include "cli/commands/commands.h"
#include "cli/commands/follow.h"
#include "cli/commands/messages.h"
#include "cli/commands/progress.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPollInterval = 500ms;

Result<int> AfterStart(const Session& session, const StartOptions& options,
                       v1::StartedRollout started) {
  const bool waits = options.waiting == Waiting::kYes && started.has_rollout();
  if (session.format == Format::kTable) {
    if (!started.has_rollout()) {
      session.write(options.application + ": " + OneLine(started.message()) + "\n");
    } else if (!waits) {
      session.write(options.application + ": began " + RolloutTitle(started.rollout()) +
                    "; follow it with: swell watch " + options.application + "\n");
    }
  }
  int code = kOk;
  if (waits) {
    const Shown shown = session.format == Format::kTable ? Shown::kProgress : Shown::kNothing;
    const Followed followed = TRY(Follow(session, {.application = options.application,
                                                   .number = started.rollout().number(),
                                                   .timeout = options.timeout,
                                                   .shown = shown}));
    code = ExitOf(session, options.application, followed, options.timeout);
    if (!followed.rollout.id().empty()) *started.mutable_rollout() = followed.rollout;
  }
  if (session.format != Format::kTable) TRY(PrintMessage(session, started));
  return code;
}

Result<v1::ApplicationStatus> StatusOf(const Session& session, const std::string& application) {
  v1::GetApplicationRequest request;
  request.set_name(application);
  return session.client.GetApplication(request);
}

// The last rollout was for this very revision and did not get through: waiting on is no use.
bool GaveUp(const v1::ApplicationStatus& status) {
  const v1::Rollout& rollout = status.rollout();
  return rollout.finished() && !Succeeded(rollout) && status.sync() != "Synced" &&
         rollout.revision().commit() == status.revision().commit();
}

bool IsAbout(const v1::ApplicationStatus& status, const std::string& revision) {
  return revision.empty() || status.revision().commit().starts_with(revision);
}

bool Reached(const v1::ApplicationStatus& status, const WaitOptions& options) {
  if (!IsAbout(status, options.revision)) return false;
  if (options.what == WaitFor::kHealthy) return status.health().status() == "Healthy";
  return status.sync() == "Synced";
}

std::string Standing(const v1::ApplicationStatus& status) {
  const std::string why = !status.source_error().empty() ? status.source_error()
                          : !status.error().empty()      ? status.error()
                                                         : status.hold();
  return status.sync() + ", " + HealthText(status.health()) + ", at " +
         RevisionText(status.revision()) + (why.empty() ? "" : " (" + OneLine(why) + ")");
}

}  // namespace

Result<int> Sync(const Session& session, const StartOptions& options) {
  v1::SyncRequest request;
  request.set_application(options.application);
  request.set_revision(options.revision);
  request.set_actor(session.actor);
  request.set_reason(options.reason);
  request.set_confirm_prune(options.confirm_prune);
  request.set_plan(options.plan);
  return AfterStart(session, options, TRY(session.client.Sync(request)));
}

Result<int> Rollback(const Session& session, const StartOptions& options) {
  if (options.dry_run == DryRun::kYes) return PlanRollback(session, options);
  v1::RollbackRequest request;
  request.set_application(options.application);
  request.set_to(options.to);
  for (const std::string& name : options.clusters) request.add_clusters(name);
  request.set_plan(options.plan);
  request.set_actor(session.actor);
  request.set_reason(options.reason);
  request.set_confirm_prune(options.confirm_prune);
  return AfterStart(session, options, TRY(session.client.Rollback(request)));
}

Result<int> Cancel(const Session& session, const std::string& application,
                   const std::string& reason) {
  v1::CancelRolloutRequest request;
  request.set_application(application);
  request.set_actor(session.actor);
  request.set_reason(reason);
  const auto response = TRY(session.client.CancelRollout(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, response));
    return kOk;
  }
  session.write(application +
                ": cancelled; clusters that were reached stay as they are, and its "
                "revision is quarantined\n");
  return kOk;
}

Result<int> Steer(const Session& session, const SteerOptions& options) {
  v1::SteerRolloutRequest request;
  request.set_application(options.application);
  request.set_action(options.action);
  request.set_actor(session.actor);
  request.set_reason(options.reason);
  const auto response = TRY(session.client.SteerRollout(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, response));
    return kOk;
  }
  static const std::map<std::string, std::string> kDone = {
      {"pause", "paused: no further cluster is begun; go on with: swell resume "},
      {"resume", "goes on; follow it with: swell watch "},
      {"promote", "goes on without what its wave waited for; follow it with: swell watch "}};
  session.write(options.application + ": " + kDone.at(options.action) + options.application + "\n");
  return kOk;
}

Result<int> Wait(const Session& session, const WaitOptions& options) {
  if (options.what == WaitFor::kFinished) {
    const Followed followed =
        TRY(Follow(session, {.application = options.application, .timeout = options.timeout}));
    return ExitOf(session, options.application, followed, options.timeout);
  }
  const Timestamp begin = session.clock.Now();
  for (;;) {
    const v1::ApplicationStatus status = TRY(StatusOf(session, options.application));
    const bool reached = Reached(status, options);
    // The failure of another revision says nothing about the one that is on its way.
    const bool gave_up =
        options.what == WaitFor::kSynced && IsAbout(status, options.revision) && GaveUp(status);
    if (reached && session.format == Format::kTable) {
      session.write(options.application + ": " + Standing(status) + "\n");
    } else if (reached) {
      TRY(PrintMessage(session, status));
    }
    if (reached) return kOk;
    if (gave_up) {
      return ExitOf(session, options.application, {.rollout = status.rollout()}, options.timeout);
    }
    if (session.clock.Now() - begin >= options.timeout) {
      session.complain(options.application + " is still " + Standing(status) + " after " +
                       FormatDuration(options.timeout));
      return kTimedOut;
    }
    session.sleep(std::min(kPollInterval, options.timeout));
  }
}

Result<int> Watch(const Session& session, const WatchOptions& options) {
  const Followed followed = TRY(Follow(session, {.application = options.application,
                                                 .until_finished = options.until_finished,
                                                 .timeout = options.timeout}));
  return ExitOf(session, options.application, followed, options.timeout.value_or(Duration{}));
}

}  // namespace swell::cli
