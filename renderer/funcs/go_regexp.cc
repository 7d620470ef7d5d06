#include "renderer/funcs/go_regexp.h"

#include <map>

namespace swell::funcs {
namespace {

constexpr std::size_t kMaxCached = 256;

// RE2's reasons and Go's words for them.
constexpr std::pair<std::string_view, std::string_view> kReasons[] = {
    {"invalid character class range", "invalid character class range"},
    {"invalid character class", "invalid character class"},
    {"invalid escape sequence", "invalid escape sequence"},
    {"missing ]", "missing closing ]"},
    {"missing )", "missing closing )"},
    {"unexpected )", "unexpected )"},
    {"trailing \\", "trailing backslash at end of expression"},
    {"no argument for repetition operator", "missing argument to repetition operator"},
    {"invalid repetition size", "invalid repeat count"},
    {"bad repetition operator", "invalid nested repetition operator"},
    {"invalid perl operator", "invalid or unsupported Perl syntax"},
    {"invalid UTF-8", "invalid UTF-8"},
    {"invalid named capture group", "invalid named capture"},
};

// `message` is base/text/regex.h's: `bad regular expression "(": missing ): (`.
std::string GoMessage(std::string_view message) {
  for (const auto& [reason, words] : kReasons) {
    const std::string marker = "\": " + std::string(reason) + ": ";
    const std::size_t at = message.rfind(marker);
    if (at == std::string_view::npos) continue;
    return "error parsing regexp: " + std::string(words) + ": `" +
           std::string(message.substr(at + marker.size())) + "`";
  }
  return "error parsing regexp: " + std::string(message);
}

}  // namespace

Result<Regex> CompileGoRegexp(std::string_view pattern) {
  thread_local std::map<std::string, Regex, std::less<>> cache;
  if (const auto known = cache.find(pattern); known != cache.end()) return known->second;
  auto compiled = Regex::Compile(pattern);
  if (!compiled) return Fail(InvalidArgument(GoMessage(compiled.error().message())));
  if (cache.size() >= kMaxCached) cache.clear();
  cache.emplace(std::string(pattern), *compiled);
  return compiled;
}

std::vector<std::string> FindAllGo(const Regex& regex, std::string_view text, std::int64_t limit) {
  std::vector<std::string> out;
  if (limit == 0) return out;
  for (const auto& match : regex.FindAll(text, limit < 0 ? 0 : static_cast<std::size_t>(limit))) {
    out.emplace_back(text.substr(match[0].begin, match[0].end - match[0].begin));
  }
  return out;
}

std::vector<std::string> SplitGo(const Regex& regex, std::string_view text, std::int64_t limit) {
  if (limit == 0) return {};
  if (!regex.pattern().empty() && text.empty()) return {""};
  std::vector<std::string> out;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (const auto& groups : regex.FindAll(text, limit < 0 ? 0 : static_cast<std::size_t>(limit))) {
    if (limit > 0 && static_cast<std::int64_t>(out.size()) == limit - 1) break;
    const Regex::Span& match = groups[0];
    end = match.begin;
    if (match.end != 0) out.emplace_back(text.substr(begin, end - begin));
    begin = match.end;
  }
  if (end != text.size()) out.emplace_back(text.substr(begin));
  return out;
}

}  // namespace swell::funcs
