#include "cli/commands/run.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/core/heap.h"
#include "cli/commands/local.h"
#include "cli/commands/local_engine.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

void WriteOut(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::optional<bool> Ask(std::string_view question) {
  if (isatty(STDIN_FILENO) == 0) return std::nullopt;
  std::fwrite(question.data(), 1, question.size(), stderr);
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    if (answer.size() < 8) answer += static_cast<char>(c);
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

// A full disk or a closed pipe must not look like success.
int Finished(const Result<int>& code) {
  if (!code) {
    Complain(code.error().ToString());
    return kError;
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    Complain("cannot write to standard output");
    return kError;
  }
  return *code;
}

bool AsksForHelp(std::span<const std::string> arguments) {
  return std::ranges::any_of(arguments,
                             [](const std::string& a) { return a == "--help" || a == "-h"; });
}

bool ComparesFiles(std::span<const std::string> arguments) {
  return std::ranges::any_of(arguments, [](std::string_view a) {
    for (const std::string_view flag : {"--desired", "--live", "--last-applied"}) {
      if (a == flag || (a.starts_with(flag) && a[flag.size()] == '=')) return true;
    }
    return false;
  });
}

}  // namespace

void Complain(std::string_view text) {
  const std::string line = "swell: " + Printable(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string Actor() {
  if (std::string actor = Environment("SWELL_ACTOR"); !actor.empty()) return actor;
  const passwd* user = getpwuid(geteuid());
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  std::string out = user && user->pw_name ? user->pw_name : std::to_string(geteuid());
  return host[0] ? out + "@" + host : out;
}

int RunCommand(const GlobalOptions& options, const Command& command) {
  std::string address = options.server.empty() ? Environment("SWELL_SERVER") : options.server;
  if (address.empty()) address = kDefaultServer;
  const auto client = ConnectTo(address);
  const SystemClock clock;
  const Session session{.client = *client,
                        .clock = clock,
                        .format = options.format,
                        .terminal = DetectTerminal(STDOUT_FILENO),
                        .actor = Actor(),
                        .write = WriteOut,
                        .complain = Complain,
                        .sleep = [](Duration time) { std::this_thread::sleep_for(time); },
                        .ask = Ask};
  return Finished(command(session));
}

int RunRender(const GlobalOptions& options, const RenderOptions& render) {
  const auto rendered = RenderFolder(render, options.format);
  if (!rendered) return Finished(Fail(rendered.error()));
  for (const std::string& warning : rendered->warnings) Complain("warning: " + warning);
  WriteOut(rendered->text);
  return Finished(kOk);
}

std::optional<int> RunRaw(std::span<const std::string> arguments) {
  if (arguments.empty() || AsksForHelp(arguments)) return std::nullopt;
  const std::string& first = arguments[0];
  const std::string second = arguments.size() > 1 ? arguments[1] : "";
  if (first == "helm" && second == "template") {
    QuickHeap::Enable();
    return HelmTemplate(arguments.subspan(2));
  }
  if (first == "kustomize" && second == "build") {
    QuickHeap::Enable();
    return KustomizeBuild(arguments.subspan(2));
  }
  if (first == "health") return HealthLocal(arguments.subspan(1));
  if (first == "diff" && ComparesFiles(arguments.subspan(1)))
    return DiffLocal(arguments.subspan(1));
  return std::nullopt;
}

}  // namespace swell::cli
