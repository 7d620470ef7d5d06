#include "reconciler/fleet/partition.h"

#include <gtest/gtest.h>

namespace swell::fleet {
namespace {

std::vector<Cluster> Fleet(int canaries, int others) {
  std::vector<Cluster> out;
  for (int i = 0; i < canaries + others; ++i) {
    Cluster c;
    c.name = "c" + std::to_string(10 + i);
    c.labels["ring"] = i < canaries ? "canary" : "prod";
    out.push_back(std::move(c));
  }
  return out;
}

std::vector<std::size_t> Sizes(const std::vector<WaveProgress>& waves) {
  std::vector<std::size_t> out;
  for (const auto& wave : waves) out.push_back(wave.clusters.size());
  return out;
}

WaveSpec ByRing(const std::string& ring) {
  WaveSpec wave{.name = ring};
  wave.clusters.match_labels["ring"] = ring;
  return wave;
}

using S = std::vector<std::size_t>;

TEST(Partition, LabelsThenPercentThenTheRest) {
  StrategySpec strategy;
  strategy.waves = {ByRing("canary"), {.name = "early", .percent = 25}, {.name = "rest"}};
  EXPECT_EQ(Sizes(Partition(strategy, Fleet(1, 11))), (S{1, 3, 8}));
}

TEST(Partition, PercentRoundsUpAndTakesAtLeastOne) {
  StrategySpec strategy;
  strategy.waves = {{.name = "p", .percent = 1}};
  EXPECT_EQ(Sizes(Partition(strategy, Fleet(0, 3))), (S{1, 2}));
  strategy.waves = {{.name = "p", .percent = 100}};
  EXPECT_EQ(Sizes(Partition(strategy, Fleet(0, 3))), (S{3}));
}

TEST(Partition, AClusterBelongsToOneWave) {
  StrategySpec strategy;
  strategy.waves = {ByRing("canary"), ByRing("canary"), {.name = "n", .count = 2}};
  const auto waves = Partition(strategy, Fleet(2, 3));
  EXPECT_EQ(Sizes(waves), (S{2, 0, 2, 1}));
  EXPECT_EQ(waves[3].name, "rest");
}

TEST(Partition, NoWavesIsOneWave) {
  EXPECT_EQ(Sizes(Partition({}, Fleet(1, 4))), (S{5}));
  EXPECT_TRUE(Partition({}, {}).empty());
}

TEST(Select, EmptySelectsNothing) {
  EXPECT_TRUE(Select({}, Fleet(1, 1)).empty());
  EXPECT_EQ(Select({.all = true}, Fleet(1, 1)).size(), 2u);
}

TEST(Select, Expressions) {
  struct Case {
    std::string op;
    std::vector<std::string> values;
    std::size_t matches;
  };
  const Case cases[] = {{"In", {"canary", "x"}, 1},
                        {"NotIn", {"canary"}, 2},
                        {"Exists", {}, 3},
                        {"DoesNotExist", {}, 0}};
  for (const Case& c : cases) {
    ClusterSelector selector;
    selector.match_expressions = {{"ring", c.op, c.values}};
    EXPECT_EQ(Select(selector, Fleet(1, 2)).size(), c.matches) << c.op;
  }
}

}  // namespace
}  // namespace swell::fleet
