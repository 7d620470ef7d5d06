#include "base/core/encoding.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Hex, RoundTripAndRefusals) {
  const std::string bytes("\x00\x7f\xff", 3);
  EXPECT_EQ(HexEncode(bytes), "007fff");
  EXPECT_EQ(HexDecode("007FfF").value(), bytes);
  EXPECT_FALSE(HexDecode("0"));
  EXPECT_FALSE(HexDecode("0g"));
}

// RFC 4648, section 10.
TEST(Base64, RfcVectors) {
  const struct {
    const char *bytes, *text;
  } kCases[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"}};
  for (const auto& c : kCases) {
    EXPECT_EQ(Base64Encode(c.bytes), c.text);
    EXPECT_EQ(Base64Decode(c.text).value(), c.bytes);
  }
  EXPECT_EQ(Base64Decode("Zm9v\r\nYmFy\n").value(), "foobar");
  EXPECT_EQ(Base64Decode(Base64Encode("\xfb\xff\xfe")).value(), "\xfb\xff\xfe");
}

TEST(Base64, RefusesBadText) {
  for (const char* bad :
       {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zg==Zg==", "Zm 9v", "Zm9-", "Zg=a"}) {
    EXPECT_FALSE(Base64Decode(bad)) << bad;
  }
}

}  // namespace
}  // namespace swell
