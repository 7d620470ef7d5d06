#include "base/text/semver.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"

namespace swell {
namespace {

constexpr std::size_t kMaxBytes = 4096;  // of a version or constraint

#define SWELL_SEMVER_SUFFIX                        \
  R"re((-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?)re" \
  R"re((\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?)re"
constexpr char kVersion[] = R"re(v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?)re" SWELL_SEMVER_SUFFIX;
// The version of a constraint: parts may be wildcards. Nine groups.
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

bool AllDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

Error Invalid() { return InvalidArgument("invalid semantic version"); }

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
  static const RE2& pattern = *Compile(kVersion);
  if (text.size() > kMaxBytes) return Fail(Invalid());
  std::string major, minor, patch, dash, pre, dots, plus, meta;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &major, &minor, &patch,
                      &dash, &pre, &dots, &plus, &meta)) {
    return Fail(Invalid());
  }
  Semver version{.prerelease = pre, .metadata = meta, .original = std::string(text)};
  const auto digits = [](const std::string& part) {
    return std::string_view(part).substr(part.starts_with('.') ? 1 : 0);
  };
  if (!ParseNumber(digits(major), version.major) || !ParseNumber(digits(minor), version.minor) ||
      !ParseNumber(digits(patch), version.patch)) {
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

Result<SemverConstraint::Term> SemverConstraint::ParseTerm(std::string_view text) {
  static const RE2& pattern =
      *Compile(R"re(\s*)re" + Group(kOperators) + R"re(\s*)re" + Group(kPattern) + R"re(\s*)re");
  std::string op, version, major, minor, patch, prerelease;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &op, &version, &major,
                      &minor, &patch, &prerelease)) {
    return Fail(InvalidArgument("improper constraint: " + std::string(text)));
  }
  static constexpr std::pair<std::string_view, Operator> kNames[] = {
      {"", Operator::kTildeOrEqual},   {"=", Operator::kTildeOrEqual},
      {"!=", Operator::kNotEqual},     {">", Operator::kGreater},
      {"<", Operator::kLess},          {">=", Operator::kGreaterEqual},
      {"=>", Operator::kGreaterEqual}, {"<=", Operator::kLessEqual},
      {"=<", Operator::kLessEqual},    {"~", Operator::kTilde},
      {"~>", Operator::kTilde},        {"^", Operator::kCaret}};
  Term term;
  for (const auto& [name, known] : kNames) {
    if (op == name) term.op = known;
  }
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
  if (!parsed) return Fail(InvalidArgument("improper constraint: " + std::string(text)));
  term.version = *std::move(parsed);
  return term;
}

Result<SemverConstraint> SemverConstraint::Parse(std::string_view text) {
  static const std::string term = Group(kOperators) + R"re(\s*)re" + Group(kPattern);
  static const RE2& valid =
      *Compile(R"re((\s*)re" + term + R"re(\s*)((?:\s+|,\s*))re" + term + R"re(\s*)*)re");
  static const RE2& find = *Compile(Group(term));
  if (text.size() > kMaxBytes) {
    return Fail(InvalidArgument("improper constraint: it is longer than " +
                                std::to_string(kMaxBytes) + " bytes"));
  }
  const std::string rewritten = RewriteRanges(text);
  SemverConstraint out;
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
