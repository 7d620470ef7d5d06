#include "renderer/funcs/go_regexp.h"

#include <re2/re2.h>

#include <map>

#include "base/text/runes.h"
#include "base/text/utf8.h"

namespace swell::funcs {
namespace {

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

std::string_view GoErrorText(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "internal error";
  }
}

// A name in a replacement: "1", "name", "{name}".
struct Reference {
  std::string_view name;
  int number = -1;
  std::size_t length = 0;  // of the template's text, without the '$'
};

// length 0: malformed, the '$' stands for itself.
Reference TakeReference(std::string_view text) {
  const bool brace = text.starts_with('{');
  const std::size_t begin = brace ? 1 : 0;
  std::size_t end = begin;
  while (end < text.size()) {
    const DecodedRune next = DecodeRune(text.substr(end));
    if (!IsLetter(next.rune) && !IsDigit(next.rune) && next.rune != '_') break;
    end += static_cast<std::size_t>(next.length);
  }
  if (end == begin || (brace && (end >= text.size() || text[end] != '}'))) return {};
  Reference out{.name = text.substr(begin, end - begin), .length = end + (brace ? 1 : 0)};
  int number = 0;
  for (const char c : out.name) {
    if (c < '0' || c > '9' || number >= 100'000'000) return out;
    number = number * 10 + (c - '0');
  }
  if (out.name.size() == 1 || out.name[0] != '0') out.number = number;
  return out;
}

constexpr std::size_t kMaxCached = 256;

}  // namespace

GoRegexp::~GoRegexp() = default;

Result<std::shared_ptr<const GoRegexp>> GoRegexp::Compile(std::string_view pattern) {
  thread_local std::map<std::string, std::shared_ptr<const GoRegexp>, std::less<>> cache;
  if (const auto known = cache.find(pattern); known != cache.end()) return known->second;
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto out = std::make_shared<GoRegexp>();
  out->regex_ = std::make_unique<re2::RE2>(Piece(pattern), options);
  if (!out->regex_->ok()) {
    return Fail(InvalidArgument(
        "error parsing regexp: " + std::string(GoErrorText(out->regex_->error_code())) + ": `" +
        out->regex_->error_arg() + "`"));
  }
  if (cache.size() >= kMaxCached) cache.clear();
  cache.emplace(std::string(pattern), out);
  return std::shared_ptr<const GoRegexp>(std::move(out));
}

std::vector<GoRegexp::Span> GoRegexp::Execute(std::string_view text, std::size_t position,
                                              int groups) const {
  std::vector<re2::StringPiece> pieces(static_cast<std::size_t>(groups));
  if (!regex_->Match(Piece(text), position, text.size(), re2::RE2::UNANCHORED, pieces.data(),
                     groups)) {
    return {};
  }
  std::vector<Span> spans;
  for (const re2::StringPiece& piece : pieces) {
    if (piece.data() == nullptr) {
      spans.push_back({});
      continue;
    }
    const auto begin = static_cast<std::size_t>(piece.data() - text.data());
    spans.push_back({begin, begin + piece.size(), true});
  }
  return spans;
}

bool GoRegexp::Matches(std::string_view text) const {
  return regex_->Match(Piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

std::string GoRegexp::Find(std::string_view text) const {
  const auto match = Execute(text, 0, 1);
  if (match.empty()) return "";
  return std::string(text.substr(match[0].begin, match[0].end - match[0].begin));
}

// Empty matches right behind a match do not count.
std::vector<GoRegexp::Span> GoRegexp::Matches(std::string_view text, std::int64_t limit) const {
  std::vector<Span> out;
  std::size_t position = 0;
  bool any = false;
  std::size_t previous_end = 0;
  while (position <= text.size() && (limit < 0 || static_cast<std::int64_t>(out.size()) < limit)) {
    const auto match = Execute(text, position, 1);
    if (match.empty()) break;
    const Span span = match[0];
    bool accept = true;
    if (span.end == position) {
      accept = !(any && span.begin == previous_end);
      position += position < text.size()
                      ? static_cast<std::size_t>(DecodeRune(text.substr(position)).length)
                      : 1;
    } else {
      position = span.end;
    }
    previous_end = span.end;
    any = true;
    if (accept) out.push_back(span);
  }
  return out;
}

std::vector<std::string> GoRegexp::FindAll(std::string_view text, std::int64_t limit) const {
  std::vector<std::string> out;
  for (const Span& span : Matches(text, limit)) {
    out.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return out;
}

template <class Replace>
std::string GoRegexp::Rewrite(std::string_view text, int groups, Replace replace) const {
  std::string out;
  std::size_t last_end = 0;
  std::size_t position = 0;
  while (position <= text.size()) {
    const auto match = Execute(text, position, groups);
    if (match.empty()) break;
    const Span whole = match[0];
    out += text.substr(last_end, whole.begin - last_end);
    if (whole.end > last_end || whole.begin == 0) replace(match, out);
    last_end = whole.end;
    const std::size_t width =
        position < text.size() ? static_cast<std::size_t>(DecodeRune(text.substr(position)).length)
                               : 1;
    position = position + width > whole.end ? position + width : whole.end;
  }
  return out.append(text.substr(last_end));
}

void GoRegexp::Expand(std::string_view text, std::string_view replacement,
                      const std::vector<Span>& match, std::string& out) const {
  const auto append = [&](int group) {
    if (group < 0 || static_cast<std::size_t>(group) >= match.size()) return;
    const Span& span = match[static_cast<std::size_t>(group)];
    if (span.matched) out += text.substr(span.begin, span.end - span.begin);
  };
  for (std::size_t dollar; (dollar = replacement.find('$')) != std::string_view::npos;) {
    out += replacement.substr(0, dollar);
    replacement.remove_prefix(dollar + 1);
    if (replacement.starts_with('$')) {
      out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const Reference reference = TakeReference(replacement);
    if (reference.length == 0) {
      out += '$';
      continue;
    }
    replacement.remove_prefix(reference.length);
    if (reference.number >= 0) {
      append(reference.number);
    } else {
      const auto& names = regex_->NamedCapturingGroups();
      const auto group = names.find(std::string(reference.name));
      if (group != names.end()) append(group->second);
    }
  }
  out += replacement;
}

std::string GoRegexp::ReplaceAll(std::string_view text, std::string_view replacement) const {
  return Rewrite(text, regex_->NumberOfCapturingGroups() + 1,
                 [&](const std::vector<Span>& match, std::string& out) {
                   Expand(text, replacement, match, out);
                 });
}

std::string GoRegexp::ReplaceAllLiteral(std::string_view text, std::string_view replacement) const {
  return Rewrite(text, 1, [&](const std::vector<Span>&, std::string& out) { out += replacement; });
}

std::vector<std::string> GoRegexp::Split(std::string_view text, std::int64_t limit) const {
  if (limit == 0) return {};
  if (!regex_->pattern().empty() && text.empty()) return {""};
  std::vector<std::string> out;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (const Span& match : Matches(text, limit)) {
    if (limit > 0 && static_cast<std::int64_t>(out.size()) == limit - 1) break;
    end = match.begin;
    if (match.end != 0) out.emplace_back(text.substr(begin, end - begin));
    begin = match.end;
  }
  if (end != text.size()) out.emplace_back(text.substr(begin));
  return out;
}

std::string GoRegexp::QuoteMeta(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace swell::funcs
