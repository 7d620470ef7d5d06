// The arguments of the commands that need no server.

#include "cli/commands/line.h"

namespace swell::cli {
namespace {

// Of a chart's rendering; docs/limits.md.
constexpr std::pair<std::string_view, const char*> kBudgets[] = {
    {helm::kMaxStepsFlag, "Steps that templates and schemas may take"},
    {helm::kMaxOutputFlag, "Bytes that may be printed, as in 64Mi"},
    {helm::kMaxMemoryFlag, "Bytes that functions may make in all"},
    {helm::kMaxChartFlag, "Bytes of the chart with its subcharts"},
};

// Those that read their own arguments stand here for --help and for wrong usage alone.
void OwnArguments(CLI::App& command, const char* usage) {
  command.footer(std::string("\n") + usage + "\n")->callback([] { throw CLI::CallForHelp(); });
}

}  // namespace

void AddLocal(Line& line) {
  CLI::App& render =
      line.Add(line.root(), "render", kLocal, "What the server would render for a cluster");
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
  list("--repository", o->charts.repository_files, "File with Repository resources, for fetching");
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
  line.RunsLocally(render, [o](const GlobalOptions& global) { return RunRender(global, *o); });

  CLI::App& helm = line.Add(line.root(), "helm", kLocal, "helm template, as helm prints it");
  helm.require_subcommand(1);
  OwnArguments(line.Add(helm, "template", "Subcommands", "Render a chart"),
               "swell helm template [NAME] CHART [-n NS] [-f FILE]... [--set K=V]...\n"
               "      [--set-string K=V]... [--set-file K=PATH]... [--set-json K=JSON]...\n"
               "      [--include-crds] [--kube-version V] [--api-versions A]... [--is-upgrade]\n"
               "      [--no-hooks] [--skip-tests] [-s TEMPLATE]... [--render-max-steps N]\n"
               "      [--render-max-output SIZE] [--render-max-memory SIZE]\n"
               "      [--render-max-chart SIZE]");
  CLI::App& kustomize =
      line.Add(line.root(), "kustomize", kLocal, "kustomize build, as kustomize prints it");
  kustomize.require_subcommand(1);
  OwnArguments(line.Add(kustomize, "build", "Subcommands", "Build an overlay"),
               "swell kustomize build DIR|URL [--load-restrictor LoadRestrictionsNone] "
               "[--enable-helm]\n"
               "      [--enable-remote [--repository FILE]...]");
  OwnArguments(line.Add(line.root(), "health", kLocal, "The health of one object in a file"),
               "swell health -f FILE [--check FILE.lua] [-o json]");
}

}  // namespace swell::cli
