#include "base/text/semver.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Semver, ParsesLeniently) {
  const struct {
    const char *text, *printed;
  } kCases[] = {{"1.2.3", "1.2.3"},
                {"v1.2", "1.2.0"},
                {"1", "1.0.0"},
                {"01.2.3", "1.2.3"},
                {"1.2.3-beta.1+meta", "1.2.3-beta.1+meta"},
                {"v1.21.3-gke.100", "1.21.3-gke.100"},
                {"1.2.3+a", "1.2.3+a"}};
  for (const auto& c : kCases) {
    const auto v = Semver::ParseLenient(c.text);
    ASSERT_TRUE(v) << c.text;
    EXPECT_EQ(v->ToString(), c.printed);
    EXPECT_EQ(v->original, c.text);
  }
  for (const char* bad : {"", "bad", "1.2.3.4", "1.2.3-", "1.2.3-01", "1.2.x", " 1.2.3", "V1",
                          "1..2", "-1", "99999999999999999999"}) {
    EXPECT_FALSE(Semver::ParseLenient(bad)) << bad;
  }
}

TEST(Semver, StrictTakesThreePlainNumbers) {
  EXPECT_TRUE(Semver::ParseStrict("1.2.3-a+b"));
  for (const char* bad : {"v1.2.3", "1.2", "01.2.3", "1.2.3.4", "1"}) {
    EXPECT_FALSE(Semver::ParseStrict(bad)) << bad;
  }
}

// The order of semver.org, item 11.
TEST(Semver, Precedence) {
  const char* kOrder[] = {"1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                          "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0",
                          "1.0.1",        "1.2.0",         "1.10.0",           "2.0.0"};
  for (std::size_t i = 1; i < std::size(kOrder); ++i) {
    EXPECT_LT(Semver::ParseLenient(kOrder[i - 1]).value(), Semver::ParseLenient(kOrder[i]).value());
  }
  EXPECT_EQ(Semver::ParseLenient("1.0.0+a").value(), Semver::ParseLenient("1.0.0+b").value());
}

// What helm 4.1.4's semverCompare answers.
TEST(SemverConstraint, AnswersAsHelm) {
  const struct {
    const char *constraint, *version;
    bool matches;
  } kCases[] = {
      {">=1.2.0", "1.2.3", true},
      {"^1.2", "1.9.9", true},
      {"~1.2", "1.3.0", false},
      {">=1.21-0", "v1.21.3-gke.100", true},
      {">=1.21", "v1.21.3-gke.100", false},
      {"1.2.x", "1.2.9", true},
      {"*", "3.0.0", true},
      {"*", "3.0.0-a", false},
      {"1.0 - 2.0", "1.5.0", true},
      {">=1 <2 || >=3", "3.1.0", true},
      {">1, <3", "2.0.0", true},
      {"!=1.0.0", "1.0.1", true},
      {"=1.2.3", "1.2.3+b1", true},
      {"1.2.3", "v1.2.3", true},
      {"1.2", "1.2.5", true},
      {">1.2", "1.2.5", false},
      {"<=1.2", "1.2.5", true},
      {"^0.2.3", "0.2.9", true},
      {"^0.0.3", "0.0.4", false},
      {"~1", "1.9.0", true},
      {"~>1.2.3", "1.2.9", true},
      {"^0", "0.9.0", true},
      {"^0.0", "0.0.9", true},
      {"<1.2.3-0", "1.2.2", true},
      {"=>1.2", "1.2.0", true},
      {"=<1.2", "1.2.0", true},
      {">= 1.25-0 < 1.40-0", "v1.35.0", true},
      {">=1.19.0-0,<1.30.0-0", "v1.35.0", false},
      {">=1.10.0", "1.9.0", false},
      {">=v1.2.3", "1.2.3", true},
      {"> 1.2.3-alpha", "1.2.3-beta", true},
      {">1.2.3-alpha", "1.3.0-alpha", true},
      {"^1.2.3-beta.2", "1.2.3-beta.4", true},
      {"^1.2.3-beta.2", "1.2.4-beta.4", true},
      {"~1.2.3-0", "1.2.9-rc1", true},
      {"1.x || >=2.5.0 || 5.0.0 - 7.2.3", "2.4.0", false},
      {">=1.2.3 <2.0.0", "1.5.0", true},
      {"<2-0", "2.0.0-alpha", false},
      {"x", "1.0.0", true},
      {">=1.2.x", "1.2.0", true},
      {"!=1.2.x", "1.2.5", false},
      {"<1.2.x", "1.1.9", true},
      {">1.x", "2.0.0", true},
      {"<=1.x", "1.9.9", true},
      {"  >=1.2.0  ", "1.2.3", true},
      {"\t>1\n", "2.0.0", true},
      {">= 1.2", "1.2.0", true},
      {"1.2+meta", "1.2.9", true},
      {"=1.2.3+a", "1.2.3+b", true},
      {"v1", "1.9.9", true},
      {"~ 1", "1.5.0", true},
      {"!=v1", "1.0.0", false},
      {">=1.02", "1.2.0", true},
      {"^v1.2-rc.1", "1.3.0", true},
      {"^ v1.2.3-rc.1+b", "1.2.3", true},
      {">1.2.3-a-b", "1.2.3-c", true},
      {"> 1.2.3-alpha.1.x", "1.2.3-beta", true},
      {">=1 ,<2", "1.5.0", true},
      {"1 - 2", "1.5.0", true},
  };
  for (const auto& c : kCases) {
    const auto constraint = SemverConstraint::Parse(c.constraint);
    ASSERT_TRUE(constraint) << c.constraint << ": " << constraint.error().ToString();
    EXPECT_EQ(constraint->Matches(Semver::ParseLenient(c.version).value()), c.matches)
        << c.constraint << " " << c.version;
  }
  for (const char* bad :
       {"",     "bad",   ">=",       "1.2.3 ||", ">1 >",     "1,,2",     "1.2.3.4",  ">=1.0 and <2",
        "=>=1", "> =1",  "^^1",      "==1",      ">=1.2.3,", ">=1.2.3-", ">=1.2.3+", "1.2.3-a..b",
        "1.",   "1 -2",  ">=1-",     "><1",      "<>1",      "~=1",      "~>=1",     "1.2.3 -",
        "vv1",  ">=v 1", "\u00a0>=1"}) {
    const auto constraint = SemverConstraint::Parse(bad);
    ASSERT_FALSE(constraint) << bad;
    EXPECT_TRUE(constraint.error().message().starts_with("improper constraint:")) << bad;
  }
  for (const char* bad : {"1.2.3-01", "99999999999999999999", ">1 <99999999999999999999"}) {
    const auto constraint = SemverConstraint::Parse(bad);
    ASSERT_FALSE(constraint) << bad;
    EXPECT_EQ(constraint.error().message(), "constraint parser error") << bad;
  }
}

}  // namespace
}  // namespace swell
