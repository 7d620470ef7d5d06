#include "base/value/number.h"

#include <gtest/gtest.h>

#include <limits>

namespace swell {
namespace {

TEST(Number, JsonForm) {
  const struct {
    double number;
    const char* text;
  } kCases[] = {{0, "0"},
                {-0.0, "-0"},
                {1, "1"},
                {-1.5, "-1.5"},
                {1e20, "100000000000000000000"},
                {1e21, "1e+21"},
                {1e-6, "0.000001"},
                {1e-7, "1e-7"},
                {1.25e-9, "1.25e-9"},
                {123456.789, "123456.789"},
                {1.7976931348623157e308, "1.7976931348623157e+308"}};
  for (const auto& c : kCases) EXPECT_EQ(FormatFloatJson(c.number), c.text);
}

// Measured on helm 4.1.4: facts of helm, C3.
TEST(Number, GForm) {
  const struct {
    double number;
    const char* text;
  } kCases[] = {{42, "42"},
                {999999, "999999"},
                {1000000, "1e+06"},
                {1234567, "1.234567e+06"},
                {1234567.5, "1.2345675e+06"},
                {100000.5, "100000.5"},
                {0.0001, "0.0001"},
                {0.00001, "1e-05"},
                {1e20, "1e+20"},
                {-0.0, "-0"},
                {1e100, "1e+100"}};
  for (const auto& c : kCases) EXPECT_EQ(FormatFloatG(c.number), c.text);
  EXPECT_EQ(FormatFloatG(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(FormatFloatG(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(Number, ParsesWholeTextsOnly) {
  EXPECT_EQ(ParseFloat("1.5"), 1.5);
  EXPECT_EQ(ParseFloat("+.5"), 0.5);
  EXPECT_EQ(ParseFloat("1e-999"), 0.0);
  for (const char* bad : {"", "1x", "++1", "e5", "1e999", "inf", "nan", "0x10", " 1", "-"}) {
    EXPECT_FALSE(ParseFloat(bad)) << bad;
  }
}

}  // namespace
}  // namespace swell
