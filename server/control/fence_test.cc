#include "server/control/fence.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "server/store/store.h"

namespace swell::control {
namespace {

namespace fs = std::filesystem;

class FenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "swell-fence-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    ledger_ = Open();
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::unique_ptr<Ledger> Open() {
    fs::remove(folder_ / "swell.db.lock");
    auto ledger = store::Open({.path = (folder_ / "swell.db").string(), .key_file = ""});
    EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().ToString());
    return std::move(*ledger);
  }

  fs::path folder_;
  std::unique_ptr<Ledger> ledger_;
  int lost_ = 0;
};

TEST_F(FenceTest, HoldsUntilAnotherTakesOver) {
  Fence fence(*ledger_, [this](const Error& why) {
    ++lost_;
    EXPECT_EQ(why.code(), ErrorCode::kAborted);
  });
  EXPECT_TRUE(fence.Holds());
  EXPECT_TRUE(fence.status());
  const auto other = Open();
  EXPECT_FALSE(fence.Holds());
  EXPECT_FALSE(fence.Holds());
  EXPECT_EQ(lost_, 1);
  EXPECT_NE(fence.status().error().ToString().find("has taken over"), std::string::npos);
}

TEST_F(FenceTest, ClosedAsksNoMore) {
  Fence fence(*ledger_, [this](const Error&) { ++lost_; });
  fence.Close();
  ledger_.reset();
  EXPECT_FALSE(fence.Holds());
  EXPECT_TRUE(fence.status());
  EXPECT_EQ(lost_, 0);
}

}  // namespace
}  // namespace swell::control
