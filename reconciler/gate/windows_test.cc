#include "reconciler/gate/windows.h"

#include <gtest/gtest.h>

namespace swell::gate {
namespace {

using std::chrono::hours;

Timestamp At(const std::string& text) { return ParseTimestamp(text).value(); }
std::string Show(const std::optional<Timestamp>& at) { return at ? FormatTimestamp(*at) : "never"; }

ChangeWindow Declare(std::string name, WindowKind kind, std::string schedule, Duration duration,
                     std::string zone = "") {
  ChangeWindow out;
  out.name = std::move(name);
  out.window = kind;
  out.schedule = std::move(schedule);
  out.duration = duration;
  out.time_zone = std::move(zone);
  return out;
}
ChangeWindow Allow(std::string name, std::string schedule, Duration duration,
                   std::string zone = "") {
  return Declare(std::move(name), WindowKind::kAllow, std::move(schedule), duration,
                 std::move(zone));
}
ChangeWindow Deny(std::string name, std::string schedule, Duration duration,
                  std::string zone = "") {
  return Declare(std::move(name), WindowKind::kDeny, std::move(schedule), duration,
                 std::move(zone));
}

std::vector<Window> Compiled(std::vector<ChangeWindow> declared) {
  std::vector<Window> out;
  for (ChangeWindow& one : declared) out.push_back(Window::Compile(std::move(one)).value());
  return out;
}

Application Web() {
  Application out;
  out.name = "web-shop";
  out.project = "shop";
  out.labels = {{"tier", "prod"}};
  return out;
}

Cluster Named(std::string name, Labels labels = {}) {
  Cluster out;
  out.name = std::move(name);
  out.labels = std::move(labels);
  return out;
}

Verdict Of(const std::vector<ChangeWindow>& declared, const std::string& at) {
  return Judge(Compiled(declared), Web(), {Named("c1")}, At(at)).front().verdict;
}

TEST(Window, OpensAndCloses) {
  const struct {
    ChangeWindow window;
    const char* at;
    bool open;
    const char* changes;
  } cases[] = {
      {Allow("night", "0 22 * * *", hours(8)), "2026-11-27T21:59:59Z", false,
       "2026-11-27T22:00:00Z"},
      {Allow("night", "0 22 * * *", hours(8)), "2026-11-27T22:00:00Z", true,
       "2026-11-28T06:00:00Z"},
      {Allow("night", "0 22 * * *", hours(8)), "2026-11-28T05:59:59Z", true,
       "2026-11-28T06:00:00Z"},
      {Allow("night", "0 22 * * *", hours(8)), "2026-11-28T06:00:00Z", false,
       "2026-11-28T22:00:00Z"},
      // Openings that meet are one; those that never end have no end.
      {Allow("week", "0 0 * * 1-5", hours(24)), "2026-11-25T12:00:00Z", true,
       "2026-11-28T00:00:00Z"},
      {Allow("always", "0 * * * *", hours(2)), "2026-11-25T12:00:00Z", true, "never"},
      // A leap day, four years long.
      {Deny("leap", "0 0 29 2 *", hours(24)), "2026-11-25T12:00:00Z", false,
       "2028-02-29T00:00:00Z"},
      {Deny("leap", "0 0 29 2 *", hours(24)), "2028-02-29T12:00:00Z", true, "2028-03-01T00:00:00Z"},
      {Deny("leap", "0 0 29 2 *", hours(24)), "2028-03-01T00:00:00Z", false,
       "2032-02-29T00:00:00Z"},
      // Berlin jumps from 02:00 to 03:00 at 01:00Z: a window of the hour that is left out opens
      // with the jump, and lasts as long as on any day.
      {Deny("backup", "30 2 * * *", hours(1), "Europe/Berlin"), "2026-03-29T00:59:59Z", false,
       "2026-03-29T01:00:00Z"},
      {Deny("backup", "30 2 * * *", hours(1), "Europe/Berlin"), "2026-03-29T01:00:00Z", true,
       "2026-03-29T02:00:00Z"},
      {Deny("backup", "30 2 * * *", hours(1), "Europe/Berlin"), "2026-03-29T02:00:00Z", false,
       "2026-03-30T00:30:00Z"},
      // One that the jump falls into lasts eight hours, until 07:00 on the wall.
      {Allow("night", "0 22 * * *", hours(8), "Europe/Berlin"), "2026-03-29T04:59:00Z", true,
       "2026-03-29T05:00:00Z"},
      // And in autumn the hour that comes twice opens it once, at the first.
      {Deny("backup", "30 2 * * *", hours(1), "Europe/Berlin"), "2026-10-25T00:30:00Z", true,
       "2026-10-25T01:30:00Z"},
      {Deny("backup", "30 2 * * *", hours(1), "Europe/Berlin"), "2026-10-25T01:30:00Z", false,
       "2026-10-26T01:30:00Z"},
      {Deny("backup", "30 1 * * *", hours(1), "America/New_York"), "2026-11-01T06:30:00Z", false,
       "2026-11-02T06:30:00Z"},
      {Deny("backup", "30 2 * * *", hours(1), "America/New_York"), "2026-03-08T07:59:59Z", true,
       "2026-03-08T08:00:00Z"},
  };
  for (const auto& c : cases) {
    const Window window = Window::Compile(c.window).value();
    EXPECT_EQ(window.IsOpen(At(c.at)), c.open) << c.window.name << " " << c.at;
    EXPECT_EQ(Show(window.ChangesAt(At(c.at))), c.changes) << c.window.name << " " << c.at;
  }
}

TEST(Window, SelectsApplications) {
  const struct {
    ApplicationSelector selector;
    bool applies;
  } cases[] = {
      {{}, true},
      {{.names = {"web-*"}}, true},
      {{.names = {"api-*", "web-shop"}}, true},
      {{.names = {"api-*"}}, false},
      {{.projects = {"sh?p"}}, true},
      {{.projects = {"default"}}, false},
      {{.match_labels = {{"tier", "prod"}}}, true},
      {{.match_labels = {{"tier", "test"}}}, false},
      {{.match_labels = {{"team", "a"}}}, false},
      {{.names = {"web-*"}, .projects = {"default"}}, false},
  };
  for (const auto& c : cases) {
    ChangeWindow window = Deny("w", "* * * * *", hours(1));
    window.applications = c.selector;
    EXPECT_EQ(Window::Compile(window)->AppliesTo(Web()), c.applies);
  }
}

TEST(Judge, SaysWhyAndUntilWhen) {
  const auto night = Allow("night", "0 22 * * *", hours(8));
  const auto friday = Deny("black-friday", "0 6 27 11 *", hours(72));
  const struct {
    std::vector<ChangeWindow> windows;
    const char* at;
    bool allowed;
    const char* reason;
    const char* allowed_at;
  } cases[] = {
      {{}, "2026-11-27T12:00:00Z", true, "", "never"},
      {{friday}, "2026-11-26T12:00:00Z", true, "", "never"},
      {{friday},
       "2026-11-27T12:00:00Z",
       false,
       "closed by deny window black-friday until 2026-11-30T06:00:00Z",
       "2026-11-30T06:00:00Z"},
      {{night},
       "2026-11-27T12:00:00Z",
       false,
       "no allow window is open; night opens at 2026-11-27T22:00:00Z",
       "2026-11-27T22:00:00Z"},
      {{night}, "2026-11-27T23:00:00Z", true, "", "never"},
      // Deny goes before allow, and both must let it pass.
      {{night, friday},
       "2026-11-27T23:00:00Z",
       false,
       "closed by deny window black-friday until 2026-11-30T06:00:00Z",
       "2026-11-30T22:00:00Z"},
      {{night, friday},
       "2026-11-27T12:00:00Z",
       false,
       "closed by deny window black-friday until 2026-11-30T06:00:00Z; no allow window is open; "
       "night opens at 2026-11-27T22:00:00Z",
       "2026-11-30T22:00:00Z"},
      // The allow window that opens first.
      {{night, Allow("noon", "0 13 * * *", hours(1))},
       "2026-11-27T12:00:00Z",
       false,
       "no allow window is open; noon opens at 2026-11-27T13:00:00Z",
       "2026-11-27T13:00:00Z"},
      {{Deny("for-ever", "0 * * * *", hours(2))},
       "2026-11-27T12:00:00Z",
       false,
       "closed by deny window for-ever without an end",
       "never"},
  };
  for (const auto& c : cases) {
    const Verdict verdict = Of(c.windows, c.at);
    EXPECT_EQ(verdict.allowed, c.allowed) << c.at;
    EXPECT_EQ(verdict.reason, c.reason);
    EXPECT_EQ(Show(verdict.allowed_at), c.allowed_at) << verdict.reason;
  }
}

TEST(Judge, TakesTheStrictestPolicyOfWhatClosed) {
  auto a = Deny("a", "0 0 * * *", hours(24));
  auto b = Deny("b", "0 0 * * *", hours(24));
  a.overrun = Overrun::kFinish;
  b.overrun = Overrun::kStop;
  a.manual = true;
  EXPECT_EQ(Of({a, b}, "2026-11-27T12:00:00Z").overrun, Overrun::kStop);
  EXPECT_FALSE(Of({a, b}, "2026-11-27T12:00:00Z").manual);
  EXPECT_EQ(Of({a}, "2026-11-27T12:00:00Z").overrun, Overrun::kFinish);
  EXPECT_TRUE(Of({a}, "2026-11-27T12:00:00Z").manual);
  // Of allow windows: that of the one that was open last.
  auto night = Allow("night", "0 0 * * *", hours(6));
  auto noon = Allow("noon", "0 12 * * *", hours(1));
  night.overrun = Overrun::kStop;
  noon.overrun = Overrun::kFinish;
  EXPECT_EQ(Of({night, noon}, "2026-11-27T14:00:00Z").overrun, Overrun::kFinish);
  EXPECT_EQ(Of({night, noon}, "2026-11-27T07:00:00Z").overrun, Overrun::kStop);
}

TEST(Judge, GoesByCluster) {
  auto eu = Allow("eu-night", "0 1 * * *", hours(3), "Europe/Berlin");
  eu.clusters.match_labels = {{"region", "eu"}};
  auto us = Allow("us-night", "0 1 * * *", hours(3), "America/New_York");
  us.clusters.match_labels = {{"region", "us"}};
  const std::vector<Cluster> fleet = {Named("e1", {{"region", "eu"}}),
                                      Named("e2", {{"region", "eu"}}),
                                      Named("u1", {{"region", "us"}}), Named("x1")};
  const auto judged = Judge(Compiled({eu, us}), Web(), fleet, At("2026-06-01T00:30:00Z"));
  ASSERT_EQ(judged.size(), 4u);
  EXPECT_TRUE(judged[0].verdict.allowed);
  EXPECT_TRUE(judged[1].verdict.allowed);
  EXPECT_FALSE(judged[2].verdict.allowed);
  EXPECT_TRUE(judged[3].verdict.allowed);  // no window is about it
  EXPECT_EQ(ShowClosed(judged),
            "u1: no allow window is open; us-night opens at 2026-06-01T05:00:00Z");
  const auto later = Judge(Compiled({eu, us}), Web(), fleet, At("2026-06-01T03:00:00Z"));
  EXPECT_EQ(ShowClosed(later),
            "e1, e2: no allow window is open; eu-night opens at 2026-06-01T23:00:00Z; "
            "u1: no allow window is open; us-night opens at 2026-06-01T05:00:00Z");
}

TEST(Judge, NamesFewClusters) {
  auto window = Deny("w", "* * * * *", hours(1));
  window.clusters.match_labels = {{"region", "eu"}};
  std::vector<Cluster> fleet = {Named("a")};
  for (int i = 1; i <= 5; ++i) {
    fleet.push_back(Named("e" + std::to_string(i), {{"region", "eu"}}));
  }
  EXPECT_EQ(ShowClosed(Judge(Compiled({window}), Web(), fleet, At("2026-06-01T03:00:00Z"))),
            "e1, e2, e3 and 2 more: closed by deny window w without an end");
}

}  // namespace
}  // namespace swell::gate
