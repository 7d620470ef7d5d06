#include "base/text/unified_diff.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace swell {
namespace {

std::string Numbers(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) out += std::to_string(i) + "\n";
  return out;
}

// The expectations are what diff -u (GNU diffutils 3.8) prints.
TEST(UnifiedDiff, AsDiffPrints) {
  EXPECT_EQ(UnifiedDiff("a\n", "a\n"), "");
  EXPECT_EQ(UnifiedDiff("a\nb\nc\n", "a\nx\nc\n"),
            "--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
  EXPECT_EQ(UnifiedDiff("", "a\nb\n"), "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  EXPECT_EQ(UnifiedDiff("a\n", ""), "--- a\n+++ b\n@@ -1 +0,0 @@\n-a\n");
  EXPECT_EQ(UnifiedDiff("a\nb", "a\nb\n"),
            "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
  EXPECT_EQ(UnifiedDiff(Numbers(1, 20), Numbers(1, 4) + "x\n" + Numbers(6, 17) + Numbers(19, 20),
                        {.from_name = "live", .to_name = "desired"}),
            "--- live\n+++ desired\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"
            "@@ -15,6 +15,5 @@\n 15\n 16\n 17\n-18\n 19\n 20\n");
}

TEST(UnifiedDiff, ContextJoinsNearHunks) {
  const std::string diff = UnifiedDiff("1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n");
  EXPECT_EQ(diff.find("@@", diff.find("@@") + 4), diff.rfind("@@"));
  EXPECT_NE(diff.find("@@ -1,8 +1,8 @@"), std::string::npos) << diff;
  EXPECT_EQ(UnifiedDiff("1\n2\n3\n", "1\nx\n3\n", {.context = 0}),
            "--- a\n+++ b\n@@ -2 +2 @@\n-2\n+x\n");
}

TEST(UnifiedDiff, FindsTheShortestScript) {
  const std::string diff = UnifiedDiff("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n");
  EXPECT_EQ(std::count(diff.begin(), diff.end(), '\n') - 3, 7 + 6 - 4);  // LCS of four lines
}

TEST(UnifiedDiff, BeyondTheBudgetReplacesWhole) {
  const std::string from = "head\n" + Numbers(1, 3000) + "tail\n";
  const std::string to = "head\n" + Numbers(5001, 8000) + "tail\n";
  const std::string diff = UnifiedDiff(from, to, {.max_edits = 100});
  EXPECT_NE(diff.find("@@ -1,3002 +1,3002 @@\n head\n-1\n"), std::string::npos);
  EXPECT_TRUE(diff.ends_with("+8000\n tail\n"));
}

}  // namespace
}  // namespace swell
