#include "base/net/gzip.h"

#include <gtest/gtest.h>

namespace swell::net {
namespace {

TEST(GzipTest, RoundTripInPieces) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\n";
  const std::string packed = GzipEncode(text);
  ASSERT_LT(packed.size(), text.size() / 3);
  GzipDecoder decoder;
  std::string out;
  for (std::size_t i = 0; i < packed.size(); i += 7) {
    ASSERT_TRUE(decoder.Decode(std::string_view(packed).substr(i, 7), out, 1 << 20));
  }
  EXPECT_TRUE(decoder.finished());
  EXPECT_EQ(out, text);
}

TEST(GzipTest, SeveralMembers) {
  GzipDecoder decoder;
  std::string out;
  ASSERT_TRUE(decoder.Decode(GzipEncode("one ") + GzipEncode("two"), out, 100));
  EXPECT_EQ(out, "one two");
}

TEST(GzipTest, ABombIsStoppedAtTheLimit) {
  const std::string packed = GzipEncode(std::string(50'000'000, 'x'));
  GzipDecoder decoder;
  std::string out;
  const auto status = decoder.Decode(packed, out, 1'000'000);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_LE(out.size(), 1'000'000u);
}

TEST(GzipTest, GarbageAndTruncation) {
  std::string out;
  GzipDecoder garbage;
  EXPECT_EQ(garbage.Decode("this is no gzip", out, 100).error().code(), ErrorCode::kDataLoss);
  GzipDecoder truncated;
  const std::string packed = GzipEncode("hello");
  ASSERT_TRUE(truncated.Decode(packed.substr(0, packed.size() - 4), out, 100));
  EXPECT_FALSE(truncated.finished());
}

}  // namespace
}  // namespace swell::net
