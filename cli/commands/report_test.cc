#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/commands/commands.h"
#include "cli/commands/fake_client.h"

namespace swell::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ParseMomentTest, HowLongAgoADayOrATime) {
  const Timestamp now = *ParseTimestamp("2026-03-10T12:00:00Z");
  const std::pair<const char*, const char*> cases[] = {
      {"30d", "2026-02-08T12:00:00Z"},
      {"2w", "2026-02-24T12:00:00Z"},
      {"90m", "2026-03-10T10:30:00Z"},
      {"2026-03-01", "2026-03-01T00:00:00Z"},
      {"2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z"},
  };
  for (const auto& [text, moment] : cases) {
    const auto parsed = ParseMoment(text, now);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().ToString();
    EXPECT_EQ(FormatTimestamp(*parsed), moment) << text;
  }
  for (const char* text :
       {"", "d", "0d", "-3d", "1.5d", "99999d", "yesterday", "2026-13-01", "3"}) {
    EXPECT_FALSE(ParseMoment(text, now)) << text;
  }
}

v1::Report SomeReport() {
  v1::Report report;
  report.mutable_since()->set_seconds(0);
  report.mutable_until()->set_seconds(86'400);
  v1::ApplicationReport& one = *report.add_applications();
  one.set_application("=cmd,\"web\"<b>");
  v1::Delivery& d = *one.mutable_delivery();
  d.set_rollouts(4);
  d.set_succeeded(3);
  d.set_success_rate(0.75);
  d.set_deployments_per_day(3);
  d.mutable_lead_time()->set_count(1);
  d.mutable_lead_time()->mutable_p50()->set_seconds(90);
  d.mutable_lead_time()->mutable_p90()->set_seconds(90);
  v1::WaveLeadTime& wave = *d.add_lead_times();
  wave.set_wave("canary");
  *wave.mutable_lead_time() = d.lead_time();
  d.set_unrestored(1);
  return report;
}

TEST(ReportTest, AsATable) {
  FakeSession fake;
  fake.client.answer_GetReport = SomeReport();
  EXPECT_EQ(*Report(fake.Get(), {.applications = {"web"}, .since = "1d"}), kOk);
  EXPECT_EQ(fake.client.asked_GetReport.applications(0), "web");
  EXPECT_EQ(fake.client.asked_GetReport.since().seconds(), 1'000'000 - 86'400);
  EXPECT_FALSE(fake.client.asked_GetReport.has_until());
  EXPECT_THAT(fake.out, HasSubstr("From 1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z\n"));
  EXPECT_THAT(fake.out,
              testing::ContainsRegex("web.* 4 +3.00 +75.0% +1m30s / 1m30s +- +1 not yet"));
  EXPECT_THAT(fake.out, testing::ContainsRegex("canary +1 +1m30s"));
}

TEST(ReportTest, AsCsvForASpreadsheet) {
  FakeSession fake;
  fake.client.answer_GetReport = SomeReport();
  EXPECT_EQ(*Report(fake.Get(), {.format = ReportFormat::kCsv}), kOk);
  EXPECT_THAT(fake.out, testing::StartsWith("application,wave,since,until,rollouts,"));
  EXPECT_THAT(fake.out, HasSubstr("\r\n\"'=cmd,\"\"web\"\"<b>\",,1970-01-01T00:00:00Z,"
                                  "1970-01-02T00:00:00Z,4,3,0,0,0,3.0000,0.7500,,1,90.000,90.000,"))
      << "no name is a formula";
  EXPECT_THAT(fake.out, HasSubstr(",canary,1970-01-01T00:00:00Z,1970-01-02T00:00:00Z,"
                                  ",,,,,,,,1,90.000,90.000,"));
  std::size_t columns = 0;
  for (const char c : fake.out.substr(0, fake.out.find('\r'))) columns += c == ',' ? 1 : 0;
  EXPECT_EQ(columns, 25u);
}

TEST(ReportTest, AsAPageThatTrustsNoName) {
  FakeSession fake;
  fake.client.answer_GetReport = SomeReport();
  EXPECT_EQ(*Report(fake.Get(), {.format = ReportFormat::kHtml}), kOk);
  EXPECT_THAT(fake.out, Not(HasSubstr("<b>")));
  EXPECT_THAT(fake.out, HasSubstr("<td>75.0%</td>"));
}

class EvidenceTest : public testing::Test {
 protected:
  EvidenceTest() : folder_(testing::TempDir() + "swell-evidence-test") {
    std::filesystem::remove_all(folder_);
    v1::Evidence evidence;
    v1::EvidenceFile& index = *evidence.add_files();
    index.set_path("index.html");
    index.set_content("<!doctype html>");
    evidence.add_rollouts()->set_number(7);
    fake_.client.answer_GetEvidence = evidence;
    v1::EvidenceFile rollout;
    rollout.set_path("web/rollout-7.json");
    rollout.set_content("{}");
    fake_.client.answer_GetRolloutEvidence = rollout;
  }
  ~EvidenceTest() override { std::filesystem::remove_all(folder_); }

  const std::string folder_;
  FakeSession fake_;
};

TEST_F(EvidenceTest, WritesAFolderOfItsOwn) {
  EXPECT_EQ(*ReportEvidence(fake_.Get(), {.folder = folder_}), kOk);
  EXPECT_EQ(std::filesystem::file_size(folder_ + "/web/rollout-7.json"), 2u);
  EXPECT_EQ(std::filesystem::file_size(folder_ + "/index.html"), 15u);
  const auto again = ReportEvidence(fake_.Get(), {.folder = folder_});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().ToString(), HasSubstr("is there already"));
}

TEST_F(EvidenceTest, NoFileLiesAnywhereElse) {
  for (const char* path : {"../out.json", "/etc/out.json", "web//x", "web/../../x", "", "."}) {
    std::filesystem::remove_all(folder_);
    fake_.client.answer_GetRolloutEvidence->set_path(path);
    EXPECT_FALSE(ReportEvidence(fake_.Get(), {.folder = folder_})) << path;
  }
}

}  // namespace
}  // namespace swell::cli
