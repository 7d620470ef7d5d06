#include "cli/commands/documents.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace swell::cli {
namespace {

namespace fs = std::filesystem;

class DocumentsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(::testing::TempDir()) / ("documents_" + std::to_string(::getpid()));
    fs::create_directories(root_ / "below");
    Write("b.yaml", "kind: B\n");
    Write("a.yml", "kind: A\nx: 1");
    Write("c.json", "{\"kind\": \"C\"}\n");
    Write("notes.txt", "no document");
    Write("below/d.yaml", "kind: D\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(root_ / name) << text;
  }
  std::string Path(const std::string& name) const { return (root_ / name).string(); }
  Result<Documents> Read(const std::vector<std::string>& files, Recurse recurse = Recurse::kNo) {
    std::istringstream input("kind: Input\n");
    return ReadDocuments(files, recurse, input);
  }

  fs::path root_;
};

TEST_F(DocumentsTest, AFileIsSentAsItIs) {
  const auto read = Read({Path("b.yaml")});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "kind: B\n");
  EXPECT_EQ(read->name, Path("b.yaml"));
  EXPECT_EQ(read->Locate("b.yaml:3:1: wrong"), "b.yaml:3:1: wrong");
}

TEST_F(DocumentsTest, AFolderIsOneStreamInOrder) {
  const auto read = Read({Path("")});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "kind: A\nx: 1\n---\nkind: B\n\n---\n{\"kind\": \"C\"}\n");
  const auto deep = Read({Path("")}, Recurse::kYes);
  ASSERT_TRUE(deep);
  EXPECT_TRUE(deep->text.ends_with("---\nkind: D\n"));
}

TEST_F(DocumentsTest, MessagesPointIntoTheFiles) {
  const auto read = Read({Path("a.yml"), Path("b.yaml"), "-"});
  ASSERT_TRUE(read);
  const std::string& name = read->name;
  EXPECT_EQ(read->Locate(name + ":2:4: wrong"), Path("a.yml") + ":2:4: wrong");
  EXPECT_EQ(read->Locate("x; " + name + ":4:1: a; " + name + ":7: b"),
            "x; " + Path("b.yaml") + ":1:1: a; standard input:1: b");
  EXPECT_EQ(read->Locate(name + ": no place"), name + ": no place");
  EXPECT_EQ(read->Locate(name + ":0:1"), name + ":0:1");
}

TEST_F(DocumentsTest, StandardInputOnce) {
  const auto read = Read({"-"});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "kind: Input\n");
  EXPECT_EQ(read->name, "standard input");
  const auto twice = Read({"-", "-"});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(DocumentsTest, WhatIsNotThereIsSaid) {
  EXPECT_EQ(Read({Path("none.yaml")}).error().code(), ErrorCode::kNotFound);
  fs::create_directories(root_ / "empty");
  EXPECT_EQ(Read({Path("empty")}).error().code(), ErrorCode::kNotFound);
}

TEST_F(DocumentsTest, ALinkedFolderIsNotFollowed) {
  fs::create_directory_symlink(root_, root_ / "below" / "again");
  EXPECT_TRUE(Read({Path("")}, Recurse::kYes));
}

TEST_F(DocumentsTest, TooMuchIsRefused) {
  Write("big.yaml", std::string(kMaxDocumentBytes + 1, '#'));
  EXPECT_EQ(Read({Path("big.yaml")}).error().code(), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace swell::cli
