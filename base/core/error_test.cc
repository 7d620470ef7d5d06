#include "base/core/error.h"

#include <gtest/gtest.h>

#include "base/core/result.h"

namespace swell {
namespace {

TEST(Error, TextGoesFromTheOutsideIn) {
  const Error error = InvalidArgument("did not find expected key")
                          .At({"values.yaml", 3, 7})
                          .Wrap("read values")
                          .Wrap("render cluster c1");
  EXPECT_EQ(error.ToString(),
            "render cluster c1: read values: values.yaml:3:7: did not find expected key");
  EXPECT_EQ(error.message(), "did not find expected key");
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
}

TEST(Error, PlacesWithPartsUnknown) {
  const auto text = [](SourceSpan span) { return NotFound("x").At(std::move(span)).ToString(); };
  EXPECT_EQ(text({"f", 2, 0}), "f:2: x");
  EXPECT_EQ(text({"f", 0, 0}), "f: x");
  EXPECT_EQ(text({"", 2, 3}), "line 2:3: x");
  EXPECT_EQ(text({}), "x");
}

TEST(Error, CodesHaveGrpcNames) {
  EXPECT_EQ(ErrorCodeName(ErrorCode::kCancelled), "CANCELLED");
  EXPECT_EQ(ErrorCodeName(ErrorCode::kUnauthenticated), "UNAUTHENTICATED");
  EXPECT_EQ(ErrorCodeName(static_cast<ErrorCode>(99)), "UNKNOWN");
}

Result<int> Half(int n) {
  if (n % 2 != 0) return Fail(InvalidArgument("odd"));
  return n / 2;
}
Result<int> Quarter(int n) { return Half(TRY_WRAP(Half(n), "halve")); }
Status Check(int n) {
  TRY(Half(n));
  return {};
}

TEST(Result, TryPassesValuesAndErrorsOn) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(7).error().ToString(), "halve: odd");
  EXPECT_EQ(Quarter(6).error().ToString(), "odd");
  EXPECT_TRUE(Check(2));
  EXPECT_FALSE(Check(1));
}

}  // namespace
}  // namespace swell
