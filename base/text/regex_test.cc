#include "base/text/regex.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

Regex Make(const char* pattern) { return Regex::Compile(pattern).value(); }

std::string All(const char* pattern, std::string_view text) {
  std::string out;
  for (const auto& match : Make(pattern).FindAll(text)) {
    out += "[" + std::string(text.substr(match[0].begin, match[0].end - match[0].begin)) + "]";
  }
  return out;
}

TEST(Regex, MatchesAndFinds) {
  EXPECT_TRUE(Make("b+").Matches("abbc"));
  EXPECT_FALSE(Make("b+").FullMatch("abbc"));
  EXPECT_TRUE(Make("a|ab").FullMatch("ab"));
  const auto match = Make("(x)?(?P<n>b+)").Find("abbc");
  ASSERT_EQ(match.size(), 3u);
  EXPECT_EQ(match[0], (Regex::Span{1, 3}));
  EXPECT_FALSE(match[1].matched());
  EXPECT_EQ(Make("(x)?(?P<n>b+)").GroupNumber("n"), 2u);
  EXPECT_TRUE(Make("z").Find("abc").empty());
  EXPECT_EQ(Make("").Find({}).size(), 1u);
}

TEST(Regex, FindAllAsGo) {
  EXPECT_EQ(All("a*", "baaac"), "[][aaa][]");
  EXPECT_EQ(All("", "é1"), "[][][]");
  EXPECT_EQ(All("^a", "aaa"), "[a]");
  EXPECT_EQ(All("[a-c]", "xaybz"), "[a][b]");
  EXPECT_EQ(Make("a").FindAll("aaa", 2).size(), 2u);
}

TEST(Regex, ReplacesWithGoTemplates) {
  EXPECT_EQ(Make("a(x*)b").ReplaceAll("-ab-axxb-", "T"), "-T-T-");
  EXPECT_EQ(Make("a(x*)b").ReplaceAll("-ab-axxb-", "$1"), "--xx-");
  EXPECT_EQ(Make("a(x*)b").ReplaceAll("-ab-axxb-", "$1W"), "---");
  EXPECT_EQ(Make("a(x*)b").ReplaceAll("-ab-axxb-", "${1}W"), "-W-xxW-");
  EXPECT_EQ(Make("a(?P<n>x*)b").ReplaceAll("axb", "${n}$n$$${"), "xx$${");
  EXPECT_EQ(Make("a(x*)b").ReplaceAllLiteral("-ab-", "$1"), "-$1-");
  EXPECT_EQ(Make("b*").ReplaceAll("abc", "-"), "-a-c-");
}

TEST(Regex, VisitEndsWhereItIsTold) {
  std::string seen;
  Make("[a-z]").Visit("1a2b3c", [&](const std::vector<Regex::Span>& match) {
    seen += std::to_string(match[0].begin);
    return seen.size() < 2;
  });
  EXPECT_EQ(seen, "13");
  EXPECT_GT(Make("(a?b?){100}").program_size(), 200u);
}

TEST(Regex, RefusesWhatRe2Does) {
  for (const char* bad : {"(", "a(?=b)", "(a)\\1", "[z-a]", "a{1001}", "(?P<>x)"}) {
    const auto regex = Regex::Compile(bad);
    ASSERT_FALSE(regex) << bad;
    EXPECT_NE(regex.error().message().find("bad regular expression"), std::string::npos);
  }
  EXPECT_FALSE(Regex::Compile("((a{100}){100}){100}"));
}

TEST(Regex, QuotedTextMatchesItself) {
  const std::string text = R"(a.b*c[d]^$\(x)|{1}+?)";
  EXPECT_TRUE(Regex::Compile(QuoteRegex(text))->FullMatch(text));
}

}  // namespace
}  // namespace swell
