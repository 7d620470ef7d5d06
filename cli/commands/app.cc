// The command line of swell: every command and its arguments. The work is in commands.h.

#include "cli/commands/app.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/core/strings.h"
#include "base/core/version.h"
#include "cli/commands/commands.h"
#include "cli/commands/freeze_line.h"
#include "cli/commands/messages.h"
#include "cli/commands/run.h"

namespace swell::cli {
namespace {

constexpr char kAbout[] =
    "swell: sees and steers rollouts of swelld over a fleet of Kubernetes clusters.";
constexpr char kFooter[] =
    "\nExit status: 0 ok; 1 error; 2 wrong usage; 3 the rollout failed, was rolled back or was\n"
    "cancelled; 4 the timeout ran out; 5 diff --exit-code found changes.\n"
    "\nEnvironment: SWELL_SERVER, the server's address; SWELL_ACTOR, who asks (else user@host);\n"
    "NO_COLOR, no colours.\n";
constexpr char kCommonFooter[] =
    "\nAlso: --server HOST:PORT, -o table|json|yaml (see swell --help).\n";

constexpr char kLook[] = "Look";
constexpr char kDeclare[] = "Declare";
constexpr char kSteer[] = "Steer";
constexpr char kLocal[] = "Local, without a server";

// Of a chart's rendering; docs/limits.md.
constexpr std::pair<std::string_view, const char*> kBudgets[] = {
    {helm::kMaxStepsFlag, "Steps that templates and schemas may take"},
    {helm::kMaxOutputFlag, "Bytes that may be printed, as in 64Mi"},
    {helm::kMaxMemoryFlag, "Bytes that functions may make in all"},
    {helm::kMaxChartFlag, "Bytes of the chart with its subcharts"},
};

// A text read by one of the Parse functions; its error becomes one of usage.
template <class Parse>
CLI::Validator Reads(Parse parse, const char* name) {
  return CLI::Validator(
      [parse](std::string& text) {
        const auto read = parse(text);
        return read ? std::string() : read.error().ToString();
      },
      name);
}

std::map<std::string, std::string> Pairs(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw CLI::ValidationError(text, "give KEY=VALUE");
    }
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

class Line {
 public:
  Line() : root_(kAbout, "swell") {
    root_.footer(kFooter);
    root_.set_help_flag("-h,--help", "What can be given, and what it does");
    root_.set_version_flag("--version", std::string("swell ") + kVersion);
    root_.require_subcommand(1);
    root_.fallthrough();
    root_
        .add_option("--server", global_.server,
                    "The server's address; else SWELL_SERVER, else " + std::string(kDefaultServer))
        ->type_name("HOST:PORT");
    root_
        .add_option_function<std::string>(
            "-o,--output", [this](const std::string& t) { global_.format = *ParseFormat(t); },
            "table, json or yaml")
        ->check(Reads(ParseFormat, ""))
        ->type_name("FORMAT");
    Looking();
    Living();
    Past();
    Declaring();
    Steering();
    Waitings();
    Quarantines();
    AddFreezes(root_, {.look = kLook, .steer = kSteer, .footer = kCommonFooter},
               [this](CLI::App& command, Command work) { Runs(command, std::move(work)); });
    Offline();
  }

  int Run(std::span<const std::string> arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      root_.parse(std::move(reversed));
    } catch (const CLI::Success& shown) {
      return root_.exit(shown, std::cout, std::cerr);
    } catch (const CLI::ParseError& error) {
      const std::vector<std::string> unknown = root_.remaining();
      const bool no_command = root_.get_subcommands().empty() && !unknown.empty();
      Complain((no_command ? "unknown command " + Quote(unknown.front()) : error.what()) +
               "\nSee " + Named() + " --help");
      return kUsage;
    }
    return run_();
  }

 private:
  template <class Options>
  using Shared = std::shared_ptr<Options>;

  // The command as it was typed so far: "swell quarantine release".
  std::string Named() const {
    std::string out = "swell";
    for (const CLI::App* at = &root_; !at->get_subcommands().empty();) {
      at = at->get_subcommands().front();
      out += " " + at->get_name();
    }
    return out;
  }

  CLI::App& Add(CLI::App& parent, const char* name, const char* group, const char* about) {
    CLI::App& command = *parent.add_subcommand(name, about);
    command.group(group)->footer(kCommonFooter);
    return command;
  }
  template <class Options>
  void Runs(CLI::App& command, Shared<Options> options,
            Result<int> (*work)(const Session&, const Options&)) {
    command.callback([this, options, work] {
      run_ = [this, options, work] {
        return RunCommand(global_, [&](const Session& s) { return work(s, *options); });
      };
    });
  }
  void Runs(CLI::App& command, Command work) {
    command.callback([this, work = std::move(work)] {
      run_ = [this, work] { return RunCommand(global_, work); };
    });
  }
  static CLI::Option* Name(CLI::App& command, std::string& name) {
    return command.add_option("APP", name, "The application")->required();
  }
  static void Timeout(CLI::App& command, std::function<void(Duration)> set, const char* fallback) {
    command
        .add_option_function<std::string>(
            "--timeout", [set](const std::string& t) { set(*ParseDuration(t)); },
            "How long to wait, as in 90s, 15m, 2h")
        ->check(Reads(ParseDuration, ""))
        ->type_name("TIME")
        ->default_str(fallback);
  }
  static void Kind(CLI::App& command, std::string& kind) {
    command
        .add_option_function<std::string>(
            "KIND", [&kind](const std::string& t) { kind = *ParseKind(t); },
            "applications (app), clusters, repositories (repo), windows, teams")
        ->required()
        ->check(Reads(ParseKind, ""))
        ->type_name("");
  }

  void Looking() {
    CLI::App& status = Add(root_, "status", kLook, "All applications, or one in full");
    const auto app = std::make_shared<std::string>();
    status.add_option("APP", *app, "The application; all where absent");
    Runs(status, app, &ShowStatus);

    CLI::App& get = Add(root_, "get", kLook, "What is declared; -o yaml prints the documents");
    const auto what = std::make_shared<ResourceName>();
    Kind(get, what->kind);
    get.add_option("NAME", what->name, "One of them; all where absent");
    Runs(get, what, &Get);

    CLI::App& diff = Add(root_, "diff", kLook, "What a sync would change, cluster by cluster");
    const auto options = std::make_shared<DiffOptions>();
    Name(diff, options->application);
    diff.add_option("--revision", options->revision, "Instead of the application's own");
    diff.add_flag_callback(
        "--exit-code", [options] { options->with_changes = ChangesExit::kFoundChanges; },
        "End with 5 where there are changes");
    CLI::Option* columns = diff.add_flag_callback(
        "--side-by-side", [options] { options->view = DiffView::kSideBySide; },
        "In two columns, as wide as the terminal");
    diff.add_flag_callback(
            "--causes", [options] { options->view = DiffView::kCauses; },
            "Every field that differs, and why; also those that need no change")
        ->excludes(columns);
    diff.footer(
        "\nOf two files, without a server:\n"
        "  swell diff --desired FILE --live FILE [--last-applied FILE] [--field-manager NAME]\n"
        "             [--crd FILE]... [--ignore POINTER]... [--ignore-jq PATH]...\n"
        "             [--ignore-manager NAME]... [--side-by-side | --causes] [--exit-code]\n"
        "             [-o json]\n");
    Runs(diff, options, &Diff);

    CLI::App& version = Add(root_, "version", kLook, "Of this program and of the server");
    Runs(version, &ShowVersion);
  }

  void Past() {
    struct Past {
      std::string application, cluster;
      std::int64_t number = 0;
      int limit = 20;
    };
    const auto o = std::make_shared<Past>();
    CLI::App& history = Add(root_, "history", kLook, "The rollouts of an application");
    Name(history, o->application);
    history.add_option("--limit", o->limit, "At most so many")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    Runs(history, [o](const Session& s) { return History(s, o->application, o->limit); });

    CLI::App& rollout = Add(root_, "rollout", kLook, "One rollout with every cluster");
    Name(rollout, o->application);
    rollout.add_option("NUMBER", o->number, "From history; the running or last one where absent");
    Runs(rollout, [o](const Session& s) { return ShowRollout(s, o->application, o->number); });

    CLI::App& manifest = Add(root_, "manifest", kLook, "What a rollout brought to one cluster");
    Name(manifest, o->application);
    manifest.add_option("CLUSTER", o->cluster, "The cluster")->required();
    manifest.add_option("--rollout", o->number,
                        "From history; the running or last one where absent");
    Runs(manifest,
         [o](const Session& s) { return ShowManifest(s, o->application, o->cluster, o->number); });

    Events();
  }

  void Events() {
    struct Options {
      EventOptions past;
      LiveEventOptions live;
      bool of_clusters = false;
    };
    const auto e = std::make_shared<Options>();
    CLI::App& events = Add(root_, "events", kLook, "What happened, the newest last");
    events.add_option("APP", e->past.application, "The application; all where absent");
    events.add_option("--limit", e->past.limit, "At most so many")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    auto* after = events.add_option("--after", e->past.after, "Only those after this number");
    auto* live = events.add_flag("--live", e->of_clusters,
                                 "What the clusters say of its objects, instead of Swell");
    after->excludes(live);
    Cluster(events, e->live.cluster)->needs(live);
    Object(events, e->live.object, "Of this one and what it owns")->needs(live);
    events.add_flag("--warnings", e->live.warnings, "Without those of type Normal")->needs(live);
    Runs(events, [e](const Session& s) -> Result<int> {
      if (!e->of_clusters) return ShowEvents(s, e->past);
      e->live.application = e->past.application;
      e->live.limit = e->past.limit;
      if (e->live.application.empty()) {
        return Fail(InvalidArgument("events --live is about one application: name it"));
      }
      return ShowLiveEvents(s, e->live);
    });
  }

  static CLI::Option* Cluster(CLI::App& command, std::string& cluster) {
    return command.add_option("--cluster", cluster, "In this cluster alone")->type_name("NAME");
  }
  static CLI::Option* Object(CLI::App& command, std::string& object, const char* about) {
    return command.add_option("--object", object, about)->type_name("KIND/NAME");
  }

  void Living() {
    CLI::App& tree = Add(root_, "tree", kLook, "What runs: its objects and what they own");
    const auto t = std::make_shared<TreeOptions>();
    Name(tree, t->application);
    Cluster(tree, t->cluster);
    tree.add_option("--depth", t->depth, "So many levels; all where absent")
        ->check(CLI::Range(1, 100));
    tree.add_flag("--unhealthy", t->unhealthy, "Only what is not well, and what leads to it");
    Runs(tree, t, &ShowTree);

    CLI::App& logs = Add(root_, "logs", kLook, "What its containers write");
    const auto l = std::make_shared<LogsOptions>();
    Name(logs, l->application);
    Cluster(logs, l->cluster);
    auto* object = Object(logs, l->object, "The pods of this one");
    logs.add_option("--pod", l->pod, "This pod")->type_name("NAME")->excludes(object);
    logs.add_option("-c,--container", l->container, "This container of each pod; else all")
        ->type_name("NAME");
    auto* follow =
        logs.add_flag("-f,--follow", l->follow, "Go on, also with pods that start later");
    logs.add_option("--tail", l->tail,
                    "So many lines of the past, of each container; -1 is all. Without it 100, "
                    "or all with --since");
    logs.add_option_function<std::string>(
            "--since", [l](const std::string& text) { l->since = *ParseDuration(text); },
            "Not older than this, as in 90s, 15m, 2h")
        ->check(Reads(ParseDuration, ""))
        ->type_name("TIME");
    logs.add_flag("-p,--previous", l->previous, "Of the containers before their last restart")
        ->excludes(follow);
    logs.add_flag("--timestamps", l->timestamps, "When each line was written");
    logs.add_flag_callback(
        "--prefix", [l] { l->prefix = Prefix::kAlways; },
        "Where each line is from; as it is unless --cluster and --pod say so");
    logs.add_flag_callback("--no-prefix", [l] { l->prefix = Prefix::kNever; }, "The lines alone");
    Runs(logs, l, &ShowLogs);
  }

  void Declaring() {
    CLI::App& apply = Add(root_, "apply", kDeclare, "Declare resources: all documents or none");
    const auto options = std::make_shared<ApplyOptions>();
    apply.add_option("-f,--filename", options->files, "File, folder, or - for standard input")
        ->required();
    apply.add_flag_callback(
        "--dry-run", [options] { options->dry_run = DryRun::kYes; }, "Check, change nothing");
    apply.add_flag_callback(
        "-R,--recursive", [options] { options->recurse = Recurse::kYes; },
        "Folders of folders, too");
    Runs(apply, options, &Apply);

    CLI::App& remove = Add(root_, "delete", kDeclare,
                           "Delete a resource; an application as swell app delete does");
    const auto what = std::make_shared<DeleteOptions>();
    Kind(remove, what->resource.kind);
    remove.add_option("NAME", what->resource.name, "Its name")->required();
    Deleting(remove, what);

    CLI::App& application = Add(root_, "app", kDeclare, "Applications");
    application.require_subcommand(1);
    CLI::App& remove_application =
        Add(application, "delete", "Subcommands", "Delete an application, with its objects or not");
    const auto named = std::make_shared<DeleteOptions>();
    named->resource.kind = "Application";
    Name(remove_application, named->resource.name);
    Deleting(remove_application, named);

    CLI::App& cluster = Add(root_, "cluster", kDeclare, "Clusters of the fleet");
    cluster.require_subcommand(1);
    CLI::App& add = Add(cluster, "add", "", "Declare a cluster by its kubeconfig");
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
    Runs(add, o, &AddCluster);
  }

  void Deleting(CLI::App& command, const Shared<DeleteOptions>& options) {
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
    Timeout(command, [options](Duration d) { options->timeout = d; }, "15m");
    Runs(command, options, &Delete);
  }

  void Starting(const char* name, const char* about,
                Result<int> (*work)(const Session&, const StartOptions&)) {
    CLI::App& command = Add(root_, name, kSteer, about);
    const auto options = std::make_shared<StartOptions>();
    Name(command, options->application);
    if (work == &Sync) {
      command.add_option("--revision", options->revision, "Branch, tag or commit");
    } else {
      command
          .add_option("--to", options->to,
                      "Rollout number from history; else the last good one before")
          ->check(CLI::PositiveNumber);
    }
    command.add_flag("--confirm-prune", options->confirm_prune,
                     "Delete what says Prune=confirm, and more than the deletion budget");
    command.add_option("--reason", options->reason, "Recorded in history");
    command.add_flag_callback(
        "--wait", [options] { options->waiting = Waiting::kYes; }, "Until it has ended");
    Timeout(command, [options](Duration d) { options->timeout = d; }, "15m");
    Runs(command, options, work);
  }

  void Steering() {
    Starting("sync", "Begin a rollout", &Sync);
    Starting("rollback", "Restore what an earlier rollout brought", &Rollback);
    struct Cancelled {
      std::string application, reason;
    };
    const auto o = std::make_shared<Cancelled>();
    CLI::App& cancel = Add(root_, "cancel", kSteer, "End the running rollout where it is");
    Name(cancel, o->application);
    cancel.add_option("--reason", o->reason, "Recorded in history");
    Runs(cancel, [o](const Session& s) { return Cancel(s, o->application, o->reason); });
  }

  void Waitings() {
    static const std::map<std::string, WaitFor> kWhat = {{"synced", WaitFor::kSynced},
                                                         {"healthy", WaitFor::kHealthy},
                                                         {"finished", WaitFor::kFinished}};
    CLI::App& wait = Add(root_, "wait", kSteer, "Until an application stands as it should");
    const auto options = std::make_shared<WaitOptions>();
    Name(wait, options->application);
    wait.add_option_function<std::string>(
            "--for", [options](const std::string& t) { options->what = kWhat.at(t); },
            "synced, healthy, or finished (its rollout)")
        ->check(CLI::IsMember(kWhat))
        ->type_name("STATE")
        ->default_str("synced");
    wait.add_option("--revision", options->revision, "Commit that it must be about");
    Timeout(wait, [options](Duration d) { options->timeout = d; }, "15m");
    Runs(wait, options, &Wait);

    CLI::App& watch = Add(root_, "watch", kSteer, "A rollout as it goes");
    const auto o = std::make_shared<WatchOptions>();
    Name(watch, o->application);
    watch.add_flag_callback(
        "--until-finished", [o] { o->until_finished = Waiting::kYes; }, "End with the rollout");
    Timeout(watch, [o](Duration d) { o->timeout = d; }, "none");
    Runs(watch, o, &Watch);
  }

  void Quarantines() {
    struct Options {
      std::string application, commit;
    };
    const auto o = std::make_shared<Options>();
    CLI::App& quarantine =
        Add(root_, "quarantine", kSteer, "Revisions that failed and are not tried again");
    quarantine.require_subcommand(1);
    CLI::App& list = Add(quarantine, "list", "Subcommands", "What is quarantined");
    list.add_option("APP", o->application, "The application; all where absent");
    Runs(list, [o](const Session& s) { return ListQuarantine(s, o->application); });
    CLI::App& release = Add(quarantine, "release", "Subcommands", "Let a revision be tried again");
    Name(release, o->application);
    release.add_option("COMMIT", o->commit, "At least 7 digits; may be left out if there is one");
    Runs(release,
         [o](const Session& s) { return ReleaseQuarantine(s, o->application, o->commit); });
  }

  // Those that read their own arguments stand here for --help and for wrong usage alone.
  void OwnArguments(CLI::App& command, const char* usage) {
    command.footer(std::string("\n") + usage + "\n")->callback([] { throw CLI::CallForHelp(); });
  }

  void Offline() {
    CLI::App& render = Add(root_, "render", kLocal, "What the server would render for a cluster");
    const auto o = std::make_shared<RenderOptions>();
    render.add_option("PATH", o->path, "Folder: chart, kustomization or manifests")->required();
    render.add_option("--root", o->root, "The repository; else the Git work tree around PATH");
    render
        .add_option("--application", o->declared,
                    "File with an Application, for what it says of this repository")
        ->type_name("FILE");
    render.add_option("--name", o->application, "The application")->capture_default_str();
    render.add_option("-n,--namespace", o->ns, "The destination's namespace");
    render.add_option("--cluster-name", o->cluster, "{{ .cluster.name }}");
    const auto list = [&render](const char* name, std::vector<std::string>& to, const char* about) {
      render.add_option(name, to, about)->allow_extra_args(false);
    };
    render
        .add_option_function<std::vector<std::string>>(
            "--cluster-label",
            [o](const std::vector<std::string>& t) { o->cluster_labels = Pairs(t); },
            "{{ .cluster.labels.KEY }}")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    render.add_option("--kube-version", o->kube_version, "The cluster's, for charts that ask");
    list("--api-versions", o->api_versions, "The cluster's, as in apps/v1/Deployment");
    list("-f,--values", o->value_files, "Values file, relative to PATH");
    list("--set", o->set, "As helm's --set");
    list("--set-string", o->set_string, "As helm's --set-string");
    render.add_flag("--recurse", o->recurse, "Manifests in folders below PATH, too");
    render.add_flag_callback(
        "--fetch-dependencies", [o] { o->charts.fetching = Fetching::kAllowed; },
        "Fetch what Chart.yaml declares and charts/ lacks, and remote bases");
    list("--repository", o->charts.repository_files,
         "File with Repository resources, for fetching");
    for (const auto& [flag, about] : kBudgets) {
      render
          .add_option_function<std::string>(
              std::string(flag),
              [o, flag](const std::string& text) {
                if (const Status set = SetLimit(o->limits, flag, text); !set) {
                  throw CLI::ValidationError(set.error().ToString());
                }
              },
              about)
          ->type_name("N");
    }
    render.callback([this, o] { run_ = [this, o] { return RunRender(global_, *o); }; });

    CLI::App& helm = Add(root_, "helm", kLocal, "helm template, as helm prints it");
    helm.require_subcommand(1);
    OwnArguments(Add(helm, "template", "Subcommands", "Render a chart"),
                 "swell helm template [NAME] CHART [-n NS] [-f FILE]... [--set K=V]...\n"
                 "      [--set-string K=V]... [--set-file K=PATH]... [--set-json K=JSON]...\n"
                 "      [--include-crds] [--kube-version V] [--api-versions A]... [--is-upgrade]\n"
                 "      [--no-hooks] [--skip-tests] [-s TEMPLATE]... [--render-max-steps N]\n"
                 "      [--render-max-output SIZE] [--render-max-memory SIZE]\n"
                 "      [--render-max-chart SIZE]");
    CLI::App& kustomize =
        Add(root_, "kustomize", kLocal, "kustomize build, as kustomize prints it");
    kustomize.require_subcommand(1);
    OwnArguments(Add(kustomize, "build", "Subcommands", "Build an overlay"),
                 "swell kustomize build DIR|URL [--load-restrictor LoadRestrictionsNone] "
                 "[--enable-helm]\n"
                 "      [--enable-remote [--repository FILE]...]");
    OwnArguments(Add(root_, "health", kLocal, "The health of one object in a file"),
                 "swell health -f FILE [--check FILE.lua] [-o json]");
  }

  CLI::App root_;
  GlobalOptions global_;
  std::function<int()> run_;
};

}  // namespace

int RunSwell(std::span<const std::string> arguments) {
  if (const auto code = RunRaw(arguments)) return *code;
  return Line().Run(arguments);
}

}  // namespace swell::cli
