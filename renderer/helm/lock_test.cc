#include "renderer/helm/lock.h"

#include <gtest/gtest.h>

#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

using Files = std::map<std::string, std::string>;

Declared MustRead(const Files& files) {
  auto declared = ReadDeclared(*MakeMemoryTree(files), "c");
  EXPECT_TRUE(declared) << declared.error().ToString();
  return declared ? *declared : Declared{};
}

// Both files are what helm 4.1.4's `dependency update` took and wrote.
constexpr char kChart[] = R"(apiVersion: v2
name: app
version: 0.1.0
dependencies:
  - name: one
    version: ">=1.0.0 <2"
    repository: http://127.0.0.1:18099
    condition: one.enabled
    tags: [front, "a&b"]
    import-values:
      - data
      - {child: a.b, parent: "<x>"}
  - {name: one, version: 1.0.0, alias: older, repository: "http://127.0.0.1:18099"}
  - {name: two, version: ^2, repository: "http://127.0.0.1:18099"}
  - {name: three, version: ">0.1.0-0", repository: "http://127.0.0.1:18099", enabled: true}
  - {name: common, version: "*", repository: "file://../local"}
)";
constexpr char kLock[] = R"(dependencies:
- name: one
  repository: http://127.0.0.1:18099
  version: 1.2.0
- name: one
  repository: http://127.0.0.1:18099
  version: 1.0.0
- name: two
  repository: http://127.0.0.1:18099
  version: 2.0.0+build.5
- name: three
  repository: http://127.0.0.1:18099
  version: 0.3.0-rc.1
- name: common
  repository: file://../local
  version: 0.1.0
digest: sha256:09a58755ebc8f67b44ba6f0b7d4fbe39d6d916855677de7fb5c8f8e0831b6cb1
generated: "2026-11-27T05:39:04.584257769Z"
)";

TEST(Lock, HasHelmsDigest) {
  const Declared declared = MustRead({{"c/Chart.yaml", kChart}, {"c/Chart.lock", kLock}});
  ASSERT_TRUE(declared.lock);
  EXPECT_EQ(declared.lock->file, "Chart.lock");
  ASSERT_EQ(declared.lock->dependencies.size(), 5u);
  EXPECT_EQ(declared.lock->dependencies[2].version, "2.0.0+build.5");
  EXPECT_TRUE(LockMatches(declared.metadata, *declared.lock));
}

TEST(Lock, EveryFieldCounts) {
  const std::pair<const char*, const char*> changes[] = {{"<2", "<3"},
                                                         {"one.enabled", "one.on"},
                                                         {"front", "back"},
                                                         {"- data", "- exports"},
                                                         {"older", "old"},
                                                         {", enabled: true", ""},
                                                         {"file://../local", "file://../other"}};
  for (const auto& [from, to] : changes) {
    std::string chart = kChart;
    chart.replace(chart.find(from), std::string(from).size(), to);
    const Declared declared = MustRead({{"c/Chart.yaml", chart}, {"c/Chart.lock", kLock}});
    EXPECT_FALSE(LockMatches(declared.metadata, *declared.lock)) << from;
  }
  std::string lock = kLock;
  lock.replace(lock.find("1.2.0"), 5, "1.1.0");
  const Declared declared = MustRead({{"c/Chart.yaml", kChart}, {"c/Chart.lock", lock}});
  EXPECT_FALSE(LockMatches(declared.metadata, *declared.lock));
}

constexpr char kRequirements[] = R"(dependencies:
- name: one
  version: ~1.0
  repository: http://127.0.0.1:18099
- name: two
  version: ">=1"
  repository: http://127.0.0.1:18099
)";

std::string RequirementsLock(const std::string& digest) {
  return "dependencies:\n- {name: one, repository: \"http://127.0.0.1:18099\", version: 1.0.0}\n"
         "- {name: two, repository: \"http://127.0.0.1:18099\", version: 2.0.0+build.5}\n"
         "digest: sha256:" +
         digest + "\ngenerated: \"2026-11-27T05:38:56.965360474Z\"\n";
}

// helm 4.1.4 wrote the first digest, and accepts the second as helm 2's.
TEST(Lock, OfOlderCharts) {
  for (const char* digest : {"2c880d7d108f528e0b3ba56220120c384758fb4d4c0f2736790be09f0da0af44",
                             "3d3b15cfa363d9f8ac50c423bc2d08f199107621a841c5488612f6fe51c3f560"}) {
    Files files = {{"c/Chart.yaml", "apiVersion: v1\nname: v1\nversion: 0.1.0\n"},
                   {"c/requirements.yaml", kRequirements},
                   {"c/requirements.lock", RequirementsLock(digest)}};
    const Declared declared = MustRead(files);
    ASSERT_TRUE(declared.lock);
    EXPECT_EQ(declared.lock->file, "requirements.lock");
    EXPECT_TRUE(LockMatches(declared.metadata, *declared.lock)) << digest;
    files["c/requirements.yaml"].replace(files["c/requirements.yaml"].find("~1.0"), 4, "~1.2");
    const Declared moved = MustRead(files);
    EXPECT_FALSE(LockMatches(moved.metadata, *moved.lock)) << digest;
  }
}

TEST(Lock, MayBeAbsentOrBroken) {
  EXPECT_FALSE(MustRead({{"c/Chart.yaml", kChart}}).lock);
  const auto none = ReadDeclared(*MakeMemoryTree({{"c/x", ""}}), "c");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  const auto broken = ReadDeclared(
      *MakeMemoryTree({{"c/Chart.yaml", kChart}, {"c/Chart.lock", "digest: [a\n"}}), "c");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().ToString().find("cannot load Chart.lock"), std::string::npos)
      << broken.error().ToString();
}

}  // namespace
}  // namespace swell::helm
