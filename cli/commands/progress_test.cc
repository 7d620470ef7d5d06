#include "cli/commands/progress.h"

#include <gmock/gmock.h>

#include "base/core/strings.h"
#include "cli/commands/messages.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Timestamp kNow{1'000'000s};

void SetTime(google::protobuf::Timestamp& to, Timestamp time) {
  to.set_seconds(time.time_since_epoch().count() / 1000);
}

v1::Wave& AddWave(v1::Rollout& rollout, const std::string& name, const std::string& phase,
                  int clusters, const std::string& cluster_phase) {
  v1::Wave& wave = *rollout.add_waves();
  wave.set_name(name);
  wave.set_phase(phase);
  for (int i = 0; i < clusters; ++i) {
    v1::RolloutCluster& cluster = *wave.add_clusters();
    cluster.set_name(name + "-" + std::to_string(i));
    cluster.set_phase(cluster_phase);
    cluster.set_has_changes(true);
  }
  return wave;
}

v1::Rollout Rollout() {
  v1::Rollout rollout;
  rollout.set_id("web-3");
  rollout.set_number(3);
  rollout.set_application("web");
  rollout.set_kind("sync");
  rollout.set_actor("ann");
  rollout.set_phase("Progressing");
  rollout.mutable_revision()->set_ref("main");
  rollout.mutable_revision()->set_commit("1a2b3c4d5e6f");
  SetTime(*rollout.mutable_created_at(), kNow - 75s);
  return rollout;
}

std::string Screen(const std::vector<std::string>& lines) { return Join(lines, "\n"); }

TEST(ProgressTest, ShowsWavesAndTheClustersAtWork) {
  v1::Rollout rollout = Rollout();
  v1::Wave& canary = AddWave(rollout, "canary", "Done", 2, "Healthy");
  SetTime(*canary.mutable_started_at(), kNow - 70s);
  SetTime(*canary.mutable_finished_at(), kNow - 40s);
  v1::Wave& early = AddWave(rollout, "early", "Progressing", 4, "Healthy");
  SetTime(*early.mutable_started_at(), kNow - 40s);
  early.mutable_clusters(1)->set_phase("Verifying");
  early.mutable_clusters(1)->mutable_health()->set_status("Progressing");
  early.mutable_clusters(1)->mutable_health()->set_message("1 of 2 pods");
  early.mutable_clusters(2)->set_phase("Failed");
  early.mutable_clusters(2)->set_error("no\nimage");
  early.mutable_clusters(3)->set_has_changes(false);
  AddWave(rollout, "rest", "Pending", 10, "Pending");
  EXPECT_EQ(Screen(ProgressLines(rollout, kNow, {})),
            "web #3  sync of main 1a2b3c4 by ann  Progressing, 1m15s\n"
            "canary  ####################  2/2      Done in 30s\n"
            "early   ##########xxxxx=====  2/4, 1 failed  Progressing, 40s\n"
            "  early-0   Healthy\n"
            "  early-1   Verifying    1 of 2 pods\n"
            "  early-2   Failed       no image\n"
            "  early-3   Healthy      nothing to change\n"
            "rest    ....................  0/10     Pending");
}

TEST(ProgressTest, CountsDownABake) {
  v1::Rollout rollout = Rollout();
  v1::Wave& wave = AddWave(rollout, "canary", "Baking", 1, "Healthy");
  wave.mutable_bake()->set_seconds(600);
  SetTime(*wave.mutable_healthy_at(), kNow - 90s);
  EXPECT_THAT(ProgressLines(rollout, kNow, {}), Contains(HasSubstr("Baking, 8m30s left")));
}

TEST(ProgressTest, SaysHowItEnded) {
  v1::Rollout rollout = Rollout();
  AddWave(rollout, "canary", "Failed", 1, "RolledBack");
  rollout.set_phase("RolledBack");
  rollout.set_finished(true);
  rollout.set_message("canary-0: crashed");
  SetTime(*rollout.mutable_finished_at(), kNow - 60s);
  const auto lines = ProgressLines(rollout, kNow, {});
  EXPECT_THAT(lines.front(), HasSubstr("RolledBack after 15s"));
  EXPECT_EQ(lines.back(), "canary-0: crashed");
}

TEST(ProgressTest, FitsEveryTerminal) {
  v1::Rollout rollout = Rollout();
  for (int i = 0; i < 30; ++i) {
    AddWave(rollout, "wave-" + std::to_string(i), i < 12 ? "Done" : "Pending", 40,
            i < 12 ? "Healthy" : "Pending");
  }
  v1::Wave& working = *rollout.mutable_waves(12);
  working.set_phase("Progressing");
  for (auto& cluster : *working.mutable_clusters()) {
    cluster.set_phase("Verifying");
    cluster.mutable_health()->set_message(std::string(300, 'x'));
  }
  working.mutable_clusters(39)->set_phase("Failed");
  working.mutable_clusters(39)->set_error("boom");
  rollout.set_message("a message\nof lines");
  for (const int height : {4, 5, 6, 10, 24, 60, 200}) {
    for (const int width : {10, 40, 80, 200}) {
      const Terminal terminal{
          .interactive = true, .color = true, .unicode = true, .width = width, .height = height};
      const auto lines = ProgressLines(rollout, kNow, terminal);
      EXPECT_LE(lines.size(), static_cast<std::size_t>(height - 1)) << height;
      for (const std::string& line : lines) EXPECT_LT(DisplayWidth(line), width);
    }
  }
  const auto lines = ProgressLines(rollout, kNow, {.width = 80, .height = 50});
  const auto at_work = std::ranges::find_if(
      lines, [](const std::string& line) { return line.starts_with("wave-12"); });
  ASSERT_NE(at_work, lines.end());
  // The urgent ones come first where not all fit, and the others are counted.
  EXPECT_THAT(*(at_work + 1), HasSubstr("boom"));
  EXPECT_THAT(lines, Contains(HasSubstr("Verifying")));
  const auto narrow = ProgressLines(rollout, kNow, {.width = 80, .height = 12});
  EXPECT_THAT(narrow, Contains(HasSubstr("earlier waves")));
  EXPECT_THAT(narrow, Contains(HasSubstr("later waves")));
  EXPECT_THAT(narrow, Contains(HasSubstr("wave-12")));
}

TEST(ProgressTest, ForeignTextStaysText) {
  v1::Rollout rollout = Rollout();
  v1::Wave& wave = AddWave(rollout, "canary", "Progressing", 1, "Failed");
  wave.mutable_clusters(0)->set_error("\x1b]0;title\x07");
  rollout.set_message("\x1b[2J");
  rollout.mutable_revision()->set_ref("\x1b[31m");
  EXPECT_THAT(ProgressLines(rollout, kNow, {}), Each(Not(HasSubstr("\x1b"))));
  EXPECT_THAT(StepLines({}, rollout), Each(Not(HasSubstr("\x1b"))));
}

TEST(StepTest, TellsWhatChanged) {
  v1::Rollout before = Rollout();
  AddWave(before, "canary", "Progressing", 2, "Verifying");
  v1::Rollout after = before;
  EXPECT_THAT(StepLines(before, after), IsEmpty());
  after.mutable_waves(0)->mutable_clusters(0)->set_phase("Healthy");
  after.mutable_waves(0)->mutable_clusters(1)->mutable_health()->set_status("Degraded");
  after.mutable_waves(0)->mutable_clusters(1)->mutable_health()->set_message("crash loop");
  EXPECT_THAT(StepLines(before, after),
              ElementsAre("web #3 cluster canary-0 Healthy",
                          "web #3 cluster canary-1 Verifying: Degraded: crash loop"));
  before = after;
  after.mutable_waves(0)->mutable_clusters(1)->set_phase("RolledBack");
  after.mutable_waves(0)->set_phase("Failed");
  after.set_phase("RolledBack");
  after.set_finished(true);
  after.set_message("canary-1: crash loop");
  EXPECT_THAT(StepLines(before, after),
              ElementsAre("web #3 cluster canary-1 RolledBack", "web #3 wave canary Failed",
                          "web #3 RolledBack: canary-1: crash loop"));
}

TEST(StepTest, BeginsWithHowThingsStand) {
  v1::Rollout rollout = Rollout();
  AddWave(rollout, "canary", "Done", 1, "Healthy");
  AddWave(rollout, "rest", "Pending", 1, "Pending");
  EXPECT_THAT(StepLines({}, rollout),
              ElementsAre("web #3  sync of main 1a2b3c4 by ann: 2 waves",
                          "web #3 cluster canary-0 Healthy", "web #3 wave canary Done"));
}

}  // namespace
}  // namespace swell::cli
