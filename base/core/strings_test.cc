#include "base/core/strings.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Strings, SplitAndJoin) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(Split("a,,b", ','), (Parts{"a", "", "b"}));
  EXPECT_EQ(Split("", ','), (Parts{""}));
  EXPECT_EQ(Split(",", ','), (Parts{"", ""}));
  EXPECT_EQ(Join({"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(Join({}, ","), "");
}

TEST(Strings, TrimLowerReplace) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim(" \n"), "");
  EXPECT_EQ(ToLower("AbÉ"), "abÉ");
  EXPECT_EQ(ReplaceAll("aaa", "a", "aa"), "aaaaaa");
  EXPECT_EQ(ReplaceAll("abc", "", "x"), "abc");
  EXPECT_EQ(ReplaceAll("abab", "ab", ""), "");
}

TEST(Strings, QuoteEscapes) {
  EXPECT_EQ(Quote("a\"b\\\n\r\t\x01é"), "\"a\\\"b\\\\\\n\\r\\t\\x01é\"");
}

}  // namespace
}  // namespace swell
