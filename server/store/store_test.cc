#include "server/store/store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "server/store/sqlite.h"

namespace swell::store {
namespace {

namespace fs = std::filesystem;

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "swell-store-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path() const { return (folder_ / "swell.db").string(); }
  Result<std::unique_ptr<Ledger>> Open() { return store::Open({.path = Path(), .key_file = ""}); }
  std::unique_ptr<Ledger> MustOpen() {
    auto ledger = Open();
    EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().ToString());
    return ledger ? std::move(*ledger) : nullptr;
  }

  fs::path folder_;
};

RolloutState Rollout(std::int64_t number) {
  RolloutState s;
  s.id = "web-" + std::to_string(number);
  s.number = number;
  s.application = "web";
  s.revision.commit = std::string(40, 'a');
  s.phase = RolloutPhase::kProgressing;
  s.waves.push_back({.name = "all", .clusters = {"c1", "c2"}});
  for (const char* name : {"c1", "c2"}) {
    ClusterProgress c;
    c.cluster = name;
    s.clusters.emplace(name, c);
  }
  return s;
}

TEST_F(StoreTest, RemembersAfterReopening) {
  {
    auto ledger = MustOpen();
    Cluster cluster;
    cluster.name = "c1";
    cluster.generation = 3;
    cluster.kubeconfig_inline = Secret("token: very-secret-token");
    ClusterRecord record{.application = "web", .cluster = "c1"};
    record.inventory = {{{"apps", "Deployment", "web", "web"}, "v1", "uid-1"}};
    ASSERT_TRUE(
        ledger->Commit({PutResource{cluster}, PutRollout{Rollout(1)}, PutClusterRecord{record},
                        PutApplicationState{{.application = "web", .last_rollout = 1}},
                        PutQuarantine{{"web", "bad", 1, "why", Timestamp{Duration{5}}}},
                        AppendEvent{{.application = "web", .type = "T", .message = "m"}}}));
  }
  auto ledger = MustOpen();
  const auto resource = ledger->GetResource("Cluster", "c1");
  ASSERT_TRUE(resource && *resource);
  const auto& cluster = std::get<Cluster>(**resource);
  EXPECT_EQ(cluster.generation, 3);
  EXPECT_EQ(cluster.kubeconfig_inline.Reveal(), "token: very-secret-token");
  const auto active = ledger->ActiveRollouts();
  ASSERT_TRUE(active && active->size() == 1);
  EXPECT_EQ(RolloutToValue(active->front()), RolloutToValue(Rollout(1)));
  EXPECT_EQ(ledger->ListClusterRecords("web")->front().inventory.begin()->uid, "uid-1");
  EXPECT_EQ(ledger->ListApplicationStates()->front().last_rollout, 1);
  EXPECT_EQ(ledger->ListQuarantine("web")->front().reason, "why");
  EXPECT_EQ(ledger->ListEvents("web", 0, 10)->front().type, "T");
}

TEST_F(StoreTest, WritesOnlyTheClustersThatChangedAndKeepsTheOthers) {
  auto ledger = MustOpen();
  RolloutState state = Rollout(1);
  ASSERT_TRUE(ledger->Commit({PutRollout{state}}));
  state.clusters.at("c2").phase = ClusterPhase::kHealthy;
  ASSERT_TRUE(ledger->Commit({PutRollout{state}}));
  state.phase = RolloutPhase::kSucceeded;
  ASSERT_TRUE(ledger->Commit({PutRollout{state}}));
  const auto read = ledger->GetRollout("web", 1);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((**read).clusters.at("c2").phase, ClusterPhase::kHealthy);
  EXPECT_EQ((**read).clusters.at("c1").phase, ClusterPhase::kPending);
  EXPECT_TRUE(ledger->ActiveRollouts()->empty());
}

TEST_F(StoreTest, AnInventoryIsKeptBesideARecordThatChanges) {
  ClusterRecord record{.application = "web", .cluster = "c1"};
  record.inventory = {{{"", "ConfigMap", "web", "a"}, "v1", "u1"}};
  const auto stored = [&](Ledger& ledger) {
    const auto all = ledger.ListClusterRecords("web");
    return all && !all->empty() ? all->front().inventory : Inventory();
  };
  {
    auto ledger = MustOpen();
    ASSERT_TRUE(ledger->Commit({PutClusterRecord{record}}));
    record.commit = "def";
    ASSERT_TRUE(ledger->Commit({PutClusterRecord{record}}));
    EXPECT_EQ(stored(*ledger), record.inventory);
    const Inventory before = record.inventory;
    record.inventory = {{{"", "ConfigMap", "web", "b"}, "v1", "u2"}};
    ASSERT_TRUE(ledger->Commit({PutClusterRecord{record}}));
    EXPECT_EQ(stored(*ledger), record.inventory);
    EXPECT_FALSE(stored(*ledger) == before);
    ASSERT_TRUE(ledger->Commit({DeleteClusterRecord{"web", "c1"}}));
    EXPECT_EQ(ledger->ListClusterRecords("web")->size(), 0u);
    ASSERT_TRUE(ledger->Commit({PutClusterRecord{record}}));
    EXPECT_EQ(stored(*ledger), record.inventory);
  }
  auto ledger = MustOpen();
  EXPECT_EQ(stored(*ledger), record.inventory);
  record.inventory = {};
  ASSERT_TRUE(ledger->Commit({PutClusterRecord{record}}));
  EXPECT_TRUE(stored(*ledger).empty());
}

TEST_F(StoreTest, HistoryIsPagedNewestFirst) {
  auto ledger = MustOpen();
  for (int n = 1; n <= 5; ++n) ASSERT_TRUE(ledger->Commit({PutRollout{Rollout(n)}}));
  const auto page = ledger->ListRollouts("web", 4, 2);
  ASSERT_TRUE(page && page->size() == 2);
  EXPECT_EQ((*page)[0].number, 3);
  EXPECT_EQ((*page)[1].number, 2);
}

TEST_F(StoreTest, ASecondServerIsRefused) {
  auto ledger = MustOpen();
  const auto second = Open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_NE(second.error().ToString().find("another swelld (process " + std::to_string(getpid())),
            std::string::npos)
      << second.error().ToString();
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(StoreTest, SensitiveContentIsNotOnDisk) {
  const Digest key = Digest::Of("m");
  {
    auto ledger = MustOpen();
    Repository repository{.name = "r", .url = "https://git.example.com/"};
    repository.password = Secret("p4ssw0rd-in-the-clear");
    ASSERT_TRUE(ledger->Commit(
        {PutBlob{BlobKind::kManifest, key, "kind: Secret p4ssw0rd-in-the-clear", true},
         PutResource{repository}}));
    EXPECT_EQ(*ledger->GetBlob(BlobKind::kManifest, key), "kind: Secret p4ssw0rd-in-the-clear");
  }
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_EQ(ReadAll(entry.path()).find("p4ssw0rd"), std::string::npos) << entry.path();
  }
  struct stat info{};
  ASSERT_EQ(::stat(Path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 077, 0u);
}

TEST_F(StoreTest, StableValuesAreKeptSealed) {
  StableRecord record{"web", "c1", {}};
  record.entries[Digest::Of("site")] = {{Secret("p4ssw0rd-of-a-chart"), Timestamp{Duration{7}}}, 3};
  {
    auto ledger = MustOpen();
    const auto none = ledger->GetStableRecord("web", "c1");
    ASSERT_TRUE(none) << none.error().ToString();
    EXPECT_EQ(*none, (StableRecord{"web", "c1", {}}));
    ASSERT_TRUE(ledger->Commit({PutStableRecord{record}}));
  }
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_EQ(ReadAll(entry.path()).find("p4ssw0rd"), std::string::npos) << entry.path();
  }
  {
    auto ledger = MustOpen();
    EXPECT_EQ(*ledger->GetStableRecord("web", "c1"), record);
    EXPECT_TRUE(ledger->GetStableRecord("web", "c2")->entries.empty());
    EXPECT_TRUE(ledger->GetStableRecord("shop", "c1")->entries.empty());
  }
  {
    // Moved to another cluster's row it does not open: absence is told from damage.
    auto database = Database::Open(Path(), OpenMode::kReadWrite);
    ASSERT_TRUE(database && database->Execute("UPDATE stable_values SET cluster = 'c2'"));
  }
  auto ledger = MustOpen();
  const auto moved = ledger->GetStableRecord("web", "c2");
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code(), ErrorCode::kDataLoss);
}

// A database of the first release.
TEST_F(StoreTest, AnOlderSchemaIsBroughtUp) {
  ClusterRecord owner{.application = "web", .cluster = "c1", .commit = "abc"};
  owner.inventory = {{{"apps", "Deployment", "web", "x"}, "v1", "u1"}};
  {
    auto ledger = MustOpen();
    ASSERT_TRUE(ledger->Commit(
        {PutResource{Repository{.name = "r", .url = "https://git.example.com/"}},
         PutClusterRecord{owner}, PutClusterRecord{{.application = "web", .cluster = "c2"}}}));
  }
  {
    // Inventories were part of the records then.
    auto database = Database::Open(Path(), OpenMode::kReadWrite);
    ASSERT_TRUE(database &&
                database->Execute(
                    "UPDATE cluster_records SET body = json_set(body, '$.inventory', json((SELECT "
                    "body FROM inventories i WHERE i.cluster = cluster_records.cluster)));"
                    "DROP TABLE stable_values; DROP TABLE records; DROP TABLE chain; DROP TABLE "
                    "owner; DROP TABLE inventories; PRAGMA user_version = 1"));
  }
  auto ledger = MustOpen();
  const auto records = ledger->ListClusterRecords("web");
  ASSERT_TRUE(records && records->size() == 2);
  EXPECT_EQ(records->front().commit, "abc");
  EXPECT_EQ(records->front().inventory, owner.inventory);
  EXPECT_TRUE(records->back().inventory.empty());
  ASSERT_TRUE(ledger->Commit({PutStableRecord{{"web", "c1", {}}}}));
  EXPECT_EQ(ledger->ListResources("Repository")->size(), 1u);
}

TEST_F(StoreTest, AnotherKeyOpensNothing) {
  {
    auto ledger = MustOpen();
    ASSERT_TRUE(ledger->Commit({PutResource{Cluster{.name = "c1"}}}));
  }
  std::ofstream(Path() + ".key") << std::string(64, 'a') << "\n";
  auto ledger = MustOpen();
  const auto read = ledger->ListResources("Cluster");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kDataLoss);
}

TEST_F(StoreTest, AReadableKeyFileIsRefused) {
  std::ofstream(Path() + ".key") << std::string(64, 'a') << "\n";
  ::chmod((Path() + ".key").c_str(), 0644);
  const auto ledger = Open();
  ASSERT_FALSE(ledger);
  EXPECT_NE(ledger.error().ToString().find("chmod 600"), std::string::npos);
}

TEST_F(StoreTest, DamagedContentIsToldApart) {
  const Digest key = Digest::Of("m");
  {
    auto ledger = MustOpen();
    ASSERT_TRUE(ledger->Commit({PutBlob{BlobKind::kPlan, key, "a plan", false}}));
  }
  {
    auto database = Database::Open(Path(), OpenMode::kReadWrite);
    ASSERT_TRUE(database && database->Execute("UPDATE blobs SET content = x'00'"));
  }
  auto ledger = MustOpen();
  const auto read = ledger->GetBlob(BlobKind::kPlan, key);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kDataLoss);
}

TEST_F(StoreTest, ANewerSchemaIsRefused) {
  MustOpen();
  {
    auto database = Database::Open(Path(), OpenMode::kReadWrite);
    ASSERT_TRUE(database && database->Execute("PRAGMA user_version = 999"));
  }
  const auto ledger = Open();
  ASSERT_FALSE(ledger);
  EXPECT_NE(ledger.error().ToString().find("a newer swelld wrote it"), std::string::npos);
}

// SQLITE_FULL, as from ENOSPC, by way of SQLite's own limit.
TEST_F(StoreTest, AFullDatabaseIsResourceExhausted) {
  auto database = Database::Open(Path(), OpenMode::kReadWrite);
  ASSERT_TRUE(database && database->Execute("PRAGMA max_page_count = 4; CREATE TABLE t(x)"));
  const auto full = database->Execute("INSERT INTO t VALUES(randomblob(100000))");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kResourceExhausted) << full.error().ToString();
}

// A real write that fails half-way: the file may not grow (EFBIG).
TEST_F(StoreTest, AWriteThatFailsLosesNothing) {
  auto ledger = MustOpen();
  ASSERT_TRUE(ledger->Commit({PutRollout{Rollout(1)}}));
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit tiny = {16384, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tiny), 0);
  std::string noise;
  for (int i = 0; i < 20000; ++i) noise += Digest::Of(std::to_string(i)).Hex();
  const auto full = ledger->Commit(
      {PutRollout{Rollout(2)}, PutBlob{BlobKind::kManifest, Digest::Of("x"), noise, false}});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kUnavailable) << full.error().ToString();
  EXPECT_EQ(ledger->ListRollouts("web", 0, 10)->size(), 1u);
  ASSERT_TRUE(ledger->Commit({PutRollout{Rollout(2)}}));
  EXPECT_EQ(ledger->ListRollouts("web", 0, 10)->size(), 2u);
}

}  // namespace
}  // namespace swell::store
