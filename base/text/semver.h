#pragma once
// Semantic versions and constraints, as github.com/Masterminds/semver v3.4 (which Helm uses)
// reads and compares them.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/result.h"

namespace swell {

struct Semver {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease;  // "rc.1"
  std::string metadata;    // "build.5"
  std::string original;    // as it was written

  // NewVersion: a leading v, missing minor and patch and leading zeros are taken. The error
  // is "invalid semantic version".
  static Result<Semver> ParseLenient(std::string_view text);
  // Semantic Versioning 2.0.0 to the letter.
  static Result<Semver> ParseStrict(std::string_view text);

  // "1.2.3-rc.1+build.5"
  std::string ToString() const;
  // By precedence; metadata and original do not count.
  friend std::strong_ordering operator<=>(const Semver& a, const Semver& b);
  friend bool operator==(const Semver& a, const Semver& b) { return (a <=> b) == 0; }
};

// ">=1.2 <2 || ^3.1", "~1.2.3", "1.2.x", "1.0 - 2.0", "*". Versions with a prerelease match
// only alternatives (between "||") that name a prerelease themselves.
class SemverConstraint {
 public:
  // The error is "improper constraint: TEXT", or of a version that is of the right form but none
  // ("1.2.3-01"), "constraint parser error".
  static Result<SemverConstraint> Parse(std::string_view text);
  bool Matches(const Semver& version) const;

 private:
  enum class Operator : std::uint8_t {
    kTildeOrEqual,
    kNotEqual,
    kGreater,
    kLess,
    kGreaterEqual,
    kLessEqual,
    kTilde,
    kCaret,
  };
  struct Term {
    Operator op = Operator::kTildeOrEqual;
    Semver version;
    bool dirty = false;        // some part was left out or is x
    bool minor_dirty = false;  // the minor was
    bool patch_dirty = false;  // the patch alone was

    bool Matches(const Semver& v) const;
    bool MatchesNotEqual(const Semver& v) const;
    bool MatchesGreater(const Semver& v) const;
    bool MatchesLessEqual(const Semver& v) const;
    bool MatchesTilde(const Semver& v) const;
    bool MatchesCaret(const Semver& v) const;
  };
  struct Alternative {
    std::vector<Term> terms;  // all must match
    bool has_prerelease = false;
  };

  struct TermText;
  static const std::pair<std::string_view, Operator> kOperatorNames[12];

  // Whether `text` is one term without wildcards.
  static bool ReadPlainTerm(std::string_view text, TermText& out);
  static Result<Term> ParseTerm(std::string_view text);
  static Result<Term> MakeTerm(const TermText& text);

  std::vector<Alternative> alternatives_;
};

}  // namespace swell
