#include "renderer/source/trees.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "renderer/source/path.h"

namespace swell {
namespace {

namespace fs = std::filesystem;

TEST(Path, ResolvesInsideTheRoot) {
  EXPECT_EQ(ResolvePath("a/b", "../c/./d.yaml").value(), "a/c/d.yaml");
  EXPECT_EQ(ResolvePath("a", "..").value(), "");
  EXPECT_EQ(CleanPath("./a//b/").value(), "a/b");
  EXPECT_EQ(CleanPath("..a/b..").value(), "..a/b..");
  for (const char* bad : {"../x", "a/../../x", "/etc/passwd", "..", "./../x"}) {
    const auto path = CleanPath(bad);
    ASSERT_FALSE(path) << bad;
    EXPECT_EQ(path.error().code(), ErrorCode::kPermissionDenied);
    EXPECT_NE(path.error().message().find(bad), std::string::npos);
  }
  EXPECT_EQ(CleanPath(std::string_view("a\0b", 3)).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(IsCleanPath("/a"));
  EXPECT_FALSE(IsCleanPath("a//b"));
  EXPECT_TRUE(IsCleanPath(""));
  EXPECT_EQ(DirName("a/b/c"), "a/b");
  EXPECT_EQ(DirName("c"), "");
  EXPECT_EQ(BaseName("a/b/c"), "c");
  EXPECT_EQ(JoinPath("", "a"), "a");
  EXPECT_EQ(JoinPath("a", ""), "a");
}

std::string Names(const Result<std::vector<FileEntry>>& entries) {
  if (!entries) return entries.error().ToString();
  std::string out;
  for (const FileEntry& e : *entries) {
    out += e.name + (e.kind == FileEntry::Kind::kDirectory ? "/ " : " ");
  }
  return out;
}

TEST(MemoryTree, ReadsListsAndStats) {
  const auto tree = MakeMemoryTree({{"a/x", "1"}, {"a-b", "2"}, {"a/y/z", "333"}}, "m");
  EXPECT_EQ(Names(tree->List("")), "a/ a-b ");
  EXPECT_EQ(Names(tree->List("a")), "x y/ ");
  EXPECT_EQ(tree->Read("a/y/z").value(), "333");
  EXPECT_EQ(tree->Stat("a/y/z")->size, 3u);
  EXPECT_EQ(tree->Stat("a/y")->kind, FileEntry::Kind::kDirectory);
  EXPECT_EQ(tree->Read("b").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree->List("a/x").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree->Read("a").error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(tree->Read("a/../a/x").error().code(), ErrorCode::kNotFound);
}

TEST(SubTree, CannotBeLeft) {
  const auto tree = SubTree(MakeMemoryTree({{"in/a", "1"}, {"out", "2"}}), "in");
  EXPECT_EQ(tree->Read("a").value(), "1");
  EXPECT_EQ(tree->Read("../out").error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(Names(tree->List("")), "a ");
}

TEST(RecordingTree, RecordsHitsAndMisses) {
  const RecordingTree tree(MakeMemoryTree({{"a/x", "1"}}));
  EXPECT_TRUE(tree.Read("a/x"));
  EXPECT_FALSE(tree.Read("a/none"));
  EXPECT_TRUE(tree.List("a"));
  EXPECT_TRUE(tree.Stat("a"));
  EXPECT_FALSE(tree.Stat("gone"));
  EXPECT_EQ(tree.Reads().files, (std::set<std::string>{"a/none", "a/x", "gone"}));
  EXPECT_EQ(tree.Reads().directories, (std::set<std::string>{"a"}));
}

class DiskTreeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "swell_tree_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    base_ = pattern;
    fs::create_directories(base_ / "repo/dir");
    Write("repo/dir/a.yaml", "a: 1\n");
    Write("secret", "s");
    fs::create_symlink("dir/a.yaml", base_ / "repo/in");
    fs::create_symlink("../secret", base_ / "repo/out");
    fs::create_symlink("none", base_ / "repo/dangling");
    fs::create_symlink("..", base_ / "repo/up");
    ::mkfifo((base_ / "repo/pipe").c_str(), 0600);
  }
  void TearDown() override { fs::remove_all(base_); }
  void Write(const char* path, const char* text) { std::ofstream(base_ / path) << text; }

  fs::path base_;
};

TEST_F(DiskTreeTest, FollowsLinksInsideAlone) {
  const auto opened = OpenDiskTree((base_ / "repo").string());
  ASSERT_TRUE(opened) << opened.error().ToString();
  const FileTree& tree = **opened;
  EXPECT_EQ(tree.Read("dir/a.yaml").value(), "a: 1\n");
  EXPECT_EQ(tree.Read("in").value(), "a: 1\n");
  for (const char* leaving : {"out", "up", "up/secret"}) {
    EXPECT_EQ(tree.Read(leaving).error().code(), ErrorCode::kPermissionDenied) << leaving;
  }
  EXPECT_EQ(tree.List("up").error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(tree.Stat("out").error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(tree.Read("dangling").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree.Read("none").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree.Read("dir").error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(tree.Read("pipe").error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(tree.Read("../secret").error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Names(tree.List("")), "dangling dir/ in out pipe up ");
  EXPECT_EQ(OpenDiskTree((base_ / "gone").string()).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(OpenDiskTree((base_ / "secret").string()).error().code(), ErrorCode::kNotFound);
}

OverlayFile Over(const std::string& text) {
  return {.content_id = "id of " + text, .size = text.size(), .read = [text] { return text; }};
}

TEST(Mount, IsReachedByItsPathAlone) {
  const FileTreePtr base = MakeMemoryTree({{"a", "A"}, {"m/one/hidden", "H"}}, "base");
  const FileTreePtr one = MakeMemoryTree({{"x/y", "Y"}}, "one");
  const FileTreePtr two = MakeMemoryTree({{"z", "Z"}}, "two");
  EXPECT_EQ(MountTree(base, {}), base);
  const FileTreePtr tree = MountTree(base, {{"m/one", one}, {"m/two", two}});
  EXPECT_EQ(tree->Describe(), "base");
  EXPECT_EQ(*tree->Read("a"), "A");
  EXPECT_EQ(*tree->Read("m/one/x/y"), "Y");
  EXPECT_EQ(*tree->Read("m/two/z"), "Z");
  EXPECT_EQ(tree->ContentId("m/two/z"), two->ContentId("z"));
  EXPECT_EQ(tree->Stat("m/one")->kind, FileEntry::Kind::kDirectory);
  EXPECT_EQ(tree->Stat("m/one")->name, "one");
  EXPECT_EQ(tree->Stat("m/one/x")->kind, FileEntry::Kind::kDirectory);
  ASSERT_EQ(tree->List("m/one")->size(), 1u);
  EXPECT_FALSE(tree->Read("m/one/hidden"));
  EXPECT_FALSE(tree->Stat("m/onefold"));
  EXPECT_EQ(tree->List("")->size(), 2u);  // "a" and the base's own "m"
}

TEST(Overlay, JoinsFoldersAndHidesFiles) {
  const FileTreePtr base = MakeMemoryTree({{"a/Chart.yaml", "chart"}, {"a/charts/old.tgz", "old"}});
  const FileTreePtr tree = OverlayTree(base, {{"a/charts/new.tgz", Over("new")},
                                              {"a/Chart.yaml", Over("hidden")},
                                              {"b/c/d", Over("deep")}});
  EXPECT_EQ(Names(tree->List("")), "a/ b/ ");
  EXPECT_EQ(Names(tree->List("a")), "Chart.yaml charts/ ");
  EXPECT_EQ(Names(tree->List("a/charts")), "new.tgz old.tgz ");
  EXPECT_EQ(Names(tree->List("b/c")), "d ");
  EXPECT_EQ(tree->Read("a/charts/new.tgz").value(), "new");
  EXPECT_EQ(tree->Read("a/charts/old.tgz").value(), "old");
  EXPECT_EQ(tree->Read("a/Chart.yaml").value(), "hidden");
  EXPECT_EQ(tree->Stat("b")->kind, FileEntry::Kind::kDirectory);
  EXPECT_EQ(tree->Stat("b/c/d")->size, 4u);
  EXPECT_EQ(tree->Stat("b/x").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree->List("b/x").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree->Read("b/x").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree->ContentId("b/c/d"), "id of deep");
  EXPECT_EQ(tree->ContentId("a/charts"), "");  // memory knows no ids of folders
  EXPECT_EQ(tree->ContentId("a/charts/old.tgz"), base->ContentId("a/charts/old.tgz"));
  EXPECT_EQ(OverlayTree(base, {}), base);
}

// Knows every folder's id, as Git does.
class KnowsFolders final : public FileTree {
 public:
  explicit KnowsFolders(FileTreePtr inner) : inner_(std::move(inner)) {}
  Result<std::string> Read(std::string_view path) const override { return inner_->Read(path); }
  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    return inner_->List(path);
  }
  Result<FileEntry> Stat(std::string_view path) const override { return inner_->Stat(path); }
  std::string Describe() const override { return inner_->Describe(); }
  std::string ContentId(std::string_view path) const override {
    return inner_->Stat(path) ? "id of " + std::string(path) : "";
  }

 private:
  const FileTreePtr inner_;
};

TEST(Overlay, FoldersHaveIdsWhereTheBaseHas) {
  const auto base = std::make_shared<KnowsFolders>(MakeMemoryTree({{"a/x", ""}, {"b/x", ""}}));
  const auto id = [&](const std::string& path, const std::string& text, const char* folder) {
    return OverlayTree(base, {{path, Over(text)}})->ContentId(folder);
  };
  EXPECT_NE(id("a/c/f", "1", "a"), "");
  EXPECT_NE(id("a/c/f", "1", "a"), base->ContentId("a"));
  EXPECT_EQ(id("a/c/f", "1", "a"), id("a/c/f", "1", "a"));
  EXPECT_NE(id("a/c/f", "1", "a"), id("a/c/f", "2", "a"));
  EXPECT_NE(id("a/c/f", "1", "a"), id("a/c/g", "1", "a"));
  EXPECT_EQ(id("a/c/f", "1", "b"), base->ContentId("b"));
  EXPECT_EQ(id("a/c/f", "1", "a/c"), id("b/c/f", "1", "b/c"));  // made by the overlay alone
}

TEST(Tar, IsReadBack) {
  const std::string deep = std::string(90, 'd') + "/" + std::string(60, 'f');
  const std::map<std::string, std::string> files = {
      {"c/Chart.yaml", "name: c\n"}, {"c/" + deep, std::string(1000, 'x')}, {"c/empty", ""}};
  const std::string tar = WriteTar(files);
  EXPECT_EQ(tar, WriteTar(files));
  const FileTreePtr tree = OpenArchive(tar, tar.size(), "c.tar").value();
  for (const auto& [path, content] : files) EXPECT_EQ(tree->Read(path).value(), content);
  EXPECT_EQ(Names(tree->List("")), "c/ ");
}

}  // namespace
}  // namespace swell
