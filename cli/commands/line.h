#pragma once
// The command line as it is put together: what the commands' arguments have in common. Included
// by the line_*.cc, which add the commands group by group, and by app.cc, which reads the line.

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/commands/run.h"

namespace swell::cli {

inline constexpr char kLook[] = "Look";
inline constexpr char kDeclare[] = "Declare";
inline constexpr char kSteer[] = "Steer";
inline constexpr char kLocal[] = "Local, without a server";

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

// KEY=VALUE texts; a usage error where one is not.
std::map<std::string, std::string> Pairs(const std::vector<std::string>& texts);

class Line {
 public:
  template <class Options>
  using Shared = std::shared_ptr<Options>;

  Line();

  CLI::App& root() { return root_; }
  // A command of `parent`, under the heading `group` of its help.
  CLI::App& Add(CLI::App& parent, const char* name, const char* group, const char* about);

  // What the command does when it is the one that was given.
  template <class Options>
  void Runs(CLI::App& command, Shared<Options> options,
            Result<int> (*work)(const Session&, const Options&)) {
    Runs(command, [options, work](const Session& session) { return work(session, *options); });
  }
  void Runs(CLI::App& command, Command work);
  // Of a command that has subcommands and does something without them, too.
  // `application` must be given then, unless it is null.
  void RunsUnlessSub(CLI::App& command, const std::string* application, Command work);
  void RunsLocally(CLI::App& command, std::function<int(const GlobalOptions&)> work);

  // Arguments that many commands have.
  static CLI::Option* Name(CLI::App& command, std::string& name);
  static void Timeout(CLI::App& command, std::function<void(Duration)> set, const char* fallback);
  static void Kind(CLI::App& command, std::string& kind);
  static CLI::Option* Cluster(CLI::App& command, std::string& cluster);
  static CLI::Option* Object(CLI::App& command, std::string& object, const char* about);

  int Run(std::span<const std::string> arguments);

 private:
  std::string Named() const;

  CLI::App root_;
  GlobalOptions global_;
  std::function<int()> run_;
};

// line_look.cc
void AddLooking(Line& line);
void AddPast(Line& line);
void AddLiving(Line& line);
// line_declare.cc
void AddDeclaring(Line& line);
// line_steer.cc
void AddSteering(Line& line);
// line_plans.cc
void AddPlans(Line& line);
void AddReports(Line& line);
// line_freeze.cc
void AddFreezes(Line& line);
// line_healing.cc
void AddHealing(Line& line);
// line_local.cc
void AddLocal(Line& line);

}  // namespace swell::cli
