// The arguments of the commands that declare: apply, delete, app, cluster.

#include "cli/commands/line.h"

namespace swell::cli {
namespace {

void AddDeleting(Line& line, CLI::App& command, const Line::Shared<DeleteOptions>& options) {
  CLI::Option* cascade = command.add_flag_callback(
      "--cascade", [options] { options->policy = "cascade"; },
      "Delete an application's objects in the clusters, then the application");
  command
      .add_flag_callback(
          "--orphan", [options] { options->policy = "orphan"; },
          "Leave the objects in the clusters; without either, an application's spec.deletion")
      ->excludes(cascade);
  command.add_flag("--confirm", options->confirm, "Of a cascade: also what says Delete=confirm");
  command.add_flag_callback(
      "--dry-run", [options] { options->dry_run = DryRun::kYes; }, "Show what would go");
  command.add_flag_callback(
      "-y,--yes", [options] { options->answer = Answer::kYes; }, "Of a cascade: do not ask");
  command.add_flag("--wait", options->wait, "Of a cascade: until the application is gone");
  command.add_option("--reason", options->reason, "Recorded in history");
  Line::Timeout(command, [options](Duration d) { options->timeout = d; }, "15m");
  line.Runs(command, options, &Delete);
}

}  // namespace

void AddDeclaring(Line& line) {
  CLI::App& apply =
      line.Add(line.root(), "apply", kDeclare, "Declare resources: all documents or none");
  const auto options = std::make_shared<ApplyOptions>();
  apply.add_option("-f,--filename", options->files, "File, folder, or - for standard input")
      ->required();
  apply.add_flag_callback(
      "--dry-run", [options] { options->dry_run = DryRun::kYes; }, "Check, change nothing");
  apply.add_flag_callback(
      "-R,--recursive", [options] { options->recurse = Recurse::kYes; }, "Folders of folders, too");
  line.Runs(apply, options, &Apply);

  CLI::App& remove = line.Add(line.root(), "delete", kDeclare,
                              "Delete a resource; an application as swell app delete does");
  const auto what = std::make_shared<DeleteOptions>();
  Line::Kind(remove, what->resource.kind);
  remove.add_option("NAME", what->resource.name, "Its name")->required();
  AddDeleting(line, remove, what);

  CLI::App& application = line.Add(line.root(), "app", kDeclare, "Applications");
  application.require_subcommand(1);
  CLI::App& remove_application = line.Add(application, "delete", "Subcommands",
                                          "Delete an application, with its objects or not");
  const auto named = std::make_shared<DeleteOptions>();
  named->resource.kind = "Application";
  Line::Name(remove_application, named->resource.name);
  AddDeleting(line, remove_application, named);

  CLI::App& cluster = line.Add(line.root(), "cluster", kDeclare, "Clusters of the fleet");
  cluster.require_subcommand(1);
  CLI::App& add = line.Add(cluster, "add", "", "Declare a cluster by its kubeconfig");
  const auto o = std::make_shared<ClusterOptions>();
  add.group("Subcommands");
  add.add_option("NAME", o->name, "What Swell calls it")->required();
  add.add_option("--kubeconfig", o->kubeconfig,
                 "Read by the server; else KUBECONFIG, else ~/.kube/config")
      ->type_name("FILE");
  add.add_option("--context", o->context, "Context in it; else its current one");
  add.add_option_function<std::vector<std::string>>(
         "--label", [o](const std::vector<std::string>& t) { o->labels = Pairs(t); },
         "For selectors; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  line.Runs(add, o, &AddCluster);
}

}  // namespace swell::cli
