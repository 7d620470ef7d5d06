#include "renderer/funcs/go_regexp.h"

#include <map>

namespace swell::funcs {
namespace {

using gotemplate::Budget;
using Match = std::vector<Regex::Span>;

constexpr std::size_t kMaxCached = 256;
// Larger programs are not kept: RE2 gives each megabytes for its automaton.
constexpr std::size_t kMaxCachedProgram = 4096;

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

// One search through `bytes`: the automaton reads some 256 in the time of a step; the simulation
// that replaces it where its states are too many takes each instruction at each byte.
Status ChargeSearch(const Regex& regex, std::size_t bytes, Budget& budget) {
  return budget.Spend(1 + bytes / 256 + bytes * regex.program_size() / 65536);
}

// Calls `use` (a Status(const Match&)) with every match, at most `limit` (0: all). With each a
// small part of the rest of the text is charged: the next search may have to read it to the end.
template <class Use>
Status EachMatch(const Regex& regex, std::string_view text, std::size_t limit, Budget& budget,
                 Use use) {
  TRY(ChargeSearch(regex, text.size(), budget));
  Status status;
  std::size_t count = 0;
  regex.Visit(text, [&](const Match& match) {
    status = budget.Spend(1 + (text.size() - match[0].end) / 512);
    if (status) status = use(match);
    return status.has_value() && ++count != limit;
  });
  return status;
}

std::string_view TextOf(const Match& match, std::string_view text) {
  return text.substr(match[0].begin, match[0].end - match[0].begin);
}

// A list's item: the string, and its text where that is not inside it.
Status ChargeItem(std::string_view text, Budget& budget) {
  return budget.Allow(sizeof(std::string) + text.size());
}

}  // namespace

Result<Regex> CompileGoRegexp(std::string_view pattern, Budget& budget) {
  thread_local std::map<std::string, Regex, std::less<>> cache;
  TRY(budget.Spend(1 + pattern.size() / 16));
  if (const auto known = cache.find(pattern); known != cache.end()) return known->second;
  TRY(budget.Spend(pattern.size()));
  auto compiled = Regex::Compile(pattern);
  if (!compiled) {
    // A program that becomes too large is refused only when it is.
    TRY(budget.Spend(pattern.find('{') == std::string_view::npos ? 0 : 10'000));
    return Fail(InvalidArgument(GoMessage(compiled.error().message())));
  }
  TRY(budget.Spend(compiled->program_size() / 4));
  if (compiled->program_size() > kMaxCachedProgram) return compiled;
  if (cache.size() >= kMaxCached) cache.clear();
  cache.emplace(std::string(pattern), *compiled);
  return compiled;
}

Result<bool> MatchesGo(const Regex& regex, std::string_view text, Budget& budget) {
  TRY(ChargeSearch(regex, text.size(), budget));
  return regex.Matches(text);
}

Result<std::string_view> FindGo(const Regex& regex, std::string_view text, Budget& budget) {
  TRY(ChargeSearch(regex, text.size(), budget));
  const Match match = regex.Find(text);
  return match.empty() ? std::string_view() : TextOf(match, text);
}

Result<std::vector<std::string>> FindAllGo(const Regex& regex, std::string_view text,
                                           std::int64_t limit, Budget& budget) {
  std::vector<std::string> out;
  if (limit == 0) return out;
  const std::size_t at_most = limit < 0 ? 0 : static_cast<std::size_t>(limit);
  TRY(EachMatch(regex, text, at_most, budget, [&](const Match& match) -> Status {
    TRY(ChargeItem(TextOf(match, text), budget));
    out.emplace_back(TextOf(match, text));
    return {};
  }));
  return out;
}

Result<std::vector<std::string>> SplitGo(const Regex& regex, std::string_view text,
                                         std::int64_t limit, Budget& budget) {
  std::vector<std::string> out;
  if (limit == 0) return out;
  if (!regex.pattern().empty() && text.empty()) return std::vector<std::string>{""};
  const std::size_t at_most = limit < 0 ? 0 : static_cast<std::size_t>(limit);
  std::size_t begin = 0;
  std::size_t end = 0;
  TRY(EachMatch(regex, text, at_most, budget, [&](const Match& groups) -> Status {
    if (limit > 0 && static_cast<std::int64_t>(out.size()) == limit - 1) return {};
    const Regex::Span& match = groups[0];
    end = match.begin;
    const std::string_view part = text.substr(begin, end - begin);
    TRY(ChargeItem(part, budget));
    if (match.end != 0) out.emplace_back(part);
    begin = match.end;
    return {};
  }));
  if (end != text.size()) out.emplace_back(text.substr(begin));
  return out;
}

Result<std::string> ReplaceAllGo(const Regex& regex, std::string_view text,
                                 std::string_view replacement, Replacement kind, Budget& budget) {
  std::string out;
  std::size_t at = 0;
  const std::size_t most = budget.limits().max_value_bytes;
  TRY(EachMatch(regex, text, 0, budget, [&](const Match& match) -> Status {
    TRY(budget.Spend(replacement.size() / 256));
    out += text.substr(at, match[0].begin - at);
    if (kind == Replacement::kLiteral) {
      out += replacement;
    } else {
      regex.Expand(replacement, text, match, out, most);
    }
    at = match[0].end;
    return out.size() > most ? budget.Allow(out.size()) : Status();
  }));
  out += text.substr(at);
  TRY(budget.Allow(out.size()));
  return out;
}

}  // namespace swell::funcs
