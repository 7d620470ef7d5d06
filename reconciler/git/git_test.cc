#include "reconciler/git/git.h"

#include <git2.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/core/encoding.h"
#include "reconciler/git/credentials.h"
#include "reconciler/git/handles.h"

namespace swell::git {
namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;
  std::string content;
  git_filemode_t mode = GIT_FILEMODE_BLOB;
};

// A bare repository made with libgit2 alone.
class Origin {
 public:
  explicit Origin(const fs::path& folder) : folder_(folder) {
    EXPECT_TRUE(InitLibrary());
    git_repository* raw = nullptr;
    EXPECT_EQ(git_repository_init(&raw, folder.c_str(), 1), 0);
    repository_.reset(raw);
    EXPECT_EQ(git_repository_set_head(raw, "refs/heads/main"), 0);
  }

  std::string Url() const { return "file://" + folder_.string(); }

  // One commit on top of nothing or of the ref; moves the ref there.
  std::string Commit(const std::string& ref, const std::vector<File>& files, bool orphan = false) {
    git_index* index = nullptr;
    EXPECT_EQ(git_index_new(&index), 0);
    for (const File& file : files) {
      git_index_entry entry{};
      entry.mode = file.mode;
      entry.path = file.path.c_str();
      EXPECT_EQ(git_blob_create_from_buffer(&entry.id, repository_.get(), file.content.data(),
                                            file.content.size()),
                0);
      EXPECT_EQ(git_index_add(index, &entry), 0);
    }
    git_oid tree_id, commit_id, parent_id;
    EXPECT_EQ(git_index_write_tree_to(&tree_id, index, repository_.get()), 0);
    git_index_free(index);
    git_tree* tree = nullptr;
    EXPECT_EQ(git_tree_lookup(&tree, repository_.get(), &tree_id), 0);
    git_signature* who = nullptr;
    EXPECT_EQ(git_signature_new(&who, "Ada", "ada@example.com", 1700000000 + count_++, 0), 0);
    git_commit* parent = nullptr;
    if (!orphan && git_reference_name_to_id(&parent_id, repository_.get(), ref.c_str()) == 0) {
      EXPECT_EQ(git_commit_lookup(&parent, repository_.get(), &parent_id), 0);
    }
    const git_commit* parents[] = {parent};
    EXPECT_EQ(git_commit_create(&commit_id, repository_.get(), nullptr, who, who, nullptr,
                                "Change it\n\nbody", tree, parent ? 1 : 0, parents),
              0);
    Point(ref, commit_id);
    git_commit_free(parent);
    git_signature_free(who);
    git_tree_free(tree);
    return Hex(commit_id);
  }

  void Tag(const std::string& name, const std::string& commit) {
    git_oid id, tag;
    git_object* target = nullptr;
    git_oid_fromstr(&id, commit.c_str());
    EXPECT_EQ(git_object_lookup(&target, repository_.get(), &id, GIT_OBJECT_COMMIT), 0);
    git_signature* who = nullptr;
    git_signature_new(&who, "Ada", "ada@example.com", 1700000000, 0);
    EXPECT_EQ(git_tag_create(&tag, repository_.get(), name.c_str(), target, who, "release", 1), 0);
    git_signature_free(who);
    git_object_free(target);
  }

  void DeleteRef(const std::string& ref) {
    git_reference* r = nullptr;
    EXPECT_EQ(git_reference_lookup(&r, repository_.get(), ref.c_str()), 0);
    EXPECT_EQ(git_reference_delete(r), 0);
    git_reference_free(r);
  }

 private:
  void Point(const std::string& ref, const git_oid& id) {
    git_reference* r = nullptr;
    EXPECT_EQ(git_reference_create(&r, repository_.get(), ref.c_str(), &id, 1, "test"), 0);
    git_reference_free(r);
  }

  fs::path folder_;
  RepositoryPtr repository_;
  int count_ = 0;
};

class GitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "swell-git-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    origin_ = std::make_unique<Origin>(folder_ / "origin.git");
  }
  void TearDown() override {
    origin_.reset();
    fs::remove_all(folder_);
  }
  std::unique_ptr<Source> Open(const Limits& limits = {}) {
    auto mirror = OpenMirror((folder_ / "cache").string(), origin_->Url(), nullptr, limits);
    EXPECT_TRUE(mirror) << (mirror ? "" : mirror.error().ToString());
    return std::move(*mirror);
  }
  Result<std::string> ReadMain(Source& mirror, const std::string& path) {
    auto revision = mirror.Resolve({"main"})[0];
    if (!revision) return Fail(revision.error());
    return TRY(mirror.Tree(revision->commit))->Read(path);
  }

  fs::path folder_;
  std::unique_ptr<Origin> origin_;
};

TEST_F(GitTest, ResolvesBranchTagCommitAndHead) {
  const std::string first = origin_->Commit("refs/heads/main", {{"a.yaml", "1"}});
  origin_->Tag("v1", first);
  const std::string second = origin_->Commit("refs/heads/main", {{"a.yaml", "2"}});
  auto mirror = Open();
  const auto found = mirror->Resolve({"main", "v1", first, "", "refs/tags/v1"});
  ASSERT_EQ(found.size(), 5u);
  for (const auto& r : found) ASSERT_TRUE(r) << r.error().ToString();
  EXPECT_EQ(found[0]->commit, second);
  EXPECT_EQ(found[1]->commit, first);  // an annotated tag is peeled
  EXPECT_EQ(found[2]->commit, first);
  EXPECT_EQ(found[3]->commit, second);
  EXPECT_EQ(found[4]->commit, first);
  EXPECT_EQ(found[0]->author, "Ada <ada@example.com>");
  EXPECT_EQ(found[0]->message, "Change it");
  EXPECT_EQ(*(*mirror->Tree(first))->Read("a.yaml"), "1");
}

TEST_F(GitTest, ARefThatIsGoneIsAnErrorAndHurtsNoOther) {
  origin_->Commit("refs/heads/main", {{"a", "1"}});
  const std::string old = origin_->Commit("refs/heads/feature", {{"a", "2"}});
  auto mirror = Open();
  ASSERT_TRUE(mirror->Resolve({"feature"})[0]);
  origin_->DeleteRef("refs/heads/feature");
  const auto found = mirror->Resolve({"main", "feature"});
  EXPECT_TRUE(found[0]);
  ASSERT_FALSE(found[1]);
  EXPECT_EQ(found[1].error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(mirror->Tree(old));  // the last good revision can still be read
}

TEST_F(GitTest, AForcePushIsFollowedAndTheOldCommitStaysReadable) {
  const std::string old = origin_->Commit("refs/heads/main", {{"a", "old"}});
  auto mirror = Open();
  ASSERT_EQ(*ReadMain(*mirror, "a"), "old");
  origin_->Commit("refs/heads/main", {{"a", "new"}}, true);
  EXPECT_EQ(*ReadMain(*mirror, "a"), "new");
  EXPECT_EQ(*(*mirror->Tree(old))->Read("a"), "old");
}

TEST_F(GitTest, ARepositoryThatIsGoneIsUnavailable) {
  origin_->Commit("refs/heads/main", {{"a", "1"}});
  auto mirror = Open();
  ASSERT_TRUE(mirror->Resolve({"main"})[0]);
  fs::rename(folder_ / "origin.git", folder_ / "moved.git");
  const auto found = mirror->Resolve({"main"})[0];
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(found.error().ToString().find("origin.git"), std::string::npos);
}

TEST_F(GitTest, ListsAndFollowsLinksInside) {
  origin_->Commit("refs/heads/main", {{"base/a.yaml", "A"},
                                      {"apps/b.yaml", "B", GIT_FILEMODE_BLOB_EXECUTABLE},
                                      {"apps/link", "../base", GIT_FILEMODE_LINK}});
  auto mirror = Open();
  auto tree = *mirror->Tree(mirror->Resolve({"main"})[0]->commit);
  const auto entries = tree->List("apps");
  ASSERT_TRUE(entries && entries->size() == 2);
  EXPECT_TRUE((*entries)[0].executable);
  EXPECT_EQ((*entries)[0].size, 1u);
  EXPECT_EQ((*entries)[1].kind, FileEntry::Kind::kDirectory);
  EXPECT_EQ(*tree->Read("apps/link/a.yaml"), "A");
  EXPECT_EQ(tree->ContentId("apps/link/a.yaml"), tree->ContentId("base/a.yaml"));
  EXPECT_EQ(tree->ContentId("none"), "");
  // What the link shows may change while the folder does not: no id may vouch for it.
  EXPECT_NE(tree->ContentId("base"), "");
  EXPECT_EQ(tree->ContentId("apps"), "");
  EXPECT_EQ(tree->ContentId(""), "");
}

TEST_F(GitTest, NothingLeavesTheRepository) {
  origin_->Commit("refs/heads/main", {{"up", "../../etc/passwd", GIT_FILEMODE_LINK},
                                      {"abs", "/etc/passwd", GIT_FILEMODE_LINK},
                                      {"loop", "loop", GIT_FILEMODE_LINK}});
  auto mirror = Open();
  auto tree = *mirror->Tree(mirror->Resolve({"main"})[0]->commit);
  for (const char* path : {"up", "abs", "loop", "../x", "/etc/passwd"}) {
    const auto read = tree->Read(path);
    ASSERT_FALSE(read) << path;
    EXPECT_NE(read.error().code(), ErrorCode::kInternal) << path;
    EXPECT_NE(read.error().code(), ErrorCode::kNotFound) << path;
  }
}

TEST_F(GitTest, ALargeFileIsRefusedByName) {
  origin_->Commit("refs/heads/main", {{"big", std::string(2000, 'x')}});
  auto mirror = Open({.max_file_bytes = 1000});
  const auto read = ReadMain(*mirror, "big");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kResourceExhausted);
}

TEST_F(GitTest, AFetchHasABudget) {
  std::string noise;  // that does not compress
  for (int i = 0; i < 20'000; ++i) noise += std::to_string(i * 7919 % 10007);
  origin_->Commit("refs/heads/main", {{"big", noise}});
  const auto found = Open({.max_fetch_bytes = 1000})->Resolve({"main"})[0];
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(found.error().ToString().find("max_fetch_bytes"), std::string::npos);
}

TEST_F(GitTest, ALocalRepositoryIsReadWithoutAMirror) {
  const std::string first = origin_->Commit("refs/heads/main", {{"a.yaml", "1"}});
  origin_->Tag("v1", first);
  origin_->Commit("refs/heads/main", {{"a.yaml", "2"}});
  const std::string folder = (folder_ / "origin.git").string();
  for (const auto& [ref, text] : std::map<std::string, std::string>{
           {"", "2"}, {"main", "2"}, {"refs/heads/main", "2"}, {"v1", "1"}, {first, "1"}}) {
    const auto tree = OpenLocal(folder, ref);
    ASSERT_TRUE(tree) << ref << ": " << tree.error().ToString();
    EXPECT_EQ(*(*tree)->Read("a.yaml"), text) << ref;
  }
  for (const char* ref : {"v2", "main~1", "main@{0}", ":/Change", "HEAD^"}) {
    const auto tree = OpenLocal(folder, ref);
    ASSERT_FALSE(tree) << ref;
    EXPECT_EQ(tree.error().code(), ErrorCode::kNotFound) << ref;
  }
  EXPECT_FALSE(OpenLocal((folder_ / "nowhere").string(), ""));
  EXPECT_FALSE(OpenLocal((folder_ / "origin.git" / "refs").string(), ""));
}

TEST(KnownHosts, PlainAndHashed) {
  const std::string key = "raw public key";
  const std::string line = " ssh-ed25519 " + Base64Encode(key) + "\n";
  EXPECT_TRUE(KnownHostsHas("# c\na,git.example.com" + line, "git.example.com", key));
  EXPECT_TRUE(KnownHostsHas("[git.example.com]:2222" + line, "[git.example.com]:2222", key));
  EXPECT_FALSE(KnownHostsHas("git.example.com" + line, "git.example.com", "another key"));
  EXPECT_FALSE(KnownHostsHas("@revoked git.example.com" + line, "git.example.com", key));
  // HMAC-SHA1 of the name under the salt, as `ssh-keygen -H` writes it.
  const std::string hashed = "|1|AAECAwQFBgcICQoLDA0ODxAREhM=|5DHGyoq+K/vX4lJK0U2p7IteoFw=" + line;
  EXPECT_TRUE(KnownHostsHas(hashed, "git.example.com", key));
  EXPECT_FALSE(KnownHostsHas(hashed, "git.example.org", key));
}

}  // namespace
}  // namespace swell::git
