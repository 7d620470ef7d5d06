#include "base/core/digest.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Digest, MatchesSha256sum) {
  EXPECT_EQ(Digest::Of("abc").Hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest::Of("abc").Short(), "ba7816bf8f01");
}

TEST(Digest, ParsesBothForms) {
  const Digest digest = Digest::Of("x");
  EXPECT_EQ(Digest::Parse(digest.Hex()).value(), digest);
  EXPECT_EQ(Digest::Parse(digest.ToString()).value(), digest);
  for (const std::string& bad :
       {std::string(), std::string("sha256:"), std::string(63, 'a'), std::string(66, 'a'),
        std::string(64, 'g'), "md5:" + digest.Hex()}) {
    EXPECT_FALSE(Digest::Parse(bad)) << bad;
  }
  EXPECT_TRUE(Digest().empty());
  EXPECT_FALSE(digest.empty());
}

TEST(Hasher, FieldBoundariesCount) {
  const auto of = [](std::string_view a, std::string_view b) {
    return Hasher().Add(a).Add(b).Finish();
  };
  EXPECT_NE(of("ab", "c"), of("a", "bc"));
  EXPECT_NE(of("ab", ""), of("", "ab"));
  EXPECT_EQ(of("ab", "c"), of("ab", "c"));
  EXPECT_NE(Hasher().Add(std::int64_t{1}).Finish(), Hasher().Add(std::int64_t{2}).Finish());
}

}  // namespace
}  // namespace swell
