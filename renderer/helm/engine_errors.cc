#include "renderer/helm/engine_errors.h"

#include <optional>
#include <vector>

namespace swell::helm {
namespace {

constexpr std::string_view kStart = "HELM_ERR_START";
constexpr std::string_view kEnd = "HELM_ERR_END";
constexpr std::string_view kPrefix = "template: ";

struct Level {
  std::string location;
  std::string executed;
  std::string message;
  std::string inner;  // the text of the wrapped error; "" for none
};

// The function's error inside "error calling NAME: TEXT"; nothing where this is none.
std::optional<std::string> WrappedError(std::string_view message) {
  constexpr std::string_view kCalling = "error calling ";
  if (!message.starts_with(kCalling)) return std::nullopt;
  const std::size_t colon = message.find(": ", kCalling.size());
  if (colon == std::string_view::npos) return std::nullopt;
  return std::string(message.substr(colon + 2));
}

std::string CutNext(std::string_view message) {
  return std::string(message.substr(0, message.find(" template:")));
}

// `: executing "T" at <N>: MESSAGE`, as helm's parseTemplateExecutingAtErrorType reads it.
std::optional<Level> ParseExecuting(std::string_view rest) {
  constexpr std::string_view kExecuting = ": executing ";
  const std::size_t at = rest.find(kExecuting);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view after = rest.substr(at + kExecuting.size());
  if (!after.starts_with('"')) return std::nullopt;
  const std::size_t quote = after.find('"', 1);
  if (quote == std::string_view::npos) return std::nullopt;
  std::string_view node = after.substr(quote + 1);
  if (!node.starts_with(" at <")) return std::nullopt;
  node.remove_prefix(5);
  const std::size_t close = node.find(">: ");
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view message = node.substr(close + 3);
  Level level;
  level.location = rest.substr(0, at);
  level.executed = "executing " + std::string(after.substr(0, quote + 1)) + " at <" +
                   std::string(node.substr(0, close)) + ">:";
  level.message = CutNext(message);
  level.inner = WrappedError(message).value_or("");
  return level;
}

std::optional<Level> ParseLevel(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = text.substr(kPrefix.size());
  Level level;
  if (rest.starts_with("no template ")) {
    level.message = text;
    return level;
  }
  if (auto executing = ParseExecuting(rest)) return executing;
  const std::size_t colon = rest.rfind(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  level.location = rest.substr(0, colon);
  level.message = CutNext(rest.substr(colon + 2));
  return level;
}

}  // namespace

std::string MarkMessage(std::string_view message) {
  return std::string(kStart) + std::string(message) + std::string(kEnd);
}

std::string CleanParseError(std::string_view file, std::string_view error) {
  const std::size_t first = error.find(": ");
  if (first == std::string_view::npos) {
    return "parse error in (" + std::string(file) + "): " + std::string(error);
  }
  std::string_view location = error.substr(first + 2);
  location = location.substr(0, location.find(": "));
  const std::string_view message = error.substr(error.rfind(": ") + 2);
  return "parse error at (" + std::string(location) + "): " + std::string(message);
}

std::string ReformatExecError(std::string_view error) {
  // Errors of execution proper name what was executing; all others stay as they are.
  if (!error.starts_with(kPrefix) || error.find(": executing ") == std::string_view::npos) {
    return std::string(error);
  }
  const std::size_t start = error.find(kStart);
  const std::size_t end = error.rfind(kEnd);
  if (start != std::string_view::npos && end != std::string_view::npos && start < end) {
    std::string_view location = error.substr(kPrefix.size());
    location = location.substr(0, location.find(": "));
    const std::size_t from = start + kStart.size();
    return "execution error at (" + std::string(location) +
           "): " + std::string(error.substr(from, end - from));
  }
  std::string out;
  for (std::string current(error); !current.empty();) {
    std::optional<Level> level = ParseLevel(current);
    if (!level) return std::string(error);
    if (!level->location.empty()) out += level->location + "\n  ";
    if (!level->executed.empty()) out += level->executed + "\n    ";
    if (!level->message.empty()) out += level->message + "\n";
    current = std::move(level->inner);
  }
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

}  // namespace swell::helm
