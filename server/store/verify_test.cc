#include "server/store/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "server/store/chain.h"
#include "server/store/schema.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

namespace swell::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ChainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "swell-chain-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path() const { return (folder_ / "swell.db").string(); }
  std::unique_ptr<Ledger> MustOpen() {
    auto ledger = store::Open({.path = Path(), .key_file = ""});
    EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().ToString());
    return ledger ? std::move(*ledger) : nullptr;
  }
  void Sql(const std::string& sql) {
    auto database = Database::Open(Path(), OpenMode::kReadWrite);
    ASSERT_TRUE(database);
    const Status done = database->Execute(sql);
    ASSERT_TRUE(done) << done.error().ToString();
  }
  VerifyReport MustVerify(const VerifyRequest& request = {}) {
    const auto report = VerifyFile(Path(), request);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *report : VerifyReport{.damage = "not verified"};
  }

  fs::path folder_;
};

LedgerEvent Event(const std::string& type, const std::string& message) {
  return {.at = Timestamp{std::chrono::seconds(1'800'000'000)},
          .application = "web",
          .rollout = "web-1",
          .cluster = "c1",
          .type = type,
          .message = message,
          .actor = "auto"};
}

RolloutState Rollout(std::int64_t number, RolloutPhase phase) {
  RolloutState s;
  s.id = "web-" + std::to_string(number);
  s.number = number;
  s.application = "web";
  s.revision.commit = std::string(40, 'a');
  s.phase = phase;
  for (const char* name : {"c1", "c2"}) s.clusters[name].cluster = name;
  return s;
}

LedgerRecord Freeze(const std::string& application, const std::string& why) {
  return {.kind = RecordKind::kFreeze, .application = application, .key = "f/1", .content = why};
}

// Events 1 to 5, and one row at least of everything that is chained.
void Fill(Ledger& ledger) {
  Repository repository{.name = "r", .url = "https://git.example.com/"};
  repository.password = Secret("p4ssw0rd");
  const std::vector<std::vector<Mutation>> commits = {
      {PutResource{repository}, PutResource{Cluster{.name = "c1"}},
       AppendEvent{Event("ResourceApplied", "one")}},
      {PutRollout{Rollout(1, RolloutPhase::kProgressing)},
       PutBlob{BlobKind::kPlan, Digest::Of("p"), "a plan", true},
       PutBlob{BlobKind::kManifest, Digest::Of("m"), "a manifest", false},
       PutBlob{BlobKind::kManifest, Digest::Of("m"), "a manifest", false},
       AppendEvent{Event("RolloutStarted", "two")}, AppendEvent{Event("WaveStarted", "three")}},
      {PutRecord{Freeze("web", "why")}, PutRecord{Freeze("", "fleet")},
       PutQuarantine{{"web", std::string(40, 'b'), 1, "it failed", Timestamp{}}}},
      {PutRollout{Rollout(1, RolloutPhase::kSucceeded)},
       AppendEvent{Event("RolloutSucceeded", "four")}},
      {DeleteRecord{RecordKind::kFreeze, "", "f/1"}, DeleteResource{"Cluster", "c1"},
       DeleteResource{"Cluster", "never-there"}, PutRollout{Rollout(2, RolloutPhase::kBaking)},
       AppendEvent{Event("ResourceDeleted", "five")}}};
  for (const auto& mutations : commits) {
    const Status done = ledger.Commit(mutations);
    ASSERT_TRUE(done) << done.error().ToString();
  }
}

TEST_F(ChainTest, WhatWasWrittenVerifies) {
  {
    auto ledger = MustOpen();
    const auto fresh = ledger->Verify({});
    ASSERT_TRUE(fresh && fresh->ok()) << (fresh ? fresh->damage : fresh.error().ToString());
    EXPECT_EQ(fresh->links, 1);
    Fill(*ledger);
    const auto report = ledger->Verify({});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->damage, "");
    EXPECT_EQ(report->events, 5);
    // The genesis, 5 events, 2 + 1 resources, 2 blobs, 1 ended rollout, 2 + 1 records, 1
    // quarantine.
    EXPECT_EQ(report->links, 16);
    EXPECT_EQ(report->last, 16);
    EXPECT_GT(report->began_at, Timestamp{});
  }
  // The next server goes on with the same chain.
  const Digest head = MustVerify().head;
  auto ledger = MustOpen();
  ASSERT_TRUE(ledger->Commit({AppendEvent{Event("RolloutCreated", "six")}}));
  const auto more = ledger->Verify({.expect = head});
  ASSERT_TRUE(more);
  EXPECT_EQ(more->damage, "");
  EXPECT_EQ(more->links, 17);
  EXPECT_NE(more->head, head);
}

TEST_F(ChainTest, ACommitThatFailsLeavesNoLink) {
  auto ledger = MustOpen();
  Fill(*ledger);
  // The trigger stands for any fault in the middle of a transaction.
  Sql("CREATE TRIGGER broken BEFORE INSERT ON application_states BEGIN SELECT RAISE(ABORT, 'no'); "
      "END");
  EXPECT_FALSE(ledger->Commit(
      {AppendEvent{Event("T", "lost")}, PutApplicationState{{.application = "web"}}}));
  Sql("DROP TRIGGER broken");
  ASSERT_TRUE(ledger->Commit({AppendEvent{Event("T", "kept")}}));
  const auto report = ledger->Verify({});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->damage, "");
  EXPECT_EQ(report->events, 6);
}

struct Tampering {
  const char* name;
  const char* sql;
  const char* damage;
};
class TamperingTest : public ChainTest, public ::testing::WithParamInterface<Tampering> {};

// Deletes the link of event 2 and closes the gap.
constexpr char kCloseGap[] =
    "DELETE FROM chain WHERE link=7; UPDATE chain SET link=-(link-1) WHERE link>7; UPDATE chain "
    "SET "
    "link=-link WHERE link<0";

INSTANTIATE_TEST_SUITE_P(
    Everything, TamperingTest,
    ::testing::Values(
        Tampering{"message", "UPDATE events SET message='other' WHERE sequence=4",
                  "event 4 (RolloutSucceeded web-1, 2027-01-15T08:00:00Z): its message was changed "
                  "after it was written"},
        Tampering{"several", "UPDATE events SET actor='eve', type='T' WHERE sequence=2",
                  "event 2 (T web-1, 2027-01-15T08:00:00Z): its type and actor were changed"},
        Tampering{"deleted", "DELETE FROM events WHERE sequence=3",
                  "event 3: it was deleted after it was written"},
        Tampering{"lastDeleted", "DELETE FROM events WHERE sequence=5", "event 5: it was deleted"},
        Tampering{"inserted",
                  "UPDATE events SET sequence=sequence+10 WHERE sequence>3; INSERT INTO events "
                  "VALUES(4,'2027-01-15T08:00:00Z','web','web-1','','Forged','m','eve')",
                  "event 4 (Forged web-1, 2027-01-15T08:00:00Z): its cluster, type, message and "
                  "actor were changed"},
        Tampering{"appended",
                  "INSERT INTO events VALUES(6,'2027-01-15T08:00:00Z','web','','','Forged','m',"
                  "'eve')",
                  "event 6 (Forged web, 2027-01-15T08:00:00Z): it was inserted: the chain does not "
                  "know it"},
        Tampering{"before", "INSERT INTO events VALUES(0,'t','web','','','Forged','m','eve')",
                  "event 0 (Forged web, t): it was inserted"},
        Tampering{"exchanged",
                  "UPDATE events SET sequence=-1 WHERE sequence=2; UPDATE events SET sequence=2 "
                  "WHERE sequence=3; UPDATE events SET sequence=3 WHERE sequence=-1",
                  "event 2 (WaveStarted web-1, 2027-01-15T08:00:00Z): what stands there was "
                  "written as event 3: they were exchanged"},
        Tampering{"rollout", "UPDATE rollouts SET phase='Failed' WHERE number=1",
                  "rollout web-1: its phase was changed"},
        Tampering{"revived", "UPDATE rollouts SET active=1 WHERE number=1",
                  "rollout web-1: its state was changed"},
        Tampering{"cluster",
                  "UPDATE rollout_clusters SET phase='Failed' WHERE number=1 AND cluster='c2'",
                  "rollout web-1: its clusters were changed"},
        Tampering{"clusterGone", "DELETE FROM rollout_clusters WHERE number=1 AND cluster='c2'",
                  "rollout web-1: its clusters were changed"},
        Tampering{"ended", "UPDATE rollouts SET active=0 WHERE number=2",
                  "rollout web-2: it was inserted"},
        Tampering{"plan", "UPDATE blobs SET content=x'00' WHERE kind=1",
                  "plan 148de9c5a7a4: its content was changed"},
        Tampering{"manifest", "DELETE FROM blobs WHERE kind=0",
                  "manifest 62c66a7a5dd7: it was deleted"},
        Tampering{"quarantine", "DELETE FROM quarantine",
                  "the quarantine of web at bbbbbbb: it was deleted"},
        Tampering{"condemned", "INSERT INTO quarantine VALUES('web','cccccccccc',1,'r','t')",
                  "the quarantine of web at ccccccc: it was inserted"},
        Tampering{"record", "UPDATE records SET at='2020-01-01T00:00:00Z'",
                  "freeze f/1 of web: its time was changed"},
        Tampering{"putBack",
                  "INSERT INTO records SELECT kind,'',key,at,sealed,content FROM records",
                  "freeze f/1 of the fleet: it was deleted, and was put back since"},
        Tampering{"resource", "UPDATE resources SET body=x'00' WHERE kind='Repository'",
                  "Repository r: its content was changed"},
        Tampering{"link",
                  "UPDATE events SET message='other' WHERE sequence=2; UPDATE chain SET "
                  "digest=x'00' WHERE kind='event' AND key='2'",
                  "event 2 (RolloutStarted web-1, 2027-01-15T08:00:00Z): link 7 of the chain was "
                  "changed"},
        Tampering{"linkGone", "DELETE FROM chain WHERE link=5",
                  "link 5 of the chain, before manifest"},
        Tampering{"linksGone", "DELETE FROM chain WHERE link IN (5,6)",
                  "links 5 to 6 of the chain, before event 2"},
        Tampering{"gapClosed", kCloseGap,
                  "link 7 of the chain was changed, or what stood before "
                  "it was deleted or inserted"},
        Tampering{"linksExchanged",
                  "UPDATE chain SET link=-7 WHERE link=7; UPDATE chain SET link=7 WHERE link=8; "
                  "UPDATE chain SET link=8 WHERE link=-7",
                  "link 7 of the chain and the one after it were exchanged"},
        Tampering{"linkInserted",
                  "UPDATE chain SET link=-link-1 WHERE link>6; UPDATE chain SET link=-link WHERE "
                  "link<0; INSERT INTO chain SELECT 7,kind,key,digest,marks,hash FROM chain WHERE "
                  "link=4",
                  "link 7 of the chain was inserted"},
        Tampering{"cutOff", "DELETE FROM chain WHERE link=16; DELETE FROM events WHERE sequence=5",
                  "the end of the chain was cut off: 16 links were written, and 15 are there"},
        Tampering{"chainGone", "DELETE FROM chain", "event 1"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(TamperingTest, IsNamed) {
  {
    auto ledger = MustOpen();
    Fill(*ledger);
  }
  ASSERT_EQ(MustVerify().damage, "");
  Sql(GetParam().sql);
  EXPECT_THAT(MustVerify().damage, HasSubstr(GetParam().damage));
}

TEST_F(ChainTest, FromAnEventOn) {
  {
    auto ledger = MustOpen();
    Fill(*ledger);
  }
  const VerifyReport whole = MustVerify();
  Sql("UPDATE events SET message='other' WHERE sequence=2");
  EXPECT_THAT(MustVerify({.from = 2}).damage, HasSubstr("event 2"));
  const VerifyReport part = MustVerify({.from = 3});
  EXPECT_EQ(part.damage, "");
  EXPECT_EQ(part.events, 3);
  EXPECT_EQ(part.head, whole.head);
  const auto none = VerifyFile(Path(), {.from = 6});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
}

// Who can write the file can write a chain that fits; a head kept elsewhere tells.
TEST_F(ChainTest, ARewrittenChainMissesTheHeadThatWasNoted) {
  {
    auto ledger = MustOpen();
    Fill(*ledger);
  }
  const Digest head = MustVerify().head;
  EXPECT_EQ(MustVerify({.expect = head}).damage, "");
  Sql("UPDATE events SET message='other' WHERE sequence=2; DELETE FROM chain");
  {
    auto database = Database::Open(Path(), OpenMode::kReadWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE(Chain(*database).Begin(Timestamp{}));
  }
  Sql("UPDATE sqlite_sequence SET seq=(SELECT max(link) FROM chain) WHERE name='chain'");
  EXPECT_EQ(MustVerify().damage, "");
  EXPECT_THAT(MustVerify({.expect = head}).damage,
              HasSubstr("the chain does not go through the head " + head.Hex()));
}

// Of the release before the chain: what is there is taken in.
TEST_F(ChainTest, BeginsWithWhatAnOlderDatabaseHolds) {
  {
    auto ledger = MustOpen();
    Fill(*ledger);
  }
  Sql("DROP TABLE chain; DROP TABLE owner; DROP TABLE inventories; PRAGMA user_version = 3");
  const auto old = VerifyFile(Path(), {});
  ASSERT_FALSE(old);
  EXPECT_THAT(old.error().ToString(), HasSubstr("schema 3"));
  {
    auto ledger = MustOpen();
  }
  const VerifyReport report = MustVerify();
  EXPECT_EQ(report.damage, "");
  EXPECT_EQ(report.events, 5);
  EXPECT_EQ(report.links, 12);  // the genesis, 5 events, and 6 rows that are left
  Sql("UPDATE events SET message='other' WHERE sequence=1");
  EXPECT_THAT(MustVerify().damage, HasSubstr("its message was changed"));
}

TEST_F(ChainTest, WhoeverOpensItLastMayWriteIt) {
  auto first = MustOpen();
  ASSERT_TRUE(first->Commit({AppendEvent{Event("T", "first")}}));
  EXPECT_TRUE(first->CheckOwner());
  fs::remove(Path() + ".lock");
  auto second = MustOpen();
  const Status lost = first->CheckOwner();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::kAborted);
  EXPECT_THAT(lost.error().ToString(),
              HasSubstr("another swelld (epoch 2, process " + std::to_string(getpid()) + " on "));
  EXPECT_THAT(lost.error().ToString(), HasSubstr("this one (epoch 1) writes no more"));
  const Status refused = first->Commit({AppendEvent{Event("T", "lost")}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kAborted);
  ASSERT_TRUE(second->Commit({AppendEvent{Event("T", "second")}}));
  EXPECT_EQ(second->ListEvents("", 0, 10)->size(), 2u);
  EXPECT_EQ(second->Verify({})->damage, "");
}

TEST_F(ChainTest, AReplacedFileIsNotWritten) {
  auto ledger = MustOpen();
  ASSERT_TRUE(ledger->Commit({AppendEvent{Event("T", "first")}}));
  fs::copy_file(Path(), Path() + ".copy");
  fs::rename(Path() + ".copy", Path());
  const Status refused = ledger->Commit({AppendEvent{Event("T", "lost")}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kAborted);
  EXPECT_THAT(refused.error().ToString(), HasSubstr("was replaced or removed"));
  EXPECT_FALSE(ledger->CheckOwner());
}

TEST_F(ChainTest, AnEpochDoesNotComeBack) {
  auto ledger = MustOpen();
  Sql("UPDATE owner SET epoch=9");
  EXPECT_FALSE(ledger->CheckOwner());
  Sql("UPDATE owner SET epoch=1");
  EXPECT_FALSE(ledger->CheckOwner());
  EXPECT_FALSE(ledger->Commit({AppendEvent{Event("T", "lost")}}));
}

using KillDeathTest = ChainTest;

// The commit is whole or not there at all.
TEST_F(KillDeathTest, EndsTheProcessAtTheCommitThatIsAskedFor) {
  for (const auto& [when, events] :
       {std::pair(KillPoint::When::kBefore, 1u), std::pair(KillPoint::When::kAfter, 2u)}) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    EXPECT_EXIT(
        {
          auto ledger = store::Open({.path = Path(), .key_file = "", .kill = {2, when}});
          for (int i = 0; i < 3; ++i) (void)(*ledger)->Commit({AppendEvent{Event("T", "m")}});
        },
        ::testing::KilledBySignal(SIGKILL), "");
    auto ledger = MustOpen();
    EXPECT_EQ(ledger->ListEvents("", 0, 10)->size(), events);
    EXPECT_EQ(ledger->Verify({})->damage, "");
  }
}

}  // namespace
}  // namespace swell::store
