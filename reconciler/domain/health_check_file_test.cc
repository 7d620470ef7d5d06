#include "reconciler/domain/health_check_file.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(ParseHealthChecksTest, ReadsAList) {
  const auto checks = ParseHealthChecks(
      "healthChecks:\n- {group: e.com, kind: Widget, lua: 'return {}'}\n- {kind: Pod, lua: x}\n",
      "checks.yaml");
  ASSERT_TRUE(checks) << checks.error().ToString();
  ASSERT_EQ(checks->size(), 2u);
  EXPECT_EQ(checks->at(0), (HealthCheck{"e.com", "Widget", "return {}"}));
  EXPECT_EQ(checks->at(1), (HealthCheck{"", "Pod", "x"}));
  EXPECT_TRUE(ParseHealthChecks("", "checks.yaml").value().empty());
}

TEST(ParseHealthChecksTest, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* text;
    const char* error;
  } cases[] = {
      {"healthChecks:\n- {kind: Pod}\n", "checks.yaml:2:3: healthChecks[0]: lua is required"},
      {"checks: []\n", "checks.yaml:1:9: checks: unknown field"},
      {"healthChecks: []\n---\nhealthChecks: []\n", "more than one document"},
      {"- a\n", "expected an object"},
  };
  for (const auto& c : cases) {
    const auto checks = ParseHealthChecks(c.text, "checks.yaml");
    ASSERT_FALSE(checks) << c.text;
    EXPECT_NE(checks.error().ToString().find(c.error), std::string::npos)
        << checks.error().ToString();
  }
}

}  // namespace
}  // namespace swell
