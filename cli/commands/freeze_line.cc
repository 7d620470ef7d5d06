#include "cli/commands/freeze_line.h"

#include <memory>

#include "cli/commands/commands.h"

namespace swell::cli {
namespace {

using Options = std::shared_ptr<FreezeOptions>;

CLI::App& Add(CLI::App& root, const HelpTexts& texts, const char* name, const char* about,
              const Options& options) {
  CLI::App& command = *root.add_subcommand(name, about);
  command.group(texts.steer)->footer(texts.footer);
  auto* app = command.add_option("APP", options->application, "The application");
  command.add_flag("--fleet", options->fleet, "All applications")->excludes(app);
  command.add_option("--reason", options->reason, "Recorded in history");
  return command;
}

CLI::Option* For(CLI::App& command, const Options& options, const char* about) {
  const auto wrong = [](std::string& text) {
    const auto read = ParseDuration(text);
    return read ? std::string() : read.error().ToString();
  };
  return command
      .add_option_function<std::string>(
          "--for", [options](const std::string& t) { options->length = *ParseDuration(t); }, about)
      ->check(CLI::Validator(wrong, ""))
      ->type_name("TIME");
}

}  // namespace

void AddFreezes(CLI::App& root, const HelpTexts& texts,
                const std::function<void(CLI::App&, Command)>& runs) {
  const auto frozen = std::make_shared<FreezeOptions>();
  CLI::App& freeze =
      Add(root, texts, "freeze", "Begin nothing, in the fleet or of an application", frozen);
  For(freeze, frozen, "How long, as in 90m; else until swell unfreeze");
  runs(freeze, [frozen](const Session& s) { return Freeze(s, *frozen); });

  const auto thawed = std::make_shared<FreezeOptions>();
  CLI::App& unfreeze = Add(root, texts, "unfreeze", "End a freeze", thawed);
  runs(unfreeze, [thawed](const Session& s) { return Unfreeze(s, *thawed); });

  const auto given = std::make_shared<FreezeOptions>();
  const auto end = std::make_shared<bool>(false);
  CLI::App& glass = Add(root, texts, "override",
                        "Break the glass: pass windows, freezes and budgets by hand", given);
  CLI::Option* length = For(glass, given, "How long, at most 24h");
  glass.add_flag("--end", *end, "End it before its time")->excludes(length);
  runs(glass, [given, end](const Session& s) {
    return *end ? EndOverride(s, *given) : Override(s, *given);
  });

  CLI::App& list = *root.add_subcommand("freezes", "What is frozen or overridden, by whom and why");
  list.group(texts.look)->footer(texts.footer);
  runs(list, [](const Session& s) { return ListFreezes(s); });
}

}  // namespace swell::cli
