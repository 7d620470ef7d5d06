#include "renderer/object/quantity.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Quantity, CanonicalForm) {
  const struct {
    const char *text, *canonical;
  } kCases[] = {
      {"0", "0"},
      {"0Ki", "0"},
      {"1000m", "1"},
      {"1.0", "1"},
      {"100m", "100m"},
      {"0.1", "100m"},
      {"1500m", "1500m"},
      {"1.5", "1500m"},
      {"1024Mi", "1Gi"},
      {"1.5Gi", "1536Mi"},
      {"0.5Ki", "512"},
      {"1Ki", "1Ki"},
      {"1000Ki", "1000Ki"},
      {"1073741824", "1073741824"},
      {"1000k", "1M"},
      {"2e3", "2e3"},
      {"2e0", "2"},
      {"20e2", "2e3"},
      {"1E3", "1e3"},
      {"1E", "1E"},
      {"-1000m", "-1"},
      {"+1", "1"},
      {".5", "500m"},
      {"5.", "5"},
      {"1u", "1u"},
      {"0.1n", "1n"},
      {"1.1n", "2n"},
      {"12e-1", "1200e-3"},
      {"1.0000000000000000000000000", "1"},
      {"0.001Ki", "1024m"},
      {"100Ei", "9223372036854775807"},
  };
  for (const auto& c : kCases) EXPECT_EQ(CanonicalQuantity(c.text), c.canonical) << c.text;
}

TEST(Quantity, RefusesWhatIsNone) {
  for (const char* bad : {"", "-", ".", "m", "1KB", "1 ", " 1", "1ki", "1K", "1e", "1e1.5", "--1",
                          "1.2.3", "1mm", "0x10", "1e99999999999", "NaN", "1e++1"}) {
    EXPECT_FALSE(CanonicalQuantity(bad)) << bad;
  }
}

TEST(Quantity, SameAmount) {
  EXPECT_TRUE(SameQuantity("1073741824", "1Gi"));
  EXPECT_TRUE(SameQuantity("2e0", "2"));
  EXPECT_TRUE(SameQuantity("1000m", "1.0"));
  EXPECT_FALSE(SameQuantity("1", "1001m"));
  EXPECT_FALSE(SameQuantity("a", "a"));
}

}  // namespace
}  // namespace swell
