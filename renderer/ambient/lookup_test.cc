#include "renderer/ambient/lookup.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

const LookupKey kSecret{"v1", "Secret", "web", "db"};
const LookupKey kPods{"v1", "Pod", "web", ""};

TEST(LookupSource, AnswersFromTheSnapshotAndNotesWhatWasAsked) {
  auto snapshot = std::make_shared<LookupSnapshot>();
  (*snapshot)[kSecret] = Value::Object({{"kind", Value("Secret")}});
  LookupSource source(snapshot);
  EXPECT_EQ((*source.Find(kSecret, "a.yaml"))["kind"].as_string(), "Secret");
  EXPECT_TRUE(source.Find(kPods, "b.yaml")->is_null());
  EXPECT_TRUE(source.Find(kPods, "c.yaml")->is_null());
  EXPECT_EQ(source.asked(), (LookupsAsked{{kSecret, "a.yaml"}, {kPods, "b.yaml"}}));
  EXPECT_EQ(Unanswered(source.asked(), *snapshot), std::vector{kPods});
  // Known to be absent is an answer.
  snapshot->emplace(kPods, Value());
  EXPECT_TRUE(Unanswered(source.asked(), *snapshot).empty());
}

TEST(LookupSource, FindsNothingWithoutASnapshot) {
  LookupSource source(nullptr);
  EXPECT_TRUE(source.Find(kSecret, "a.yaml")->is_null());
  EXPECT_EQ(source.asked().size(), 1u);
}

TEST(LookupSource, IsBounded) {
  LookupSource source(nullptr);
  Result<Value> last;
  for (std::size_t i = 0; i <= LookupSource::kMaxKeys; ++i) {
    EXPECT_TRUE(last) << i;
    last = source.Find({"v1", "Secret", "web", std::to_string(i)}, "a.yaml");
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code(), ErrorCode::kResourceExhausted);
}

TEST(LookupKey, ForPeople) {
  EXPECT_EQ(kSecret.ToString(), "Secret web/db");
  EXPECT_EQ(kPods.ToString(), "every Pod in namespace web");
  EXPECT_EQ((LookupKey{"v1", "Node", "", ""}).ToString(), "every Node");
  EXPECT_EQ((LookupKey{"v1", "Node", "", "n1"}).ToString(), "Node n1");
}

}  // namespace
}  // namespace swell
