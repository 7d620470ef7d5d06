#include "reconciler/domain/plan.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

std::shared_ptr<const OperationSet> Operations(const std::string& image) {
  auto set = std::make_shared<OperationSet>();
  Operation op;
  op.type = OperationType::kUpdate;
  op.id = {"apps", "Deployment", "web", "web"};
  op.version = "v1";
  op.changes = {{"/spec/image", ChangeCause::kChanged, "\"a\"", image, Digest::Of(image)}};
  set->operations = {op};
  set->digest = OperationSetDigest(set->operations);
  return set;
}

Plan MakePlan() {
  Plan plan;
  plan.application = "web";
  plan.revision.commit = std::string(40, 'a');
  const auto same = Operations("\"b\"");
  for (const char* name : {"c1", "c2"}) {
    plan.clusters.push_back({name, Digest::Of("manifest"), same, ""});
  }
  plan.clusters.push_back({"c3", Digest(), nullptr, "not reachable"});
  plan.digest = PlanDigest(plan, Digest::Of("strategy"));
  return plan;
}

TEST(Plan, SurvivesTheLedgerAndSharesOperations) {
  const Plan plan = MakePlan();
  const auto read = ParsePlan(SerializePlan(plan));
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(SerializePlan(*read), SerializePlan(plan));
  EXPECT_EQ(read->clusters[0].operations, read->clusters[1].operations);
  EXPECT_EQ(read->clusters[2].error, "not reachable");
  EXPECT_TRUE(read->HasChanges());
}

TEST(Plan, TheDigestCoversEveryInput) {
  const Digest before = MakePlan().digest;
  const auto digest = [](auto change, const char* strategy = "strategy") {
    Plan plan = MakePlan();
    change(plan);
    return PlanDigest(plan, Digest::Of(strategy));
  };
  EXPECT_EQ(digest([](Plan&) {}), before);
  EXPECT_NE(digest([](Plan&) {}, "another strategy"), before);
  EXPECT_NE(digest([](Plan& p) { p.revision.commit[0] = 'b'; }), before);
  EXPECT_NE(digest([](Plan& p) { p.kind = PlanKind::kRollback; }), before);
  EXPECT_NE(digest([](Plan& p) { p.application_generation = 7; }), before);
  EXPECT_NE(digest([](Plan& p) { p.clusters[0].manifest = Digest::Of("other"); }), before);
  EXPECT_NE(digest([](Plan& p) { p.clusters[0].operations = Operations("\"c\""); }), before);
  EXPECT_EQ(digest([](Plan& p) { p.clusters[2].error = "timeout after 31 s"; }), before)
      << "why a cluster cannot be read is no input";
  EXPECT_NE(digest([](Plan& p) { p.clusters[2].error = ""; }), before);
  EXPECT_NE(digest([](Plan& p) { p.clusters.pop_back(); }), before);
}

TEST(Plan, TheDigestCoversWhatIsNotShown) {
  const auto digest = [](const char* value) {
    Operation op;
    op.changes = {{"/data/key", ChangeCause::kDrifted, "***", "***", Digest::Of(value)}};
    return OperationSetDigest({op});
  };
  EXPECT_EQ(digest("a"), digest("a"));
  EXPECT_NE(digest("a"), digest("b"));
}

TEST(Plan, TamperedOperationsAreNoticed) {
  std::string text = SerializePlan(MakePlan());
  const std::size_t at = text.find("\\\"b\\\"");
  ASSERT_NE(at, std::string::npos);
  text[at + 2] = 'x';
  const auto read = ParsePlan(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace swell
