#include "base/core/byte_size.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(ByteSize, ReadsWhatItPrints) {
  for (const auto& [text, bytes] : {std::pair<const char*, std::uint64_t>{"0", 0},
                                    {"1500001", 1'500'001},
                                    {"1Ki", 1024},
                                    {"256Mi", 256u << 20},
                                    {"4Gi", 4ull << 30}}) {
    EXPECT_EQ(ParseByteSize(text).value(), bytes);
    EXPECT_EQ(FormatByteSize(bytes), text);
  }
  EXPECT_EQ(ParseByteSize("1024Mi").value(), 1ull << 30);
}

TEST(ByteSize, RefusesEverythingElse) {
  for (const char* text : {"", "Mi", "-1", "1.5Gi", "1 Ki", "1k", "1GB", "x",
                           "99999999999999999999", "18446744073709551615Ki"}) {
    const auto bytes = ParseByteSize(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_NE(bytes.error().message().find("Ki, Mi or Gi"), std::string::npos);
  }
}

}  // namespace
}  // namespace swell
