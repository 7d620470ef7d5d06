#include "reconciler/domain/stable_record.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

Digest Site(int n) { return Digest::Of("site " + std::to_string(n)); }
StableValue Text(const std::string& text) { return {Secret(text), {}}; }

TEST(StableRecord, KeepsTheUnion) {
  StableRecord record{"web", "c1", {}};
  record = Remember(std::move(record), {{Site(1), Text("a")}, {Site(2), Text("b")}}, 1);
  // This revision has dropped the second password; the next one has it again.
  record = Remember(std::move(record), {{Site(1), Text("a")}}, 2);
  ASSERT_EQ(record.entries.size(), 2u);
  EXPECT_EQ(record.entries.at(Site(1)).rollout, 2);
  EXPECT_EQ(record.entries.at(Site(2)).rollout, 1);
  EXPECT_EQ(KnownValues(record)->at(Site(2)).json.Reveal(), "b");
  // What was renewed takes the place of what it was.
  record = Remember(std::move(record), {{Site(1), Text("new")}}, 3);
  EXPECT_EQ(KnownValues(record)->at(Site(1)).json.Reveal(), "new");
}

TEST(StableRecord, ForgetsWhatFiftyRolloutsDidNotUse) {
  StableRecord record{"web", "c1", {}};
  record = Remember(std::move(record), {{Site(1), Text("a")}}, 1);
  record = Remember(std::move(record), {{Site(2), Text("b")}}, 50);
  EXPECT_TRUE(record.entries.contains(Site(1)));
  record = Remember(std::move(record), {{Site(2), Text("b")}}, 51);
  EXPECT_FALSE(record.entries.contains(Site(1)));
  EXPECT_TRUE(record.entries.contains(Site(2)));
}

TEST(StableRecord, WhatIsUsedIsNeverForgotten) {
  StableRecord record{"web", "c1", {}};
  record = Remember(std::move(record), {{Site(1), Text("a")}}, 1);
  // A hundred repairs in between, which render nothing.
  record = Remember(std::move(record), {{Site(1), Text("a")}}, 101);
  EXPECT_TRUE(record.entries.contains(Site(1)));
}

TEST(StableRecord, TheLongestUnusedGoFirst) {
  StableRecord record{"web", "c1", {}};
  for (int n = 1; n <= 4; ++n) {
    record = Remember(std::move(record), {{Site(n), Text("x")}}, n, {.entries = 3});
  }
  EXPECT_EQ(record.entries.size(), 3u);
  EXPECT_FALSE(record.entries.contains(Site(1)));
  EXPECT_TRUE(record.entries.contains(Site(4)));
}

}  // namespace
}  // namespace swell
