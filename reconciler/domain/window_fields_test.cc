#include "reconciler/domain/window_fields.h"

#include <gtest/gtest.h>

#include "reconciler/domain/application.h"

namespace swell {
namespace {

std::string Declare(const std::string& spec) {
  return "apiVersion: swell/v1alpha1\nkind: ChangeWindow\nmetadata: {name: night}\nspec: {" + spec +
         "}\n";
}

TEST(WindowFields, ReadsAndWritesBack) {
  const std::string text = Declare(
      "window: deny, schedule: \"0 22 * * MON-FRI\", duration: 8h, timeZone: Europe/Berlin, "
      "applications: {names: [\"web-*\"], projects: [shop], matchLabels: {tier: prod}}, "
      "clusters: {matchLabels: {ring: rest}}, overrun: stop, manual: true, description: rest");
  const auto read = ParseResources(text, "w.yaml");
  ASSERT_TRUE(read) << read.error().ToString();
  const auto& window = std::get<ChangeWindow>(read->front());
  EXPECT_EQ(window.window, WindowKind::kDeny);
  EXPECT_EQ(window.duration, std::chrono::hours(8));
  EXPECT_EQ(window.overrun, Overrun::kStop);
  EXPECT_TRUE(window.manual);
  EXPECT_EQ(window.applications.names, std::vector<std::string>{"web-*"});
}

TEST(WindowFields, ComplainsWithTheFieldsPlace) {
  const struct {
    const char* spec;
    const char* error;
  } cases[] = {
      {"window: allow, schedule: 0 25 * * *, duration: 1h",
       "w.yaml:4:33: spec.schedule: hour \"25\": is not between 0 and 23"},
      {"window: allow, schedule: 0 0 30 2 *, duration: 1h", "never comes"},
      {"window: allow, schedule: \"@every 2h\", duration: 1h", "spec.schedule: \"@every\" is not"},
      {"window: allow, schedule: 0 2 * * *, duration: 1h, timeZone: Mars/Olympus",
       "w.yaml:4:68: spec.timeZone: there is no time zone \"Mars/Olympus\""},
      {"window: allow, schedule: 0 2 * * *, duration: 1h, applications: {names: [\"[a\"]}",
       "spec.applications.names: [a: syntax error in pattern"},
      {"window: allow, duration: 1h", "w.yaml:4:7: spec: schedule is required"},
      {"window: allow, schedule: 0 2 * * *, duration: 30s", "spec.duration: must be at least 1m"},
  };
  for (const auto& c : cases) {
    const auto read = ParseResources(Declare(c.spec), "w.yaml");
    ASSERT_FALSE(read) << c.spec;
    EXPECT_NE(read.error().ToString().find(c.error), std::string::npos) << read.error().ToString();
  }
}

}  // namespace
}  // namespace swell
