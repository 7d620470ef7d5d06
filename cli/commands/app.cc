// The command line of swell as a whole, and how it is read. The commands' arguments are in
// line_*.cc, their work in commands.h.

#include "cli/commands/app.h"

#include <iostream>

#include "base/core/strings.h"
#include "base/core/version.h"
#include "cli/commands/line.h"

namespace swell::cli {
namespace {

constexpr char kAbout[] =
    "swell: sees and steers rollouts of swelld over a fleet of Kubernetes clusters.";
constexpr char kFooter[] =
    "\nExit status: 0 ok; 1 error; 2 wrong usage; 3 the rollout failed, was rolled back or was\n"
    "cancelled; 4 the timeout ran out; 5 diff or plan --exit-code found changes.\n"
    "\nEnvironment: SWELL_SERVER, the server's address; SWELL_ACTOR, who asks (else user@host);\n"
    "NO_COLOR, no colours.\n";
constexpr char kCommonFooter[] =
    "\nAlso: --server HOST:PORT, -o table|json|yaml (see swell --help).\n";

}  // namespace

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

Line::Line() : root_(kAbout, "swell") {
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
  AddLooking(*this);
  AddLiving(*this);
  AddPast(*this);
  AddDeclaring(*this);
  AddSteering(*this);
  AddPlans(*this);
  AddReports(*this);
  AddFreezes(*this);
  AddHealing(*this);
  AddLocal(*this);
}

int Line::Run(std::span<const std::string> arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    root_.parse(std::move(reversed));
  } catch (const CLI::Success& shown) {
    return root_.exit(shown, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> unknown = root_.remaining();
    const bool no_command = root_.get_subcommands().empty() && !unknown.empty();
    Complain((no_command ? "unknown command " + Quote(unknown.front()) : error.what()) + "\nSee " +
             Named() + " --help");
    return kUsage;
  }
  return run_();
}

// The command as it was typed so far: "swell quarantine release".
std::string Line::Named() const {
  std::string out = "swell";
  for (const CLI::App* at = &root_; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    out += " " + at->get_name();
  }
  return out;
}

CLI::App& Line::Add(CLI::App& parent, const char* name, const char* group, const char* about) {
  CLI::App& command = *parent.add_subcommand(name, about);
  command.group(group)->footer(kCommonFooter);
  return command;
}

void Line::Runs(CLI::App& command, Command work) {
  command.callback([this, work = std::move(work)] {
    run_ = [this, work] { return RunCommand(global_, work); };
  });
}

void Line::RunsUnlessSub(CLI::App& command, const std::string* application, Command work) {
  command.callback([this, &command, application, work = std::move(work)] {
    if (!command.get_subcommands().empty()) return;
    if (application && application->empty()) throw CLI::RequiredError("APP");
    run_ = [this, work] { return RunCommand(global_, work); };
  });
}

void Line::RunsLocally(CLI::App& command, std::function<int(const GlobalOptions&)> work) {
  command.callback(
      [this, work = std::move(work)] { run_ = [this, work] { return work(global_); }; });
}

CLI::Option* Line::Name(CLI::App& command, std::string& name) {
  return command.add_option("APP", name, "The application")->required();
}

void Line::Timeout(CLI::App& command, std::function<void(Duration)> set, const char* fallback) {
  command
      .add_option_function<std::string>(
          "--timeout", [set](const std::string& t) { set(*ParseDuration(t)); },
          "How long to wait, as in 90s, 15m, 2h")
      ->check(Reads(ParseDuration, ""))
      ->type_name("TIME")
      ->default_str(fallback);
}

void Line::Kind(CLI::App& command, std::string& kind) {
  command
      .add_option_function<std::string>(
          "KIND", [&kind](const std::string& t) { kind = *ParseKind(t); },
          "applications (app), clusters, repositories (repo), windows, teams")
      ->required()
      ->check(Reads(ParseKind, ""))
      ->type_name("");
}

CLI::Option* Line::Cluster(CLI::App& command, std::string& cluster) {
  return command.add_option("--cluster", cluster, "In this cluster alone")->type_name("NAME");
}

CLI::Option* Line::Object(CLI::App& command, std::string& object, const char* about) {
  return command.add_option("--object", object, about)->type_name("KIND/NAME");
}

int RunSwell(std::span<const std::string> arguments) {
  if (const auto code = RunRaw(arguments)) return *code;
  return Line().Run(arguments);
}

}  // namespace swell::cli
