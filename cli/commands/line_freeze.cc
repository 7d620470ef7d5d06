// The arguments of swell freeze, unfreeze, override and freezes.

#include "cli/commands/line.h"

namespace swell::cli {
namespace {

using Options = std::shared_ptr<FreezeOptions>;

CLI::App& Add(Line& line, const char* name, const char* about, const Options& options) {
  CLI::App& command = line.Add(line.root(), name, kSteer, about);
  auto* app = command.add_option("APP", options->application, "The application");
  command.add_flag("--fleet", options->fleet, "All applications")->excludes(app);
  command.add_option("--reason", options->reason, "Recorded in history");
  return command;
}

CLI::Option* For(CLI::App& command, const Options& options, const char* about) {
  return command
      .add_option_function<std::string>(
          "--for", [options](const std::string& t) { options->length = *ParseDuration(t); }, about)
      ->check(Reads(ParseDuration, ""))
      ->type_name("TIME");
}

}  // namespace

void AddFreezes(Line& line) {
  const auto frozen = std::make_shared<FreezeOptions>();
  CLI::App& freeze =
      Add(line, "freeze", "Begin nothing, in the fleet or of an application", frozen);
  For(freeze, frozen, "How long, as in 90m; else until swell unfreeze");
  line.Runs(freeze, [frozen](const Session& s) { return Freeze(s, *frozen); });

  const auto thawed = std::make_shared<FreezeOptions>();
  CLI::App& unfreeze = Add(line, "unfreeze", "End a freeze", thawed);
  line.Runs(unfreeze, [thawed](const Session& s) { return Unfreeze(s, *thawed); });

  const auto given = std::make_shared<FreezeOptions>();
  const auto end = std::make_shared<bool>(false);
  CLI::App& glass =
      Add(line, "override", "Break the glass: pass windows, freezes and budgets by hand", given);
  CLI::Option* length = For(glass, given, "How long, at most 24h");
  glass.add_flag("--end", *end, "End it before its time")->excludes(length);
  line.Runs(glass, [given, end](const Session& s) {
    return *end ? EndOverride(s, *given) : Override(s, *given);
  });

  CLI::App& list =
      line.Add(line.root(), "freezes", kLook, "What is frozen or overridden, by whom and why");
  line.Runs(list, [](const Session& s) { return ListFreezes(s); });
}

}  // namespace swell::cli
