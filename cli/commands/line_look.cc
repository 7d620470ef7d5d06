// The arguments of the commands that look: status, get, diff, history, events, tree, logs.

#include <limits>

#include "cli/commands/line.h"

namespace swell::cli {
namespace {

void AddEvents(Line& line) {
  struct Options {
    EventOptions past;
    LiveEventOptions live;
    bool of_clusters = false;
  };
  const auto e = std::make_shared<Options>();
  CLI::App& events = line.Add(line.root(), "events", kLook, "What happened, the newest last");
  events.add_option("APP", e->past.application, "The application; all where absent");
  events.add_option("--limit", e->past.limit, "At most so many")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  auto* after = events.add_option("--after", e->past.after, "Only those after this number");
  auto* live = events.add_flag("--live", e->of_clusters,
                               "What the clusters say of its objects, instead of Swell");
  after->excludes(live);
  Line::Cluster(events, e->live.cluster)->needs(live);
  Line::Object(events, e->live.object, "Of this one and what it owns")->needs(live);
  events.add_flag("--warnings", e->live.warnings, "Without those of type Normal")->needs(live);
  line.Runs(events, [e](const Session& s) -> Result<int> {
    if (!e->of_clusters) return ShowEvents(s, e->past);
    e->live.application = e->past.application;
    e->live.limit = e->past.limit;
    if (e->live.application.empty()) {
      return Fail(InvalidArgument("events --live is about one application: name it"));
    }
    return ShowLiveEvents(s, e->live);
  });
}

void AddVerify(Line& line, CLI::App& history) {
  const auto o = std::make_shared<VerifyOptions>();
  CLI::App& verify = line.Add(history, "verify", "Subcommands",
                              "Whether all that the server recorded is as it was written");
  verify.add_option("--from", o->from, "Begin with this event; earlier ones are taken as they are")
      ->check(CLI::Range(std::int64_t{1}, std::numeric_limits<std::int64_t>::max()))
      ->type_name("NUMBER");
  verify.add_option("--expect", o->expect, "A head printed earlier: the chain must go through it")
      ->type_name("HEAD");
  line.Runs(verify, o, VerifyHistory);
}

}  // namespace

void AddLooking(Line& line) {
  CLI::App& status = line.Add(line.root(), "status", kLook, "All applications, or one in full");
  const auto app = std::make_shared<std::string>();
  status.add_option("APP", *app, "The application; all where absent");
  line.Runs(status, app, &ShowStatus);

  CLI::App& get =
      line.Add(line.root(), "get", kLook, "What is declared; -o yaml prints the documents");
  const auto what = std::make_shared<ResourceName>();
  Line::Kind(get, what->kind);
  get.add_option("NAME", what->name, "One of them; all where absent");
  line.Runs(get, what, &Get);

  CLI::App& diff =
      line.Add(line.root(), "diff", kLook, "What a sync would change, cluster by cluster");
  const auto options = std::make_shared<DiffOptions>();
  Line::Name(diff, options->application);
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
  line.Runs(diff, options, &Diff);

  CLI::App& version = line.Add(line.root(), "version", kLook, "Of this program and of the server");
  line.Runs(version, &ShowVersion);
}

void AddPast(Line& line) {
  struct Past {
    std::string application, cluster;
    std::int64_t number = 0;
    int limit = 20;
  };
  const auto o = std::make_shared<Past>();
  CLI::App& history = line.Add(line.root(), "history", kLook, "The rollouts of an application");
  history.add_option("APP", o->application, "The application");
  history.add_option("--limit", o->limit, "At most so many")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  AddVerify(line, history);
  line.RunsUnlessSub(history, &o->application,
                     [o](const Session& s) { return History(s, o->application, o->limit); });

  CLI::App& rollout = line.Add(line.root(), "rollout", kLook, "One rollout with every cluster");
  Line::Name(rollout, o->application);
  rollout.add_option("NUMBER", o->number, "From history; the running or last one where absent");
  line.Runs(rollout, [o](const Session& s) { return ShowRollout(s, o->application, o->number); });

  CLI::App& manifest =
      line.Add(line.root(), "manifest", kLook, "What a rollout brought to one cluster");
  Line::Name(manifest, o->application);
  manifest.add_option("CLUSTER", o->cluster, "The cluster")->required();
  manifest.add_option("--rollout", o->number, "From history; the running or last one where absent");
  line.Runs(manifest, [o](const Session& s) {
    return ShowManifest(s, o->application, o->cluster, o->number);
  });

  AddEvents(line);
}

void AddLiving(Line& line) {
  CLI::App& tree = line.Add(line.root(), "tree", kLook, "What runs: its objects and what they own");
  const auto t = std::make_shared<TreeOptions>();
  Line::Name(tree, t->application);
  Line::Cluster(tree, t->cluster);
  tree.add_option("--depth", t->depth, "So many levels; all where absent")
      ->check(CLI::Range(1, 100));
  tree.add_flag("--unhealthy", t->unhealthy, "Only what is not well, and what leads to it");
  line.Runs(tree, t, &ShowTree);

  CLI::App& logs = line.Add(line.root(), "logs", kLook, "What its containers write");
  const auto l = std::make_shared<LogsOptions>();
  Line::Name(logs, l->application);
  Line::Cluster(logs, l->cluster);
  auto* object = Line::Object(logs, l->object, "The pods of this one");
  logs.add_option("--pod", l->pod, "This pod")->type_name("NAME")->excludes(object);
  logs.add_option("-c,--container", l->container, "This container of each pod; else all")
      ->type_name("NAME");
  auto* follow = logs.add_flag("-f,--follow", l->follow, "Go on, also with pods that start later");
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
  line.Runs(logs, l, &ShowLogs);
}

}  // namespace swell::cli
