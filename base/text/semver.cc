#include "base/text/semver.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"

namespace swell {
namespace {

constexpr std::size_t kMaxBytes = 4096;  // of a version or constraint

// The version of a constraint: parts may be wildcards. Nine groups.
#define SWELL_SEMVER_SUFFIX                        \
  R"re((-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?)re" \
  R"re((\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?)re"
constexpr char kPattern[] =
    R"re(v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?)re" SWELL_SEMVER_SUFFIX;
#undef SWELL_SEMVER_SUFFIX
constexpr char kOperators[] = R"re((?:=>|=<|=|!=|>=|<=|>|<|~>|~|\^|))re";

RE2* Compile(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  return new RE2(pattern, options);
}

std::string Group(std::string_view text) { return "(" + std::string(text) + ")"; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

Error Invalid() { return InvalidArgument("invalid semantic version"); }

// v?D(.D)?(.D)?(-ID(.ID)*)?(+ID(.ID)*)? where D are digits and ID letters, digits and hyphens.
struct Parts {
  std::string_view major, minor, patch;  // minor and patch with their dot; "" where left out
  std::string_view prerelease, metadata;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // False, somewhere in the text, where it is none of that form.
  bool Read(Parts& out) {
    if (rest_.starts_with('v')) rest_.remove_prefix(1);
    out.major = Take(Digits(0));
    if (out.major.empty() || !ReadPart(out.minor)) return false;
    if (!out.minor.empty() && !ReadPart(out.patch)) return false;
    return ReadSuffix('-', out.prerelease) && ReadSuffix('+', out.metadata);
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view Take(std::size_t n) {
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  std::size_t Digits(std::size_t at) const {
    std::size_t end = at;
    while (end < rest_.size() && IsDigit(rest_[end])) ++end;
    return end - at;
  }
  bool ReadPart(std::string_view& out) {
    if (!rest_.starts_with('.')) return true;
    const std::size_t digits = Digits(1);
    out = Take(1 + digits);
    return digits > 0;
  }
  bool ReadSuffix(char mark, std::string_view& out) {
    if (!rest_.starts_with(mark)) return true;
    std::size_t end = 1;
    for (;; ++end) {
      const std::size_t begin = end;
      while (end < rest_.size() && IsIdentifier(rest_[end])) ++end;
      if (end == begin) return false;
      if (end == rest_.size() || rest_[end] != '.') break;
    }
    out = Take(end).substr(1);
    return true;
  }
  static bool IsIdentifier(char c) {
    const char lower = static_cast<char>(c | 0x20);
    return IsDigit(c) || (lower >= 'a' && lower <= 'z') || c == '-';
  }

  std::string_view rest_;
};

bool ParseNumber(std::string_view digits, std::uint64_t& out) {
  out = 0;
  if (digits.empty()) return true;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc{} && end == digits.data() + digits.size();
}

std::strong_ordering ComparePart(std::string_view a, std::string_view b) {
  if (a == b) return std::strong_ordering::equal;
  if (a.empty() || b.empty()) return a.size() <=> b.size();
  std::uint64_t x = 0, y = 0;
  const bool a_number = AllDigits(a) && ParseNumber(a, x);
  const bool b_number = AllDigits(b) && ParseNumber(b, y);
  if (a_number && b_number) return x <=> y;
  if (a_number != b_number) {
    return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return a.compare(b) <=> 0;
}

std::strong_ordering ComparePrerelease(std::string_view a, std::string_view b) {
  if (a == b) return std::strong_ordering::equal;
  if (a.empty()) return std::strong_ordering::greater;
  if (b.empty()) return std::strong_ordering::less;
  const auto x = Split(a, '.'), y = Split(b, '.');
  for (std::size_t i = 0; i < std::max(x.size(), y.size()); ++i) {
    const auto order = ComparePart(i < x.size() ? x[i] : std::string_view(),
                                   i < y.size() ? y[i] : std::string_view());
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

bool IsWildcard(std::string_view part) {
  if (part.starts_with('.')) part.remove_prefix(1);
  return part.empty() || part == "x" || part == "X" || part == "*";
}

// "1.0 - 2.0" -> ">= 1.0, <= 2.0"
std::string RewriteRanges(std::string_view text) {
  static const std::string version = Group(ReplaceAll(kPattern, "(", "(?:"));
  static const RE2& range =
      *Compile(R"re(\s*)re" + version + R"re(\s+-\s+)re" + version + R"re(\s*)re");
  std::string out(text);
  RE2::GlobalReplace(&out, range, R"(>= \1, <= \2 )");
  return out;
}

}  // namespace

Result<Semver> Semver::ParseLenient(std::string_view text) {
  if (text.size() > kMaxBytes) return Fail(Invalid());
  Parts parts;
  Scanner scanner(text);
  if (!scanner.Read(parts) || !scanner.rest().empty()) return Fail(Invalid());
  const std::string_view pre = parts.prerelease;
  Semver version{.prerelease = std::string(pre),
                 .metadata = std::string(parts.metadata),
                 .original = std::string(text)};
  const auto digits = [](std::string_view part) {
    return part.substr(part.starts_with('.') ? 1 : 0);
  };
  if (!ParseNumber(parts.major, version.major) ||
      !ParseNumber(digits(parts.minor), version.minor) ||
      !ParseNumber(digits(parts.patch), version.patch)) {
    return Fail(InvalidArgument("error parsing version segment: a number is too large"));
  }
  if (pre.empty()) return version;
  for (const std::string_view part : Split(pre, '.')) {
    if (part.size() > 1 && part[0] == '0' && AllDigits(part)) {
      return Fail(InvalidArgument("version segment starts with 0"));
    }
  }
  return version;
}

Result<Semver> Semver::ParseStrict(std::string_view text) {
  Semver version = TRY(ParseLenient(text));
  const std::string_view core = text.substr(0, text.find_first_of("-+"));
  const auto parts = Split(core, '.');
  const bool strict = parts.size() == 3 && std::ranges::all_of(parts, [](std::string_view part) {
                        return AllDigits(part) && (part.size() == 1 || part[0] != '0');
                      });
  if (!strict) return Fail(Invalid());
  return version;
}

std::string Semver::ToString() const {
  std::string out =
      std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  if (!prerelease.empty()) out += "-" + prerelease;
  if (!metadata.empty()) out += "+" + metadata;
  return out;
}

std::strong_ordering operator<=>(const Semver& a, const Semver& b) {
  if (const auto order = a.major <=> b.major; order != 0) return order;
  if (const auto order = a.minor <=> b.minor; order != 0) return order;
  if (const auto order = a.patch <=> b.patch; order != 0) return order;
  return ComparePrerelease(a.prerelease, b.prerelease);
}

constexpr std::pair<std::string_view, SemverConstraint::Operator>
    SemverConstraint::kOperatorNames[] = {
        {"", Operator::kTildeOrEqual},   {"=", Operator::kTildeOrEqual},
        {"!=", Operator::kNotEqual},     {">", Operator::kGreater},
        {"<", Operator::kLess},          {">=", Operator::kGreaterEqual},
        {"=>", Operator::kGreaterEqual}, {"<=", Operator::kLessEqual},
        {"=<", Operator::kLessEqual},    {"~", Operator::kTilde},
        {"~>", Operator::kTilde},        {"^", Operator::kCaret}};

struct SemverConstraint::TermText {
  std::string op, version;
  std::string major, minor, patch;  // minor and patch with their dot
  std::string prerelease;           // with its hyphen
};

bool SemverConstraint::ReadPlainTerm(std::string_view text, TermText& out) {
  constexpr std::string_view kSpaces = " \t\n\f\r";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return false;
  text = text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin);
  const std::size_t op = std::min(text.find_first_not_of("=!<>~^"), text.size());
  const std::size_t at = text.find_first_not_of(kSpaces, op);
  if (at == std::string_view::npos) return false;
  Scanner scanner(text.substr(at));
  Parts parts;
  if (!scanner.Read(parts) || !scanner.rest().empty()) return false;
  out.op = text.substr(0, op);
  out.version = text.substr(at);
  out.major = parts.major;
  out.minor = parts.minor;
  out.patch = parts.patch;
  if (!parts.prerelease.empty()) out.prerelease = "-" + std::string(parts.prerelease);
  return std::ranges::any_of(kOperatorNames, [&](const auto& o) { return o.first == out.op; });
}

Result<SemverConstraint::Term> SemverConstraint::ParseTerm(std::string_view text) {
  static const RE2& pattern =
      *Compile(R"re(\s*)re" + Group(kOperators) + R"re(\s*)re" + Group(kPattern) + R"re(\s*)re");
  TermText term;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &term.op, &term.version,
                      &term.major, &term.minor, &term.patch, &term.prerelease)) {
    return Fail(InvalidArgument("improper constraint: " + std::string(text)));
  }
  return MakeTerm(term);
}

Result<SemverConstraint::Term> SemverConstraint::MakeTerm(const TermText& text) {
  const auto& [op, original, major, minor, patch, prerelease] = text;
  Term term;
  for (const auto& [name, known] : kOperatorNames) {
    if (op == name) term.op = known;
  }
  std::string version = original;
  if (IsWildcard(major)) {
    version = "0.0.0" + prerelease;
    term.dirty = true;
  } else if (IsWildcard(minor)) {
    version = major + ".0.0" + prerelease;
    term.dirty = term.minor_dirty = true;
  } else if (IsWildcard(patch)) {
    version = major + minor + ".0" + prerelease;
    term.dirty = term.patch_dirty = true;
  }
  auto parsed = Semver::ParseLenient(version);
  if (!parsed) return Fail(InvalidArgument("constraint parser error"));
  term.version = *std::move(parsed);
  return term;
}

Result<SemverConstraint> SemverConstraint::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Fail(InvalidArgument("improper constraint: it is longer than " +
                                std::to_string(kMaxBytes) + " bytes"));
  }
  SemverConstraint out;
  if (TermText plain; ReadPlainTerm(text, plain)) {
    const Term parsed = TRY(MakeTerm(plain));
    out.alternatives_.push_back({{parsed}, !parsed.version.prerelease.empty()});
    return out;
  }
  static const std::string term = Group(kOperators) + R"re(\s*)re" + Group(kPattern);
  static const RE2& valid =
      *Compile(R"re((\s*)re" + term + R"re(\s*)((?:\s+|,\s*))re" + term + R"re(\s*)*)re");
  static const RE2& find = *Compile(Group(term));
  const std::string rewritten = RewriteRanges(text);
  for (std::string_view rest = rewritten;;) {
    const std::size_t bar = rest.find("||");
    const std::string_view part = rest.substr(0, bar);
    re2::StringPiece input(part.data(), part.size());
    if (!RE2::FullMatch(input, valid)) {
      return Fail(InvalidArgument("improper constraint: " + std::string(part)));
    }
    Alternative alternative;
    std::string found;
    while (RE2::FindAndConsume(&input, find, &found)) {
      Term parsed = TRY(ParseTerm(found));
      alternative.has_prerelease |= !parsed.version.prerelease.empty();
      alternative.terms.push_back(std::move(parsed));
    }
    out.alternatives_.push_back(std::move(alternative));
    if (bar == std::string_view::npos) return out;
    rest.remove_prefix(bar + 2);
  }
}

bool SemverConstraint::Matches(const Semver& version) const {
  return std::ranges::any_of(alternatives_, [&](const Alternative& alternative) {
    if (!version.prerelease.empty() && !alternative.has_prerelease) return false;
    return std::ranges::all_of(alternative.terms,
                               [&](const Term& term) { return term.Matches(version); });
  });
}

bool SemverConstraint::Term::Matches(const Semver& v) const {
  switch (op) {
    case Operator::kTildeOrEqual:
      return dirty ? MatchesTilde(v) : v == version;
    case Operator::kNotEqual:
      return MatchesNotEqual(v);
    case Operator::kGreater:
      return MatchesGreater(v);
    case Operator::kLess:
      return v < version;
    case Operator::kGreaterEqual:
      return v >= version;
    case Operator::kLessEqual:
      return MatchesLessEqual(v);
    case Operator::kTilde:
      return MatchesTilde(v);
    case Operator::kCaret:
      return MatchesCaret(v);
  }
  return false;
}

bool SemverConstraint::Term::MatchesNotEqual(const Semver& v) const {
  if (!dirty) return v != version;
  if (v.major != version.major) return true;
  if (minor_dirty) return false;
  if (v.minor != version.minor) return true;
  if (!patch_dirty) return v.patch != version.patch || v != version;
  return ComparePrerelease(v.prerelease, version.prerelease) != 0;
}

// ">11" is not met by 11.1: the next major is meant.
bool SemverConstraint::Term::MatchesGreater(const Semver& v) const {
  if (!dirty) return v > version;
  if (v.major != version.major) return v.major > version.major;
  if (minor_dirty) return false;
  if (patch_dirty) return v.minor > version.minor;
  return v > version;
}

bool SemverConstraint::Term::MatchesLessEqual(const Semver& v) const {
  if (!dirty) return v <= version;
  if (v.major > version.major) return false;
  return v.major != version.major || v.minor <= version.minor || minor_dirty;
}

bool SemverConstraint::Term::MatchesTilde(const Semver& v) const {
  if (v < version) return false;
  const bool any = version.major == 0 && version.minor == 0 && version.patch == 0 && !minor_dirty &&
                   !patch_dirty;
  if (any) return true;
  return v.major == version.major && (v.minor == version.minor || minor_dirty);
}

bool SemverConstraint::Term::MatchesCaret(const Semver& v) const {
  if (v < version) return false;
  if (version.major > 0 || minor_dirty) return v.major == version.major;
  if (v.major > 0) return false;
  if (version.minor > 0 || patch_dirty) return v.minor == version.minor;
  return v.minor == 0 && v.patch == version.patch;
}

}  // namespace swell
