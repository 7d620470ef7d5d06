// The arguments of swell plan, approve and report.

#include "cli/commands/line.h"

namespace swell::cli {
namespace {

void AddPlan(Line& line) {
  CLI::App& plan =
      line.Add(line.root(), "plan", kSteer, "What a sync would do to the whole fleet, recorded");
  plan.require_subcommand(0, 1);
  const auto options = std::make_shared<PlanOptions>();
  plan.add_option("APP", options->application, "The application");
  plan.add_option("--revision", options->revision, "Instead of the application's own");
  plan.add_flag("--confirm-prune", options->confirm_prune, "With what says Prune=confirm");
  plan.add_option("--reason", options->reason, "Recorded with the plan");
  plan.add_flag_callback(
      "--exit-code", [options] { options->with_changes = ChangesExit::kFoundChanges; },
      "End with 5 where there are changes");
  line.RunsUnlessSub(plan, &options->application,
                     [options](const Session& s) { return MakePlan(s, *options); });

  struct Named {
    std::string application, first, second;
  };
  const auto named = std::make_shared<Named>();
  CLI::App& list = line.Add(plan, "list", "Subcommands", "Plans that were made, newest first");
  list.add_option("APP", named->application, "The application")->required();
  line.Runs(list, [named](const Session& s) { return ListPlans(s, named->application); });
  constexpr char kDigits[] = "Its digest, or six digits of it at least";
  CLI::App& show = line.Add(plan, "show", "Subcommands", "A plan that was made");
  show.add_option("DIGEST", named->first, kDigits)->required();
  line.Runs(show, [named](const Session& s) { return ShowPlan(s, named->first); });
  CLI::App& diff = line.Add(plan, "diff", "Subcommands", "What differs between two plans");
  diff.add_option("DIGEST1", named->first, kDigits)->required();
  diff.add_option("DIGEST2", named->second, "The other one")->required();
  line.Runs(diff,
            [named](const Session& s) { return ComparePlans(s, named->first, named->second); });
}

void AddApprove(Line& line) {
  CLI::App& approve = line.Add(line.root(), "approve", kSteer, "Agree to exactly one plan");
  const auto options = std::make_shared<ApproveOptions>();
  approve
      .add_option("DIGEST|APP", options->subject,
                  "A plan; or an application, for the plan of its running rollout")
      ->required();
  approve.add_option("--plan", options->plan, "Of the application, this plan")->type_name("DIGEST");
  approve.add_option("--comment", options->comment, "Recorded with the approval");
  line.Runs(approve, options, &Approve);
}

void ReportWindow(CLI::App& command, ReportOptions& options) {
  command.add_option("APP", options.applications, "The applications; all where absent");
  command
      .add_option("--since", options.since,
                  "How long ago (12h, 30d, 4w), a day (2026-03-01) or a time, UTC")
      ->type_name("TIME")
      ->capture_default_str();
  command.add_option("--until", options.until, "Likewise; else now")->type_name("TIME");
}

}  // namespace

void AddReports(Line& line) {
  static const std::map<std::string, ReportFormat> kFormats = {{"table", ReportFormat::kTable},
                                                               {"json", ReportFormat::kJson},
                                                               {"yaml", ReportFormat::kYaml},
                                                               {"csv", ReportFormat::kCsv},
                                                               {"html", ReportFormat::kHtml}};
  CLI::App& report =
      line.Add(line.root(), "report", kLook, "How applications were delivered, in numbers");
  report.require_subcommand(0, 1);
  report.footer("\nDefinitions: docs/reports.md.\n");
  const auto options = std::make_shared<ReportOptions>();
  ReportWindow(report, *options);
  report
      .add_option_function<std::string>(
          "-o,--output", [options](const std::string& t) { options->format = kFormats.at(t); },
          "table, json, yaml, csv or html")
      ->check(CLI::IsMember(kFormats))
      ->type_name("FORMAT");
  line.RunsUnlessSub(report, nullptr, [options](const Session& s) { return Report(s, *options); });

  CLI::App& evidence = line.Add(report, "evidence", "Subcommands",
                                "What an audit asks for: every rollout with its proof");
  evidence.footer("\nAlso: --server HOST:PORT (see swell --help).\n");
  const auto pack = std::make_shared<ReportOptions>();
  ReportWindow(evidence, *pack);
  evidence.add_option("--output", pack->folder, "A folder that is not there yet, or empty")
      ->type_name("DIR")
      ->required();
  line.Runs(evidence, pack, &ReportEvidence);
}

void AddPlans(Line& line) {
  AddPlan(line);
  AddApprove(line);
}

}  // namespace swell::cli
