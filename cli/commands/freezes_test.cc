#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/commands.h"
#include "cli/commands/fake_client.h"
#include "cli/commands/messages.h"
#include "cli/commands/status_view.h"

namespace swell::cli {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kLater = 1'003'600;  // an hour after FakeSession's now

TEST(FreezesTest, SayWhatTheyAreFor) {
  FakeSession fake;
  v1::FreezeResponse answer;
  answer.mutable_freeze()->mutable_until()->set_seconds(kLater);
  fake.client.answer_Freeze = answer;
  EXPECT_EQ(Freeze(fake.Get(), {.fleet = true, .reason = "incident", .length = hours(1)}).value(),
            kOk);
  const v1::FreezeRequest& asked = fake.client.asked_Freeze;
  EXPECT_EQ(asked.application(), "");
  EXPECT_EQ(asked.actor(), "ann@desk");
  EXPECT_EQ(asked.reason(), "incident");
  EXPECT_EQ(asked.length().seconds(), 3600);
  EXPECT_EQ(fake.out,
            "the fleet is frozen until 1970-01-12T14:46:40Z: nothing is begun there; end it with: "
            "swell unfreeze --fleet\n");
  EXPECT_EQ(Freeze(fake.Get(), {.application = "web", .reason = "incident"}).value(), kOk);
  EXPECT_FALSE(fake.client.asked_Freeze.has_length());
  EXPECT_EQ(fake.client.asked_Freeze.application(), "web");
}

TEST(FreezesTest, NeedAnApplicationOrTheFleet) {
  FakeSession fake;
  for (const FreezeOptions& options :
       {FreezeOptions{.reason = "r"}, FreezeOptions{.application = "web", .fleet = true}}) {
    for (auto* command : {&Freeze, &Unfreeze, &Override, &EndOverride}) {
      const auto done = command(fake.Get(), options);
      ASSERT_FALSE(done);
      EXPECT_THAT(done.error().ToString(), HasSubstr("say --fleet"));
    }
  }
  EXPECT_THAT(Override(fake.Get(), {.application = "web"}).error().ToString(), HasSubstr("--for"));
}

TEST(FreezesTest, AreListed) {
  FakeSession fake;
  fake.client.answer_ListFreezes = v1::ListFreezesResponse();
  EXPECT_EQ(ListFreezes(fake.Get()).value(), kOk);
  EXPECT_EQ(fake.out, "nothing is frozen or overridden\n");
  v1::ListFreezesResponse list;
  v1::Freeze& freeze = *list.add_freezes();
  freeze.set_actor("ada");
  freeze.set_reason("incident");
  v1::Override& given = *list.add_overrides();
  given.set_application("web");
  given.set_actor("zoe");
  given.set_reason("hotfix");
  given.mutable_until()->set_seconds(kLater);
  fake.client.answer_ListFreezes = list;
  fake.out.clear();
  EXPECT_EQ(ListFreezes(fake.Get()).value(), kOk);
  EXPECT_THAT(fake.out,
              testing::ContainsRegex("freeze +the fleet +ada .* ended by hand +incident"));
  EXPECT_THAT(fake.out,
              testing::ContainsRegex("override +web +zoe .* 1970-01-12T14:46:40Z +hotfix"));
}

TEST(FreezesTest, StatusSaysWhatIsClosedOnce) {
  v1::ApplicationStatus status;
  status.set_name("web");
  status.set_hold("closed by deny window w");
  status.mutable_held_until()->set_seconds(kLater);
  status.add_barriers("closed by deny window w");
  status.add_barriers("the fleet is frozen by ada: incident");
  status.set_override("override of web by zoe until 1970-01-12T14:46:40Z: hotfix");
  const std::string page = ApplicationPage(status, Timestamp{}, {});
  EXPECT_THAT(page, HasSubstr("Hold         closed by deny window w  (looked at again at "
                              "1970-01-12T14:46:40Z)\n"));
  EXPECT_THAT(page, HasSubstr("Closed       the fleet is frozen by ada: incident\n"));
  EXPECT_THAT(page, Not(HasSubstr("Closed       closed")));
  EXPECT_THAT(page, HasSubstr("Override     override of web by zoe"));
}

TEST(GetTest, WindowsAndTeams) {
  FakeSession fake;
  v1::GetResourcesResponse declared;
  declared.add_documents(
      "metadata: {name: night}\nspec: {window: allow, schedule: 0 22 * * *, duration: 8h, "
      "timeZone: Europe/Berlin, applications: {names: [\"web-*\"], matchLabels: {tier: prod}}}\n");
  fake.client.answer_GetResources = declared;
  EXPECT_EQ(Get(fake.Get(), {"ChangeWindow", ""}).value(), kOk);
  EXPECT_EQ(fake.client.asked_GetResources.kind(), "ChangeWindow");
  EXPECT_THAT(fake.out,
              testing::ContainsRegex("night +allow +0 22 \\* \\* \\* +8h +Europe/Berlin +web-\\* "
                                     "tier=prod +all +wave +waits"));
  declared.set_documents(0, "metadata: {name: ops}\nspec: {members: [ada, bob]}\n");
  fake.client.answer_GetResources = declared;
  fake.out.clear();
  EXPECT_EQ(Get(fake.Get(), {"Team", ""}).value(), kOk);
  EXPECT_THAT(fake.out, testing::ContainsRegex("ops +ada,bob"));
  fake.out.clear();
  EXPECT_EQ(Get(fake.Get(Format::kJson), {"Team", ""}).value(), kOk);
  EXPECT_THAT(fake.out, HasSubstr("\"teams\""));
  fake.client.answer_GetResources = v1::GetResourcesResponse();
  fake.out.clear();
  EXPECT_EQ(Get(fake.Get(), {"ChangeWindow", ""}).value(), kOk);
  EXPECT_EQ(fake.out, "no change windows declared\n");
}

TEST(KindTest, WindowsAndTeams) {
  for (const char* text : {"window", "windows", "ChangeWindow", "changewindows"}) {
    EXPECT_EQ(ParseKind(text).value(), "ChangeWindow") << text;
  }
  EXPECT_EQ(ParseKind("teams").value(), "Team");
}

TEST(RollbackTest, Confirms) {
  FakeSession fake;
  fake.client.answer_Rollback = v1::StartedRollout();
  EXPECT_EQ(Rollback(fake.Get(), {.application = "web", .confirm_prune = true}).value(), kOk);
  EXPECT_TRUE(fake.client.asked_Rollback.confirm_prune());
}

}  // namespace
}  // namespace swell::cli
