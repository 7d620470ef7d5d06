// Approvals, permissions, freezes and overrides.
#include <gtest/gtest.h>

#include "reconciler/gate/approvals.h"
#include "reconciler/gate/freeze.h"
#include "reconciler/gate/permissions.h"

namespace swell::gate {
namespace {

using std::chrono::hours;

const Timestamp kNow = ParseTimestamp("2026-11-27T12:00:00Z").value();
const Digest kPlan = Digest::Of("plan");
const std::vector<Team> kTeams = {{.name = "platform-team", .members = {"ada", "bob", "eve"}},
                                  {.name = "on-call", .members = {"zoe"}}};

Approval By(std::string actor, Duration ago = hours(1), Digest plan = kPlan) {
  return {.application = "web",
          .plan = plan,
          .actor = std::move(actor),
          .at = kNow - ago,
          .comment = "looks fine"};
}

TEST(Approvals, Counts) {
  const ApprovalSubject subject{.application = "web",
                                .plan = kPlan,
                                .author = "Eve Ning <eve@example.com>",
                                .requester = "zoe"};
  const ApprovalSpec two{.count = 2, .from = {"platform-team", "zoe"}, .not_author = true};
  ApprovalSpec expiring = two;
  expiring.expires = hours(4);
  const struct {
    ApprovalSpec spec;
    std::vector<Approval> approvals;
    bool enough;
    const char* message;
  } cases[] = {
      {{}, {}, true, "0 of 0 approvals"},
      {two, {}, false, "0 of 2 approvals by platform-team, zoe; run `swell approve web`"},
      {two,
       {By("ada")},
       false,
       "1 of 2 approvals by platform-team, zoe; ada approved; run `swell approve web`"},
      {two,
       {By("ada"), By("bob", hours(2))},
       true,
       "2 of 2 approvals by platform-team, zoe; bob, ada approved"},
      // Nobody counts twice, however often or in whatever spelling.
      {{.count = 2},
       {By("ada"), By("Ada", hours(2)), By("ada", hours(3))},
       false,
       "1 of 2 approvals; ada approved; run `swell approve web`"},
      {two,
       {By("ada"), By("mallory")},
       false,
       "1 of 2 approvals by platform-team, zoe; ada approved; mallory is not in platform-team, "
       "zoe; run `swell approve web`"},
      {two,
       {By("ada"), By("eve")},
       false,
       "1 of 2 approvals by platform-team, zoe; ada approved; eve wrote the commit; run `swell "
       "approve web`"},
      {two,
       {By("ada"), By("zoe")},
       false,
       "1 of 2 approvals by platform-team, zoe; ada approved; zoe asked for the rollout; run "
       "`swell approve web`"},
      {{.count = 1, .from = {"platform-team"}},
       {By("eve")},
       true,
       "1 of 1 approvals by platform-team; eve approved"},
      {two,
       {By("ada"), By("bob", hours(1), Digest::Of("another"))},
       false,
       "1 of 2 approvals by platform-team, zoe; ada approved; bob approved another plan; run "
       "`swell approve web`"},
      {expiring,
       {By("ada"), By("bob", hours(4))},
       false,
       "1 of 2 approvals by platform-team, zoe; ada approved; bob's approval expired at "
       "2026-11-27T12:00:00Z; run `swell approve web`"},
      {expiring,
       {By("ada"), By("bob", hours(4) - Duration(1))},
       true,
       "2 of 2 approvals by platform-team, zoe; bob, ada approved"},
  };
  for (const auto& c : cases) {
    const ApprovalCount count = CountApprovals(c.spec, c.approvals, kTeams, subject, kNow);
    EXPECT_EQ(count.enough(), c.enough) << c.message;
    EXPECT_EQ(count.message, c.message);
  }
}

TEST(Approvals, KnowsTheAuthor) {
  const struct {
    const char* actor;
    const char* author;
    bool is;
  } cases[] = {
      {"ada", "Ada <ada@example.com>", true},
      {"Ada Love", "ada love <al@example.com>", true},
      {"AL", "Ada Love <al@example.com>", true},
      {"al@EXAMPLE.com", "Ada Love <al@example.com>", true},
      {"ada", "Ada Love <al@example.com>", false},
      {"al@other.com", "Ada Love <al@example.com>", false},
      {"ada", "Ada", true},
      {"", "", false},
      {"", " <>", false},
      {"x", "Ada <broken", false},
  };
  for (const auto& c : cases) EXPECT_EQ(IsAuthor(c.actor, c.author), c.is) << c.actor << c.author;
}

TEST(Approvals, AreRecorded) {
  const LedgerRecord record = ToRecord(By("ada"));
  EXPECT_EQ(record.kind, RecordKind::kApproval);
  EXPECT_TRUE(record.key.starts_with(ApprovalPrefix(kPlan)));
  EXPECT_EQ(ApprovalFromRecord(record).value(), By("ada"));
  for (const char* content : {"", "{}", R"({"plan":"x","actor":"a","comment":""})", "[]",
                              R"({"plan":1,"actor":"a","comment":""})"}) {
    LedgerRecord bad = record;
    bad.content = content;
    ASSERT_FALSE(ApprovalFromRecord(bad)) << content;
    EXPECT_EQ(ApprovalFromRecord(bad).error().code(), ErrorCode::kDataLoss);
  }
}

TEST(Permissions, NamePeopleAndTeams) {
  Application web;
  web.name = "web";
  EXPECT_TRUE(CheckPermission(web, Deed::kSync, "anybody", kTeams));
  web.permissions.sync = {"platform-team", "zed"};
  const struct {
    const char* actor;
    bool may;
  } cases[] = {{"ada", true}, {"zed", true}, {"zoe", false}, {"", false}};
  for (const auto& c : cases) {
    EXPECT_EQ(CheckPermission(web, Deed::kSync, c.actor, kTeams).has_value(), c.may) << c.actor;
  }
  EXPECT_TRUE(CheckPermission(web, Deed::kRollback, "zoe", kTeams));
  const Status refused = CheckPermission(web, Deed::kSync, "zoe", kTeams);
  EXPECT_EQ(refused.error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(refused.error().ToString(),
            "zoe may not sync, pause, resume, cancel or freeze web: its spec.permissions.sync "
            "names platform-team, zed");
  // A team that is gone is nobody.
  EXPECT_FALSE(CheckPermission(web, Deed::kSync, "ada", {}));
}

TEST(Freezes, AreRecordedAndShown) {
  const Freeze fleet{.application = "", .actor = "ada", .reason = "incident 42", .at = kNow};
  Freeze web = fleet;
  web.application = "web";
  web.until = kNow + hours(2);
  for (const Freeze& freeze : {fleet, web}) {
    EXPECT_EQ(FreezeFromRecord(ToRecord(freeze)).value(), freeze);
  }
  EXPECT_EQ(Show(fleet), "the fleet is frozen by ada: incident 42");
  EXPECT_EQ(Show(web), "web is frozen by ada until 2026-11-27T14:00:00Z: incident 42");
  EXPECT_EQ(FreezesOf({fleet, web}, "web", kNow), (std::vector<Freeze>{web, fleet}));
  EXPECT_EQ(FreezesOf({fleet, web}, "api", kNow), std::vector<Freeze>{fleet});
  EXPECT_EQ(FreezesOf({fleet, web}, "web", kNow + hours(2)), std::vector<Freeze>{fleet});
  LedgerRecord bad = ToRecord(web);
  bad.content = R"({"actor":"ada","reason":"r","until":"soon"})";
  EXPECT_EQ(FreezeFromRecord(bad).error().code(), ErrorCode::kDataLoss);
}

TEST(Freezes, NeedAReason) {
  Freeze freeze{.application = "", .actor = "ada", .reason = " ", .at = kNow};
  EXPECT_FALSE(Check(freeze));
  freeze.reason = "incident";
  EXPECT_TRUE(Check(freeze));
  freeze.until = kNow;
  EXPECT_FALSE(Check(freeze));
}

TEST(Overrides, AreShortAndHaveAReason) {
  const Override good{.application = "web",
                      .actor = "ada",
                      .reason = "incident 42",
                      .at = kNow,
                      .until = kNow + hours(24)};
  EXPECT_TRUE(Check(good));
  EXPECT_EQ(OverrideFromRecord(ToRecord(good)).value(), good);
  EXPECT_EQ(Show(good), "override of web by ada until 2026-11-28T12:00:00Z: incident 42");
  EXPECT_FALSE(OverrideFromRecord(ToRecord(Freeze{.actor = "a", .reason = "r"})));
  Override bad = good;
  bad.until += Duration(1);
  EXPECT_FALSE(Check(bad));
  bad.until = kNow;
  EXPECT_FALSE(Check(bad));
  bad = good;
  bad.reason = "";
  EXPECT_FALSE(Check(bad));
}

}  // namespace
}  // namespace swell::gate
