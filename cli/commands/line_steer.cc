// The arguments of the commands that steer: sync, rollback, cancel, wait, watch, quarantine.

#include "cli/commands/line.h"

namespace swell::cli {
namespace {

void AddStarting(Line& line, const char* name, const char* about,
                 Result<int> (*work)(const Session&, const StartOptions&)) {
  CLI::App& command = line.Add(line.root(), name, kSteer, about);
  const auto options = std::make_shared<StartOptions>();
  Line::Name(command, options->application);
  if (work == &Sync) {
    command.add_option("--revision", options->revision, "Branch, tag or commit");
  }
  CLI::Option* confirm =
      command.add_flag("--confirm-prune", options->confirm_prune,
                       "Delete what says Prune=confirm, and more than the deletion budget");
  CLI::Option* plan = command.add_option("--plan", options->plan, "Exactly this plan, or nothing")
                          ->type_name("DIGEST")
                          ->excludes(confirm);
  if (work == &Rollback) {
    plan->excludes(command
                       .add_option("--to", options->to,
                                   "Rollout number from history; else the last good one before")
                       ->check(CLI::PositiveNumber));
    plan->excludes(
        command.add_option("--cluster", options->clusters, "Only here; may be given again")
            ->type_name("NAME")
            ->allow_extra_args(false));
    plan->excludes(command.add_flag_callback(
        "--dry-run", [options] { options->dry_run = DryRun::kYes; }, "Show its plan"));
  }
  command.add_option("--reason", options->reason, "Recorded in history");
  command.add_flag_callback(
      "--wait", [options] { options->waiting = Waiting::kYes; }, "Until it has ended");
  Line::Timeout(command, [options](Duration d) { options->timeout = d; }, "15m");
  line.Runs(command, options, work);
}

void AddWaiting(Line& line) {
  static const std::map<std::string, WaitFor> kWhat = {{"synced", WaitFor::kSynced},
                                                       {"healthy", WaitFor::kHealthy},
                                                       {"finished", WaitFor::kFinished}};
  CLI::App& wait =
      line.Add(line.root(), "wait", kSteer, "Until an application stands as it should");
  const auto options = std::make_shared<WaitOptions>();
  Line::Name(wait, options->application);
  wait.add_option_function<std::string>(
          "--for", [options](const std::string& t) { options->what = kWhat.at(t); },
          "synced, healthy, or finished (its rollout)")
      ->check(CLI::IsMember(kWhat))
      ->type_name("STATE")
      ->default_str("synced");
  wait.add_option("--revision", options->revision, "Commit that it must be about");
  Line::Timeout(wait, [options](Duration d) { options->timeout = d; }, "15m");
  line.Runs(wait, options, &Wait);

  CLI::App& watch = line.Add(line.root(), "watch", kSteer, "A rollout as it goes");
  const auto o = std::make_shared<WatchOptions>();
  Line::Name(watch, o->application);
  watch.add_flag_callback(
      "--until-finished", [o] { o->until_finished = Waiting::kYes; }, "End with the rollout");
  Line::Timeout(watch, [o](Duration d) { o->timeout = d; }, "none");
  line.Runs(watch, o, &Watch);
}

void AddQuarantine(Line& line) {
  struct Options {
    std::string application, commit;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& quarantine =
      line.Add(line.root(), "quarantine", kSteer, "Revisions that failed and are not tried again");
  quarantine.require_subcommand(1);
  CLI::App& list = line.Add(quarantine, "list", "Subcommands", "What is quarantined");
  list.add_option("APP", o->application, "The application; all where absent");
  line.Runs(list, [o](const Session& s) { return ListQuarantine(s, o->application); });
  CLI::App& release =
      line.Add(quarantine, "release", "Subcommands", "Let a revision be tried again");
  Line::Name(release, o->application);
  release.add_option("COMMIT", o->commit, "At least 7 digits; may be left out if there is one");
  line.Runs(release,
            [o](const Session& s) { return ReleaseQuarantine(s, o->application, o->commit); });
}

CLI::App& AddSteer(Line& line, const char* action, const char* about) {
  CLI::App& command = line.Add(line.root(), action, kSteer, about);
  const auto options = std::make_shared<SteerOptions>();
  options->action = action;
  Line::Name(command, options->application);
  command.add_option("--reason", options->reason, "Recorded in history");
  line.Runs(command, options, &Steer);
  return command;
}

}  // namespace

void AddSteering(Line& line) {
  AddStarting(line, "sync", "Begin a rollout", &Sync);
  AddStarting(line, "rollback", "Restore what an earlier rollout brought", &Rollback);
  struct Cancelled {
    std::string application, reason;
  };
  const auto o = std::make_shared<Cancelled>();
  CLI::App& cancel = line.Add(line.root(), "cancel", kSteer, "End the running rollout where it is");
  Line::Name(cancel, o->application);
  cancel.add_option("--reason", o->reason, "Recorded in history");
  line.Runs(cancel, [o](const Session& s) { return Cancel(s, o->application, o->reason); });
  AddSteer(line, "pause", "Begin no further cluster of the running rollout");
  AddSteer(line, "resume", "Let a paused rollout go on");
  AddSteer(line, "promote", "Take what its wave waits for as passed: approvals, bake, gates")
      .get_option("--reason")
      ->required();
  AddWaiting(line);
  AddQuarantine(line);
}

}  // namespace swell::cli
