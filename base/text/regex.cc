#include "base/text/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"
#include "base/text/utf8.h"

namespace swell {
namespace {

constexpr std::int64_t kMaxProgramBytes = 1 << 20;

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

RE2::Options Options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxProgramBytes * 8);  // RE2 gives the program a part of it
  return options;
}

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

}  // namespace

struct Regex::Program {
  explicit Program(std::string_view pattern) : text(pattern), re(Piece(pattern), Options()) {}
  std::string text;
  RE2 re;
};

Result<Regex> Regex::Compile(std::string_view pattern) {
  auto program = std::make_shared<const Program>(pattern);
  if (!program->re.ok()) {
    return Fail(
        InvalidArgument("bad regular expression " + Quote(pattern) + ": " + program->re.error()));
  }
  return Regex(std::move(program));
}

const std::string& Regex::pattern() const { return program_->text; }

std::size_t Regex::groups() const {
  return static_cast<std::size_t>(program_->re.NumberOfCapturingGroups());
}

bool Regex::Matches(std::string_view text) const {
  return RE2::PartialMatch(Piece(text), program_->re);
}

bool Regex::FullMatch(std::string_view text) const {
  return RE2::FullMatch(Piece(text), program_->re);
}

std::vector<Regex::Span> Regex::Find(std::string_view text, std::size_t from) const {
  if (text.data() == nullptr) text = "";  // RE2 tells an unmatched group by a null pointer
  std::vector<re2::StringPiece> found(groups() + 1);
  std::vector<Span> out;
  if (from > text.size() || !program_->re.Match(Piece(text), from, text.size(), RE2::UNANCHORED,
                                                found.data(), static_cast<int>(found.size()))) {
    return out;
  }
  for (const re2::StringPiece& piece : found) {
    Span span;
    if (piece.data() != nullptr) {
      span.begin = static_cast<std::size_t>(piece.data() - text.data());
      span.end = span.begin + piece.size();
    }
    out.push_back(span);
  }
  return out;
}

std::size_t Regex::program_size() const {
  return static_cast<std::size_t>(std::max(0, program_->re.ProgramSize()));
}

std::vector<std::vector<Regex::Span>> Regex::FindAll(std::string_view text,
                                                     std::size_t limit) const {
  std::vector<std::vector<Span>> out;
  Visit(text, [&](const std::vector<Span>& match) {
    out.push_back(match);
    return limit == 0 || out.size() < limit;
  });
  return out;
}

void Regex::Visit(std::string_view text,
                  const std::function<bool(const std::vector<Span>&)>& visit) const {
  std::size_t at = 0, last_end = std::string_view::npos;
  while (at <= text.size()) {
    const auto match = Find(text, at);
    if (match.empty()) return;
    const Span whole = match[0];
    const bool empty = whole.begin == whole.end;
    if ((!empty || whole.begin != last_end) && !visit(match)) return;
    last_end = whole.end;
    at = whole.end;
    if (empty) {
      at += at < text.size() ? static_cast<std::size_t>(DecodeRune(text.substr(at)).length) : 1;
    }
  }
}

std::size_t Regex::GroupNumber(std::string_view name) const {
  const auto& names = program_->re.NamedCapturingGroups();
  const auto it = names.find(std::string(name));
  return it == names.end() ? 0 : static_cast<std::size_t>(it->second);
}

// regexp.Expand: "$1x" names the group "1x", which does not exist, and gives nothing; a '$'
// without a name stays.
void Regex::Expand(std::string_view replacement, std::string_view text,
                   const std::vector<Span>& match, std::string& out, std::size_t most) const {
  while (out.size() <= most) {
    const std::size_t dollar = replacement.find('$');
    out += replacement.substr(0, dollar);
    if (dollar == std::string_view::npos) return;
    replacement.remove_prefix(dollar + 1);
    if (replacement.starts_with('$')) {
      out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const bool braces = replacement.starts_with('{');
    const std::string_view body = replacement.substr(braces ? 1 : 0);
    std::size_t length = 0;
    while (length < body.size() && IsWordByte(body[length])) ++length;
    if (length == 0 || (braces && (length == body.size() || body[length] != '}'))) {
      out += '$';
      continue;
    }
    const std::string_view name = body.substr(0, length);
    replacement = body.substr(length + (braces ? 1 : 0));
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool numeric = error == std::errc{} && end == name.data() + name.size();
    if (!numeric) number = GroupNumber(name);
    if (!numeric && number == 0) continue;
    if (number < match.size() && match[number].matched()) {
      out += text.substr(match[number].begin, match[number].end - match[number].begin);
    }
  }
}

std::string Regex::ReplaceAll(std::string_view text, std::string_view replacement) const {
  std::string out;
  std::size_t at = 0;
  for (const auto& match : FindAll(text)) {
    out += text.substr(at, match[0].begin - at);
    Expand(replacement, text, match, out);
    at = match[0].end;
  }
  return out.append(text.substr(at));
}

std::string Regex::ReplaceAllLiteral(std::string_view text, std::string_view replacement) const {
  std::string out;
  std::size_t at = 0;
  for (const auto& match : FindAll(text)) {
    out += text.substr(at, match[0].begin - at);
    out += replacement;
    at = match[0].end;
  }
  return out.append(text.substr(at));
}

std::string QuoteRegex(std::string_view text) {
  static constexpr std::string_view kSpecial = R"(\.+*?()|[]{}^$)";
  std::string out;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace swell
