#include "base/text/utf8.h"

#include <gtest/gtest.h>

#include "base/text/runes.h"

namespace swell {
namespace {

TEST(Utf8, SequencesAndRunes) {
  for (const char32_t rune : {U'\x01', U'a', U'\x7f', U'\x80', U'é', U'\x7ff', U'\x800', U'日',
                              U'\xd7ff', U'\xe000', U'\xffff', U'\x10000', U'😀', U'\x10ffff'}) {
    std::string text;
    AppendUtf8(text, rune);
    EXPECT_EQ(Utf8SequenceLength(text), static_cast<int>(text.size()));
    EXPECT_EQ(DecodeRune(text).rune, rune);
    EXPECT_TRUE(IsValidUtf8(text));
    if (text.size() > 1) {
      EXPECT_FALSE(IsValidUtf8(text.substr(0, text.size() - 1)));
    }
  }
}

TEST(Utf8, EveryBadByteIsReplaced) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xff\xe2\x82z\u20ac"), "a\ufffd\ufffd\ufffdz\u20ac");
  EXPECT_EQ(ReplaceInvalidUtf8(""), "");
}

TEST(Utf8, MalformedTextIsRefused) {
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
    EXPECT_EQ(DecodeRune(bad).rune, U'\xfffd');
    EXPECT_EQ(DecodeRune(bad).length, 1);
  }
  EXPECT_EQ(Utf8SequenceLength(""), 0);
}

TEST(Runes, Categories) {
  EXPECT_TRUE(IsLetter(U'z'));
  EXPECT_TRUE(IsLetter(U'é'));
  EXPECT_TRUE(IsLetter(U'日'));
  EXPECT_FALSE(IsLetter(U'_'));
  EXPECT_FALSE(IsLetter(U'€'));
  EXPECT_TRUE(IsDigit(U'٣'));
  EXPECT_FALSE(IsDigit(U'²'));
}

}  // namespace
}  // namespace swell
